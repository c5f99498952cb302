//! Codes of how services run: images, health, updates, resources, placement.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    NO_TAG Suggestion "no-tag" "an image without tag"
        why "Without a tag the image is `latest`: what runs depends on the day it was pulled, and a rollback leads to the same name."
        do "Name the version that was tested.";
    LATEST Suggestion "latest" "an image with the tag `latest`"
        why "`latest` is whatever was pushed last: what runs depends on the day it was pulled, and a rollback leads to the same name."
        do "Name the version that was tested.";
    TAG_AND_DIGEST Suggestion "tag-and-digest" "an image with tag and digest"
        why "Where there is a digest, the tag says nothing: raising the tag alone changes nothing that runs."
        do "Leave out one of the two, or always change both.";
    NO_HEALTHCHECK Suggestion "no-healthcheck" "no healthcheck"
        why "Unless the image brings a healthcheck, a task counts as running as soon as its process starts: traffic reaches it before it listens, and an update that breaks it looks good."
        do "Give the service a `healthcheck`.";
    HEALTHCHECK_OFF Suggestion "healthcheck-off" "the healthcheck is switched off"
        why "The image's own healthcheck is switched off as well: a task counts as running as soon as its process starts."
        do "Correct the check instead.";
    HEALTHCHECK_FORM Error "healthcheck-form" "a healthcheck that never runs"
        why "A list begins with CMD (a program and its words) or CMD-SHELL (one line for the shell). With any other first word, the engine warns in its log and checks nothing: the task stays in `starting` for ever."
        do "Write `CMD` in front, or give the test as one text.";
    HEALTHCHECK_EMPTY Error "healthcheck-empty" "a healthcheck without a program"
        why "`CMD` wants a program behind it, `CMD-SHELL` a line. With an empty program no task gets healthy. With `[\"CMD\"]` alone, engines before May 2026 crash at the first check, and the swarm moves the task on to the next node."
        do "Name a program, as `[\"CMD\", \"curl\", \"-f\", \"http://localhost\"]`."
        from "moby/moby#52330, seen with engine 20.10";
    HEALTHCHECK_LINE Warning "healthcheck-line" "a healthcheck that says less than it seems to"
        why "Behind CMD-SHELL stands one line for the shell; words behind it are not part of it. An empty line always succeeds. A text is such a line from its first letter: CMD and brackets stand in lists only."
        do "Write the whole line as one text, or use CMD for a program and its words."
        from "seen with engine 20.10";
    HEALTHCHECK_JOINED Warning "healthcheck-joined" "healthchecks of two files are joined"
        why "When files are merged, a list is appended to the other, and the test is a list: the result is `CMD a CMD b`."
        do "Give the test in one file only.";
    SHELL_SYNTAX Warning "shell-syntax" "shell syntax without a shell"
        why "A command runs without a shell: `&&`, `||`, `|` and `>` are handed to the program as words, and a whole line in one word is no program's name."
        do "Use `CMD-SHELL` in a healthcheck, or `sh -c '…'` in a command.";
    SHORT_MONITOR Warning "short-monitor" "updates are watched too shortly"
        why "After a task runs, an update watches it for `monitor` (5s where nothing is said). A healthcheck needs start_period + interval × retries to find a task sick; what fails later does not stop the update, nor roll it back."
        do "Make `deploy.update_config.monitor` at least as long."
        from "moby/moby#37493, docker/for-linux#576";
    PAUSE_ON_FAILURE Suggestion "pause-on-failure" "a failed update stays as it is"
        why "Where nothing is said, an update that fails is paused: old and new tasks run side by side until somebody comes."
        do "Write `deploy: { update_config: { failure_action: rollback } }`.";
    ALL_AT_ONCE Warning "all-at-once" "an update replaces all tasks at once"
        why "`parallelism: 0` means no limit: all tasks are stopped at once, and a broken image takes the whole service down before it is noticed."
        do "Write 1, or as many as the service can spare.";
    FAILURES_FORGIVEN Warning "failures-forgiven" "an update that cannot fail"
        why "An update fails when more than this part of its tasks fail, and more than all cannot fail."
        do "Write 0, or a part well below 1.";
    START_FIRST_PORT Warning "start-first-port" "start-first with a port of the host"
        why "With start-first, the new task starts while the old one holds the port of the node; it needs another node, and waits for ever where there is none."
        do "Write `order: stop-first`, or publish the port in mode `ingress`."
        from "Dokploy/dokploy#5496, moby/moby#36934";
    START_FIRST_VOLUME Warning "start-first-volume" "start-first with a volume"
        why "With start-first, the old and the new task have the volume at the same time; two writers break most databases."
        do "Write `order: stop-first`.";
    JOB_UPDATE Error "job-update" "a job with update_config"
        why "A job has nothing to update step by step; the engine refuses it: Jobs may not have an update config."
        do "Remove update_config."
        from "swarmkit";
    UNKNOWN_WORD Error "unknown-word" "a word that the engine does not know"
        why "The file's format takes any word here; the engine refuses those it does not know, after other parts of the stack were deployed."
        do "Use one of the words that the finding names.";
    OUT_OF_RANGE Error "out-of-range" "a number that the engine refuses"
        why "A limit is at least 0.01 cpus and 6 MiB of memory, a reservation 0.001 cpus and 4 MiB; a failure ratio goes from 0 to 1; times cannot be negative, and those of healthchecks not less than 1ms. Memory without a unit is in bytes, and `m` is MiB."
        do "Write a number within the bounds."
        from "swarmkit";
    RESTART_SHADOWED Warning "restart-shadowed" "`restart` beside restart_policy"
        why "Where there is deploy.restart_policy, `restart` says nothing."
        do "Remove `restart`.";
    GIVES_UP Suggestion "gives-up" "restarts are counted for ever"
        why "Without a `window`, attempts are counted over the whole life of a task: after so many failures in weeks it is never started again."
        do "Write `window: 2m`, so that old failures are forgotten.";
    NO_GRACE Warning "no-grace" "tasks are killed at once"
        why "With a stop_grace_period of nothing, a task is killed as soon as it is asked to stop: requests are cut, data may be lost."
        do "Give it the time that it needs to stop; 10s where nothing is said.";
    NO_REPLICAS Suggestion "no-replicas" "a service without tasks"
        why "With `replicas: 0` nothing runs, and every deployment scales it back to nothing."
        do "Raise it, or remove the service.";
    DEPENDS_ON Suggestion "depends-on" "Swarm does not wait for depends_on"
        why "Swarm starts services in no order and restarts them in none; what depends on another service must wait for it by itself."
        do "Let the program try again, or wait in its entrypoint."
        from "moby/moby#40364";
    DEPENDS_ON_NOBODY Warning "depends-on-nobody" "depends_on names no service"
        why "The file has no service of that name. Docker does not look."
        do "Correct the name, or remove it.";
    NO_LIMITS Suggestion "no-limits" "no limit of memory"
        why "A task without a limit can take all memory of its node, and then the kernel kills whatever it likes."
        do "Write `deploy: { resources: { limits: { memory: 512M } } }`.";
    RESERVED_TOO_MUCH Warning "reserved-too-much" "more is reserved than may be used"
        why "The scheduler keeps room free that the limit forbids the task to use."
        do "Reserve at most what the limit allows.";
    TOO_LARGE Warning "too-large" "no node is large enough"
        why "A task runs only on a node with all that it reserves; its tasks stay pending. A node with fewer processors than a task may use rejects it."
        do "Reserve less, lower the limit, or add a larger node."
        from "a look at the cluster";
    CONSTRAINT_FORM Error "constraint-form" "a constraint that the engine refuses"
        why "A constraint is `key==value` or `key!=value`; keys and values are letters, digits and a few signs."
        do "Write `node.labels.disk == ssd`, without quotes around the value."
        from "swarmkit";
    CONSTRAINT_KEY Warning "constraint-key" "a constraint that no node meets"
        why "Nodes are told apart by node.id, node.hostname, node.ip, node.role, node.platform.os, node.platform.arch, node.labels.NAME and engine.labels.NAME. No node meets a constraint on anything else, and no message says so."
        do "Use one of these keys."
        from "moby/moby#33807";
    CONSTRAINT_NEVER Warning "constraint-never" "no node can meet the constraints"
        why "A task runs only on a node that meets all constraints; its tasks stay pending."
        do "Remove or correct a constraint, or label a node."
        from "moby/moby#33807";
    SPREAD_KEY Warning "spread-key" "a preference without effect"
        why "Tasks are spread over node.labels.NAME or engine.labels.NAME. Anything else is passed over without a word."
        do "Give the nodes a label and spread over that."
        from "swarmkit";
    MAX_PER_NODE Warning "max-per-node" "more tasks than nodes take"
        why "Nodes that meet the constraints, times max_replicas_per_node, is less than the replicas: some tasks stay pending."
        do "Raise max_replicas_per_node, or add nodes."
        from "a look at the cluster";
    HOST_PORT_NODES Warning "host-port-nodes" "more tasks than nodes for a port of the host"
        why "Each node has the port once, so each task needs a node of its own; the rest stay pending."
        do "Lower the replicas, use `mode: global`, or publish in mode `ingress`."
        from "a look at the cluster";
    LOG_GROWTH Suggestion "log-growth" "logs grow without end"
        why "The json-file driver keeps everything that a container ever wrote, until the disk of the node is full."
        do "Write `options: { max-size: 10m, max-file: \"3\" }`.";
}

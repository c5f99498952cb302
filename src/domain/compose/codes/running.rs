//! Finding codes: images, health, updates, resources, placement.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    NO_TAG Suggestion "no-tag" "an image without tag"
        why "Without a tag, `latest` is used: what runs depends on when it was pulled, and a rollback uses the same name."
        do "Use a version that was tested.";
    LATEST Suggestion "latest" "an image with the tag `latest`"
        why "`latest` is whatever was pushed last: what runs depends on when it was pulled, and a rollback uses the same name."
        do "Use a version that was tested.";
    TAG_AND_DIGEST Suggestion "tag-and-digest" "an image with tag and digest"
        why "If there is a digest, the tag has no effect: a new tag with the old digest deploys nothing new."
        do "Remove one of the two, or always change both.";
    NO_HEALTHCHECK Suggestion "no-healthcheck" "no healthcheck"
        why "Unless the image has a healthcheck, a task counts as running as soon as its process starts: it gets traffic before it listens, and a broken update looks successful."
        do "Give the service a `healthcheck`.";
    HEALTHCHECK_OFF Suggestion "healthcheck-off" "the healthcheck is switched off"
        why "The healthcheck of the image is switched off too: a task counts as running as soon as its process starts."
        do "Correct the healthcheck instead.";
    HEALTHCHECK_FORM Error "healthcheck-form" "a healthcheck that never runs"
        why "A list must start with CMD (a program and its arguments) or CMD-SHELL (one line for the shell). With any other first word, the engine checks nothing, and the task stays in `starting` forever."
        do "Write `CMD` first, or write the test as one string.";
    HEALTHCHECK_EMPTY Error "healthcheck-empty" "a healthcheck without a program"
        why "`CMD` needs a program after it, `CMD-SHELL` a line. With an empty program no task gets healthy. With `[\"CMD\"]` alone, many engines (20.10 is one) crash at the first check, and the swarm moves the task to the next node."
        do "Write a program, for example `[\"CMD\", \"curl\", \"-f\", \"http://localhost\"]`."
        from "moby/moby#52330, seen with engine 20.10";
    HEALTHCHECK_LINE Warning "healthcheck-line" "a healthcheck that does not do what it seems to"
        why "CMD-SHELL takes one line for the shell and ignores more words. An empty line always succeeds. A test that is a string is such a line: CMD and brackets belong in lists only."
        do "Write the whole line as one string, or use CMD for a program and its arguments."
        from "seen with engine 20.10";
    HEALTHCHECK_JOINED Warning "healthcheck-joined" "healthchecks of two files are joined"
        why "When files are merged, one list is appended to the other. The test is a list, so the result is `CMD a CMD b`."
        do "Write the test in one file only.";
    SHELL_SYNTAX Warning "shell-syntax" "shell syntax without a shell"
        why "A command runs without a shell: `&&`, `||`, `|` and `>` are passed to the program as arguments, and a whole line in one word is not the name of a program."
        do "Use `CMD-SHELL` in a healthcheck, or `sh -c '…'` in a command.";
    SHORT_MONITOR Warning "short-monitor" "updates are not watched long enough"
        why "An update watches each new task for `monitor` (5s by default). A healthcheck needs start_period + retries × interval to find a task unhealthy, and its timeout on top if it hangs. A task that fails after `monitor` neither stops the update nor rolls it back."
        do "Make `deploy.update_config.monitor` at least as long."
        from "moby/moby#37493, docker/for-linux#576";
    PAUSE_ON_FAILURE Suggestion "pause-on-failure" "a failed update is not rolled back"
        why "By default, a failed update is paused: old and new tasks run side by side until somebody acts."
        do "Write `deploy: { update_config: { failure_action: rollback } }`.";
    ALL_AT_ONCE Warning "all-at-once" "an update replaces all tasks at once"
        why "`parallelism: 0` means no limit: all tasks are replaced at once, and a broken image takes the whole service down."
        do "Write 1, or as many tasks as the service can miss.";
    FAILURES_FORGIVEN Warning "failures-forgiven" "a failed update counts as success"
        why "`max_failure_ratio` is the share of its tasks that may fail before an update counts as failed. With `max_failure_ratio: 1`, an update never fails."
        do "Write `max_failure_ratio: 0`, or a number well below 1.";
    START_FIRST_PORT Warning "start-first-port" "start-first with a port of the host"
        why "With start-first, the new task starts while the old one still uses the port of the node. It needs another node, and waits forever if there is none."
        do "Write `order: stop-first`, or publish the port in mode `ingress`."
        from "Dokploy/dokploy#5496, moby/moby#36934";
    START_FIRST_VOLUME Warning "start-first-volume" "start-first with a volume"
        why "With start-first, the old and the new task use the volume at the same time; two writers break most databases."
        do "Write `order: stop-first`.";
    JOB_UPDATE Error "job-update" "a job with update_config"
        why "The engine refuses update_config for a job: Jobs may not have an update config."
        do "Remove update_config."
        from "swarmkit";
    UNKNOWN_WORD Error "unknown-word" "a value that the engine does not know"
        why "Docker does not check this value. The engine refuses it, after other parts of the stack were deployed."
        do "Use one of the values that the finding names.";
    OUT_OF_RANGE Error "out-of-range" "a number that the engine refuses"
        why "A limit is at least 0.01 cpus or 6 MiB of memory, a reservation at least 0.001 cpus or 4 MiB. A failure ratio is from 0 to 1. Times cannot be negative; those of healthchecks are at least 1ms. Memory without a unit is in bytes; `m` is MiB."
        do "Write a number within the bounds."
        from "swarmkit";
    RESTART_SHADOWED Warning "restart-shadowed" "`restart` beside restart_policy"
        why "With deploy.restart_policy, `restart` has no effect."
        do "Remove `restart`.";
    GIVES_UP Suggestion "gives-up" "failed restarts add up without limit"
        why "Without a `window`, failures are counted over the whole life of a task: after `max_attempts` failures, even over weeks, it is never started again."
        do "Write `window: 2m`, so that old failures are forgotten.";
    NO_GRACE Warning "no-grace" "tasks are killed at once"
        why "With a stop_grace_period of 0, a task is killed at once: requests are cut off, and data may be lost."
        do "Give it the time that it needs to stop; the default is 10s.";
    NO_REPLICAS Suggestion "no-replicas" "a service without tasks"
        why "With `replicas: 0` nothing runs, and every deployment scales it to 0 again."
        do "Raise it, or remove the service.";
    DEPENDS_ON Suggestion "depends-on" "Swarm does not wait for depends_on"
        why "Swarm starts and restarts services in any order. A program that needs another service must wait for it by itself."
        do "Let the program retry, or wait in its entrypoint."
        from "moby/moby#40364";
    DEPENDS_ON_NOBODY Warning "depends-on-nobody" "depends_on names an unknown service"
        why "The file has no service of that name. Docker does not check this."
        do "Name another service of the file, or remove the entry.";
    NO_LIMITS Suggestion "no-limits" "no memory limit"
        why "A task without a limit can use all memory of its node; then the kernel kills any process."
        do "Write `deploy: { resources: { limits: { memory: 512M } } }`.";
    RESERVED_TOO_MUCH Warning "reserved-too-much" "more is reserved than the limit allows"
        why "The scheduler reserves more than the limit allows the task to use."
        do "Reserve at most what the limit allows.";
    TOO_LARGE Warning "too-large" "no node is large enough"
        why "A task runs only on a node that has everything it reserves; until then it stays pending. A node with fewer processors than the limit of a task rejects it."
        do "Reserve less, lower the limit, or add a larger node."
        from "the cluster";
    CONSTRAINT_FORM Error "constraint-form" "a constraint that the engine refuses"
        why "A constraint is `key==value` or `key!=value`; keys and values have letters, digits and a few other characters."
        do "Write `node.labels.disk == ssd`, without quotes around the value."
        from "swarmkit";
    CONSTRAINT_KEY Warning "constraint-key" "a constraint that no node meets"
        why "The keys of constraints are node.id, node.hostname, node.ip, node.role, node.platform.os, node.platform.arch, node.labels.NAME and engine.labels.NAME. No node meets a constraint with any other key, and no message says so."
        do "Use one of these keys."
        from "moby/moby#33807";
    CONSTRAINT_NEVER Warning "constraint-never" "no node can meet the constraints"
        why "A task runs only on a node that meets all constraints; otherwise it stays pending."
        do "Remove or correct a constraint, or label a node."
        from "moby/moby#33807";
    SPREAD_KEY Warning "spread-key" "a preference without effect"
        why "Tasks can be spread over node.labels.NAME or engine.labels.NAME. Anything else is silently ignored."
        do "Give the nodes a label and spread over that."
        from "swarmkit";
    MAX_PER_NODE Warning "max-per-node" "more tasks than nodes take"
        why "There are more replicas than the nodes that meet the constraints take with max_replicas_per_node: some tasks stay pending."
        do "Raise max_replicas_per_node, or add nodes."
        from "the cluster";
    HOST_PORT_NODES Warning "host-port-nodes" "more tasks than nodes for a port of the host"
        why "Each node has the port only once, so each task needs a node of its own. Other tasks stay pending."
        do "Lower the replicas, use `mode: global`, or publish in mode `ingress`."
        from "the cluster";
    LOG_GROWTH Suggestion "log-growth" "logs without a size limit"
        why "The json-file driver keeps everything that a container writes, until the disk of the node is full."
        do "Write `options: { max-size: 10m, max-file: \"3\" }`.";
}

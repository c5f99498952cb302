//! Codes of what services keep and are given: mounts, secrets, configs, variables.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    LOCAL_VOLUME Suggestion "local-volume" "a local volume on a service that can move"
        why "Each node has a local volume of its own. When the task moves, it starts with an empty one, and the data stays behind."
        do "Pin the service to a node with a constraint, or use a driver that shares."
        from "swarmpit#559";
    ANONYMOUS_VOLUME Suggestion "anonymous-volume" "a volume without name"
        why "Every task gets a new empty volume, which stays on the node when the task is gone."
        do "Name a volume, or use `type: tmpfs` for what may be lost.";
    VOLUME_FIXED Suggestion "volume-fixed" "options of a volume never change"
        why "A volume is made once on each node. Changed driver_opts are never applied to one that exists, and docker says nothing."
        do "Give the volume a new `name` with every change of its options."
        from "moby/moby#36167, docker/cli#1279";
    BIND_RELATIVE Suggestion "bind-relative" "a path of the machine that deploys"
        why "A path that is not absolute starts in the folder of the first file, on the machine that deploys. Every node that runs a task must have the same path."
        do "Use a config or a secret for a file, a volume for data, or an absolute path."
        from "moby/moby#28416, docker/cli#820";
    BIND_MISSING Suggestion "bind-missing" "the source of a mount is not there"
        why "A node rejects a task whose bind source it does not have; unlike `docker run`, Swarm does not make it. This machine does not have it; other nodes may."
        do "Make the folder on every node that can run the task.";
    DOCKER_SOCKET Suggestion "docker-socket" "a service with the engine's socket"
        why "Whoever gets into the container has root on the node, and on a manager the whole cluster. Mounting it read-only changes nothing about that."
        do "Put a filtering proxy between, or pin it to where it must be.";
    MOUNT_TWICE Error "mount-twice" "two mounts at one place"
        why "The engine refuses it: duplicate mount point."
        do "Mount one of them elsewhere."
        from "swarmkit";
    MOUNT_TARGET Error "mount-target" "a mount where nothing can be mounted"
        why "A target starts with `/` and is neither `/` itself nor in /proc; a folder covers neither /dev nor files that every container has, as /etc/hosts. Nodes reject tasks with any other."
        do "Write the full path of a folder of the container's own."
        from "seen with engine 20.10: must be an absolute path, destination can't be '/'";
    UNUSED Suggestion "unused" "declared, but not used"
        why "Networks and volumes that no service uses are never made; secrets and configs are made and never used."
        do "Remove it, or use it.";
    FIXED_CONTENT Suggestion "fixed-content" "content that cannot change"
        why "The content of a secret or config never changes. When the file does, the next deployment fails: only updates to Labels are allowed."
        do "Give it a name of its own, as `name: app-1`, and count it up with every change of the content: `name: app-2`. The path in the container stays, when `target` names it."
        from "moby/moby#35048, moby/moby#33808, docker/cli#756";
    EMPTY_CONTENT Warning "empty-content" "a secret or config without content"
        why "The engine refuses a new one without content. For one that exists, an empty file changes nothing at all, and the old content stays."
        do "Fill the file.";
    CONTENT_SIZE Error "content-size" "too much content"
        why "A secret holds less than 512000 bytes, a config less than 1024000."
        do "Put it into an image or a volume."
        from "swarmkit";
    TRAILING_NEWLINE Suggestion "trailing-newline" "a secret that ends in a line end"
        why "The line end is part of the secret; a program that does not cut it off logs in with a password that is one character too long."
        do "Write the file with `printf %s`, without a line end.";
    DECIMAL_MODE Warning "decimal-mode" "a file mode in decimal digits"
        why "Without a leading 0, a number is decimal: 440 are the permissions 0670. What variables give is always decimal."
        do "Write `0440`.";
    SECRET_IN_ENVIRONMENT Suggestion "secret-in-environment" "a variable holds a secret"
        why "Everybody who may inspect the service reads it, and it goes wherever programs print their environment."
        do "Make it a secret, and give its path: many images take `…_FILE`.";
    QUOTED_VALUE Warning "quoted-value" "quotes are part of a value"
        why "In a list of variables, and in files of variables, quotes behind the `=` are not taken away: the program gets them."
        do "Quote the whole item (`- \"KEY=value\"`), or nothing.";
    TEMPLATE Error "template" "a placeholder that the engine cannot fill in"
        why "In variables, the name of the host and mounts, the engine replaces `{{.Service.Name}}`, `{{.Node.Hostname}}`, `{{.Task.Slot}}` and the like, and refuses what it does not know."
        do "Write `{{\"{{\"}}` for two braces, or put the text into a config."
        from "swarmkit";
    ENV_TWICE Warning "env-twice" "a variable stands twice"
        why "The last one counts, without a word."
        do "Remove one of the two.";
}

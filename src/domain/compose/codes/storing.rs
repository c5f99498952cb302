//! Finding codes: mounts, secrets, configs, environment variables.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    LOCAL_VOLUME Suggestion "local-volume" "a local volume on a service that can move"
        why "Each node has a local volume of its own. When the task moves, it starts with an empty one, and the data stays behind."
        do "Pin the service to a node with a constraint, or use a volume driver with shared storage."
        from "swarmpit#559";
    ANONYMOUS_VOLUME Suggestion "anonymous-volume" "a volume without name"
        why "Every task gets a new empty volume, which stays on the node when the task is gone."
        do "Name a volume, or use `type: tmpfs` for what may be lost.";
    VOLUME_FIXED Suggestion "volume-fixed" "options of a volume are never updated"
        why "A volume is created once on each node. Changed driver_opts are not applied to an existing volume, and docker does not say so."
        do "Give the volume a new `name` with every change of its options."
        from "moby/moby#36167, docker/cli#1279";
    BIND_RELATIVE Suggestion "bind-relative" "a path on the machine that deploys"
        why "A relative path starts in the folder of the first file, on the machine that deploys. Every node that runs a task must have the same path."
        do "Use a config or a secret for a file, a volume for data, or an absolute path."
        from "moby/moby#28416, docker/cli#820";
    BIND_MISSING Suggestion "bind-missing" "the source of a bind mount does not exist"
        why "A node rejects a task if it does not have the source; unlike `docker run`, Swarm does not create it. This machine does not have it; other nodes may."
        do "Create the folder on every node that can run the task.";
    DOCKER_SOCKET Suggestion "docker-socket" "a service with the engine's socket"
        why "Whoever controls the container has root on the node, and on a manager controls the whole cluster. A read-only mount does not change that."
        do "Put a filtering proxy in front of the socket, or pin the service to the node that needs it.";
    MOUNT_TWICE Error "mount-twice" "two mounts at the same path"
        why "The engine refuses it: duplicate mount point."
        do "Mount one of them at another path."
        from "swarmkit";
    MOUNT_TARGET Error "mount-target" "a mount where nothing can be mounted"
        why "A target starts with `/`, and is neither `/` itself nor in /proc. A folder cannot be mounted over /dev or over files that every container has, such as /etc/hosts. Nodes reject tasks with such a target."
        do "Write the full path of another folder."
        from "seen with engine 20.10: must be an absolute path, destination can't be '/'";
    UNUSED Suggestion "unused" "declared, but not used"
        why "Networks and volumes that no service uses are not created; secrets and configs are created but not used."
        do "Remove it, or use it.";
    FIXED_CONTENT Suggestion "fixed-content" "content that cannot be changed later"
        why "The content of a secret or config cannot be changed. If the file changes, the next deployment fails: only updates to Labels are allowed."
        do "Give it a name with a number, such as `name: app-1`, and raise the number with every change of the content: `name: app-2`. Set `target` to keep the path in the container."
        from "moby/moby#35048, moby/moby#33808, docker/cli#756";
    EMPTY_CONTENT Warning "empty-content" "a secret or config without content"
        why "The engine refuses to create a secret or config without content. For an existing one, an empty file changes nothing: the old content stays."
        do "Fill the file.";
    CONTENT_SIZE Error "content-size" "too much content"
        why "A secret must have fewer than 512000 bytes, a config fewer than 1024000."
        do "Put it into an image or a volume."
        from "swarmkit";
    TRAILING_NEWLINE Suggestion "trailing-newline" "a secret that ends with a newline"
        why "The newline is part of the secret: a program that does not cut it off uses a password that is one character too long."
        do "Write the file with `printf %s`, without a newline.";
    DECIMAL_MODE Warning "decimal-mode" "a file mode in decimal digits"
        why "Without a leading 0, the number is decimal: 440 means the permissions 0670. Values of variables are always decimal."
        do "Write `0440`.";
    SECRET_IN_ENVIRONMENT Suggestion "secret-in-environment" "a variable holds a secret"
        why "Everybody who may inspect the service can read it, and programs may print their environment into logs."
        do "Make it a secret, and pass its path instead: many images accept `…_FILE`.";
    QUOTED_VALUE Warning "quoted-value" "quotes are part of a value"
        why "In lists of variables and in env files, quotes after `=` are not removed: the program gets them."
        do "Quote the whole item (`- \"KEY=value\"`), or nothing.";
    TEMPLATE Error "template" "a placeholder that the engine cannot fill in"
        why "In environment variables, hostname and mounts, the engine replaces `{{.Service.Name}}`, `{{.Node.Hostname}}`, `{{.Task.Slot}}` and the like, and refuses unknown ones."
        do "Write `{{\"{{\"}}` for two literal braces, or put the text into a config."
        from "swarmkit";
    ENV_TWICE Warning "env-twice" "a variable is set twice"
        why "Docker silently uses the last one."
        do "Remove one of the two.";
}

//! Finding codes: values that the swarm accepts but nodes refuse, so that no task ever runs.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    HOSTNAME Error "hostname" "an invalid hostname"
        why "A hostname has at most 64 characters, after placeholders are filled in (an id has 25). The kernel refuses a longer one, and no task starts."
        do "Write a shorter one; without `hostname`, the container has its id."
        from "Linux, seen with engine 20.10: sethostname: invalid argument";
    ULIMIT Error "ulimit" "an invalid ulimit"
        why "The soft limit cannot be above the hard limit; -1 means no limit. `nofile` must have a limit, from 11 to 1073741816. Memory (`as`, `data`, `stack`) is in bytes, and the runtime itself needs some. Names are those of Linux. The swarm does not check this, but no task starts."
        do "Correct the name or the numbers."
        from "Linux, seen with engine 20.10: error setting rlimits";
    SYSCTL Error "sysctl" "a sysctl that containers do not have"
        why "A container has its own net.*, fs.mqueue.*, kernel.sem, kernel.shm*, kernel.msg* and kernel.domainname. All others belong to the node. Most need a number, some within bounds; a space counts as part of the name. The runtime refuses anything else, and no task starts."
        do "Set it on the nodes, or correct the name."
        from "runc, seen with engine 20.10: not in a separate kernel namespace";
    SYSCTL_OF_NODE Warning "sysctl-of-node" "a sysctl that most kernels have only for the whole node"
        why "Its name starts with net., but most kernels have it only for the whole node, and then no task starts. Newer kernels have some of these for each container."
        do "Set it on the nodes."
        from "Linux, seen with engine 20.10 on Linux 6.18";
    CAPABILITY Error "capability" "an unknown capability"
        why "Capabilities have their Linux names, with or without CAP_; ALL means all of them, but nodes do not know CAP_ALL. The node rejects every task with an unknown name."
        do "Correct the name."
        from "seen with engine 20.10: unknown capability";
    STOP_SIGNAL Error "stop-signal" "an unknown signal"
        why "Signals have their Linux names, with or without SIG, or a number above 0. The node rejects every task with an unknown signal."
        do "Correct the name."
        from "seen with engine 20.10: Invalid signal";
    WORKING_DIR Error "working-dir" "a working directory that is not absolute"
        why "The path must start with `/`; otherwise the node rejects every task."
        do "Write the full path."
        from "seen with engine 20.10: it needs to be an absolute path";
    ENV_NAME Error "env-name" "an invalid environment variable"
        why "A variable needs a name before `=`, and no zero byte. Otherwise the node rejects every task."
        do "Name the variable, or remove the item."
        from "seen with engine 20.10: invalid environment variable";
    OWNER Error "owner" "an invalid user or group"
        why "Users and groups have numbers from 0 to 2147483647; secrets and configs take only numbers. Otherwise no task starts."
        do "Write the number of the user."
        from "seen with engine 20.10: uids and gids must be in range, strconv.Atoi";
    HOST_ADDRESS Error "host-address" "a host with an invalid address"
        why "`extra_hosts` needs an IP address after the name, without a port. Otherwise the node rejects every task."
        do "Write `name:10.0.0.1`, or an alias of a network."
        from "seen with engine 20.10: invalid IP address in add-host";
    DNS_ADDRESS Warning "dns-address" "a name server with an invalid address"
        why "A name server is an IP address, without a port. Docker does not check it, and names are not resolved in the container."
        do "Write an address, for example 10.0.0.53.";
    WINDOWS_ONLY Error "windows-only" "something that only Windows nodes have"
        why "Linux nodes reject every task that asks for it."
        do "Remove it; for a Windows service write the constraint `node.platform.os == windows`."
        from "seen with engine 20.10: invalid isolation, invalid --security-opt, mount type unknown";
    LOG_OPTION Error "log-option" "an option that the log driver refuses"
        why "Every driver has its own options. The node checks them when a task starts, and with a wrong option no task starts."
        do "Correct the option."
        from "moby's daemon/logger, seen with engine 20.10: unknown log opt";
    MOUNT_IMAGE Error "mount-image" "a mount of an image"
        why "Since engine 28, `docker run` can mount images. A swarm cannot, and its managers refuse the service."
        do "Copy the files into the image of the service, or into a volume."
        from "seen with engines 20.10 and 28.5: invalid MountType";
    PROPAGATION Suggestion "propagation" "a mount that needs a setting of the nodes"
        why "This propagation works only if the source is on a shared mount of the node; otherwise the task fails to start. With systemd, `/` is shared."
        do "Check with `findmnt -o TARGET,PROPAGATION` on the nodes."
        from "seen with engine 20.10: not a shared mount";
    VOLUME_OPTION Error "volume-option" "an option of a volume that the driver refuses"
        why "The driver `local` knows `type`, `o`, `device` and `size`; if `type`, `o` or `device` is set, both `type` and `device` are required. The node checks this when a task starts, and with a wrong option no task starts."
        do "Correct the options, for example `type: none, o: bind, device: /srv/data`."
        from "seen with engine 20.10: invalid option, missing required option";
    VOLUME_SIZE Warning "volume-size" "a volume size that most nodes do not support"
        why "The driver `local` can limit the size of a volume only if the engine's folder is on XFS that is mounted with `pquota`. Otherwise it refuses the volume, and no task starts."
        do "Remove `size`, or mount the disks of the nodes with `pquota`."
        from "seen with engine 20.10: quota size requested but no quota support";
    TARGET_FOLDER Warning "target-folder" "a file mounted over a folder"
        why "A secret or config is a file. If the image has a folder at this path, the runtime cannot mount it, and no task starts."
        do "Write the path of a file in the folder."
        from "seen with engine 20.10: error mounting";
}

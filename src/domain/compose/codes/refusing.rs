//! Codes of values that docker and the swarm take, and nodes refuse: no task ever runs.

use crate::domain::compose::codes::code::{Code, Severity, codes};

codes! {
    HOSTNAME Error "hostname" "a hostname that no kernel takes"
        why "A hostname has at most 64 characters, after placeholders are filled in; the kernel refuses a longer one, and no task starts. An id that the swarm fills in has 25 characters."
        do "Write a shorter one; without `hostname`, the container has its id."
        from "Linux, seen with engine 20.10: sethostname: invalid argument";
    ULIMIT Error "ulimit" "a ulimit that no kernel takes"
        why "The soft limit cannot be above the hard one, -1 stands for no limit, and files that are open (`nofile`) always have a limit, of 11 to 1073741816. Memory (`as`, `data`, `stack`) is in bytes, and the runtime needs some before the program starts. Names are those of Linux. The swarm does not look, and no task starts."
        do "Correct the name, or write soft below hard."
        from "Linux, seen with engine 20.10: error setting rlimits";
    SYSCTL Error "sysctl" "a sysctl that no container has"
        why "A container has its own net.*, fs.mqueue.*, kernel.sem, kernel.shm*, kernel.msg* and kernel.domainname. All others are of the node, and a blank belongs to the name; most want a number, some within bounds. The runtime refuses any other, and no task starts."
        do "Set it on the nodes, or correct the name."
        from "runc, seen with engine 20.10: not in a separate kernel namespace";
    SYSCTL_OF_NODE Warning "sysctl-of-node" "a sysctl that most kernels have for the node alone"
        why "It stands under net., but the kernel has it once for the whole node and does not show it to containers; no task starts then. Newer kernels have some of them for each container."
        do "Set it on the nodes."
        from "Linux, seen with engine 20.10 on Linux 6.18";
    CAPABILITY Error "capability" "an unknown capability"
        why "Capabilities have the names of Linux, with or without CAP_, and ALL stands for all of them (CAP_ALL for none). The engine of the node rejects every task."
        do "Correct the name."
        from "seen with engine 20.10: unknown capability";
    STOP_SIGNAL Error "stop-signal" "an unknown signal"
        why "Signals have the names of Linux, with or without SIG, or a number above 0. The engine of the node rejects every task."
        do "Correct the name."
        from "seen with engine 20.10: Invalid signal";
    WORKING_DIR Error "working-dir" "a working directory that is not absolute"
        why "The engine of the node wants a path that starts with `/`, and rejects every task."
        do "Write the whole path."
        from "seen with engine 20.10: it needs to be an absolute path";
    ENV_NAME Error "env-name" "a variable that cannot be"
        why "A variable has a name in front of `=`, and no zero byte in it. The engine of the node rejects every task."
        do "Name the variable, or remove the item."
        from "seen with engine 20.10: invalid environment variable";
    OWNER Error "owner" "a user or group that cannot be"
        why "Numbers of users and groups go from 0 to 2147483647; secrets and configs take numbers only. No task starts otherwise."
        do "Write the number of the user."
        from "seen with engine 20.10: uids and gids must be in range, strconv.Atoi";
    HOST_ADDRESS Error "host-address" "a host whose address is none"
        why "`extra_hosts` wants an address behind the name, not another name and no port. The engine of the node rejects every task."
        do "Write `name:10.0.0.1`, or an alias of a network."
        from "seen with engine 20.10: invalid IP address in add-host";
    DNS_ADDRESS Warning "dns-address" "a name server that is no address"
        why "Docker hands on what stands there; the container asks nobody, or somebody else. A port cannot be named."
        do "Write an address, as 10.0.0.53.";
    WINDOWS_ONLY Error "windows-only" "something that only nodes of Windows have"
        why "Nodes of Linux reject every task that asks for it."
        do "Remove it; for a service of Windows write the constraint `node.platform.os == windows`."
        from "seen with engine 20.10: invalid isolation, invalid --security-opt, mount type unknown";
    LOG_OPTION Error "log-option" "an option that the log driver refuses"
        why "Every driver has its own options and values; the engine of the node looks at them when a task starts, and no task does."
        do "Correct the option."
        from "moby's daemon/logger, seen with engine 20.10: unknown log opt";
    MOUNT_IMAGE Error "mount-image" "a mount of an image"
        why "`docker run` mounts images since engine 28; a swarm has no such mount, and its managers refuse the service."
        do "Copy what is needed into the image of the service, or into a volume."
        from "seen with engines 20.10 and 28.5: invalid MountType";
    PROPAGATION Suggestion "propagation" "a mount that asks something of the nodes"
        why "Only on a mount that is shared itself can changes be passed on; nodes where the source is on another one fail to start the task. With systemd, `/` is shared."
        do "Look at `findmnt -o TARGET,PROPAGATION` on the nodes."
        from "seen with engine 20.10: not a shared mount";
    VOLUME_OPTION Error "volume-option" "an option of a volume that the driver refuses"
        why "The driver `local` knows `type`, `o`, `device` and `size`; who gives one of the first three gives type and device. It is asked when a task wants the volume, and no task starts."
        do "Correct the options, as `type: none, o: bind, device: /srv/data`."
        from "seen with engine 20.10: invalid option, missing required option";
    VOLUME_SIZE Warning "volume-size" "a size of a volume that most nodes cannot keep"
        why "The driver `local` keeps a volume within a size only where the engine's folder lies on XFS that is mounted with `pquota`. Elsewhere it refuses the volume, and no task starts."
        do "Leave `size` out, or mount the nodes' disks so."
        from "seen with engine 20.10: quota size requested but no quota support";
    TARGET_FOLDER Warning "target-folder" "a file at the place of a folder"
        why "A secret or config is a file: where the image has a folder of this name, the runtime cannot mount it, and no task starts."
        do "Name the file in the folder."
        from "seen with engine 20.10: error mounting";
}

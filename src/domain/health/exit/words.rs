//! The table of exit codes and engine messages: meaning and remedy.

/// By shells, by the kernel (128 + signal) and by docker (125 to 127).
pub const CODES: &[(i64, &str, &str)] = &[
    (0, "it ended without an error", ""),
    (1, "the program itself failed", "read its log"),
    (
        2,
        "the program itself failed, often a wrong argument",
        "read its log; check command and arguments",
    ),
    (
        125,
        "docker could not run the container",
        "read the error; the engine's journal on that node says more",
    ),
    (
        126,
        "the command cannot be executed: no permission, or no program",
        "check the file's mode and its first line",
    ),
    (127, "the command was not found", "check command and entrypoint, and what the image holds"),
    (129, "ended by SIGHUP", "its log may say why"),
    (130, "interrupted (SIGINT)", ""),
    (131, "ended by SIGQUIT", "its log may say why"),
    (
        132,
        "the processor does not know an instruction of it (SIGILL)",
        "use an image built for the node's processor",
    ),
    (
        134,
        "it gave up by itself (SIGABRT): a failed assertion, or a heap that is full",
        "read its log",
    ),
    (
        135,
        "it accessed memory that does not exist (SIGBUS)",
        "check free space of /dev/shm and of mapped files",
    ),
    (
        136,
        "it computed something impossible (SIGFPE), for example a division by zero",
        "read its log",
    ),
    (
        137,
        "killed (SIGKILL): out of memory, or `docker kill`, or too slow to stop",
        "look for `oom` in the kernel log of its node; if there is none, somebody killed it, or it took longer to stop than its stop_grace_period",
    ),
    (
        139,
        "it crashed (SIGSEGV)",
        "a bug of the program or a library that does not fit the image; try another version",
    ),
    (141, "it wrote to a closed pipe (SIGPIPE)", "read its log"),
    (143, "it was asked to stop and did (SIGTERM)", ""),
    (255, "the program itself failed (-1)", "read its log"),
];

/// Words of a message (regardless of case) and what it means. The first row
/// whose words are all there counts: special ones come before general ones.
pub const MESSAGES: &[(&[&str], &str, &str)] = &[
    (
        &["unhealthy container"],
        "its health check failed, so it was stopped",
        "run the check by hand in the container; check start_period, timeout and retries",
    ),
    (
        &["toomanyrequests"],
        "the registry limits pulls",
        "log in to it and deploy with --with-registry-auth, or use a mirror",
    ),
    (
        &["no basic auth credentials"],
        "the registry requires a login that the node does not have",
        "`docker login`, then deploy with --with-registry-auth",
    ),
    (
        &["pull access denied"],
        "the image does not exist, or the login given may not see it",
        "check name and tag; `docker login`, then deploy with --with-registry-auth",
    ),
    (
        &["denied: requested access"],
        "the login given may not see the image",
        "`docker login`, then deploy with --with-registry-auth",
    ),
    (
        &["unauthorized"],
        "the registry refused the login",
        "`docker login`, then deploy with --with-registry-auth",
    ),
    (&["manifest", "unknown"], "the registry has no such tag or digest", "check the tag; push it"),
    (
        &["manifest", "not found"],
        "the registry has no such tag or digest",
        "check the tag; push it",
    ),
    (
        &["no matching manifest"],
        "the image has no build for the node's platform",
        "build it for that platform, or constrain `node.platform.arch`",
    ),
    (
        &["x509"],
        "the certificate of the registry is not trusted by the node",
        "install its CA under /etc/docker/certs.d on every node",
    ),
    (
        &["server gave http response to https client"],
        "the registry speaks plain http",
        "give it TLS, or list it in insecure-registries of every node",
    ),
    (
        &["no such image"],
        "the node has no such image and could not pull it",
        "pull it by hand on that node: `docker pull` shows the reason that is missing here",
    ),
    (
        &["exec format error"],
        "the image or its program is made for another platform",
        "build it for the node's platform; check the first line of scripts",
    ),
    (
        &["executable file not found"],
        "the image has no such program",
        "check command and entrypoint",
    ),
    (
        &["unable to find user"],
        "the image has no such user",
        "use one of its /etc/passwd, or a number",
    ),
    (&["exec:", "no such file"], "the image has no such program", "check command and entrypoint"),
    (
        &["oci runtime", "no such file or directory"],
        "a file that the container needs to start does not exist",
        "check command, working directory and mounts",
    ),
    (
        &["oci runtime", "permission denied"],
        "the command may not be executed",
        "check the file's mode in the image, and the user",
    ),
    (
        &["pool overlaps"],
        "the subnet of its network overlaps with another on the node",
        "wait a moment: where a network was just removed, it passes by itself; else give its network another subnet",
    ),
    (
        &["missing network attachments"],
        "its network has no address left for it, or none reached the node",
        "make the network with a larger subnet, run fewer tasks on it, or remove what is not needed there",
    ),
    (
        &["tmpfs", "invalid option"],
        "a tmpfs mount has an option that engines do not take",
        "remove it: size, mode, noexec and the like are allowed, few others",
    ),
    (
        &["cannot access path"],
        "the folder that it mounts from a volume (subpath) does not exist on the node",
        "create the folder in the volume first, on every node the service may run on",
    ),
    (
        &["credentialspec"],
        "credential_spec is for Windows nodes; Linux engines refuse it",
        "remove credential_spec, or constrain it to Windows nodes",
    ),
    (
        &["not in a separate kernel namespace"],
        "a sysctl of it concerns the whole node, not one container",
        "remove the sysctl from the file and set it on the nodes",
    ),
    (
        &["sysctl", "not allowed"],
        "a sysctl of it is not allowed on the network it uses",
        "remove the sysctl, or do not use the host network",
    ),
    (
        &["sysctl"],
        "a sysctl of it cannot be set",
        "check name and value, and whether the kernel of the node has it",
    ),
    (
        &["unknown capability"],
        "cap_add or cap_drop names a capability that does not exist",
        "check its name, for example NET_ADMIN",
    ),
    (
        &["setting rlimit"],
        "a ulimit cannot be set: soft above hard, or more than the engine may give",
        "lower the ulimit; soft may not exceed hard",
    ),
    (
        &["not a shared or slave mount"],
        "the mount must be shared, but the folder on the node is not",
        "use propagation rprivate, or `mount --make-rshared` on the node",
    ),
    (
        &["invalid bind mount source", "absolute"],
        "the directory to mount is not an absolute path",
        "write the full path",
    ),
    (
        &["invalid bind mount source"],
        "the directory to mount does not exist on that node",
        "create it on every node the service may run on, constrain it to one, or use a volume",
    ),
    (
        &["minimum memory limit"],
        "its memory limit is below what engines take",
        "give it 6 MiB or more",
    ),
    (
        &["invalid hostname"],
        "its hostname is not valid",
        "use at most 63 letters, digits and hyphens",
    ),
    (&["sethostname"], "its hostname is not valid", "use at most 63 letters, digits and hyphens"),
    (
        &["unknown log opt"],
        "its logging driver does not know an option",
        "remove the option, or use the driver that has it",
    ),
    (
        &["invalid signal"],
        "its stop_signal is not a signal",
        "use a name such as SIGTERM, or a number",
    ),
    (
        &["working directory", "absolute"],
        "its working_dir is not an absolute path",
        "write the full path",
    ),
    (
        &["invalid environment variable"],
        "a variable of its environment has no name",
        "write NAME=value",
    ),
    (
        &["invalid mount", "destination can't be"],
        "a mount cannot take the place of the whole file system",
        "mount it at a folder",
    ),
    (
        &["invalid mount path", "absolute"],
        "the target of a mount is not an absolute path",
        "write the full path",
    ),
    (
        &["cannot be disconnected from host network"],
        "a task on the host network cannot have other networks or published ports",
        "remove its ports and other networks: it uses the ports of the node anyway",
    ),
    (
        &["container sharing network namespace"],
        "a task on the host network cannot have other networks",
        "remove its other networks",
    ),
    (
        &["bind source path does not exist"],
        "the directory to mount does not exist on that node",
        "create it on every node the service may run on, constrain it to one, or use a volume",
    ),
    (
        &["invalid mount config"],
        "a mount is not possible on that node",
        "check source and options of its mounts",
    ),
    (
        &["error while mounting volume"],
        "a volume could not be mounted",
        "check the options of its driver, and whether its storage answers from that node",
    ),
    (
        &["no space left on device"],
        "the disk of the node is full",
        "free space there: `docker system df`, `docker system prune`",
    ),
    (&["oomkilled"], "it used more memory than it may", "raise its memory limit, or find the leak"),
    (&["oom"], "it used more memory than it may", "raise its memory limit, or find the leak"),
    (
        &["out of memory"],
        "it used more memory than it may",
        "raise its memory limit, or find the leak",
    ),
    (
        &["cannot allocate memory"],
        "the node had no memory left",
        "lower what runs there, or reserve what services need",
    ),
    (
        &["port is already allocated"],
        "something else on the node uses its port",
        "find it with `ss -ltnp` there, or publish another port",
    ),
    (
        &["address already in use"],
        "something else on the node uses its port or address",
        "find it with `ss -ltnp` there, or publish another port",
    ),
    (
        &["non-overlapping ipv4 address pool"],
        "the address pools of the cluster are used up",
        "remove unused networks, or give the swarm more with `--default-addr-pool`",
    ),
    (
        &["failed to allocate", "address"],
        "its network has no address left",
        "make the network with a larger subnet, or run fewer tasks on it",
    ),
    (
        &["no available ip addresses"],
        "its network has no address left",
        "make the network with a larger subnet, or run fewer tasks on it",
    ),
    (
        &["network sandbox join failed"],
        "the node could not join its network",
        "check ports 4789/udp and 7946 between the nodes; restart the engine there if it stays",
    ),
    (
        &["could not find network"],
        "its network does not exist yet, or no longer exists",
        "deploy the stack again; check the network's name and scope",
    ),
    (
        &["network", "not found"],
        "its network does not exist yet, or no longer exists",
        "deploy the stack again; check the network's name and scope",
    ),
    (
        &["secret", "not found"],
        "a secret it uses does not exist",
        "create it, or remove it from the service",
    ),
    (
        &["config", "not found"],
        "a config it uses does not exist",
        "create it, or remove it from the service",
    ),
    (
        &["no longer meets constraints"],
        "the node it ran on no longer meets its constraints",
        "check the node's labels, role and availability",
    ),
    (
        &["heartbeat failure"],
        "the manager does not hear from the node",
        "check whether the node is up and reaches the managers on port 2377",
    ),
    (
        &["i/o timeout"],
        "something did not answer in time, often the registry",
        "check network, proxy and DNS of that node",
    ),
    (&["no such host"], "a name could not be resolved on that node", "check DNS of that node"),
    (
        &["connection refused"],
        "something refused the connection, often the registry",
        "check whether it is up and its port",
    ),
    (&["context deadline exceeded"], "the node took too long", "check its load, disk and network"),
];

/// Why the scheduler turns nodes down: its words up to the count of nodes, what
/// it means for one and for many, and what to do.
pub const FILTERS: &[(&str, [&str; 2], &str)] = &[
    (
        "scheduling constraints not satisfied",
        ["does not meet its placement constraints", "do not meet its placement constraints"],
        "give a node the label (`docker node update --label-add NAME=VALUE NODE`), or remove the constraint",
    ),
    (
        "insufficient resources",
        [
            "lacks the cpu, memory or generic resource it reserves",
            "lack the cpu, memory or generic resource it reserves",
        ],
        "lower its reservations, free some, or add a node",
    ),
    (
        "not available for new tasks",
        ["is down, paused or drained", "are down, paused or drained"],
        "bring nodes back or set them active",
    ),
    (
        "missing plugin",
        ["lacks a plugin it needs", "lack a plugin it needs"],
        "install the volume, network or log plugin there",
    ),
    (
        "unsupported platform",
        [
            "is of a platform its image has no build for",
            "are of platforms its image has no build for",
        ],
        "build the image for them",
    ),
    (
        "host-mode port already in use",
        ["has its host port taken by another task", "have their host ports taken by other tasks"],
        "use stop-first updates, fewer replicas, or another port",
    ),
    (
        "max replicas per node limit exceed",
        ["has as many of its tasks as allowed", "have as many of its tasks as allowed"],
        "raise max_replicas_per_node, or add a node",
    ),
    (
        "cannot fulfill requested",
        ["cannot mount the cluster volume it wants", "cannot mount the cluster volume it wants"],
        "check the volume's topology and availability",
    ),
];

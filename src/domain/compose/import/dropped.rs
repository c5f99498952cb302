//! Import: keys of services that stack files do not support.

/// A key that goes.
pub struct Dropped {
    pub key: &'static str,
    pub why: &'static str,
    /// What to do now; empty where nothing is lost.
    pub instead: &'static str,
}

const NODE: &str = "it is a setting of the engine on each node";
const ORDER: &str = "only Compose starts containers one by one";

const fn lost(key: &'static str, why: &'static str, instead: &'static str) -> Dropped {
    Dropped { key, why, instead }
}

const fn nothing(key: &'static str, why: &'static str) -> Dropped {
    Dropped { key, why, instead: "" }
}

/// All of them.
#[rustfmt::skip]
pub const DROPPED: &[Dropped] = &[
    nothing("attach", "logs of a service are there for who asks: `skep logs`"),
    nothing("container_name", "tasks are named by their service, and there may be many of them"),
    nothing("develop", "only Compose watches files"),
    nothing("expose", "services of one network reach each other at every port"),
    nothing("pull_policy", "nodes pull what they lack; `--resolve-image` decides about versions"),
    nothing("annotations", "a stack file has labels only"),
    nothing("cgroup_parent", NODE),
    nothing("cgroupns_mode", NODE),
    nothing("cgroup", NODE),
    nothing("memswap_limit", "tasks have no limit of swap"),
    nothing("mem_swappiness", NODE),
    nothing("cpu_percent", "it is for Windows only"),
    nothing("cpu_shares", "reservations and limits share out processors"),
    nothing("cpu_rt_period", NODE),
    nothing("cpu_rt_runtime", NODE),
    nothing("cpu_period", "a limit of processors needs no period"),
    nothing("volume_driver", "the driver stands with the volume"),
    nothing("oom_score_adj", "the engine is not asked for it"),
    nothing("uts", NODE),
    lost("blkio_config", "tasks have no limits of disks", "limit disks on the nodes"),
    lost("cpuset", "tasks are not bound to processors", "limit them with deploy.resources.limits.cpus"),
    lost("device_cgroup_rules", "tasks get no devices", "run it outside of the swarm, or mount what it needs"),
    lost("devices", "tasks get no devices", "mount the device as a volume and see whether that is enough, or run it outside of the swarm"),
    lost("dns_opt", "a stack file has no place for it", "make it a setting of the engine"),
    lost("domainname", "Swarm does not know it", "write the full name as hostname"),
    lost("extends", "Swarm reads no part of another service", "run `docker compose config` and import what it prints"),
    lost("external_links", "containers outside of a stack are not linked", "join an external network that both share"),
    lost("gpus", "tasks get no devices by themselves", "advertise the GPU in daemon.json of the node and reserve it under generic_resources"),
    lost("group_add", "a stack file has no place for it", "put the group into the image, or into `user`"),
    lost("ipc", "tasks share no memory with others", "put what must share it into one container"),
    lost("label_file", "Swarm reads no labels from files", "write them under labels"),
    lost("mac_address", "Swarm chooses addresses itself", "run it outside of the swarm"),
    lost("models", "only Compose runs models", "run the model as a service"),
    lost("oom_kill_disable", "a task without memory is always ended", "raise its limit of memory"),
    lost("pid", "tasks see their own processes only", "run it outside of the swarm"),
    lost("post_start", ORDER, "let the entrypoint do it"),
    lost("pre_stop", ORDER, "let the program do it when it is asked to stop"),
    lost("provider", "only Compose asks providers", "run what it provides as a service"),
    lost("runtime", NODE, "make it default-runtime of the engine on nodes with a label, and use a constraint"),
    lost("security_opt", "tasks have the engine's own profile", "set the profile as default of the engine"),
    lost("storage_opt", "a stack file has no place for it", "make it a setting of the engine"),
    lost("use_api_socket", "only Compose does that", "mount the socket, and think twice"),
    lost("userns_mode", NODE, "make it a setting of the engine"),
    lost("volumes_from", "services share no mounts", "mount the same volume in both"),
];

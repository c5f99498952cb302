//! Keys that Compose knows and Swarm does not, and what to do instead.

/// Keys at the top of a file.
const TOP: &[(&str, &str)] = &[
    ("name", "name the stack where you deploy it"),
    ("include", "name all files with -c"),
    ("models", "only Compose runs models"),
];

/// Keys of a service, or of what it holds.
const INSIDE: &[(&str, &str)] = &[
    ("profiles", "leave the service to another file, or give it `replicas: 0`"),
    ("pull_policy", "engines pull what they lack; `--resolve-image` decides about versions"),
    ("platform", "use a constraint on node.platform.arch"),
    ("scale", "use deploy.replicas"),
    ("cpus", "use deploy.resources.limits.cpus"),
    ("cpu_count", "use deploy.resources.limits.cpus"),
    ("mem_reservation", "use deploy.resources.reservations.memory"),
    ("mem_swappiness", "it is a setting of the node"),
    ("pids_limit", "use deploy.resources.limits.pids"),
    ("gpus", "use generic_resources under deploy.resources.reservations"),
    ("devices", "use generic_resources"),
    ("runtime", "it is a setting of the engine: default-runtime"),
    ("group_add", "put the group into the image, or into `user`"),
    ("annotations", "use labels"),
    ("attach", "follow the logs instead"),
    ("develop", "only Compose watches files"),
    ("post_start", "let the entrypoint do it"),
    ("pre_stop", "let the program do it when it is asked to stop"),
    ("dns_opt", "it is a setting of the engine"),
    ("storage_opt", "it is a setting of the engine"),
    ("gateway", "Swarm chooses it"),
    ("ip_range", "make the subnet smaller"),
    ("aux_addresses", "leave them out of the subnet"),
    ("enable_ipv6", "give the network an IPv6 subnet"),
    ("content", "put it into a file"),
    ("environment", "put it into a file"),
    ("required", "a file of variables must be there"),
    ("condition", "use a list of names: Swarm waits for nothing"),
];

/// Returns what to do instead of a key that is not allowed where it stands.
pub fn compose_only(key: &str, at_the_top: bool) -> Option<&'static str> {
    let table = if at_the_top { TOP } else { INSIDE };
    table.iter().find(|it| it.0 == key).map(|it| it.1)
}

//! Commands of other tools that skep does not have: where to find it instead.

/// A word, other words for it, what it is, and the docker command that shows it.
type Elsewhere = (&'static [&'static str], &'static str, &'static str);

const ROWS: &[Elsewhere] = &[
    (&["sec", "secrets"], "secrets of the swarm are not listed in skep", "docker secret ls"),
    (&["cfg", "config", "configs", "cm"], "configs are not listed in skep", "docker config ls"),
    (
        &["net", "nets", "network", "networks"],
        "networks are not listed in skep",
        "docker network ls",
    ),
    (
        &["vol", "vols", "volume", "volumes", "pvc"],
        "volumes are not listed in skep",
        "docker volume ls",
    ),
    (&["img", "image", "images"], "images are not listed in skep", "docker image ls"),
    (&["top", "stats"], "what tasks use is not measured by skep", "docker stats"),
    (
        &["exec", "shell", "sh", "attach-to"],
        "skep opens no shell in a container",
        "docker exec -it CONTAINER sh",
    ),
    (
        &["token", "tokens", "join"],
        "join tokens are not shown by skep",
        "docker swarm join-token worker",
    ),
    (&["df", "disk"], "the use of disks is not shown by skep", "docker system df"),
    (
        &["label", "labels"],
        "labels of nodes are shown in `:nodes` with `d`; set them with",
        "docker node update --label-add KEY=VALUE NODE",
    ),
    (&["promote"], "roles of nodes are not changed by skep", "docker node promote NODE"),
    (&["demote"], "roles of nodes are not changed by skep", "docker node demote NODE"),
];

/// What is here under another name.
const HERE: &[(&[&str], &str)] = &[
    (
        &["xray", "tree", "x"],
        "the tree of stacks is `:board`; what is wrong and why is `:overview`",
    ),
    (&["aliases", "alias", "a", "commands"], "`:help` lists all commands and their other names"),
    (
        &["audit", "who"],
        "`:history STACK` and `skep audit` show who did what; `:jobs` shows what skep does now",
    ),
    (&["ns", "namespace", "namespaces"], "stacks are what namespaces are elsewhere: `:stacks`"),
    (
        &["dp", "deployments", "rs", "sts", "ds", "apps"],
        "services are what deployments are elsewhere: `:services`",
    ),
];

/// Says where something is that is not a command of skep.
pub fn said(word: &str) -> Option<String> {
    let docker = ROWS.iter().find(|it| it.0.contains(&word));
    let here = || HERE.iter().find(|it| it.0.contains(&word)).map(|it| it.1.to_owned());
    docker.map(|it| format!("{}: `{}`", it.1, it.2)).or_else(here)
}

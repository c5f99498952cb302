//! Task specs on pages (`TaskTemplate` of a service, `Spec` of a task).

use crate::domain::{
    describe::{lens::Lens, page::Section, policy, read},
    text::natural::natural,
};
use serde_json::Value;

/// Describes a task template.
pub fn sections(template: &Value, lens: &Lens<'_>) -> Vec<Section> {
    let container = &template["ContainerSpec"];
    vec![
        process(container, lens),
        policy::health(&container["Healthcheck"], lens),
        environment(&container["Env"], lens),
        mounts(&container["Mounts"], lens),
        references("Secrets", &container["Secrets"], "Secret"),
        references("Configs", &container["Configs"], "Config"),
        placement(&template["Placement"]),
        resources(&template["Resources"]),
        policy::restart(&template["RestartPolicy"]),
        logging(&template["LogDriver"], lens),
        Section::new("Container labels").members(&container["Labels"], lens),
        Section::new("Not known to skep, of the task").others(template, KNOWN, lens).others(
            container,
            KNOWN_OF_CONTAINER,
            lens,
        ),
    ]
}

const KNOWN: &[&str] = &[
    "ContainerSpec",
    "Placement",
    "Resources",
    "RestartPolicy",
    "LogDriver",
    "Networks",
    "ForceUpdate",
    "Runtime",
];

const KNOWN_OF_CONTAINER: &[&str] = &[
    "Image",
    "Labels",
    "Command",
    "Args",
    "Hostname",
    "Env",
    "Dir",
    "User",
    "Groups",
    "TTY",
    "OpenStdin",
    "ReadOnly",
    "Mounts",
    "StopSignal",
    "StopGracePeriod",
    "Healthcheck",
    "Hosts",
    "DNSConfig",
    "Secrets",
    "Configs",
    "Isolation",
    "Init",
    "CapabilityAdd",
    "CapabilityDrop",
    "Sysctls",
    "Ulimits",
    "OomScoreAdj",
    "Privileges",
];

fn process(container: &Value, lens: &Lens<'_>) -> Section {
    let (dns, privileges) = (&container["DNSConfig"], &container["Privileges"]);
    Section::new("Container")
        .row("entrypoint", read::command(&container["Command"], lens))
        .row("arguments", read::command(&container["Args"], lens))
        .row("directory", read::text(&container["Dir"]))
        .row("user", read::text(&container["User"]))
        .row("groups", read::list(&container["Groups"], ", "))
        .row("host name", read::text(&container["Hostname"]))
        .row("init process", read::yes(&container["Init"]))
        .row("terminal", read::yes(&container["TTY"]))
        .row("input open", read::yes(&container["OpenStdin"]))
        .row("root read-only", read::yes(&container["ReadOnly"]))
        .row("stop signal", read::text(&container["StopSignal"]))
        .row("time to stop", read::span(&container["StopGracePeriod"]))
        .row("capabilities added", read::list(&container["CapabilityAdd"], ", "))
        .row("capabilities dropped", read::list(&container["CapabilityDrop"], ", "))
        .row("isolation", read::text(&container["Isolation"]).filter(|it| it != "default"))
        .row("hosts", read::lines(&container["Hosts"]))
        .row("dns servers", read::list(&dns["Nameservers"], ", "))
        .row("dns search", read::list(&dns["Search"], ", "))
        .row("kernel settings", sysctls(&container["Sysctls"]))
        .row("resource limits", ulimits(&container["Ulimits"]))
        .row("dns options", read::list(&dns["Options"], ", "))
        .row("oom score", read::count(&container["OomScoreAdj"]))
        .row(
            "new privileges",
            privileges["NoNewPrivileges"]
                .as_bool()
                .filter(|it| *it)
                .map(|_| "not allowed".to_owned()),
        )
        .row("seccomp", profile(&privileges["Seccomp"], lens))
        .row("apparmor", profile(&privileges["AppArmor"], lens))
        .row(
            "selinux",
            read::masked("", &privileges["SELinuxContext"], lens)
                .filter(|_| !read::says_nothing(&privileges["SELinuxContext"])),
        )
        .row(
            "credential spec",
            read::masked("", &privileges["CredentialSpec"], lens)
                .filter(|_| !read::says_nothing(&privileges["CredentialSpec"])),
        )
}

/// How a security module treats it: its mode, and a profile of its own if there is one.
fn profile(of: &Value, lens: &Lens<'_>) -> Option<String> {
    let mode = of["Mode"].as_str().filter(|it| !it.is_empty())?;
    let own = read::text(&of["Profile"]).map(|_| ", with a profile of its own");
    let rest = if own.is_none() { None } else { read::masked("", &of["Name"], lens) };
    Some(format!("{mode}{}{}", own.unwrap_or_default(), rest.unwrap_or_default()))
}

fn sysctls(settings: &Value) -> Option<String> {
    let Some(settings) = settings.as_object() else { return read::text(settings) };
    let lines: Vec<_> = settings
        .iter()
        .map(|(key, value)| format!("{key} = {}", read::text(value).unwrap_or_default()))
        .collect();
    Some(lines.join("\n"))
}

fn ulimits(limits: &Value) -> Option<String> {
    let Some(limits) = limits.as_array() else { return read::text(limits) };
    let line = |it: &Value| match (it["Name"].as_str(), it["Soft"].as_i64(), it["Hard"].as_i64()) {
        (Some(name), Some(soft), Some(hard)) => format!("{name}: {soft}, {hard} at most"),
        _ => it.to_string(),
    };
    Some(limits.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn environment(env: &Value, lens: &Lens<'_>) -> Section {
    let mut section = Section::new("Environment");
    let Some(list) = env.as_array() else { return section.row("", read::masked("Env", env, lens)) };
    let mut pairs: Vec<String> = list.iter().filter_map(read::text).collect();
    pairs.sort_by(|a, b| natural(a, b));
    for pair in &pairs {
        section = match pair.split_once('=') {
            Some((name, value)) => section.masked(name, value, lens),
            // Taken from the node's engine, hardly ever on purpose.
            None => section.muted(pair, "(without a value)".to_owned()),
        };
    }
    section
}

fn mounts(mounts: &Value, lens: &Lens<'_>) -> Section {
    let mut section = Section::new("Mounts");
    let Some(list) = mounts.as_array() else { return section.row("", read::text(mounts)) };
    for mount in list {
        let Some(target) = mount["Target"].as_str() else {
            section = section.row("", read::masked("", mount, lens));
            continue;
        };
        let kind = mount["Type"].as_str().unwrap_or("volume");
        let source = read::text(&mount["Source"]).unwrap_or_else(|| "anonymous".to_owned());
        let mut facts = match kind {
            "tmpfs" => vec!["in memory".to_owned()],
            _ => vec![format!("{kind} {source}")],
        };
        facts.extend(read::memory(&mount["TmpfsOptions"]["SizeBytes"]));
        facts.extend(
            read::text(&mount["VolumeOptions"]["Subpath"])
                .map(|it| format!("only its folder {it}")),
        );
        facts.extend(read::masked("", &mount["TmpfsOptions"]["Options"], lens));
        facts.extend(read::yes(&mount["ReadOnly"]).map(|_| "read-only".to_owned()));
        facts.extend(read::text(&mount["BindOptions"]["Propagation"]));
        facts.extend(read::text(&mount["VolumeOptions"]["DriverConfig"]["Name"]));
        facts.extend(read::masked("", &mount["VolumeOptions"]["DriverConfig"]["Options"], lens));
        facts.extend(
            read::yes(&mount["VolumeOptions"]["NoCopy"])
                .map(|_| "not filled from the image".to_owned()),
        );
        section = section.row(target, facts.join(", "));
    }
    section
}

/// Secrets and configs: what a task sees them as.
fn references(title: &str, list: &Value, kind: &str) -> Section {
    let mut section = Section::new(title);
    for reference in list.as_array().into_iter().flatten() {
        let name = read::text(&reference[format!("{kind}Name")]);
        let name = name.or_else(|| read::text(&reference[format!("{kind}ID")])).unwrap_or_default();
        let file = &reference["File"];
        let Some(target) = file["Name"].as_str() else {
            section = section.row(&name, read::text(reference));
            continue;
        };
        // Only what differs from the default says something.
        let owner = match (file["UID"].as_str().unwrap_or("0"), file["GID"].as_str().unwrap_or("0"))
        {
            ("0", "0") => None,
            (user, group) => Some(format!("owner {user}:{group}")),
        };
        let mode =
            file["Mode"].as_u64().filter(|it| *it != 0o444).map(|it| format!("mode {it:04o}"));
        let facts = [Some(format!("as {target}")), owner, mode];
        section = section.row(&name, facts.into_iter().flatten().collect::<Vec<_>>().join(", "));
    }
    section
}

fn placement(placement: &Value) -> Section {
    let spread: Vec<_> = placement["Preferences"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| {
            let label = it["Spread"]["SpreadDescriptor"].as_str();
            label.map_or_else(|| it.to_string(), |it| format!("spread over {it}"))
        })
        .collect();
    Section::new("Placement")
        .row("constraints", read::lines(&placement["Constraints"]))
        .row("preferences", spread.join("\n"))
        .row("at most per node", read::count(&placement["MaxReplicas"]))
}

fn resources(resources: &Value) -> Section {
    let (limits, reserved) = (&resources["Limits"], &resources["Reservations"]);
    Section::new("Resources of a task")
        .row("cpu reserved", read::cpus(&reserved["NanoCPUs"]))
        .row("cpu limit", read::cpus(&limits["NanoCPUs"]))
        .row("memory reserved", read::memory(&reserved["MemoryBytes"]))
        .row("memory limit", read::memory(&limits["MemoryBytes"]))
        .row("processes limit", read::count(&limits["Pids"]))
        .row("generic", read::text(&reserved["GenericResources"]))
}

fn logging(driver: &Value, lens: &Lens<'_>) -> Section {
    Section::new("Logging")
        .row("driver", read::text(&driver["Name"]))
        .members(&driver["Options"], lens)
}

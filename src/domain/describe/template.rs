//! Task specs on pages (`TaskTemplate` of a service, `Spec` of a task).

use crate::domain::{
    describe::{lens::Lens, page::Section, policy, read},
    swarm::objects::fields::{
        ContainerFields, MountFields, PreferenceFields, ProfileFields, ReferenceFields,
        TemplateFields, UlimitFields, each,
    },
    text::natural::natural,
};
use serde_json::Value;

/// Describes a task template.
pub fn sections(template: &TemplateFields<'_>, lens: &Lens<'_>) -> Vec<Section> {
    let container = &template.container;
    vec![
        process(container, lens),
        policy::health(&container.health, lens),
        environment(container.env, lens),
        mounts(container.mounts, lens),
        references("Secrets", container.secrets, |it| [it.secret_name, it.secret_id]),
        references("Configs", container.configs, |it| [it.config_name, it.config_id]),
        placement(template),
        resources(template),
        policy::restart(&template.restart),
        logging(template, lens),
        Section::new("Container labels").members(container.labels, lens),
        Section::new("Not known to skep, of the task")
            .others(template.others(), lens)
            .others(container.others(), lens),
    ]
}

fn process(container: &ContainerFields<'_>, lens: &Lens<'_>) -> Section {
    let told = |it: &Value| read::masked("", it, lens).filter(|_| !read::says_nothing(it));
    Section::new("Container")
        .row("entrypoint", read::command(container.command, lens))
        .row("arguments", read::command(container.args, lens))
        .row("directory", read::text(container.dir))
        .row("user", read::text(container.user))
        .row("groups", read::list(container.groups, ", "))
        .row("host name", read::text(container.hostname))
        .row("init process", read::yes(container.init))
        .row("terminal", read::yes(container.tty))
        .row("input open", read::yes(container.open_stdin))
        .row("root read-only", read::yes(container.read_only))
        .row("stop signal", read::text(container.stop_signal))
        .row("time to stop", read::span(container.stop_grace_period))
        .row("capabilities added", read::list(container.capability_add, ", "))
        .row("capabilities dropped", read::list(container.capability_drop, ", "))
        .row("isolation", read::text(container.isolation).filter(|it| it != "default"))
        .row("hosts", read::lines(container.hosts))
        .row("dns servers", read::list(container.nameservers, ", "))
        .row("dns search", read::list(container.dns_search, ", "))
        .row("kernel settings", sysctls(container.sysctls))
        .row("resource limits", ulimits(container.ulimits))
        .row("dns options", read::list(container.dns_options, ", "))
        .row("oom score", read::count(container.oom_score_adj))
        .row(
            "new privileges",
            (*container.no_new_privileges == true).then(|| "not allowed".to_owned()),
        )
        .row("seccomp", profile(&container.seccomp, lens))
        .row("apparmor", profile(&container.app_armor, lens))
        .row("selinux", told(container.selinux_context))
        .row("credential spec", told(container.credential_spec))
}

/// How a security module treats it: its mode, and a profile of its own if there is one.
fn profile(of: &ProfileFields<'_>, lens: &Lens<'_>) -> Option<String> {
    let mode = of.mode.as_str().filter(|it| !it.is_empty())?;
    let own = read::text(of.profile).map(|_| ", with a profile of its own");
    let rest = if own.is_none() { None } else { read::masked("", of.name, lens) };
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
    let line = |it: UlimitFields<'_>| match (it.name.as_str(), it.soft.as_i64(), it.hard.as_i64()) {
        (Some(name), Some(soft), Some(hard)) => format!("{name}: {soft}, {hard} at most"),
        _ => it.raw.to_string(),
    };
    Some(limits.iter().map(UlimitFields::from).map(line).collect::<Vec<_>>().join("\n"))
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
    for mount in list.iter().map(MountFields::from) {
        let Some(target) = mount.target.as_str() else {
            section = section.row("", read::masked("", mount.raw, lens));
            continue;
        };
        let kind = mount.kind.as_str().unwrap_or("volume");
        let source = read::text(mount.source).unwrap_or_else(|| "anonymous".to_owned());
        let mut facts = match kind {
            "tmpfs" => vec!["in memory".to_owned()],
            _ => vec![format!("{kind} {source}")],
        };
        facts.extend(read::memory(mount.tmpfs_size));
        facts.extend(read::text(mount.subpath).map(|it| format!("only its folder {it}")));
        facts.extend(read::masked("", mount.tmpfs_options, lens));
        facts.extend(read::yes(mount.read_only).map(|_| "read-only".to_owned()));
        facts.extend(read::text(mount.propagation));
        facts.extend(read::text(mount.driver));
        facts.extend(read::masked("", mount.driver_options, lens));
        facts.extend(read::yes(mount.no_copy).map(|_| "not filled from the image".to_owned()));
        section = section.row(target, facts.join(", "));
    }
    section
}

/// Secrets and configs: what a task sees them as.
fn references<'a>(
    title: &str,
    list: &'a Value,
    names: impl Fn(&ReferenceFields<'a>) -> [&'a Value; 2],
) -> Section {
    let mut section = Section::new(title);
    for reference in each(list) {
        let name = names(&reference).into_iter().find_map(read::text).unwrap_or_default();
        let Some(target) = reference.file.as_str() else {
            section = section.row(&name, read::text(reference.raw));
            continue;
        };
        // Only what differs from the default says something.
        let owner = [reference.uid, reference.gid].map(|it| it.as_str().unwrap_or("0"));
        let owner = (owner != ["0", "0"]).then(|| format!("owner {}", owner.join(":")));
        let mode = reference.mode.as_u64();
        let mode = mode.filter(|it| *it != 0o444).map(|it| format!("mode {it:04o}"));
        let facts = [Some(format!("as {target}")), owner, mode];
        section = section.row(&name, facts.into_iter().flatten().collect::<Vec<_>>().join(", "));
    }
    section
}

fn placement(template: &TemplateFields<'_>) -> Section {
    let spread = |it: PreferenceFields<'_>| match it.spread.as_str() {
        Some(label) => format!("spread over {label}"),
        None => it.raw.to_string(),
    };
    let spread: Vec<_> = each(template.preferences).map(spread).collect();
    Section::new("Placement")
        .row("constraints", read::lines(template.constraints))
        .row("preferences", spread.join("\n"))
        .row("at most per node", read::count(template.max_replicas))
}

fn resources(template: &TemplateFields<'_>) -> Section {
    let (limits, reserved) = (&template.limits, &template.reservations);
    Section::new("Resources of a task")
        .row("cpu reserved", read::cpus(reserved.cpus))
        .row("cpu limit", read::cpus(limits.cpus))
        .row("memory reserved", read::memory(reserved.memory))
        .row("memory limit", read::memory(limits.memory))
        .row("processes limit", read::count(limits.pids))
        .row("generic", read::text(reserved.generic))
}

fn logging(template: &TemplateFields<'_>, lens: &Lens<'_>) -> Section {
    Section::new("Logging")
        .row("driver", read::text(template.log_driver))
        .members(template.log_options, lens)
}

//! Merging of several compose files into one, from left to right.
//!
//! The rules are docker's: what is empty in a later file never replaces what an
//! earlier one has, lists are joined, and objects at the top are replaced whole.

use crate::domain::compose::{
    codes,
    finding::Findings,
    model::{
        Attachment, ComposeService, Deploy, FileReference, Healthcheck, Logging, Mount, Port,
        Reservations, ResourceLimits, RestartPolicy, Stack, Text, UpdateConfig,
    },
    place::At,
};
use std::collections::{BTreeMap, btree_map};

/// Lays a later file over what is there.
pub fn merge(base: &mut Stack, later: Stack, findings: &mut Findings) {
    for (name, service) in later.services {
        match base.services.entry(name) {
            btree_map::Entry::Vacant(free) => drop(free.insert(service)),
            btree_map::Entry::Occupied(mut taken) => {
                merge_service(taken.get_mut(), service, findings);
            }
        }
    }
    base.networks.extend(later.networks);
    base.volumes.extend(later.volumes);
    base.secrets.extend(later.secrets);
    base.configs.extend(later.configs);
}

fn merge_service(base: &mut ComposeService, later: ComposeService, findings: &mut Findings) {
    text(&mut base.image, later.image);
    replace(&mut base.command, later.command);
    replace(&mut base.entrypoint, later.entrypoint);
    environment(&mut base.environment, later.environment);
    base.labels.extend(later.labels);
    text(&mut base.hostname, later.hostname);
    text(&mut base.user, later.user);
    text(&mut base.working_dir, later.working_dir);
    text(&mut base.stop_signal, later.stop_signal);
    text(&mut base.isolation, later.isolation);
    base.tty |= later.tty;
    base.stdin_open |= later.stdin_open;
    base.read_only |= later.read_only;
    unless_zero(&mut base.init, later.init);
    unless_zero(&mut base.stop_grace_period, later.stop_grace_period);
    base.cap_add.extend(later.cap_add);
    base.cap_drop.extend(later.cap_drop);
    base.sysctls.extend(later.sysctls);
    base.ulimits.extend(later.ulimits);
    base.extra_hosts.extend(later.extra_hosts);
    append(&mut base.dns, later.dns);
    append(&mut base.dns_search, later.dns_search);
    both(&mut base.healthcheck, later.healthcheck, healthcheck);
    both(&mut base.logging, later.logging, logging);
    text(&mut base.credential_spec.config, later.credential_spec.config);
    text(&mut base.credential_spec.file, later.credential_spec.file);
    text(&mut base.credential_spec.registry, later.credential_spec.registry);
    networks(&mut base.networks, later.networks);
    keyed("ports", &mut base.ports, later.ports, |it: &Port| it.published, findings);
    keyed("volumes", &mut base.volumes, later.volumes, |it: &Mount| it.target.clone(), findings);
    keyed(
        "secrets",
        &mut base.secrets,
        later.secrets,
        |it: &FileReference| it.source.clone(),
        findings,
    );
    keyed(
        "configs",
        &mut base.configs,
        later.configs,
        |it: &FileReference| it.source.clone(),
        findings,
    );
    base.depends_on.extend(later.depends_on);
    text(&mut base.restart, later.restart);
    deploy(&mut base.deploy, later.deploy);
    base.extensions.extend(later.extensions);
}

fn deploy(base: &mut Deploy, later: Deploy) {
    text(&mut base.mode, later.mode);
    text(&mut base.endpoint_mode, later.endpoint_mode);
    given(&mut base.replicas, later.replicas);
    base.labels.extend(later.labels);
    both(&mut base.update_config, later.update_config, update_config);
    both(&mut base.rollback_config, later.rollback_config, update_config);
    both(&mut base.limits, later.limits, |base: &mut ResourceLimits, later| {
        text(&mut base.cpus, later.cpus);
        nonzero(&mut base.memory, later.memory);
        nonzero(&mut base.pids, later.pids);
    });
    both(&mut base.reservations, later.reservations, |base: &mut Reservations, later| {
        text(&mut base.cpus, later.cpus);
        nonzero(&mut base.memory, later.memory);
        base.generic_resources.extend(later.generic_resources);
    });
    both(&mut base.restart_policy, later.restart_policy, |base: &mut RestartPolicy, later| {
        text(&mut base.condition, later.condition);
        unless_zero(&mut base.delay, later.delay);
        given(&mut base.max_attempts, later.max_attempts);
        unless_zero(&mut base.window, later.window);
    });
    base.constraints.extend(later.constraints);
    base.preferences.extend(later.preferences);
    nonzero(&mut base.max_replicas_per_node, later.max_replicas_per_node);
}

fn update_config(base: &mut UpdateConfig, later: UpdateConfig) {
    given(&mut base.parallelism, later.parallelism);
    nonzero(&mut base.delay, later.delay);
    text(&mut base.failure_action, later.failure_action);
    nonzero(&mut base.monitor, later.monitor);
    nonzero(&mut base.max_failure_ratio, later.max_failure_ratio);
    text(&mut base.order, later.order);
}

fn healthcheck(base: &mut Healthcheck, later: Healthcheck) {
    base.test.extend(later.test);
    unless_zero(&mut base.interval, later.interval);
    unless_zero(&mut base.timeout, later.timeout);
    unless_zero(&mut base.start_period, later.start_period);
    unless_zero(&mut base.start_interval, later.start_interval);
    given(&mut base.retries, later.retries);
    base.disable |= later.disable;
}

/// Options of one driver are joined; where the first file has none, docker
/// loses those of the second.
fn logging(base: &mut Logging, later: Logging) {
    let same = *base.driver == *later.driver || base.driver.is_empty() || later.driver.is_empty();
    if !same {
        *base = later;
        return;
    }
    if base.driver.is_empty() {
        base.driver = later.driver;
    }
    if let Some(options) = &mut base.options {
        options.extend(later.options.unwrap_or_default());
    }
}

/// A later null changes nothing; a later mapping replaces the aliases, but not
/// the options of the driver.
fn networks(
    base: &mut BTreeMap<String, At<Option<Attachment>>>,
    later: BTreeMap<String, At<Option<Attachment>>>,
) {
    for (name, attachment) in later {
        match base.get_mut(&name).map(|it| &mut it.value) {
            None => drop(base.insert(name, attachment)),
            Some(Some(base)) => {
                if let Some(later) = attachment.value {
                    base.aliases = later.aliases;
                }
            }
            Some(base) => *base = attachment.value,
        }
    }
}

/// An empty value in a later file changes nothing.
fn environment(
    base: &mut BTreeMap<String, At<Option<String>>>,
    later: BTreeMap<String, At<Option<String>>>,
) {
    for (key, value) in later {
        let empty = value.as_deref().unwrap_or_default().is_empty();
        match base.entry(key) {
            btree_map::Entry::Occupied(_) if empty => {}
            btree_map::Entry::Occupied(mut taken) => drop(taken.insert(value)),
            btree_map::Entry::Vacant(free) => drop(free.insert(value)),
        }
    }
}

/// Joins lists whose items have a key: later ones replace earlier ones, and so
/// do those of one file, as soon as there is a second file.
fn keyed<T, K: Ord>(
    name: &str,
    base: &mut Option<Vec<At<T>>>,
    later: Option<Vec<At<T>>>,
    key: impl Fn(&T) -> K,
    findings: &mut Findings,
) {
    let Some(items) = base.take() else {
        *base = later;
        return;
    };
    let mut all = BTreeMap::new();
    for item in items {
        let place = item.place;
        if all.insert(key(&item), item).is_some() {
            let message =
                format!("an earlier entry of {name} is lost, because another file is merged");
            findings.say(&codes::MERGE_COLLAPSE, place, message);
        }
    }
    all.extend(later.unwrap_or_default().into_iter().map(|it| (key(&it), it)));
    *base = Some(all.into_values().collect());
}

fn text(base: &mut Text, later: Text) {
    if !later.is_empty() {
        *base = later;
    }
}

fn replace(base: &mut Vec<Text>, later: Vec<Text>) {
    if !later.is_empty() {
        *base = later;
    }
}

fn append(base: &mut Option<Vec<Text>>, later: Option<Vec<Text>>) {
    match base {
        Some(base) => base.extend(later.unwrap_or_default()),
        None => *base = later.filter(|it| !it.is_empty()),
    }
}

fn given<T>(base: &mut Option<T>, later: Option<T>) {
    if later.is_some() {
        *base = later;
    }
}

fn nonzero<T: Default + PartialEq>(base: &mut At<T>, later: At<T>) {
    if later.value != T::default() {
        *base = later;
    }
}

/// A zero is taken only where there is nothing yet.
fn unless_zero<T: Default + PartialEq>(base: &mut Option<At<T>>, later: Option<At<T>>) {
    let zero = later.as_ref().is_some_and(|it| it.value == T::default());
    if !zero || base.is_none() {
        given(base, later);
    }
}

fn both<T>(base: &mut Option<At<T>>, later: Option<At<T>>, join: impl FnOnce(&mut T, T)) {
    match (base, later) {
        (Some(base), Some(later)) => join(&mut base.value, later.value),
        (base, later) => given(base, later),
    }
}

//! Policy defaults for services.

use crate::domain::{
    compose::{
        model::{
            ComposeService, Logging, Reservations, ResourceLimits, RestartPolicy, Text,
            UpdateConfig, Volume,
        },
        place::At,
        policy::{
            Policy,
            apply::{
                outcome::Additions,
                rules::{Ruled, Rules},
            },
        },
        quantity,
    },
    text::duration,
};
use std::collections::BTreeMap;

/// The label of services that the outside may reach.
const EXPOSE: &str = "skep.expose";
/// What begins and ends the label of a domain; its number is in between.
const ROUTES: (&str, &str) = ("skep.http.routes.", ".domain");

/// Fills in what a service leaves open. Volumes are those of its stack.
pub fn fill(
    key: &str,
    service: &mut ComposeService,
    volumes: &BTreeMap<String, Volume>,
    rules: Rules<'_>,
    additions: &mut Additions<'_>,
) {
    labels(key, service, rules, additions);
    domain(key, service, rules, additions);
    if matches!(service.deploy.mode.as_str(), "" | "replicated") {
        let replicas = rules.last(|it| it.replicas);
        additions.count(&mut service.deploy.replicas, "deploy.replicas", replicas);
    }
    // A job has nothing to update, and is not started again when it is done.
    if !service.deploy.mode.ends_with("-job") {
        update(service, volumes, rules, additions);
        restart(service, rules, additions);
    }
    limits(service, rules, additions);
    reservations(service, rules, additions);
    logging(key, service, rules, additions);
}

fn labels(
    key: &str,
    service: &mut ComposeService,
    rules: Rules<'_>,
    additions: &mut Additions<'_>,
) {
    for (label, (text, by)) in rules.labels() {
        if let Some(value) = rules.filled(text, Some(key)) {
            additions.label(&mut service.deploy.labels, "deploy.labels", label, (value, by));
        }
    }
}

/// Gives a domain to a service that wants to be reached and does not say where.
fn domain(
    key: &str,
    service: &mut ComposeService,
    rules: Rules<'_>,
    additions: &mut Additions<'_>,
) {
    let labels = &mut service.deploy.labels;
    let exposed = labels.get(EXPOSE).is_some_and(|it| it.as_str() == "true");
    let named = labels.keys().any(|it| it.starts_with(ROUTES.0) && it.ends_with(ROUTES.1));
    let Some((text, by)) = rules.last(|it| it.domain.as_deref()) else { return };
    let Some(domain) = rules.filled(text, Some(key)).filter(|_| exposed && !named) else { return };
    let domain = domain.to_lowercase().replace('_', "-");
    let label = format!("{}0{}", ROUTES.0, ROUTES.1);
    additions.label(labels, "deploy.labels", &label, (domain, by));
}

fn update(
    service: &mut ComposeService,
    volumes: &BTreeMap<String, Volume>,
    rules: Rules<'_>,
    additions: &mut Additions<'_>,
) {
    if rules.last(|it| it.update.as_ref()).is_none() {
        return;
    }
    let one_at_a_time = cannot_overlap(service, volumes);
    let order = rules.last(|it| it.update.as_ref()?.order.as_deref());
    let order = order.map(|(it, by)| (if one_at_a_time { "stop-first" } else { it }, by));
    let config = service.deploy.update_config.take();
    let mut config = config.unwrap_or_else(|| At::new(UpdateConfig::default(), additions.place));
    let own = &mut config.value;
    let said = |it: &Policy| it.update.as_ref()?.parallelism;
    additions.count(&mut own.parallelism, "deploy.update_config.parallelism", rules.last(said));
    let delay = rules.last(|it| it.update.as_ref()?.delay.as_deref());
    additions.time(&mut own.delay, "deploy.update_config.delay", delay);
    additions.text(&mut own.order, "deploy.update_config.order", order);
    let action = rules.last(|it| it.update.as_ref()?.failure_action.as_deref());
    additions.text(&mut own.failure_action, "deploy.update_config.failure_action", action);
    let monitor = rules.last(|it| it.update.as_ref()?.monitor.as_deref());
    additions.time(&mut own.monitor, "deploy.update_config.monitor", monitor);
    service.deploy.update_config = Some(config);
}

/// Tells whether an old and a new task cannot run side by side: nodes have a port once,
/// and a global service has one task on each; two writers break most volumes.
fn cannot_overlap(service: &ComposeService, volumes: &BTreeMap<String, Volume>) -> bool {
    let own = |source: &str| volumes.get(source).is_some_and(|it| !it.external);
    let mut ports = service.ports.iter().flatten();
    let mut mounts = service.volumes.iter().flatten();
    service.deploy.mode.as_str() == "global"
        || ports.any(|it| it.mode == "host")
        || mounts
            .any(|it| matches!(it.kind.as_str(), "" | "volume") && !it.read_only && own(&it.source))
}

fn restart(service: &mut ComposeService, rules: Rules<'_>, additions: &mut Additions<'_>) {
    let ruled = rules.last(|it| it.restart.as_ref()).is_some();
    if !ruled || !service.restart.is_empty() {
        return;
    }
    let policy = service.deploy.restart_policy.take();
    let mut policy = policy.unwrap_or_else(|| At::new(RestartPolicy::default(), additions.place));
    let own = &mut policy.value;
    let condition = rules.last(|it| it.restart.as_ref()?.condition.as_deref());
    additions.text(&mut own.condition, "deploy.restart_policy.condition", condition);
    let delay = rules.last(|it| it.restart.as_ref()?.delay.as_deref());
    additions.optional_time(&mut own.delay, "deploy.restart_policy.delay", delay);
    let said = |it: &Policy| it.restart.as_ref()?.max_attempts;
    additions.count(&mut own.max_attempts, "deploy.restart_policy.max_attempts", rules.last(said));
    let window = rules.last(|it| it.restart.as_ref()?.window.as_deref());
    additions.optional_time(&mut own.window, "deploy.restart_policy.window", window);
    service.deploy.restart_policy = Some(policy);
}

/// Limits what has no limit: not above the maximum, and not below what is reserved.
fn limits(service: &mut ComposeService, rules: Rules<'_>, additions: &mut Additions<'_>) {
    let cpus = rules.last(|it| it.limits.as_ref()?.cpus.as_deref());
    let memory = rules.last(|it| it.limits.as_ref()?.memory.as_deref());
    if cpus.is_none() && memory.is_none() {
        return;
    }
    let most_cpus = rules.last(|it| it.maximum.as_ref()?.cpus.as_deref());
    let most_memory = rules.last(|it| it.maximum.as_ref()?.memory.as_deref());
    let kept = service.deploy.reservations.as_ref();
    let kept_cpus = kept.map_or_else(String::new, |it| it.cpus.value.clone());
    let kept_memory = kept.map_or(0, |it| it.memory.value);
    let limits = service.deploy.limits.take();
    let mut limits = limits.unwrap_or_else(|| At::new(ResourceLimits::default(), additions.place));
    let cpus = cpus.map(|it| less_of(it, most_cpus, nano_cpus));
    let cpus = cpus
        .map(|(it, by)| (if nano_cpus(it) < nano_cpus(&kept_cpus) { &kept_cpus } else { it }, by));
    additions.text(&mut limits.value.cpus, "deploy.resources.limits.cpus", cpus);
    let memory = memory.map(|it| less_of(it, most_memory, bytes));
    let memory = memory.map(|(it, by)| (bytes(it).max(kept_memory), by));
    additions.memory(&mut limits.value.memory, "deploy.resources.limits.memory", memory);
    service.deploy.limits = Some(limits);
}

/// Reserves where nothing is reserved, unless that is more than the limit allows.
fn reservations(service: &mut ComposeService, rules: Rules<'_>, additions: &mut Additions<'_>) {
    let limits = service.deploy.limits.as_ref();
    let most_cpus = limits.map(|it| nano_cpus(&it.cpus)).filter(|it| *it > 0);
    let most_memory = limits.map(|it| it.memory.value).filter(|it| *it > 0);
    let cpus = rules.last(|it| it.reservations.as_ref()?.cpus.as_deref());
    let cpus = cpus.filter(|it| most_cpus.is_none_or(|most| nano_cpus(it.0) <= most));
    let memory = rules.last(|it| it.reservations.as_ref()?.memory.as_deref());
    let memory = memory.map(|(it, by)| (bytes(it), by));
    let memory = memory.filter(|it| most_memory.is_none_or(|most| it.0 <= most));
    if cpus.is_none() && memory.is_none() {
        return;
    }
    let kept = service.deploy.reservations.take();
    let mut kept = kept.unwrap_or_else(|| At::new(Reservations::default(), additions.place));
    additions.text(&mut kept.value.cpus, "deploy.resources.reservations.cpus", cpus);
    additions.memory(&mut kept.value.memory, "deploy.resources.reservations.memory", memory);
    service.deploy.reservations = Some(kept);
}

/// Returns the smaller of two amounts, and whose it is.
fn less_of<'a>(
    given: Ruled<'a, &'a str>,
    most: Option<Ruled<'a, &'a str>>,
    amount: fn(&str) -> i64,
) -> Ruled<'a, &'a str> {
    most.filter(|it| amount(it.0) < amount(given.0)).unwrap_or(given)
}

fn nano_cpus(text: &str) -> i64 {
    quantity::nano_cpus(text).unwrap_or_default()
}

fn bytes(text: &str) -> i64 {
    quantity::bytes(text).unwrap_or_default()
}

/// Sends logs somewhere that go nowhere in particular. Options belong to a driver, so
/// they are not added to those of another.
fn logging(
    key: &str,
    service: &mut ComposeService,
    rules: Rules<'_>,
    additions: &mut Additions<'_>,
) {
    let Some((driver, by)) = rules.last(|it| it.logging.as_ref()?.driver.as_deref()) else {
        return;
    };
    let given = service.logging.take();
    let mut logging = given.unwrap_or_else(|| At::new(Logging::default(), additions.place));
    let own = &mut logging.value;
    let bare = own.driver.is_empty() && own.options.as_ref().is_none_or(BTreeMap::is_empty);
    if bare {
        additions.text(&mut own.driver, "logging.driver", Some((driver, by)));
    }
    if own.driver.as_str() == driver {
        for (option, (text, by)) in options(rules, driver) {
            if let Some(value) = rules.filled(text, Some(key)) {
                let options = own.options.get_or_insert_default();
                additions.label(options, "logging.options", option, (value, by));
            }
        }
    }
    service.logging = Some(logging);
}

/// Returns the options of all layers that mean this driver.
fn options<'a>(rules: Rules<'a>, driver: &str) -> BTreeMap<&'a str, Ruled<'a, &'a str>> {
    let mut options = BTreeMap::new();
    let mut meant = None;
    for layer in rules.layers {
        let Some(logging) = &layer.policy.logging else { continue };
        meant = logging.driver.as_deref().or(meant);
        if meant.is_none_or(|it| it == driver) {
            let own = logging.options.iter();
            options.extend(own.map(|(key, text)| (key.as_str(), (text.as_str(), &*layer.by))));
        }
    }
    options
}

impl Additions<'_> {
    fn text(&mut self, slot: &mut Text, field: &str, rule: Option<Ruled<'_, &str>>) {
        let Some((value, by)) = rule.filter(|_| !is_given(slot)) else { return };
        self.note(field, value, by);
        *slot = At::new(value.to_owned(), self.place);
    }

    fn count(&mut self, slot: &mut Option<At<u64>>, field: &str, rule: Option<Ruled<'_, u64>>) {
        let Some((value, by)) = rule.filter(|_| slot.is_none()) else { return };
        self.note(field, &value.to_string(), by);
        *slot = Some(At::new(value, self.place));
    }

    fn time(&mut self, slot: &mut At<i64>, field: &str, rule: Option<Ruled<'_, &str>>) {
        let Some((text, by)) = rule.filter(|_| !is_given(slot)) else { return };
        self.note(field, text, by);
        *slot = At::new(duration::parse(text).unwrap_or_default(), self.place);
    }

    fn optional_time(
        &mut self,
        slot: &mut Option<At<i64>>,
        field: &str,
        rule: Option<Ruled<'_, &str>>,
    ) {
        if slot.is_none() && rule.is_some() {
            let mut time = At::default();
            self.time(&mut time, field, rule);
            *slot = Some(time);
        }
    }

    fn memory(&mut self, slot: &mut At<i64>, field: &str, rule: Option<Ruled<'_, i64>>) {
        let Some((bytes, by)) = rule.filter(|_| !is_given(slot)) else { return };
        self.note(field, &quantity::print_bytes(bytes), by);
        *slot = At::new(bytes, self.place);
    }
}

/// Tells whether a file says something, be it that there is nothing.
fn is_given<T: Default + PartialEq>(slot: &At<T>) -> bool {
    slot.place.line > 0 || slot.value != T::default()
}

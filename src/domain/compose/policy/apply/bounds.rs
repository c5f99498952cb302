//! Policy maximums: refuses services above them, or without a limit.

use crate::domain::compose::{
    codes,
    finding::Finding,
    model::ComposeService,
    place::Place,
    policy::apply::rules::{Ruled, Rules},
    quantity,
};

/// Compares a service with what it may ask for at most.
pub fn check(key: &str, service: &ComposeService, rules: Rules<'_>, findings: &mut Vec<Finding>) {
    let limits = service.deploy.limits.as_ref();
    let cpus = limits.map(|it| &it.cpus).filter(|it| !it.is_empty());
    let memory = limits.map(|it| it.memory).filter(|it| it.value > 0);
    let mut bounds = Bounds { key, open: limits.map_or(service.place, |it| it.place), findings };
    if let Some(most) = rules.last(|it| it.maximum.as_ref()?.cpus.as_deref()) {
        let given = cpus.map(|it| (it.value.clone(), it.place));
        bounds.amount("cpus", given, most, quantity::nano_cpus);
    }
    if let Some(most) = rules.last(|it| it.maximum.as_ref()?.memory.as_deref()) {
        let given = memory.map(|it| (quantity::print_bytes(it.value), it.place));
        bounds.amount("memory", given, most, quantity::bytes);
    }
    let most = rules.last(|it| it.maximum.as_ref()?.replicas);
    if let (Some(replicas), Some((most, by))) = (service.deploy.replicas, most)
        && replicas.value > most
    {
        let message = format!("{} replicas, but {by} allows at most {most}", replicas.value);
        bounds.refuse(replicas.place, &message);
    }
}

fn is_bare(amount: &str) -> bool {
    amount.bytes().all(|it| it.is_ascii_digit() || it == b'.')
}

/// Writes an amount for people: a number without a unit is one of bytes.
fn shown(what: &str, amount: &str) -> String {
    let unit = if what == "memory" && is_bare(amount) { " bytes" } else { "" };
    format!("{amount}{unit}")
}

/// Writes an amount for a file, which takes only texts here.
fn written(what: &str, amount: &str) -> String {
    match is_bare(amount) {
        true if what == "memory" => format!("{amount}b"),
        true => format!("\"{amount}\""),
        false => amount.to_owned(),
    }
}

struct Bounds<'a> {
    key: &'a str,
    /// Where a limit would stand that is not there.
    open: Place,
    findings: &'a mut Vec<Finding>,
}

impl Bounds<'_> {
    /// Compares a limit, as text and where it stands, with the highest that is allowed.
    fn amount(
        &mut self,
        what: &str,
        given: Option<(String, Place)>,
        (most, by): Ruled<'_, &str>,
        read: fn(&str) -> Result<i64, String>,
    ) {
        let Some((given, place)) = given else {
            let key = self.key;
            let shown = shown(what, most);
            let message =
                format!("service {key}: no limit of {what}, but {by} allows at most {shown}");
            let written = written(what, most);
            let hint = format!("write `{what}: {written}` or less under deploy.resources.limits");
            self.findings.push(Finding::new(&codes::NO_BOUND, self.open, message).hint(hint));
            return;
        };
        let (Ok(amount), Ok(bound)) = (read(&given), read(most)) else { return };
        if amount > bound {
            let (given, most) = (shown(what, &given), shown(what, most));
            self.refuse(place, &format!("{given} of {what}, but {by} allows at most {most}"));
        }
    }

    fn refuse(&mut self, place: Place, what: &str) {
        let message = format!("service {}: it has {what}", self.key);
        self.findings.push(Finding::new(&codes::OVER_MAXIMUM, place, message));
    }
}

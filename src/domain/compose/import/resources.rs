//! Import of resources and restart policies into `deploy`.

use crate::domain::compose::{
    import::{Import, Subject, tree::Tree},
    yaml::{MapEntry, Value, YamlNode},
};

/// A key of Compose, and where it stands in a stack file.
const MOVED: &[(&str, &[&str])] = &[
    ("mem_limit", &["deploy", "resources", "limits", "memory"]),
    ("mem_reservation", &["deploy", "resources", "reservations", "memory"]),
    ("cpus", &["deploy", "resources", "limits", "cpus"]),
    ("cpu_count", &["deploy", "resources", "limits", "cpus"]),
];

/// The period of the kernel's scheduler where none is given (microseconds, docs.kernel.org).
const PERIOD: f64 = 100_000.0;

impl<'a> Import<'a> {
    pub fn resources(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        let key = &*entry.key.value;
        if let Some((_, path)) = MOVED.iter().find(|it| it.0 == key) {
            let text = self.as_text(&entry.value);
            self.moved(subject, entry, path, Tree::scalar(text.clone()), &text);
        } else if key == "pids_limit" {
            self.pids(subject, entry);
        } else if key == "cpu_quota" {
            self.quota(subject, entry);
        }
    }

    pub fn restart(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        let said = entry.value.text().unwrap_or_default().to_owned();
        let said = if entry.value.bool() == Some(false) { "no" } else { &said };
        let (condition, attempts) = match said.split_once(':').unwrap_or((said, "")) {
            ("always" | "unless-stopped", _) => ("any", ""),
            ("no", _) => ("none", ""),
            ("on-failure", attempts) => ("on-failure", attempts),
            _ => {
                let instead = "write deploy.restart_policy";
                let why = "only `always`, `unless-stopped`, `on-failure` and `no` have a meaning";
                return self.cannot(subject, entry, why, instead);
            }
        };
        if subject.node.get("deploy").and_then(|it| it.get("restart_policy")).is_some() {
            return self.ignored(subject, entry, "deploy.restart_policy counts");
        }
        let path = ["deploy", "restart_policy", "condition"];
        self.moved(subject, entry, &path, Tree::scalar(condition), condition);
        if attempts.parse::<u64>().is_ok_and(|it| it > 0) {
            let path = ["deploy", "restart_policy", "max_attempts"];
            self.surgery.add(subject.node, &path, Tree::scalar(attempts));
        }
    }

    pub fn scale(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        let raw = self.surgery.raw(entry.value.place).trim_end().to_owned();
        self.moved(subject, entry, &["deploy", "replicas"], Tree::scalar(raw.clone()), &raw);
    }

    fn pids(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        let raw = self.surgery.raw(entry.value.place).trim_end().to_owned();
        if !matches!(entry.value.value, Value::Int(it) if it > 0) {
            return self.ignored(subject, entry, "that is not a limit");
        }
        let path = &["deploy", "resources", "limits", "pids"];
        self.moved(subject, entry, path, Tree::scalar(raw.clone()), &raw);
    }

    /// Makes a share of a period a number of processors.
    fn quota(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        let number = |it: Option<&YamlNode>| match it.map(|it| &it.value) {
            #[expect(clippy::cast_precision_loss, reason = "quotas are small")]
            Some(Value::Int(it)) => Some(*it as f64),
            _ => None,
        };
        let period = subject.node.get("cpu_period");
        let period = if period.is_none() { Some(PERIOD) } else { number(period) };
        let (Some(quota), Some(period)) = (number(Some(&entry.value)), period) else {
            let instead = "write deploy.resources.limits.cpus";
            return self.cannot(subject, entry, "the share cannot be computed", instead);
        };
        if quota <= 0.0 || period <= 0.0 {
            return self.ignored(subject, entry, "that is not a limit");
        }
        let cpus = format!("\"{}\"", (quota / period * 1000.0).round() / 1000.0);
        let path = &["deploy", "resources", "limits", "cpus"];
        self.moved(subject, entry, path, Tree::scalar(cpus.clone()), &cpus);
    }

    /// Returns a value as the file has it, in quotes where it is a number.
    pub fn as_text(&self, value: &YamlNode) -> String {
        let raw = self.surgery.raw(value.place).trim_end();
        match value.value {
            Value::Int(_) | Value::Float(_) => format!("\"{raw}\""),
            _ => raw.to_owned(),
        }
    }
}

//! Checks of log options, which a node validates only when a task starts.

use crate::domain::{
    compose::{
        check::{log_values::bad_value, subject::Subject, templates},
        codes,
        finding::{Finding, Findings},
        model::{Labels, Text},
        place::Place,
    },
    text::nearest::nearest,
};

/// A driver of the engine's own.
struct Driver {
    name: &'static str,
    /// What it takes, beside [`OF_ALL`].
    options: &'static [&'static str],
    required: &'static [&'static str],
}

/// Options that every driver takes.
const OF_ALL: &[&str] = &[
    "mode",
    "max-buffer-size",
    "cache-disabled",
    "cache-max-size",
    "cache-max-file",
    "cache-compress",
];

/// Drivers and their options (moby 20.10 to 28, daemon/logger).
#[rustfmt::skip]
const DRIVERS: &[Driver] = &[
    Driver { name: "json-file", required: &[], options: &[
        "max-size", "max-file", "compress", "labels", "labels-regex", "env", "env-regex", "tag",
    ] },
    Driver { name: "local", required: &[], options: &["max-size", "max-file", "compress"] },
    Driver { name: "journald", required: &[], options: &[
        "labels", "labels-regex", "env", "env-regex", "tag",
    ] },
    Driver { name: "syslog", required: &[], options: &[
        "syslog-address", "syslog-facility", "syslog-format", "syslog-tls-ca-cert",
        "syslog-tls-cert", "syslog-tls-key", "syslog-tls-skip-verify",
        "labels", "labels-regex", "env", "env-regex", "tag",
    ] },
    Driver { name: "gelf", required: &["gelf-address"], options: &[
        "gelf-address", "gelf-compression-level", "gelf-compression-type",
        "gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay",
        "labels", "labels-regex", "env", "env-regex", "tag",
    ] },
    Driver { name: "fluentd", required: &[], options: &[
        "fluentd-address", "fluentd-async", "fluentd-async-connect",
        "fluentd-async-reconnect-interval", "fluentd-buffer-limit", "fluentd-max-retries",
        "fluentd-read-timeout", "fluentd-request-ack", "fluentd-retry-wait",
        "fluentd-sub-second-precision", "fluentd-write-timeout",
        "labels", "labels-regex", "env", "env-regex", "tag",
    ] },
    Driver { name: "awslogs", required: &["awslogs-group"], options: &[
        "awslogs-create-group", "awslogs-create-stream", "awslogs-credentials-endpoint",
        "awslogs-datetime-format", "awslogs-endpoint", "awslogs-force-flush-interval-seconds",
        "awslogs-format", "awslogs-group", "awslogs-max-buffered-events",
        "awslogs-multiline-pattern", "awslogs-region", "awslogs-stream", "tag",
    ] },
    Driver { name: "splunk", required: &["splunk-url", "splunk-token"], options: &[
        "splunk-caname", "splunk-capath", "splunk-format", "splunk-gzip", "splunk-gzip-level",
        "splunk-index", "splunk-index-acknowledgment", "splunk-insecureskipverify",
        "splunk-source", "splunk-sourcetype", "splunk-token", "splunk-url",
        "splunk-verify-connection", "labels", "labels-regex", "env", "env-regex", "tag",
    ] },
    Driver { name: "gcplogs", required: &[], options: &[
        "gcp-log-cmd", "gcp-meta-id", "gcp-meta-name", "gcp-meta-zone", "gcp-project",
        "labels", "labels-regex", "env", "env-regex",
    ] },
];

/// Looks at the options of the log driver.
pub fn options(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(logging) = subject.service.logging.as_deref() else { return };
    let name = if logging.driver.is_empty() { "json-file" } else { logging.driver.as_str() };
    let Some(driver) = DRIVERS.iter().find(|it| it.name == name) else { return };
    // Without a driver, the one that the engine has for its own counts.
    if logging.driver.is_empty() {
        misspelt(subject, driver, logging.options.as_ref(), findings);
        return;
    }
    let nothing = Labels::new();
    let options = logging.options.as_ref().unwrap_or(&nothing);
    for key in driver.required.iter().filter(|it| !options.contains_key(**it)) {
        let message = format!("the log driver {name} requires the option {key}");
        findings.say(&codes::LOG_OPTION, logging.driver.place, message);
    }
    for (key, value) in options {
        if !driver.options.contains(&key.as_str()) && !OF_ALL.contains(&key.as_str()) {
            unknown(subject, driver, key, value, findings);
        } else if let Some(why) = bad_value(key, value) {
            let message = format!("the log option {key} is `{}`: {why}", value.value);
            findings.say(&codes::LOG_OPTION, value.place, message);
        } else if key == "tag" {
            let of_tag = |it: Finding| Finding { code: &codes::LOG_OPTION, ..it };
            findings.extend(templates::tag(value, value.place).map(of_tag));
        }
    }
    if let Some((place, why)) = contradiction(name, options) {
        findings.say(&codes::LOG_OPTION, place, why);
    }
}

/// Finds options that no driver has, and that are almost one of the usual driver's.
fn misspelt(
    subject: &Subject<'_>,
    usual: &Driver,
    options: Option<&Labels>,
    findings: &mut Findings,
) {
    for (key, value) in options.into_iter().flatten() {
        let known = DRIVERS.iter().any(|it| it.options.contains(&key.as_str()));
        let all = usual.options.iter().chain(OF_ALL).copied();
        if !known && !OF_ALL.contains(&key.as_str()) && nearest(key, all).is_some() {
            unknown(subject, usual, key, value, findings);
        }
    }
}

fn unknown(
    subject: &Subject<'_>,
    driver: &Driver,
    key: &str,
    value: &Text,
    findings: &mut Findings,
) {
    let path = ["logging", "options", key];
    let place = subject.entry(&path).map_or(value.place, |it| it.1.key.place);
    let message = format!("the log driver {} knows no option {key}", driver.name);
    let finding = Finding::new(&codes::LOG_OPTION, place, message);
    let there = |it: &&str| subject.node(&["logging", "options", it]).is_some();
    let free = driver.options.iter().chain(OF_ALL).copied().filter(|it| !there(it));
    findings.push(match nearest(key, free) {
        Some(meant) => {
            subject.replaced(finding.hint(format!("did you mean `{meant}`?")), place, meant)
        }
        None => subject.removed(finding, &path),
    });
}

/// Says which options the engine refuses together.
fn contradiction(driver: &str, options: &Labels) -> Option<(Place, String)> {
    let text = |key: &str| options.get(key).map(|it| it.as_str());
    if let Some(size) = options.get("max-buffer-size")
        && text("mode") != Some("non-blocking")
    {
        let why = "max-buffer-size requires `mode: non-blocking`".to_owned();
        return Some((size.place, why));
    }
    if driver == "fluentd"
        && let (Some(_), Some(old)) =
            (options.get("fluentd-async"), options.get("fluentd-async-connect"))
    {
        let why = "fluentd-async and fluentd-async-connect cannot be combined".to_owned();
        return Some((old.place, why));
    }
    let compress = text("compress").map(|it| it.starts_with(['1', 't', 'T']));
    let one = |it: Option<&str>| it.is_some_and(|it| it.trim() == "1");
    let asked = options.get("compress").or_else(|| options.get("max-file"))?;
    match driver {
        "json-file" if compress == Some(true) => {
            let few = text("max-file").is_none() || one(text("max-file"));
            let why = "compress requires max-size, and max-file of 2 or more".to_owned();
            (few || text("max-size").is_none()).then_some((asked.place, why))
        }
        "local" if compress != Some(false) && one(text("max-file")) => {
            let why = "with max-file 1, the driver local requires `compress: \"false\"`".to_owned();
            Some((asked.place, why))
        }
        _ => None,
    }
}

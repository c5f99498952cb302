//! Options of log drivers, which the engine of a node looks at when a task starts.

use crate::domain::{
    compose::{
        check::{scene::Subject, templates},
        codes,
        finding::{Finding, Findings},
        model::{Labels, Text},
        place::Place,
        quantity,
    },
    text::{duration, nearest::nearest},
};
use regex::Regex;

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

const FACILITIES: &[&str] = &[
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
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
        let message = format!("the log driver {name} wants the option {key}");
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

/// Says what the engine refuses of a value.
fn bad_value(key: &str, value: &str) -> Option<&'static str> {
    let number =
        |least: i64, most: i64| value.parse::<i64>().is_ok_and(|it| (least..=most).contains(&it));
    let truth = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];
    let fine = match key {
        "max-size" | "cache-max-size" | "max-buffer-size" => {
            return (!quantity::bytes(value).is_ok_and(|it| it > 0))
                .then_some("write a size, as 10m");
        }
        "max-file" | "cache-max-file" => {
            return (!number(1, i64::MAX)).then_some("write 1 or more");
        }
        "compress"
        | "cache-compress"
        | "cache-disabled"
        | "fluentd-async"
        | "fluentd-async-connect"
        | "fluentd-request-ack"
        | "fluentd-sub-second-precision"
        | "awslogs-create-group"
        | "awslogs-create-stream"
        | "splunk-gzip"
        | "splunk-insecureskipverify"
        | "splunk-verify-connection"
        | "splunk-index-acknowledgment" => {
            return (!truth.contains(&value)).then_some("write true or false");
        }
        "mode" => {
            let modes = ["", "blocking", "non-blocking"];
            return (!modes.contains(&value)).then_some("write blocking or non-blocking");
        }
        "syslog-address" => {
            let schemes = ["tcp", "udp", "tcp+tls", "unix", "unixgram"];
            let why = "write it as udp://host:port, tcp://host:port or unix:///path";
            let fine = value.starts_with("unix") || has_port(value, false);
            return (!has_scheme(value, &schemes) || !fine).then_some(why);
        }
        "fluentd-address" => {
            return (!is_fluentd(value)).then_some("write it as host:port or unix:///path");
        }
        "fluentd-retry-wait" | "fluentd-async-reconnect-interval" => {
            let fine = value.is_empty() || duration::parse(value).is_some();
            return (!fine).then_some("write a time, as 1s");
        }
        "env-regex" | "labels-regex" => {
            let read = Regex::new(value);
            let wrong = matches!(read, Err(regex::Error::Syntax(_))) && !value.contains("\\Q");
            return wrong.then_some("it is no regular expression");
        }
        "fluentd-max-retries" => {
            let fine = value.is_empty() || value.parse::<u64>().is_ok();
            return (!fine).then_some("write a number");
        }
        "fluentd-buffer-limit" => {
            let fine = value.is_empty() || quantity::bytes(value).is_ok();
            return (!fine).then_some("write a size, as 8m");
        }
        "gelf-address" => {
            let port = value.rsplit_once(':').is_some_and(|it| it.1.parse::<u16>().is_ok());
            let fine = has_scheme(value, &["udp", "tcp"]) && port;
            return (!fine).then_some("write it as udp://host:port or tcp://host:port");
        }
        "syslog-format" => ["", "rfc3164", "rfc5424", "rfc5424micro"].contains(&value),
        "syslog-facility" => value.is_empty() || FACILITIES.contains(&value) || number(0, 23),
        "gelf-compression-type" => ["gzip", "zlib", "none"].contains(&value),
        "gelf-compression-level" => number(-1, 9),
        _ => true,
    };
    (!fine).then_some("the driver knows no such word")
}

/// Reads an address as the driver fluentd does: a host, a port, both with a scheme or none.
fn is_fluentd(value: &str) -> bool {
    match value.split_once("://") {
        Some(("unix" | "unixgram", _)) => true,
        Some(("tcp" | "udp" | "tcp+tls" | "tls", _)) => has_port(value, true),
        Some(_) => false,
        None => !value.contains('/') && has_port(value, true),
    }
}

/// Returns whether an address names no port, or one that there can be.
fn has_port(value: &str, any: bool) -> bool {
    let rest = value.split_once("://").map_or(value, |it| it.1);
    let host = rest.split('/').next().unwrap_or_default();
    let (front, port) = match host.rsplit_once(']') {
        Some((_, port)) => ("", port.strip_prefix(':').unwrap_or(port)),
        None => host.rsplit_once(':').unwrap_or((host, "")),
    };
    let number = port.parse::<u64>().is_ok_and(|it| any || it <= 65_535);
    !front.contains(':') && !host.contains(' ') && (port.is_empty() || number)
}

fn has_scheme(value: &str, schemes: &[&str]) -> bool {
    value.split_once("://").is_some_and(|it| schemes.contains(&it.0))
}

/// Says which options the engine refuses together.
fn contradiction(driver: &str, options: &Labels) -> Option<(Place, String)> {
    let text = |key: &str| options.get(key).map(|it| it.as_str());
    if let Some(size) = options.get("max-buffer-size")
        && text("mode") != Some("non-blocking")
    {
        let why = "max-buffer-size wants `mode: non-blocking` beside it".to_owned();
        return Some((size.place, why));
    }
    if driver == "fluentd"
        && let (Some(_), Some(old)) =
            (options.get("fluentd-async"), options.get("fluentd-async-connect"))
    {
        let why = "fluentd-async and fluentd-async-connect exclude each other".to_owned();
        return Some((old.place, why));
    }
    let compress = text("compress").map(|it| it.starts_with(['1', 't', 'T']));
    let one = |it: Option<&str>| it.is_some_and(|it| it.trim() == "1");
    let asked = options.get("compress").or_else(|| options.get("max-file"))?;
    match driver {
        "json-file" if compress == Some(true) => {
            let few = text("max-file").is_none() || one(text("max-file"));
            let why = "compress wants max-size and a max-file of 2 or more beside it".to_owned();
            (few || text("max-size").is_none()).then_some((asked.place, why))
        }
        "local" if compress != Some(false) && one(text("max-file")) => {
            let why =
                "with a max-file of 1, the driver local wants `compress: \"false\"`".to_owned();
            Some((asked.place, why))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As engine 20.10 was seen to take them.
    #[test]
    fn values_are_those_that_the_engine_takes() {
        for (key, value, fine) in [
            ("max-size", "10 MB", true),
            ("max-size", "10x", false),
            ("max-size", "0", false),
            ("max-size", "-2", false),
            ("max-file", "0", false),
            ("max-file", "a", false),
            ("compress", "yes", false),
            ("mode", "nonsense", false),
            ("syslog-address", "127.0.0.1:514", false),
            ("syslog-address", "udp://127.0.0.1", true),
            ("syslog-address", "http://127.0.0.1", false),
            ("syslog-address", "udp://[::1]:514", true),
            ("syslog-address", "udp://::1:514", false),
            ("syslog-address", "udp://127.0.0.1:65536", false),
            ("syslog-address", "udp://127.0.0.1:abc", false),
            ("syslog-address", "udp://127.0.0.1:514/x", true),
            ("syslog-address", "udp://host name:1", false),
            ("syslog-address", "unix:///dev/log", true),
            ("fluentd-address", "", true),
            ("fluentd-address", "host", true),
            ("fluentd-address", "1.2.3.4:24224", true),
            ("fluentd-address", "[::1]:1", true),
            ("fluentd-address", "udp://1.2.3.4:1", true),
            ("fluentd-address", "tcp://1.2.3.4:1/path", true),
            ("fluentd-address", "unix://", true),
            ("fluentd-address", "1.2.3.4:x", false),
            ("fluentd-address", "1.2.3.4:24224/x", false),
            ("fluentd-address", "http://127.0.0.1", false),
            ("fluentd-address", "TCP://1.2.3.4:1", false),
            ("fluentd-address", "::1", false),
            ("fluentd-retry-wait", "500ms", true),
            ("fluentd-retry-wait", "5", false),
            ("fluentd-max-retries", "x", false),
            ("fluentd-buffer-limit", "8m", true),
            ("fluentd-buffer-limit", "big", false),
            ("env-regex", "^(a|b)", true),
            ("env-regex", "(", false),
            ("syslog-facility", "nope", false),
            ("syslog-facility", "3", true),
            ("gelf-address", "udp://127.0.0.1", false),
            ("gelf-address", "udp://127.0.0.1:12201", true),
            ("gelf-compression-level", "10", false),
            ("tag", "{{.Name}}", true),
        ] {
            assert_eq!(bad_value(key, value).is_none(), fine, "{key}: {value}");
        }
    }
}

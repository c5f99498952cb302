//! Checks of the values of log options.

use crate::domain::{compose::quantity, text::duration};
use regex::Regex;

const FACILITIES: &[&str] = &[
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
];

/// Says what the engine refuses of a value.
pub fn bad_value(key: &str, value: &str) -> Option<&'static str> {
    let number =
        |least: i64, most: i64| value.parse::<i64>().is_ok_and(|it| (least..=most).contains(&it));
    let truth = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];
    let fine = match key {
        "max-size" | "cache-max-size" | "max-buffer-size" => {
            return (!quantity::bytes(value).is_ok_and(|it| it > 0))
                .then_some("write a size, for example 10m");
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
        "env-regex" | "labels-regex" => {
            let read = Regex::new(value);
            let wrong = matches!(read, Err(regex::Error::Syntax(_))) && !value.contains("\\Q");
            return wrong.then_some("it is not a regular expression");
        }
        "syslog-format" => ["", "rfc3164", "rfc5424", "rfc5424micro"].contains(&value),
        "syslog-facility" => value.is_empty() || FACILITIES.contains(&value) || number(0, 23),
        "gelf-compression-type" => ["gzip", "zlib", "none"].contains(&value),
        "gelf-compression-level" => number(-1, 9),
        _ => return bad_address(key, value).or_else(|| bad_fluentd(key, value)),
    };
    (!fine).then_some("the driver does not know this value")
}

/// Looks at the places that lines are sent to.
fn bad_address(key: &str, value: &str) -> Option<&'static str> {
    match key {
        "syslog-address" => {
            let schemes = ["tcp", "udp", "tcp+tls", "unix", "unixgram"];
            let why = "write it as udp://host:port, tcp://host:port or unix:///path";
            let fine = value.starts_with("unix") || has_port(value, false);
            (!has_scheme(value, &schemes) || !fine).then_some(why)
        }
        "gelf-address" => {
            let port = value.rsplit_once(':').is_some_and(|it| it.1.parse::<u16>().is_ok());
            let fine = has_scheme(value, &["udp", "tcp"]) && port;
            (!fine).then_some("write it as udp://host:port or tcp://host:port")
        }
        "fluentd-address" => {
            (!is_fluentd(value)).then_some("write it as host:port or unix:///path")
        }
        _ => None,
    }
}

/// Looks at the other values of the driver fluentd, which may be empty.
fn bad_fluentd(key: &str, value: &str) -> Option<&'static str> {
    let (fine, why) = match key {
        _ if value.is_empty() => return None,
        "fluentd-retry-wait" | "fluentd-async-reconnect-interval" => {
            (duration::parse(value).is_some(), "write a time, for example 1s")
        }
        "fluentd-max-retries" => (value.parse::<u64>().is_ok(), "write a number"),
        "fluentd-buffer-limit" => (quantity::bytes(value).is_ok(), "write a size, for example 8m"),
        _ => return None,
    };
    (!fine).then_some(why)
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

//! Ports in the short form: `[ip:][published[-last]:]target[-last][/protocol]`.

use std::net::IpAddr;

/// So many ports a stack may publish: a range takes a few bytes in a file, and each of its
/// ports some hundred in memory and in what is sent.
pub const MOST: usize = 10_000;

/// How many ports the files of a stack may still publish.
#[derive(Debug)]
pub struct Room(Option<usize>);

impl Default for Room {
    fn default() -> Self {
        Self(Some(MOST))
    }
}

impl Room {
    /// Takes room for ports. Where there is too little, nothing more fits from then on.
    pub fn take(&mut self, count: usize) -> bool {
        self.0 = self.0.and_then(|it| it.checked_sub(count));
        self.0.is_some()
    }

    /// Returns whether something did not fit.
    pub fn is_full(&self) -> bool {
        self.0.is_none()
    }
}

/// A port of a service, published in the ingress network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub protocol: String,
    pub target: u32,
    /// 0 lets the engine choose.
    pub published: u32,
}

/// What a short form says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    targets: Range,
    /// As many as there are targets, or for a single target any number.
    hosts: Option<Range>,
    protocol: String,
    /// An address of the host, which Swarm does not heed.
    pub ignored_ip: Option<IpAddr>,
}

/// First and last.
type Range = (u16, u16);

/// Reads a short form, or says what is wrong with it.
pub fn parse(text: &str) -> Result<Spec, String> {
    let wrong = |why: String| format!("Does not match format 'ports': {why}");
    let mut parts = text.rsplitn(3, ':');
    let target = parts.next().unwrap_or_default();
    let (host, ip) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (target, protocol) = split_protocol(target);
    let ip = address(ip).map_err(wrong)?;
    if target.is_empty() {
        return Err(wrong(format!("no port specified in `{text}`")));
    }
    let targets = range(target).ok_or_else(|| wrong(format!("invalid target port `{target}`")))?;
    let hosts = match host {
        "" => None,
        _ => Some(range(host).ok_or_else(|| wrong(format!("invalid published port `{host}`")))?),
    };
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(wrong(format!("invalid protocol `{protocol}`")));
    }
    let length = |it: Range| it.1 - it.0;
    if hosts.is_some_and(|it| length(targets) > 0 && length(it) != length(targets)) {
        return Err(wrong(format!("the ranges {host} and {target} have different lengths")));
    }
    Ok(Spec { targets, hosts, protocol, ignored_ip: ip.filter(|it| !it.is_unspecified()) })
}

impl Spec {
    /// Returns how many ports it stands for.
    pub fn count(&self) -> usize {
        let (first, last) = self.hosts.filter(|_| self.is_single()).unwrap_or(self.targets);
        usize::from(last - first) + 1
    }

    /// Tells whether one port of the container is published at several.
    pub fn is_fanned_out(&self) -> bool {
        self.is_single() && self.count() > 1
    }

    /// Returns its ports in the order docker has them: by target and protocol as
    /// texts, each target's published ports going up.
    pub fn ports(&self) -> Vec<Published> {
        let port = |target: u16, published: u16| Published {
            protocol: self.protocol.clone(),
            target: target.into(),
            published: published.into(),
        };
        let targets = self.targets.0..=self.targets.1;
        let mut ports: Vec<Published> = match self.hosts {
            None => targets.map(|it| port(it, 0)).collect(),
            Some(hosts) if self.is_single() => {
                return (hosts.0..=hosts.1).map(|it| port(self.targets.0, it)).collect();
            }
            Some(hosts) => targets.zip(hosts.0..=hosts.1).map(|it| port(it.0, it.1)).collect(),
        };
        ports.sort_by_cached_key(|it| it.target.to_string());
        ports
    }

    fn is_single(&self) -> bool {
        self.targets.0 == self.targets.1
    }
}

fn split_protocol(text: &str) -> (&str, String) {
    let mut parts = text.split('/');
    let port = parts.next().unwrap_or_default();
    let protocol = parts.next().filter(|it| !it.is_empty()).unwrap_or("tcp");
    (port, protocol.to_lowercase())
}

fn address(text: &str) -> Result<Option<IpAddr>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(text);
    bare.parse().map(Some).map_err(|_| format!("invalid IP address `{text}`"))
}

fn range(text: &str) -> Option<Range> {
    let mut parts = text.split('-');
    let first = number(parts.next()?)?;
    let last = parts.next().map_or(Some(first), number)?;
    (first <= last).then_some((first, last))
}

fn number(text: &str) -> Option<u16> {
    text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let spec = parse(text).ok();
        let printed = spec.map(|it| {
            assert_eq!(it.count(), it.ports().len(), "{text}");
            let ports = it.ports();
            let ports =
                ports.iter().map(|it| format!("{}:{}/{}", it.published, it.target, it.protocol));
            ports.collect::<Vec<_>>().join(" ")
        });
        assert_eq!(printed.as_deref(), expected, "{text}");
    }

    #[test]
    fn short_forms_are_read_as_docker_reads_them() {
        for (text, expected) in [
            ("80", "0:80/tcp"),
            ("08", "0:8/tcp"),
            (":80", "0:80/tcp"),
            ("80/", "0:80/tcp"),
            ("8080:80/UDP", "8080:80/udp"),
            ("80/tcp/udp", "0:80/tcp"),
            ("9-11", "0:10/tcp 0:11/tcp 0:9/tcp"),
            ("1-2:3", "1:3/tcp 2:3/tcp"),
            ("8009-8010:9-10", "8010:10/tcp 8009:9/tcp"),
            ("127.0.0.1::80", "0:80/tcp"),
            ("127.0.0.1:8080:80", "8080:80/tcp"),
            ("::1:80:80", "80:80/tcp"),
            ("[::1]:80:80", "80:80/tcp"),
            ("65535:65535", "65535:65535/tcp"),
        ] {
            check(text, Some(expected));
        }
    }

    #[test]
    fn what_docker_refuses_is_refused() {
        for text in [
            "",
            "a",
            "+8",
            " 80",
            "80:",
            "70000",
            "80/foo",
            "80 /tcp",
            "90-80",
            "80:80-90",
            "8000-8002:80-81",
            "300.0.0.1:1:2",
            "1:2:3:4",
            "-1",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn only_real_addresses_are_ignored_with_a_word() {
        assert!(parse("127.0.0.1:1:1").unwrap().ignored_ip.is_some());
        assert!(parse("0.0.0.0:1:1").unwrap().ignored_ip.is_none());
    }
}

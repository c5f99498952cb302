//! Addresses of engines, parsed once.

use crate::domain::text::path::ShownPath;
use std::{fmt, path::PathBuf};

/// Where docker looks when nobody says anything.
pub const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// How an engine is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    Unix(PathBuf),
    Tcp {
        /// A name or an address, IPv6 without brackets.
        host: String,
        port: u16,
        /// What stands in front of every path, as `/docker` behind a proxy; often empty.
        base: String,
        tls: Option<Tls>,
    },
    Ssh {
        user: Option<String>,
        host: String,
        port: Option<u16>,
        /// The engine's socket on that host, where it is not docker's own choice.
        socket: Option<String>,
    },
}

impl Endpoint {
    /// Returns whether anybody who answers is taken for the engine, in spite of TLS.
    pub fn trusts_anybody(&self) -> bool {
        matches!(self, Self::Tcp { tls: Some(Tls { verify: false, .. }), .. })
    }
}

/// What is needed to trust an engine, and to be trusted by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Whose signature the engine's certificate must bear; the system's
    /// authorities where `None`.
    pub ca: Option<PathBuf>,
    pub identity: Option<Identity>,
    /// Accept only a certificate that is valid and made for the host.
    pub verify: bool,
}

/// PEM files that prove who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// Why a text is not an address of an engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an engine address: {why}")]
pub struct BadAddress {
    pub text: String,
    pub why: String,
}

impl Endpoint {
    /// Reads `unix://`, `tcp://`, `http://`, `https://` and `ssh://` addresses,
    /// and `host:port` for tcp, as docker does. `tls` is what a tcp address
    /// uses; an `https` one uses TLS in any case, an `http` one never.
    pub fn parse(text: &str, tls: Option<Tls>) -> Result<Self, BadAddress> {
        let text = text.trim();
        let parsed = match text.split_once("://") {
            Some(("unix", path)) => unix(path),
            Some(("tcp", rest)) => {
                let port = if tls.is_some() { 2376 } else { 2375 };
                tcp(rest, port, tls)
            }
            Some(("http", rest)) => tcp(rest, 80, None),
            Some(("https", rest)) => tcp(rest, 443, Some(tls.unwrap_or_default())),
            Some(("ssh", rest)) => ssh(rest),
            Some((scheme, _)) => {
                Err(format!("`{scheme}` is not one of unix, tcp, http, https and ssh"))
            }
            None if text.starts_with('/') => Err(format!("write a socket as unix://{text}")),
            None if text.is_empty() || text.contains('/') => {
                Err("it needs a scheme, for example unix:///var/run/docker.sock or ssh://host"
                    .to_owned())
            }
            None => Self::parse(&format!("tcp://{text}"), tls).map_err(|it| it.why),
        };
        parsed.map_err(|why| BadAddress { text: without_password(text), why })
    }

    /// Docker's own choice.
    pub fn local() -> Self {
        Self::Unix(DEFAULT_SOCKET.into())
    }
}

impl Default for Tls {
    /// Checks the engine against the system's authorities.
    fn default() -> Self {
        Self { ca: None, identity: None, verify: true }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.shown()),
            Self::Tcp { host, port, base, .. } => {
                write!(f, "tcp://{}:{port}{base}", bracketed(host))
            }
            Self::Ssh { user, host, port, socket } => {
                f.write_str("ssh://")?;
                user.iter().try_for_each(|it| write!(f, "{it}@"))?;
                f.write_str(&bracketed(host))?;
                port.iter().try_for_each(|it| write!(f, ":{it}"))?;
                f.write_str(socket.as_deref().unwrap_or_default())
            }
        }
    }
}

fn unix(path: &str) -> Result<Endpoint, String> {
    match path {
        "" => Ok(Endpoint::local()),
        _ if path.starts_with('/') => Ok(Endpoint::Unix(path.into())),
        _ => Err(format!("the path must start with `/`: unix:///{path}")),
    }
}

fn tcp(rest: &str, default_port: u16, tls: Option<Tls>) -> Result<Endpoint, String> {
    let (place, base) = split_path(rest);
    if place.contains('@') {
        return Err("engines take no user names over tcp".to_owned());
    }
    let (host, port) = host_and_port(place)?;
    let host = if host.is_empty() { "localhost" } else { host };
    Ok(Endpoint::Tcp {
        host: host.to_owned(),
        port: port.unwrap_or(default_port),
        base: base.trim_end_matches('/').to_owned(),
        tls,
    })
}

fn ssh(rest: &str) -> Result<Endpoint, String> {
    let (place, path) = split_path(rest);
    let (user, place) = match place.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, place),
    };
    if user.is_some_and(|it| it.contains(':')) {
        return Err("passwords are not taken from addresses; use a key".to_owned());
    }
    let (host, port) = host_and_port(place)?;
    if host.is_empty() || user == Some("") {
        return Err("write it as ssh://user@host:port".to_owned());
    }
    if host.starts_with('-') || user.is_some_and(|it| it.starts_with('-')) {
        return Err("ssh would take a name that starts with `-` for an option".to_owned());
    }
    Ok(Endpoint::Ssh {
        user: user.map(str::to_owned),
        host: host.to_owned(),
        port,
        socket: (path.len() > 1).then(|| path.to_owned()),
    })
}

/// Splits before the first `/`.
fn split_path(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}

/// Takes `host`, `host:port`, `[::1]`, `[::1]:port`.
fn host_and_port(place: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = if let Some(inner) = place.strip_prefix('[') {
        let (host, after) = inner.split_once(']').ok_or("a `]` is missing")?;
        match after.strip_prefix(':') {
            None if after.is_empty() => (host, None),
            None => return Err(format!("`{after}` cannot follow the host")),
            Some(port) => (host, Some(port)),
        }
    } else {
        match place.split_once(':') {
            Some((_, rest)) if rest.contains(':') => {
                return Err(format!("write an IPv6 address as [{place}]"));
            }
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        }
    };
    match port.map(str::parse) {
        None => Ok((host, None)),
        Some(Ok(port)) if port > 0 => Ok((host, Some(port))),
        Some(_) => Err(format!("`{}` is not a port", port.unwrap_or_default())),
    }
}

fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

/// Errors are shown and logged; a password in an address must not be.
fn without_password(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + 3);
    let Some(at) = text[start..].rfind('@') else { return text.to_owned() };
    let Some(colon) = text[start..start + at].find(':') else { return text.to_owned() };
    format!("{}:…{}", &text[..start + colon], &text[start + at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, shown: &str) {
        assert_eq!(Endpoint::parse(text, None).unwrap().to_string(), shown, "{text}");
    }

    fn refused(text: &str, why: &str) {
        assert_eq!(Endpoint::parse(text, None).unwrap_err().to_string(), why);
    }

    #[test]
    fn addresses_are_read_as_docker_reads_them() {
        check("unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock");
        check("unix://", "unix:///var/run/docker.sock");
        check("tcp://10.0.0.1", "tcp://10.0.0.1:2375");
        check("tcp://10.0.0.1:99/", "tcp://10.0.0.1:99");
        check("tcp://:2375", "tcp://localhost:2375");
        check("tcp://[fe80::1]:2375", "tcp://[fe80::1]:2375");
        check("10.0.0.1:2375", "tcp://10.0.0.1:2375");
        check("  swarm1 ", "tcp://swarm1:2375");
        check("http://proxy/docker/", "tcp://proxy:80/docker");
        check("https://proxy", "tcp://proxy:443");
        check("ssh://swarm1", "ssh://swarm1");
        check("ssh://ops@swarm1:2222", "ssh://ops@swarm1:2222");
        check("ssh://ops@[::1]:22/run/docker.sock", "ssh://ops@[::1]:22/run/docker.sock");
        check("ssh://swarm1/", "ssh://swarm1");
    }

    #[test]
    fn what_is_no_address_is_refused_by_name() {
        refused(
            "/var/run/docker.sock",
            "`/var/run/docker.sock` is not an engine address: write a socket as unix:///var/run/docker.sock",
        );
        refused(
            "run/docker.sock",
            "`run/docker.sock` is not an engine address: it needs a scheme, for example unix:///var/run/docker.sock or ssh://host",
        );
        refused(
            "npipe:////./pipe/docker",
            "`npipe:////./pipe/docker` is not an engine address: `npipe` is not one of unix, tcp, http, https and ssh",
        );
        refused(
            "tcp://host:99999",
            "`tcp://host:99999` is not an engine address: `99999` is not a port",
        );
        refused("ssh://host:0", "`ssh://host:0` is not an engine address: `0` is not a port");
        refused(
            "tcp://::1",
            "`tcp://::1` is not an engine address: write an IPv6 address as [::1]",
        );
        refused(
            "ssh://-oProxyCommand=x",
            "`ssh://-oProxyCommand=x` is not an engine address: ssh would take a name that starts with `-` for an option",
        );
        refused(
            "unix://docker.sock",
            "`unix://docker.sock` is not an engine address: the path must start with `/`: unix:///docker.sock",
        );
    }

    #[test]
    fn a_password_is_refused_and_not_repeated() {
        refused(
            "ssh://ops:hunter2@swarm1",
            "`ssh://ops:…@swarm1` is not an engine address: passwords are not taken from addresses; use a key",
        );
    }

    #[test]
    fn tls_moves_the_default_port() {
        let endpoint = Endpoint::parse("tcp://swarm1", Some(Tls::default())).unwrap();
        assert_eq!(endpoint.to_string(), "tcp://swarm1:2376");
    }
}

//! Error answers of the engine, classified.

use crate::{
    domain::text::elide,
    engine::{EngineError, docker::call::Call},
};
use http::StatusCode;
use serde::Deserialize;

/// How much of an answer that makes no sense is worth showing, in characters.
const EXCERPT: usize = 200;
/// How much of what the engine says, in columns; runtimes quote command lines.
const LONGEST: usize = 4096;

/// Turns an answer that is no success into an error.
///
/// The words are those of moby 20.10 to 28 (`daemon/cluster`); the status alone
/// says little: a stale version is a 500, and so is a registry that refuses. Each has a
/// blank in it, since names have none: a stack may be called `predefined`.
pub fn refusal(status: StatusCode, body: &[u8], address: &str, call: &Call) -> EngineError {
    let why = message(status, body);
    let said = why.to_lowercase();
    let says = |any: &[&str]| any.iter().any(|it| said.contains(it));
    let address = || address.to_owned();
    let what = || call.about.clone();
    if says(&["update out of sequence"]) {
        return EngineError::OutOfSequence { what: what() };
    }
    if says(&["swarm is encrypted and needs to be unlocked"]) {
        return EngineError::Locked { address: address() };
    }
    if says(&["not part of a swarm", "use \"docker swarm init\""]) {
        return EngineError::NotASwarm { address: address() };
    }
    if says(&["worker nodes can't be used"]) {
        return EngineError::NotAManager { address: address(), managers: Vec::new() };
    }
    // A registry that is slow exceeds a deadline as well; then its address stands before.
    let leaderless = says(&["does not have a leader"]) || said == "context deadline exceeded";
    if leaderless && status.is_server_error() && !call.path.starts_with("/distribution/") {
        return EngineError::NoLeader;
    }
    if says(&["http request to an https server"]) {
        return EngineError::Tls { address: address(), why: "it speaks TLS only".to_owned() };
    }
    if says(&["in use by", "is in use", "active endpoints", "on predefined", "is a pre-defined"]) {
        return EngineError::Conflict { what: what(), why };
    }
    if refuses_credentials(status, &said) {
        return EngineError::Unauthorized { what: what(), why };
    }
    if let Some(other) = missing(&why, call) {
        return EngineError::NotFound { what: other };
    }
    match status {
        StatusCode::NOT_FOUND => EngineError::NotFound { what: what() },
        StatusCode::CONFLICT => EngineError::Conflict { what: what(), why },
        StatusCode::BAD_REQUEST
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::NOT_ACCEPTABLE
        | StatusCode::PAYLOAD_TOO_LARGE
        | StatusCode::UNPROCESSABLE_ENTITY => {
            EngineError::Invalid { what: call.doing.clone(), why }
        }
        _ => EngineError::Failed { what: call.doing.clone(), why },
    }
}

/// Returns whether the engine refused the version of the API before it looked
/// at the request (moby's version middleware).
pub fn refuses_version(error: &EngineError) -> bool {
    matches!(error, EngineError::Invalid { why, .. }
        if why.starts_with("client version ") && why.contains("API version"))
}

/// Makes a short text of one line of whatever was answered.
pub fn excerpt(body: &[u8]) -> String {
    let head = body.get(..4 * EXCERPT).unwrap_or(body);
    let text = String::from_utf8_lossy(head);
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line: String = words.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn refuses_credentials(status: StatusCode, said: &str) -> bool {
    let registry = [
        "unauthorized: ",
        "401 unauthorized",
        "no basic auth credentials",
        "authentication required",
        "access to the resource is denied",
        "pull access denied",
        "denied: ",
    ];
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        || registry.iter().any(|it| said.contains(it))
}

/// A write may miss something else than what it is about, a network for
/// instance, and with any status; then the engine names it.
fn missing(why: &str, call: &Call) -> Option<String> {
    let (kind, name) = why.strip_suffix(" not found")?.split_once(' ')?;
    let known = ["config", "network", "node", "secret", "service"].contains(&kind);
    let other = !call.about.starts_with(kind) && !name.contains(' ');
    (known && other).then(|| format!("{kind} {name}"))
}

/// The engine's own words, without the wrapping of its inner protocol.
fn message(status: StatusCode, body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    let said = serde_json::from_slice::<Refusal>(body)
        .map_or_else(|_| excerpt(body), |it| it.message.replace(char::is_control, " "));
    let said = match said.split_once(" desc = ") {
        Some((code, rest)) if code.starts_with("rpc error: code = ") => rest.to_owned(),
        _ => said,
    };
    match said.trim() {
        "" => status.to_string(),
        said => elide::end(said, LONGEST).into_owned(),
    }
}

/// An answer that is not what the API promises.
pub fn garbage(call: &Call, why: &str, body: &[u8]) -> EngineError {
    EngineError::Failed {
        what: call.doing.clone(),
        why: format!("its answer is not valid ({why}): {}", excerpt(body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, expected: &str) {
        let call = Call::post("/services/x/update", "service web").doing("update service web");
        let body = if body.starts_with(['<', '{']) || body.is_empty() {
            body.to_owned()
        } else {
            serde_json::json!({ "message": body }).to_string()
        };
        let status = StatusCode::from_u16(status).unwrap();
        let err = refusal(status, body.as_bytes(), "unix:///x", &call);
        assert_eq!(err.to_string(), expected);
    }

    #[test]
    fn the_state_of_the_swarm_is_read_from_the_words() {
        let outside = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";
        check(503, outside, "unix:///x is not part of a swarm");
        check(503, "This node is not part of a swarm", "unix:///x is not part of a swarm");
        let worker = "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.";
        check(503, worker, "unix:///x is a worker, and only managers know the cluster");
        let leader = "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.";
        let no_leader = "the swarm has no leader: too few of its managers are up";
        check(500, leader, no_leader);
        check(
            500,
            "rpc error: code = DeadlineExceeded desc = context deadline exceeded",
            no_leader,
        );
        let registry = "Get \"https://registry-1.docker.io/v2/\": context deadline exceeded";
        check(500, registry, &format!("the engine failed: update service web: {registry}"));
        let locked = "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it.";
        check(503, locked, "the swarm on unix:///x is locked");
        let getting_up = "This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster.";
        check(503, getting_up, &format!("the engine failed: update service web: {getting_up}"));
    }

    #[test]
    fn a_stale_version_is_told_by_its_words() {
        check(
            500,
            "rpc error: code = Unknown desc = update out of sequence",
            "service web changed since it was read",
        );
    }

    #[test]
    fn a_status_without_known_words_speaks_for_itself() {
        check(404, "service x not found", "service web not found");
        check(
            409,
            "name conflicts with an existing object",
            "service web: name conflicts with an existing object",
        );
        check(
            400,
            "name must be valid",
            "the engine refuses update service web: name must be valid",
        );
        check(500, "boom", "the engine failed: update service web: boom");
        check(401, "who?", "service web: access denied: who?");
        check(
            403,
            "authorization denied by plugin x",
            "service web: access denied: authorization denied by plugin x",
        );
        check(502, "", "the engine failed: update service web: 502 Bad Gateway");
        check(301, "", "the engine failed: update service web: 301 Moved Permanently");
    }

    #[test]
    fn what_is_in_use_is_a_conflict() {
        check(
            400,
            "rpc error: code = InvalidArgument desc = secret 'x' is in use by the following service: y",
            "service web: secret 'x' is in use by the following service: y",
        );
        check(403, "network x has active endpoints", "service web: network x has active endpoints");
    }

    #[test]
    fn a_name_is_no_reason() {
        let call = Call::get("/configs/x", "config x");
        for name in ["predefined", "pre-defined", "unauthorized", "denied"] {
            let body = format!("{{\"message\":\"config {name} not found\"}}");
            let err = refusal(StatusCode::NOT_FOUND, body.as_bytes(), "unix:///x", &call);
            assert!(matches!(err, EngineError::NotFound { .. }), "{err}");
        }
    }

    #[test]
    fn a_registry_that_refuses_is_told_apart() {
        for why in [
            "errors: denied: requested access to the resource is denied unauthorized: authentication required",
            "Head \"https://r/v2/a/manifests/1\": no basic auth credentials",
        ] {
            check(500, why, &format!("service web: access denied: {why}"));
        }
        check(
            500,
            "mkdir /x: permission denied",
            "the engine failed: update service web: mkdir /x: permission denied",
        );
    }

    #[test]
    fn pages_of_proxies_are_cut_to_a_line() {
        let page = format!("<html>\n  <body>\x1b[31mBad {}</body>", "x".repeat(500));
        let expected = format!(
            "the engine failed: update service web: <html> <body> [31mBad {}…",
            "x".repeat(178)
        );
        check(502, &page, &expected);
    }

    #[test]
    fn a_write_names_what_it_misses() {
        check(404, "network front not found", "network front not found");
        check(500, "network front not found", "network front not found");
        check(404, "service x1 not found", "service web not found");
        check(404, "page not found", "service web not found");
        let why = "plugin x not found";
        check(500, why, &format!("the engine failed: update service web: {why}"));
    }

    #[test]
    fn a_speaker_of_plain_http_is_told_about_tls() {
        check(
            400,
            "<Client sent an HTTP request to an HTTPS server.",
            "unix:///x refused the TLS connection: it speaks TLS only",
        );
    }
}

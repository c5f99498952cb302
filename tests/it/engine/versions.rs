//! Which version of the API is spoken, and when it is asked for again.

use crate::engine::stand_in::{Asked, PATIENT, Reply, StandIn, ok};
use skep::engine::ReadEngine;
use std::sync::atomic::{AtomicBool, Ordering};

fn speaking(api: &'static [(&'static str, &'static str)], minimum: &'static str) -> StandIn {
    StandIn::answering(move |asked| match asked.line.as_str() {
        "GET /_ping" => Reply::Says(200, api, "OK".to_owned()),
        "GET /version" => {
            ok(format!(r#"{{"Version":"99.1","ApiVersion":"1.99","MinAPIVersion":"{minimum}"}}"#))
        }
        _ => ok("[]"),
    })
}

async fn check(
    api: &'static [(&'static str, &'static str)],
    minimum: &'static str,
    expected: &str,
) {
    let engine = speaking(api, minimum);
    let shown = match engine.engine(PATIENT).nodes().await {
        Ok(_) => engine.last().line,
        Err(err) => err.to_string(),
    };
    assert_eq!(shown, expected, "{api:?}");
}

#[tokio::test]
async fn the_older_side_decides_within_limits() {
    check(&[("Api-Version", "1.41")], "", "GET /v1.41/nodes").await;
    check(&[("Api-Version", "1.51")], "", "GET /v1.51/nodes").await;
    check(&[("Api-Version", "1.99")], "1.44", "GET /v1.53/nodes").await;
    check(
        &[("Api-Version", "1.99")],
        "1.60",
        "engine 99.1 requires API 1.60 or newer, skep supports up to 1.53",
    )
    .await;
    check(
        &[("Api-Version", "1.40"), ("Server", "Docker/19.03.15 (linux)")],
        "",
        "engine 19.03.15 has API 1.40, skep needs 1.41 (engine 20.10) or newer",
    )
    .await;
    check(
        &[],
        "",
        "the engine failed: GET /_ping: its answer is not valid (it sent no Api-Version: is this a docker engine?): OK",
    )
    .await;
}

/// An engine that is 1.53 until it is replaced by one of 1.41.
fn replaced(asked: &Asked, old: bool) -> Reply {
    const NEW: &[(&str, &str)] = &[("Api-Version", "1.53")];
    const OLD: &[(&str, &str)] = &[("Api-Version", "1.41")];
    match asked.line.as_str() {
        "GET /_ping" => Reply::Says(200, if old { OLD } else { NEW }, "OK".to_owned()),
        line if old && line.contains("v1.53") => Reply::Says(
            400,
            &[],
            r#"{"message":"client version 1.53 is too new. Maximum supported API version is 1.41"}"#
                .to_owned(),
        ),
        _ => ok("[]"),
    }
}

#[tokio::test]
async fn an_engine_replaced_by_an_older_one_is_asked_again() {
    static OLD: AtomicBool = AtomicBool::new(false);
    let engine = StandIn::answering(|asked| replaced(asked, OLD.load(Ordering::SeqCst)));
    let gateway = engine.engine(PATIENT);
    gateway.nodes().await.unwrap();
    gateway.nodes().await.unwrap();
    OLD.store(true, Ordering::SeqCst);
    gateway.nodes().await.unwrap();
    assert_eq!(
        engine.lines(),
        [
            "GET /_ping",
            "GET /v1.53/nodes",
            "GET /v1.53/nodes",
            "GET /v1.53/nodes",
            "GET /_ping",
            "GET /v1.41/nodes",
        ]
    );
}

#[tokio::test]
async fn after_a_broken_connection_the_version_is_asked_for_again() {
    static BROKEN: AtomicBool = AtomicBool::new(false);
    let engine = StandIn::answering(|asked| {
        if BROKEN.swap(false, Ordering::SeqCst) {
            return Reply::Closes(String::new());
        }
        replaced(asked, false)
    });
    let gateway = engine.engine(PATIENT);
    gateway.nodes().await.unwrap();
    BROKEN.store(true, Ordering::SeqCst);
    // The look is repeated, and the engine may be another one by then.
    gateway.nodes().await.unwrap();
    let pings = engine.lines().iter().filter(|it| *it == "GET /_ping").count();
    assert_eq!(pings, 2);
}

use super::*;
use crate::domain::swarm::names::STACK_LABEL;
use crate::domain::{
    deployment::{
        audit::Operator,
        lease::Lease,
        release::{Order, ReleaseState, SecretReference},
    },
    swarm::change::Change,
};
use serde_json::json;
use std::collections::BTreeMap;

const OLD: &str = "2026-11-20T12:00:00Z";
const NOW: &str = "2026-11-21T12:00:00Z";

fn labels(stack: Option<&str>) -> Value {
    stack.map_or(json!({}), |it| json!({ STACK_LABEL: it }))
}

fn file(name: &str, stack: Option<&str>) -> Value {
    json!({ "ID": format!("id-{name}"), "CreatedAt": OLD, "UpdatedAt": OLD,
        "Version": { "Index": 1 }, "Spec": { "Name": name, "Labels": labels(stack) } })
}

fn network(name: &str, stack: Option<&str>) -> Value {
    json!({ "Id": format!("id-{name}"), "Name": name, "Created": OLD, "Scope": "swarm",
        "Labels": labels(stack) })
}

fn service(spec: &Value, previous: &Value) -> Value {
    json!({ "ID": "s1", "Spec": { "TaskTemplate": spec }, "PreviousSpec": { "TaskTemplate": previous } })
}

fn uses(secret: &str, config: &str, network: &str) -> Value {
    json!({ "Networks": [{ "Target": network }], "ContainerSpec": {
        "Secrets": [{ "SecretID": secret }], "Configs": [{ "ConfigID": config }] } })
}

fn release(stack: &str, revision: u32, state: ReleaseState, needs: &[&str]) -> (Release, Needs) {
    let key = ReleaseKey { cluster: "c1".to_owned(), stack: stack.parse().unwrap(), revision };
    let who = Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() };
    let order = Order {
        who,
        context: None,
        address: "demo".to_owned(),
        message: String::new(),
        queued: Timestamp::UNIX_EPOCH,
    };
    let secret = |it: &&str| {
        ((*it).to_owned(), SecretReference { id: String::new(), labels: BTreeMap::new() })
    };
    let mut snapshot = Snapshot::default();
    snapshot.specs.secrets = needs.iter().map(secret).collect();
    (Release { state, ..Release::queued(key, order) }, Needs::of(&snapshot))
}

fn lease(stack: &str, updated: &str) -> Value {
    let stack: StackName = stack.parse().unwrap();
    let lease = Lease {
        holder: "ann".to_owned(),
        token: "t".to_owned(),
        purpose: "deploy".to_owned(),
        since: OLD.parse().unwrap(),
    };
    let Change::CreateConfig { name, body } = lease.creation(&stack, OLD.parse().unwrap()) else {
        unreachable!()
    };
    json!({ "ID": name, "CreatedAt": OLD, "UpdatedAt": updated, "Version": { "Index": 1 }, "Spec": body })
}

#[track_caller]
fn check(stock: &Stock, bounds: Bounds, expected: &[&str]) {
    let found: Vec<String> =
        waste(stock, bounds, NOW.parse().unwrap()).iter().map(ToString::to_string).collect();
    assert_eq!(found, expected);
}

const USUAL: Bounds = Bounds { keep: 10, all: false };

#[test]
fn what_a_service_uses_or_used_before_its_last_update_stays() {
    let stock = Stock {
        services: vec![service(
            &uses("id-new", "id-c1", "id-front"),
            &uses("id-old", "", "id-back"),
        )],
        networks: ["front", "back", "lost"].map(|it| network(it, Some("shop"))).into(),
        secrets: ["new", "old", "lost"].map(|it| file(it, Some("shop"))).into(),
        configs: ["c1", "c2"].map(|it| file(it, Some("shop"))).into(),
        ..Stock::default()
    };
    check(&stock, USUAL, &["network lost", "config c2", "secret lost"]);
}

#[test]
fn what_was_made_by_hand_goes_only_where_all_is_asked_for_and_networks_never() {
    let stock = Stock {
        networks: vec![network("by-hand", None)],
        secrets: vec![file("by-hand", None), file("of-stack", Some("shop"))],
        ..Stock::default()
    };
    check(&stock, USUAL, &["secret of-stack"]);
    check(&stock, Bounds { all: true, ..USUAL }, &["secret by-hand", "secret of-stack"]);
}

#[test]
fn networks_of_nodes_and_the_ingress_network_are_nobodys_waste() {
    let networks = ["a", "b", "c"].map(|it| network(it, Some("shop"))).into();
    let mut stock = Stock { networks, ..Stock::default() };
    stock.networks[0]["Scope"] = json!("local");
    stock.networks[1]["Ingress"] = json!(true);
    check(&stock, USUAL, &["network c"]);
}

#[test]
fn what_is_new_may_be_on_its_way() {
    let mut stock = Stock { secrets: vec![file("key", Some("shop"))], ..Stock::default() };
    for (created, goes) in [
        ("2026-11-21T11:58:59Z", true),
        ("2026-11-21T11:59:01Z", false),
        // Clocks differ.
        ("2026-11-21T12:05:00Z", false),
        ("yesterday", false),
    ] {
        stock.secrets[0]["CreatedAt"] = json!(created);
        check(&stock, USUAL, if goes { &["secret key"] } else { &[] });
    }
}

#[test]
fn what_a_kept_release_needs_stays_and_older_releases_go_with_what_only_they_need() {
    use ReleaseState::{Failed, Healthy, RolledBack};
    let stock = Stock {
        secrets: ["one", "two", "three"].map(|it| file(it, Some("shop"))).into(),
        releases: vec![
            release("shop", 5, RolledBack, &[]),
            release("shop", 4, Healthy, &["three"]),
            release("shop", 3, Healthy, &["two"]),
            release("shop", 2, Failed, &[]),
            release("shop", 1, Healthy, &["one"]),
            release("web", 1, Failed, &[]),
        ],
        ..Stock::default()
    };
    check(&stock, USUAL, &[]);
    let keep = |keep| Bounds { keep, ..USUAL };
    check(&stock, keep(2), &["release 2 of shop", "release 1 of shop", "secret one"]);
    let most = ["release 3 of shop", "release 2 of shop", "release 1 of shop"];
    // The newest healthy one stays whatever is asked for.
    check(&stock, keep(0), &[&most[..], &["secret one", "secret two"]].concat());
}

#[test]
fn a_stack_that_somebody_changes_or_left_half_changed_is_left_alone() {
    let secrets = || vec![file("a", Some("shop")), file("b", Some("web"))];
    let open = vec![release("shop", 1, ReleaseState::Deploying, &[])];
    let stock = Stock { secrets: secrets(), releases: open, ..Stock::default() };
    check(&stock, Bounds { keep: 0, all: true }, &["secret b"]);
    let alive = lease("shop", "2026-11-21T11:59:50Z");
    let stock = Stock { secrets: secrets(), configs: vec![alive], ..Stock::default() };
    check(&stock, Bounds { keep: 0, all: true }, &["secret b"]);
}

#[test]
fn a_lease_goes_once_it_has_expired() {
    let stock = Stock { configs: vec![lease("shop", OLD)], ..Stock::default() };
    check(&stock, USUAL, &["lease skep-lease-shop"]);
    let alive = lease("shop", "2026-11-21T11:59:50Z");
    check(&Stock { configs: vec![alive], ..Stock::default() }, USUAL, &[]);
    // It has the name of one, and is none: somebody made it by hand.
    let by_hand = Stock { configs: vec![file("skep-lease-shop", None)], ..Stock::default() };
    check(&by_hand, Bounds { all: true, ..USUAL }, &[]);
}

#[test]
fn all_that_can_go_is_counted_by_kind() {
    let stock = Stock {
        secrets: ["a", "b"].map(|it| file(it, Some("shop"))).into(),
        configs: vec![lease("web", OLD)],
        ..Stock::default()
    };
    let all = waste(&stock, USUAL, NOW.parse().unwrap());
    assert_eq!(counted(&all.iter().collect::<Vec<_>>()), "2 secrets, 1 lease");
}

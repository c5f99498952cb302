//! One file a case, in `tests/fixtures/compose`.
//!
//! `x.yaml` and `x.2.yaml` are deployed together. A first line of
//! `# skep refuses: why` marks what docker takes and skep does not.

use crate::compose::{
    oracle::Oracle,
    ours::{self, Outcome},
};
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::PathBuf};

#[test]
fn every_case_is_sent_as_docker_sends_it() {
    let Some(oracle) = Oracle::find() else { return };
    let only = std::env::var("SKEP_CASE").unwrap_or_default();
    let cases = cases();
    let mut failed = Vec::new();
    for (name, files) in cases.iter().filter(|it| it.0.contains(&only)) {
        let theirs = canonical(oracle.deploy(&folder(), files, &environment()));
        let ours = canonical(ours::deploy(&folder(), files, &environment()));
        let first = fs::read_to_string(folder().join(&files[0])).unwrap_or_default();
        let deviates = first.starts_with("# skep refuses:");
        let same = match (&ours, &theirs) {
            (Outcome::Refused(_), Outcome::Refused(_)) => !deviates,
            (Outcome::Refused(_), Outcome::Sent(_)) => deviates,
            _ => ours == theirs && !deviates,
        };
        if !same || !only.is_empty() {
            println!("--- {name}: {}", if same { "same" } else { "DIFFERENT" });
            explain(&ours, &theirs);
        }
        if !same {
            failed.push(name);
        }
    }
    println!("{} cases", cases.len());
    assert!(failed.is_empty(), "{} of {} differ: {failed:?}", failed.len(), cases.len());
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/compose")
}

/// What the client's environment is in all cases.
pub fn environment() -> BTreeMap<String, String> {
    let pairs = [
        ("HOME", "/home/me"),
        ("V", "val"),
        ("W", "other"),
        ("E", ""),
        ("N", "5"),
        ("M", "0440"),
        ("T", "yes"),
        ("F", "0.5"),
        ("a", "lower"),
    ];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn cases() -> BTreeMap<String, Vec<String>> {
    let mut cases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        if let Some(name) = file.strip_suffix(".yaml") {
            let case = name.split('.').next().unwrap().to_owned();
            cases.entry(case).or_default().push(file);
        }
    }
    // `x.yaml` sorts behind `x.2.yaml`, but comes first.
    cases.values_mut().for_each(|it| it.sort_by_key(|it| (it.len(), it.clone())));
    cases
}

/// Puts lists in order whose order docker leaves to chance.
fn canonical(outcome: Outcome) -> Outcome {
    let Outcome::Sent(mut bodies) = outcome else { return outcome };
    for (name, body) in &mut bodies {
        clean(body, name.starts_with("networks"));
        let container = &mut body["TaskTemplate"]["ContainerSpec"];
        for (list, name) in [("Secrets", "SecretName"), ("Configs", "ConfigName")] {
            if let Some(items) = container.get_mut(list).and_then(Value::as_array_mut) {
                items.sort_by_key(|it| (it[name].to_string(), it["File"]["Name"].to_string()));
            }
        }
        if let Some(ports) = body.pointer_mut("/EndpointSpec/Ports").and_then(Value::as_array_mut)
            && ports.len() > 12
        {
            ports.sort_by_key(ToString::to_string);
        }
    }
    Outcome::Sent(bodies)
}

/// Drops what an engine cannot tell from nothing: null, and in networks and
/// privileges also false and the empty text.
fn clean(value: &mut Value, all: bool) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, it| !(it.is_null() || all && (*it == Value::Bool(false) || *it == "")));
            for (key, field) in fields {
                clean(field, all || key == "Privileges");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|it| clean(it, all)),
        _ => {}
    }
}

fn explain(ours: &Outcome, theirs: &Outcome) {
    match (ours, theirs) {
        (Outcome::Sent(ours), Outcome::Sent(theirs)) => {
            let names: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
            for name in names {
                let nothing = Value::Null;
                let (ours, theirs) = (ours.get(name).unwrap_or(&nothing), theirs.get(name).unwrap_or(&nothing));
                differences(name, ours, theirs);
            }
        }
        (Outcome::Refused(ours), Outcome::Refused(theirs)) => {
            println!("  both refuse\n    ours:   {ours:?}\n    docker: {theirs:?}");
        }
        (Outcome::Refused(ours), _) => println!("  only skep refuses: {ours:?}"),
        (_, Outcome::Refused(theirs)) => println!("  only docker refuses: {theirs:?}"),
    }
}

/// Prints every path at which two values differ.
fn differences(path: &str, ours: &Value, theirs: &Value) {
    match (ours, theirs) {
        _ if ours == theirs => {}
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let show = |it: Option<&Value>| it.cloned().unwrap_or(Value::String("(absent)".to_owned()));
                differences(&format!("{path}.{key}"), &show(a.get(key)), &show(b.get(key)));
            }
        }
        _ => println!("  {path}\n    ours:   {ours}\n    docker: {theirs}"),
    }
}

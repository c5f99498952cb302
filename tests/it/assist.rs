//! What an editor knows about texts, held against what the reader makes of the same
//! texts.

use crate::checks::examine;
use skep::domain::compose::{
    Severity,
    assist::{ClusterNames, Offer, complete, hover, path_at, sections},
    finding::Findings,
    yaml::{self, YamlNode},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

/// Returns the stack files of all fixtures, by name.
fn texts() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let files =
        ["check", "compose"].into_iter().flat_map(|it| fs::read_dir(folder.join(it)).unwrap());
    let paths = files.map(|it| it.unwrap().path());
    let mut texts: Vec<(String, String)> = paths
        .filter(|it| it.extension().is_some_and(|it| it == "yaml"))
        .filter_map(|it| Some((it.display().to_string(), fs::read_to_string(&it).ok()?)))
        .collect();
    texts.sort();
    texts
}

/// Collects where each key stands, and the paths that lead there: several where
/// others repeat it by an alias.
fn keys(node: &YamlNode, path: &mut Vec<String>, found: &mut BTreeMap<usize, BTreeSet<String>>) {
    for entry in node.entries() {
        path.push(entry.key.to_string());
        found.entry(entry.key.place.start).or_default().insert(path.join("/"));
        keys(&entry.value, path, found);
        path.pop();
    }
    for (index, item) in node.items().iter().enumerate() {
        path.push(index.to_string());
        keys(item, path, found);
        path.pop();
    }
}

#[test]
fn paths_are_those_of_the_reader() {
    let mut checked = 0;
    // Nobody types `? key` or `~:` in an editor.
    let odd = |text: &str| text.contains("? ") || text.contains("~:");
    for (name, text) in texts().into_iter().filter(|it| !odd(&it.1)) {
        let Some(root) = yaml::parse(0, text.as_bytes(), &mut Findings::default()) else {
            continue;
        };
        let mut found = BTreeMap::new();
        keys(&root, &mut Vec::new(), &mut found);
        for (at, paths) in found {
            let path = path_at(&text, at).join("/");
            let merged = path.contains("<<");
            assert!(merged || paths.contains(&path), "{name}: {path} is not among {paths:?}");
            checked += 1;
        }
    }
    assert!(checked > 2000, "only {checked} keys");
}

#[test]
fn any_place_of_any_text_can_be_asked() {
    for (name, text) in texts().into_iter().filter(|it| it.1.len() < 3000) {
        let places = (0..=text.len()).filter(|it| text.is_char_boundary(*it)).step_by(7);
        for at in places {
            for text in [&text, &text[..at]] {
                hover(text, at);
                for offer in complete(text, at, &ClusterNames::default()) {
                    let mut new = text.to_owned();
                    new.replace_range(offer.replaces, &offer.text);
                    assert!(new.is_char_boundary(offer.cursor), "{name} at {at}: {}", offer.label);
                }
            }
        }
    }
}

#[test]
fn sections_lie_in_each_other() {
    for (name, text) in texts() {
        let sections = sections(&text);
        for (index, inner) in sections.iter().enumerate() {
            let outer = sections[..index]
                .iter()
                .rev()
                .find(|it| inner.path.starts_with(&it.path[..]) && it.depth < inner.depth);
            if let Some(outer) = outer {
                assert!(outer.line <= inner.line && inner.last <= outer.last, "{name}: {inner:?}");
            }
        }
    }
}

fn taken(text: &str, offer: &Offer) -> String {
    let mut new = text.to_owned();
    new.replace_range(offer.replaces.clone(), &offer.text);
    new
}

#[test]
fn a_key_that_is_taken_is_where_it_was_offered() {
    let mut checked = 0;
    // A third of them is enough, and each place takes its time.
    for (name, text) in texts().into_iter().filter(|it| it.1.len() < 3000).step_by(3) {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for number in 0..lines.len() {
            let indent = lines[number].len() - lines[number].trim_start_matches(' ').len();
            let before: String = lines[..number].concat();
            let at = before.len() + indent;
            let typed = format!("{before}{}\n{}", " ".repeat(indent), lines[number..].concat());
            let holder = path_at(&typed, at);
            for offer in complete(&typed, at, &ClusterNames::default()) {
                let Some(key) = offer.text.trim_start().strip_prefix(&offer.label) else {
                    continue;
                };
                if !key.starts_with(':') {
                    continue;
                }
                let new = taken(&typed, &offer);
                let start = offer.replaces.start + offer.text.find(&offer.label).unwrap();
                let path = path_at(&new, start);
                let expected: Vec<&String> = holder.iter().chain([&offer.label]).collect();
                assert!(path.iter().eq(expected), "{name}:{number}: {path:?}\n{new}");
                assert!(
                    hover(&new, start).is_some() || offer.detail.starts_with("used by"),
                    "{name}: {}",
                    offer.label
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 8_000, "only {checked} keys");
}

/// Takes each offer at `|` in a service; none may be refused.
fn accepted(line: &str, at_least: usize) {
    let file = |line: &str| format!("services:\n  a:\n    image: x:1\n    {line}\n");
    let marked = file(line);
    let at = marked.find('|').unwrap();
    let text = marked.replace('|', "");
    let offers = complete(&text, at, &ClusterNames::default());
    assert!(offers.len() >= at_least, "{line}: {offers:?}");
    for offer in offers {
        let new = taken(&text, &offer);
        let (_, loaded) = examine(&[("a.yaml".to_owned(), new.clone())], &BTreeMap::new(), None);
        let refused = loaded.findings.iter().find(|it| {
            // Nodes of Windows take words that those of Linux do not, and the name of a
            // driver is the first half of what it wants.
            let of_windows = it.code.name == "windows-only";
            let half = it.code.name == "healthcheck-empty"
                || (it.code.name == "log-option" && it.message.contains(" requires the option "));
            it.severity() == Severity::Error && !of_windows && !half
                || ["port-word", "unknown-word"].contains(&it.code.name)
        });
        assert_eq!(refused, None, "{new}");
    }
}

#[test]
fn each_word_that_is_offered_is_taken() {
    accepted("deploy: { mode: | }", 4);
    accepted("deploy: { endpoint_mode: | }", 2);
    accepted("deploy: { update_config: { order: | } }", 2);
    accepted("deploy: { update_config: { failure_action: | } }", 3);
    accepted("deploy: { rollback_config: { failure_action: | } }", 2);
    accepted("deploy: { restart_policy: { condition: | } }", 3);
    accepted("ports: [{ target: 80, protocol: | }]", 3);
    accepted("ports: [{ target: 80, mode: | }]", 2);
    accepted("volumes: [{ type: bind, source: /a, target: /b, bind: { propagation: | } }]", 6);
    accepted("restart: |", 3);
    accepted("isolation: |", 3);
    accepted("stop_signal: |", 6);
    accepted("cap_add: [|]", 10);
    accepted("logging: { driver: | }", 10);
    accepted("healthcheck: { test: [|] }", 3);
    accepted("init: |", 2);
    accepted("healthcheck: { disable: | }", 2);
}

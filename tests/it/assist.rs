//! What an editor knows about texts, held against what the reader makes of the same
//! texts.

use skep::domain::compose::{
    assist::{Known, complete, hover, path_at, sections},
    finding::Findings,
    yaml::{self, Node},
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
fn keys(node: &Node, path: &mut Vec<String>, found: &mut BTreeMap<usize, BTreeSet<String>>) {
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
        let places = (0..=text.len()).filter(|it| text.is_char_boundary(*it)).step_by(3);
        for at in places {
            for text in [&text, &text[..at]] {
                hover(text, at);
                for offer in complete(text, at, &Known::default()) {
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

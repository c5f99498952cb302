//! The notices of what is linked into skep are those of the dependencies it has.

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write,
    fs,
    path::Path,
    process::Command,
};

/// What is built and shipped.
const TARGET: &str = "x86_64-unknown-linux-gnu";
const FILE: &str = "THIRD-PARTY.md";
const HEAD: &str = "\
# What others wrote of skep

The program is linked with these crates, each under its own licence; where there is a
choice, skep takes the first that is MIT, else the first. Their source is at
<https://crates.io>. Made by `UPDATE_NOTICES=1 cargo test --test it notices`.
";

#[test]
fn notices_are_those_of_what_is_linked() {
    let made = notices();
    if env::var_os("UPDATE_NOTICES").is_some() {
        fs::write(FILE, &made).unwrap();
    }
    let kept = fs::read_to_string(FILE).unwrap_or_default();
    let missing = made.lines().find(|it| !kept.contains(it));
    let why = "the dependencies are others: `UPDATE_NOTICES=1 cargo test --test it notices`";
    assert!(kept == made, "{FILE}: {why}; first line that is new: {missing:?}");
}

fn notices() -> String {
    let metadata = metadata();
    let linked = linked(&metadata);
    let mut list = String::new();
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let packages = metadata["packages"].as_array().unwrap();
    let mut packages: Vec<&Value> =
        packages.iter().filter(|it| linked.contains(it["id"].as_str().unwrap())).collect();
    packages.sort_by_key(|it| (it["name"].to_string(), it["version"].to_string()));
    for package in packages {
        let text = |key: &str| package[key].as_str().unwrap_or_default();
        let name = format!("{} {}", text("name"), text("version"));
        writeln!(list, "| {name} | {} | {} |", text("license"), text("repository")).unwrap();
        let folder = Path::new(text("manifest_path")).parent().unwrap();
        for licence in licences(folder, text("license")) {
            texts.entry(licence).or_default().push(name.clone());
        }
    }
    let mut made = format!("{HEAD}\n| crate | licence | source |\n|---|---|---|\n{list}");
    let mut texts: Vec<_> = texts.into_iter().collect();
    texts.sort_by(|a, b| (b.1.len(), &a.1).cmp(&(a.1.len(), &b.1)));
    for (text, of) in texts {
        write!(made, "\n## {}\n\n```text\n{text}\n```\n", of.join(", ")).unwrap();
    }
    made
}

fn metadata() -> Value {
    let arguments =
        ["metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", TARGET];
    let output = Command::new(env!("CARGO")).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns the ids of what the program is linked with, without what only builds or tests it.
fn linked(metadata: &Value) -> BTreeSet<String> {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let nodes: BTreeMap<&str, &Value> =
        nodes.iter().map(|it| (it["id"].as_str().unwrap(), it)).collect();
    let macros: BTreeSet<&str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["targets"].to_string().contains("\"proc-macro\""))
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    let root = metadata["resolve"]["root"].as_str().unwrap();
    let (mut found, mut next) = (BTreeSet::new(), vec![root]);
    while let Some(id) = next.pop() {
        for of in nodes[id]["deps"].as_array().unwrap() {
            let normal = of["dep_kinds"].as_array().unwrap().iter().any(|it| it["kind"].is_null());
            let id = of["pkg"].as_str().unwrap();
            if normal && !macros.contains(id) && found.insert(id.to_owned()) {
                next.push(id);
            }
        }
    }
    found
}

/// Returns the texts that must go along: the one for MIT where that is a choice.
fn licences(folder: &Path, expression: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|it| {
            let upper = it.to_uppercase();
            ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE"]
                .iter()
                .any(|word| upper.starts_with(word))
                && folder.join(it).is_file()
        })
        .collect();
    names.sort();
    let choice = expression.contains("OR") || expression.contains('/');
    let mit = |it: &&String| it.to_uppercase().contains("MIT");
    if choice && names.iter().any(|it| mit(&it)) {
        names.retain(|it| mit(&it) || it.to_uppercase().starts_with("NOTICE"));
    }
    let text = |it: &String| {
        let text = String::from_utf8_lossy(&fs::read(folder.join(it)).unwrap()).into_owned();
        let lines = text.lines().map(str::trim_end).collect::<Vec<_>>();
        lines.join("\n").trim_matches('\n').replace("```", "'''")
    };
    names.iter().map(text).collect()
}

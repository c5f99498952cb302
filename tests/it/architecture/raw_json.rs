//! Objects of the engine have faces: who wants a field of one asks `domain::swarm::objects` for it,
//! and nobody else knows how the engine spells it.

use crate::architecture::{code_lines, product_code};
use regex::Regex;
use std::{collections::BTreeMap, fs, iter, path::Path, sync::LazyLock};

/// Who reads members of raw JSON by the engine's names, how often, and why. The figures only go
/// down: who needs another field gives it a face. Who changes JSON, or makes it, names members as
/// it likes.
const READERS: &[(&str, usize, &str)] = &[
    ("src/domain/swarm/objects/", usize::MAX, "these are the faces"),
    ("src/domain/swarm/spec.rs", 3, "bodies are made in it, of specs as they are"),
    ("src/domain/deployment/plan/canonical.rs", 2, "it changes specs, so as to compare them"),
    ("src/domain/compose/convert/", 1, "it makes bodies"),
    ("src/engine/docker/decode/", 1, "it takes the answers of engines apart"),
    ("src/engine/fake/writing/", 10, "the fake changes what it is sent into what it keeps"),
];

#[test]
fn objects_of_the_engine_are_read_through_their_faces() {
    let found = product_code().flat_map(|file| by_name(&file)).collect::<Vec<_>>();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for place in &found {
        let reader = READERS.iter().find(|it| place.starts_with(it.0));
        let Some((reader, ..)) = reader else { panic!("this wants a face: {place}") };
        *counts.entry(reader).or_default() += 1;
    }
    for (reader, figure, _) in READERS.iter().filter(|it| it.1 < usize::MAX) {
        let count = counts.get(reader).copied().unwrap_or_default();
        let places: Vec<_> = found.iter().filter(|it| it.starts_with(reader)).collect();
        assert_eq!(
            count, *figure,
            "{reader}: give fields a face, or lower the figure: {places:#?}"
        );
    }
}

#[test]
fn every_way_to_a_member_by_its_name_is_seen() {
    assert_eq!(reads(r#"raw["Spec"]["Name"].as_str().or(list()["Name"].as_str())"#), 3);
    assert_eq!(reads(r#"it.get("Spec").and_then(|it| it.pointer("/Mode/Global"))"#), 2);
    assert_eq!(reads(r#"["Spec", "Name"].map(|it| labels["com.docker"].get("x"))"#), 0);
    assert_eq!(
        reads(r#"status["State"] = json!(1); spec["Mode"]["Global"] = it["Spec"].clone()"#),
        1
    );
    assert_eq!(reads(r#"told["Spec"]["Name"] == "x" && spec["Mode"] =="#), 3);
}

/// Counts members that a line reads by names as the engine spells them: with a capital letter
/// first. Variables of an environment have them all over.
fn reads(line: &str) -> usize {
    static WRITES: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(\[[^\[\]]+\])+ =( |$)").unwrap());
    static READS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"[\w)\]](\["[A-Z]\w*"\])+|\.get\("[A-Z][a-z]|\.pointer\("/[A-Z]"#).unwrap()
    });
    let line = WRITES.replace_all(line, " =");
    READS.find_iter(&line).map(|it| it.as_str().matches("[\"").count().max(1)).sum()
}

/// Lists where a file does so, once for each member.
fn by_name(file: &Path) -> Vec<String> {
    if file.iter().any(|part| part == "tests") {
        return Vec::new();
    }
    let text = fs::read_to_string(file).unwrap();
    let product = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let places = code_lines(product).flat_map(|(number, line)| {
        iter::repeat_n(format!("{}:{number}: {line}", file.display()), reads(&line))
    });
    places.collect()
}

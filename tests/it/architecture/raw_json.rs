//! Objects of the engine have faces: who wants a field of one asks `domain::swarm::objects` for it,
//! and nobody else knows how the engine spells it.

use crate::architecture::{code_lines, product_code};
use regex::Regex;
use std::{collections::BTreeSet, fs};

/// Who reads fields of raw JSON by their names, and why.
const READERS: &[(&str, &str)] = &[
    ("src/domain/swarm/objects/", "these are the faces"),
    ("src/domain/describe/", "pages list nearly every field, each under a word of its own"),
    ("src/engine/docker/decode/", "it takes the answers of engines apart"),
    ("src/engine/fake/writing/", "the fake checks what it is sent, and makes objects of it"),
    ("src/engine/fake/telling/answer.rs", "the fake makes what an engine would answer"),
    ("src/engine/fake/demo/", "the demo makes objects"),
    ("src/engine/fake/script.rs", "scripts change nodes of the fake"),
];

#[test]
fn objects_of_the_engine_are_read_through_their_faces() {
    let index = Regex::new(r#"[\w)\]]\["[A-Z]\w*"\]"#).unwrap();
    let mut met = BTreeSet::new();
    for file in product_code().filter(|it| it.iter().all(|part| part != "tests")) {
        let text = fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let file = file.display().to_string();
        for (number, line) in code_lines(product).filter(|it| index.is_match(&it.1)) {
            let reader = READERS.iter().find(|it| file.starts_with(it.0));
            assert!(reader.is_some(), "{file}:{number}: {line}");
            met.extend(reader.map(|it| it.0));
        }
    }
    for (reader, _) in READERS {
        assert!(met.contains(reader), "{reader} reads no raw JSON any more: take it off the list");
    }
}

//! One idea, one name; one name, one idea.

use crate::architecture::{code_lines, files_below};
use regex::Regex;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A command may be called like what it lists, and two grammars may both have a `Value`;
/// a third type of that name makes a reader look up which one is meant.
const MOST: usize = 2;

#[test]
fn no_name_is_given_to_more_than_two_public_types() {
    let declared =
        Regex::new(r"^\s*pub(?:\([^)]*\))? (?:struct|enum|trait|type|union) (\w+)").unwrap();
    let mut named: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    for file in files_below(Path::new("src")) {
        for (_, line) in code_lines(&fs::read_to_string(&file).unwrap()) {
            if let Some(found) = declared.captures(&line) {
                named.entry(found[1].to_owned()).or_default().push(file.clone());
            }
        }
    }
    assert!(named.len() > 500, "only {} types were found", named.len());
    named.retain(|_, files| files.len() > MOST);
    assert_eq!(named, BTreeMap::new(), "too many types of one name");
}

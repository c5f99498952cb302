//! Capabilities, in the form that engines want.

use crate::domain::compose::model::Text;
use std::collections::BTreeSet;

/// Returns what is added and what is dropped, sorted.
///
/// `ALL` swallows the rest of its list; what is added is not dropped; `RESET`
/// stands for nothing.
pub fn effective(add: &[Text], drop: &[Text]) -> (Vec<String>, Vec<String>) {
    let add = normal(add);
    let mut drop = normal(drop);
    drop.retain(|it| !add.contains(it));
    let without_reset =
        |set: BTreeSet<String>| set.into_iter().filter(|it| it != "RESET").collect();
    (without_reset(add), without_reset(drop))
}

fn normal(names: &[Text]) -> BTreeSet<String> {
    let names: BTreeSet<String> = names.iter().map(|it| name(it)).collect();
    if names.contains("ALL") { BTreeSet::from(["ALL".to_owned()]) } else { names }
}

fn name(text: &str) -> String {
    let name = text.trim().to_uppercase();
    if matches!(name.as_str(), "ALL" | "RESET") || name.starts_with("CAP_") {
        name
    } else {
        format!("CAP_{name}")
    }
}

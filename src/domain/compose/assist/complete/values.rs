//! Completion of values, after a colon or as an item of a list.

use crate::domain::compose::{
    assist::{
        complete::{candidate::Candidate, keys, names, placement, scene::Scene},
        form::Form,
        help,
        outline::PathStep,
    },
    schema::rule::ValueType,
};
use std::collections::BTreeSet;

/// Returns the values that an entry may have, items of its list included.
pub fn of(scene: &Scene<'_>, entry: usize) -> Vec<Candidate> {
    if scene.typed().starts_with('*') || scene.before.entries[entry].step.is("<<") {
        return names::anchors(scene);
    }
    let Some(form) = Form::of(&scene.before, Some(entry)) else { return Vec::new() };
    let is_item = matches!(scene.before.entries[entry].step, PathStep::Item(_));
    let mut all = scalars(scene, Some(entry), &form, is_item);
    let unquoted = !scene.typed().starts_with(['"', '\'']);
    if is_item && unquoted && !scene.before.end.flow {
        all.extend(keys::of_item(scene, entry, &form));
    }
    all
}

/// Returns items for a list that is to begin, or to go on, below its key, with their
/// dashes in a column.
pub fn items(scene: &Scene<'_>, list: Option<usize>, form: &Form, column: usize) -> Vec<Candidate> {
    let Some(rule) = form.rule.items else { return Vec::new() };
    let form = Form { rule, path: form.path.clone() };
    let mut all = scalars(scene, list, &form, true);
    all.extend(keys::of_known(scene, &form, &BTreeSet::new(), column + 2));
    all.into_iter().map(|it| it.behind("- ")).collect()
}

/// Returns values without keys; `entry` is the item, or the list where there is
/// none yet.
fn scalars(scene: &Scene<'_>, entry: Option<usize>, form: &Form, is_item: bool) -> Vec<Candidate> {
    match (form.path.as_str(), is_item) {
        ("services.*.deploy.placement.constraints", true) => return placement::constraints(scene),
        ("services.*.deploy.placement.preferences.spread", _) => return placement::spread(scene),
        ("services.*.healthcheck.test", true) if !scene.is_first(entry) => return Vec::new(),
        ("services.*.healthcheck.test", false) => return Vec::new(),
        _ => {}
    }
    let names = names::of(scene, entry, &form.path, is_item);
    if !names.is_empty() {
        return names;
    }
    let help = help::of(&form.path);
    let default = help.and_then(|it| it.default.as_deref());
    let words = help.map(|it| it.words.as_slice()).unwrap_or_default();
    let takes_list = form.rule.kinds.contains(&ValueType::List);
    if !words.is_empty() && !takes_list {
        let detail = |word: &str, text: &str| match (default == Some(word), text.is_empty()) {
            (true, true) => "the default".to_owned(),
            (true, false) => format!("{text}; the default"),
            (false, _) => text.to_owned(),
        };
        return words.iter().map(|it| Candidate::of(&it.0, detail(&it.0, &it.1))).collect();
    }
    if !form.rule.kinds.contains(&ValueType::Bool) {
        return Vec::new();
    }
    let detail = |word| if default == Some(word) { "the default" } else { "" };
    ["true", "false"].into_iter().map(|it| Candidate::of(it, detail(it))).collect()
}

//! Hover: an explanation of the place under the cursor.

use crate::domain::compose::{
    assist::{
        form::Form,
        help::{self, Help},
        known::KnownNode,
        nodes::{count, nodes_matching, told},
        offer::Hint,
        outline::{PathStep, YamlOutline, boundary},
    },
    notices,
};

/// Says what the key or value at a byte does in a swarm.
pub fn hover(text: &str, at: usize) -> Option<Hint> {
    hover_among(text, at, &[])
}

/// Says what the key or value at a byte does in a swarm of these nodes; of a
/// constraint, which of them meet it.
pub fn hover_among(text: &str, at: usize, nodes: &[KnownNode]) -> Option<Hint> {
    let outline = YamlOutline::of(text);
    let at = boundary(text, at);
    let entry = outline.at(at).filter(|it| {
        let it = &outline.entries[*it];
        it.key.start <= at && at <= it.value.end.max(it.key.end)
    })?;
    let title = outline.path(Some(entry)).join(".");
    let Some((help, form)) = help_for(&outline, entry) else {
        return forbidden(&outline, entry).map(|lines| Hint { title, lines, ignored: true });
    };
    let mut lines = Vec::new();
    let value = &outline.entries[entry].value;
    if value.start <= at && !value.is_empty() {
        lines.extend(of_value(&outline, entry, &form, help, nodes));
    }
    lines.extend(of_key(help));
    let ignored = is_ignored(&outline, entry);
    Some(Hint { title, lines, ignored })
}

/// Returns what is known about an entry, or about the nearest one that holds it.
fn help_for(outline: &YamlOutline<'_>, entry: usize) -> Option<(&'static Help, Form)> {
    let mut above = Some(entry);
    while let Some(index) = above {
        let form = Form::of(outline, Some(index));
        // A key that does not belong here is not explained by its surroundings.
        form.as_ref()?;
        if let Some(form) = form
            && let Some(help) = help::of(&form.path)
        {
            return Some((help, form));
        }
        above = outline.entries[index].parent;
    }
    None
}

fn of_key(help: &Help) -> Vec<String> {
    let mut lines = vec![help.text.clone()];
    lines.extend(help.form.as_ref().map(|it| format!("written as: {it}")));
    if !help.words.is_empty() {
        let words: Vec<&str> = help.words.iter().map(|it| it.0.as_str()).collect();
        lines.push(format!("one of: {}", words.join(", ")));
    }
    lines.extend(help.default.as_ref().map(|it| format!("default: {it}")));
    lines
}

fn of_value(
    outline: &YamlOutline<'_>,
    entry: usize,
    form: &Form,
    help: &Help,
    nodes: &[KnownNode],
) -> Vec<String> {
    let value = outline.value(entry);
    let is_item = matches!(outline.entries[entry].step, PathStep::Item(_));
    if form.path == "services.*.deploy.placement.constraints" && is_item {
        let mut lines = told(value, nodes);
        lines.extend(together(outline, entry, nodes));
        return lines;
    }
    let word = help.words.iter().find(|it| it.0 == value && !it.1.is_empty());
    word.map(|it| format!("{}: {}", it.0, it.1)).into_iter().collect()
}

/// Says which nodes meet all constraints of a list, where there are several.
fn together(outline: &YamlOutline<'_>, entry: usize, nodes: &[KnownNode]) -> Option<String> {
    let list = outline.entries[entry].parent;
    let all: Vec<&str> = outline.children(list).map(|it| outline.value(it.0)).collect();
    if all.len() < 2 || nodes.is_empty() {
        return None;
    }
    let mut names: Vec<String> = nodes.iter().map(|it| it.hostname.clone()).collect();
    for constraint in all {
        let met = nodes_matching(constraint, nodes);
        names.retain(|it| met.contains(it));
    }
    Some(format!("with the other constraints: {}", count(&names, nodes.len())))
}

/// Tells whether an entry, or one that holds it, changes nothing.
fn is_ignored(outline: &YamlOutline<'_>, entry: usize) -> bool {
    let mut above = Some(entry);
    while let Some(index) = above {
        let form = Form::of(outline, Some(index));
        if form.and_then(|it| help::of(&it.path)).is_some_and(|it| it.ignored) {
            return true;
        }
        above = outline.entries[index].parent;
    }
    false
}

/// Says what to do instead of a key of a service that docker refuses.
fn forbidden(outline: &YamlOutline<'_>, entry: usize) -> Option<Vec<String>> {
    let key = &outline.entries[entry];
    let service = Form::of(outline, key.parent)?;
    let instead = notices::instead(&key.step.word()).filter(|_| service.path == "services.*")?;
    Some(vec!["Docker refuses files with this key.".to_owned(), instead.to_owned()])
}

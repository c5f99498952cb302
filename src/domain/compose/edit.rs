//! Text edits that keep every other byte.

use crate::domain::compose::{
    finding::Fix,
    place::Place,
    yaml::{MapEntry, Value, YamlNode},
};

/// Returns the text with a fix; `None` where it was made for another text.
pub fn apply(text: &str, fix: &Fix) -> Option<String> {
    let (before, after) = (text.get(..fix.place.start)?, text.get(fix.place.end..)?);
    Some(format!("{before}{}{after}", fix.text))
}

/// Removes an entry with all its lines; `None` where it shares them with others,
/// or is the only one of its mapping, which would be null then.
pub fn remove(text: &str, mapping: &YamlNode, entry: &MapEntry) -> Option<Fix> {
    let key = entry.key.place;
    if mapping.entries().len() < 2 || !is_own(mapping, entry) {
        return None;
    }
    let start = line_start(text, key.start);
    let indent = text.get(start..key.start)?;
    let end = lines_end(text, key.end, &entry.value)?;
    let next = text[end..].lines().find(|it| !it.trim().is_empty()).unwrap_or_default();
    let next_indent = next.len() - next.trim_start_matches(' ').len();
    let alone = indent.bytes().all(|it| it == b' ') && next_indent <= indent.len();
    let place = Place { column: 1, start, end, ..key };
    alone.then(|| Fix { place, text: String::new() })
}

/// Removes an item of a list; `None` where it is the only one, or shares its lines
/// with others of a list in lines.
pub fn remove_item(text: &str, list: &YamlNode, item: &YamlNode) -> Option<Fix> {
    let items = list.items();
    let index = items.iter().position(|it| it.place == item.place)?;
    if items.len() < 2 {
        return None;
    }
    if is_flow(text, list) {
        let (start, end) = match (index.checked_sub(1), items.get(index + 1)) {
            (_, Some(next)) => (item.place.start, next.place.start),
            (Some(before), None) => (last_byte(&items[before]), last_byte(item)),
            (None, None) => return None,
        };
        let comma = text.get(start..end)?.contains(',');
        let place = Place { start, end, ..item.place };
        return comma.then(|| Fix { place, text: String::new() });
    }
    let start = line_start(text, item.place.start);
    let front = text.get(start..item.place.start)?;
    let end = lines_end(text, item.place.end, item)?;
    let place = Place { column: 1, start, end, ..item.place };
    (front.trim() == "-").then(|| Fix { place, text: String::new() })
}

/// Writes something for a part of what stands at a place, if the part is there once
/// and not made by a variable.
pub fn replace_part(text: &str, place: Place, part: &str, other: &str) -> Option<Fix> {
    let raw = text.get(place.bytes())?;
    let at = raw.find(part)?;
    let plain = !raw.contains(['$', '\n', '\\']) && raw.matches(part).count() == 1;
    let start = place.start + at;
    let column = place.column + raw[..at].chars().count();
    let place = Place { start, end: start + part.len(), column, ..place };
    plain.then(|| Fix { place, text: other.to_owned() })
}

/// Writes other entries for one of a mapping, if nothing else stands in its lines.
pub fn rewrite(text: &str, mapping: &YamlNode, entry: &MapEntry, new: &[String]) -> Option<Fix> {
    let key = entry.key.place;
    let end = last_byte(&entry.value);
    let old = text.get(key.start..end)?;
    if old.contains(['#', '$', '&', '*']) || !is_own(mapping, entry) {
        return None;
    }
    let indent = text.get(line_start(text, key.start)..key.start)?;
    let between = match is_flow(text, mapping) {
        true => ", ".to_owned(),
        false => format!("{}{indent}", newline(text, key.start)),
    };
    if !between.trim_matches([' ', ',', '\r', '\n']).is_empty() {
        return None;
    }
    Some(Fix { place: Place { end, ..key }, text: new.join(&between) })
}

/// Adds an entry in front of the others of a mapping.
pub fn insert(text: &str, mapping: &YamlNode, entry: &str) -> Option<Fix> {
    let own = mapping.entries().iter().filter(|it| is_own(mapping, it));
    let first = own.map(|it| it.key.place).min_by_key(|it| it.start)?;
    in_front(text, mapping, first, entry, "")
}

/// Adds an item in front of the others of a list.
pub fn insert_item(text: &str, list: &YamlNode, item: &str) -> Option<Fix> {
    let first = list.items().first()?.place;
    in_front(text, list, first, item, "- ")
}

/// Tells whether a collection is written in braces or brackets.
pub fn is_flow(text: &str, node: &YamlNode) -> bool {
    text.get(node.place.start..).is_some_and(|it| it.starts_with(['{', '[']))
}

/// Tells whether an entry stands in the mapping, not in one that `<<` names.
fn is_own(mapping: &YamlNode, entry: &MapEntry) -> bool {
    entry.key.place.file == mapping.place.file && entry.key.place.start >= mapping.place.start
}

fn in_front(text: &str, owner: &YamlNode, first: Place, new: &str, mark: &str) -> Option<Fix> {
    let place = Place { end: first.start, ..first };
    if is_flow(text, owner) {
        return Some(Fix { place, text: format!("{new}, ") });
    }
    let line = text.get(line_start(text, first.start)..first.start)?;
    if !line.bytes().all(|it| matches!(it, b' ' | b'-')) {
        return None;
    }
    let indent = " ".repeat(line.len().checked_sub(mark.len())?);
    Some(Fix { place, text: format!("{new}{}{indent}{mark}", newline(text, first.start)) })
}

/// Returns how the line at a byte ends; the last line ends as those before it.
fn newline(text: &str, at: usize) -> &'static str {
    let rest = text.get(at..).unwrap_or_default();
    let behind = rest.find('\n').map(|it| at + it);
    let end = behind.or_else(|| text.get(..at)?.rfind('\n'));
    let crlf = end.and_then(|it| text.get(..it)).is_some_and(|it| it.ends_with('\r'));
    if crlf { "\r\n" } else { "\n" }
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1)
}

/// Returns where the line behind a value begins, if only a comment is in between;
/// `key` is where its key ends.
fn lines_end(text: &str, key: usize, value: &YamlNode) -> Option<usize> {
    let end = last_byte(value).max(key);
    // Behind a block of text, the reader is in the indentation of the next line.
    let line = line_start(text, end);
    if line > key && text.get(line..end)?.trim().is_empty() {
        return Some(line);
    }
    let rest = &text[end..];
    let line = rest.split_inclusive('\n').next().unwrap_or_default();
    let colon = if value.value == Value::Null { ":" } else { "" };
    let left = line.trim_start().strip_prefix(colon).unwrap_or(line.trim_start()).trim();
    (left.is_empty() || left.starts_with('#')).then_some(end + line.len())
}

/// Returns where the last thing in a node ends.
pub fn last_byte(node: &YamlNode) -> usize {
    let inner = match &node.value {
        Value::List(items) => items.iter().map(last_byte).max(),
        Value::Map(entries) => entries.iter().map(|it| last_byte(&it.value)).max(),
        _ => None,
    };
    node.place.end.max(inner.unwrap_or_default())
}

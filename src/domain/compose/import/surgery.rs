//! A set of text edits that are applied together and keep every other byte.
//!
//! Entries of mappings are removed, replaced and added; at the end all of it becomes a
//! list of stretches with the text to put there. How far an entry goes is decided by
//! the text, not by its value: what an alias stands for is elsewhere.

use crate::domain::compose::{
    edit,
    finding::Fix,
    import::{
        layout::{Layout, line_start, own_entries},
        tree::Tree,
    },
    place::Place,
    yaml::{MapEntry, Value, YamlNode},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
};

/// Changes of a text that are to be made.
pub struct Surgery<'a> {
    text: &'a str,
    layout: Layout<'a>,
    /// The mapping that holds the entry whose key starts there.
    owners: HashMap<usize, &'a YamlNode>,
    /// By the first byte of the entry's key.
    entries: BTreeMap<usize, Change>,
    /// Where these entries end.
    ends: BTreeMap<usize, usize>,
    /// By the first byte of the mapping or list.
    additions: BTreeMap<usize, (&'a YamlNode, Tree)>,
    /// Values to write in the place of others.
    values: BTreeMap<usize, (Place, String)>,
    /// Keys of entries that are removed here and written elsewhere.
    moved: BTreeSet<usize>,
}

enum Change {
    Remove,
    /// The text of the entry, without the end of its last line.
    Replace(String),
}

impl<'a> Surgery<'a> {
    pub fn new(text: &'a str, root: &'a YamlNode) -> Self {
        let mut owners = HashMap::new();
        own(root, &mut owners);
        let (entries, ends, additions) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let (values, moved) = (BTreeMap::new(), BTreeSet::new());
        let layout = Layout { text };
        Self { text, layout, owners, entries, ends, additions, values, moved }
    }

    /// Returns what the file has at a place.
    pub fn raw(&self, place: Place) -> &'a str {
        self.text.get(place.bytes()).unwrap_or_default()
    }

    /// Returns the entry whose key stands at a place.
    pub fn entry_at(&self, place: Place) -> Option<&'a MapEntry> {
        let owner = self.owners.get(&place.start)?;
        owner.entries().iter().find(|it| it.key.place == place)
    }

    /// Tells whether something is done about what stands at a place.
    pub fn is_touched(&self, place: Place) -> bool {
        self.values.contains_key(&place.start) || self.changed_at(place).next().is_some()
    }

    /// Tells whether what stands at a place will stand nowhere.
    pub fn is_gone(&self, place: Place) -> bool {
        self.changed_at(place).any(|it| !self.moved.contains(&it))
    }

    /// Returns the keys of changed entries that hold a place.
    fn changed_at(&self, place: Place) -> impl Iterator<Item = usize> {
        let before = self.ends.range(..=place.start);
        before.filter(move |it| place.start < *it.1).map(|it| *it.0)
    }

    /// Writes down how far an entry goes that changes.
    fn mark(&mut self, entry: &MapEntry) {
        let start = entry.key.place.start;
        let flow = self.owners.get(&start).is_some_and(|it| edit::is_flow(self.text, it));
        let end = if flow { self.layout.flow_end(entry) } else { self.layout.lines(entry).1 };
        self.ends.insert(start, end);
    }

    /// Takes out an entry, wherever it stands.
    pub fn remove(&mut self, entry: &MapEntry) {
        self.mark(entry);
        self.entries.insert(entry.key.place.start, Change::Remove);
    }

    /// Writes another entry in the place of one; further lines are indented like it. The
    /// first counts, where an alias makes it two.
    pub fn replace(&mut self, entry: &MapEntry, text: impl Into<String>) {
        self.mark(entry);
        let change = self.entries.entry(entry.key.place.start);
        change.or_insert_with(|| Change::Replace(text.into()));
    }

    /// Writes a key with a value in the place of an entry.
    pub fn replace_tree(&mut self, entry: &MapEntry, tree: &Tree) {
        let key = &entry.key.value;
        let owner = self.owners.get(&entry.key.place.start);
        let text = if owner.is_some_and(|it| edit::is_flow(self.text, it)) {
            Tree::Map(vec![(key.to_string(), tree.clone())]).inline_inner()
        } else {
            let start = entry.key.place.start;
            let indent = start - line_start(self.text, start);
            let whole = Tree::Map(vec![(key.to_string(), tree.clone())]);
            whole.block(indent).join(self.newline()).trim_start().to_owned()
        };
        self.replace(entry, text);
    }

    /// Moves an entry into another of the same mapping, which is made where it is
    /// missing. Tells whether that could be done.
    pub fn move_into(&mut self, mapping: &'a YamlNode, entry: &MapEntry, key: &str) -> bool {
        let own = own_entries(mapping).iter().any(|it| it.key.place == entry.key.place);
        let inner = mapping.get(key);
        let flow = |it: &YamlNode| edit::is_flow(self.text, it);
        if !own || flow(mapping) || inner.is_some_and(|it| flow(it) || !it.is_map()) {
            return false;
        }
        let (start, end) = self.layout.lines(entry);
        let indent = entry.key.place.start - start;
        let text = self.with_values(entry.key.place.end, end);
        let rest = text.strip_prefix(':').unwrap_or(&text).trim_end();
        let dedent = |it: &str| it.get(indent..).unwrap_or(it.trim_start()).to_owned();
        let mut lines = rest.lines();
        let mut moved = vec![lines.next().unwrap_or_default().to_owned()];
        moved.extend(lines.map(|it| dedent(it.trim_end_matches('\r'))));
        self.remove(entry);
        self.moved.insert(entry.key.place.start);
        self.add(mapping, &[key, &entry.key.value], Tree::Lines(moved))
    }

    /// Returns a stretch of the text, with the values that were written into it.
    fn with_values(&self, start: usize, end: usize) -> String {
        let mut text = self.text.get(start..end).unwrap_or_default().to_owned();
        for (place, value) in self.values.range(start..end).rev().map(|it| it.1) {
            if place.end <= end {
                text.replace_range(place.start - start..place.end - start, value);
            }
        }
        text
    }

    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Writes a value in the place of another.
    pub fn write(&mut self, place: Place, text: impl Into<String>) {
        self.values.insert(place.start, (place, text.into()));
    }

    /// Adds a value at a path; items are added to a list that is there. Tells whether
    /// there is room: something else may stand there already, and what an alias stands
    /// for belongs to others too.
    pub fn add(&mut self, mapping: &'a YamlNode, path: &[&str], leaf: Tree) -> bool {
        let mut node = mapping;
        for (at, key) in path.iter().enumerate() {
            let entry = node.entry(key);
            let Some(entry) = entry.filter(|it| !it.value.is_null()) else {
                if let Some(null) = entry {
                    self.remove(null);
                }
                self.graft(node, Tree::at(&path[at..], leaf));
                return true;
            };
            if entry.value.place.start < mapping.place.start {
                return false;
            }
            node = &entry.value;
        }
        let takes = matches!((&node.value, &leaf), (Value::List(_), Tree::List(_)));
        if takes {
            self.graft(node, leaf);
        }
        takes
    }

    /// Returns the changes from first to last; none touches another.
    pub fn fixes(mut self) -> Vec<Fix> {
        let mut fixes = Vec::new();
        let additions = mem::take(&mut self.additions);
        let mut touched: BTreeMap<usize, &YamlNode> = BTreeMap::new();
        for start in self.entries.keys() {
            if let Some(owner) = self.owners.get(start) {
                touched.insert(owner.place.start, owner);
            }
        }
        for (start, owner) in &touched {
            self.mapping(owner, additions.contains_key(start), &mut fixes);
        }
        // Where two end together, what is added to the inner comes before the rest.
        for (start, (node, tree)) in additions.into_iter().rev() {
            let emptied = touched.contains_key(&start) && self.is_emptied(node);
            self.append(node, &tree, emptied, &mut fixes);
        }
        for (place, text) in self.values.into_values() {
            fixes.push(Fix { place, text });
        }
        apart(fixes)
    }

    fn graft(&mut self, node: &'a YamlNode, tree: Tree) {
        let slot = self.additions.entry(node.place.start);
        slot.and_modify(|it| it.1.join(tree.clone())).or_insert((node, tree));
    }

    /// Changes the entries of a mapping, to which others may be added.
    fn mapping(&self, owner: &YamlNode, grows: bool, fixes: &mut Vec<Fix>) {
        let entries = own_entries(owner);
        if edit::is_flow(self.text, owner) {
            self.flow(&entries, fixes);
        } else {
            self.block(&entries, !grows && self.is_emptied(owner), fixes);
        }
    }

    /// Tells whether nothing is left of what a mapping had.
    fn is_emptied(&self, mapping: &YamlNode) -> bool {
        let all = own_entries(mapping).iter().all(|it| self.is_removed(it));
        all && !self.raw_of(mapping).contains("<<")
    }

    /// Changes entries that have lines of their own.
    fn block(&self, entries: &[&MapEntry], emptied: bool, fixes: &mut Vec<Fix>) {
        for (at, entry) in entries.iter().enumerate() {
            let Some(change) = self.change(entry) else { continue };
            let (start, end) = self.layout.lines(entry);
            let key = entry.key.place.start;
            let shares = self.text.get(start..key).is_none_or(|it| !it.trim().is_empty());
            let next = entries.get(at + 1).map(|it| it.key.place.start).filter(|_| shares);
            fixes.push(match change {
                Change::Replace(text) => fix(entry, key, self.layout.without_newline(end), text),
                Change::Remove if emptied && at == 0 => {
                    let before = self.text.get(..key).unwrap_or_default().trim_end();
                    let (start, braces) = match before.ends_with(':') {
                        true => (before.len(), " {}"),
                        false => (key, "{}"),
                    };
                    fix(entry, start, self.layout.without_newline(end), braces)
                }
                Change::Remove if shares => {
                    fix(entry, key, next.unwrap_or_else(|| self.layout.without_newline(end)), "")
                }
                Change::Remove => fix(entry, start, end, ""),
            });
        }
    }

    /// Changes entries in braces, each that goes with a comma.
    fn flow(&self, entries: &[&MapEntry], fixes: &mut Vec<Fix>) {
        let mut gone: Vec<(&MapEntry, usize, usize)> = Vec::new();
        for entry in entries {
            let (start, end) = (entry.key.place.start, self.layout.flow_end(entry));
            match self.change(entry) {
                None => {}
                Some(Change::Replace(text)) => fixes.push(fix(entry, start, end, text)),
                Some(Change::Remove) => {
                    let after = self.text.get(end..).unwrap_or_default().trim_start();
                    let rest = after.strip_prefix(',').map(str::trim_start);
                    let end = rest.map_or(end, |it| self.text.len() - it.len());
                    match gone.last_mut().filter(|it| it.2 == start) {
                        Some(run) => run.2 = end,
                        None => gone.push((entry, start, end)),
                    }
                }
            }
        }
        for (entry, start, end) in gone {
            let closes = self.text.get(end..).is_some_and(|it| it.trim_start().starts_with('}'));
            let before = self.text.get(..start).unwrap_or_default().trim_end();
            let comma = before.strip_suffix(',').filter(|_| closes).map(str::len);
            fixes.push(fix(entry, comma.unwrap_or(start), end, ""));
        }
    }

    /// Writes a tree behind the last entry, or item, of a collection.
    fn append(&self, node: &YamlNode, tree: &Tree, emptied: bool, fixes: &mut Vec<Fix>) {
        let place = |start: usize, end: usize| Place { start, end, ..node.place };
        if edit::is_flow(self.text, node) {
            let close = node.place.end.saturating_sub(1);
            let before = self.text.get(..close).unwrap_or_default().trim_end();
            let (at, inner) = (before.len(), tree.inline_inner());
            let padding = if matches!(tree, Tree::Map(_)) { " " } else { "" };
            fixes.push(if before.ends_with(['{', '[']) {
                Fix { place: place(at, close), text: format!("{padding}{inner}{padding}") }
            } else {
                let comma = if emptied { "" } else { ", " };
                Fix { place: place(at, at), text: format!("{comma}{inner}") }
            });
            return;
        }
        let Some(first) = self.layout.first_of(node) else { return };
        let indent = first - line_start(self.text, first);
        let end = self.layout.block_end(first, indent);
        let newline = self.newline();
        let mut lines = tree.block(indent).join(newline);
        // A last line without an end may be one of those that go.
        let goes = |it: &Fix| it.place.end == end && it.text.is_empty();
        if self.text.get(..end).is_some_and(|it| it.ends_with('\n')) {
            lines.push_str(newline);
        } else if !fixes.iter().any(goes) {
            lines.insert_str(0, newline);
        }
        fixes.push(Fix { place: place(end, end), text: lines });
    }

    fn is_removed(&self, entry: &MapEntry) -> bool {
        matches!(self.change(entry), Some(Change::Remove))
    }

    fn change(&self, entry: &MapEntry) -> Option<&Change> {
        self.entries.get(&entry.key.place.start)
    }

    /// Returns the text of a mapping, with what it merges.
    fn raw_of(&self, mapping: &YamlNode) -> &'a str {
        let end = match self.layout.first_of(mapping) {
            Some(first) if !edit::is_flow(self.text, mapping) => {
                self.layout.block_end(first, first - line_start(self.text, first))
            }
            _ => mapping.place.end,
        };
        self.text.get(mapping.place.start..end).unwrap_or_default()
    }
}

fn own<'a>(node: &'a YamlNode, owners: &mut HashMap<usize, &'a YamlNode>) {
    for entry in own_entries(node) {
        owners.entry(entry.key.place.start).or_insert(node);
        own(&entry.value, owners);
    }
    for item in node.items() {
        own(item, owners);
    }
}

fn fix(entry: &MapEntry, start: usize, end: usize, text: &str) -> Fix {
    Fix { place: Place { start, end, ..entry.key.place }, text: text.to_owned() }
}

/// Sorts changes and leaves out those within others, which are gone with them.
fn apart(mut fixes: Vec<Fix>) -> Vec<Fix> {
    fixes.sort_by_key(|it| (it.place.start, it.place.end));
    let mut ends = BTreeSet::new();
    let mut kept: Vec<Fix> = Vec::new();
    for fix in fixes {
        let reached = ends.last().copied().unwrap_or(0);
        if fix.place.start < reached {
            continue;
        }
        ends.insert(fix.place.end);
        kept.push(fix);
    }
    kept
}

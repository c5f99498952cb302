//! Schema validation of a tree.

use crate::domain::{
    compose::{
        codes, edit,
        finding::{Finding, Findings},
        place::Place,
        ports,
        quantity::LEAST_MEMORY_LIMIT,
        schema::{
            compose_only::compose_only,
            objects::ROOT,
            rule::{AllowedKeys, MappingRule, Rule, ValueFormat, ValueType},
            version::FileVersion,
        },
        yaml::{MapEntry, Value, YamlNode},
    },
    text::{duration, nearest::nearest},
};
use std::collections::HashMap;

/// Reports everything that the version's schema refuses in a file of this text.
pub fn check(root: &YamlNode, version: FileVersion, text: &str, findings: &mut Findings) {
    let mut checker = Checker { version, text, path: Vec::new(), findings };
    checker.node(root, &ROOT, root.place);
}

struct Checker<'a, 'f> {
    version: FileVersion,
    text: &'a str,
    path: Vec<Step<'a>>,
    findings: &'f mut Findings,
}

enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl<'a> Checker<'a, '_> {
    /// `owner` is the key that the node belongs to.
    fn node(&mut self, node: &'a YamlNode, rule: &'static Rule, owner: Place) {
        let printable = matches!((&rule.form, &node.value), (ValueFormat::Printed, Value::Time(_)));
        if !rule.kinds.is_empty() && !printable && !rule.kinds.iter().any(|it| it.accepts(node)) {
            return self.wrong_kind(node, rule, owner);
        }
        match &node.value {
            Value::List(items) => self.list(node, items, rule, owner),
            Value::Map(entries) => self.map(node, entries, &rule.keys, owner),
            _ => self.form(node, &rule.form),
        }
    }

    fn wrong_kind(&mut self, node: &YamlNode, rule: &Rule, owner: Place) {
        let scalar = !matches!(node.value, Value::Null | Value::List(_) | Value::Map(_));
        let place = if scalar { node.place } else { owner };
        if scalar && self.findings.any_error_at(place) {
            return; // the variables in it are wrong
        }
        let finding = self.finding(place, &format!("must be a {}", words(rule.kinds)));
        let finding = if scalar { self.requoted(finding, node, rule) } else { finding };
        self.findings.push(finding);
    }

    /// Says where quotes, brackets or a unit are all that is wrong.
    fn requoted(&self, finding: Finding, node: &YamlNode, rule: &Rule) -> Finding {
        let raw = self.text.get(node.place.bytes()).unwrap_or_default();
        let text = node.text().filter(|it| raw.trim_matches(['"', '\'']) == *it);
        let digits = text.filter(|it| !it.is_empty() && it.len() < 10);
        let digits = digits.filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
        let number = |it: &ValueType| matches!(it, ValueType::Integer | ValueType::Number);
        if let Some(digits) = digits.filter(|_| rule.kinds.iter().any(number)) {
            return finding.hint("leave out the quotes").fix(node.place, digits);
        }
        if let Some(word) = text.and_then(truth).filter(|_| rule.kinds == [ValueType::Bool]) {
            return finding.hint("write true or false, without quotes").fix(node.place, word);
        }
        let plain = !raw.is_empty() && !raw.contains(['"', '\'', '\\', '\n', '$', '!', '&']);
        if !rule.kinds.contains(&ValueType::Text) {
            let bare = raw.trim_matches(['"', '\'']);
            let odd = |it: char| "\"'\\\n$!&[]{},#".contains(it);
            let word = !bare.is_empty() && !bare.contains(odd) && !bare.contains(": ");
            return match rule.kinds.contains(&ValueType::List) && text.is_some() && word {
                true => finding.hint("write a list").fix(node.place, format!("[{raw}]")),
                false if rule.kinds == [ValueType::Integer] => {
                    finding.hint("write a whole number, for example 2")
                }
                false => finding,
            };
        }
        if let (ValueFormat::Duration, Value::Int(1..)) = (&rule.form, &node.value) {
            return seconds(finding, node.place, raw, plain);
        }
        if let (Some(Step::Key("memory")), Value::Int(number)) = (self.path.last(), &node.value)
            && (1..i128::from(LEAST_MEMORY_LIMIT)).contains(number)
        {
            return with_unit(finding, node.place, *number, plain);
        }
        let finding = finding.hint("put it in quotes");
        if plain { finding.fix(node.place, format!("\"{raw}\"")) } else { finding }
    }

    fn list(
        &mut self,
        list: &'a YamlNode,
        items: &'a [YamlNode],
        rule: &'static Rule,
        owner: Place,
    ) {
        if rule.unique {
            self.unique(list);
        }
        let Some(rule) = rule.items else { return };
        for (index, item) in items.iter().enumerate() {
            self.path.push(Step::Item(index));
            let place = if item.is_null() { owner } else { item.place };
            self.node(item, rule, place);
            self.path.pop();
        }
    }

    fn unique(&mut self, list: &YamlNode) {
        let items = list.items();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (index, item) in items.iter().enumerate() {
            let first = *seen.entry(fingerprint(item)).or_insert(index);
            if first != index {
                let message = format!("array items[{first},{index}] must be unique");
                let finding = self.finding(item.place, &message);
                let fix = edit::remove_item(self.text, list, item);
                let finding = Finding { fix, ..finding };
                self.findings.push(finding.also(items[first].place, "first here"));
            }
        }
    }

    fn map(
        &mut self,
        node: &'a YamlNode,
        entries: &'a [MapEntry],
        keys: &'static AllowedKeys,
        owner: Place,
    ) {
        match keys {
            AllowedKeys::Open => {}
            AllowedKeys::Known(known) => {
                for name in known.required.iter().filter(|it| node.get(it).is_none()) {
                    let finding = self.finding(owner, &format!("{name} is required"));
                    self.findings.push(finding);
                }
                for entry in entries {
                    self.known(node, entry, known);
                }
            }
            AllowedKeys::Named(rule, any) => {
                for entry in entries {
                    if *any || is_name(&entry.key) {
                        self.entry(entry, rule);
                    } else {
                        let finding = self.additional(entry);
                        self.findings.push(
                            finding.hint("names are made of letters, digits, `.`, `_` and `-`"),
                        );
                        self.entry(entry, rule); // what is in it may be wrong, too
                    }
                }
            }
            AllowedKeys::Lower(rule) => {
                let lower =
                    |key: &str| !key.is_empty() && key.bytes().all(|it| it.is_ascii_lowercase());
                for entry in entries.iter().filter(|it| lower(&it.key)) {
                    self.entry(entry, rule);
                }
            }
            AllowedKeys::Free(rule) => {
                for entry in entries {
                    if entry.key.is_empty() {
                        let finding = self.additional(entry);
                        self.findings.push(finding);
                    } else {
                        self.entry(entry, rule);
                    }
                }
            }
        }
    }

    fn known(&mut self, owner: &YamlNode, entry: &'a MapEntry, known: &'static MappingRule) {
        let name = &*entry.key.value;
        let key = known.keys.iter().find(|it| it.0 == name);
        if let Some(key) = key.filter(|it| it.1 <= self.version.0) {
            return self.entry(entry, key.2);
        }
        let since = |minor: Option<u8>| minor.is_some_and(|it| it <= self.version.0);
        if since(known.open) || (name.starts_with("x-") && since(known.extensions)) {
            return;
        }
        if self.findings.any_error_at(entry.key.place) {
            return; // docker has a word of its own for this key
        }
        let finding = self.additional(entry);
        let newer = key.map(|it| it.1).or(known.extensions.filter(|_| name.starts_with("x-")));
        let is_root = self.path.is_empty();
        self.findings.push(if let Some(minor) = newer {
            finding.hint(format!(
                "it exists since version 3.{minor}; this file has version {}",
                self.version
            ))
        } else if let Some(instead) = compose_only(name, is_root) {
            finding.hint(instead)
        } else if let Some(meant) = nearest(name, known.keys.iter().map(|it| it.0)) {
            let finding = finding.hint(format!("did you mean `{meant}`?"));
            let free = owner.get(meant).is_none();
            if free { finding.fix(entry.key.place, meant) } else { finding }
        } else {
            finding
        });
    }

    fn entry(&mut self, entry: &'a MapEntry, rule: &'static Rule) {
        self.path.push(Step::Key(&entry.key));
        self.node(&entry.value, rule, entry.key.place);
        self.path.pop();
    }

    fn form(&mut self, node: &YamlNode, form: &ValueFormat) {
        let problem = match (form, &node.value) {
            (ValueFormat::Duration, Value::Text(text)) if duration::parse(text).is_none() => {
                Some("Does not match format 'duration'".to_owned())
            }
            (ValueFormat::Ports, Value::Text(text)) => ports::parse(text).err(),
            (ValueFormat::Ports, Value::Int(number)) => ports::parse(&number.to_string()).err(),
            (ValueFormat::Ports, Value::Float(_)) => {
                Some("Does not match format 'ports'".to_owned())
            }
            (ValueFormat::Word(words), Value::Text(text)) if !words.contains(&&**text) => {
                let words: Vec<String> = words.iter().map(|it| format!("\"{it}\"")).collect();
                Some(format!("must be one of the following: {}", words.join(", ")))
            }
            (ValueFormat::NotNegative, Value::Int(..0)) => {
                Some("Must be greater than or equal to 0".to_owned())
            }
            _ => None,
        };
        // Where the variables in it are wrong, its form is not known.
        if let Some(problem) = problem.filter(|_| !self.findings.any_error_at(node.place)) {
            let finding = self.finding(node.place, &problem);
            let finding = self.reformed(finding, node, form);
            self.findings.push(finding);
        }
    }

    /// Says where a form is obvious.
    fn reformed(&self, finding: Finding, node: &YamlNode, form: &ValueFormat) -> Finding {
        let raw = self.text.get(node.place.bytes()).unwrap_or_default();
        let inner = raw.trim_matches(['"', '\'']);
        match (form, node.text()) {
            (ValueFormat::Word(words), Some(text)) if inner == text => {
                match nearest(text, words.iter().copied()) {
                    Some(word) => finding.instead(text, word),
                    None => finding,
                }
            }
            (ValueFormat::Duration, Some(text)) if inner == text && text != "0" => {
                let digits = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
                seconds(finding, node.place, text, digits)
            }
            _ => finding,
        }
    }

    fn additional(&self, entry: &MapEntry) -> Finding {
        let message = format!("Additional property {} is not allowed", &*entry.key.value);
        self.finding(entry.key.place, &message)
    }

    fn finding(&self, place: Place, problem: &str) -> Finding {
        let steps = self.path.iter().map(|it| match it {
            Step::Key(key) => (*key).to_owned(),
            Step::Item(index) => index.to_string(),
        });
        let path = steps.collect::<Vec<_>>().join(".");
        let path = if path.is_empty() { "(root)" } else { &path };
        Finding::new(&codes::SCHEMA, place, format!("{path} {problem}"))
    }
}

/// Returns what a text for a boolean means.
fn truth(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => Some("true"),
        "false" | "no" | "off" | "n" => Some("false"),
        _ => None,
    }
}

/// Gives a number the unit that people mean.
fn seconds(finding: Finding, place: Place, digits: &str, plain: bool) -> Finding {
    let finding = finding.hint(format!("write a unit: `{digits}s`"));
    if plain { finding.fix(place, format!("{digits}s")) } else { finding }
}

/// Gives a number of bytes that no program can run with the unit that people mean.
fn with_unit(finding: Finding, place: Place, number: i128, plain: bool) -> Finding {
    // Millions of mebibytes are not meant either.
    if !plain || !(6..=1 << 16).contains(&number) {
        return finding.hint("write a size with its unit, for example 512M");
    }
    let size = format!("{number}M");
    finding.hint(format!("write a size with its unit: `{size}`")).fix(place, size)
}

/// Prints kinds as `string, number or null`.
fn words(kinds: &[ValueType]) -> String {
    let words: Vec<&str> = kinds.iter().map(|it| it.word()).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn is_name(key: &str) -> bool {
    !key.is_empty()
        && key.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'_' | b'-'))
}

/// Two items are the same where these are: without places, keys in order.
fn fingerprint(node: &YamlNode) -> String {
    match &node.value {
        Value::List(items) => {
            format!("[{}]", items.iter().map(fingerprint).collect::<Vec<_>>().join(","))
        }
        Value::Map(entries) => {
            let mut fields: Vec<String> = entries
                .iter()
                .map(|it| format!("{:?}:{}", it.key.value, fingerprint(&it.value)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        Value::Int(it) => it.to_string(),
        Value::Float(it) => it.to_string(),
        scalar => format!("{scalar:?}"),
    }
}

//! Writing of YAML in blocks, so that docker (Go's yaml.v3) and skep read back
//! what was meant.

use crate::domain::{
    compose::yaml::{node, scalar},
    text::escape,
};
use serde_json::Value;
use std::fmt::Write;
use unicode_width::UnicodeWidthChar;

/// Writes a document. Whole numbers under a key `mode` are permissions, and
/// written in octal.
pub fn write(document: &Value) -> String {
    lines(document).into_iter().map(|line| line + "\n").collect()
}

/// Returns the lines of a value as they stand at the margin.
fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().flat_map(|(key, value)| entry(key, value)).collect()
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().flat_map(|item| behind("- ", lines(item))).collect()
        }
        Value::Object(_) => vec!["{}".to_owned()],
        Value::Array(_) => vec!["[]".to_owned()],
        Value::String(text) if is_prose(text) => prose(text),
        Value::String(text) => vec![quoted(text)],
        Value::Null | Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
    }
}

fn entry(key: &str, value: &Value) -> Vec<String> {
    let permissions = value.as_u64().filter(|it| key == "mode" && *it > 0);
    let below = match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    };
    let key = quoted(key);
    match permissions {
        Some(bits) => vec![format!("{key}: 0{bits:o}")],
        None if below => {
            let mut all = vec![format!("{key}:")];
            all.extend(lines(value).iter().map(|it| indented(it)));
            all
        }
        None => behind(&format!("{key}: "), lines(value)),
    }
}

/// Puts a text in front of the first line, and the others below it.
fn behind(front: &str, mut lines: Vec<String>) -> Vec<String> {
    if let Some((first, others)) = lines.split_first_mut() {
        first.insert_str(0, front);
        for line in others {
            *line = indented(line);
        }
    }
    lines
}

fn indented(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("  {line}") }
}

/// Tells texts of several lines that can stand as they are, below a `|`.
fn is_prose(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let bare = |line: &str| !line.is_empty() && line.trim().is_empty();
    body.contains('\n')
        && !body.starts_with([' ', '\n'])
        && !body.ends_with('\n')
        && !body.lines().any(bare)
        && body.chars().all(|it| it == '\n' || is_printable(it))
        && is_seen(body)
}

fn prose(text: &str) -> Vec<String> {
    let head = if text.ends_with('\n') { "|" } else { "|-" };
    let body = text.strip_suffix('\n').unwrap_or(text);
    [head].into_iter().chain(body.split('\n')).map(str::to_owned).collect()
}

/// Writes a text on one line, in quotes unless it cannot be taken for anything
/// else.
fn quoted(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let seen = is_seen(text);
    if text.contains(['"', '\\']) && seen && text.chars().all(is_printable) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut all = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => all.extend(['\\', c]),
            '\n' => all.push_str("\\n"),
            '\t' => all.push_str("\\t"),
            _ if is_printable(c) && (seen || c.width() != Some(0)) => all.push(c),
            // A string takes whatever is written to it.
            _ => drop(write!(all, "\\U{:08x}", u32::from(c))),
        }
    }
    all + "\""
}

/// Tells what can stand without quotes.
fn is_plain(text: &str) -> bool {
    let mut chars = text.chars();
    let starts = match chars.next() {
        Some('-') => chars.next().is_some_and(|it| it == '-' || it.is_ascii_alphabetic()),
        Some(c) => c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '$' | '('),
        None => false,
    };
    let ends = text.ends_with([' ', ':']) || text.contains(": ") || text.contains(" #");
    starts && !ends && text.chars().all(is_printable) && is_seen(text) && !is_more_than_text(text)
}

/// Tells what some reader takes for more than a text. To those of YAML 1.1
/// `yes` is true, and `22:22` a number.
fn is_more_than_text(text: &str) -> bool {
    const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off"];
    let clock = text.contains(':') && text.starts_with(|it: char| it.is_ascii_digit());
    clock
        || text.starts_with("---")
        || WORDS.contains(&text.to_lowercase().as_str())
        || !matches!(scalar::resolve(text), node::Value::Text(_))
}

/// Tells what YAML takes as it stands, and terminals too; what turns text around or is not
/// seen would make a reader of the file believe something else.
fn is_printable(c: char) -> bool {
    !c.is_control() && !escape::deceives(c) && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// Returns whether all letters of a text are seen, also its marks and joiners.
fn is_seen(text: &str) -> bool {
    escape::shown_lines(text) == text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compose::{finding::Findings, yaml};
    use serde_json::json;

    fn check(value: &Value, expected: &str) {
        assert_eq!(write(value), expected);
    }

    #[test]
    fn everything_is_written_in_blocks() {
        check(
            &json!({
                "a": { "b": [1, { "c": null, "d": [] }, [true]], "e": {} },
                "mode": 0o440,
                "script": ["one\n  two\n\nthree\n", "four\nfive"],
            }),
            "a:\n  b:\n    - 1\n    - c: null\n      d: []\n    - - true\n  e: {}\nmode: 0440\nscript:\n  - |\n    one\n      two\n\n    three\n  - |-\n    four\n    five\n",
        );
    }

    #[test]
    fn texts_are_quoted_where_they_could_be_something_else() {
        for (text, expected) in [
            ("nginx:1.25", "nginx:1.25"),
            ("/run/x", "/run/x"),
            ("--flag=1", "--flag=1"),
            ("5s", "5s"),
            ("node.role == manager", "node.role == manager"),
            ("$$x", "$$x"),
            ("", "\"\""),
            ("1", "\"1\""),
            ("1_000", "\"1_000\""),
            ("0.5", "\"0.5\""),
            ("-1", "\"-1\""),
            ("2001-01-01", "\"2001-01-01\""),
            ("22:22", "\"22:22\""),
            ("true", "\"true\""),
            ("Yes", "\"Yes\""),
            ("~", "\"~\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("a:", "\"a:\""),
            (" a", "\" a\""),
            ("<<", "\"<<\""),
            ("*a", "\"*a\""),
            ("---", "\"---\""),
            ("{{.Node.ID}}", "\"{{.Node.ID}}\""),
            (r#"{"a": 'b'}"#, r#"'{"a": ''b''}'"#),
            ("a\tb\n", r#""a\tb\n""#),
            ("\u{1b}[m\"", r#""\U0000001b[m\"""#),
            ("user\u{202e}gpj.exe", r#""user\U0000202egpj.exe""#),
            ("pay\u{200b}pal", r#""pay\U0000200bpal""#),
            ("ad\u{200d}min", r#""ad\U0000200dmin""#),
            ("a\"\u{2066}b", r#""a\"\U00002066b""#),
            ("a\nb\u{202e}c", r#""a\nb\U0000202ec""#),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
        ] {
            check(&json!(text), &format!("{expected}\n"));
        }
    }

    #[test]
    fn every_text_is_read_back() {
        let odd = [
            "a\nb\u{202e}c\u{200d}d",
            "\u{200b}",
            "e\u{301}\u{200d}",
            "\n",
            "\na",
            " a\nb",
            "a\n \nb",
            "a\n\n",
            "a\r\nb",
            "é\u{85}\u{2028}\u{ffff}😀",
        ];
        let key = ["<<", "a: b", "1", "", "a\nb", "null"];
        for text in odd.into_iter().chain(key) {
            let written = write(&json!({ "outer": { text: [text] } }));
            let mut findings = Findings::default();
            let root = yaml::parse(0, written.as_bytes(), &mut findings);
            let root = root.unwrap_or_else(|| panic!("{text:?}: {:?}", findings.sorted()));
            let entry = &root.get("outer").unwrap().entries()[0];
            assert_eq!((&**entry.key, entry.value.items()[0].text()), (text, Some(text)));
        }
    }
}

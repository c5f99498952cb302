//! Checks of template actions (Go's text/template; seen with engine 20.10): misplaced keywords,
//! and values that cannot be combined. Only what is plain is
//! looked at: one word with values behind it, no brackets and no pipes.

/// Says what the engine refuses of a text, and what to write, where that is known. `fields`
/// are what it can name, or none of which it is known what they are.
pub fn misuse(text: &str, fields: Option<&[&str]>) -> Option<(String, Option<String>)> {
    // Braces in quotes and comments end no placeholder.
    if ["`", "\"{{", "}}\"", "/*"].iter().any(|it| text.contains(it)) {
        return None;
    }
    let mut open: Vec<&str> = Vec::new();
    for (action, _) in text.split("{{").skip(1).filter_map(|it| it.split_once("}}")) {
        let words = words(action.trim().trim_matches('-'))?;
        let word = words.first().copied().unwrap_or_default();
        // In these the dot is something else.
        let shifted = open.iter().any(|it| *it != "if");
        let own = fields.filter(|_| !shifted);
        if let Some(said) = misplaced(&words, &open, text).or_else(|| of_call(&words, own)) {
            return Some(said);
        }
        match word {
            "if" | "with" | "range" | "define" | "block" => open.push(word),
            "end" => _ = open.pop(),
            _ => {}
        }
    }
    None
}

type Said = (String, Option<String>);

fn misplaced(words: &[&str], open: &[&str], text: &str) -> Option<Said> {
    let said = |it: String| Some((it, None));
    let has = |what: String| text.contains(&what);
    match words {
        [word @ ("break" | "continue"), ..] if !open.contains(&"range") => {
            said(format!("`{word}` is used outside of a range"))
        }
        ["template", name, ..]
            if !has(format!("define {name}")) && !has(format!("block {name}")) =>
        {
            said(format!("there is no template {name}"))
        }
        words => {
            let names = words.iter().filter_map(|it| it.strip_prefix('$'));
            let mut names = names.map(|it| it.split(['.', ',']).next().unwrap_or_default());
            let made = |it: &str| [" :=", ":=", ","].iter().any(|sign| has(format!("${it}{sign}")));
            let unknown = names.find(|it| !it.is_empty() && !made(it))?;
            said(format!("there is no variable `${unknown}`"))
        }
    }
}

/// Looks at a word and the values behind it.
fn of_call(words: &[&str], fields: Option<&[&str]>) -> Option<Said> {
    let call = match words {
        ["else", "if" | "with", rest @ ..] | ["if" | "with", rest @ ..] => rest,
        rest => rest,
    };
    match call {
        ["call", _, ..] => Some(("there is nothing that could be called".to_owned(), None)),
        [word @ ("eq" | "ne" | "lt" | "le" | "gt" | "ge"), values @ ..] if !values.is_empty() => {
            compared(word, values, fields)
        }
        [value, _, ..] if fields.is_some_and(|it| is_leaf(value, it)) => {
            Some((format!("`{value}` takes nothing after it"), None))
        }
        _ => None,
    }
}

fn compared(word: &str, values: &[&str], fields: Option<&[&str]>) -> Option<Said> {
    let [first, others @ ..] = values else { return None };
    let wrong = match word {
        "eq" => others.is_empty(),
        _ => others.len() != 1,
    };
    if wrong {
        return Some((format!("`{word}` compares two values"), None));
    }
    let kinds = |it: &&str| kind(it, fields);
    if let Some(whole) = values.iter().find(|it| kinds(it) == Some(Kind::Whole)) {
        return Some((format!("`{whole}` is more than one value: nothing equals it"), None));
    }
    let kind = kinds(first)?;
    let other = others.iter().find(|it| kinds(it).is_some_and(|it| it != kind))?;
    let named = |it: &&str| kinds(it).map_or("", Kind::name);
    let said = format!(
        "`{word}` cannot compare {first}, {}, with {other}, {}",
        named(first),
        named(other)
    );
    let number = [first, other].into_iter().find(|it| kinds(it) == Some(Kind::Number));
    let text = [first, other].into_iter().any(|it| kinds(it) == Some(Kind::Text));
    let hint = number.filter(|_| text).map(|it| format!("write \"{it}\", in quotes"));
    Some((said, hint))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Fraction,
    Truth,
    Whole,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Fraction => "a fraction",
            Self::Truth => "true or false",
            Self::Whole => "several values",
        }
    }
}

/// Returns what a value is, where that is known.
fn kind(value: &str, fields: Option<&[&str]>) -> Option<Kind> {
    if value.starts_with('"') {
        return Some(Kind::Text);
    }
    if let Some(field) = value.strip_prefix('.') {
        let fields = fields?;
        return match fields.contains(&field) {
            true if is_leaf(value, fields) => Some(Kind::Text),
            true => Some(Kind::Whole),
            false => None,
        };
    }
    if matches!(value, "true" | "false") {
        return Some(Kind::Truth);
    }
    if value.parse::<i64>().is_ok() {
        return Some(Kind::Number);
    }
    let starts = value.starts_with(|it: char| it.is_ascii_digit() || it == '-');
    (starts && value.parse::<f64>().is_ok()).then_some(Kind::Fraction)
}

/// Says whether a field is a text, and holds no others.
fn is_leaf(value: &str, fields: &[&str]) -> bool {
    let Some(field) = value.strip_prefix('.') else { return false };
    let holds = |it: &&str| it.strip_prefix(field).is_some_and(|it| it.starts_with('.'));
    fields.contains(&field) && field != "Service.Labels" && !fields.iter().any(holds)
}

/// Cuts a placeholder into its words, quoted texts in one; nothing where it has brackets or
/// pipes.
fn words(action: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = action.trim();
    while !rest.is_empty() {
        let end = if rest.starts_with('"') {
            let bytes = rest.as_bytes();
            let closes = |at: &usize| bytes[*at] == b'"' && bytes[*at - 1] != b'\\';
            (1..rest.len()).find(closes)? + 1
        } else {
            rest.find(char::is_whitespace).unwrap_or(rest.len())
        };
        let (word, more) = rest.split_at(end);
        if !word.starts_with('"') && word.contains(['(', ')', '|', '"', '\'']) {
            return None;
        }
        words.push(word);
        rest = more.trim_start();
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[&str] = &["Service", "Service.Name", "Service.Labels", "Task", "Task.Slot"];

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let found = misuse(text, Some(FIELDS));
        assert_eq!(found.as_ref().map(|it| it.0.as_str()), expected, "{text}");
    }

    /// As engine 20.10 was seen to take them.
    #[test]
    fn what_the_engine_refuses_is_told() {
        for text in [
            "{{range $k, $v := .Service.Labels}}{{break}}{{end}}",
            "{{range $k,$v := .Service.Labels}}{{if true}}{{continue}}{{end}}{{$v}}{{end}}",
            "{{eq 1 1}}{{eq .Task.Slot \"1\"}}{{eq .Service.Name .Task.Slot \"x\"}}",
            "{{if eq .Service.Name \"a b\"}}a{{end}}",
            "{{lt .Task.Slot \"2\"}}{{len .Service.Labels}}{{index .Service.Labels \"a\"}}",
            "{{define \"x\"}}a{{end}}{{template \"x\"}}",
            "{{block \"x\" .}}a{{end}}",
            "{{$x := 1}}{{$x}}",
            "{{.Service.Name | printf \"%q\"}}",
            "{{with .Service}}{{eq .Name 1}}{{end}}",
            "{{print 1 \"a\"}}",
            "{{eq (len .Service.Name) 3}}",
            "{{- .Task.Slot -}}",
        ] {
            check(text, None);
        }
        check("{{break}}", Some("`break` is used outside of a range"));
        check("{{if true}}{{continue}}{{end}}", Some("`continue` is used outside of a range"));
        check("{{eq 1 \"a\"}}", Some("`eq` cannot compare 1, a number, with \"a\", a text"));
        check(
            "{{if eq .Task.Slot 1}}a{{end}}",
            Some("`eq` cannot compare .Task.Slot, a text, with 1, a number"),
        );
        check("{{le 1 2.0}}", Some("`le` cannot compare 1, a number, with 2.0, a fraction"));
        check("{{eq true 1}}", Some("`eq` cannot compare true, true or false, with 1, a number"));
        check("{{eq 1}}", Some("`eq` compares two values"));
        check(
            "{{eq .Service .Service}}",
            Some("`.Service` is more than one value: nothing equals it"),
        );
        check("{{call .Service.Name}}", Some("there is nothing that could be called"));
        check("{{template \"x\"}}", Some("there is no template \"x\""));
        check("{{$x}}", Some("there is no variable `$x`"));
        check("{{.Service.Name 1}}", Some("`.Service.Name` takes nothing after it"));
        let hint = misuse("{{eq .Task.Slot 1}}", Some(FIELDS)).unwrap().1;
        assert_eq!(hint.as_deref(), Some("write \"1\", in quotes"));
        assert_eq!(misuse("{{eq .ID 1}}", None), None);
    }
}

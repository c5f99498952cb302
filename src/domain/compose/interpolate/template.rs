//! The grammar of variables: `$$`, `$NAME`, `${NAME}`, with defaults and demands.

use std::collections::BTreeMap;

/// What stands at a dollar sign.
pub struct Token<'a> {
    pub text: &'a str,
    pub kind: TokenKind<'a>,
}

pub enum TokenKind<'a> {
    Escape,
    Variable { inner: &'a str, braced: bool },
    Invalid,
}

impl<'a> Token<'a> {
    /// Reads what starts with the dollar sign at the start of a text.
    pub fn at_start(text: &'a str) -> Self {
        let rest = &text[1..];
        if rest.starts_with('$') {
            return Self { text: &text[..2], kind: TokenKind::Escape };
        }
        if let Some(length) = substitution(rest) {
            let kind = TokenKind::Variable { inner: &rest[..length], braced: false };
            return Self { text: &text[..=length], kind };
        }
        if let Some(rest) = rest.strip_prefix('{')
            && let Some(length) = substitution(rest)
            && rest[length..].starts_with('}')
        {
            let kind = TokenKind::Variable { inner: &rest[..length], braced: true };
            return Self { text: &text[..length + 3], kind };
        }
        Self { text: &text[..1], kind: TokenKind::Invalid }
    }
}

/// What a variable's braces say.
pub struct Reading<'a> {
    pub name: &'a str,
    pub otherwise: Otherwise<'a>,
}

pub enum Otherwise<'a> {
    Empty,
    Default { text: &'a str, when_empty: bool },
    Refuse { message: &'a str, when_empty: bool },
}

impl<'a> Reading<'a> {
    /// Looks for `:-`, `-`, `:?` and `?` in that order, anywhere in the text.
    pub fn of(inner: &'a str) -> Self {
        for (operator, when_empty) in [(":-", true), ("-", false)] {
            if let Some((name, text)) = inner.split_once(operator) {
                return Self { name, otherwise: Otherwise::Default { text, when_empty } };
            }
        }
        for (operator, when_empty) in [(":?", true), ("?", false)] {
            if let Some((name, message)) = inner.split_once(operator) {
                return Self { name, otherwise: Otherwise::Refuse { message, when_empty } };
            }
        }
        Self { name: inner, otherwise: Otherwise::Empty }
    }

    /// Returns what stands in for the variable, or docker's words for what is missing.
    pub fn value(&self, environment: &BTreeMap<String, String>) -> Result<String, String> {
        let value = environment.get(self.name);
        let or_set = |when_empty: bool| value.filter(|it| !(when_empty && it.is_empty()));
        match self.otherwise {
            Otherwise::Empty => Ok(value.cloned().unwrap_or_default()),
            Otherwise::Default { text, when_empty } => {
                Ok(or_set(when_empty).cloned().unwrap_or_else(|| text.to_owned()))
            }
            Otherwise::Refuse { message, when_empty } => {
                or_set(when_empty).cloned().ok_or_else(|| {
                    format!("required variable {} is missing a value: {message}", self.name)
                })
            }
        }
    }
}

/// Measures a name with an optional operator and all behind it up to a `}`.
fn substitution(text: &str) -> Option<usize> {
    let name = text.find(|c| !is_name_char(c)).unwrap_or(text.len());
    if name == 0 || text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = &text[name..];
    if !rest.strip_prefix(':').unwrap_or(rest).starts_with(['-', '?']) {
        return Some(name);
    }
    Some(name + rest.find('}').unwrap_or(rest.len()))
}

pub fn is_name(text: &str) -> bool {
    text.chars().all(is_name_char)
}

/// Docker matches names without regard to case, the way Unicode folds it: the
/// long s and the Kelvin sign are letters too.
pub fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '\u{17f}' | '\u{212a}')
}

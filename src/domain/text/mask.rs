//! Masking of values that look secret; in doubt a value is masked.

mod names;
mod patterns;
#[cfg(test)]
mod tests;

pub use names::{HIDDEN, is_secret_name};

use patterns::PATTERNS;
use serde_json::Value;
use std::borrow::Cow;

/// Whether secret-looking values are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Secrecy {
    #[default]
    Mask,
    /// The operator asked for it.
    Reveal,
}

impl Secrecy {
    /// Hides a value by its name, or what of it looks secret by itself.
    pub fn value<'a>(self, name: &str, value: &'a str) -> Cow<'a, str> {
        if self == Self::Mask && !value.is_empty() && is_secret_name(name) {
            return Cow::Borrowed(HIDDEN);
        }
        self.text(value)
    }

    /// Hides what of a text looks secret: passwords in URLs, private keys, web
    /// tokens, and what stands behind a secret name, as in `--password=x`, in
    /// `Authorization: Bearer x` and in `{"password":"x"}`.
    pub fn text(self, text: &str) -> Cow<'_, str> {
        if self == Self::Reveal {
            return Cow::Borrowed(text);
        }
        if text.contains("PRIVATE KEY-----") {
            return Cow::Borrowed(HIDDEN);
        }
        if let Some(hidden) = self.document(text) {
            return hidden;
        }
        let Some(patterns) = PATTERNS.as_ref() else { return Cow::Borrowed(HIDDEN) };
        patterns.hide(text)
    }

    /// Hides in a text that is JSON; `None` where it is none.
    fn document(self, text: &str) -> Option<Cow<'_, str>> {
        if !text.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let document: Value = serde_json::from_str(text).ok()?;
        let hidden = self.json("", &document);
        let same = hidden == document;
        Some(if same { Cow::Borrowed(text) } else { Cow::Owned(hidden.to_string()) })
    }

    /// Hides in `NAME=value`.
    pub fn pair(self, pair: &str) -> Cow<'_, str> {
        // A sentence with a sign in it is not a pair, and a key may end in one.
        let is_name = |name: &str| !name.contains(char::is_whitespace) && self.text(name) == name;
        let named = pair.split_once('=').filter(|it| is_name(it.0));
        let Some((name, value)) = named else { return self.text(pair) };
        match self.value(name, value) {
            Cow::Borrowed(same) if same == value => Cow::Borrowed(pair),
            masked => Cow::Owned(format!("{name}={masked}")),
        }
    }

    /// Hides in the words of a command: also the one after `--password`.
    pub fn words(self, words: &[&str]) -> Vec<String> {
        let mut is_secret = false;
        let mut hidden = Vec::with_capacity(words.len());
        for word in words {
            let is_option = word.starts_with('-');
            let shown =
                if is_secret && !is_option { self.value("secret", word) } else { self.pair(word) };
            is_secret = is_option && !word.contains('=') && is_secret_name(word);
            hidden.push(shown.into_owned());
        }
        hidden
    }

    /// Hides in a whole JSON value: by the names of members, and in lists of texts
    /// as in the words of a command.
    pub fn json(self, name: &str, value: &Value) -> Value {
        match value {
            Value::String(text) if is_secret_name(name) => {
                Value::String(self.value(name, text).into_owned())
            }
            Value::String(text) => Value::String(self.pair(text).into_owned()),
            Value::Array(list) => self.list(name, list),
            // What a secret name stands over is secret whatever it is called itself, as the
            // tokens for workers and managers.
            Value::Object(map) if is_secret_name(name) => {
                map.iter().map(|(key, it)| (key.clone(), self.json(name, it))).collect()
            }
            Value::Object(map) => {
                map.iter().map(|(key, it)| (key.clone(), self.json(key, it))).collect()
            }
            Value::Number(number) if is_secret_name(name) => {
                Value::String(self.value(name, &number.to_string()).into_owned())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    fn list(self, name: &str, list: &[Value]) -> Value {
        let words: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
        match words.filter(|_| !is_secret_name(name)) {
            Some(words) => self.words(&words).into(),
            None => list.iter().map(|it| self.json(name, it)).collect(),
        }
    }
}

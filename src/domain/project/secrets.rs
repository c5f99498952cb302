//! Secret values: they go into specs and must not be printed anywhere.

use crate::domain::{
    project::spelling::{in_address, in_quotes},
    text::mask::HIDDEN,
};
use std::{borrow::Cow, collections::BTreeSet, fmt};

/// Shorter ones would be found in every other word; they are hidden where they stand
/// alone.
const TELLING: usize = 4;

/// Values to hide wherever they turn up.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secrets(BTreeSet<String>);

impl Secrets {
    pub fn new(values: BTreeSet<String>) -> Self {
        Self(values.into_iter().filter(|it| !it.is_empty()).collect())
    }

    /// Returns the values, to be sealed.
    pub fn values(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    /// Hides those of another, too.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Hides all of them in a text.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.0.contains(text) {
            return Cow::Borrowed(HIDDEN);
        }
        let telling = self.0.iter().filter(|it| it.len() >= TELLING);
        let mut found: Vec<Cow<'_, str>> =
            telling.flat_map(|it| forms(it)).filter(|it| text.contains(&**it)).collect();
        // Of two that begin alike the longer one goes first.
        found.sort_by_key(|it| std::cmp::Reverse(it.len()));
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        let hidden = found.iter().fold(text.to_owned(), |it, secret| it.replace(&**secret, HIDDEN));
        Cow::Owned(hidden)
    }

    /// Hides all of them in a text that may stay as it is.
    pub fn clean(&self, text: &mut String) {
        if let Cow::Owned(hidden) = self.hide(text) {
            *text = hidden;
        } else if self.0.contains(text.as_str()) {
            HIDDEN.clone_into(text);
        }
    }
}

/// Returns a value as it is, and as others quote it: in JSON, and in an address.
fn forms(value: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let is_plain = value.bytes().all(|it| it.is_ascii_alphanumeric() || b"-._~".contains(&it));
    let quoted = (!is_plain).then(|| [in_quotes(value), in_address(value)]);
    [Cow::Borrowed(value)].into_iter().chain(quoted.into_iter().flatten().map(Cow::Owned))
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let secrets = ["hunter2", "hunter2-more", "x1", "a\"b c"].map(str::to_owned);
        let secrets = Secrets::new(secrets.into_iter().collect());
        assert_eq!(secrets.hide(text), expected);
        let mut cleaned = text.to_owned();
        secrets.clean(&mut cleaned);
        assert_eq!(cleaned, expected);
    }

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        check("hunter2", HIDDEN);
        check("postgres://u:hunter2@db", &format!("postgres://u:{HIDDEN}@db"));
        check("hunter2-more", HIDDEN);
        check("a hunter2-more b", &format!("a {HIDDEN} b"));
        check("x1", HIDDEN);
        check("max1", "max1");
        check("nothing", "nothing");
        check(r#"exec: "a\"b c": no"#, &format!("exec: \"{HIDDEN}\": no"));
        check("GET /a%22b%20c/x", &format!("GET /{HIDDEN}/x"));
    }
}

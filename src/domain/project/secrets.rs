//! Secret values: they go into specs and must not be printed anywhere.

use crate::domain::{
    project::spelling::{as_path, in_address, in_compose, in_quotes},
    text::mask::{HIDDEN, Secrecy},
};
use aho_corasick::{AhoCorasick, MatchKind};
use serde_json::Value;
use std::{
    borrow::Cow,
    collections::BTreeSet,
    fmt, mem,
    sync::{Arc, OnceLock},
};

/// Shorter ones would be found in every other word; they are hidden where they stand
/// alone.
const TELLING: usize = 4;

/// Values to hide wherever they turn up.
#[derive(Clone, Default)]
pub struct Secrets {
    values: BTreeSet<String>,
    /// Finds them in texts; made where it is needed first, once for all copies.
    finder: Arc<OnceLock<Finder>>,
}

enum Finder {
    /// None of them is looked for within a text.
    Nothing,
    Forms(AhoCorasick),
    /// They are too many to be looked for: nothing is shown.
    Everything,
}

impl Secrets {
    pub fn new(values: BTreeSet<String>) -> Self {
        let values = values.into_iter().filter(|it| !it.is_empty()).collect();
        Self { values, finder: Arc::default() }
    }

    /// Returns the values, to be sealed.
    pub fn values(&self) -> Vec<&str> {
        self.values.iter().map(String::as_str).collect()
    }

    /// Hides those of another, too.
    pub fn join(&mut self, other: Self) {
        self.values.extend(other.values);
        self.finder = Arc::default();
    }

    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Hides all of them in a text.
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.values.contains(text) {
            return Cow::Borrowed(HIDDEN);
        }
        // A short one stands alone in a variable, too.
        if let Some((name, value)) = text.split_once('=')
            && self.values.contains(value)
        {
            return Cow::Owned(format!("{name}={HIDDEN}"));
        }
        match self.finder.get_or_init(|| self.find()) {
            Finder::Nothing => Cow::Borrowed(text),
            Finder::Everything => Cow::Borrowed(HIDDEN),
            Finder::Forms(forms) if !forms.is_match(text) => Cow::Borrowed(text),
            Finder::Forms(forms) => {
                let mut hidden = String::with_capacity(text.len());
                forms.replace_all_with(text, &mut hidden, |_, _, out| {
                    out.push_str(HIDDEN);
                    true
                });
                Cow::Owned(hidden)
            }
        }
    }

    /// Hides all of them in a text that may stay as it is.
    pub fn clean(&self, text: &mut String) {
        let hidden = match self.hide(text) {
            Cow::Borrowed(same) if same == text.as_str() => return,
            hidden => hidden.into_owned(),
        };
        *text = hidden;
    }

    /// Hides all of them in the texts of a document, and in the names of its members.
    pub fn clean_json(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.clean(text),
            Value::Array(list) => list.iter_mut().for_each(|it| self.clean_json(it)),
            Value::Object(map) => {
                let named = mem::take(map).into_iter().map(|(name, mut it)| {
                    self.clean_json(&mut it);
                    (self.hide(&name).into_owned(), it)
                });
                *map = named.collect();
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn find(&self) -> Finder {
        let telling = self.values.iter().filter(|it| it.len() >= TELLING);
        let forms: BTreeSet<String> = telling.flat_map(|it| forms(it)).collect();
        if forms.is_empty() {
            return Finder::Nothing;
        }
        // Of two that begin alike the longer one counts.
        let found = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&forms);
        found.map_or(Finder::Everything, Finder::Forms)
    }
}

impl PartialEq for Secrets {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl Eq for Secrets {}

/// Returns a value as it is, and as others write it: between quotes, in an address, in a
/// compose file, with what looks secret by itself masked, and without the name in front that
/// makes it a variable.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned(), in_quotes(value), in_address(value)];
    forms.extend([in_compose(value), as_path(value), Secrecy::Mask.text(value).into_owned()]);
    forms.extend(behind_name(value).into_iter().flat_map(self::forms));
    forms.retain(|it| it.len() >= TELLING && it != HIDDEN);
    forms
}

/// Returns what is the value of a variable where `NAME=value` stands in a list.
fn behind_name(value: &str) -> Option<&str> {
    let (name, rest) = value.split_once('=')?;
    let is_name = |it: char| it.is_ascii_alphanumeric() || "_.-".contains(it);
    (!name.is_empty() && name.chars().all(is_name)).then_some(rest)
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.values.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
        check("DSN=x1", &format!("DSN={HIDDEN}"));
        check("nothing", "nothing");
        check(r#"exec: "a\"b c": no"#, &format!("exec: \"{HIDDEN}\": no"));
        check("GET /a%22b%20c/x", &format!("GET /{HIDDEN}/x"));
    }

    #[test]
    fn a_secret_is_hidden_as_others_write_it() {
        let check = |secret: &str, text: &str, expected: &str| {
            let secrets = Secrets::new(BTreeSet::from([secret.to_owned()]));
            assert_eq!(secrets.hide(text), expected, "{secret}");
        };
        let hidden = |text: &str| text.replace('*', HIDDEN);
        // In a list of variables it is split; in a compose file a dollar is doubled.
        check("DBPW=hunter2", "hunter2", HIDDEN);
        check("DBPW=hunter2", "DBPW: hunter2", &hidden("DBPW: *"));
        check("S3cret$x", "S3cret$$x", HIDDEN);
        // What looks secret in it may have been masked before.
        let address = "http://user:pass@host/db";
        check(address, &hidden("http://user:*@host/db"), HIDDEN);
        check(address, "/srv/http:/user:pass@host/db", &hidden("/srv/*"));
        let mut document = json!({ "hunter2x": ["a hunter2x"], "b": 1 });
        Secrets::new(BTreeSet::from(["hunter2x".to_owned()])).clean_json(&mut document);
        assert_eq!(document, json!({ HIDDEN: [hidden("a *")], "b": 1 }));
    }
}

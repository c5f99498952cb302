//! Patterns of secrets: texts that look secret, and values after names that do.

use crate::domain::text::mask::names::{HIDDEN, is_secret_name};
use regex::{Captures, Regex};
use std::{borrow::Cow, sync::LazyLock};

pub struct Patterns {
    /// `scheme://user:password@`
    userinfo: Regex,
    /// A name and the sign between it and its value.
    named: Regex,
    /// What ends a value: the next name with its sign.
    next: Regex,
    /// What comes after the word where web servers are told who one is.
    bearer: Regex,
    /// Three parts in base64, of which the first two are JSON.
    web_token: Regex,
    /// What lets a node into a swarm, or unlocks one.
    swarm_key: Regex,
}

pub static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let regex = |it: &str| Regex::new(it).ok();
    Some(Patterns {
        userinfo: regex(r"(?P<head>[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@?#]*:)[^\s/]+@")?,
        named: regex(
            r#"(?P<name>[A-Za-z_][\w.-]*)(?P<quote>\\*["'])?(?P<sign>\s*(?:=>|[:=])\s*|>)"#,
        )?,
        next: regex(r#"[;&,]\s*\\*["']?[A-Za-z_][\w. -]*\\*["']?\s*[=:]"#)?,
        bearer: regex(r"(?P<head>\b(?i:bearer)\s+)[\w.~+/=-]{8,}")?,
        swarm_key: regex(r"\bSWM(TKN|KEY)-[\w+/=-]+")?,
        web_token: regex(r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*")?,
    })
});

impl Patterns {
    pub fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut hidden = Cow::Borrowed(text);
        let userinfo = |it: &Captures<'_>| format!("{}{HIDDEN}@", &it["head"]);
        let bearer = |it: &Captures<'_>| format!("{}{HIDDEN}", &it["head"]);
        let token = |_: &Captures<'_>| HIDDEN.to_owned();
        replace(&mut hidden, &self.userinfo, userinfo);
        if let Some(named) = self.named(&hidden) {
            hidden = Cow::Owned(named);
        }
        replace(&mut hidden, &self.bearer, bearer);
        replace(&mut hidden, &self.web_token, token);
        replace(&mut hidden, &self.swarm_key, token);
        hidden
    }

    /// Hides values behind names that are secret, as they stand in queries, connection
    /// strings, commands, headers, JSON, YAML and XML. `None` where there are none.
    fn named(&self, text: &str) -> Option<String> {
        let mut hidden = String::new();
        let (mut done, mut at) = (0, 0);
        while let Some(found) = self.named.captures_at(text, at) {
            let (Some(name), Some(whole)) = (found.name("name"), found.get(0)) else { break };
            at = name.end();
            let value = Value {
                before: text[..name.start()].chars().next_back(),
                quoted: found.name("quote").is_some(),
                sign: found.name("sign").map_or("", |it| it.as_str()),
                rest: &text[whole.end()..],
            };
            if !is_secret_name(name.as_str()) || !value.is_one() {
                continue;
            }
            let (from, to) = value.range(&self.next);
            if from == to || value.rest[from..to] == *HIDDEN {
                continue;
            }
            hidden.push_str(&text[done..whole.end() + from]);
            hidden.push_str(HIDDEN);
            (done, at) = (whole.end() + to, whole.end() + to);
        }
        (done > 0).then(|| hidden + &text[done..])
    }
}

/// What stands behind a name.
struct Value<'a> {
    /// What stands before the name.
    before: Option<char>,
    /// Whether the name stands in quotes.
    quoted: bool,
    sign: &'a str,
    rest: &'a str,
}

impl Value<'_> {
    /// A name and a number behind a colon are a host and its port, or an image and its tag.
    fn is_one(&self) -> bool {
        match self.sign.trim() {
            ":" => self.quoted || self.sign.ends_with(char::is_whitespace),
            ">" => !self.quoted && self.before == Some('<'),
            _ => true,
        }
    }

    /// Returns where it begins and ends; better too late than too early.
    fn range(&self, next: &Regex) -> (usize, usize) {
        let slashes = self.rest.len() - self.rest.trim_start_matches('\\').len();
        let quote = self.rest[slashes..].chars().next();
        if let Some(quote @ ('"' | '\'')) = quote {
            return self.in_quotes(quote, slashes);
        }
        let line = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
        let end = match self.sign.trim() {
            ">" => self.rest.find('<').unwrap_or(self.rest.len()),
            // Lists, objects, texts of several lines.
            ":" if self.rest.starts_with(['[', '{', '|', '>']) => self.rest.len(),
            ":" if self.quoted => {
                let ends = |it: char| it.is_whitespace() || matches!(it, ',' | '}' | ']');
                self.rest.find(ends).unwrap_or(self.rest.len())
            }
            ":" => match self.before.filter(|it| matches!(it, '"' | '\'')) {
                Some(quote) => self.rest.find(quote).unwrap_or(line),
                None => line,
            },
            _ => self.assigned(&self.rest[..line], next),
        };
        (0, end)
    }

    /// Blanks are part of a value in connection strings only.
    fn assigned(&self, line: &str, next: &Regex) -> usize {
        let next = next.find(line).map(|it| it.start());
        let connects =
            self.before == Some(';') || next.is_some_and(|it| line[it..].starts_with(';'));
        let end = next.unwrap_or(line.len());
        if connects { end } else { line.find(char::is_whitespace).unwrap_or(line.len()).min(end) }
    }

    /// The quotes themselves stay; those within a text of another language are escaped.
    fn in_quotes(&self, quote: char, slashes: usize) -> (usize, usize) {
        let from = slashes + 1;
        let mut before = 0;
        let mut letters = self.rest[from..].char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let ends = letter == quote && before <= slashes;
            // Some languages write it twice where it is meant as a letter.
            let twice = ends && slashes == 0 && letters.next_if(|it| it.1 == quote).is_some();
            if ends && !twice {
                return self.behind(from, from + at - before);
            }
            before = if letter == '\\' { before + 1 } else { 0 };
        }
        (from, self.rest.len())
    }

    /// A quote that something follows at once was part of the value.
    fn behind(&self, from: usize, end: usize) -> (usize, usize) {
        let quote = end + from;
        let follows = self.rest.get(quote..).unwrap_or_default();
        let ends = |it: char| it.is_whitespace() || ",;&}])>\"'`\\".contains(it);
        let more = follows.find(ends).unwrap_or(follows.len());
        (from, if more == 0 { end } else { quote + more })
    }
}

fn replace(text: &mut Cow<'_, str>, regex: &Regex, with: impl Fn(&Captures<'_>) -> String) {
    if let Cow::Owned(replaced) = regex.replace_all(text, with) {
        *text = Cow::Owned(replaced);
    }
}

//! Values that look secret, hidden. Better one too many than one too few.

use regex::{Captures, Regex};
use serde_json::Value;
use std::{borrow::Cow, sync::LazyLock};

/// What stands for a hidden value.
pub const HIDDEN: &str = "••••••";

/// Whether secret-looking values are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Secrecy {
    #[default]
    Mask,
    /// The operator asked for it.
    Reveal,
}

/// Parts of names that are secret wherever they stand.
const TELLING: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "apikey",
    "privatekey",
    "accesskey",
    "htpasswd",
];

/// Names of the engine's fields that only sound secret.
const HARMLESS: &[&str] = &["Secrets", "SecretName", "SecretID", "CredentialSpec"];

/// Words of names that are secret as whole words only (`KEYBOARD` is none).
const WORDS: &[&str] = &[
    "pass",
    "pwd",
    "pw",
    "key",
    "keys",
    "auth",
    "basicauth",
    "cookie",
    "dsn",
    "jwt",
    "pat",
    "pin",
    "salt",
    "signature",
];

impl Secrecy {
    /// Hides a value by its name, or what of it looks secret by itself.
    pub fn value<'a>(self, name: &str, value: &'a str) -> Cow<'a, str> {
        if self == Self::Mask && !value.is_empty() && is_secret_name(name) {
            return Cow::Borrowed(HIDDEN);
        }
        self.text(value)
    }

    /// Hides what of a text looks secret: passwords in URLs, private keys, web
    /// tokens, and options like `--password=x`.
    pub fn text(self, text: &str) -> Cow<'_, str> {
        if self == Self::Reveal {
            return Cow::Borrowed(text);
        }
        if text.contains("PRIVATE KEY-----") {
            return Cow::Borrowed(HIDDEN);
        }
        let Some(patterns) = PATTERNS.as_ref() else { return Cow::Borrowed(HIDDEN) };
        patterns.hide(text)
    }

    /// Hides in `NAME=value`.
    pub fn pair(self, pair: &str) -> Cow<'_, str> {
        // A sentence with a sign in it is no pair, and a key may end in one.
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

/// Returns whether a name says that its value is secret: `DB_PASSWORD`,
/// `api.key`, `authToken`. A name that ends in `_FILE` points to a file instead.
pub fn is_secret_name(name: &str) -> bool {
    if HARMLESS.contains(&name) {
        return false;
    }
    let words = words_of(name);
    if words.last().is_some_and(|it| matches!(it.as_str(), "file" | "path")) {
        return false;
    }
    let joined = words.concat();
    if ["publickey", "publickeys", "pubkey", "pubkeys"].iter().any(|it| joined.ends_with(it)) {
        return false;
    }
    TELLING.iter().any(|it| joined.contains(it))
        || words.iter().any(|it| WORDS.contains(&it.as_str()))
}

/// The words of a name in lower case, split at signs, where capitals begin, and where a
/// row of them ends (`CAKey`).
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    let mut letters = name.chars().peekable();
    while let Some(c) = letters.next() {
        let ends_capitals = !was_lower && letters.peek().is_some_and(|it| it.is_lowercase());
        let starts = !c.is_alphanumeric() || (c.is_uppercase() && (was_lower || ends_capitals));
        was_lower = c.is_lowercase();
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|it| !it.is_empty());
    words
}

struct Patterns {
    /// `scheme://user:password@`
    userinfo: Regex,
    /// `name=value` within a text, as in queries and connection strings.
    pair: Regex,
    /// Three parts in base64, of which the first two are JSON.
    web_token: Regex,
    /// What lets a node into a swarm, or unlocks one.
    swarm_key: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    let regex = |it: &str| Regex::new(it).ok();
    Some(Patterns {
        userinfo: regex(r"(?P<head>[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@?#]*:)[^\s/]+@")?,
        pair: regex(r"(?P<name>[A-Za-z][\w.-]*)=(?P<value>[^\s&;,]+)")?,
        swarm_key: regex(r"\bSWM(TKN|KEY)-[\w+/=-]+")?,
        web_token: regex(r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]*")?,
    })
});

impl Patterns {
    fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut hidden = Cow::Borrowed(text);
        let userinfo = |it: &Captures<'_>| format!("{}{HIDDEN}@", &it["head"]);
        let pair = |it: &Captures<'_>| {
            let name = &it["name"];
            if is_secret_name(name) { format!("{name}={HIDDEN}") } else { it[0].to_owned() }
        };
        let token = |_: &Captures<'_>| HIDDEN.to_owned();
        replace(&mut hidden, &self.userinfo, userinfo);
        replace(&mut hidden, &self.pair, pair);
        replace(&mut hidden, &self.web_token, token);
        replace(&mut hidden, &self.swarm_key, token);
        hidden
    }
}

fn replace(text: &mut Cow<'_, str>, regex: &Regex, with: impl Fn(&Captures<'_>) -> String) {
    if let Cow::Owned(replaced) = regex.replace_all(text, with) {
        *text = Cow::Owned(replaced);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_tell_what_is_secret() {
        for name in [
            "DB_PASSWORD",
            "MYSQL_ROOT_PASSWORD",
            "api-key",
            "apiKey",
            "API_KEY",
            "AUTH_TOKEN",
            "secretValue",
            "AWS_SECRET_ACCESS_KEY",
            "PGPASSWORD",
            "DB_PASS",
            "SENTRY_DSN",
            "CREDENTIALS",
            "smtp.pwd",
            "traefik.http.middlewares.a.basicauth.users",
            "--password",
            "SigningCAKey",
            "JoinTokens",
            "UnlockKey",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "PATH",
            "KEYBOARD",
            "MONKEY",
            "AUTHOR",
            "PASSENGERS",
            "COMPASS",
            "DB_PASSWORD_FILE",
            "TLS_KEY_PATH",
            "DB_HOST",
            "CertIssuerPublicKey",
            "SSH_PUBLIC_KEYS",
            "CredentialSpec",
            "",
            "-",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values_hide_and_what_is_harmless_stays() {
        for (pair, shown) in [
            ("DB_PASSWORD=hunter2", "DB_PASSWORD=••••••"),
            ("DB_PASSWORD=", "DB_PASSWORD="),
            ("DB_PASSWORD", "DB_PASSWORD"),
            ("DB_HOST=db", "DB_HOST=db"),
            ("DB_PASSWORD_FILE=/run/secrets/x", "DB_PASSWORD_FILE=/run/secrets/x"),
            (
                "DB_URL=postgres://me:hunter2@db:5432/shop",
                "DB_URL=postgres://me:••••••@db:5432/shop",
            ),
            ("DB_URL=postgres://me:p@ss@db/shop", "DB_URL=postgres://me:••••••@db/shop"),
            ("REDIS=redis://:hunter2@cache", "REDIS=redis://:••••••@cache"),
            ("PROXY=http://proxy:3128", "PROXY=http://proxy:3128"),
            ("HOOK=https://x/y?a=1&token=abc&b=2", "HOOK=https://x/y?a=1&token=••••••&b=2"),
            ("DSNS=Server=db;Password=hunter2;Port=1", "DSNS=Server=db;Password=••••••;Port=1"),
            ("X=eyJhbGciOi.eyJzdWIiOi.c2ln", "X=••••••"),
            ("X=-----BEGIN RSA PRIVATE KEY-----\nMII", "X=••••••"),
        ] {
            assert_eq!(Secrecy::Mask.pair(pair), shown, "{pair}");
            assert_eq!(Secrecy::Reveal.pair(pair), pair);
        }
    }

    #[test]
    fn the_word_after_a_secret_option_hides() {
        let words = ["run", "--password", "hunter2", "--token=abc", "--auth", "--verbose", "file"];
        let expected =
            ["run", "--password", "••••••", "--token=••••••", "--auth", "--verbose", "file"];
        assert_eq!(Secrecy::Mask.words(&words), expected);
        assert_eq!(Secrecy::Reveal.words(&words), words);
    }

    #[test]
    fn what_opens_a_swarm_is_hidden_and_what_everybody_may_know_is_not() {
        let swarm = json!({
            "JoinTokens": { "Worker": "SWMTKN-1-a-b", "Manager": "any form" },
            "Spec": { "CAConfig": { "SigningCACert": "-----BEGIN CERTIFICATE-----", "SigningCAKey": "x" } },
            "TLSInfo": { "CertIssuerPublicKey": "MFkw", "TrustRoot": "-----BEGIN CERTIFICATE-----" },
            "UnlockKey": "SWMKEY-1-x", "Note": "join with SWMTKN-1-5k2-9x or SWMKEY-1-7/a+b=",
        });
        let hidden = Secrecy::Mask.json("", &swarm);
        assert_eq!(hidden["JoinTokens"], json!({ "Worker": HIDDEN, "Manager": HIDDEN }));
        assert_eq!(hidden["Spec"]["CAConfig"]["SigningCAKey"], HIDDEN);
        assert_eq!(hidden["UnlockKey"], HIDDEN);
        assert_eq!(hidden["Note"], "join with •••••• or ••••••");
        assert_eq!(hidden["TLSInfo"], swarm["TLSInfo"]);
        assert_eq!(hidden["Spec"]["CAConfig"]["SigningCACert"], "-----BEGIN CERTIFICATE-----");
    }

    #[test]
    fn documents_hide_at_any_depth() {
        let document = json!({ "Env": ["A=1", "API_KEY=x"], "Args": ["--token", "x"], "SecretName": "y", "Labels": { "auth": "x", "b": "c" }, "N": 1 });
        let expected = json!({ "Env": ["A=1", "API_KEY=••••••"], "Args": ["--token", "••••••"], "SecretName": "y", "Labels": { "auth": "••••••", "b": "c" }, "N": 1 });
        assert_eq!(Secrecy::Mask.json("", &document), expected);
        assert_eq!(Secrecy::Reveal.json("", &document), document);
    }
}

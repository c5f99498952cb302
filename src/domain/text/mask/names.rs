//! Names of what is secret, and what stands for it.

/// What stands for a hidden value.
pub const HIDDEN: &str = "••••••";

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
    "authorization",
    "basicauth",
    "cookie",
    "dsn",
    "jwt",
    "pat",
    "pin",
    "salt",
    "signature",
];

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

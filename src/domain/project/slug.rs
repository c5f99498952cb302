//! Slugs: short names of projects, environments and stacks.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, str::FromStr, sync::Arc};

/// The most characters a slug may have.
pub const LONGEST: usize = 38;

/// The short name of a project, an environment or a stack, as `production`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Arc<str>);

/// Why a text is not a slug.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSlug {
    #[error("a name is missing")]
    Empty,
    #[error(
        "`{0}` cannot be a name here: use lower-case letters, digits and `-`, with a letter or digit first and last"
    )]
    Characters(String),
    #[error("`{0}` cannot be a name here: {length} characters, {LONGEST} at most", length = .0.len())]
    Long(String),
}

impl Slug {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Makes the slug that is nearest to any text, if there is one.
    pub fn from_words(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
        let words: Vec<&str> = words.filter(|it| !it.is_empty()).collect();
        let joined = words.join("-");
        let cut = joined.get(..LONGEST).unwrap_or(&joined);
        cut.trim_end_matches('-').parse().ok()
    }
}

impl FromStr for Slug {
    type Err = BadSlug;

    fn from_str(text: &str) -> Result<Self, BadSlug> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() {
            return Err(BadSlug::Empty);
        }
        if !text.chars().all(fits) || text.starts_with('-') || text.ends_with('-') {
            return Err(BadSlug::Characters(text.to_owned()));
        }
        if text.len() > LONGEST {
            return Err(BadSlug::Long(text.to_owned()));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Slug {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<(), &str>) {
        let found = text.parse::<Slug>().map(drop).map_err(|err| err.to_string());
        match expected {
            Ok(()) => assert_eq!(found, Ok(()), "{text}"),
            Err(part) => assert!(found.unwrap_err().contains(part), "{text}"),
        }
    }

    #[test]
    fn a_slug_is_short_and_fits_everywhere() {
        check("web", Ok(()));
        check("web-2", Ok(()));
        check("2048", Ok(()));
        check(&"a".repeat(38), Ok(()));
        check(&"a".repeat(39), Err("39 characters, 38 at most"));
        check("", Err("missing"));
        check("Web", Err("`Web`"));
        check("-web", Err("`-web`"));
        check("web-", Err("`web-`"));
        check("we_b", Err("`we_b`"));
        check("wéb", Err("`wéb`"));
    }

    #[test]
    fn any_words_come_near_to_a_slug() {
        let near = |text: &str| Slug::from_words(text).map(|it| it.to_string());
        assert_eq!(near("My Shop_2"), Some("my-shop-2".to_owned()));
        assert_eq!(near("--"), None);
        assert_eq!(near(&"ab-".repeat(20)).map(|it| it.len()), Some(38));
    }
}

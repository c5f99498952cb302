//! Names and ids, parsed once and valid ever after.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

/// Declares an id: an opaque text that the engine made up.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Returns the first twelve characters, as docker prints ids.
            pub fn short(&self) -> &str {
                self.0.get(..12).unwrap_or(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

ids! {
    ServiceId
    TaskId
    NodeId
}

/// The label that makes an object part of a stack.
pub const STACK_LABEL: &str = "com.docker.stack.namespace";

/// The name of a stack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StackName(Arc<str>);

impl StackName {
    /// Takes a name that the cluster already uses; anything but the empty text.
    pub fn observed(label: &str) -> Option<Self> {
        (!label.is_empty()).then(|| Self(label.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text cannot name a stack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadStackName {
    #[error("a stack needs a name")]
    Empty,
    #[error(
        "`{0}` cannot name a stack: use letters, digits, `-` and `_`, starting with a letter or digit"
    )]
    Characters(String),
    #[error("`{0}` cannot name a stack: {length} characters, 61 at most", length = .0.len())]
    Long(String),
}

impl FromStr for StackName {
    type Err = BadStackName;

    /// Accepts what can start the name of a service (a DNS label of 63
    /// characters at most, engine 20.10), with room for `_` and a key.
    fn from_str(text: &str) -> Result<Self, BadStackName> {
        if text.is_empty() {
            return Err(BadStackName::Empty);
        }
        let first = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !first || !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return Err(BadStackName::Characters(text.to_owned()));
        }
        if text.len() > 61 {
            return Err(BadStackName::Long(text.to_owned()));
        }
        Ok(Self(text.into()))
    }
}

impl Serialize for StackName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for StackName {
    /// Takes what was kept, and that may be any name the cluster uses.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::observed(&text).ok_or_else(|| D::Error::custom(BadStackName::Empty))
    }
}

impl fmt::Display for StackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

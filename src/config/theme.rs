//! Theme files: a style for each role, validated.

use crate::{
    config::{
        error::{ConfigError, SettingOrigin},
        layer::{Layer, LayerSource, build, merge},
    },
    domain::text::nearest::nearest,
    domain::text::path::ShownPath,
    files,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::{collections::BTreeMap, fmt, io::ErrorKind, path::Path, str::FromStr};
use toml::de::DeTable;

/// The theme every file starts from; the other ones skep brings are below.
const DEFAULT: &str = include_str!("../../assets/themes/default.toml");

/// The themes that skep brings.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("default", DEFAULT),
    ("mono", include_str!("../../assets/themes/mono.toml")),
    ("dark", include_str!("../../assets/themes/dark.toml")),
    ("light", include_str!("../../assets/themes/light.toml")),
    ("high-contrast", include_str!("../../assets/themes/high-contrast.toml")),
    ("ember", include_str!("../../assets/themes/ember.toml")),
];

/// The colours of every terminal, as its owner set them.
const NAMES: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "gray",
    "dark-gray",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "white",
];
const WEIGHTS: [&str; 5] = ["bold", "dim", "italic", "underline", "reverse"];

/// A look for every role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThemeFile {
    /// Everything without a role of its own; its ground fills the screen.
    pub text: RoleStyle,
    pub muted: RoleStyle,
    pub ok: RoleStyle,
    pub warn: RoleStyle,
    pub danger: RoleStyle,
    pub accent: RoleStyle,
    pub selected: RoleStyle,
    pub title: RoleStyle,
    pub header: RoleStyle,
    pub border: RoleStyle,
    pub border_focused: RoleStyle,
    pub found: RoleStyle,
    pub syntax_key: RoleStyle,
    pub syntax_text: RoleStyle,
    pub syntax_number: RoleStyle,
    /// Where log lines come from, by turns.
    pub origins: Vec<RoleStyle>,
}

/// How a role looks, as `yellow`, `#ffcc00 bold`, `black on 208`, `reverse`;
/// empty for the terminal's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RoleStyle(String);

/// A word that belongs into no look.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a colour: write {names}, a number up to 255, or #rrggbb; `on` and a ground; and {weights}",
    names = NAMES.join(", "),
    weights = WEIGHTS.join(", ")
)]
pub struct BadLook(String);

impl ThemeFile {
    /// Returns the looks by the names of their roles; those of log origins are
    /// called `origin01` and so on.
    pub fn roles(&self) -> BTreeMap<String, String> {
        let table = toml::Table::try_from(self).unwrap_or_default();
        let plain = table.iter().filter_map(|it| Some((it.0.clone(), it.1.as_str()?.to_owned())));
        let origin =
            |(n, look): (usize, &RoleStyle)| (format!("origin{:02}", n + 1), look.0.clone());
        plain.chain(self.origins.iter().enumerate().map(origin)).collect()
    }
}

impl RoleStyle {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoleStyle {
    type Err = BadLook;

    fn from_str(text: &str) -> Result<Self, BadLook> {
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            let fine = match word {
                "on" => words.next().is_some_and(is_color),
                _ => WEIGHTS.contains(&word) || is_color(word),
            };
            if !fine {
                return Err(BadLook(word.to_owned()));
            }
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RoleStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RoleStyle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

fn is_color(word: &str) -> bool {
    if let Some(digits) = word.strip_prefix('#') {
        return digits.len() == 6 && digits.bytes().all(|it| it.is_ascii_hexdigit());
    }
    NAMES.contains(&word) || word.parse::<u8>().is_ok()
}

/// Reads the theme `name.toml` in `folder`, else the built-in one of that name.
/// Roles that a file does not name look as in the default theme.
pub(in crate::config) fn find(name: &str, folder: Option<&Path>) -> Result<ThemeFile, ConfigError> {
    let own = folder.map(|it| it.join(format!("{name}.toml")));
    if let Some(path) = &own {
        match files::read_text(path, files::SETTINGS) {
            Ok(text) => return read(&Layer { source: LayerSource::File(path.clone()), text }),
            Err(err) if err.kind() == ErrorKind::NotFound => {}
            Err(err) => return Err(ConfigError::unreadable(path, &err)),
        }
    }
    let Some((_, text)) = BUILT_IN.iter().find(|it| it.0 == name) else {
        return Err(unknown(name, own.as_deref()));
    };
    let source = LayerSource::File(format!("{name}.toml").into());
    read(&Layer { source, text: (*text).to_owned() })
}

fn read(layer: &Layer) -> Result<ThemeFile, ConfigError> {
    let bug = |err: toml::de::Error| ConfigError {
        origin: SettingOrigin::Default,
        what: format!("bug: {}", err.message()),
        hint: None,
    };
    let mut roles = DeTable::parse(DEFAULT).map_err(bug)?.into_inner();
    let own = layer.read::<ThemeFile>(&roles)?;
    merge(&mut roles, own);
    build(roles).map_err(bug)
}

fn unknown(name: &str, own: Option<&Path>) -> ConfigError {
    let names: Vec<&str> = BUILT_IN.iter().map(|it| it.0).collect();
    let meant = nearest(name, names.iter().copied());
    let meant = meant.map(|it| format!("did you mean `{it}`? ")).unwrap_or_default();
    let place = own.map(|it| format!(", or make {}", it.shown())).unwrap_or_default();
    ConfigError {
        origin: SettingOrigin::Default,
        what: format!("there is no theme `{name}`"),
        hint: Some(format!("{meant}choose one of {}{place}", names.join(", "))),
    }
}

//! Settings: layers of TOML, merged into one typed value.
//!
//! The defaults are `config.example.toml` itself, so a new key is one field
//! here and one line there. Layers are merged as tables and read once
//! ([`layers`]), and each is checked by itself, so that an error names the
//! place that is wrong ([`error`]).

pub mod values;
pub mod error;
mod layer;
pub mod layers;
pub mod places;
pub mod theme;

pub use error::{ConfigError, SettingOrigin};
pub use layers::{EffectiveSetting, EngineFlags, Flags, Loaded, load};
pub use places::Places;
pub use theme::ThemeFile;

use crate::config::values::{KeyNames, LogColors, Recovery, Span, Switch, optional};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, num::NonZeroUsize, path::PathBuf};

/// All settings of skep; `config.example.toml` says what each is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "a table")]
pub struct Config {
    pub read_only: bool,
    pub recovery: Recovery,
    pub engine: EngineSettings,
    pub ui: UiSettings,
    pub logs: LogSettings,
    pub releases: ReleaseSettings,
    pub state: StateSettings,
    /// By the name of the docker context.
    pub contexts: BTreeMap<String, ContextSettings>,
    /// By the name of the action. Nobody here knows actions: who does, checks.
    pub keys: BTreeMap<String, KeyNames>,
}

/// At most one of context and host is set: the later layer wins over both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "a table")]
pub struct EngineSettings {
    #[serde(with = "optional")]
    pub context: Option<String>,
    #[serde(with = "optional")]
    pub host: Option<String>,
    pub timeout: Span,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "a table")]
pub struct UiSettings {
    pub theme: String,
    pub mouse: Switch,
    pub ascii: Switch,
    pub header: bool,
    pub hints: bool,
    pub refresh: Span,
    pub view: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "a table")]
pub struct LogSettings {
    /// Lines held in memory.
    pub buffer: NonZeroUsize,
    /// Lines read back at first, per task.
    pub tail: u32,
    #[serde(with = "optional")]
    pub since: Option<Span>,
    pub wrap: bool,
    pub timestamps: bool,
    pub colors: LogColors,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "a table")]
pub struct ReleaseSettings {
    /// Those of a stack that ended healthy, beyond which a cleanup forgets.
    pub keep: NonZeroUsize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "a table")]
pub struct StateSettings {
    #[serde(with = "optional")]
    pub dir: Option<String>,
}

/// What holds in one docker context only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, expecting = "a table")]
pub struct ContextSettings {
    pub read_only: bool,
    #[serde(with = "optional")]
    pub theme: Option<String>,
    pub production: bool,
}

impl Config {
    /// Returns whether nothing may be changed in a docker context.
    pub fn read_only_in(&self, context: &str) -> bool {
        self.read_only || self.context(context).is_some_and(|it| it.read_only)
    }

    /// Returns whether a docker context asks for care.
    pub fn production_in(&self, context: &str) -> bool {
        self.context(context).is_some_and(|it| it.production)
    }

    /// Returns the name of the theme to use in a docker context.
    pub fn theme_in(&self, context: &str) -> &str {
        let own = self.context(context).and_then(|it| it.theme.as_deref());
        own.unwrap_or(&self.ui.theme)
    }

    fn context(&self, name: &str) -> Option<&ContextSettings> {
        self.contexts.get(name)
    }
}

impl StateSettings {
    /// Returns the directory of the state, `~/.local/state/skep` where none is
    /// set; nothing for a user without a home.
    pub fn dir_or_default(&self) -> Option<PathBuf> {
        self.dir.as_ref().map(PathBuf::from).or_else(places::state_dir)
    }
}

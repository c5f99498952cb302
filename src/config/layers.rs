//! The layers of settings: their order, and which layer set each value.

use crate::{
    config::{
        Config, ThemeFile,
        error::{ConfigError, SettingOrigin},
        layer::{Layer, LayerSource, Leaf, build, leaves, merge},
        places::{Places, UserFile},
        theme,
        values::Span,
    },
    domain::text::nearest::nearest,
    files,
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    io::ErrorKind,
    path::{Path, PathBuf},
};
use toml::{
    Spanned, Table, Value,
    de::{DeTable, DeValue},
};

/// Every key with its default.
const EXAMPLE: &str = include_str!("../../config.example.toml");
/// Variables that are no settings; they are read before there are any.
const OTHER_VARIABLES: [&str; 2] = ["SKEP_CONFIG", "SKEP_LOG"];

/// What the command line sets; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Flags {
    pub read_only: Option<bool>,
    pub engine: EngineFlags,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EngineFlags {
    pub context: Option<String>,
    pub host: Option<String>,
    pub timeout: Option<Span>,
}

/// The settings in force, and where they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    pub config: Config,
    /// By path, as `ui.theme`; what is missing is a default.
    origins: BTreeMap<String, SettingOrigin>,
    themes: Option<PathBuf>,
}

/// One setting in force.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectiveSetting<'a> {
    pub path: String,
    pub value: Value,
    pub origin: &'a SettingOrigin,
}

/// Reads all layers and merges them, later ones over earlier ones.
pub fn load(places: &Places, flags: &Flags) -> Result<Loaded, ConfigError> {
    let defaults = defaults()?;
    let layers = layers(places, flags, &defaults)?;
    let mut merged = defaults.clone();
    let mut origins = BTreeMap::new();
    for layer in &layers {
        let table = layer.read::<Config>(&defaults)?;
        choose_engine(&mut merged, &table);
        for leaf in leaves(&table) {
            origins.insert(leaf.path, layer.origin(leaf.value.span().start));
        }
        merge(&mut merged, table);
    }
    let config = build(merged).map_err(|err| broken(&err.to_string()))?;
    let folder = places.user.path().and_then(|it| it.parent());
    Ok(Loaded { config, origins, themes: folder.map(|it| it.join("themes")) })
}

impl Loaded {
    /// Returns who set a setting, as `ui.theme`.
    pub fn origin(&self, path: &str) -> &SettingOrigin {
        self.origins.get(path).unwrap_or(&SettingOrigin::Default)
    }

    /// Lists all settings in force.
    pub fn settings(&self) -> Vec<EffectiveSetting<'_>> {
        let mut found = Vec::new();
        if let Ok(table) = Table::try_from(&self.config) {
            flatten(table, "", &mut found);
        }
        let setting = |(path, value): (String, Value)| EffectiveSetting {
            origin: self.origin(&path),
            path,
            value,
        };
        found.into_iter().map(setting).collect()
    }

    /// Reads a theme by name: one of the user's, else one that skep brings.
    pub fn theme(&self, name: &str) -> Result<ThemeFile, ConfigError> {
        theme::find(name, self.themes.as_deref()).map_err(|err| match err.origin {
            SettingOrigin::Default => self.of_setting(&self.setting_of_theme(name), err),
            _ => err,
        })
    }

    /// Returns the setting that names a theme.
    fn setting_of_theme(&self, name: &str) -> String {
        let mut contexts = self.config.contexts.iter();
        let context = contexts.find(|it| it.1.theme.as_deref() == Some(name));
        let context = context.filter(|_| self.config.ui.theme != name);
        context.map_or("ui.theme".to_owned(), |it| format!("contexts.{}.theme", it.0))
    }

    /// Says of an error which setting it comes from.
    fn of_setting(&self, path: &str, err: ConfigError) -> ConfigError {
        let what = format!("`{path}`: {}", err.what);
        ConfigError { origin: self.origin(path).clone(), what, ..err }
    }
}

fn defaults() -> Result<DeTable<'static>, ConfigError> {
    let table = DeTable::parse(EXAMPLE).map_err(|err| broken(&err.to_string()))?;
    Ok(table.into_inner())
}

fn layers(
    places: &Places,
    flags: &Flags,
    defaults: &DeTable<'_>,
) -> Result<Vec<Layer>, ConfigError> {
    let mut layers = Vec::new();
    if let Some(path) = &places.system {
        layers.extend(file(path)?);
    }
    match &places.user {
        UserFile::Nowhere => {}
        UserFile::Usual(path) => layers.extend(file(path)?),
        UserFile::Named(path) => {
            let text = files::read_text(path, files::SETTINGS)
                .map_err(|err| ConfigError::unreadable(path, &err))?;
            layers.push(Layer { source: LayerSource::File(path.clone()), text });
        }
    }
    for (name, value) in &places.env {
        layers.extend(variable(name, value, defaults)?);
    }
    let text = toml::to_string(flags).map_err(|err| broken(&err.to_string()))?;
    layers.push(Layer { source: LayerSource::Flags, text });
    Ok(layers)
}

/// Reads a file that need not exist.
fn file(path: &Path) -> Result<Option<Layer>, ConfigError> {
    match files::read_text(path, files::SETTINGS) {
        Ok(text) => Ok(Some(Layer { source: LayerSource::File(path.to_owned()), text })),
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
        Err(err) => Err(ConfigError::unreadable(path, &err)),
    }
}

/// Turns `SKEP_UI_THEME=dark` into `ui.theme = "dark"`.
fn variable(name: &str, value: &str, defaults: &DeTable<'_>) -> Result<Option<Layer>, ConfigError> {
    let settings = leaves(defaults);
    let Some(leaf) = settings.iter().find(|it| variable_of(it) == name) else {
        return unknown_variable(name, &settings).map_or(Ok(None), Err);
    };
    let text = format!("{} = {}", leaf.path, as_toml(value, leaf.value.get_ref()));
    Ok(Some(Layer { source: LayerSource::Variable(name.to_owned()), text }))
}

fn variable_of(leaf: &Leaf<'_>) -> String {
    format!("SKEP_{}", leaf.path.replace('.', "_").to_uppercase())
}

/// Writes the text of a variable as the kind of value that the default is.
fn as_toml(text: &str, default: &DeValue<'_>) -> String {
    match (default, text) {
        (DeValue::Boolean(_), "1") => "true".to_owned(),
        (DeValue::Boolean(_), "0") => "false".to_owned(),
        (DeValue::Boolean(_) | DeValue::Integer(_), _) if DeValue::parse(text).is_ok() => {
            text.to_owned()
        }
        _ => Value::from(text).to_string(),
    }
}

/// Objects to a variable that looks like a setting. Others are left alone: the
/// environment is not skep's.
fn unknown_variable(name: &str, settings: &[Leaf<'_>]) -> Option<ConfigError> {
    if OTHER_VARIABLES.contains(&name) {
        return None;
    }
    let known: Vec<String> = settings.iter().map(variable_of).collect();
    let bare = |it: &'_ str| it.strip_prefix("SKEP_").unwrap_or(it).to_owned();
    let bare_known: Vec<String> = known.iter().map(|it| bare(it)).collect();
    let meant = nearest(&bare(name), bare_known.iter().map(String::as_str));
    let section = bare(name).split('_').next().unwrap_or_default().to_lowercase();
    let in_section = |it: &Leaf<'_>| it.path.split_once('.').is_some_and(|it| it.0 == section);
    if meant.is_none() && !settings.iter().any(in_section) {
        return None;
    }
    Some(ConfigError {
        origin: SettingOrigin::Variable(name.to_owned()),
        what: "no such setting".to_owned(),
        hint: Some(match meant {
            Some(meant) => format!("did you mean `SKEP_{meant}`?"),
            None => format!("known: {}", known.join(", ")),
        }),
    })
}

/// A layer that names a context or a host means that one, whatever the layers
/// below say.
fn choose_engine(merged: &mut DeTable<'_>, upper: &DeTable<'_>) {
    let sets = |key: &str| upper.get("engine").is_some_and(|it| it.get_ref().get(key).is_some());
    if !sets("context") && !sets("host") {
        return;
    }
    let Some(DeValue::Table(engine)) = merged.get_mut("engine").map(Spanned::get_mut) else {
        return;
    };
    for key in ["context", "host"] {
        if let Some(value) = engine.get_mut(key) {
            *value.get_mut() = DeValue::String("".into());
        }
    }
}

fn flatten(table: Table, path: &str, found: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let path = if path.is_empty() { key } else { format!("{path}.{key}") };
        match value {
            Value::Table(inner) => flatten(inner, &path, found),
            value => found.push((path, value)),
        }
    }
}

/// A mistake of ours: tests make sure of the example.
fn broken(why: &str) -> ConfigError {
    ConfigError { origin: SettingOrigin::Default, what: format!("bug: {why}"), hint: None }
}

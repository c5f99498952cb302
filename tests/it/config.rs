//! Settings: the example is true, later layers win, errors say where and what.

#![allow(clippy::unwrap_used, reason = "a broken helper is a failed test")]

use skep::{
    config::{
        Config, ConfigError, EngineFlags, Flags, Loaded, Places, SettingOrigin, load,
        places::UserFile,
    },
    tui::keymap::Keymap,
};
use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};
use tempfile::TempDir;
use toml::{Table, Value};

/// Files, variables and flags to load from.
struct Layers {
    dir: TempDir,
    places: Places,
    flags: Flags,
}

impl Layers {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let places = Places {
            system: Some(dir.path().join("system.toml")),
            user: UserFile::Usual(dir.path().join("user.toml")),
            ..Places::default()
        };
        Self { dir, places, flags: Flags::default() }
    }

    fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.path(name), text).unwrap();
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.places.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn engine(mut self, engine: EngineFlags) -> Self {
        self.flags.engine = engine;
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn load(&self) -> Result<Loaded, ConfigError> {
        load(&self.places, &self.flags)
    }

    fn config(&self) -> Config {
        self.load().unwrap().config
    }
}

#[test]
fn the_example_shows_every_setting_with_its_default() {
    let example = fs::read_to_string("config.example.toml").unwrap();
    let example: Table = example.parse().unwrap();
    assert_eq!(Table::try_from(Layers::new().config()).unwrap(), example);
}

#[test]
fn the_example_as_a_file_changes_nothing() {
    let example = fs::read_to_string("config.example.toml").unwrap();
    let layers = Layers::new().file("user.toml", &example);
    assert_eq!(layers.config(), Layers::new().config());
}

#[test]
fn the_example_explains_every_setting() {
    let example = fs::read_to_string("config.example.toml").unwrap();
    let lines: Vec<&str> = example.lines().collect();
    let silent = lines.windows(2).filter(|it| it[1].contains(" = ") && !it[1].starts_with('#'));
    let silent: BTreeSet<&str> =
        silent.filter(|it| !it[0].starts_with('#')).map(|it| it[1]).collect();
    assert_eq!(silent, BTreeSet::from(["read_only = false"]), "a comment is missing above");
}

#[test]
fn the_keys_that_the_example_suggests_can_be_used() {
    let example = fs::read_to_string("config.example.toml").unwrap();
    let (_, keys) = example.split_once("[keys]\n").unwrap();
    let keys: Table = keys.replace("# ", "").parse().unwrap();
    assert!(!keys.is_empty());
    for (action, own) in keys {
        let own = match own {
            Value::Array(all) => all,
            one => vec![one],
        };
        let own = own.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
        Keymap::remapped(&[(action, own)].into()).unwrap();
    }
}

#[test]
fn later_layers_win_key_by_key() {
    let layers = Layers::new()
        .file(
            "system.toml",
            "[ui]\ntheme = \"light\"\nrefresh = 5\nheader = false\n[logs]\ntail = 7",
        )
        .file("user.toml", "[ui]\ntheme = \"dark\"\nrefresh = \"1m\"")
        .variable("SKEP_UI_THEME", "mono");
    let ui = layers.config().ui;
    assert_eq!(
        (ui.theme.as_str(), ui.refresh.get(), ui.header),
        ("mono", Duration::from_secs(60), false)
    );
    assert_eq!(layers.config().logs.tail, 7);
    let loaded = layers.load().unwrap();
    let at = |name, line| SettingOrigin::File { path: layers.path(name), line };
    assert_eq!(loaded.origin("ui.theme"), &SettingOrigin::Variable("SKEP_UI_THEME".to_owned()));
    assert_eq!(loaded.origin("ui.refresh"), &at("user.toml", 3));
    assert_eq!(loaded.origin("logs.tail"), &at("system.toml", 6));
    assert_eq!(loaded.origin("ui.mouse"), &SettingOrigin::Default);
}

#[test]
fn flags_win_over_everything() {
    let mut layers = Layers::new().variable("SKEP_READ_ONLY", "false");
    layers.flags.read_only = Some(true);
    assert!(layers.config().read_only);
    assert_eq!(layers.load().unwrap().origin("read_only"), &SettingOrigin::Flag);
}

#[test]
fn a_variable_is_read_as_the_kind_its_setting_is() {
    let layers = Layers::new()
        .variable("SKEP_READ_ONLY", "1")
        .variable("SKEP_ENGINE_TIMEOUT", "30")
        .variable("SKEP_LOGS_TAIL", "50")
        .variable("SKEP_LOGS_SINCE", "15m")
        .variable("SKEP_ENGINE_CONTEXT", "a \"quoted\" 1")
        .variable("SKEP_STATE_DIR", "/x");
    let config = layers.config();
    assert!(config.read_only);
    assert_eq!(config.engine.timeout.get(), Duration::from_secs(30));
    assert_eq!(config.logs.tail, 50);
    assert_eq!(config.logs.since.map(|it| it.get().as_secs()), Some(900));
    assert_eq!(config.engine.context.as_deref(), Some("a \"quoted\" 1"));
    assert_eq!(config.state.dir_or_default(), Some(PathBuf::from("/x")));
}

#[test]
fn naming_a_context_drops_a_host_named_before_and_the_other_way_round() {
    let chosen = |layers: Layers| {
        let engine = layers.config().engine;
        (engine.context, engine.host)
    };
    let context = EngineFlags { context: Some("c".to_owned()), ..EngineFlags::default() };
    let layers = Layers::new().file("user.toml", "engine.host = \"ssh://h\"").engine(context);
    assert_eq!(chosen(layers), (Some("c".to_owned()), None));
    let layers = Layers::new()
        .file("user.toml", "engine.context = \"c\"")
        .variable("SKEP_ENGINE_HOST", "ssh://h");
    assert_eq!(chosen(layers), (None, Some("ssh://h".to_owned())));
    let timeout = EngineFlags { timeout: "3s".parse().ok(), ..EngineFlags::default() };
    let layers = Layers::new().file("user.toml", "engine.context = \"c\"").engine(timeout);
    assert_eq!(chosen(layers), (Some("c".to_owned()), None));
}

#[test]
fn contexts_have_settings_of_their_own() {
    let text = "ui.theme = \"dark\"\n[contexts.prod]\nproduction = true\nread_only = true\ntheme = \"light\"";
    let config = Layers::new().file("user.toml", text).config();
    assert_eq!(config.theme_in("prod"), "light");
    assert_eq!(config.theme_in("test"), "dark");
    assert!(config.read_only_in("prod") && config.production_in("prod"));
    assert!(!config.read_only_in("test") && !config.production_in("test"));
}

#[test]
fn keys_take_one_or_many() {
    let text = "[keys]\nrestart = \"ctrl-t\"\nselect-next = [\"j\", \"down\"]\nlogs = []";
    let config = Layers::new().file("user.toml", text).config();
    let keys: Vec<(&str, &[String])> =
        config.keys.iter().map(|(action, keys)| (action.as_str(), keys.0.as_slice())).collect();
    let text = |it: &str| it.to_owned();
    assert_eq!(
        keys,
        [
            ("logs", &[][..]),
            ("restart", &[text("ctrl-t")]),
            ("select-next", &[text("j"), text("down")])
        ]
    );
}

/// Loads a user file and compares the error and its hint, where there is one.
fn check(text: &str, expected: &str) {
    let layers = Layers::new().file("user.toml", text);
    let err = layers.load().unwrap_err();
    let said = err.to_string().replace(&layers.dir.path().display().to_string(), "");
    let hint = err.hint.map(|it| format!(" ({it})")).unwrap_or_default();
    assert_eq!(said + &hint, expected, "{text}");
}

#[test]
fn an_unknown_key_names_its_place_and_the_nearest_known_one() {
    check(
        "\n[ui]\nthem = \"dark\"",
        "/user.toml:3: unknown key `ui.them` (did you mean `ui.theme`?)",
    );
    check("readonly = true", "/user.toml:1: unknown key `readonly` (did you mean `read_only`?)");
    check(
        "[contexts.prod]\nproductoin = true",
        "/user.toml:2: unknown key `contexts.prod.productoin` (did you mean `contexts.prod.production`?)",
    );
    check("state.banana = 1", "/user.toml:1: unknown key `state.banana` (known here: dir)");
}

#[test]
fn a_wrong_value_names_its_place_itself_and_what_is_allowed() {
    check(
        "[ui]\nmouse = \"maybe\"",
        "/user.toml:2: `ui.mouse`: write one of `auto`, `on`, `off`, not `maybe`",
    );
    check("[ui]\n\ntheme = 3", "/user.toml:3: `ui.theme`: write a text in quotes, not `3`");
    check("logs.wrap = \"yes\"", "/user.toml:1: `logs.wrap`: write true or false, not \"yes\"");
    check("logs.buffer = 0", "/user.toml:1: `logs.buffer`: write a whole number above 0, not `0`");
    check("logs.tail = -1", "/user.toml:1: `logs.tail`: write a whole number, not `-1`");
    check("logs.tail = 1.5", "/user.toml:1: `logs.tail`: write a whole number, not `1.5`");
    check("ui.refresh = 0", "/user.toml:1: `ui.refresh`: `0` is too short: 1s at least");
    check(
        "engine.timeout = \"soon\"",
        "/user.toml:1: `engine.timeout`: `soon` is not a duration: write 30 (seconds), 30s, 5m or 1h30m",
    );
    check(
        "logs.since = \"300ms\"",
        "/user.toml:1: `logs.since`: `300ms` is too short: 1s at least",
    );
    check("ui = 3", "/user.toml:1: `ui`: write a table, not `3`");
    check(
        "[keys]\nrestart = true",
        "/user.toml:2: `keys.restart`: write a key, such as \"ctrl-r\", or a list of keys, not `true`",
    );
}

#[test]
fn broken_toml_names_its_line() {
    check("[ui]\ntheme = ", "/user.toml:2: string values must be quoted, expected literal string");
    check("a = 1\na = 2", "/user.toml:2: duplicate key");
}

#[test]
fn a_mistake_counts_even_where_a_later_layer_is_right() {
    let layers =
        Layers::new().file("user.toml", "[ui]\nmouse = \"maybe\"").variable("SKEP_UI_MOUSE", "on");
    assert!(layers.load().unwrap_err().to_string().contains("user.toml:2"));
}

fn check_variable(name: &str, value: &str, expected: Option<&str>) {
    let loaded = Layers::new().variable(name, value).load();
    let said = loaded.err().map(|err| match err.hint {
        Some(hint) => format!("{} ({})", err.what, hint),
        None => err.to_string(),
    });
    assert_eq!(said.as_deref(), expected, "{name}");
}

#[test]
fn a_variable_that_looks_like_a_setting_has_to_be_one() {
    check_variable("SKEP_READONLY", "1", Some("no such setting (did you mean `SKEP_READ_ONLY`?)"));
    check_variable("SKEP_UI_THEM", "x", Some("no such setting (did you mean `SKEP_UI_THEME`?)"));
    for foreign in ["SKEP_CONFIG", "SKEP_LOG", "SKEP_VERSION", "SKEP_TEST_WRITER", "SKEP_LAB_ID"] {
        check_variable(foreign, "x", None);
    }
    let expected = "SKEP_LOGS_WRAP: `logs.wrap`: write true or false, not \"yes\"";
    check_variable("SKEP_LOGS_WRAP", "yes", Some(expected));
    let expected = "SKEP_UI_MOUSE: `ui.mouse`: write one of `auto`, `on`, `off`, not `1`";
    check_variable("SKEP_UI_MOUSE", "1", Some(expected));
}

#[test]
fn a_file_that_was_named_has_to_be_there() {
    let mut layers = Layers::new();
    assert!(layers.load().is_ok());
    layers.places.user = UserFile::Named(layers.path("mine.toml"));
    let said = layers.load().unwrap_err().to_string();
    assert!(said.contains("mine.toml: cannot be read: No such file"), "{said}");
}

#[test]
fn a_theme_that_is_not_there_names_the_setting_and_its_place() {
    for (text, name, setting) in [
        ("[ui]\ntheme = \"pink\"", "pink", "`ui.theme`"),
        ("[contexts.prod]\ntheme = \"pnik\"", "pnik", "`contexts.prod.theme`"),
    ] {
        let err = Layers::new().file("user.toml", text).load().unwrap().theme(name).unwrap_err();
        let said = err.to_string();
        assert!(said.contains(&format!("user.toml:2: {setting}: there is no theme")), "{said}");
    }
}

#[test]
fn all_settings_are_listed_with_who_said_so() {
    let layers = Layers::new().file("user.toml", "[ui]\ntheme = \"dark\"");
    let loaded = layers.load().unwrap();
    let settings = loaded.settings();
    let theme = settings.iter().find(|it| it.path == "ui.theme").unwrap();
    assert_eq!(theme.value, Value::from("dark"));
    assert_eq!(theme.origin, &SettingOrigin::File { path: layers.path("user.toml"), line: 2 });
    assert!(settings.iter().any(|it| it.path == "contexts.default.production"));
}

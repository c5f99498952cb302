//! Themes: all are complete, keep their promises and can be read by people.

#![allow(clippy::unwrap_used, reason = "a broken helper is a failed test")]

use skep::config::{
    Flags, Loaded, Places, ThemeFile, load,
    places::UserFile,
    theme::{BUILT_IN, RoleStyle},
};
use skep::tui::theme::Theme;
use std::{fs, path::Path};

fn themes_beside(dir: &Path) -> Loaded {
    let user = UserFile::Usual(dir.join("config.toml"));
    load(&Places { user, ..Places::default() }, &Flags::default()).unwrap()
}

fn built_in(name: &str) -> ThemeFile {
    themes_beside(Path::new("/nowhere")).theme(name).unwrap()
}

#[test]
fn every_file_in_assets_is_a_theme_that_names_every_role() {
    let mut files: Vec<String> = fs::read_dir("assets/themes")
        .unwrap()
        .map(|it| it.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let mut names: Vec<&str> = BUILT_IN.iter().map(|it| it.0).collect();
    names.sort_unstable();
    assert_eq!(files, names);
    let roles =
        |text: &str| text.parse::<toml::Table>().unwrap().keys().cloned().collect::<Vec<_>>();
    for (name, text) in BUILT_IN {
        assert_eq!(roles(text), roles(BUILT_IN[0].1), "{name}");
        let origins = built_in(name).origins.len();
        assert_eq!(origins, if *name == "mono" { 1 } else { 8 }, "{name}");
    }
}

#[test]
fn the_cockpit_understands_every_theme() {
    for (name, _) in BUILT_IN {
        let theme = Theme::default().without_origins();
        let themed = theme.with_roles(&built_in(name).roles()).unwrap();
        assert_eq!(themed.origins.len(), built_in(name).origins.len(), "{name}");
    }
}

#[test]
fn mono_has_no_colour_and_default_only_those_of_the_terminal() {
    for (role, look) in built_in("mono").roles() {
        let weights = ["bold", "underline", "reverse"];
        assert!(look.split_whitespace().all(|it| weights.contains(&it)), "{role}: {look}");
    }
    for (role, look) in built_in("default").roles() {
        assert!(!look.contains(|c: char| c == '#' || c.is_ascii_digit()), "{role}: {look}");
    }
}

#[test]
fn every_role_can_be_read_on_its_ground() {
    for (name, bound) in [("dark", 4.5), ("light", 4.5), ("ember", 4.5), ("high-contrast", 7.0)] {
        let theme = built_in(name);
        let (_, ground) = colors(theme.text.as_str());
        for (role, look) in theme.roles() {
            let (ink, own_ground) = colors(&look);
            let ratio = contrast(ink.unwrap(), own_ground.or(ground).unwrap());
            // A border is seen, not read.
            let bound = if role == "border" { 3.0 } else { bound };
            assert!(ratio >= bound, "{name}: {role} `{look}` has a contrast of {ratio:.2}");
        }
    }
}

#[test]
fn a_theme_of_the_user_goes_before_and_needs_only_what_differs() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("themes")).unwrap();
    fs::write(dir.path().join("themes/mine.toml"), "danger = \"#ff0000 on 17 bold\"").unwrap();
    fs::write(dir.path().join("themes/dark.toml"), "text = \"gray\"").unwrap();
    let themes = themes_beside(dir.path());
    let mine = themes.theme("mine").unwrap();
    assert_eq!(mine.danger.as_str(), "#ff0000 on 17 bold");
    assert_eq!(mine.warn, built_in("default").warn);
    assert_eq!(themes.theme("dark").unwrap().text.as_str(), "gray");
}

fn check(text: &str, expected: &str) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("themes")).unwrap();
    fs::write(dir.path().join("themes/mine.toml"), text).unwrap();
    let err = themes_beside(dir.path()).theme("mine").unwrap_err();
    let said = err.to_string().replace(&dir.path().display().to_string(), "");
    let hint = err.hint.map(|it| format!(" ({it})")).unwrap_or_default();
    assert_eq!(said + &hint, expected, "{text}");
}

#[test]
fn a_mistake_in_a_theme_names_file_line_value_and_what_is_allowed() {
    let allowed = "write black, red, green, yellow, blue, magenta, cyan, gray, dark-gray, bright-red, bright-green, bright-yellow, bright-blue, bright-magenta, bright-cyan, white, a number up to 255, or #rrggbb; `on` and a ground; and bold, dim, italic, underline, reverse";
    let bad = |line, role, word| {
        format!("/themes/mine.toml:{line}: `{role}`: `{word}` is not a colour: {allowed}")
    };
    check("text = \"\"\nwarn = \"yelow bold\"", &bad(2, "warn", "yelow"));
    check("warn = \"#ffcc0\"", &bad(1, "warn", "#ffcc0"));
    check("warn = \"256\"", &bad(1, "warn", "256"));
    check("warn = \"red on bold\"", &bad(1, "warn", "on"));
    check("origins = [\"red\",\n\"rde\"]", &bad(1, "origins", "rde"));
    check("wran = \"red\"", "/themes/mine.toml:1: unknown key `wran` (did you mean `warn`?)");
}

#[test]
fn a_theme_nobody_has_is_an_error_that_names_those_there_are() {
    let err = themes_beside(Path::new("/nowhere")).theme("drak").unwrap_err();
    assert_eq!(err.what, "`ui.theme`: there is no theme `drak`");
    assert_eq!(
        err.hint.unwrap(),
        "did you mean `dark`? choose one of default, mono, dark, light, high-contrast, ember, or make /nowhere/themes/drak.toml"
    );
}

#[test]
fn a_look_is_kept_as_it_was_written() {
    for text in ["", "red", "bright-blue bold", "#FFcc00 on black", "208", "reverse underline"] {
        assert_eq!(text.parse::<RoleStyle>().unwrap().as_str(), text);
    }
}

/// Returns the colours of ink and ground as they are written.
fn colors(look: &str) -> (Option<&str>, Option<&str>) {
    fn pick(part: &str) -> Option<&str> {
        part.split_whitespace().find(|it| it.starts_with('#'))
    }
    let (ink, ground) = look.split_once(" on ").unwrap_or((look, ""));
    (pick(ink), pick(ground))
}

/// The contrast of two colours as WCAG 2.1 measures it: 1 to 21.
fn contrast(one: &str, other: &str) -> f64 {
    let (a, b) = (luminance(one), luminance(other));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(color: &str) -> f64 {
    let channel = |at: usize| {
        let part = f64::from(u8::from_str_radix(&color[at..at + 2], 16).unwrap()) / 255.0;
        if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

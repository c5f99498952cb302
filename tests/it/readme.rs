//! The README tells the truth: its keys are those of the keymap and of policies, its
//! commands those of the program, its files are there.

use clap::CommandFactory;
use regex::Regex;
use skep::{
    cli::Cli,
    domain::compose::{
        codes,
        policy::{KEYS, PolicyKey},
        template::Template,
    },
    tui::keymap::{Context, Keymap},
};
use std::{collections::BTreeMap, env, fs, path::Path};

/// What stands between two lines is made by a function.
type Made = (&'static str, &'static str, fn() -> String);

const MADE: [Made; 2] = [
    ("<!-- keys: made from the keymap, see tests -->\n", "<!-- end of keys -->", keys),
    ("<!-- policy: made from the table of keys, see tests -->\n", "<!-- end of policy -->", policy),
];

const PLACES: [(Context, &str); 7] = [
    (Context::Anywhere, "Everywhere"),
    (Context::List, "Lists"),
    (Context::Logs, "Logs"),
    (Context::Page, "Pages"),
    (Context::Form, "Forms"),
    (Context::Editor, "Editor"),
    (Context::Dialog, "Questions"),
];

fn keys() -> String {
    let keymap = Keymap::default();
    let mut text = String::new();
    for (context, place) in PLACES {
        text.push_str(&format!("\n**{place}**\n\n| key | name | what it does |\n|---|---|---|\n"));
        let mut rows: Vec<(&str, String, &str)> = Vec::new();
        for binding in keymap.bindings().iter().filter(|it| it.context == context) {
            let key = format!("`{}`", binding.key);
            match rows.iter_mut().find(|it| it.0 == binding.action.name()) {
                Some(row) => row.1 = format!("{}, {key}", row.1),
                None => rows.push((binding.action.name(), key, binding.action.help())),
            }
        }
        for (name, keys, help) in rows {
            text.push_str(&format!("| {keys} | {name} | {help} |\n"));
        }
    }
    text + "\n"
}

fn policy() -> String {
    let mut text = "\n| key | for example | what it does |\n|---|---|---|\n".to_owned();
    for PolicyKey { name, example, help, .. } in KEYS {
        text.push_str(&format!("| `{name}` | `{example}` | {help} |\n"));
    }
    text + "\n"
}

#[test]
fn every_argument_of_every_command_says_what_it_is() {
    fn walk(command: &clap::Command, path: &str, silent: &mut Vec<String>) {
        let named = |it: &&clap::Arg| it.get_help().is_none() && !it.is_hide_set();
        silent.extend(
            command.get_arguments().filter(named).map(|it| format!("{path} {}", it.get_id())),
        );
        for inner in command.get_subcommands() {
            walk(inner, &format!("{path} {}", inner.get_name()), silent);
        }
    }
    let mut silent = Vec::new();
    walk(&Cli::command(), "skep", &mut silent);
    assert!(silent.is_empty(), "no help for: {}", silent.join(", "));
}

#[test]
fn tables_are_those_of_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    for (start, end, made) in MADE {
        let readme = fs::read_to_string(&path).unwrap();
        let (before, rest) = readme.split_once(start).unwrap();
        let (written, after) = rest.split_once(end).unwrap();
        if env::var("SKEP_README").as_deref() == Ok("write") {
            fs::write(&path, format!("{before}{start}{}{end}{after}", made())).unwrap();
            continue;
        }
        assert_eq!(written, made(), "renew them: SKEP_README=write cargo test readme");
    }
}

#[test]
fn every_command_of_the_program_is_mentioned() {
    let readme = include_str!("../../README.md");
    for command in Cli::command().get_subcommands() {
        let word = format!("skep {}", command.get_name());
        assert!(readme.contains(&word), "`{word}` is not mentioned");
    }
}

#[test]
fn the_template_that_it_shows_is_one() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    Template::parse(shown).unwrap().render(&BTreeMap::new()).unwrap();
}

#[test]
fn every_code_that_it_names_is_explained() {
    let readme = include_str!("../../README.md");
    let named = Regex::new(r"\(`([a-z]+(?:-[a-z]+)+)`\)|--explain ([a-z-]+)").unwrap();
    let codes: Vec<&str> = named
        .captures_iter(readme)
        .filter_map(|it| Some(it.get(1).or(it.get(2))?.as_str()))
        .collect();
    assert!(codes.contains(&"sealed-elsewhere"), "{codes:?}");
    for code in codes {
        assert!(codes::find(code).is_some(), "`skep check --explain {code}` knows nothing");
    }
}

#[test]
fn every_picture_is_there() {
    let readme = include_str!("../../README.md");
    let pictures = readme.split("](").skip(1).filter_map(|it| it.split(')').next());
    for picture in pictures.filter(|it| it.starts_with("assets/")) {
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(picture).exists(),
            "{picture} is missing"
        );
    }
}

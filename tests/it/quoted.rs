//! Commands of skep that its texts quote: there are such commands, with such options.

use clap::error::ErrorKind;
use regex::Regex;
use skep::{cli::Cli, domain::project::SettingName};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

/// Returns the files whose texts people read.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false if path.extension().is_some_and(|it| it == "rs") => found.push(path),
            false => {}
        }
    }
}

/// Returns the commands that a text quotes.
fn quoted(text: &str) -> Vec<String> {
    // A text goes on in the next line of the source.
    let text = Regex::new(r"\\\n\s*").unwrap().replace_all(text, "");
    let pattern = Regex::new(r#"`skep ([^`\n]+)`|the same as: skep ([^"\n]+)"#);
    let words =
        |it: regex::Captures<'_>| it.get(1).or_else(|| it.get(2)).map(|it| it.as_str().to_owned());
    pattern.unwrap().captures_iter(&text).filter_map(words).collect()
}

/// Returns why a command cannot be one. What stands for a name may be no valid one, and
/// arguments may be left out.
fn wrong(command: &str) -> Option<String> {
    if command.starts_with("COMMAND") {
        return None;
    }
    let end = |it: &&str| !["…", "|", "&&", ">", "#"].contains(it);
    let words = command.split_whitespace().take_while(end);
    // An option that is filled in: a value, as far as anybody can say here.
    let words = words.filter(|it| !it.starts_with("--{"));
    let all = ["skep"].into_iter().chain(words).map(OsString::from);
    let err = Cli::read(all).err()?;
    let kind = err.kind();
    let lacks = matches!(
        kind,
        ErrorKind::MissingRequiredArgument
            | ErrorKind::MissingSubcommand
            | ErrorKind::DisplayHelp
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::DisplayVersion
            | ErrorKind::InvalidValue
            | ErrorKind::ValueValidation
            | ErrorKind::TooFewValues
            | ErrorKind::WrongNumberOfValues
    );
    (!lacks).then(|| format!("`skep {command}`: {kind}"))
}

#[test]
fn every_command_that_a_text_quotes_is_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![root.join("README.md"), root.join("config.example.toml")];
    files(&root.join("src"), &mut all);
    let (mut count, mut bad) = (0, Vec::new());
    for path in all {
        for command in quoted(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            bad.extend(wrong(&command).map(|why| format!("{}: {why}", path.display())));
        }
    }
    assert!(count > 100, "only {count} commands are found");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn every_command_of_the_list_in_the_readme_is_one() {
    let readme = include_str!("../../README.md");
    let lists = readme.split("```sh\n").skip(1).filter_map(|it| it.split("```").next());
    let list = lists.flat_map(str::lines).filter_map(|it| it.strip_prefix("skep "));
    assert!(list.clone().count() > 30);
    let bad: Vec<String> = list.filter_map(wrong).collect();
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn a_command_that_is_none_is_found() {
    assert_eq!(quoted("hint(\"`skep environment create x` makes it\")"), ["environment create x"]);
    assert!(wrong("environment create x").is_some());
    assert!(wrong("{} create {owner}").is_some());
    assert!(wrong("deploy --frob").is_some());
    assert_eq!(wrong("env create {owner}"), None);
}

#[test]
fn the_value_of_a_service_is_named_as_commands_take_it() {
    let of_service = SettingName::new(Some("web"), "LOG_LEVEL").unwrap();
    let plain = SettingName::new(None, "LOG_LEVEL").unwrap();
    for (name, service) in [(&of_service, Some("web")), (&plain, None)] {
        for command in ["var set --secret shop/prod/web", "var unset shop/prod/web"] {
            assert_eq!(wrong(&format!("{command} {}", name.arguments())), None);
        }
        assert_eq!(name.arguments().split_once(" --service ").map(|it| it.1), service);
    }
    // Words for people are no arguments.
    assert!(wrong(&format!("var unset shop/prod/web {of_service}")).is_some());
    assert_eq!((of_service.word(), plain.word()), ("web:LOG_LEVEL".into(), "LOG_LEVEL".into()));
}

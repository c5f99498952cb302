//! The command line after `:`: parsing and completion from one table.

pub mod editing;
mod meaning;
mod docker;
mod elsewhere;
mod names;
mod projects;
mod logs;
mod arms;
mod table;
mod reads;

pub use meaning::Command;

use crate::{
    domain::{project::Owner, text::mask::is_secret_name},
    tui::{
        command::arms::Call,
        world::{NotRead, World},
    },
};
use nucleo_matcher::{
    Config, Matcher,
    pattern::{CaseMatching, Normalization, Pattern},
};
use table::{AVAILABILITIES, Takes, rows};

/// Understands a command, or says what is wrong with it.
///
/// `selected` is what is meant where no stack of a project, or owner of a value, is named.
pub fn parse(text: &str, selected: Option<&Owner>, world: &World) -> Result<Command, String> {
    let translated = docker::translated(text)?;
    let text = translated.as_deref().unwrap_or(text);
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some(row) = table::find(name) else {
        return Err(unknown(name, world));
    };
    let words: Vec<&str> = words.collect();
    if let Some(extra) = words.get(most_words(row.takes)) {
        return Err(format!("`{extra}` is an extra word: {}", row.help));
    }
    // Before that nobody can say that something is not there.
    if let Some(unread) = reads::first_not_read(row, &words, world) {
        return Err(unread.press_again("enter"));
    }
    (row.run)(Call { words: &words, selected, world })
}

/// Returns what must be read before a command can be understood, or words be offered for it.
pub fn not_read(text: &str, world: &World) -> Option<NotRead> {
    let mut words = text.split_whitespace();
    let row = table::find(words.next()?)?;
    reads::first_not_read(row, &words.collect::<Vec<_>>(), world)
}

/// Says what to do instead of a command that is none.
fn unknown(name: &str, world: &World) -> String {
    if let Some(where_it_is) = elsewhere::said(name) {
        return where_it_is;
    }
    let near = table::meant(name, world);
    let near = near.map_or_else(|| ";".to_owned(), |it| format!("; did you mean `{it}`?"));
    format!("`{name}` is not a command{near} `:help` lists them")
}

/// Returns what a text in the list of commands means.
pub fn about(offer: &str) -> &'static str {
    table::find(offer.trim()).map_or("", |it| it.help)
}

/// Returns every command that counts here, with its other names and a line about it.
pub fn all(world: &World) -> Vec<(String, String)> {
    let names = |it: &table::CommandRow| [&[it.name], it.also].concat().join(", ");
    table::rows(world).map(|it| (names(it), it.help.to_owned())).collect()
}

/// Returns what is kept of a command: values that it sets may be secret, and stay out.
pub fn to_remember(text: &str) -> String {
    let sets = text.split_whitespace().next().is_some_and(|it| matches!(it, "set" | "secret"));
    match text.split_once('=') {
        Some((before, _)) if sets => format!("{before}="),
        _ => text.to_owned(),
    }
}

/// Returns whether a command asks for a secret value, or was meant to.
pub fn is_about_a_secret(text: &str, world: &World) -> bool {
    let name = text.split_whitespace().next().unwrap_or_default();
    let known = table::find(name).is_some() || elsewhere::said(name).is_some();
    name == "secret" || (!known && table::meant(name, world) == Some("secret"))
}

/// Returns where a value begins in a command that may be secret: it is not shown.
pub fn hidden_from(text: &str, world: &World) -> Option<usize> {
    let (before, _) = text.split_once('=')?;
    let mut words = before.trim_start_matches(':').split_whitespace();
    let sets = words.next() == Some("set");
    let name = words.next_back().and_then(|it| it.rsplit(':').next()).unwrap_or_default();
    let hidden =
        is_about_a_secret(text.trim_start_matches(':'), world) || (sets && is_secret_name(name));
    hidden.then_some(before.len() + 1)
}

/// Returns what the text may become, best first.
pub fn complete(text: &str, world: &World) -> Vec<String> {
    let Some((head, last)) = text.rsplit_once(' ') else {
        let names = rows(world).map(|it| it.name);
        return ranked(text, names.chain(other_names(text, world)).map(ToOwned::to_owned));
    };
    let mut words = head.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some(row) = table::find(name) else {
        return Vec::new();
    };
    let candidates = candidates(row.takes, &words.collect::<Vec<_>>(), last, world);
    ranked(last, candidates.into_iter()).into_iter().map(|it| format!("{head} {it}")).collect()
}

/// Returns other names of commands that begin so, where the name itself does not.
fn other_names(text: &str, world: &World) -> Vec<&'static str> {
    if text.chars().count() < 2 {
        return Vec::new();
    }
    let others = rows(world).filter(|it| !it.name.starts_with(text)).flat_map(|it| it.also);
    others.copied().filter(|it| it.starts_with(text)).collect()
}

fn most_words(takes: Takes) -> usize {
    match takes {
        Takes::Nothing => 0,
        Takes::ServiceAndNumber | Takes::NodeAndAvailability | Takes::Template => 2,
        Takes::Moment => 2,
        Takes::Logs => 4,
        Takes::Owner | Takes::Attach => usize::MAX,
        _ => 1,
    }
}

/// Returns what may follow the words behind the name of a command.
fn candidates(takes: Takes, words: &[&str], last: &str, world: &World) -> Vec<String> {
    let stacks = || {
        let mut names: Vec<String> = world
            .services()
            .iter()
            .filter_map(|it| it.stack.as_ref())
            .map(ToString::to_string)
            .collect();
        names.sort();
        names.dedup();
        names
    };
    let services = || world.services().iter().map(|it| it.name.to_string()).collect::<Vec<_>>();
    let nodes = || world.nodes().iter().map(|it| it.hostname.to_string()).collect::<Vec<_>>();
    let catalog = &world.projects.catalog;
    let managed = || catalog.stacks.keys().map(ToString::to_string).collect::<Vec<_>>();
    let owners = || {
        let projects = catalog.projects.keys().map(ToString::to_string);
        let environments = catalog.environments.keys().map(ToString::to_string);
        projects.chain(environments).chain(managed()).collect::<Vec<_>>()
    };
    let rooms = || catalog.environments.keys().map(|it| format!("{it}/")).collect::<Vec<_>>();
    let templates = || {
        let all = world.setting.templates.all.iter();
        all.map(|it| it.template.name.clone()).collect::<Vec<_>>()
    };
    match (takes, words.len()) {
        (Takes::Managed | Takes::File, 0) => managed(),
        (Takes::New, 0) => rooms(),
        (Takes::Template, 0) => rooms().into_iter().chain(templates()).collect(),
        (Takes::Template, 1) if words[0].contains('/') => templates(),
        (Takes::Template, 1) => rooms(),
        (Takes::Owner, 0 | 1) | (Takes::Attach, 1) => owners(),
        (Takes::Attach, 0) => stacks(),
        (Takes::Stack, 0) => stacks().into_iter().chain(managed()).collect(),
        (Takes::Service | Takes::ServiceAndNumber, 0) => services(),
        (Takes::StackOrService, 0) => {
            stacks().into_iter().chain(services()).chain(managed()).collect()
        }
        (Takes::Logs, 0) => {
            let tasks = logs::tasks(last, world);
            stacks().into_iter().chain(services()).chain(managed()).chain(tasks).collect()
        }
        (Takes::Node | Takes::NodeAndAvailability, 0) => nodes(),
        (Takes::NodeAndAvailability, 1) => AVAILABILITIES.iter().map(ToString::to_string).collect(),
        (Takes::Context, 0) => world.setting.contexts.iter().map(|it| it.name.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Those that have the letters in order; the ones that begin so come first.
fn ranked(typed: &str, candidates: impl Iterator<Item = String>) -> Vec<String> {
    if typed.is_empty() {
        return candidates.collect();
    }
    let (mut starting, rest): (Vec<String>, Vec<String>) =
        candidates.partition(|it| it.starts_with(typed));
    let pattern = Pattern::parse(typed, CaseMatching::Smart, Normalization::Smart);
    let fuzzy = pattern.match_list(rest, &mut Matcher::new(Config::DEFAULT));
    starting.extend(fuzzy.into_iter().map(|it| it.0));
    starting
}

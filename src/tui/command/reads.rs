//! What a command looks up: it is refused until that was read, never because it is missing.

use crate::{
    domain::swarm::names::StackName,
    tui::{
        command::{
            names::is_path,
            table::{CommandRow, Takes},
        },
        world::{NotRead, Source, World},
    },
};

/// Returns the first of what a command looks up that was not read yet.
pub fn first_not_read(row: &CommandRow, words: &[&str], world: &World) -> Option<NotRead> {
    sources(row, words).into_iter().find_map(|it| world.not_read(it))
}

fn sources(row: &CommandRow, words: &[&str]) -> Vec<Source> {
    let path = words.iter().any(|it| is_path(it)).then_some(Source::Projects);
    let cluster = (!words.is_empty()).then_some(Source::Cluster);
    // What is recorded of a stack is known without its services.
    let cluster = cluster.filter(|_| row.name != "history");
    let releases = (row.name == "adopt").then_some(Source::Releases);
    match row.takes {
        Takes::Nothing | Takes::Context | Takes::Moment => Vec::new(),
        // It may be the path of a stack, or its name in the swarm.
        Takes::File => {
            let named = words.iter().any(|it| it.parse::<StackName>().is_ok());
            path.or(named.then_some(Source::Projects)).into_iter().collect()
        }
        Takes::Stack
        | Takes::Service
        | Takes::Node
        | Takes::ServiceAndNumber
        | Takes::NodeAndAvailability
        | Takes::StackOrService
        | Takes::Logs => [cluster, path, releases].into_iter().flatten().collect(),
        // What is selected belongs to a project, or not.
        Takes::Managed | Takes::Owner | Takes::New => vec![Source::Projects],
        Takes::Template => path.into_iter().collect(),
        Takes::Attach => vec![Source::Cluster, Source::Projects],
    }
}

//! `skep services`: lists services and their replicas.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run, find,
        table::{Cell, CellTone, Column},
    },
    domain::{
        swarm::{
            cluster::{Condition, Mode, Port, Restarts, Service, Update},
            names::StackName,
            states::UpdateState,
        },
        text::{elide::without_digest, natural::natural},
    },
    jobs::survey::{self, Survey},
};
use async_trait::async_trait;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;

/// List the services of a stack, or all of them
#[derive(Debug, Args)]
pub struct Services {
    /// The stack, by its name in the swarm or its path in a project
    stack: Option<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    id: String,
    name: String,
    mode: &'static str,
    replicas: String,
    running: u64,
    desired: u64,
    completed: u64,
    converged: bool,
    condition: Condition,
    /// Since when the condition is not fine, where that is known.
    since: Option<Timestamp>,
    #[serde(skip)]
    lasting: String,
    /// Ends of tasks within the last hour.
    restarts: Restarts,
    image: String,
    ports: String,
    /// How the last update stands, where it is not over and fine.
    update: String,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("ID", |it| it.id.get(..12).unwrap_or(&it.id).into()),
    Column::left("NAME", |it| it.name.as_str().into()),
    Column::left("MODE", |it| it.mode.into()),
    Column::left("REPLICAS", |it| {
        let mark = match it.condition {
            Condition::Failing => " in trouble",
            Condition::Unsteady => " not steady",
            // Its count says how many ended.
            Condition::Ended | Condition::Fine | Condition::Changing => "",
        };
        Cell::toned(
            &format!("{}{mark}", it.replicas),
            match it.condition {
                Condition::Failing => CellTone::Danger,
                Condition::Unsteady => CellTone::Warn,
                Condition::Ended => CellTone::Muted,
                Condition::Fine | Condition::Changing => CellTone::Plain,
            },
        )
    }),
    Column::right("SINCE", |it| it.lasting.as_str().into()),
    Column::right("RESTARTS", |it| match it.restarts.count {
        0 => "–".into(),
        _ => Cell::toned(&it.restarts.to_string(), CellTone::Warn),
    }),
    Column::left("IMAGE", |it| it.image.as_str().into()),
    Column::left("PORTS", |it| it.ports.as_str().into()),
    Column::left("UPDATE", |it| Cell::toned(&it.update, CellTone::Warn)),
];

#[async_trait]
impl Run for Services {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let survey = self.survey(desk).await?;
        let mut rows: Vec<Row> = survey.services.iter().map(|it| row(it, desk.now)).collect();
        rows.sort_by(|a, b| natural(&a.name, &b.name));
        page.rows_or(COLUMNS, &rows, "there are no services")?;
        Ok(Exit::Done)
    }
}

impl Services {
    async fn survey(&self, desk: &Desk) -> Result<Survey, Failure> {
        let engine = desk.engine()?;
        let Some(word) = &self.stack else { return Ok(survey::once(engine, desk.now).await?) };
        let (services, nodes) = tokio::try_join!(engine.services(), engine.nodes())?;
        let stack = find::known_stack(desk, word, &services)?;
        let wanted = |it: &&Service| stack_of(it) == Some(stack.as_str());
        let services: Vec<Service> = services.iter().filter(wanted).cloned().collect();
        // The tasks of other stacks are read by nobody.
        Ok(survey::of(engine, &services, nodes, desk.now).await?)
    }
}

fn row(service: &Service, now: Timestamp) -> Row {
    Row {
        id: service.id.to_string(),
        name: service.name.to_string(),
        mode: service.mode.word(),
        replicas: replicas(service),
        running: service.tally().running,
        desired: service.tally().wanted,
        completed: service.completed,
        converged: service.converged(),
        condition: service.seen.condition,
        since: service.seen.since.map(|it| it.at),
        lasting: service.seen.since.map_or_else(|| "–".to_owned(), |it| it.short(now)),
        restarts: service.seen.restarts,
        image: without_digest(&service.image).to_owned(),
        ports: ports(&service.ports),
        update: service.update.as_ref().map(unfinished).unwrap_or_default(),
    }
}

/// Writes the counts as every surface does; of limits per node as docker does (CLI 28.2).
fn replicas(service: &Service) -> String {
    let replicas = service.replicas();
    match (service.mode, service.max_per_node) {
        (Mode::Replicated { .. }, Some(limit)) if service.stopped.is_none() => {
            format!("{replicas} (max {limit} per node)")
        }
        _ => replicas,
    }
}

/// Writes the ports that every node answers, runs of them as one: docker lists
/// no others (CLI 28.2).
fn ports(ports: &[Port]) -> String {
    let mut open: Vec<&Port> = ports.iter().filter(|it| !it.host && it.published > 0).collect();
    open.sort_by_key(|it| (&it.protocol, it.target, it.published));
    let mut runs: Vec<(&Port, u16)> = Vec::new();
    for port in open {
        match runs.last_mut() {
            Some((first, more)) if continues(first, *more, port) => *more += 1,
            _ => runs.push((port, 0)),
        }
    }
    let range = |from: u16, more: u16| match more {
        0 => from.to_string(),
        more => format!("{from}-{}", u32::from(from) + u32::from(more)),
    };
    let text = |(first, more): &(&Port, u16)| {
        let Port { published, target, protocol, .. } = first;
        format!("*:{}->{}/{protocol}", range(*published, *more), range(*target, *more))
    };
    runs.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn continues(first: &Port, more: u16, next: &Port) -> bool {
    let step = u32::from(more) + 1;
    first.protocol == next.protocol
        && u32::from(first.target) + step == u32::from(next.target)
        && u32::from(first.published) + step == u32::from(next.published)
}

fn unfinished(update: &Update) -> String {
    match update.state.known() {
        Some(UpdateState::Completed) => String::new(),
        Some(state) if state.is_paused() => format!("{state}: {}", update.message),
        _ => update.state.to_string(),
    }
}

fn stack_of(service: &Service) -> Option<&str> {
    service.stack.as_ref().map(StackName::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &[(u16, u16, &str)], expected: &str) {
        let port = |it: &(u16, u16, &str)| Port {
            published: it.0,
            target: it.1,
            protocol: it.2.trim_end_matches('!').to_owned(),
            host: it.2.ends_with('!'),
        };
        assert_eq!(ports(&given.iter().map(port).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn ports_that_follow_each_other_are_one() {
        check(&[(8001, 81, "tcp"), (8000, 80, "tcp")], "*:8000-8001->80-81/tcp");
        check(&[(8000, 80, "tcp"), (9001, 81, "tcp")], "*:8000->80/tcp, *:9001->81/tcp");
        check(&[(53, 53, "udp"), (53, 53, "tcp")], "*:53->53/tcp, *:53->53/udp");
        check(&[(65535, 65535, "tcp"), (65534, 65534, "tcp")], "*:65534-65535->65534-65535/tcp");
    }

    #[test]
    fn ports_of_single_nodes_and_those_not_chosen_yet_are_left_out() {
        check(&[(80, 80, "tcp!"), (0, 90, "tcp")], "");
    }
}

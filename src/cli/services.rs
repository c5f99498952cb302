//! `skep services`: lists services and their replicas.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, find, listed::Listed},
    domain::{
        columns::services,
        swarm::{
            cluster::{Condition, Restarts, Service, Update},
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
    /// Ends of tasks within the last hour.
    restarts: Restarts,
    image: String,
    ports: String,
    /// How the last update stands, where it is not over and fine.
    update: String,
}

#[async_trait]
impl Run for Services {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let survey = self.survey(desk).await?;
        let mut rows: Vec<&Service> = survey.services.iter().collect();
        rows.sort_by(|a, b| natural(&a.name, &b.name));
        if rows.is_empty() && !page.json {
            writeln!(page.remarks, "there are no services")?;
            return Ok(Exit::Done);
        }
        page.objects(services::COLUMNS, &rows, &Listed::at(desk), row)?;
        Ok(Exit::Done)
    }
}

impl Services {
    async fn survey(&self, desk: &Desk) -> Result<Survey, Failure> {
        let engine = &*desk.shown()?;
        let Some(word) = &self.stack else { return Ok(survey::once(engine, desk.now).await?) };
        let (all, nodes) = tokio::try_join!(engine.services(), engine.nodes())?;
        let stack = find::known_stack(desk, word, &all)?;
        let wanted = |it: &&Service| stack_of(it) == Some(stack.as_str());
        let services: Vec<Service> = all.iter().filter(wanted).cloned().collect();
        // The tasks of other stacks are read by nobody.
        Ok(survey::of(engine, &services, nodes, desk.now).await?)
    }
}

fn row(service: &Service) -> Row {
    Row {
        id: service.id.to_string(),
        name: service.name.to_string(),
        mode: service.mode.word(),
        replicas: services::counts(service),
        running: service.tally().running,
        desired: service.tally().wanted,
        completed: service.completed,
        converged: service.converged(),
        condition: service.seen.condition,
        since: service.seen.since.map(|it| it.at),
        restarts: service.seen.restarts,
        image: without_digest(&service.image).to_owned(),
        ports: services::docker_ports(&service.ports),
        update: service.update.as_ref().map(unfinished).unwrap_or_default(),
    }
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

//! `skep ls`: lists the stacks and their health.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run,
        history::judge,
        table::{Cell, CellTone, Column},
    },
    domain::{
        swarm::cluster::{Condition, Mode, Service},
        text::natural::natural,
    },
    jobs::survey,
};
use async_trait::async_trait;
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// List the stacks, and what is wrong with them
#[derive(Debug, Args)]
pub struct Ls {}

#[derive(Debug, Default, Serialize)]
struct Row {
    name: String,
    services: usize,
    running: u64,
    desired: u64,
    /// Short names of the services that are not as they should be.
    trouble: Vec<String>,
    /// Since when, of those of which it is known.
    since: BTreeMap<String, Timestamp>,
    #[serde(skip)]
    lasting: BTreeMap<String, String>,
    /// Those that miss tasks which are on their way.
    changing: Vec<String>,
    /// Those of them that are jobs, which are not at fault because they run.
    #[serde(skip)]
    jobs: Vec<String>,
    /// Those of which tasks ended well and are not started again.
    ended: Vec<String>,
    /// Those that were stopped on purpose and can be started again.
    stopped: Vec<String>,
}

const COLUMNS: &[Column<Row>] = &[
    Column::left("NAME", |it| it.name.as_str().into()),
    Column::right("SERVICES", |it| it.services.to_string().into()),
    Column::right("TASKS", |it| match it.stopped.len() == it.services {
        true => Cell::toned("stopped", CellTone::Muted),
        false => format!("{}/{}", it.running, it.desired).into(),
    }),
    Column::left("STATE", |it| {
        let changing: Vec<String> =
            it.changing.iter().filter(|name| !it.jobs.contains(name)).cloned().collect();
        let rest = [
            ("changing", &changing),
            ("jobs running", &it.jobs),
            ("ended", &it.ended),
            ("stopped", &it.stopped),
        ];
        let rest = rest.iter().filter(|it| !it.1.is_empty());
        let rest = rest.map(|(word, names)| format!("{word}: {}", names.join(", ")));
        let lasting = |name: &String| match it.lasting.get(name) {
            Some(lasting) => format!("{name} ({lasting})"),
            None => name.clone(),
        };
        let bad = it.trouble.iter().map(lasting).collect::<Vec<_>>().join(", ");
        let bad = Some(bad).filter(|it| !it.is_empty());
        let tone = if bad.is_some() { CellTone::Danger } else { CellTone::Muted };
        Cell::toned(&bad.into_iter().chain(rest).collect::<Vec<_>>().join("; "), tone)
    }),
];

#[async_trait]
impl Run for Ls {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let survey = survey::once(&*desk.shown()?, desk.now).await?;
        page.rows_or(COLUMNS, &stacks(&survey.services, desk.now), "there are no stacks")?;
        if desk.store.placed().is_ok() {
            judge(desk, survey.services).await;
        }
        Ok(Exit::Done)
    }
}

fn stacks(services: &[Service], now: Timestamp) -> Vec<Row> {
    let mut stacks: BTreeMap<&str, Row> = BTreeMap::new();
    for service in services {
        let Some(stack) = &service.stack else { continue };
        let row = stacks.entry(stack.as_str()).or_default();
        row.name = stack.to_string();
        row.services += 1;
        if service.in_trouble() {
            let name = service.short_name().to_owned();
            if let Some(since) = service.seen.since {
                row.since.insert(name.clone(), since.at);
                row.lasting.insert(name.clone(), since.short(now));
            }
            row.trouble.push(name);
        }
        if service.seen.condition == Condition::Changing {
            let name = service.short_name().to_owned();
            if matches!(service.mode, Mode::ReplicatedJob { .. } | Mode::GlobalJob) {
                row.jobs.push(name.clone());
            }
            row.changing.push(name);
        }
        if service.seen.condition == Condition::Ended {
            row.ended.push(service.short_name().to_owned());
        }
        if service.seen.condition == Condition::Stopped {
            row.stopped.push(service.short_name().to_owned());
        }
        let tally = service.tally();
        row.running += tally.running;
        row.desired += tally.wanted;
    }
    let mut rows: Vec<Row> = stacks.into_values().collect();
    rows.sort_by(|a, b| natural(&a.name, &b.name));
    for row in &mut rows {
        row.trouble.sort_by(|a, b| natural(a, b));
        row.changing.sort_by(|a, b| natural(a, b));
        row.jobs.sort_by(|a, b| natural(a, b));
        row.ended.sort_by(|a, b| natural(a, b));
        row.stopped.sort_by(|a, b| natural(a, b));
    }
    rows
}

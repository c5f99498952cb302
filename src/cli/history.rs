//! `skep history`: what was deployed, when, by whom, and how it ended.

use crate::{
    cli::{
        Desk, Exit, Failure, Page, Run,
        table::{Cell, Column, Tone},
    },
    domain::{
        describe::{self, Difference, length, when},
        names::StackName,
        plan::{self, How, Variation, compare, variations, word},
        release::{JournalEntry, Release, ReleaseState, ResolvedSpecs},
        statistics::Statistics,
        text::nearest::nearest,
    },
    jobs::{
        archive::{Archive, cluster, on_disk},
        deploy::read,
    },
};
use async_trait::async_trait;
use clap::Args;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// List the releases of a stack, or show one of them
#[derive(Debug, Args)]
pub struct History {
    /// The stack; figures can be had of all of them
    #[arg(required_unless_present = "stats")]
    stack: Option<StackName>,
    /// Show this release in full
    revision: Option<u32>,
    /// Show what differs between two releases, or a release and what is live
    #[arg(long, num_args = 1..=2, value_names = ["A", "B"], conflicts_with_all = ["revision", "stats"])]
    diff: Vec<u32>,
    /// Show how many failed, how long they took, and why
    #[arg(long, conflicts_with = "revision")]
    stats: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    release: Release,
    took_seconds: Option<i64>,
    services_healthy: usize,
    services_all: usize,
    #[serde(skip)]
    when: String,
}

const COLUMNS: &[Column<Row>] = &[
    Column::right("RELEASE", |it| it.release.key.revision.to_string().into()),
    Column::left("STATE", |it| Cell::toned(it.release.state.words(), tone(it.release.state))),
    Column::left("WHEN", |it| it.when.as_str().into()),
    Column::right("TOOK", |it| it.release.took().map(length).unwrap_or_default().into()),
    Column::left("WHO", |it| it.release.order.who.to_string().into()),
    Column::left("MESSAGE", |it| it.release.order.message.as_str().into()),
    Column::right("HEALTHY", |it| match (it.services_healthy, it.services_all) {
        (_, 0) => "".into(),
        (healthy, all) => format!("{healthy}/{all}").into(),
    }),
    Column::left("REASON", |it| it.release.reason.as_deref().unwrap_or_default().into()),
];

#[async_trait]
impl Run for History {
    async fn run(&self, desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
        let Some(stack) = &self.stack else { return overall(desk, page).await };
        let archive = Archive::of(desk.engine()?, desk.store()?, stack).await?;
        let releases = archive.releases().await?;
        if releases.is_empty() {
            let stacks = archive.stacks().await?;
            return self.nothing(stack, &stacks, page);
        }
        match (self.revision, self.diff.as_slice()) {
            (Some(revision), _) => one(stack, revision, &archive, &desk.zone, page).await?,
            (None, [old, rest @ ..]) => {
                differences(stack, (*old, rest.first().copied()), &archive, desk, page).await?;
            }
            _ if self.stats => figures(&Statistics::of(&releases), page)?,
            _ => {
                let rows: Vec<Row> = releases.into_iter().map(|it| row(it, &desk.zone)).collect();
                page.rows(COLUMNS, &rows)?;
            }
        }
        Ok(Exit::Done)
    }
}

impl History {
    fn nothing(
        &self,
        stack: &StackName,
        stacks: &[StackName],
        page: &mut Page<'_>,
    ) -> Result<Exit, Failure> {
        let meant = nearest(stack.as_str(), stacks.iter().map(StackName::as_str));
        let meant = meant.map(|it| format!("; did you mean `{it}`?")).unwrap_or_default();
        let none = format!("nobody deployed stack `{stack}` with skep from this machine{meant}");
        if self.revision.is_some() || !self.diff.is_empty() {
            return Err(Failure::new(none, None));
        }
        page.rows_or::<Row>(COLUMNS, &[], &none)?;
        Ok(Exit::Done)
    }
}

/// Prints the figures of all stacks together.
async fn overall(desk: &Desk, page: &mut Page<'_>) -> Result<Exit, Failure> {
    let cluster = cluster(desk.engine()?).await?;
    let releases = on_disk(desk.store()?.clone(), move |it| it.all_releases(&cluster)).await?;
    if releases.is_empty() && !page.json {
        writeln!(page.remarks, "nobody deployed anything with skep from this machine")?;
        return Ok(Exit::Done);
    }
    figures(&Statistics::of(&releases), page)?;
    Ok(Exit::Done)
}

async fn one(
    stack: &StackName,
    revision: u32,
    archive: &Archive,
    zone: &TimeZone,
    page: &mut Page<'_>,
) -> Result<(), Failure> {
    let release = archive.release(revision).await?.ok_or_else(|| unknown(stack, revision))?;
    let snapshot = archive.snapshot(revision).await?.unwrap_or_default();
    let sources: Vec<String> = snapshot.sources.into_iter().map(|it| it.path).collect();
    let journal = archive.journal(revision).await?;
    if page.json {
        page.json(&full(release, &sources, &journal, zone))?;
        return Ok(());
    }
    show(&describe::release(&release, &sources, &journal, zone), page)
}

/// Compares a release with a later one, or with what is live.
async fn differences(
    stack: &StackName,
    (old, new): (u32, Option<u32>),
    archive: &Archive,
    desk: &Desk,
    page: &mut Page<'_>,
) -> Result<(), Failure> {
    let before = specs(stack, old, archive).await?;
    let (after, networks, name) = if let Some(revision) = new {
        let specs = specs(stack, revision, archive).await?;
        (specs, BTreeMap::new(), format!("release {revision}"))
    } else {
        let found = read(desk.engine()?, stack).await?;
        (plan::live(&found, stack), found.network_ids(), "what is live".to_owned())
    };
    let found = compare(&before, &after, &networks);
    if page.json {
        page.json(&found.iter().map(told).collect::<Vec<_>>())?;
        return Ok(());
    }
    for line in variations(&found) {
        writeln!(page.out, "{}", line.text)?;
    }
    if found.is_empty() {
        writeln!(page.remarks, "nothing differs between release {old} and {name}")?;
    }
    Ok(())
}

async fn specs(
    stack: &StackName,
    revision: u32,
    archive: &Archive,
) -> Result<ResolvedSpecs, Failure> {
    let found = archive.snapshot(revision).await?;
    found.map(|it| it.specs).ok_or_else(|| unknown(stack, revision))
}

fn unknown(stack: &StackName, revision: u32) -> Failure {
    let hint = format!("`skep history {stack}` lists its releases");
    Failure::new(format!("stack `{stack}` has no release {revision}"), Some(hint))
}

fn row(release: Release, zone: &TimeZone) -> Row {
    let (services_healthy, services_all) = release.healthy_services();
    Row {
        took_seconds: release.took().map(|it| it.as_secs()),
        services_healthy,
        services_all,
        when: when(release.order.queued, zone),
        release,
    }
}

fn tone(state: ReleaseState) -> Tone {
    match state {
        ReleaseState::Failed | ReleaseState::Unhealthy => Tone::Danger,
        ReleaseState::RolledBack | ReleaseState::Deploying => Tone::Warn,
        _ => Tone::Plain,
    }
}

/// One release, with its steps; what undoes a step is left out.
fn full(release: Release, sources: &[String], journal: &[JournalEntry], zone: &TimeZone) -> Value {
    let step = |it: &JournalEntry| json!({ "at": it.at, "step": it.step, "stage": it.stage });
    let steps: Vec<Value> = journal.iter().map(step).collect();
    json!({ "release": row(release, zone), "sources": sources, "steps": steps })
}

fn figures(figures: &Statistics, page: &mut Page<'_>) -> Result<(), Failure> {
    if page.json {
        page.json(figures)?;
        return Ok(());
    }
    show(&describe::statistics(figures), page)
}

fn told(variation: &Variation) -> Value {
    let Variation { kind, name, how } = variation;
    let (how, fields) = match how {
        How::Added => ("added", &[][..]),
        How::Removed => ("removed", &[][..]),
        How::Changed(fields) => ("changed", fields.as_slice()),
    };
    let field = |it: &Difference| json!({ "field": it.field, "old": it.old, "new": it.new });
    let fields: Vec<Value> = fields.iter().map(field).collect();
    json!({ "kind": word(*kind), "name": name, "how": how, "fields": fields })
}

/// Prints a page: sections, each fact on a line, further lines below it.
fn show(about: &describe::Page, page: &mut Page<'_>) -> Result<(), Failure> {
    for (number, section) in about.sections.iter().enumerate() {
        if number > 0 {
            writeln!(page.out)?;
        }
        writeln!(page.out, "{}", section.title)?;
        let width = section.rows.iter().map(|it| it.key.chars().count()).max().unwrap_or(0);
        for row in &section.rows {
            let mut key = row.key.as_str();
            for line in row.value.split('\n') {
                writeln!(page.out, "  {key:width$}  {line}")?;
                key = "";
            }
        }
    }
    Ok(())
}

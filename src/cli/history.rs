//! `skep history`: lists the releases of a stack.

use crate::{
    cli::{
        CommandOutput, Desk, Exit, Failure, Run, find, listed::Listed, number,
        plan::field as plan_field, project::swarm_name, render::hidden,
    },
    domain::{
        columns::releases,
        deployment::{
            plan::{self, How, Live, Variation, compare, variations},
            release::{JournalEntry, Release, ResolvedSpecs},
            rollback::LiveRelease,
            statistics::Statistics,
        },
        describe,
        project::Secrets,
        swarm::{cluster::Service, names::StackName},
        text::nearest::nearest,
    },
    jobs::{
        deploy::live::read,
        release_health,
        release_reader::{ReleaseReader, cluster_id, on_disk},
        survey,
    },
    projects::secrets_of,
};
use async_trait::async_trait;
use clap::Args;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};
use std::{fmt, str::FromStr, sync::Arc};

/// List the releases of a stack, or show one of them
#[derive(Debug, Args)]
pub struct History {
    /// The stack; only --stats works without it, for all stacks
    stack: Option<String>,
    /// Show the release with this number in full
    #[arg(value_name = "RELEASE", value_parser = number::release)]
    revision: Option<u32>,
    /// Show the specs that the engine got, as JSON; secret values are hidden
    #[arg(long, requires = "revision")]
    specs: bool,
    /// Show the differences between two releases, or between a release and `live`
    #[arg(long, num_args = 1..=2, value_names = ["A", "B"], conflicts_with_all = ["revision", "stats"])]
    diff: Vec<Side>,
    /// Show how many failed, how long they took, and why
    #[arg(long, conflicts_with = "revision")]
    stats: bool,
}

/// One side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Release(u32),
    Live,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    release: &'a Release,
    /// `live`, `in part` where it ended half way, or empty.
    live: &'static str,
    took_seconds: Option<i64>,
    services_healthy: usize,
    services_all: usize,
}

#[async_trait]
impl Run for History {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let Some(stack) = &self.stack else {
            if self.stats {
                return overall(desk, page).await;
            }
            let hint = "`skep ls` lists them; `skep history --stats` counts the releases of all";
            return Err(Failure::usage("a stack is missing", Some(hint.to_owned())));
        };
        let stack = &swarm_name(desk, stack)?;
        let about = About { stack, wish: self };
        let reader = ReleaseReader::of(desk.engine()?, desk.store()?, stack).await?;
        if let Ok(survey) = survey::once(&*desk.shown()?, desk.now).await {
            judge(desk, survey.services).await;
        }
        let (all, live) = reader.history().await?;
        if all.is_empty() {
            return about.nothing(&reader.stacks().await?, desk, page).await;
        }
        match (self.revision, self.diff.as_slice()) {
            (Some(revision), _) if self.specs => {
                about.bodies(revision, &reader, desk, page).await?;
            }
            (Some(revision), _) => about.one(revision, live, &reader, &desk.zone, page).await?,
            (None, [old, rest @ ..]) => {
                let new = rest.first().copied().unwrap_or(Side::Live);
                about.differences([*old, new], &reader, desk, page).await?;
            }
            _ if self.stats => figures(&Statistics::of(&all), page)?,
            _ => {
                let rows: Vec<&Release> = all.iter().collect();
                let listed = Listed { live, ..Listed::at(desk) };
                page.objects(releases::COLUMNS, &rows, &listed, |it| row(it, live))?;
            }
        }
        Ok(Exit::Done)
    }
}

/// Finds out whether what is live is still well. Who only looks is not held up by a state
/// file that cannot be written.
pub async fn judge(desk: &Desk, services: Arc<[Service]>) {
    let (Ok(engine), Ok(store)) = (desk.engine(), desk.store()) else { return };
    let Ok(cluster) = cluster_id(engine).await else { return };
    if let Err(err) = release_health::judge(store, cluster, services).await {
        tracing::warn!(%err, "releases could not be judged");
    }
}

/// Prints the figures of all stacks together.
async fn overall(desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
    let cluster = cluster_id(desk.engine()?).await?;
    if let Ok(survey) = survey::once(&*desk.shown()?, desk.now).await {
        judge(desk, survey.services).await;
    }
    let releases = on_disk(desk.store()?.clone(), move |it| it.all_releases(&cluster)).await?;
    if releases.is_empty() && !page.json {
        writeln!(page.remarks, "nothing was deployed with skep from this machine")?;
        return Ok(Exit::Done);
    }
    figures(&Statistics::of(&releases), page)?;
    Ok(Exit::Done)
}

/// The stack that is asked about, and what is asked.
struct About<'a> {
    stack: &'a StackName,
    wish: &'a History,
}

impl About<'_> {
    async fn one(
        &self,
        revision: u32,
        live: Option<LiveRelease>,
        reader: &ReleaseReader,
        zone: &TimeZone,
        page: &mut CommandOutput<'_>,
    ) -> Result<(), Failure> {
        let release = reader.release(revision).await?.ok_or_else(|| self.unknown(revision))?;
        let snapshot = reader.snapshot(revision).await?.unwrap_or_default();
        let sources: Vec<String> = snapshot.sources.into_iter().map(|it| it.path).collect();
        let journal = reader.journal(revision).await?;
        if page.json {
            page.json(&full(&row(&release, live), &sources, &journal))?;
            return Ok(());
        }
        show(&describe::release(&release, &sources, &journal, live, zone), page)
    }

    /// Prints what a release deployed.
    async fn bodies(
        &self,
        revision: u32,
        reader: &ReleaseReader,
        desk: &Desk,
        page: &mut CommandOutput<'_>,
    ) -> Result<(), Failure> {
        let snapshot = reader.snapshot(revision).await?.ok_or_else(|| self.unknown(revision))?;
        let provenance = snapshot.provenance.clone();
        let secrets = on_disk(desk.store()?.clone(), move |it| secrets_of(it, &provenance)).await?;
        let specs = serde_json::to_value(&snapshot.specs)
            .map_err(|err| Failure::new(format!("bug: {err}"), None))?;
        page.json(&hidden(specs, &secrets))?;
        Ok(())
    }

    /// Compares two releases, or a release and what is live.
    async fn differences(
        &self,
        sides: [Side; 2],
        reader: &ReleaseReader,
        desk: &Desk,
        page: &mut CommandOutput<'_>,
    ) -> Result<(), Failure> {
        let mut live = Live::default();
        if sides.contains(&Side::Live) {
            live = read(desk.engine()?, self.stack).await?;
        }
        let [old, new] = sides;
        let before = self.specs(old, &live, reader).await?;
        let after = self.specs(new, &live, reader).await?;
        let mut found = compare(&before, &after, &live.network_ids());
        plan::hide(&mut found, &self.secrets(reader, desk).await?);
        if page.json {
            page.json(&found.iter().map(told).collect::<Vec<_>>())?;
            return Ok(());
        }
        for line in variations(&found) {
            writeln!(page.out, "{}", line.text)?;
        }
        if found.is_empty() {
            writeln!(page.remarks, "nothing differs between {old} and {new}")?;
        }
        Ok(())
    }

    /// Returns the secret values that went into any release.
    async fn secrets(&self, reader: &ReleaseReader, desk: &Desk) -> Result<Secrets, Failure> {
        let made = reader.provenances().await?;
        let hidden = on_disk(desk.store()?.clone(), move |store| {
            let mut all = Secrets::default();
            for provenance in &made {
                all.join(secrets_of(store, provenance)?);
            }
            Ok(all)
        });
        Ok(hidden.await?)
    }

    async fn specs(
        &self,
        side: Side,
        live: &Live,
        reader: &ReleaseReader,
    ) -> Result<ResolvedSpecs, Failure> {
        let Side::Release(revision) = side else { return Ok(plan::live(live, self.stack)) };
        let found = reader.snapshot(revision).await?;
        found.map(|it| it.specs).ok_or_else(|| self.unknown(revision))
    }

    /// Tells that a stack has no releases; a stack that is nowhere is a mistake.
    async fn nothing(
        &self,
        released: &[StackName],
        desk: &Desk,
        page: &mut CommandOutput<'_>,
    ) -> Result<Exit, Failure> {
        let word = self.stack.as_str();
        let services = desk.engine()?.services().await?;
        if find::stack(word, &services).is_none() {
            let live = services.iter().filter_map(|it| it.stack.as_ref());
            let meant = nearest(word, released.iter().chain(live).map(StackName::as_str));
            return Err(find::unknown("release or stack", word, meant, "see `skep ls`"));
        }
        let none =
            format!("stack `{word}` runs, but it was not deployed with skep from this machine");
        if self.wish.revision.is_some() || !self.wish.diff.is_empty() {
            let hint = format!("`skep adopt {word}` makes what runs its first release");
            return Err(Failure::new(none, Some(hint)));
        }
        match page.json {
            true => page.json(&[(); 0])?,
            false => writeln!(page.remarks, "{none}")?,
        }
        Ok(Exit::Done)
    }

    fn unknown(&self, revision: u32) -> Failure {
        let hint = format!("`skep history {}` lists its releases", self.stack);
        Failure::new(format!("stack `{}` has no release {revision}", self.stack), Some(hint))
    }
}

impl FromStr for Side {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "live" {
            return Ok(Self::Live);
        }
        let revision = text.parse().map(Self::Release);
        revision.map_err(|_| "name a release by its number, or `live`".to_owned())
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release(revision) => write!(f, "release {revision}"),
            Self::Live => f.write_str("what is live"),
        }
    }
}

fn row(release: &Release, live: Option<LiveRelease>) -> Row<'_> {
    let (services_healthy, services_all) = release.healthy_services();
    Row {
        live: LiveRelease::word(live, release.key.revision),
        took_seconds: release.took().map(|it| it.as_secs()),
        services_healthy,
        services_all,
        release,
    }
}

/// One release, with its steps; what undoes a step is left out.
fn full(release: &Row<'_>, sources: &[String], journal: &[JournalEntry]) -> Value {
    let step =
        |it: &JournalEntry| json!({ "at": it.at, "step": it.step.to_string(), "stage": it.stage });
    let steps: Vec<Value> = journal.iter().map(step).collect();
    json!({ "release": release, "sources": sources, "steps": steps })
}

fn figures(figures: &Statistics, page: &mut CommandOutput<'_>) -> Result<(), Failure> {
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
    let fields: Vec<Value> = fields.iter().map(plan_field).collect();
    json!({ "kind": kind.word(), "name": name, "how": how, "fields": fields })
}

/// Prints a page: sections, each fact on a line, further lines below it.
fn show(about: &describe::ObjectPage, page: &mut CommandOutput<'_>) -> Result<(), Failure> {
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

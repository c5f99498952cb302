//! The page of a release: everything that is known about one deployment.

use crate::domain::{
    deployment::{
        release::{FailedTask, JournalEntry, Release, ReleaseState, ServiceOutcome, StepStage},
        rollback::LiveRelease,
    },
    describe::page::{FactTone, ObjectPage, Section},
    text::{duration, elide::without_digest},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// Describes a release; `sources` are the paths of its files.
pub fn release(
    release: &Release,
    sources: &[String],
    journal: &[JournalEntry],
    live: Option<LiveRelease>,
    zone: &TimeZone,
) -> ObjectPage {
    let order = &release.order;
    let at = |moment: Option<Timestamp>| moment.map(|it| when(it, zone));
    let about = Section::new(&format!("Release {} of {}", release.key.revision, release.key.stack))
        .toned("state", release.state.to_string(), tone(release.state))
        .row("live", stands(release, live))
        .toned("why", release.reason.clone(), tone(release.state))
        .row("message", order.message.clone())
        .row("who", order.who.to_string())
        .row("context", order.context.clone())
        .row("engine", order.address.clone())
        .row("queued", at(Some(order.queued)))
        .row("started", at(release.started))
        .row("finished", at(release.finished))
        .row("took", release.took().map(length))
        .muted("id", release.id.to_string());
    let services = release.services.iter().fold(Section::new("Services"), |section, (name, it)| {
        section.toned(name, fares(it), tone(it.state))
    });
    let failed =
        release.services.iter().filter_map(|(name, it)| last_lines(name, it.failed.as_ref()?));
    let files = sources
        .iter()
        .fold(Section::new("Files"), |section, path| section.row("file", path.clone()));
    let steps = journal.iter().fold(Section::new("Steps"), |section, it| {
        let tone = if it.stage == StepStage::Failed { FactTone::Danger } else { FactTone::Normal };
        section.toned(&clock(it.at, zone), format!("{} {}", it.stage.word(), it.step), tone)
    });
    let sections = [about, services].into_iter().chain(failed).chain([files, steps]);
    ObjectPage::new(sections)
}

/// Says whether a release is what the cluster has, and which one is if it is not.
fn stands(release: &Release, live: Option<LiveRelease>) -> String {
    match live {
        Some(LiveRelease { revision, whole }) if revision == release.key.revision => match whole {
            true => "yes, unless somebody changed the stack since".to_owned(),
            false => "in part: it ended half way, and what it changed is still there".to_owned(),
        },
        Some(live) => format!("no: {} is", live.words()),
        None => "no, and no other release is".to_owned(),
    }
}

/// Writes a moment as clocks on the wall say it there.
pub fn when(moment: Timestamp, zone: &TimeZone) -> String {
    moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Writes how long something took, in whole seconds: `1m5s`.
pub fn length(length: SignedDuration) -> String {
    duration::format(length.as_secs().saturating_mul(1_000_000_000))
}

fn clock(moment: Timestamp, zone: &TimeZone) -> String {
    moment.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

fn fares(service: &ServiceOutcome) -> String {
    let ServiceOutcome { state, desired, running, error, failed, .. } = service;
    let image = failed.as_ref().map(|it| format!("\nimage {}", without_digest(&it.image)));
    let image = image.unwrap_or_default();
    let error = error.as_ref().map(|it| format!("\n{it}")).unwrap_or_default();
    format!("{state} {running}/{desired}{image}{error}")
}

/// What the task wrote that failed.
fn last_lines(service: &str, task: &FailedTask) -> Option<Section> {
    let lines = task.lines.join("\n");
    let title = format!("Last lines of {service}");
    (!lines.is_empty()).then(|| Section::new(&title).row("log", lines))
}

fn tone(state: ReleaseState) -> FactTone {
    match state {
        ReleaseState::Failed | ReleaseState::Unhealthy => FactTone::Danger,
        ReleaseState::RolledBack | ReleaseState::Interrupted => FactTone::Warn,
        _ => FactTone::Normal,
    }
}

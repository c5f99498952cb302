//! Progress bars of the services of a deployment, and their tasks by slot.

use crate::{
    domain::{
        deployment::deploy::{Board, Lane, LaneState},
        health::converge::TaskSlot,
        swarm::cluster::TaskState,
    },
    tui::{
        theme::Theme,
        widgets::{
            DrawContext,
            text_page::{Tone, Toned, flowing, wrapped},
        },
        world::{Job, World},
    },
};
use jiff::Timestamp;

/// Cells of a bar at most; each stands for one task where there are no more.
const CELLS: usize = 12;
/// Columns before what explains a service.
const DEEP: usize = 6;
/// From this width on, tasks are told one by one.
const ROOMY: usize = 90;
/// Places that are told of one service; those that move come first.
const PLACES: usize = 24;

/// Returns a bar for each service, and what is to be said about it.
pub fn lines(board: &Board, job: &Job, look: &DrawContext<'_>, width: usize) -> Vec<Toned> {
    let name = board.services.iter().map(|it| board.short(it).chars().count()).max().unwrap_or(0);
    let name = name.min(width / 3);
    // Once it is over, no time passes any more.
    let now = job.ended.unwrap_or(look.world.now);
    let of = |lane: &Lane| {
        let mut lines = vec![bar(lane, (board.short(lane), name), now, look.theme)];
        if width >= ROOMY {
            lines.extend(places(lane, look.world, look.theme, width));
        }
        lines.extend(said(lane, board, width));
        lines
    };
    board.services.iter().flat_map(of).collect()
}

fn bar(lane: &Lane, (name, width): (&str, usize), now: Timestamp, theme: &Theme) -> Toned {
    let (tone, glyph) = match lane.state {
        LaneState::Waiting | LaneState::Untouched => (Tone::Muted, theme.glyphs.none),
        LaneState::Moving | LaneState::Arrived => (Tone::Warn, theme.glyphs.moving),
        LaneState::Settled => (Tone::Text, theme.glyphs.good),
        LaneState::Lost => (Tone::Danger, theme.glyphs.bad),
    };
    let act = lane.act.map_or("–", |it| it.word());
    let mut line =
        vec![(tone, format!("  {glyph} {name:width$}")), (Tone::Muted, format!("  {act:6}  "))];
    let cells = lane.cells(CELLS);
    let taken: usize = cells.iter().sum();
    let [new, old, none] = cells;
    line.push((Tone::Key, theme.glyphs.bar_full.repeat(new)));
    line.push((Tone::Muted, theme.glyphs.bar_old.repeat(old)));
    line.push((Tone::Muted, theme.glyphs.bar_empty.repeat(none)));
    line.push((Tone::Text, " ".repeat(CELLS.saturating_sub(taken))));
    line.push((Tone::Text, format!(" {:>5}  ", lane.count())));
    line.push((tone, lane.words().to_owned()));
    line.push((Tone::Muted, format!("  {}", lane.timing(now))));
    line
}

/// Tells the tasks place by place, as `1@node2 running → starting`.
fn places(lane: &Lane, world: &World, theme: &Theme, width: usize) -> Vec<Toned> {
    if !matches!(lane.state, LaneState::Moving | LaneState::Arrived | LaneState::Lost) {
        return Vec::new();
    }
    let mut places: Vec<&TaskSlot> = lane.tasks.iter().collect();
    places.sort_by_key(|it| it.new == Some(TaskState::Running) && it.old.is_none());
    let more = places.len().saturating_sub(PLACES);
    let more = (more > 0).then(|| vec![(Tone::Muted, format!("and {more} more"))]);
    let told = places.into_iter().take(PLACES).map(|it| place(it, world, theme));
    flowing(told.chain(more), DEEP, 3, width)
}

fn place(place: &TaskSlot, world: &World, theme: &Theme) -> Toned {
    let host = world.host(place.node.as_ref());
    let at = if place.slot == 0 { host.to_owned() } else { format!("{}@{host}", place.slot) };
    let mut told = vec![(Tone::Muted, format!("{at} "))];
    if let Some(old) = place.old {
        told.push((Tone::Muted, format!("old {old}")));
    }
    if let Some(new) = place.new {
        if place.old.is_some() {
            told.push((Tone::Muted, format!(" {} ", theme.glyphs.arrow)));
        }
        let tone = match new {
            TaskState::Running | TaskState::Complete => Tone::Text,
            TaskState::Failed | TaskState::Rejected | TaskState::Orphaned => Tone::Danger,
            _ => Tone::Warn,
        };
        told.push((tone, new.to_string()));
    }
    told
}

/// Says why it was lost, and what went wrong, uncut.
fn said(lane: &Lane, board: &Board, width: usize) -> Vec<Toned> {
    let room = width.saturating_sub(DEEP).max(20);
    let trouble = lane.trouble.as_deref();
    let known = |it: &&str| lane.lost.as_ref().is_none_or(|lost| !lost.contains(it));
    // The head of the page says why it goes back.
    let told = |it: &&str| board.back.as_ref().is_none_or(|back| !back.because.contains(it));
    let lost = lane.lost.as_deref().filter(told).map(|it| (Tone::Danger, it));
    let trouble = trouble.filter(known).map(|it| (Tone::Warn, it));
    let broken = |(tone, text): (Tone, &str)| {
        let line = move |it: String| vec![(tone, format!("{}{}", " ".repeat(DEEP), it.trim_end()))];
        wrapped(text, room).into_iter().map(line).collect::<Vec<_>>()
    };
    lost.into_iter().chain(trouble).flat_map(broken).collect()
}

//! The side pane of a job: events, and the last lines of failed tasks.

use crate::{
    jobs::Tail,
    tui::{
        widgets::{
            DrawContext, frame,
            text_page::{TextPage, Tone, Toned, wrapped},
        },
        world::{Job, World},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
};

/// Columns of the time, and two more.
const TIME: usize = 10;

/// Draws events above and log lines below, the newest of both in sight.
pub fn draw(job: &Job, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width.saturating_sub(3));
    let tails = tails(job, width);
    let below = if tails.is_empty() { Constraint::Length(0) } else { Constraint::Fill(1) };
    let [events_area, tails_area] = Layout::vertical([Constraint::Fill(1), below]).areas(area);
    newest("Events", events(job, look.world, width).concat(), look, events_area, buffer);
    let rooms = Layout::vertical(tails.iter().map(|_| Constraint::Fill(1))).split(tails_area);
    for ((title, lines), room) in tails.into_iter().zip(rooms.iter()) {
        newest(&title, lines, look, *room, buffer);
    }
}

/// Returns what happened, oldest first, each in its lines.
pub fn events(job: &Job, world: &World, width: usize) -> Vec<Vec<Toned>> {
    let room = width.saturating_sub(TIME).max(20);
    let zone = &world.setting.zone;
    let event = |(at, text): &(jiff::Timestamp, String)| {
        let time = at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string();
        let line = |(index, part): (usize, String)| {
            let time = if index == 0 { time.as_str() } else { "" };
            vec![(Tone::Muted, format!("{time:TIME$}")), (Tone::Text, part.trim_end().to_owned())]
        };
        wrapped(text, room).into_iter().enumerate().map(line).collect::<Vec<_>>()
    };
    job.notes.iter().map(event).collect()
}

/// Returns the last lines of each service that failed, with a title.
pub fn tails(job: &Job, width: usize) -> Vec<(String, Vec<Toned>)> {
    let tail = |it: &Tail| {
        let title = format!("Last lines of {} · task {}", it.service, it.task.short());
        let lines = match &it.lines {
            Ok(lines) if lines.is_empty() => vec![said(Tone::Muted, "it wrote nothing")],
            Ok(lines) => lines.iter().flat_map(|it| broken(it, width)).collect(),
            Err(why) => vec![said(Tone::Muted, why)],
        };
        (title, lines)
    };
    job.tails.values().map(tail).collect()
}

fn broken(line: &str, width: usize) -> Vec<Toned> {
    wrapped(line, width.max(20)).iter().map(|it| said(Tone::Text, it.trim_end())).collect()
}

fn said(tone: Tone, text: &str) -> Toned {
    vec![(tone, text.to_owned())]
}

fn newest(title: &str, lines: Vec<Toned>, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let inside = frame::pane(title, false, look.theme, area, buffer);
    let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
    let above = lines.len().saturating_sub(usize::from(inside.height));
    TextPage::default().showing(lines.into_iter().skip(above).collect()).draw(look, inside, buffer);
}

//! The verdict card: how a job ended, why, what was restored, and what to do.

use crate::{
    domain::{
        deployment::deploy::{Act, Board},
        text::age::exact,
    },
    jobs::Verdict,
    tui::{
        widgets::{
            DrawContext,
            text_page::{Tone, Toned, wrapped},
        },
        world::Job,
    },
};

/// Columns before a value.
const INDENT: usize = 13;
/// Long sentences are broken here at the latest: they read better.
const SENTENCE: usize = 100;

/// Returns the card of a job that is over.
pub fn lines(job: &Job, verdict: &Verdict, look: &DrawContext<'_>, width: usize) -> Vec<Toned> {
    let glyphs = look.theme.glyphs;
    let (tone, glyph) = match verdict {
        Verdict::Succeeded(_) => (Tone::Title, glyphs.good),
        Verdict::Stopped(_) => (Tone::Title, glyphs.none),
        Verdict::RolledBack(_) => (Tone::Warn, glyphs.bad),
        Verdict::Failed { .. } | Verdict::NeedsPerson { .. } => (Tone::Danger, glyphs.bad),
    };
    let ended = job.ended.unwrap_or(look.world.now);
    let took = match verdict {
        // The rollback has a time of its own below.
        Verdict::RolledBack(_) => format!(": {} in all", exact(job.started, ended)),
        _ => format!(" after {}", exact(job.started, ended)),
    };
    let mut lines = vec![vec![(tone, format!("  {glyph} {}", verdict.word())), (Tone::Text, took)]];
    let mut say = |key: &str, value: &str, tone| lines.extend(row(key, value, tone, width));
    let board = job.board.as_ref();
    let back = board.and_then(|it| it.back.as_ref());
    match verdict {
        Verdict::Succeeded(note) => say("what", note, Tone::Text),
        Verdict::Stopped(note) => say("what", note, Tone::Text),
        Verdict::Failed { why, .. } => say("why", why, Tone::Danger),
        Verdict::RolledBack(why) => {
            say("why", back.map_or(why, |it| &it.because), Tone::Danger);
        }
        Verdict::NeedsPerson { why, differs, .. } => {
            say("why", why, Tone::Danger);
            for it in differs {
                say("differs", it, Tone::Danger);
            }
        }
    }
    if let (Some(board), Some(back), Verdict::RolledBack(_)) = (board, back, verdict) {
        for (key, what) in taken_back(board, &exact(back.since, ended)) {
            say(key, &what, Tone::Text);
        }
    }
    if let Some(hint) = verdict.hint() {
        say("what to do", &hint, Tone::Text);
    }
    lines
}

/// Says what became of services that went back: those that were there before, and those
/// that were new, of which there is nothing that could be restored.
fn taken_back(board: &Board, took: &str) -> Vec<(&'static str, String)> {
    let names = |removed: bool| {
        let written = board.services.iter().filter(|it| it.act.is_some());
        let of_kind = written.filter(|it| (it.act == Some(Act::Remove)) == removed);
        of_kind.map(|it| it.service.as_str()).collect::<Vec<_>>().join(", ")
    };
    let (old, new) = (names(false), names(true));
    let restored = format!("{old}; the rollback took {took}");
    let removed = format!("{new} (new in this deployment); the removal took {took}");
    let said = [(old, "restored", restored), (new, "removed", removed)];
    said.into_iter().filter(|it| !it.0.is_empty()).map(|it| (it.1, it.2)).collect()
}

/// Returns a key in its column, and a value that may go over several lines.
pub fn row(key: &str, value: &str, tone: Tone, width: usize) -> Vec<Toned> {
    let room = width.saturating_sub(INDENT).clamp(20, SENTENCE);
    let parts = value.split('\n').flat_map(|it| wrapped(it, room));
    let line = |(index, part): (usize, String)| {
        let key = if index == 0 { key } else { "" };
        vec![(Tone::Muted, format!("  {key:10} ")), (tone, part.trim_end().to_owned())]
    };
    parts.enumerate().map(line).collect()
}

//! The header: context, and health of the cluster.

use crate::{
    domain::{
        deployment::lease::Lease,
        health::{Conditions, Load, Quorum, QuorumState},
        swarm::{
            cluster::{Condition, Tally},
            states::NodeState,
        },
        text::{age::coarse, count::plural, elide},
    },
    jobs::watch::Link,
    tui::{widgets::DrawContext, world::CockpitSettings},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use std::mem;
use unicode_width::UnicodeWidthStr;

/// A part of the line. Where there is no room, those of the highest rank go first, down to
/// what is of rank 1; then all are shortened that can be, and at last those of rank 1 go.
struct Part {
    text: String,
    style: Style,
    rank: u8,
    shorter: Shorter,
}

/// What a part may become where there is little room.
#[derive(Default)]
enum Shorter {
    #[default]
    No,
    To(String),
    /// Its beginning, of so many columns at least.
    Cut(usize),
}

const GAP: usize = 3;
/// Columns of who is at work and what with.
const LONGEST_NAME: usize = 60;
const SHORTEST_NAME: usize = 16;

/// Draws name, nodes, managers, services, tasks, reserved capacity and jobs.
pub fn draw(look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let mut parts = parts(look);
    // A blank on each side.
    fit(&mut parts, usize::from(area.width).saturating_sub(2));
    let mut x = area.x + 1;
    for part in parts {
        let room = usize::from(area.right().saturating_sub(x));
        (x, _) = buffer.set_stringn(x, area.y, &part.text, room, part.style);
        x = x.saturating_add(3);
    }
}

fn fit(parts: &mut Vec<Part>, room: usize) {
    loop {
        let wide: usize = parts.iter().map(|it| it.text.width()).sum();
        let excess = (wide + GAP * parts.len().saturating_sub(1)).saturating_sub(room);
        let rank = parts.iter().map(|it| it.rank).max().unwrap_or_default();
        let worst = parts.iter().rposition(|it| it.rank == rank);
        match worst {
            _ if excess == 0 => return,
            Some(place) if rank > 1 => _ = parts.remove(place),
            _ if parts.iter_mut().rev().any(|it| it.shorten(excess)) => {}
            Some(place) if rank == 1 => _ = parts.remove(place),
            _ => return,
        }
    }
}

impl Part {
    fn new(text: String, style: Style, rank: u8) -> Self {
        Self { text, style, rank, shorter: Shorter::No }
    }

    /// Gives up columns; returns whether there were any to give.
    fn shorten(&mut self, excess: usize) -> bool {
        let wide = self.text.width();
        self.text = match mem::take(&mut self.shorter) {
            Shorter::No => return false,
            Shorter::To(text) => text,
            Shorter::Cut(least) => {
                elide::end(&self.text, wide.saturating_sub(excess).max(least)).into_owned()
            }
        };
        self.text.width() < wide
    }
}

fn parts(look: &DrawContext<'_>) -> Vec<Part> {
    let (world, theme) = (look.world, look.theme);
    let part = Part::new;
    let setting = &world.setting;
    let name = format!("skep {} {}{}", theme.glyphs.folded, setting.context, mode(setting));
    let mut parts = vec![part(name, theme.title, 0)];
    if world.view.read_at.is_none() {
        let state = if matches!(world.view.link, Link::Connecting) {
            format!("connecting to {}", setting.address)
        } else {
            "no data".to_owned()
        };
        parts.push(part(state, theme.muted, 0));
        return parts;
    }
    parts.extend(nodes(look));
    let conditions = Conditions::of(world.services());
    let services = world.services().len();
    parts.push(part(plural(services as u64, "service"), theme.text, 2));
    parts.extend(conditions.words().filter_map(|(condition, count, word)| {
        let (glyph, style, rank) = match condition {
            Condition::Failing => (theme.glyphs.bad, theme.danger, 0),
            Condition::Unsteady => (theme.glyphs.warn, theme.warn, 0),
            Condition::Stopped | Condition::Ended => (theme.glyphs.none, theme.muted, 4),
            Condition::Fine | Condition::Changing => return None,
        };
        let shorter = Shorter::To(format!("{glyph} {count}"));
        Some(Part { shorter, ..part(format!("{glyph} {count} {word}"), style, rank) })
    }));
    parts.push(part(format!("{} tasks", Tally::of(world.services())), theme.text, 3));
    let load = Load::of_cluster(world.services(), world.nodes());
    if let (Some(cpu), Some(memory)) = (load.cpu_percent(), load.memory_percent()) {
        parts.push(part(format!("reserved cpu {cpu}% mem {memory}%"), theme.muted, 5));
    }
    parts.extend(others_at_work(look));
    if world.running_jobs() > 0 {
        let jobs = plural(world.running_jobs() as u64, "job");
        parts.push(part(format!("{} {jobs}", theme.glyphs.moving), theme.warn, 0));
    }
    if let Some(system) = world.system() {
        parts.push(part(format!("engine {}", system.version), theme.muted, 6));
    }
    parts
}

fn mode(setting: &CockpitSettings) -> &'static str {
    match (setting.demo, setting.read_only) {
        (false, false) if setting.production => " PRODUCTION",
        (true, _) => " DEMO",
        (false, true) => " read-only",
        (false, false) => "",
    }
}

/// Who else is at work in this cluster. What they say of themselves is theirs, and may be
/// long; of several the first is named.
fn others_at_work(look: &DrawContext<'_>) -> Option<Part> {
    let (world, theme) = (look.world, look.theme);
    let mut others = world.others_at_work();
    let Lease { holder, purpose, .. } = &others.next()?.lease;
    let who = format!("{holder}: {purpose}");
    let more = match others.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let text = format!("{} {}{more}", theme.glyphs.moving, elide::end(&who, LONGEST_NAME));
    Some(Part { shorter: Shorter::Cut(SHORTEST_NAME), ..Part::new(text, theme.warn, 1) })
}

/// Nodes and managers. While the quorum is lost nobody writes down which nodes answer,
/// so their states are as old as that; so are all of an engine that is away.
fn nodes(look: &DrawContext<'_>) -> Vec<Part> {
    let (world, theme) = (look.world, look.theme);
    let ready = world.nodes().iter().filter(|it| it.state == NodeState::Ready).count();
    let total = world.nodes().len();
    let quorum = Quorum::of(world.nodes());
    let standing = if world.is_leaderless() { QuorumState::Lost } else { quorum.standing() };
    let stale = world.stale().map(|it| format!(" {} ago", coarse(it))).unwrap_or_default();
    let style = if stale.is_empty() { theme.health(ready == total) } else { theme.warn };
    let mut parts = vec![Part::new(format!("{ready}/{total} nodes{stale}"), style, 1)];
    let all = quorum.reachable == quorum.managers;
    let text = format!("{}/{} managers", quorum.reachable, quorum.managers);
    let (words, style, rank) = match standing {
        QuorumState::Lost => ("the quorum is lost", theme.danger, 0),
        QuorumState::AtRisk if !all => ("quorum at risk", theme.danger, 0),
        _ => ("", theme.health(all), 4),
    };
    parts.push(match words {
        "" => Part::new(text, style, rank),
        words => {
            let short = format!("{} {words}", theme.glyphs.warn);
            let shorter = Shorter::To(short.clone());
            Part { shorter, ..Part::new(format!("{text} {short}"), style, rank) }
        }
    });
    parts
}

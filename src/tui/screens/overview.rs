//! The overview screen: what is wrong right now, why, and what to do about it.

use crate::{
    domain::{
        describe::figures,
        health::{self, Conditions, Health, Severity, Trouble},
        swarm::cluster::{Happening, Object, Tally},
        text::{age, count::plural, elide, escape, filter::Filter},
    },
    tui::{
        event::{Destination, Fact, Request, Subject},
        keymap::{Action, Context},
        screens::Screen,
        theme::Theme,
        widgets::{DrawContext, frame, text_page::wrapped},
        world::World,
    },
};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    style::Style,
};
use std::{collections::BTreeSet, fmt::Write as _, ops::Range};

/// The verdict on the cluster, and its troubles to walk through.
#[derive(Debug)]
pub struct Overview {
    verdict: Option<Health>,
    /// When the verdict became another than the one before.
    turned: Option<Timestamp>,
    cursor: usize,
    filter: Filter,
}

const SUMMARY: u16 = 7;
const EVENTS: u16 = 10;

impl Overview {
    pub fn new(world: &World) -> Self {
        let mut overview =
            Self { verdict: None, turned: None, cursor: 0, filter: Filter::default() };
        overview.judge(world);
        overview
    }

    fn judge(&mut self, world: &World) {
        if world.view.read_at.is_none() {
            return;
        }
        let verdict = Some(health::judge(&world.sight()));
        if self.verdict != verdict {
            self.turned = Some(world.now);
        }
        self.verdict = verdict;
        self.cursor = self.cursor.min(self.troubles().len().saturating_sub(1));
    }

    /// The findings that pass the filter.
    fn troubles(&self) -> Vec<&Trouble> {
        let all = self.verdict.iter().flat_map(|it| &it.troubles);
        if self.filter.is_empty() {
            return all.collect();
        }
        let mut matching = self.filter.matching();
        all.filter(|it| matching.keeps(&format!("{} {} {}", it.what, it.why, it.what_now)))
            .collect()
    }

    fn object(&self) -> Option<&Object> {
        self.troubles().get(self.cursor).map(|it| &it.object)
    }
}

impl Screen for Overview {
    fn place(&self) -> Destination {
        Destination::Overview
    }

    fn crumb(&self, _world: &World) -> String {
        "overview".to_owned()
    }

    fn context(&self) -> Context {
        Context::List
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        let last = self.troubles().len().saturating_sub(1);
        let page = usize::from(world.size.1 / 4).max(1);
        match action {
            Action::SelectNext => self.cursor = (self.cursor + 1).min(last),
            Action::SelectPrev => self.cursor = self.cursor.saturating_sub(1),
            Action::PageDown => self.cursor = (self.cursor + page).min(last),
            Action::PageUp => self.cursor = self.cursor.saturating_sub(page),
            Action::First => self.cursor = 0,
            Action::Last => self.cursor = last,
            Action::Open => {
                return self.object().cloned().map(|it| match it {
                    // Managers, engines, room: what concerns all nodes is seen there.
                    Object::Swarm => Request::Go(Destination::Nodes),
                    it => Request::Go(Destination::Describe(it)),
                });
            }
            Action::Back if !self.filter.is_empty() => {
                self.filter = Filter::default();
                self.cursor = 0;
                return None;
            }
            Action::Back => return Some(Request::Back),
            _ => {}
        }
        None
    }

    fn observe(&mut self, world: &World, fact: Fact) -> Option<Request> {
        if matches!(fact, Fact::View | Fact::Clock) {
            self.judge(world);
        }
        None
    }

    fn filter(&mut self, _world: &World, typed: &str) {
        self.filter = Filter::parse(typed);
        self.cursor = 0;
    }

    fn filtered(&self) -> &str {
        self.filter.typed()
    }

    fn outdated(&self, world: &World, drawn: Timestamp) -> bool {
        let happened = recent(world).map(|it| it.at);
        // A frame drawn in the second of the turn may be from before it.
        self.turned.is_some_and(|it| it >= drawn) || age::any_turned(happened, drawn, world.now)
    }

    fn subjects(&self, _world: &World) -> Vec<Subject> {
        self.object().map(Subject::of).into_iter().collect()
    }

    fn takes(&self, action: Action) -> bool {
        !matches!(
            action,
            Action::Zoom
                | Action::FocusNext
                | Action::FocusPrev
                | Action::Fold
                | Action::FaultsOnly
                | Action::Mark
                | Action::ClearMarks
                | Action::SortNext
                | Action::SortReverse
                | Action::SortName
                | Action::SortAge
                | Action::SortState
                | Action::SortImage
                | Action::Left
                | Action::Right
        )
    }

    fn dump(&self, _look: &DrawContext<'_>) -> String {
        let line = |it: &&Trouble| {
            format!("{}\n  why: {}\n  what to do: {}\n", it.what, it.why, it.what_now)
        };
        self.troubles().iter().map(line).collect()
    }

    fn copied(&self, _world: &World) -> Option<String> {
        let troubles = self.troubles();
        let trouble = troubles.get(self.cursor)?;
        Some(escape::shown(&format!("{}: {}", trouble.what, trouble.why)).into_owned())
    }

    fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        let events = if area.height > 34 { EVENTS } else { 0 };
        let [summary, troubles, happened] = Layout::vertical([
            Constraint::Length(SUMMARY + u16::from(figures(&look.world.figures).is_some())),
            Constraint::Fill(1),
            Constraint::Length(events),
        ])
        .areas(area);
        let inside = frame::pane("Cluster", false, look.theme, summary, buffer);
        let Some(verdict) = &self.verdict else {
            put(inside, "waiting for the engine", look.theme.muted, buffer);
            return;
        };
        draw_summary(verdict, look, inside, buffer);
        self.draw_troubles(look, troubles, buffer);
        if events > 0 {
            draw_events(look, happened, buffer);
        }
    }
}

impl Overview {
    /// Says how many findings are how bad: they are no services, and not counted like those.
    fn severities(&self, theme: &Theme) -> String {
        let all = || self.verdict.iter().flat_map(|it| &it.troubles);
        let words = [
            (Severity::Critical, theme.glyphs.bad, "critical"),
            (Severity::Warning, theme.glyphs.warn, "warning"),
            (Severity::Notice, theme.glyphs.none, "to know"),
        ];
        let mut text = String::new();
        for (severity, glyph, word) in words {
            let count = all().filter(|it| it.severity == severity).count();
            if count > 0 {
                // Writing into a string cannot fail.
                _ = write!(text, " {glyph} {count} {word}");
            }
        }
        text
    }

    fn draw_troubles(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        let troubles = self.troubles();
        let all = self.verdict.as_ref().map_or(0, |it| it.troubles.len());
        let title = if self.filter.is_empty() {
            format!("What is wrong [{all}]{}", self.severities(look.theme))
        } else {
            format!("What is wrong [{}/{all}] /{}", troubles.len(), self.filter.typed())
        };
        let inside = frame::pane(&title, true, look.theme, area, buffer);
        if troubles.is_empty() && all > 0 {
            return put(inside, "nothing matches; esc shows all", look.theme.muted, buffer);
        }
        if troubles.is_empty() {
            let text = match look.world.stale() {
                Some(_) => "nothing was wrong when the engine last answered",
                None if !look.world.view.surveyed => {
                    "nothing so far: the tasks are still being read"
                }
                None => "nothing: every node is ready and every service runs as it should",
            };
            return put(inside, text, look.theme.text, buffer);
        }
        let room = usize::from(inside.height);
        let text = |it: &Trouble| lines(it, look.theme, usize::from(inside.width));
        let texts: Vec<Lines> = troubles.iter().map(|it| text(it)).collect();
        let shown = shares(&texts, self.cursor, room);
        let mut y = inside.y;
        for (index, height) in shown.clone().zip(heights(&texts, self.cursor, &shown, room)) {
            let mark = index == self.cursor;
            let left = Rect { y, height: inside.bottom().saturating_sub(y), ..inside };
            y += draw_trouble(&texts[index], height, mark, look.theme, left, buffer);
        }
        let (above, below) = (shown.start, troubles.len() - shown.end);
        let glyphs = look.theme.glyphs;
        let more = [(glyphs.up, above), (glyphs.down, below)];
        let more = more.into_iter().filter(|it| it.1 > 0);
        let more: Vec<String> =
            more.map(|(glyph, count)| format!("{glyph} {count} more")).collect();
        let last = Rect { y: inside.bottom().saturating_sub(1), height: 1, ..inside };
        if !more.is_empty() {
            let text = format!("{:1$}", more.join("   "), usize::from(last.width));
            put(last, &text, look.theme.muted, buffer);
        }
    }
}

/// A finding in lines: what it is, then each text with its label.
struct Lines {
    style: Style,
    what: String,
    texts: Vec<(&'static str, Vec<String>)>,
}

impl Lines {
    /// With one line of each text.
    fn least(&self) -> usize {
        1 + self.texts.len()
    }

    fn whole(&self) -> usize {
        1 + self.texts.iter().map(|it| it.1.len()).sum::<usize>()
    }
}

fn lines(trouble: &Trouble, theme: &Theme, width: usize) -> Lines {
    let (glyph, style) = match trouble.severity {
        Severity::Critical => (theme.glyphs.bad, theme.danger),
        Severity::Warning => (theme.glyphs.warn, theme.warn),
        Severity::Notice => (theme.glyphs.none, theme.muted),
    };
    let texts = [("why", &trouble.why), ("what to do", &trouble.what_now)];
    let wrapped = |text: &str| wrapped(text, width.saturating_sub(14));
    let filled = |text: &str| wrapped(text).into_iter().filter(|it| !it.is_empty()).collect();
    // Nothing to say needs no line.
    let texts = texts.into_iter().filter(|it| !it.1.is_empty());
    Lines {
        style,
        what: format!("{glyph} {}", trouble.what),
        texts: texts.map(|(label, text)| (label, filled(text))).collect(),
    }
}

/// Returns which findings are shown: the selected one whole, and around it as many as fit
/// with one line of each text. Where some are left out, a line says how many.
fn shares(texts: &[Lines], cursor: usize, room: usize) -> Range<usize> {
    let least = |it: usize| if it == cursor { texts[it].whole() } else { texts[it].least() };
    let fits = |shown: &Range<usize>| {
        let line = usize::from(shown.len() < texts.len());
        shown.clone().map(least).sum::<usize>() + line <= room
    };
    let mut shown = cursor..cursor + 1;
    // What is worse comes first.
    while shown.start > 0 && fits(&(shown.start - 1..shown.end)) {
        shown.start -= 1;
    }
    while shown.end < texts.len() && fits(&(shown.start..shown.end + 1)) {
        shown.end += 1;
    }
    // One more may fit where no line is needed that says what is left out.
    if fits(&(0..texts.len())) { 0..texts.len() } else { shown }
}

/// Gives free lines to the texts that are longer than one, from above.
fn heights(texts: &[Lines], cursor: usize, shown: &Range<usize>, room: usize) -> Vec<usize> {
    let line = usize::from(shown.len() < texts.len());
    let least = |it: usize| if it == cursor { texts[it].whole() } else { texts[it].least() };
    let mut free = room.saturating_sub(line + shown.clone().map(least).sum::<usize>());
    let mut height = |it: usize| {
        let more = (texts[it].whole() - least(it)).min(free);
        free -= more;
        least(it) + more
    };
    shown.clone().map(&mut height).collect()
}

fn draw_trouble(
    lines: &Lines,
    height: usize,
    selected: bool,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> u16 {
    let mut rows = vec![(lines.style, lines.what.clone())];
    let mut free = height.saturating_sub(lines.least());
    let width = usize::from(area.width.saturating_sub(14));
    for (label, parts) in &lines.texts {
        let taken = parts.len().min(1 + free);
        free -= taken.saturating_sub(1);
        let (whole, rest) = parts.split_at(taken);
        for (n, part) in whole.iter().enumerate() {
            let label = if n == 0 { label } else { "" };
            // Words that did not fit are told of by an ellipsis.
            let cut = (n + 1 == taken && !rest.is_empty())
                .then(|| elide::end(&format!("{part}{}", rest.concat()), width).into_owned());
            rows.push((theme.text, format!("  {label:10} {}", cut.as_ref().unwrap_or(part))));
        }
    }
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).min(area.height);
    for (y, (style, text)) in (area.y..area.y + height).zip(rows) {
        put(Rect { y, height: 1, ..area }, &text, style, buffer);
    }
    if selected {
        frame::select(Rect { height: 1, ..area }, theme, buffer);
    }
    height
}

fn draw_summary(health: &Health, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = look.theme;
    let (verdict, style) = match health.worst() {
        Some(Severity::Critical) => (format!("{} in trouble", theme.glyphs.bad), theme.danger),
        Some(Severity::Warning) => {
            (format!("{} works, with warnings", theme.glyphs.warn), theme.warn)
        }
        Some(Severity::Notice) | None if !look.world.view.surveyed => {
            ("not known yet: the tasks are still being read".to_owned(), theme.muted)
        }
        Some(Severity::Notice) | None => (format!("{} fine", theme.glyphs.good), theme.text),
    };
    // What an engine does not say any more may be otherwise by now.
    let (verdict, style) = match look.world.stale() {
        Some(old) => (format!("{verdict} {} ago; not known since", age::coarse(old)), theme.warn),
        None => (verdict, style),
    };
    let facts = facts(health, look.world).map(|(label, text)| (label, text, theme.text));
    let figures = figures(&look.world.figures).map(|text| ("deployments", text, theme.text));
    let rows = [("health", verdict, style)].into_iter().chain(facts).chain(figures);
    for (y, (label, text, style)) in (area.y..area.bottom()).zip(rows) {
        buffer.set_stringn(area.x + 1, y, label, 11, theme.muted);
        let place = Rect { x: area.x + 13, y, width: area.width.saturating_sub(13), height: 1 };
        let text = elide::facts(&text, usize::from(place.width.saturating_sub(2)));
        put(place, &text, style, buffer);
    }
}

fn facts(health: &Health, world: &World) -> [(&'static str, String); 4] {
    let (quorum, load) = (health.quorum, health.capacity.cluster);
    let (nodes, services) = (world.nodes(), world.services());
    let tally = Tally::of(services);
    let percent = |it: Option<u64>| it.map_or("?".to_owned(), |it| format!("{it}%"));
    let engines: BTreeSet<&str> = nodes.iter().map(|it| it.engine.as_str()).collect();
    let engines = engines.into_iter().collect::<Vec<_>>().join(", ");
    let ready = health.nodes_ready;
    let (reachable, managers, needed) = (quorum.reachable, quorum.managers, quorum.needed());
    let (cpu, memory) = (percent(load.cpu_percent()), percent(load.memory_percent()));
    // Without a leader nobody hears of nodes.
    let known = if world.is_leaderless() { " when the managers still had a leader" } else { "" };
    [
        ("nodes", format!("{ready}/{} ready{known}, engine {engines}", nodes.len())),
        (
            "managers",
            format!("{reachable}/{managers} reachable{known}, {needed} needed for a quorum"),
        ),
        ("services", format!("{}, {tally} tasks run", conditions(&health.services))),
        ("reserved", format!("cpu {cpu}, memory {memory}")),
    ]
}

/// Of services as `38 of 42 healthy, 2 in trouble, 1 changing`.
fn conditions(all: &Conditions) -> String {
    let others: usize = all.words().map(|it| it.1).sum();
    let mut text = format!("{} of {} healthy", all.fine, all.fine + others);
    for (_, count, words) in all.words() {
        // Writing into a string cannot fail.
        _ = write!(text, ", {count} {words}");
    }
    text
}

/// What happened last. Writes of the engine that change nothing one can see, as most
/// of those to nodes, would push out the rest.
fn recent(world: &World) -> impl Iterator<Item = &Happening> {
    let says = |it: &&Happening| it.action != "update" || it.kind != "node" || it.says_something();
    world.happenings.iter().filter(says).take(usize::from(EVENTS))
}

fn draw_events(look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let count = plural(look.world.happenings.len() as u64, "event");
    let inside = frame::pane(
        &format!("Recent events · {count} since skep started"),
        false,
        look.theme,
        area,
        buffer,
    );
    if look.world.happenings.is_empty() {
        return put(inside, "nothing happened yet", look.theme.muted, buffer);
    }
    for (y, it) in (inside.y..inside.bottom()).zip(recent(look.world)) {
        let text = format!(
            "{:>4}  {:8} {:7} {}  {}",
            age::age(it.at, look.world.now),
            it.kind,
            it.action,
            it.name,
            it.changes(look.theme.glyphs.arrow),
        );
        put(Rect { y, height: 1, ..inside }, &text, look.theme.text, buffer);
    }
}

fn put(area: Rect, text: &str, style: Style, buffer: &mut Buffer) {
    buffer.set_stringn(area.x + 1, area.y, text, usize::from(area.width.saturating_sub(1)), style);
}

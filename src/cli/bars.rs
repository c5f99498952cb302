//! Progress bars: a block of lines on the terminal that is redrawn in place.

use crate::{
    cli::{
        news::{replanned, tail},
        out::Sink,
        page::Live,
    },
    domain::{
        deployment::deploy::{Board, DeployStep, Lane, LaneState, StepState},
        text::{age::exact, elide, escape},
    },
    jobs::News,
};
use jiff::Timestamp;
use std::{fmt::Write as _, io};

/// What is drawn, and what it is made from.
#[derive(Debug)]
pub struct Bars {
    live: Live,
    began: Option<Timestamp>,
    title: String,
    steps: usize,
    done: usize,
    doing: String,
    board: Option<Board>,
    drawn: Vec<String>,
}

/// Cells of a bar at most.
const CELLS: usize = 12;
/// Lines of the terminal that are left alone: the command, and what follows.
const SPARE: u16 = 3;

impl Bars {
    pub fn new(live: Live) -> Self {
        Self {
            live,
            began: None,
            title: String::new(),
            steps: 0,
            done: 0,
            doing: String::new(),
            board: None,
            drawn: Vec::new(),
        }
    }

    /// Takes in what is new and draws; notes stay above the block.
    pub fn hear(&mut self, out: &mut dyn Sink, news: &News, now: Timestamp) -> io::Result<()> {
        let mut said = Vec::new();
        match news {
            News::Started { title, steps } => {
                (self.began, self.steps) = (Some(now), *steps);
                self.title.clone_from(title);
            }
            News::Steps(steps) => self.steps = *steps,
            News::Step { done, doing } => {
                self.done = *done;
                self.doing.clone_from(doing);
            }
            News::Progress(board) => self.board = Some(Board::clone(board)),
            News::Note(note) => said.push(format!("  note: {note}")),
            News::Tail(it) => said = tail(it),
            News::Replanned(preview, _) => said = replanned(preview),
            News::Released(_) => {}
            News::Finished(verdict) => {
                if verdict.succeeded() {
                    self.done = self.steps;
                }
                verdict.word().clone_into(&mut self.doing);
            }
        }
        self.draw(out, &said, now)
    }

    /// Draws anew where the time is shown.
    pub fn tick(&mut self, out: &mut dyn Sink, now: Timestamp) -> io::Result<()> {
        self.draw(out, &[], now)
    }

    /// Draws over what is there in one write, and only what changed.
    fn draw(&mut self, out: &mut dyn Sink, said: &[String], now: Timestamp) -> io::Result<()> {
        let lines = self.lines(now);
        if lines == self.drawn && said.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        if !self.drawn.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\x1b[{}A", self.drawn.len());
        }
        for line in said {
            let _ = write!(text, "\r{}\x1b[K\r\n", escape::shown(line));
        }
        for line in &lines {
            let _ = write!(text, "\r{}\x1b[K\r\n", self.painted(line));
        }
        text.push_str("\x1b[J");
        self.drawn = lines;
        out.drawn(text.as_bytes())?;
        out.flush()
    }

    fn lines(&self, now: Timestamp) -> Vec<String> {
        let Some(began) = self.began else { return Vec::new() };
        let (columns, rows) = (self.live.size)();
        let room = usize::from(rows.saturating_sub(SPARE)).max(2);
        let mut lines = vec![format!("{} {}", self.title, exact(began, now))];
        match &self.board {
            Some(board) if !board.services.is_empty() => {
                lines.push(format!("  {}", self.phases(board)));
                let at_most = room.saturating_sub(lines.len());
                lines.extend(self.services(board, now, at_most));
            }
            _ => lines.push(format!("  {} {}", self.share(), self.doing)),
        }
        let width = usize::from(columns).saturating_sub(1);
        lines.iter().map(|it| elide::end(&escape::shown(it), width).into_owned()).collect()
    }

    fn phases(&self, board: &Board) -> String {
        let [done, now, failed, none] = self.marks();
        let phase = |it: &DeployStep| {
            let mark = match it.state {
                StepState::Done => done,
                StepState::Now => now,
                StepState::Failed => failed,
                StepState::ToCome | StepState::Skipped => none,
            };
            format!("{mark} {}", it.phase.words())
        };
        board.steps.iter().map(phase).collect::<Vec<_>>().join("  ")
    }

    /// Where there is no room for all, those that move are shown.
    fn services(&self, board: &Board, now: Timestamp, at_most: usize) -> Vec<String> {
        let name = board.services.iter().map(|it| board.short(it).chars().count()).max();
        let name = name.unwrap_or(0).min(30);
        let quiet = |it: &&Lane| {
            matches!(it.state, LaneState::Settled | LaneState::Waiting | LaneState::Untouched)
        };
        let mut lanes: Vec<&Lane> = board.services.iter().collect();
        if lanes.len() > at_most {
            lanes.sort_by_key(quiet);
        }
        let more = lanes.len().saturating_sub(at_most);
        let shown = if more > 0 { at_most.saturating_sub(1) } else { lanes.len() };
        let mut lines: Vec<String> =
            lanes.iter().take(shown).map(|it| self.service(board, it, name, now)).collect();
        if more > 0 {
            lines.push(format!("  and {} more services", lanes.len() - shown));
        }
        lines
    }

    fn service(&self, board: &Board, lane: &Lane, name: usize, now: Timestamp) -> String {
        let [done, moving, failed, none] = self.marks();
        let mark = match lane.state {
            LaneState::Waiting | LaneState::Untouched => none,
            LaneState::Moving | LaneState::Arrived => moving,
            LaneState::Settled => done,
            LaneState::Lost => failed,
        };
        let why = lane.lost.as_ref().or(lane.trouble.as_ref());
        let why = why
            .filter(|_| lane.state != LaneState::Settled)
            .map(|it| format!("  {it}"))
            .unwrap_or_default();
        format!(
            "  {mark} {:name$}  {}  {:>5}  {}  {}{why}",
            board.short(lane),
            self.bar(lane.cells(CELLS)),
            lane.count(),
            lane.words(),
            lane.timing(now),
        )
    }

    /// The bar of a job that is not a deployment.
    fn share(&self) -> String {
        let full = (CELLS * self.done.min(self.steps)).checked_div(self.steps).unwrap_or(0);
        self.bar([full, 0, CELLS - full])
    }

    fn bar(&self, [new, old, none]: [usize; 3]) -> String {
        let [full, outgoing, empty] =
            if self.live.unicode { ["▓", "▒", "░"] } else { ["#", "=", "."] };
        let rest = CELLS.saturating_sub(new + old + none);
        format!(
            "{}{}{}{}",
            full.repeat(new),
            outgoing.repeat(old),
            empty.repeat(none),
            " ".repeat(rest)
        )
    }

    /// Returns what marks what is done, moves, failed, and is still to come.
    fn marks(&self) -> [&'static str; 4] {
        if self.live.unicode { ["●", "↻", "✗", "○"] } else { ["*", "~", "x", "o"] }
    }

    /// Colours what deserves a look.
    fn painted(&self, line: &str) -> String {
        let [_, moving, failed, _] = self.marks();
        let first = line.trim_start();
        let color = match () {
            () if !self.live.colors => return line.to_owned(),
            () if first.starts_with(failed) => "31",
            () if first.starts_with(moving) => "33",
            () => return line.to_owned(),
        };
        format!("\x1b[{color}m{line}\x1b[0m")
    }
}

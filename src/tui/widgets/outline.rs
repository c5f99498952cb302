//! The outline widget: foldable headings with details. The cursor stays on
//! its heading when the text is made again.

use crate::tui::{
    keymap::Action,
    theme::Theme,
    widgets::{
        DrawContext, frame,
        table::page_start,
        text_page::{Tone, Toned, plain, position, push_marked, style, wrapped},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Margin, Rect},
    text::Line,
    widgets::Widget,
};
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr;

/// A heading, and what it stands for.
#[derive(Debug, Clone, Default)]
pub struct Heading {
    /// Tells it from all others, also in the next text.
    pub key: String,
    pub text: (Tone, String),
    /// Stands behind the heading, or below where that is too long, while it is
    /// folded.
    pub brief: Option<(Tone, String)>,
    pub details: Vec<(Tone, String)>,
    /// Whether it is unfolded when it first appears.
    pub open: bool,
}

impl Heading {
    /// Makes one that stands for nothing else.
    pub fn line(key: &str, tone: Tone, text: &str) -> Self {
        Self { key: key.to_owned(), text: (tone, text.to_owned()), ..Self::default() }
    }
}

/// Returns the room for an outline in its frame.
pub fn inside(frame: Rect) -> Rect {
    let inner = frame.inner(Margin::new(1, 1));
    Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), ..inner }
}

/// Headings with a cursor.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    headings: Vec<Heading>,
    /// Keys of those that are unfolded.
    open: BTreeSet<String>,
    cursor: Cursor,
    sought: String,
}

/// A heading and a line in it; the heading itself is line 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cursor {
    heading: usize,
    line: usize,
}

/// Columns before a heading, and before its details.
const INDENT: usize = 2;
const DEEP: usize = 6;

impl Outline {
    /// Replaces the text; what was unfolded stays so, and the cursor stays on
    /// its heading.
    pub fn set(&mut self, headings: Vec<Heading>) {
        let known: BTreeSet<&str> = self.headings.iter().map(|it| it.key.as_str()).collect();
        let fresh = headings.iter().filter(|it| it.open && !known.contains(it.key.as_str()));
        self.open.extend(fresh.map(|it| it.key.clone()));
        let key = self.headings.get(self.cursor.heading).map(|it| it.key.as_str());
        let found = headings.iter().position(|it| Some(it.key.as_str()) == key);
        if let Some(heading) = found {
            self.cursor.heading = heading;
        } else {
            let heading = self.cursor.heading.min(headings.len().saturating_sub(1));
            self.cursor = Cursor { heading, line: 0 };
        }
        self.headings = headings;
    }

    /// Returns the key of the heading that the cursor is in.
    pub fn selected(&self) -> Option<&str> {
        self.headings.get(self.cursor.heading).map(|it| it.key.as_str())
    }

    pub fn sought(&self) -> &str {
        &self.sought
    }

    /// Finds a text from the cursor on, also in what is folded; ignores case.
    pub fn search(&mut self, text: &str) {
        self.sought = text.to_lowercase();
        self.find(0, 1);
    }

    /// Takes an action in an area of that size; returns whether it was one for
    /// outlines.
    pub fn update(&mut self, action: Action, (width, height): (u16, u16)) -> bool {
        let page = isize::try_from(height.max(1)).unwrap_or(1);
        match action {
            Action::SelectNext => self.go(1, width),
            Action::SelectPrev => self.go(-1, width),
            Action::PageDown => self.go(page, width),
            Action::PageUp => self.go(-page, width),
            Action::First => self.cursor = Cursor::default(),
            Action::Last => self.go(isize::MAX, width),
            Action::Open | Action::Fold => self.fold(),
            Action::FoldAll => self.fold_all(),
            Action::NextMatch => self.find(1, 1),
            Action::PrevMatch => self.find(1, -1),
            _ => return false,
        }
        true
    }

    /// Returns everything, unfolded.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for heading in &self.headings {
            text.push_str(&format!("{}\n", heading.text.1));
            for (_, detail) in &heading.details {
                text.push_str(&format!("    {detail}\n"));
            }
        }
        text
    }

    /// Returns what is sought, and whether it is there.
    pub fn status(&self) -> String {
        if self.sought.is_empty() {
            return String::new();
        }
        match self.headings.iter().filter(|it| it.says(&self.sought)).count() {
            0 => format!(" /{} no match", self.sought),
            count => format!(" /{} in {count}", self.sought),
        }
    }

    /// Draws into the inside of a frame whose whole area is given too; the cursor is
    /// seen where keys go there.
    pub fn draw(
        &self,
        look: &DrawContext<'_>,
        inside: Rect,
        frame: Rect,
        focused: bool,
        buffer: &mut Buffer,
    ) {
        let rows = self.rows(inside.width);
        let cursor = rows.iter().position(|it| it.0 == self.cursor).unwrap_or(0);
        let (height, count) = (usize::from(inside.height), rows.len());
        let top = page_start(cursor, height, count);
        for (y, (at, line)) in (inside.y..inside.bottom()).zip(rows.iter().skip(top)) {
            let row = Rect { y, height: 1, ..inside };
            let mut spans = Vec::new();
            for (tone, text) in line {
                push_marked(text, &self.sought, style(*tone, look.theme), look.theme, &mut spans);
            }
            Line::from(spans).render(row, buffer);
            if at.line == 0 {
                buffer.set_string(row.x, y, self.mark(at.heading, look.theme), look.theme.muted);
            }
            if focused && *at == self.cursor {
                frame::select(row, look.theme, buffer);
            }
        }
        let below = count.saturating_sub(top + height);
        frame::out_of_sight(top, below, look.theme, frame, buffer);
    }

    fn is_open(&self, heading: &Heading) -> bool {
        self.open.contains(&heading.key)
    }

    fn mark(&self, heading: usize, theme: &Theme) -> &'static str {
        match &self.headings[heading] {
            it if it.details.is_empty() => " ",
            it if self.is_open(it) => theme.glyphs.open,
            _ => theme.glyphs.folded,
        }
    }

    /// Returns every line that is not folded away; long ones are broken.
    fn rows(&self, width: u16) -> Vec<(Cursor, Toned)> {
        let mut rows = Vec::new();
        for (heading, it) in self.headings.iter().enumerate() {
            let mut lines = broken(&it.text, INDENT, width);
            if self.is_open(it) {
                lines.extend(it.details.iter().flat_map(|it| broken(it, DEEP, width)));
            } else if let (Some(brief), Some(last)) = (&it.brief, lines.last_mut()) {
                let fits = plain(last).width() + brief.1.width() + INDENT <= usize::from(width);
                match fits {
                    true => last.push((brief.0, format!("  {}", brief.1))),
                    false => lines.extend(broken(brief, DEEP, width)),
                }
            }
            let at = lines.into_iter().enumerate();
            rows.extend(at.map(|(line, text)| (Cursor { heading, line }, text)));
        }
        rows
    }

    /// Moves the cursor by so many lines.
    fn go(&mut self, lines: isize, width: u16) {
        let rows = self.rows(width);
        let now = rows.iter().position(|it| it.0 == self.cursor).unwrap_or(0);
        let last = rows.len().saturating_sub(1);
        if let Some(row) = rows.get(now.saturating_add_signed(lines).min(last)) {
            self.cursor = row.0;
        }
    }

    fn fold(&mut self) {
        self.cursor.line = 0;
        let Some(heading) = self.headings.get(self.cursor.heading) else { return };
        if !self.open.remove(&heading.key) {
            self.open.insert(heading.key.clone());
        }
    }

    /// Unfolds all, or folds all where all are unfolded.
    fn fold_all(&mut self) {
        self.cursor.line = 0;
        let all: BTreeSet<String> = self
            .headings
            .iter()
            .filter(|it| !it.details.is_empty())
            .map(|it| it.key.clone())
            .collect();
        self.open = if all.is_subset(&self.open) { BTreeSet::new() } else { all };
    }

    /// Goes to the next heading that says what is sought, so many headings away
    /// at least, around the end if need be; unfolds it where a detail says it.
    fn find(&mut self, away: usize, direction: isize) {
        let count = self.headings.len();
        if self.sought.is_empty() || count == 0 {
            return;
        }
        let nth = |step: usize| {
            let step = if direction > 0 { step } else { count - step % count };
            (self.cursor.heading + step) % count
        };
        let found = (away..away + count).map(nth).find(|it| self.headings[*it].says(&self.sought));
        let Some(heading) = found else { return };
        let it = &self.headings[heading];
        if position(&it.text.1, &self.sought).is_none() {
            self.open.insert(it.key.clone());
        }
        self.cursor = Cursor { heading, line: 0 };
    }
}

impl Heading {
    fn says(&self, sought: &str) -> bool {
        let says = |it: &(Tone, String)| position(&it.1, sought).is_some();
        says(&self.text) || self.details.iter().any(says)
    }
}

/// Breaks a text behind its indent; what follows the first line stands deeper.
fn broken((tone, text): &(Tone, String), indent: usize, width: u16) -> Vec<Toned> {
    let room = usize::from(width).saturating_sub(indent + INDENT).max(20);
    let line = |(index, part): (usize, String)| {
        let indent = if index == 0 { indent } else { indent + INDENT };
        vec![(*tone, format!("{}{part}", " ".repeat(indent)))]
    };
    wrapped(text, room).into_iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(key: &str, details: &[&str]) -> Heading {
        let details = details.iter().map(|it| (Tone::Text, (*it).to_owned())).collect();
        Heading {
            key: key.to_owned(),
            text: (Tone::Title, key.to_owned()),
            details,
            ..Heading::default()
        }
    }

    fn outline() -> Outline {
        let mut outline = Outline::default();
        outline.set(vec![heading("api", &["image", "env"]), heading("db", &["volume"])]);
        outline
    }

    fn pressed(mut outline: Outline, actions: &[Action]) -> Outline {
        for action in actions {
            assert!(outline.update(*action, (60, 10)), "{action:?}");
        }
        outline
    }

    fn shown(outline: &Outline) -> Vec<String> {
        let line = |it: &(Cursor, Toned)| plain(&it.1).trim().to_owned();
        outline.rows(60).iter().map(line).collect()
    }

    #[test]
    fn a_heading_folds_from_any_of_its_lines() {
        let outline = pressed(outline(), &[Action::Fold]);
        assert_eq!(shown(&outline), ["api", "image", "env", "db"]);
        let outline = pressed(outline, &[Action::SelectNext, Action::SelectNext, Action::Fold]);
        assert_eq!(
            (shown(&outline), outline.selected()),
            (vec!["api".to_owned(), "db".to_owned()], Some("api"))
        );
    }

    #[test]
    fn all_unfold_first_and_fold_then() {
        let outline = pressed(outline(), &[Action::Fold, Action::FoldAll]);
        assert_eq!(shown(&outline).len(), 5);
        assert_eq!(shown(&pressed(outline, &[Action::FoldAll])).len(), 2);
    }

    #[test]
    fn the_cursor_and_what_is_unfolded_stay_with_their_heading() {
        let mut outline = pressed(outline(), &[Action::Last, Action::Fold]);
        outline.set(vec![
            heading("web", &["new"]),
            heading("api", &["image"]),
            heading("db", &["volume"]),
        ]);
        assert_eq!((outline.selected(), shown(&outline).len()), (Some("db"), 4));
        outline.set(vec![heading("api", &[])]);
        assert_eq!(outline.selected(), Some("api"));
    }

    #[test]
    fn what_is_sought_is_found_where_it_is_folded_away() {
        let mut outline = outline();
        outline.search("VOLUME");
        assert_eq!((outline.selected(), shown(&outline).len()), (Some("db"), 3));
        let outline = pressed(outline, &[Action::NextMatch, Action::PrevMatch]);
        assert_eq!((outline.selected(), outline.status().as_str()), (Some("db"), " /volume in 1"));
    }
}

//! The text page widget: scrolling and searching.

use crate::tui::{keymap::Action, theme::Theme, widgets::DrawContext};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Paragraph, Widget, Wrap},
};
use unicode_width::UnicodeWidthStr;

/// How a piece of text sounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Text,
    Muted,
    Title,
    Key,
    Quoted,
    Number,
    Warn,
    Danger,
}

/// One line, in pieces.
pub type Toned = Vec<(Tone, String)>;

/// Lines above what one goes to.
const ABOVE: usize = 3;

/// Text with its scroll position and what is searched in it.
#[derive(Debug, Clone, Default)]
pub struct TextPage {
    lines: Vec<Toned>,
    top: usize,
    left: usize,
    wrap: bool,
    sought: String,
    /// The line of the match that `n` starts from.
    at_match: Option<usize>,
}

impl TextPage {
    /// Replaces the text and stays where it was.
    pub fn set(&mut self, lines: Vec<Toned>) {
        self.lines = lines;
        self.top = self.top.min(self.lines.len().saturating_sub(1));
    }

    /// Returns the same page over other lines.
    #[must_use]
    pub fn showing(&self, lines: Vec<Toned>) -> Self {
        let Self { top, left, wrap, at_match, .. } = *self;
        Self { lines, top, left, wrap, sought: self.sought.clone(), at_match }
    }

    pub fn sought(&self) -> &str {
        &self.sought
    }

    /// Finds a text from where the page stands; ignores case.
    pub fn search(&mut self, text: &str) {
        self.sought = text.to_lowercase();
        self.at_match = None;
        self.find(self.top, 1);
    }

    /// Goes to a line, with a little of what is above it.
    pub fn show(&mut self, line: usize) {
        self.top = line.saturating_sub(ABOVE);
    }

    /// Takes an action; returns whether it was one for pages. `room` is how wide and high
    /// the page is on the screen.
    pub fn update(&mut self, action: Action, room: (u16, u16)) -> bool {
        let page = usize::from(room.1).max(1);
        let last = self.lines.len().saturating_sub(page / 2);
        match action {
            Action::SelectNext => self.top = (self.top + 1).min(last),
            Action::SelectPrev => self.top = self.top.saturating_sub(1),
            Action::PageDown => self.top = (self.top + page).min(last),
            Action::PageUp => self.top = self.top.saturating_sub(page),
            Action::First => self.top = 0,
            Action::Last => self.top = self.top_of_the_end(room),
            Action::Left => self.left = self.left.saturating_sub(8),
            Action::Right => self.left += 8,
            Action::Wrap => self.wrap = !self.wrap,
            Action::NextMatch => self.find(self.at_match.map_or(self.top, |it| it + 1), 1),
            Action::PrevMatch => self.find(self.at_match.unwrap_or(self.top).wrapping_sub(1), -1),
            _ => return false,
        }
        true
    }

    /// Returns the first of the lines that fill the page up to the last one; a line that is
    /// wrapped takes several rows.
    fn top_of_the_end(&self, (width, height): (u16, u16)) -> usize {
        let rows = |line: &Toned| match self.wrap {
            true => wrapped(&plain(line), usize::from(width)).len().max(1),
            false => 1,
        };
        let mut left = usize::from(height).max(1);
        let mut top = self.lines.len();
        for line in self.lines.iter().rev() {
            left = match left.checked_sub(rows(line)) {
                Some(left) => left,
                None => break,
            };
            top -= 1;
        }
        top.min(self.lines.len().saturating_sub(1))
    }

    pub fn text(&self) -> String {
        self.lines.iter().map(|it| plain(it) + "\n").collect()
    }

    /// Returns where the page stands: matches, and the share that was seen.
    pub fn status(&self) -> String {
        if self.sought.is_empty() {
            return String::new();
        }
        let matches: Vec<usize> = self.matches().collect();
        match self.at_match.and_then(|it| matches.iter().position(|line| *line == it)) {
            Some(index) => format!(" /{} {}/{}", self.sought, index + 1, matches.len()),
            None => format!(" /{} no match", self.sought),
        }
    }

    pub fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        let height = usize::from(area.height);
        let shown = self.lines.iter().skip(self.top).take(height);
        let lines: Vec<Line<'_>> = shown.map(|it| self.styled(it, look.theme)).collect();
        let left = u16::try_from(self.left).unwrap_or(u16::MAX);
        let page = Paragraph::new(lines);
        let page = if self.wrap { page.wrap(Wrap { trim: false }) } else { page.scroll((0, left)) };
        page.render(area, buffer);
        if !self.wrap {
            self.mark_cut(look.theme, area, buffer);
        }
    }

    /// Shows where a line goes on beyond the edge.
    fn mark_cut(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let room = usize::from(area.width);
        for (y, line) in (area.y..area.bottom()).zip(self.lines.iter().skip(self.top)) {
            if room > 0 && plain(line).width() > self.left + room {
                buffer.set_string(area.right() - 1, y, theme.glyphs.ellipsis, theme.accent);
            }
        }
    }

    fn styled<'a>(&self, line: &'a Toned, theme: &Theme) -> Line<'a> {
        let mut spans = Vec::new();
        for (tone, text) in line {
            push_marked(text, &self.sought, style(*tone, theme), theme, &mut spans);
        }
        Line::from(spans)
    }

    fn matches(&self) -> impl Iterator<Item = usize> {
        let hit = |line: &Toned| position(&plain(line), &self.sought).is_some();
        self.lines.iter().enumerate().filter(move |it| hit(it.1)).map(|it| it.0)
    }

    /// Goes to the next match in a direction, around the end if need be.
    fn find(&mut self, from: usize, step: isize) {
        if self.sought.is_empty() {
            return;
        }
        let matches: Vec<usize> = self.matches().collect();
        let found = if step > 0 {
            matches.iter().find(|&&it| it >= from).or(matches.first())
        } else {
            matches.iter().rev().find(|&&it| it <= from).or(matches.last())
        };
        if let Some(&line) = found {
            self.at_match = Some(line);
            self.show(line);
        }
    }
}

/// Marks what is sought within one piece.
pub fn push_marked<'a>(
    text: &'a str,
    sought: &str,
    style: Style,
    theme: &Theme,
    spans: &mut Vec<Span<'a>>,
) {
    let mut rest = text;
    while let Some((start, end)) = position(rest, sought) {
        spans.push(Span::styled(&rest[..start], style));
        spans.push(Span::styled(&rest[start..end], theme.found));
        rest = &rest[end..];
    }
    spans.push(Span::styled(rest, style));
}

/// Where a text that was brought to lower case occurs, regardless of case. Only
/// for texts whose lower case is as long as they are, so that places agree.
pub fn position(text: &str, sought: &str) -> Option<(usize, usize)> {
    if sought.is_empty() {
        return None;
    }
    let lower = text.to_lowercase();
    let start = if lower.len() == text.len() { lower.find(sought) } else { text.find(sought) }?;
    let end = start + sought.len();
    (text.is_char_boundary(start) && text.is_char_boundary(end)).then_some((start, end))
}

/// Returns a line without its tones.
pub fn plain(line: &Toned) -> String {
    line.iter().map(|it| it.1.as_str()).collect()
}

/// Returns how a tone looks.
pub fn style(tone: Tone, theme: &Theme) -> Style {
    match tone {
        Tone::Text => theme.text,
        Tone::Muted => theme.muted,
        Tone::Title => theme.title,
        Tone::Key => theme.syntax[0],
        Tone::Quoted => theme.syntax[1],
        Tone::Number => theme.syntax[2],
        Tone::Warn => theme.warn,
        Tone::Danger => theme.danger,
    }
}

/// Colours one line of YAML or JSON by its shape: keys, texts, numbers.
pub fn toned(line: &str) -> Toned {
    let body = line.trim_start_matches([' ', '-']);
    let (indent, rest) = line.split_at(line.len() - body.len());
    let mut pieces = vec![(Tone::Muted, indent.to_owned())];
    match rest.split_once(": ").or_else(|| rest.strip_suffix(':').map(|it| (it, ""))) {
        Some((key, value)) if !key.contains(' ') || key.starts_with('"') => {
            pieces.push((Tone::Key, key.to_owned()));
            pieces.push((Tone::Muted, if value.is_empty() { ":" } else { ": " }.to_owned()));
            pieces.push((value_tone(value), value.to_owned()));
        }
        _ => pieces.push((value_tone(rest), rest.to_owned())),
    }
    pieces
}

fn value_tone(value: &str) -> Tone {
    let bare = value.trim_end_matches(',');
    if bare.parse::<f64>().is_ok() || matches!(bare, "true" | "false" | "null") {
        Tone::Number
    } else if matches!(bare, "{" | "[" | "}" | "]" | "{}" | "[]") {
        Tone::Muted
    } else {
        Tone::Quoted
    }
}

/// Breaks a text into lines of a width, at spaces where it can.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.width() + word.trim_end().width() > width {
            lines.push(word.to_owned());
        } else {
            line.push_str(word);
        }
    }
    lines
}

/// Puts pieces one behind the other, so far apart, into lines of a width.
pub fn flowing(
    pieces: impl Iterator<Item = Toned>,
    indent: usize,
    gap: usize,
    width: usize,
) -> Vec<Toned> {
    let mut lines: Vec<Toned> = Vec::new();
    let mut taken = width;
    for piece in pieces {
        let room = plain(&piece).width();
        match lines.last_mut() {
            Some(line) if taken + gap + room <= width => {
                line.push((Tone::Text, " ".repeat(gap)));
                line.extend(piece);
                taken += gap + room;
            }
            _ => {
                lines.push([vec![(Tone::Text, " ".repeat(indent))], piece].concat());
                taken = indent + room;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sought_is_found_regardless_of_case() {
        assert_eq!(position("Image: NGINX", "nginx"), Some((7, 12)));
        assert_eq!(position("İmage", "image"), None);
    }

    #[test]
    fn keys_and_values_sound_different() {
        let tones: Vec<Tone> = toned("  Replicas: 3").iter().map(|it| it.0).collect();
        assert_eq!(tones, [Tone::Muted, Tone::Key, Tone::Muted, Tone::Number]);
    }

    #[test]
    fn pieces_flow_into_lines() {
        let piece = |it: &str| vec![(Tone::Text, it.to_owned())];
        let lines = flowing(["one", "two", "three"].map(piece).into_iter(), 2, 1, 9);
        let lines: Vec<String> = lines.iter().map(plain).collect();
        assert_eq!(lines, ["  one two", "  three"]);
    }

    #[test]
    fn long_sentences_break_at_spaces() {
        assert_eq!(wrapped("one two three", 8), ["one two ", "three"]);
    }
}

//! The theme: colours by role; the only file that knows colours.

use crate::domain::columns::{Sign, Tone};
use ratatui::{
    style::{Color, Modifier, Style},
    symbols::border,
};
use std::{collections::BTreeMap, str::FromStr};

/// The look of the cockpit: a style per role, and the glyphs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    pub text: Style,
    pub muted: Style,
    pub ok: Style,
    pub warn: Style,
    pub danger: Style,
    /// What is focused, and what may be pressed.
    pub accent: Style,
    /// The row under the cursor of the focused pane.
    pub selected: Style,
    pub title: Style,
    /// Column heads.
    pub header: Style,
    pub border: Style,
    pub border_focused: Style,
    /// What a search found.
    pub found: Style,
    /// Keys, strings and numbers of YAML and JSON.
    pub syntax: [Style; 3],
    /// Origins of log lines, by turns.
    pub origins: Vec<Style>,
    pub glyphs: Glyphs,
}

/// One-cell symbols; each has an ASCII twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    pub good: &'static str,
    pub bad: &'static str,
    pub warn: &'static str,
    pub moving: &'static str,
    pub none: &'static str,
    pub leader: &'static str,
    pub open: &'static str,
    pub folded: &'static str,
    pub marked: &'static str,
    pub arrow: &'static str,
    pub ellipsis: &'static str,
    pub bar_full: &'static str,
    /// What is on its way out.
    pub bar_old: &'static str,
    pub bar_empty: &'static str,
    pub separator: &'static str,
    pub up: &'static str,
    pub down: &'static str,
    pub plain_border: border::Set<'static>,
    pub focused_border: border::Set<'static>,
}

const UNICODE: Glyphs = Glyphs {
    good: "●",
    bad: "✗",
    warn: "⚠",
    moving: "↻",
    none: "○",
    leader: "★",
    open: "▾",
    folded: "▸",
    marked: "✓",
    arrow: "→",
    ellipsis: "…",
    bar_full: "▓",
    bar_old: "▒",
    bar_empty: "░",
    separator: "│",
    up: "↑",
    down: "↓",
    plain_border: border::PLAIN,
    focused_border: border::THICK,
};

const ASCII: Glyphs = Glyphs {
    good: "*",
    bad: "x",
    warn: "!",
    moving: "~",
    none: "o",
    leader: "L",
    open: "v",
    folded: ">",
    marked: "+",
    arrow: ">",
    ellipsis: "~",
    bar_full: "#",
    bar_old: "=",
    bar_empty: ".",
    separator: "|",
    up: "^",
    down: "v",
    plain_border: ascii_border("-", "|", "+"),
    focused_border: ascii_border("=", "#", "#"),
};

const fn ascii_border(
    level: &'static str,
    upright: &'static str,
    corner: &'static str,
) -> border::Set<'static> {
    border::Set {
        top_left: corner,
        top_right: corner,
        bottom_left: corner,
        bottom_right: corner,
        vertical_left: upright,
        vertical_right: upright,
        horizontal_top: level,
        horizontal_bottom: level,
    }
}

/// Why a theme cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    #[error("theme: `{0}` is not a role")]
    UnknownRole(String),
    #[error(
        "theme: `{word}` in {role} is not a colour: write red, bright-blue, 208 or #ffcc00, `on` and a ground, bold, dim, italic, underline, reverse"
    )]
    BadStyle { role: String, word: String },
}

impl Default for Theme {
    /// The terminal's own sixteen colours; quiet where all is well.
    fn default() -> Self {
        let plain = Style::new();
        Self {
            text: plain,
            muted: plain.fg(Color::DarkGray),
            ok: plain,
            warn: plain.fg(Color::Yellow),
            danger: plain.fg(Color::Red).add_modifier(Modifier::BOLD),
            accent: plain.fg(Color::Cyan),
            selected: plain.add_modifier(Modifier::REVERSED),
            title: plain.add_modifier(Modifier::BOLD),
            header: plain.fg(Color::DarkGray),
            border: plain.fg(Color::DarkGray),
            border_focused: plain.fg(Color::Cyan),
            found: plain.fg(Color::Black).bg(Color::Yellow),
            syntax: [plain.fg(Color::Cyan), plain.fg(Color::Green), plain.fg(Color::Magenta)],
            origins: [
                Color::Cyan,
                Color::Green,
                Color::Magenta,
                Color::Blue,
                Color::Yellow,
                Color::LightRed,
            ]
            .into_iter()
            .map(|it| plain.fg(it))
            .collect(),
            glyphs: UNICODE,
        }
    }
}

impl Theme {
    /// Says everything with words, weight and reversal (`NO_COLOR`, tests).
    pub fn no_color() -> Self {
        let plain = Style::new();
        let bold = plain.add_modifier(Modifier::BOLD);
        Self {
            text: plain,
            muted: plain,
            ok: plain,
            warn: bold,
            danger: bold,
            accent: bold,
            selected: plain.add_modifier(Modifier::REVERSED),
            title: bold,
            header: plain.add_modifier(Modifier::UNDERLINED),
            border: plain,
            border_focused: bold,
            found: plain.add_modifier(Modifier::REVERSED),
            syntax: [bold, plain, plain],
            origins: vec![plain],
            glyphs: UNICODE,
        }
    }

    /// Puts the roles of a theme file, as `danger = "red bold"`, over the defaults.
    pub fn with_roles(mut self, roles: &BTreeMap<String, String>) -> Result<Self, ThemeError> {
        for (role, text) in roles {
            let style = parse_style(role, text)?;
            match self.role(role) {
                Some(place) => *place = style,
                None if role.starts_with("origin") => self.origins.push(style),
                None => return Err(ThemeError::UnknownRole(role.clone())),
            }
        }
        Ok(self)
    }

    /// Starts the list of origins anew, for a theme that brings its own.
    #[must_use]
    pub fn without_origins(mut self) -> Self {
        self.origins.clear();
        self
    }

    /// Uses ASCII in place of every glyph.
    #[must_use]
    pub fn ascii(mut self) -> Self {
        self.glyphs = ASCII;
        self
    }

    pub fn is_ascii(&self) -> bool {
        self.glyphs == ASCII
    }

    /// Returns how a cell of a list looks.
    pub fn tone(&self, tone: Tone) -> Style {
        match tone {
            Tone::Text => self.text,
            Tone::Muted => self.muted,
            Tone::Ok => self.ok,
            Tone::Warn => self.warn,
            Tone::Danger => self.danger,
            Tone::Accent => self.accent,
        }
    }

    /// Returns the glyph of a sign.
    pub fn sign(&self, sign: Sign) -> &'static str {
        match sign {
            Sign::Good => self.glyphs.good,
            Sign::Bad => self.glyphs.bad,
            Sign::Warn => self.glyphs.warn,
            Sign::Moving => self.glyphs.moving,
            Sign::Nothing => self.glyphs.none,
            Sign::Leader => self.glyphs.leader,
            Sign::Open => self.glyphs.open,
            Sign::Blank => " ",
        }
    }

    /// Returns how something that should run this well looks.
    pub fn health(&self, fine: bool) -> Style {
        if fine { self.ok } else { self.danger }
    }

    /// Returns the style of the `n`th origin of log lines.
    pub fn origin(&self, n: usize) -> Style {
        let count = self.origins.len().max(1);
        self.origins.get(n % count).copied().unwrap_or(self.text)
    }

    fn role(&mut self, name: &str) -> Option<&mut Style> {
        Some(match name {
            "text" => &mut self.text,
            "muted" => &mut self.muted,
            "ok" => &mut self.ok,
            "warn" => &mut self.warn,
            "danger" => &mut self.danger,
            "accent" => &mut self.accent,
            "selected" => &mut self.selected,
            "title" => &mut self.title,
            "header" => &mut self.header,
            "border" => &mut self.border,
            "border_focused" => &mut self.border_focused,
            "found" => &mut self.found,
            "syntax_key" => &mut self.syntax[0],
            "syntax_text" => &mut self.syntax[1],
            "syntax_number" => &mut self.syntax[2],
            _ => return None,
        })
    }
}

fn parse_style(role: &str, text: &str) -> Result<Style, ThemeError> {
    let mut style = Style::new();
    let mut ground = false;
    for word in text.split_whitespace() {
        let bad = || ThemeError::BadStyle { role: role.to_owned(), word: word.to_owned() };
        style = match word {
            "bold" => style.add_modifier(Modifier::BOLD),
            "dim" => style.add_modifier(Modifier::DIM),
            "italic" => style.add_modifier(Modifier::ITALIC),
            "underline" => style.add_modifier(Modifier::UNDERLINED),
            "reverse" => style.add_modifier(Modifier::REVERSED),
            "on" => {
                ground = true;
                continue;
            }
            _ => {
                let color = Color::from_str(word).map_err(|_| bad())?;
                if ground { style.bg(color) } else { style.fg(color) }
            }
        };
    }
    Ok(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(role: &str, text: &str) -> Result<Theme, ThemeError> {
        Theme::no_color().with_roles(&BTreeMap::from([(role.to_owned(), text.to_owned())]))
    }

    #[test]
    fn roles_take_colours_grounds_and_weights() {
        let expected =
            Style::new().fg(Color::Rgb(255, 204, 0)).bg(Color::Blue).add_modifier(Modifier::BOLD);
        assert_eq!(with("danger", "#ffcc00 on blue bold").unwrap().danger, expected);
    }

    #[test]
    fn a_bad_colour_is_named() {
        assert!(with("warn", "purplish").unwrap_err().to_string().contains("`purplish` in warn"));
        assert!(with("wran", "red").unwrap_err().to_string().contains("`wran`"));
    }

    #[test]
    fn every_glyph_is_one_cell_wide() {
        for it in [UNICODE, ASCII] {
            for glyph in [
                it.good,
                it.bad,
                it.warn,
                it.moving,
                it.none,
                it.leader,
                it.open,
                it.folded,
                it.marked,
                it.ellipsis,
            ] {
                assert_eq!(unicode_width::UnicodeWidthStr::width(glyph), 1, "{glyph}");
            }
        }
    }
}

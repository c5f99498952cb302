//! The cell of a list: a text, how much it matters, and what becomes of it where room is short.

use crate::domain::text::elide;
use std::borrow::Cow;

/// A text, and how much it matters.
#[derive(Debug, Clone)]
pub struct Cell<'a> {
    pub text: Cow<'a, str>,
    pub tone: Tone,
    /// Stands before the text.
    pub before: Option<Sign>,
    /// Stands behind the text.
    pub after: Option<Sign>,
    pub gives_way: GivesWay,
    /// It stands for something: columns of which no cell does go first.
    pub says: bool,
    /// Spaces in front of all, for what is in a group.
    pub indent: usize,
}

/// How much a text matters; each face has colours for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Text,
    Muted,
    Ok,
    Warn,
    Danger,
    Accent,
}

/// A sign of a state. The cockpit draws a glyph; commands write a word where the text does
/// not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    Good,
    Bad,
    Warn,
    Moving,
    Nothing,
    Leader,
    /// The head of a group.
    Open,
    /// Keeps the room of a mark.
    Blank,
}

/// What becomes of a text where there is little room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivesWay {
    /// It stays whole as long as there is a column that can go.
    Last,
    /// Its end goes first, and then columns.
    AtItsEnd,
    /// The path of an image goes first, and then columns.
    AsImage,
}

impl<'a> Cell<'a> {
    pub fn new(text: impl Into<Cow<'a, str>>, tone: Tone) -> Self {
        Self {
            text: text.into(),
            tone,
            before: None,
            after: None,
            gives_way: GivesWay::Last,
            says: true,
            indent: 0,
        }
    }

    /// Stands where there is nothing to tell.
    pub fn nothing(tone: Tone) -> Self {
        Self { says: false, ..Self::new("–", tone) }
    }

    /// A text of any length, whose beginning says the most.
    pub fn sentence(text: impl Into<Cow<'a, str>>, tone: Tone) -> Self {
        Self { gives_way: GivesWay::AtItsEnd, ..Self::new(text, tone) }
    }

    pub fn image(reference: &'a str, tone: Tone) -> Self {
        let text = elide::without_digest(reference);
        Self { gives_way: GivesWay::AsImage, ..Self::new(text, tone) }
    }

    /// With a mark before the text, which says the same.
    #[must_use]
    pub fn before(self, mark: Sign) -> Self {
        Self { before: Some(mark), ..self }
    }

    /// With a mark behind the text, which says more than it.
    #[must_use]
    pub fn after(self, mark: Sign) -> Self {
        Self { after: Some(mark), ..self }
    }

    #[must_use]
    pub fn indented(self, spaces: usize) -> Self {
        Self { indent: spaces, ..self }
    }

    /// Returns the text with its marks as a face writes them; a mark that is written as
    /// nothing takes no room.
    pub fn written(&self, mark: impl Fn(Sign) -> &'static str) -> Cow<'_, str> {
        let [before, after] = [self.before, self.after].map(|it| it.map_or("", &mark));
        if before.is_empty() && after.is_empty() && self.indent == 0 {
            return Cow::Borrowed(&self.text);
        }
        let gap = |mark: &str| if mark.is_empty() { "" } else { " " };
        let text = format!("{before}{}{}{}{after}", gap(before), self.text, gap(after));
        Cow::Owned(format!("{}{text}", " ".repeat(self.indent)))
    }
}

//! How findings are marked.

use crate::{domain::compose::Severity, tui::theme::Theme};
use ratatui::style::Style;

/// Suggestions are there for those who look, and do not shout.
pub fn look_of(severity: Severity, theme: &Theme) -> (&'static str, Style) {
    match severity {
        Severity::Error => (theme.glyphs.bad, theme.danger),
        Severity::Warning => (theme.glyphs.warn, theme.warn),
        Severity::Suggestion => (theme.glyphs.none, theme.muted),
    }
}

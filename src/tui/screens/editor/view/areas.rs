//! Where the parts of the editor stand.

use crate::tui::screens::editor::panel::PanelContent;
use ratatui::layout::{Constraint, Layout, Margin, Rect};

/// Lines below the text for the finding under the cursor.
const REMARK_LINES: u16 = 3;

/// From so many columns on, what is long stands at the side of the text.
const WIDE: u16 = 120;

/// A text of fewer lines than this says less about the place of the cursor.
const LOW: u16 = 14;

/// Where the parts of the editor stand.
#[derive(Debug, Clone, Copy)]
pub struct Areas {
    /// The text and what is said below it, frame included.
    pub main: Rect,
    pub text: Rect,
    pub remark: Rect,
    /// What stands beside it, frame included; empty where nothing does.
    pub panel: Rect,
}

impl Areas {
    /// Divides the room of the screen between a text and its panel.
    pub fn of(panel: PanelContent, findings: usize, area: Rect) -> Self {
        let halves = [Constraint::Fill(1), Constraint::Fill(1)];
        let [main, panel] = match panel {
            PanelContent::Nothing => [area, Rect::default()],
            PanelContent::Findings => {
                let rows = u16::try_from(findings).unwrap_or(u16::MAX);
                let rows = rows.clamp(1, (area.height / 3).max(4)) + 2;
                Layout::vertical([Constraint::Fill(1), Constraint::Length(rows)]).areas(area)
            }
            _ if area.width >= WIDE => {
                Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(area)
            }
            PanelContent::Meaning | PanelContent::Plan | PanelContent::Difference => {
                Layout::vertical(halves).areas(area)
            }
        };
        let remark = if main.height < LOW { 1 } else { REMARK_LINES };
        let [text, remark] = Layout::vertical([Constraint::Fill(1), Constraint::Length(remark)])
            .areas(main.inner(Margin::new(1, 1)));
        Self { main, text, remark, panel }
    }
}

/// Returns the columns beside a text of so many lines: a mark, the number, a mark for
/// what folds, a gap.
pub fn gutter(lines: usize) -> usize {
    lines.to_string().len().max(2) + 3
}

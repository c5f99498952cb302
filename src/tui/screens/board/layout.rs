//! Layout of the board for every size of terminal.

use crate::tui::world::World;
use ratatui::layout::{Constraint, Layout, Rect};

/// A pane of the board, in the order of `tab`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    Stacks,
    Services,
    Tasks,
    Logs,
    Nodes,
}

/// Below this size the focused pane has the screen to itself.
const ALL_PANES: (u16, u16) = (110, 26);
/// The column for stacks and nodes is at least that wide.
const SIDE: u16 = 34;
/// What stands beside the name of a stack: border, marks, counts, release.
const BESIDE_NAMES: u16 = 19;
const FEWEST_ROWS: u16 = 5;

impl Pane {
    pub const ALL: &[Self] = &[Self::Stacks, Self::Services, Self::Tasks, Self::Logs, Self::Nodes];

    /// Returns its name, as its frame has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stacks => "stacks",
            Self::Services => "services",
            Self::Tasks => "tasks",
            Self::Logs => "logs",
            Self::Nodes => "nodes",
        }
    }

    /// Returns the pane some steps further, around the end.
    pub fn moved(self, steps: usize) -> Self {
        let at = Self::ALL.iter().position(|it| *it == self).unwrap_or(0);
        Self::ALL[(at + steps) % Self::ALL.len()]
    }
}

/// Returns which panes are shown, and where.
pub fn areas(focus: Pane, zoomed: bool, world: &World, area: Rect) -> Vec<(Pane, Rect)> {
    if zoomed {
        return vec![(focus, area)];
    }
    if area.width < ALL_PANES.0 || area.height < ALL_PANES.1 {
        return few(focus, area);
    }
    let longest = world.tree.iter().filter_map(|it| it.stack.as_ref());
    let longest = longest.map(|it| it.label().chars().count()).max().unwrap_or(0);
    let side = u16::try_from(longest).unwrap_or(u16::MAX).saturating_add(BESIDE_NAMES);
    let side = side.clamp(SIDE, (area.width / 4).max(SIDE));
    let [side, main] =
        Layout::horizontal([Constraint::Length(side), Constraint::Fill(1)]).areas(area);
    let nodes = rows(world.nodes().len()).min(side.height / 3);
    let [stacks, nodes] =
        Layout::vertical([Constraint::Fill(1), Constraint::Length(nodes)]).areas(side);
    let services = rows(world.services().len()).min(main.height * 2 / 5);
    let tasks = (main.height / 4).max(FEWEST_ROWS);
    let [services, tasks, logs] = Layout::vertical([
        Constraint::Length(services),
        Constraint::Length(tasks),
        Constraint::Fill(1),
    ])
    .areas(main);
    vec![
        (Pane::Stacks, stacks),
        (Pane::Services, services),
        (Pane::Tasks, tasks),
        (Pane::Logs, logs),
        (Pane::Nodes, nodes),
    ]
}

/// The focused pane above, and what follows from its selection below.
fn few(focus: Pane, area: Rect) -> Vec<(Pane, Rect)> {
    let below = match focus {
        Pane::Stacks => Pane::Services,
        Pane::Services | Pane::Nodes => Pane::Tasks,
        Pane::Tasks => Pane::Logs,
        Pane::Logs => return vec![(focus, area)],
    };
    if area.height < 2 * FEWEST_ROWS + 2 {
        return vec![(focus, area)];
    }
    let [above, under] = Layout::vertical([Constraint::Fill(3), Constraint::Fill(2)]).areas(area);
    vec![(focus, above), (below, under)]
}

/// Room for so many rows, a head line and the border.
fn rows(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX).saturating_add(3).max(FEWEST_ROWS)
}

//! The list widget: a live table whose cursor follows its object; filtered, sorted and marked.

use crate::{
    domain::{
        columns::{Cell, Column, Faces, Known},
        text::{age, filter::Filter},
    },
    tui::{
        event::Subject,
        keymap::Action,
        widgets::{
            DrawContext, frame,
            table::{self, Marks},
        },
        world::World,
    },
};
use jiff::Timestamp;
use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};
use std::collections::{BTreeMap, BTreeSet};

/// Moments whose ages a row shows.
pub type Moments = [Option<Timestamp>; 3];

/// What a list lists. Two that are equal list the same.
pub trait Listing: Clone + PartialEq {
    type Row: 'static;

    /// What the rows are, and of what: `Tasks · api`.
    fn title(&self, world: &World) -> String;
    fn columns(&self) -> &'static [Column<Self::Row>];
    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Self::Row>;
    fn subject(&self, row: &Self::Row) -> Subject;
    /// Whether nothing is wrong with it.
    fn fine(&self, row: &Self::Row) -> bool;
    /// Says what was not read yet: until then no row that is missing is said to be, and
    /// rows are not counted.
    fn unread(&self, world: &World) -> Option<String>;
    /// Why there are no rows though all was read, and which key changes that.
    fn empty(&self, world: &World) -> String;

    /// Whether it is one of what the title counts; a head of a group is none.
    fn counts(&self, _row: &Self::Row) -> bool {
        true
    }

    /// Returns the row that the cursor stands on at first.
    fn start(&self, _rows: &[&Self::Row]) -> usize {
        0
    }

    /// Labels that `/-l` asks for.
    fn labels<'r>(&self, _row: &'r Self::Row) -> Option<&'r BTreeMap<String, String>> {
        None
    }

    /// Returns the moments whose ages a row shows.
    fn moments(&self, _row: &Self::Row) -> Moments {
        [None; 3]
    }
}

/// A list with its cursor, filter, order and marks.
///
/// Which rows pass is found once for each state of the world, by
/// [`settle`](Self::settle); all else relies on that.
#[derive(Debug, Clone)]
pub struct List<L> {
    pub listing: L,
    cursor: Option<Subject>,
    /// The row of the cursor; stands in where its object is gone.
    index: usize,
    filter: Filter,
    /// Column and whether its order is reversed; the listing's own order where `None`.
    sort: Option<(usize, bool)>,
    faults_only: bool,
    marks: BTreeSet<Subject>,
    /// The rows that pass, in their order: places among all rows.
    shown: Vec<usize>,
    /// The generation of the world, and the listing, that `shown` holds for.
    settled: Option<(u64, L)>,
}

impl<L: Listing> List<L> {
    pub fn new(listing: L) -> Self {
        Self {
            listing,
            cursor: None,
            index: 0,
            filter: Filter::default(),
            sort: None,
            faults_only: false,
            marks: BTreeSet::new(),
            shown: Vec::new(),
            settled: None,
        }
    }

    /// Returns the columns that the cockpit shows.
    fn columns(&self) -> Vec<&'static Column<L::Row>> {
        let all = self.listing.columns().iter();
        all.filter(|it| it.faces != Faces::Commands).collect()
    }

    /// Returns the object under the cursor.
    pub fn selected(&self) -> Option<Subject> {
        self.cursor.clone().filter(|_| !self.shown.is_empty())
    }

    /// Returns what stands in the first column of the row under the cursor.
    pub fn first_cell(&self, world: &World) -> Option<String> {
        let row = *self.listing.rows(world).get(*self.shown.get(self.index)?)?;
        let columns = self.columns();
        Some((columns.first()?.cell)(row, known(world)).text.into_owned())
    }

    /// Returns what actions count for: the marked objects, or else the selected one.
    pub fn subjects(&self, world: &World) -> Vec<Subject> {
        if self.marks.is_empty() {
            return self.selected().into_iter().collect();
        }
        let there = self.listing.rows(world).into_iter().map(|it| self.listing.subject(it));
        there.filter(|it| self.marks.contains(it)).collect()
    }

    pub fn set_filter(&mut self, typed: &str) {
        self.filter = Filter::parse(typed);
        self.settled = None;
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Takes away what hides rows; returns whether anything did.
    pub fn clear(&mut self) -> bool {
        let hid = !self.filter.is_empty() || self.faults_only;
        self.filter = Filter::default();
        self.faults_only = false;
        self.settled = None;
        hid
    }

    /// Finds the rows and the place of the cursor, where the world or the list
    /// changed.
    pub fn settle(&mut self, world: &World) {
        let generation = world.generation();
        if self.settled.as_ref().is_some_and(|it| it.0 == generation && it.1 == self.listing) {
            return;
        }
        self.shown = self.passing(world);
        self.settled = Some((generation, self.listing.clone()));
        self.go(world, |list, rows| match &list.cursor {
            None => list.listing.start(rows),
            Some(_) => list.found(rows).unwrap_or(list.index),
        });
    }

    /// Returns whether a page that was drawn at a moment would be another now.
    pub fn outdated(&self, world: &World, drawn: Timestamp) -> bool {
        // The page is somewhere around the cursor, and no higher than the screen.
        let (rows, height) = (self.rows(world), usize::from(world.size.1));
        let page = self.index.saturating_sub(height)..rows.len().min(self.index + height);
        let page = rows.get(page).unwrap_or_default().iter();
        let moments = page.flat_map(|it| self.listing.moments(it)).flatten();
        age::any_turned(moments, drawn, world.now)
    }

    /// Takes an action; returns whether it was one for lists.
    pub fn update(&mut self, world: &World, action: Action) -> bool {
        let page = usize::from(world.size.1 / 2).max(1);
        match action {
            Action::SelectNext => self.go(world, |it, _| it.index + 1),
            Action::SelectPrev => self.go(world, |it, _| it.index.saturating_sub(1)),
            Action::PageDown => self.go(world, |it, _| it.index + page),
            Action::PageUp => self.go(world, |it, _| it.index.saturating_sub(page)),
            Action::First => self.go(world, |_, _| 0),
            Action::Last => self.go(world, |_, rows| rows.len()),
            Action::Mark => self.mark(world),
            Action::ClearMarks => self.marks.clear(),
            Action::FaultsOnly => (self.faults_only, self.settled) = (!self.faults_only, None),
            Action::SortName | Action::SortAge | Action::SortState | Action::SortImage => {
                self.sort_by(action);
            }
            Action::SortNext => self.sort_next(),
            Action::SortReverse => self.sort_as(self.sort.map(|(column, it)| (column, !it))),
            _ => return false,
        }
        self.settle(world);
        true
    }

    pub fn draw(&self, look: &DrawContext<'_>, focused: bool, area: Rect, buffer: &mut Buffer) {
        let all = self.listing.rows(look.world);
        let (rows, total) = (self.picked(&all), all.len());
        let count = |rows: &[&L::Row]| rows.iter().filter(|it| self.listing.counts(it)).count();
        let heading = self.heading(look, count(&rows), count(&all));
        let inside = frame::pane(&heading, focused, look.theme, area, buffer);
        if rows.is_empty() {
            self.draw_empty(look, total, inside, buffer);
            return;
        }
        let marked = |row: usize| {
            let subject = |it: &&L::Row| self.listing.subject(it);
            rows.get(row).map(subject).is_some_and(|it| self.marks.contains(&it))
        };
        let columns = self.columns();
        let sorted = self.sort.map(|(column, reversed)| (columns[column].title, reversed));
        let marks = Marks { cursor: self.index, focused, marked: &marked, sorted };
        table::draw(&columns, &rows, marks, look, inside, buffer);
        let height = usize::from(inside.height.saturating_sub(1));
        let above = table::page_start(marks.cursor, height, rows.len());
        let below = rows.len().saturating_sub(above + height);
        frame::out_of_sight(above, below, look.theme, area, buffer);
    }

    /// Returns whether it can be ordered as an action asks.
    pub fn sorts(&self, action: Action) -> bool {
        match action {
            Action::SortNext | Action::SortReverse => {
                self.columns().iter().any(|it| it.order.is_some())
            }
            action => sort_titles(action).is_empty() || self.sort_column(action).is_some(),
        }
    }

    /// Returns the rows as lines of text, columns apart by tabs.
    pub fn dump(&self, look: &DrawContext<'_>) -> String {
        let columns = self.columns();
        let mut lines = vec![columns.iter().map(|it| it.title).collect::<Vec<_>>().join("\t")];
        for row in self.rows(look.world) {
            let cells: Vec<String> =
                columns.iter().map(|it| written(&(it.cell)(row, look.known()), look)).collect();
            lines.push(cells.join("\t"));
        }
        lines.join("\n") + "\n"
    }

    fn heading(&self, look: &DrawContext<'_>, shown: usize, total: usize) -> String {
        let mut title = self.listing.title(look.world);
        match (shown, total) {
            _ if self.listing.unread(look.world).is_some() => {}
            (shown, total) if shown == total => title.push_str(&format!(" [{total}]")),
            (shown, total) => title.push_str(&format!(" [{shown}/{total}]")),
        }
        if !self.filter.is_empty() {
            title.push_str(&format!(" /{}", self.filter.typed()));
        }
        if self.faults_only {
            title.push_str(" faults only");
        }
        if !self.marks.is_empty() {
            title.push_str(&format!(" {} marked", self.marks.len()));
        }
        title
    }

    fn draw_empty(&self, look: &DrawContext<'_>, total: usize, area: Rect, buffer: &mut Buffer) {
        let text = if total > 0 {
            "nothing matches; esc shows everything again".to_owned()
        } else {
            let unread = self.listing.unread(look.world);
            unread.unwrap_or_else(|| self.listing.empty(look.world))
        };
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let lines = ratatui::widgets::Paragraph::new(text).style(look.theme.muted);
        lines.wrap(ratatui::widgets::Wrap { trim: true }).render(area, buffer);
    }

    /// Returns the rows that pass, in their order.
    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w L::Row> {
        self.picked(&self.listing.rows(world))
    }

    fn picked<'w>(&self, all: &[&'w L::Row]) -> Vec<&'w L::Row> {
        self.shown.iter().filter_map(|it| all.get(*it).copied()).collect()
    }

    fn passing(&self, world: &World) -> Vec<usize> {
        let rows = self.listing.rows(world);
        let mut passing: Vec<usize> = (0..rows.len()).collect();
        if self.faults_only {
            passing.retain(|it| !self.listing.fine(rows[*it]));
        }
        if !self.filter.is_empty() {
            self.retain_matching(&mut passing, &rows, known(world));
        }
        if let Some((column, reversed)) = self.sort
            && let Some(order) = self.columns()[column].order
        {
            passing.sort_by(|a, b| {
                let order = order(rows[*a], rows[*b], known(world));
                if reversed { order.reverse() } else { order }
            });
        }
        passing
    }

    fn retain_matching(&self, passing: &mut Vec<usize>, rows: &[&L::Row], known: Known<'_>) {
        let none = BTreeMap::new();
        let columns = self.columns();
        let mut matching = self.filter.matching();
        passing.retain(|it| {
            let row = rows[*it];
            let cells: Vec<_> = columns.iter().map(|it| (it.cell)(row, known).text).collect();
            let fields: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
            matching.keeps_any(&fields, self.listing.labels(row).unwrap_or(&none))
        });
    }

    /// Returns the row of the object under the cursor, the nearest below where
    /// several are about it.
    fn found(&self, rows: &[&L::Row]) -> Option<usize> {
        let cursor = self.cursor.as_ref()?;
        let (above, below) = rows.split_at(self.index.min(rows.len()));
        let of = |rows: &[&L::Row]| rows.iter().position(|it| self.listing.subject(it) == *cursor);
        of(below).map(|it| it + above.len()).or_else(|| of(above))
    }

    /// Moves the cursor; it stays among the rows, and on its object while there
    /// are none.
    fn go(&mut self, world: &World, to: impl Fn(&Self, &[&L::Row]) -> usize) {
        let rows = self.rows(world);
        let index = to(self, &rows).min(rows.len().saturating_sub(1));
        let subject = rows.get(index).map(|it| self.listing.subject(it));
        if subject.is_some() {
            (self.index, self.cursor) = (index, subject);
        }
    }

    fn mark(&mut self, world: &World) {
        let Some(subject) = self.selected() else { return };
        if !self.marks.remove(&subject) {
            self.marks.insert(subject);
        }
        self.go(world, |it, _| it.index + 1);
    }

    /// The same column once more turns the order around.
    fn sort_by(&mut self, action: Action) {
        let Some(column) = self.sort_column(action) else { return };
        self.sort_as(match self.sort {
            Some((current, reversed)) if current == column => Some((column, !reversed)),
            _ => Some((column, false)),
        });
    }

    fn sort_column(&self, action: Action) -> Option<usize> {
        let titles = sort_titles(action);
        let columns = self.columns();
        columns.iter().position(|it| it.order.is_some() && titles.contains(&it.title))
    }

    fn sort_next(&mut self) {
        let columns = self.columns();
        let sortable: Vec<usize> =
            (0..columns.len()).filter(|&it| columns[it].order.is_some()).collect();
        let current =
            self.sort.and_then(|(column, _)| sortable.iter().position(|&it| it == column));
        let next = current.map_or(0, |it| it + 1);
        self.sort_as(sortable.get(next).map(|&it| (it, false)));
    }

    fn sort_as(&mut self, sort: Option<(usize, bool)>) {
        self.sort = sort;
        self.settled = None;
    }
}

/// Returns what the columns are called that an action sorts by.
fn sort_titles(action: Action) -> &'static [&'static str] {
    match action {
        Action::SortName => &["NAME", "STACK", "TASK", "NODE", "JOB"],
        Action::SortAge => &["AGE", "STARTED"],
        Action::SortState => &["REPLICAS", "STATE", "STATUS", "TASKS"],
        Action::SortImage => &["IMAGE"],
        _ => &[],
    }
}

/// What cells that are not drawn may ask.
fn known(world: &World) -> Known<'_> {
    Known { facts: world, arrow: "→" }
}

fn written(cell: &Cell<'_>, look: &DrawContext<'_>) -> String {
    cell.written(|it| look.theme.sign(it)).into_owned()
}

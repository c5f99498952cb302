//! A table over something that lives: its cursor follows the object, it is
//! filtered, sorted and marked.

use crate::{
    domain::filter::Filter,
    tui::{
        event::Subject,
        keymap::Action,
        theme::Theme,
        widgets::{
            Look, frame,
            table::{self, Column, Markable, Marks},
        },
        world::World,
    },
};
use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

/// What a list lists.
pub trait Listing {
    type Row: 'static;

    /// What the rows are, and of what: `Tasks · api`.
    fn title(&self, world: &World) -> String;
    fn columns(&self) -> &'static [Column<Self::Row>];
    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w Self::Row>;
    fn subject(&self, row: &Self::Row) -> Subject;
    /// Whether nothing is wrong with it.
    fn fine(&self, row: &Self::Row) -> bool;
    /// Why there are no rows, and which key changes that.
    fn empty(&self, world: &World) -> String;

    /// Labels that `/-l` asks for.
    fn labels<'r>(&self, _row: &'r Self::Row) -> Option<&'r BTreeMap<String, String>> {
        None
    }
}

/// A list with its cursor, filter, order and marks.
#[derive(Debug, Clone)]
pub struct List<L> {
    pub listing: L,
    cursor: Option<Subject>,
    /// Stands in where the object under the cursor is gone.
    index: usize,
    filter: Filter,
    /// Column and whether its order is reversed; the listing's own order where `None`.
    sort: Option<(usize, bool)>,
    faults_only: bool,
    marks: BTreeSet<Subject>,
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
        }
    }

    /// Returns the object under the cursor.
    pub fn selected(&self, world: &World) -> Option<Subject> {
        let rows = self.rows(world);
        rows.get(self.position(&rows)).map(|it| self.listing.subject(it))
    }

    /// Returns what stands in the first column of the row under the cursor.
    pub fn first_cell(&self, world: &World) -> Option<String> {
        let rows = self.rows(world);
        let row = rows.get(self.position(&rows))?;
        let look = Look { world, theme: &Theme::no_color() };
        let column = self.listing.columns().first()?;
        Some((column.cell)(row, &look).text.trim().to_owned())
    }

    /// Returns what actions count for: the marked objects, or else the selected one.
    pub fn subjects(&self, world: &World) -> Vec<Subject> {
        if self.marks.is_empty() {
            return self.selected(world).into_iter().collect();
        }
        let there = self.listing.rows(world).into_iter().map(|it| self.listing.subject(it));
        there.filter(|it| self.marks.contains(it)).collect()
    }

    /// Puts the cursor on an object.
    pub fn select(&mut self, subject: Subject) {
        self.cursor = Some(subject);
    }

    pub fn set_filter(&mut self, typed: &str) {
        self.filter = Filter::parse(typed);
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Takes away what hides rows; returns whether anything did.
    pub fn clear(&mut self) -> bool {
        let hid = !self.filter.is_empty() || self.faults_only;
        self.filter = Filter::default();
        self.faults_only = false;
        hid
    }

    /// Remembers where the cursor is now that the world may have changed.
    pub fn settle(&mut self, world: &World) {
        let rows = self.rows(world);
        let index = self.position(&rows);
        let subject = rows.get(index).map(|it| self.listing.subject(it));
        if subject.is_some() {
            (self.index, self.cursor) = (index, subject);
        }
    }

    /// Takes an action; returns whether it was one for lists.
    pub fn update(&mut self, world: &World, action: Action) -> bool {
        let page = usize::from(world.size.1 / 2).max(1);
        match action {
            Action::SelectNext => self.step(world, |at, _| at + 1),
            Action::SelectPrev => self.step(world, |at, _| at.saturating_sub(1)),
            Action::PageDown => self.step(world, |at, _| at + page),
            Action::PageUp => self.step(world, |at, _| at.saturating_sub(page)),
            Action::First => self.step(world, |_, _| 0),
            Action::Last => self.step(world, |_, last| last),
            Action::Mark => self.mark(world),
            Action::ClearMarks => self.marks.clear(),
            Action::FaultsOnly => self.faults_only = !self.faults_only,
            Action::SortName | Action::SortAge | Action::SortState | Action::SortImage => {
                self.sort_by(action);
            }
            Action::SortNext => self.sort_next(),
            Action::SortReverse => {
                self.sort = self.sort.map(|(column, reversed)| (column, !reversed))
            }
            _ => return false,
        }
        true
    }

    pub fn draw(&self, look: &Look<'_>, focused: bool, area: Rect, buffer: &mut Buffer) {
        let rows = self.rows(look.world);
        let total = self.listing.rows(look.world).len();
        let inside =
            frame::pane(&self.heading(look, rows.len(), total), focused, look.theme, area, buffer);
        if rows.is_empty() {
            self.draw_empty(look, total, inside, buffer);
            return;
        }
        let marked = MarkedRows(
            rows.iter().map(|it| self.marks.contains(&self.listing.subject(it))).collect(),
        );
        let sorted =
            self.sort.map(|(column, reversed)| (self.listing.columns()[column].title, reversed));
        let marks = Marks { cursor: self.position(&rows), focused, marked: &marked, sorted };
        table::draw(self.listing.columns(), &rows, marks, look, inside, buffer);
        let height = usize::from(inside.height.saturating_sub(1));
        let above = table::page_start(marks.cursor, height, rows.len());
        let below = rows.len().saturating_sub(above + height);
        frame::out_of_sight(above, below, look.theme, area, buffer);
    }

    /// Returns whether it can be ordered as an action asks.
    pub fn sorts(&self, action: Action) -> bool {
        match action {
            Action::SortNext | Action::SortReverse => {
                self.listing.columns().iter().any(|it| it.order.is_some())
            }
            action => sort_titles(action).is_empty() || self.sort_column(action).is_some(),
        }
    }

    /// Returns the rows as lines of text, columns apart by tabs.
    pub fn dump(&self, look: &Look<'_>) -> String {
        let columns = self.listing.columns();
        let mut lines = vec![columns.iter().map(|it| it.title).collect::<Vec<_>>().join("\t")];
        for row in self.rows(look.world) {
            let cells: Vec<String> =
                columns.iter().map(|it| (it.cell)(row, look).text.into_owned()).collect();
            lines.push(cells.join("\t"));
        }
        lines.join("\n") + "\n"
    }

    fn heading(&self, look: &Look<'_>, shown: usize, total: usize) -> String {
        let mut title = self.listing.title(look.world);
        let unread = look.world.view.read_at.is_none() && total == 0;
        match (shown, total) {
            _ if unread => {}
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

    fn draw_empty(&self, look: &Look<'_>, total: usize, area: Rect, buffer: &mut Buffer) {
        let text = if total > 0 {
            "nothing matches; esc shows everything again".to_owned()
        } else {
            self.listing.empty(look.world)
        };
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let lines = ratatui::widgets::Paragraph::new(text).style(look.theme.muted);
        lines.wrap(ratatui::widgets::Wrap { trim: true }).render(area, buffer);
    }

    /// Returns the rows that pass, in their order.
    fn rows<'w>(&'w self, world: &'w World) -> Vec<&'w L::Row> {
        let theme = Theme::no_color();
        let look = Look { world, theme: &theme };
        let mut rows = self.listing.rows(world);
        if self.faults_only {
            rows.retain(|it| !self.listing.fine(it));
        }
        if !self.filter.is_empty() {
            self.retain_matching(&mut rows, &look);
        }
        if let Some((column, reversed)) = self.sort
            && let Some(order) = self.listing.columns()[column].order
        {
            rows.sort_by(|a, b| {
                let order = order(a, b, &look);
                if reversed { order.reverse() } else { order }
            });
        }
        rows
    }

    fn retain_matching(&self, rows: &mut Vec<&L::Row>, look: &Look<'_>) {
        let none = BTreeMap::new();
        let mut matching = self.filter.matching();
        rows.retain(|row| {
            let cells: Vec<_> =
                self.listing.columns().iter().map(|it| (it.cell)(row, look).text).collect();
            let fields: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
            matching.keeps_any(&fields, self.listing.labels(row).unwrap_or(&none))
        });
    }

    fn position(&self, rows: &[&L::Row]) -> usize {
        let found = self
            .cursor
            .as_ref()
            .and_then(|it| rows.iter().position(|row| self.listing.subject(row) == *it));
        found.unwrap_or(self.index).min(rows.len().saturating_sub(1))
    }

    fn step(&mut self, world: &World, to: impl Fn(usize, usize) -> usize) {
        let rows = self.rows(world);
        let last = rows.len().saturating_sub(1);
        let index = to(self.position(&rows), last).min(last);
        let subject = rows.get(index).map(|it| self.listing.subject(it));
        (self.index, self.cursor) = (index, subject);
    }

    fn mark(&mut self, world: &World) {
        let Some(subject) = self.selected(world) else { return };
        if !self.marks.remove(&subject) {
            self.marks.insert(subject);
        }
        self.step(world, |at, _| at + 1);
    }

    /// The same column once more turns the order around.
    fn sort_by(&mut self, action: Action) {
        let Some(column) = self.sort_column(action) else { return };
        self.sort = match self.sort {
            Some((current, reversed)) if current == column => Some((column, !reversed)),
            _ => Some((column, false)),
        };
    }

    fn sort_column(&self, action: Action) -> Option<usize> {
        let titles = sort_titles(action);
        let columns = self.listing.columns();
        columns.iter().position(|it| it.order.is_some() && titles.contains(&it.title))
    }

    fn sort_next(&mut self) {
        let columns = self.listing.columns();
        let sortable: Vec<usize> =
            (0..columns.len()).filter(|&it| columns[it].order.is_some()).collect();
        let current =
            self.sort.and_then(|(column, _)| sortable.iter().position(|&it| it == column));
        let next = current.map_or(0, |it| it + 1);
        self.sort = sortable.get(next).map(|&it| (it, false));
    }
}

#[derive(Debug)]
struct MarkedRows(Vec<bool>);

impl Markable for MarkedRows {
    fn is_marked(&self, row: usize) -> bool {
        self.0.get(row).copied().unwrap_or(false)
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

/// Orders by a key of the rows.
pub fn by<T, K: Ord>(a: &T, b: &T, key: impl Fn(&T) -> K) -> Ordering {
    key(a).cmp(&key(b))
}

//! Log pagination: which rows are on a page, and scrolling up and down.

use crate::domain::logs::{
    buffer::{LogBuffer, LogEntry, Seq},
    layout::Sheet,
    scan::ShownEntries,
};
use std::ops::Range;

/// Where a view stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScrollPosition {
    /// At the end, wherever that goes.
    #[default]
    Following,
    /// With this row of this entry on top, wherever the end goes.
    At(Seq, usize),
}

/// One row: the index of its entry among those shown, and which row of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowPosition {
    pub index: usize,
    pub row: usize,
}

/// Entries laid out on a sheet. Every question costs a page, whatever the
/// number of entries.
#[derive(Debug)]
pub struct LogPage<'a> {
    pub buffer: &'a LogBuffer,
    pub shown: ShownEntries<'a>,
    pub sheet: Sheet,
    pub height: usize,
}

impl LogPage<'_> {
    /// Returns the topmost row of a page that stands at a place.
    pub fn top(&self, place: ScrollPosition) -> RowPosition {
        let bottom = self.bottom();
        let ScrollPosition::At(seq, row) = place else { return bottom };
        let index = self.shown.index_of(seq);
        let is_there = self.shown.get(index) == Some(seq);
        let row = if is_there { row.min(self.rows(index).saturating_sub(1)) } else { 0 };
        bottom.min(RowPosition { index, row })
    }

    /// Returns the topmost row of the last page.
    pub fn bottom(&self) -> RowPosition {
        self.up(RowPosition { index: self.shown.len(), row: 0 }, self.height)
    }

    /// Returns the row this many rows above.
    pub fn up(&self, spot: RowPosition, mut rows: usize) -> RowPosition {
        let RowPosition { mut index, row } = spot;
        if rows <= row {
            return RowPosition { index, row: row - rows };
        }
        rows -= row;
        while index > 0 {
            index -= 1;
            let here = self.rows(index);
            if rows <= here {
                return RowPosition { index, row: here - rows };
            }
            rows -= here;
        }
        RowPosition::default()
    }

    /// Returns the row this many rows below, not past the top of the last page.
    pub fn down(&self, spot: RowPosition, mut rows: usize) -> RowPosition {
        let bottom = self.bottom();
        let RowPosition { mut index, mut row } = spot;
        while index < bottom.index {
            let here = self.rows(index) - row;
            if rows < here {
                return RowPosition { index, row: row + rows };
            }
            rows -= here;
            index += 1;
            row = 0;
        }
        bottom.min(RowPosition { index, row: row + rows })
    }

    /// Returns the place of a row, to find it again.
    pub fn place(&self, spot: RowPosition) -> ScrollPosition {
        self.shown
            .get(spot.index)
            .map_or(ScrollPosition::Following, |seq| ScrollPosition::At(seq, spot.row))
    }

    /// Returns the entries on the page that starts at `top`, with the rows of
    /// each that are on it.
    pub fn entries(&self, top: RowPosition) -> Vec<(Seq, LogEntry<'_>, Range<usize>)> {
        let mut left = self.height;
        let mut found = Vec::new();
        let mut spot = top;
        while let Some(seq) = self.shown.get(spot.index).filter(|_| left > 0) {
            let end = self.rows(spot.index).min(spot.row.saturating_add(left));
            if let Some(entry) = self.buffer.get(seq) {
                left -= end - spot.row;
                found.push((seq, entry, spot.row..end));
            }
            spot = RowPosition { index: spot.index + 1, row: 0 };
        }
        found
    }

    /// How many rows an entry takes.
    fn rows(&self, index: usize) -> usize {
        let entry = self.shown.get(index).and_then(|it| self.buffer.get(it));
        entry.map_or(0, |it| self.sheet.rows(it.text()))
    }
}

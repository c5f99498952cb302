//! Scrolling: which part of a text is visible around the cursor.

/// Lines kept between the cursor and the edge, and columns.
const LINES: usize = 3;
const COLUMNS: usize = 8;

/// The first line and the first column that are seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scroll {
    /// Counted in lines that are not folded away.
    pub top: usize,
    pub left: usize,
}

impl Scroll {
    /// Moves as little as it must so that a place is seen: its rank among `ranks` shown
    /// lines and its column, in so many rows and columns.
    pub fn follow(&mut self, (rank, ranks): (usize, usize), column: usize, room: (usize, usize)) {
        let (width, height) = (room.0.max(1), room.1.max(1));
        let margin = LINES.min((height - 1) / 2);
        let lowest = (rank + margin + 1).saturating_sub(height);
        self.top = self.top.clamp(lowest, rank.saturating_sub(margin).max(lowest));
        // No emptier than needed at the end.
        self.top = self.top.min(ranks.saturating_sub(height));
        let margin = COLUMNS.min((width - 1) / 2);
        let lowest = (column + margin + 1).saturating_sub(width);
        if column < width.saturating_sub(margin) {
            self.left = 0;
        }
        self.left = self.left.clamp(lowest, column.saturating_sub(margin).max(lowest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(top: usize, rank: usize, expected: usize) {
        let mut scroll = Scroll { top, left: 0 };
        scroll.follow((rank, 100), 0, (80, 10));
        assert_eq!(scroll.top, expected, "{rank} from {top}");
    }

    #[test]
    fn three_lines_stay_around_the_cursor() {
        check(0, 0, 0);
        check(0, 6, 0);
        check(0, 7, 1);
        check(50, 53, 50);
        check(50, 52, 49);
        check(0, 60, 54);
        check(50, 10, 7);
    }

    #[test]
    fn the_end_stays_at_the_bottom() {
        check(50, 99, 90);
        check(95, 99, 90);
    }

    #[test]
    fn long_lines_move_sideways_and_back() {
        let mut scroll = Scroll::default();
        scroll.follow((0, 1), 71, (80, 10));
        assert_eq!(scroll.left, 0);
        scroll.follow((0, 1), 72, (80, 10));
        assert_eq!(scroll.left, 1);
        scroll.follow((0, 1), 200, (80, 10));
        assert_eq!(scroll.left, 129);
        scroll.follow((0, 1), 130, (80, 10));
        assert_eq!(scroll.left, 122);
        scroll.follow((0, 1), 0, (80, 10));
        assert_eq!(scroll.left, 0);
    }
}

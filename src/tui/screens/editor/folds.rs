//! Code folding: foldable parts of a text, and counting of visible lines.

use crate::{
    domain::compose::assist::{Section, sections},
    tui::screens::editor::writing::{Text, Writing},
};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// The parts of a text, and what is not shown of it.
#[derive(Debug, Clone, Default)]
pub struct Folds {
    sections: Vec<Section>,
    /// Paths of what is folded: they stay true while lines come and go.
    folded: BTreeSet<Vec<String>>,
    /// In order, apart from each other.
    hidden: Vec<RangeInclusive<usize>>,
}

impl Folds {
    /// Follows a change of the text.
    pub fn follow(&mut self, text: &Text) {
        self.sections = sections(text.as_str());
        self.hide();
    }

    /// Returns the keys and numbers that lead to a line.
    pub fn path(&self, line: usize) -> &[String] {
        self.around(line).map_or(&[], |it| &it.path)
    }

    /// Returns the line in which the part begins that a line is in.
    pub fn head(&self, line: usize) -> Option<usize> {
        self.around(line).map(|it| it.line)
    }

    /// Returns the services, with their lines.
    pub fn services(&self) -> impl Iterator<Item = (&str, usize)> {
        let services = self.sections.iter().filter(|it| it.path.len() == 2);
        let services = services.filter(|it| it.path[0] == "services");
        services.map(|it| (it.path[1].as_str(), it.line))
    }

    /// Folds what a line is in, or unfolds it where it is folded. Returns the line that
    /// stays of it; `None` where there is nothing to fold.
    pub fn toggle(&mut self, line: usize) -> Option<usize> {
        let foldable = |it: &&Section| it.last > it.line;
        let within = self.sections.iter().filter(|it| (it.line..=it.last).contains(&line));
        // Of those that begin in one line, the outermost: it hides no less.
        let section =
            within.filter(foldable).max_by_key(|it| (it.line, std::cmp::Reverse(it.depth)))?;
        let (path, line) = (section.path.clone(), section.line);
        if !self.folded.remove(&path) {
            self.folded.insert(path);
        }
        self.hide();
        Some(line)
    }

    /// Unfolds everything; folds all services where nothing is folded.
    pub fn toggle_all(&mut self) {
        let service = |it: &&Section| it.path.len() == 2 && it.path[0] == "services";
        self.folded = match self.folded.is_empty() {
            true => self.sections.iter().filter(service).map(|it| it.path.clone()).collect(),
            false => BTreeSet::new(),
        };
        self.hide();
    }

    /// Unfolds what hides a line; returns whether anything did.
    pub fn reveal(&mut self, line: usize) -> bool {
        if self.hiding(line).is_none() {
            return false;
        }
        let hides = |it: &&Section| it.line < line && line <= it.last;
        for section in self.sections.iter().filter(hides) {
            self.folded.remove(&section.path);
        }
        self.hide();
        true
    }

    /// Returns how many shown lines are above a line.
    pub fn rank(&self, line: usize) -> usize {
        let above = self.hidden.iter().take_while(|it| *it.start() <= line);
        let hidden: usize =
            above.map(|it| (*it.end()).min(line.saturating_sub(1)) + 1 - it.start()).sum();
        line - hidden
    }

    /// Returns the shown line that has so many shown ones above.
    pub fn line(&self, rank: usize) -> usize {
        let mut line = rank;
        for it in &self.hidden {
            if *it.start() > line {
                break;
            }
            line += it.end() + 1 - it.start();
        }
        line
    }

    /// Returns the shown line so many lines further than the cursor.
    pub fn next(&self, writing: &Writing, lines: isize) -> usize {
        let last = self.rank(writing.text().lines() - 1);
        self.line(self.rank(writing.line()).saturating_add_signed(lines).min(last))
    }

    /// Returns the lines that are folded away together with this one.
    pub fn hiding(&self, line: usize) -> Option<&RangeInclusive<usize>> {
        self.hidden.iter().find(|it| it.contains(&line))
    }

    fn around(&self, line: usize) -> Option<&Section> {
        let within = self.sections.iter().filter(|it| (it.line..=it.last).contains(&line));
        within.max_by_key(|it| (it.line, it.depth))
    }

    fn hide(&mut self) {
        let mut hidden: Vec<RangeInclusive<usize>> = Vec::new();
        for section in self.sections.iter().filter(|it| self.folded.contains(&it.path)) {
            let inner = hidden.last().is_some_and(|it| section.line <= *it.end());
            if !inner && section.last > section.line {
                hidden.push(section.line + 1..=section.last);
            }
        }
        self.hidden = hidden;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
services:
  web:
    image: x
    ports:
      - 80:80
  db:
    image: y
volumes:
  data:
";

    fn folds(toggled: &[usize]) -> Folds {
        let mut folds = Folds::default();
        folds.follow(&Text::new(TEXT.to_owned()));
        for line in toggled {
            folds.toggle(*line);
        }
        folds
    }

    #[track_caller]
    fn check(toggled: &[usize], expected: &[usize]) {
        let folds = folds(toggled);
        let last = folds.rank(9);
        let shown: Vec<usize> = (0..=last).map(|it| folds.line(it)).collect();
        assert_eq!(shown, expected);
        for (rank, line) in shown.iter().enumerate() {
            assert_eq!(folds.rank(*line), rank, "line {line}");
        }
    }

    #[test]
    fn a_part_folds_from_any_of_its_lines_and_unfolds_again() {
        check(&[], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        check(&[2], &[0, 1, 5, 6, 7, 8, 9]);
        check(&[4], &[0, 1, 2, 3, 5, 6, 7, 8, 9]);
        check(&[4, 3], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        check(&[1, 5], &[0, 1, 5, 7, 8, 9]);
        check(&[3, 1], &[0, 1, 5, 6, 7, 8, 9]);
        check(&[0], &[0, 7, 8, 9]);
    }

    #[test]
    fn all_services_fold_at_once() {
        let mut folds = folds(&[]);
        folds.toggle_all();
        assert_eq!(folds.hidden, [2..=4, 6..=6]);
        folds.toggle_all();
        assert!(folds.hidden.is_empty());
    }

    #[test]
    fn what_is_folded_stays_so_while_lines_come_above() {
        let mut folds = folds(&[1]);
        folds.follow(&Text::new(format!("# new\n{TEXT}")));
        assert_eq!(folds.hidden, [3..=5]);
        assert!(folds.reveal(4) && !folds.reveal(4));
        assert!(folds.hidden.is_empty());
    }

    #[test]
    fn a_line_knows_what_it_is_in() {
        let folds = folds(&[]);
        assert_eq!(folds.path(3).join("."), "services.web.ports");
        assert_eq!(folds.path(9), [] as [String; 0]);
        assert_eq!(folds.services().collect::<Vec<_>>(), [("web", 1), ("db", 5)]);
    }
}

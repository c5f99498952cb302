//! An interval set: finds overlaps of byte ranges in nearly constant time.

use crate::domain::compose::place::Place;

/// Places of all files, in the order of where they begin.
#[derive(Debug, Default)]
pub struct Stretches {
    /// File and first byte, and the last end of all of the file up to here.
    all: Vec<(usize, usize, usize)>,
}

impl FromIterator<Place> for Stretches {
    fn from_iter<T: IntoIterator<Item = Place>>(places: T) -> Self {
        let mut all: Vec<(usize, usize, usize)> =
            places.into_iter().map(|it| (it.file, it.start, it.end)).collect();
        all.sort_unstable();
        for index in 1..all.len() {
            if all[index - 1].0 == all[index].0 {
                all[index].2 = all[index].2.max(all[index - 1].2);
            }
        }
        Self { all }
    }
}

impl Stretches {
    /// Returns whether one of them overlaps, as [`Place::overlaps`] has it.
    pub fn overlap(&self, place: Place) -> bool {
        let before = self.all.partition_point(|it| (it.0, it.1) < (place.file, place.end));
        let reaches = |it: &&(usize, usize, usize)| it.0 == place.file && it.2 > place.start;
        let begins = self.all.binary_search_by(|it| (it.0, it.1).cmp(&(place.file, place.start)));
        begins.is_ok()
            || before.checked_sub(1).and_then(|it| self.all.get(it)).is_some_and(|it| reaches(&it))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: usize, start: usize, end: usize) -> Place {
        Place { file, line: 1, column: 1, start, end }
    }

    #[test]
    fn they_overlap_where_one_of_them_does() {
        let all = [
            place(0, 0, 3),
            place(0, 10, 100),
            place(0, 20, 25),
            place(0, 200, 200),
            place(1, 5, 6),
        ];
        let stretches: Stretches = all.into_iter().collect();
        for file in 0..3 {
            for start in 0..210 {
                for end in [start, start + 1, start + 7] {
                    let asked = place(file, start, end);
                    let expected = all.iter().any(|it| it.overlaps(asked));
                    assert_eq!(stretches.overlap(asked), expected, "{asked:?}");
                }
            }
        }
        assert!(!Stretches::default().overlap(place(0, 0, 1)));
    }
}

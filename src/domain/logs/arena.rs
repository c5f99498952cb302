//! Texts packed into chunks: a hundred thousand lines are a few hundred
//! allocations, and old ones free memory in large pieces.

use std::collections::VecDeque;

/// Chunks are no larger than that, so that a `u16` finds every beginning. A
/// longer text has a chunk of its own.
const CHUNK: usize = 1 << 16;

/// The most that an arena holds: its chunks, at least half full, are numbered by
/// a `u16`.
pub const MOST: usize = 1 << 30;

/// Where a text is.
#[derive(Debug, Clone, Copy)]
pub struct TextRef {
    length: u32,
    /// Numbers of chunks go round.
    chunk: u16,
    start: u16,
}

/// Takes texts at one end and forgets them, roughly in the same order.
#[derive(Debug, Default)]
pub struct Arena {
    chunks: VecDeque<Chunk>,
    /// Number of the first chunk.
    first: u16,
    /// Sum of the texts held.
    bytes: usize,
}

#[derive(Debug)]
struct Chunk {
    text: String,
    /// Texts of it that are still held.
    live: u32,
}

impl Arena {
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps a text (of 4 GiB at most; a longer one is cut).
    pub fn add(&mut self, text: &str) -> TextRef {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        let text = text.get(..length as usize).unwrap_or_default();
        let has_room = |it: &Chunk| it.text.len() + text.len() <= CHUNK && it.text.len() < CHUNK;
        if !self.chunks.back().is_some_and(has_room) {
            let text = String::with_capacity(text.len().max(CHUNK));
            self.chunks.push_back(Chunk { text, live: 0 });
        }
        let behind = u16::try_from(self.chunks.len() - 1).unwrap_or(u16::MAX);
        let mut place = TextRef { chunk: self.first.wrapping_add(behind), length: 0, start: 0 };
        if let Some(chunk) = self.chunks.back_mut() {
            place.start = u16::try_from(chunk.text.len()).unwrap_or(0);
            place.length = u32::try_from(text.len()).unwrap_or(0);
            chunk.text.push_str(text);
            chunk.live += 1;
            self.bytes += text.len();
        }
        place
    }

    pub fn get(&self, place: TextRef) -> &str {
        let start = usize::from(place.start);
        self.chunks
            .get(usize::from(place.chunk.wrapping_sub(self.first)))
            .and_then(|it| it.text.get(start..start + place.length as usize))
            .unwrap_or_default()
    }

    /// Forgets a text; each may be forgotten once.
    pub fn forget(&mut self, place: TextRef) {
        let index = usize::from(place.chunk.wrapping_sub(self.first));
        let Some(chunk) = self.chunks.get_mut(index) else { return };
        chunk.live = chunk.live.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(place.length as usize);
        while self.chunks.front().is_some_and(|it| it.live == 0) {
            self.chunks.pop_front();
            self.first = self.first.wrapping_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_whatever_their_size() {
        let mut arena = Arena::default();
        let texts: Vec<String> = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 7]
            .iter()
            .map(|it| "é".repeat(*it))
            .collect();
        let places: Vec<_> = texts.iter().map(|it| arena.add(it)).collect();
        for (place, text) in places.iter().zip(&texts) {
            assert_eq!(arena.get(*place), text);
        }
        assert_eq!(arena.bytes(), texts.iter().map(String::len).sum::<usize>());
    }

    #[test]
    fn chunks_go_when_their_last_text_does() {
        let mut arena = Arena::default();
        let places: Vec<_> = (0..100).map(|_| arena.add(&"x".repeat(CHUNK / 4))).collect();
        assert_eq!(arena.chunks.len(), 25);
        for place in &places[1..99] {
            arena.forget(*place);
        }
        assert_eq!(arena.get(places[99]).len(), CHUNK / 4);
        arena.forget(places[0]);
        assert_eq!(arena.chunks.len(), 1);
        arena.forget(places[99]);
        assert_eq!((arena.chunks.len(), arena.bytes()), (0, 0));
        let place = arena.add("again");
        assert_eq!(arena.get(place), "again");
    }
}

//! Typing and cursor keys; those with a name are in the keymap.

use crate::tui::{
    event::{Notice, Request},
    screens::editor::{
        folds::Folds,
        writing::{Motion, Writing},
    },
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Takes a key into a text of which so many lines are seen at once.
pub fn press(writing: &mut Writing, folds: &Folds, page: usize, key: KeyEvent) {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let shift = key.modifiers.contains(KeyModifiers::SHIFT);
    match key.code {
        KeyCode::Char('w') if ctrl => _ = writing.erase(Motion::WordLeft),
        KeyCode::Char('u') if ctrl => _ = writing.erase(Motion::Head),
        // What terminals make of ctrl-backspace.
        KeyCode::Char('h') if ctrl => _ = writing.erase(Motion::WordLeft),
        // A line feed, as serial lines and `paste-buffer -r` send it.
        KeyCode::Char('j') if ctrl => writing.break_line(),
        KeyCode::Char(c) if !ctrl && !alt => writing.insert(&c.to_string()),
        KeyCode::Enter if !alt => writing.break_line(),
        KeyCode::Backspace if ctrl || alt => _ = writing.erase(Motion::WordLeft),
        KeyCode::Backspace => _ = writing.erase_back(),
        KeyCode::Delete if ctrl || alt => _ = writing.erase(Motion::WordRight),
        KeyCode::Delete => _ = writing.erase(Motion::Right),
        KeyCode::BackTab => _ = writing.outdent(),
        KeyCode::Tab if shift => _ = writing.outdent(),
        KeyCode::Tab if writing.selected().is_some() => writing.indent(),
        KeyCode::Tab => to_the_next_stop(writing),
        KeyCode::Up if !alt => up(writing, folds, 1, shift),
        KeyCode::Down if !alt => down(writing, folds, 1, shift),
        KeyCode::PageUp => up(writing, folds, page, shift),
        KeyCode::PageDown => down(writing, folds, page, shift),
        code => {
            if let Some(motion) = motion(code, ctrl || alt) {
                writing.go(motion, shift);
                out_of_folds(writing, folds, motion, shift);
            }
        }
    }
}

/// Says what the key did that erases to the end of a line: hands know it from elsewhere for
/// something else.
pub fn said(done: Request) -> Request {
    let text = "erased to the end of the line; ctrl-z brings it back, alt-k erases whole lines";
    Request::All(vec![done, Request::Say(Notice::Done(text.to_owned()))])
}

fn motion(code: KeyCode, far: bool) -> Option<Motion> {
    Some(match code {
        KeyCode::Left if far => Motion::WordLeft,
        KeyCode::Right if far => Motion::WordRight,
        KeyCode::Left => Motion::Left,
        KeyCode::Right => Motion::Right,
        KeyCode::Home if far => Motion::Top,
        KeyCode::End if far => Motion::Bottom,
        KeyCode::Home => Motion::Head,
        KeyCode::End => Motion::End,
        _ => return None,
    })
}

fn up(writing: &mut Writing, folds: &Folds, lines: usize, selecting: bool) {
    let rank = folds.rank(writing.line());
    match rank {
        0 => writing.go(Motion::Top, selecting),
        rank => writing.go_to_line(folds.line(rank.saturating_sub(lines)), selecting),
    }
}

fn down(writing: &mut Writing, folds: &Folds, lines: usize, selecting: bool) {
    let (rank, last) = (folds.rank(writing.line()), folds.rank(writing.text().lines() - 1));
    if rank >= last {
        writing.go(Motion::End, selecting);
    } else {
        writing.go_to_line(folds.line((rank + lines).min(last)), selecting);
    }
}

/// What is folded away is passed as one letter.
fn out_of_folds(writing: &mut Writing, folds: &Folds, motion: Motion, selecting: bool) {
    let Some(hidden) = folds.hiding(writing.line()) else { return };
    let text = writing.text();
    let to = match motion {
        Motion::Right | Motion::WordRight if *hidden.end() + 1 < text.lines() => {
            text.start(hidden.end() + 1)
        }
        Motion::Bottom => return,
        _ => text.end(hidden.start().saturating_sub(1)),
    };
    let anchor = writing.anchor();
    match anchor.filter(|_| selecting) {
        Some(anchor) => writing.select(anchor..to),
        None => writing.jump(to),
    }
}

/// Removes what follows in the line, or the line end where nothing does.
pub fn to_the_end(writing: &mut Writing) {
    let at_end = writing.at() == writing.text().end(writing.line());
    writing.erase(if at_end { Motion::Right } else { Motion::End });
}

/// Blanks up to the next column of indentation.
fn to_the_next_stop(writing: &mut Writing) {
    let blanks = 2 - writing.column() % 2;
    writing.insert(&" ".repeat(blanks));
}

//! Key decoder: a state machine that turns bytes with timestamps into keys (ECMA-48, xterm).
//!
//! What a terminal answers looks like keys to whoever reads letter by letter: `ESC ] 11 ;
//! rgb:1e1e… ESC \` has an `r` in it. Such answers are swallowed whole, also where they come
//! in pieces, byte by byte, or where their first ESC came alone and was taken for the key.

use crate::tui::keyboard::keys::{application, character, click, console, sequence};
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use std::{
    mem, str,
    time::{Duration, Instant},
};

/// So soon the rest of a sequence comes whose beginning may have been a key.
const SOON: Duration = Duration::from_millis(100);
/// A byte that comes so fast after ESC was typed by nobody.
const AT_ONCE: Duration = Duration::from_millis(30);
/// How long the rest of something that can be no key is waited for.
const LATE: Duration = Duration::from_secs(1);
/// So slowly the bytes of an answer may come, each by itself, whose first ESC was taken for
/// the key: over a line that stalls, through a screen in a screen. A key that may begin one
/// shows so late right behind esc, unless the next key says that it is none.
const SLOW: Duration = Duration::from_millis(500);
/// No answer takes longer that comes byte by byte.
const LONGEST_ANSWER: Duration = Duration::from_secs(20);
/// No parameters are longer.
const LONGEST: usize = 256;
/// More than that is told in pieces.
const LARGEST_PASTE: usize = 1 << 20;

const ESC: u8 = 0x1b;
const INTERRUPT: u8 = 3;
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// Decodes what a terminal sends.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    /// When the last byte came.
    last: Option<Instant>,
    /// A letter that has not come whole.
    letter: Vec<u8>,
    /// What is left of this read belongs to what was pasted, whatever it says.
    pasted: bool,
}

#[derive(Debug, Default, PartialEq)]
enum State {
    #[default]
    Ground,
    Escape,
    /// After `ESC O`.
    Application,
    /// After `ESC [`: the parameters so far.
    Sequence(Vec<u8>),
    /// After `ESC [ [`.
    Console,
    /// After `ESC [ M`: three bytes of an old mouse report.
    Click(Vec<u8>),
    /// An answer that ends with BEL or ST; began with this letter after ESC.
    Answer {
        opened: u8,
        before: u8,
        length: usize,
        /// When it was seen first that it goes on.
        since: Option<Instant>,
    },
    /// What is pasted, until it is told.
    Paste(Vec<u8>),
    /// What began a sequence was told as a key: ESC, or alt and this letter.
    Told(Option<u8>),
    /// After that: bytes that come slowly, one by one, and may be an answer. So many of
    /// them were told as a key.
    Slow {
        bytes: Vec<u8>,
        told: usize,
    },
}

impl Decoder {
    /// Takes in what was read at once.
    pub fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<Input> {
        let mut found = self.expire(now);
        let gap = self.last.map_or(LATE, |last| now.saturating_duration_since(last));
        self.last = Some(now);
        // A paste whose end was lost is ended by hand.
        if matches!(self.state, State::Paste(_)) && bytes == [INTERRUPT] && gap >= LATE {
            self.state = State::Ground;
        }
        self.give_up(bytes, now);
        if let State::Told(opened) = self.state {
            self.state = match slow(opened, bytes, gap) {
                Some(state) => state,
                None => resumed(opened, bytes, gap),
            };
        }
        for byte in bytes {
            self.take(*byte, &mut found);
        }
        self.pasted = false;
        // ESC alone is a key.
        if self.state == State::Escape {
            found.push(Input::Key(KeyCode::Esc.into()));
            self.state = State::Told(None);
        }
        joined(found)
    }

    /// Returns when something is to be decided that no byte has decided.
    pub fn deadline(&self) -> Option<Instant> {
        let patience = match &self.state {
            State::Ground | State::Told(_) => return None,
            State::Paste(text) if text.len() == unsure(text) => return None,
            State::Escape | State::Application => SOON,
            State::Sequence(parameters) if parameters.is_empty() => SOON,
            State::Answer { length: 0, .. } => SOON,
            State::Slow { .. } => SLOW,
            _ => LATE,
        };
        self.last.map(|it| it + patience)
    }

    /// Takes in that no byte has come until now.
    pub fn expire(&mut self, now: Instant) -> Vec<Input> {
        if self.deadline().is_none_or(|it| now < it) {
            return Vec::new();
        }
        let alt = |letter: u8| {
            let key = character(char::from(letter)).unwrap_or(KeyCode::Esc.into());
            vec![Input::Key(KeyEvent::new(key.code, key.modifiers | KeyModifiers::ALT))]
        };
        match mem::take(&mut self.state) {
            State::Sequence(parameters) if parameters.is_empty() => {
                self.state = State::Told(Some(b'['));
                alt(b'[')
            }
            State::Application => {
                self.state = State::Told(Some(b'O'));
                alt(b'O')
            }
            State::Answer { opened, length: 0, .. } => {
                self.state = State::Told(Some(opened));
                alt(opened)
            }
            // It goes on until its end is seen: what comes late is pasted as well.
            State::Paste(mut text) => {
                let rest = text.split_off(text.len() - unsure(&text));
                self.state = State::Paste(rest);
                told(&text)
            }
            State::Slow { bytes, told } => {
                let mut found = Vec::new();
                self.replay(&bytes[told..], &mut found);
                found
            }
            _ => Vec::new(),
        }
    }

    /// Waits for the end of an answer no longer where somebody types on: letters come one by
    /// one for long, or ctrl-c.
    fn give_up(&mut self, bytes: &[u8], now: Instant) {
        let State::Answer { since, .. } = &mut self.state else { return };
        let since = *since.get_or_insert(now);
        let long = bytes.len() == 1 && now.saturating_duration_since(since) > LONGEST_ANSWER;
        if long || bytes == [INTERRUPT] {
            self.state = State::Ground;
        }
    }

    /// Takes a byte of what may be an answer that comes slowly.
    fn slowly(&mut self, byte: u8, found: &mut Vec<Input>) {
        let State::Slow { bytes, told } = &mut self.state else { return };
        let before = bytes.clone();
        bytes.push(byte);
        match guess(bytes) {
            Guess::Unsure => {}
            Guess::Sequence => {
                self.state = State::Sequence(before[1..].to_vec());
                self.take(byte, found);
            }
            Guess::Answer => {
                let (opened, length) = (bytes[0], bytes.len());
                self.state = State::Answer { opened, before: byte, length, since: None };
            }
            Guess::Keys => {
                let held = bytes.split_off(*told);
                self.replay(&held, found);
            }
        }
    }

    /// Takes what was held back for keys.
    fn replay(&mut self, held: &[u8], found: &mut Vec<Input>) {
        self.state = State::Ground;
        for byte in held {
            self.take(*byte, found);
        }
    }

    fn take(&mut self, byte: u8, found: &mut Vec<Input>) {
        match &mut self.state {
            State::Slow { .. } => self.slowly(byte, found),
            State::Ground | State::Told(_) => self.ground(byte, found),
            State::Escape => self.escape(byte, found),
            State::Application => {
                self.state = State::Ground;
                self.key(application(byte), found);
            }
            State::Sequence(parameters) => match byte {
                0x20..=0x3f => {
                    if parameters.len() < LONGEST {
                        parameters.push(byte);
                    }
                }
                b'[' if parameters.is_empty() => self.state = State::Console,
                b'M' if parameters.is_empty() => self.state = State::Click(Vec::new()),
                0x40..=0x7e => self.end_sequence(byte, found),
                ESC => self.state = State::Escape,
                _ => self.state = State::Ground,
            },
            State::Console => {
                self.state = State::Ground;
                self.key(console(byte), found);
            }
            State::Click(bytes) => {
                bytes.push(byte);
                if let [button, x, y] = bytes[..] {
                    self.state = State::Ground;
                    let [button, x, y] = [button, x, y].map(|it| u16::from(it.saturating_sub(32)));
                    self.tell(click(button, x, y, false), found);
                }
            }
            State::Answer { .. } => self.answer(byte, found),
            State::Paste(text) => {
                text.push(byte);
                if text.ends_with(PASTE_ENDS) {
                    text.truncate(text.len() - PASTE_ENDS.len());
                    let text = mem::take(text);
                    self.state = State::Ground;
                    found.extend(told(&text));
                    self.pasted = true;
                } else if text.len() >= LARGEST_PASTE && byte.is_ascii() && unsure(text) == 0 {
                    found.extend(told(&mem::take(text)));
                }
            }
        }
    }

    /// Swallows what a terminal answers, up to its end.
    fn answer(&mut self, byte: u8, found: &mut Vec<Input>) {
        let State::Answer { before, length, .. } = &mut self.state else { return };
        let before = mem::replace(before, byte);
        *length += 1;
        match byte {
            // BEL, CAN, SUB.
            0x07 | 0x18 | 0x1a => self.state = State::Ground,
            b'\\' if before == ESC => self.state = State::Ground,
            // ST as one character, which may be a byte of a letter too.
            0x9c if before == 0xc2 || before.is_ascii() => self.state = State::Ground,
            _ if before == ESC => {
                self.state = State::Escape;
                self.escape(byte, found);
            }
            _ => {}
        }
    }

    fn ground(&mut self, byte: u8, found: &mut Vec<Input>) {
        if byte.is_ascii() {
            self.letter.clear();
            self.state = State::Ground;
            return match byte {
                ESC => self.state = State::Escape,
                _ => self.key(character(char::from(byte)), found),
            };
        }
        self.letter.push(byte);
        match str::from_utf8(&self.letter) {
            Ok(text) => {
                let letter = text.chars().next().unwrap_or_default();
                self.letter.clear();
                self.control(letter);
                self.key(character(letter), found);
            }
            Err(err) if err.error_len().is_none() => {}
            // Not even the beginning of a letter: a control character in one byte, or none.
            Err(_) => {
                self.letter.clear();
                self.control(char::from(byte));
            }
        }
    }

    /// Takes a control character that stands for ESC and a letter.
    fn control(&mut self, letter: char) {
        if let '\u{80}'..='\u{9f}' = letter {
            let second = u8::try_from(letter).unwrap_or_default() - 0x40;
            self.state = opening(second).unwrap_or_default();
            // Nobody types it.
            if let State::Answer { length, .. } = &mut self.state {
                *length = 1;
            }
        }
    }

    fn escape(&mut self, byte: u8, found: &mut Vec<Input>) {
        if let Some(state) = opening(byte) {
            self.state = state;
            return;
        }
        if byte == ESC {
            return self.key(Some(KeyCode::Esc.into()), found);
        }
        self.state = State::Ground;
        if byte.is_ascii() {
            let key = character(char::from(byte));
            let alt = |it: KeyEvent| KeyEvent::new(it.code, it.modifiers | KeyModifiers::ALT);
            self.key(key.map(alt), found);
        } else {
            self.ground(byte, found);
        }
    }

    fn end_sequence(&mut self, last: u8, found: &mut Vec<Input>) {
        let State::Sequence(parameters) = mem::take(&mut self.state) else { return };
        // Blanks and the like stand between parameters and end in reports only.
        let Ok(text) = str::from_utf8(&parameters) else { return };
        match (text, last) {
            ("200", b'~') => self.state = State::Paste(Vec::new()),
            // The end of a paste whose text had such an end in it.
            ("201", b'~') => self.pasted = false,
            _ => {
                if let Some(input) = sequence(text, last) {
                    self.tell(input, found);
                }
            }
        }
    }

    fn key(&self, key: Option<KeyEvent>, found: &mut Vec<Input>) {
        if let Some(key) = key {
            self.tell(Input::Key(key), found);
        }
    }

    /// Tells it; a key that was pasted is text.
    fn tell(&self, input: Input, found: &mut Vec<Input>) {
        match input {
            Input::Key(key) if self.pasted => {
                let text = match key.code {
                    KeyCode::Char(letter)
                        if key.modifiers.difference(KeyModifiers::SHIFT).is_empty() =>
                    {
                        letter
                    }
                    KeyCode::Enter => '\n',
                    KeyCode::Tab => '\t',
                    _ => return,
                };
                found.push(Input::Paste(text.to_string()));
            }
            input => found.push(input),
        }
    }
}

/// Returns what follows ESC and this letter, where something does.
fn opening(letter: u8) -> Option<State> {
    Some(match letter {
        b'[' => State::Sequence(Vec::new()),
        b'O' => State::Application,
        // OSC, DCS, APC, PM, SOS.
        b']' | b'P' | b'_' | b'^' | b'X' => {
            State::Answer { opened: letter, before: letter, length: 0, since: None }
        }
        _ => return None,
    })
}

/// Says whether bytes are the rest of what was told as a key.
fn resumed(opened: Option<u8>, bytes: &[u8], gap: Duration) -> State {
    if gap > LATE {
        return State::Ground;
    }
    let [first, rest @ ..] = bytes else { return State::Told(opened) };
    match opened {
        // The end of an answer, or its beginning: a person types one letter at a time.
        None if *first == b'\\' && gap <= AT_ONCE => State::Escape,
        None => {
            let goes_on = match rest.first() {
                Some(second) => begins(*first, *second),
                None => gap <= AT_ONCE,
            };
            if goes_on && opening(*first).is_some() { State::Escape } else { State::Ground }
        }
        Some(letter) => {
            let goes_on = match rest.first() {
                Some(_) => begins(letter, *first),
                None => false,
            };
            let state = if goes_on { opening(letter) } else { None };
            state.unwrap_or_default()
        }
    }
}

/// What bytes are that came slowly behind ESC.
enum Guess {
    Unsure,
    Sequence,
    Answer,
    Keys,
}

/// Tells answers from what somebody types behind esc. Nobody types their beginnings: they
/// are looked at more closely than what comes at once ([`begins`]).
fn guess(bytes: &[u8]) -> Guess {
    let [opened, rest @ ..] = bytes else { return Guess::Unsure };
    let digits = rest.iter().take_while(|it| it.is_ascii_digit()).count();
    let (number, more) = rest.split_at(digits);
    match (opened, number, more) {
        (b'_', [], []) => Guess::Unsure,
        (b']' | b'P' | b'[', _, []) if digits < 6 => Guess::Unsure,
        (b'_', [], [b'G']) | (b']', [], [b'l' | b'L']) | (b']', [_, ..], [b';']) => Guess::Answer,
        (b'P', _, [b'$' | b'+' | b'!' | b'>' | b'|']) => Guess::Answer,
        (b'[', [], [b'?' | b'>' | b'<' | b'=']) => Guess::Sequence,
        (b'[', [_, ..], [b';' | b'~' | b'R' | b'n' | b'u']) => Guess::Sequence,
        _ => Guess::Keys,
    }
}

/// Begins to look at a byte that comes slowly behind ESC, or behind ESC and this letter;
/// nothing where it is a key.
fn slow(opened: Option<u8>, bytes: &[u8], gap: Duration) -> Option<State> {
    let [byte] = bytes else { return None };
    if gap <= AT_ONCE || gap > SLOW {
        return None;
    }
    let begun: Vec<u8> = opened.into_iter().collect();
    let whole = [begun.as_slice(), &[*byte]].concat();
    let may_be = !matches!(guess(&whole), Guess::Keys);
    may_be.then_some(State::Slow { told: begun.len(), bytes: begun })
}

/// Says whether an answer, or a key of several bytes, begins with these two after ESC.
fn begins(first: u8, second: u8) -> bool {
    match first {
        b'[' => (0x20..=0x7e).contains(&second),
        b'O' => application(second).is_some(),
        b']' => second.is_ascii_digit() || b"lLI".contains(&second),
        b'P' => second.is_ascii_digit() || b"$+>!|".contains(&second),
        _ => second.is_ascii_graphic(),
    }
}

/// Returns how many bytes at the end may be the beginning of the end of a paste.
fn unsure(text: &[u8]) -> usize {
    let most = text.len().min(PASTE_ENDS.len() - 1);
    (1..=most).rev().find(|it| text.ends_with(&PASTE_ENDS[..*it])).unwrap_or(0)
}

fn told(text: &[u8]) -> Vec<Input> {
    if text.is_empty() {
        return Vec::new();
    }
    vec![Input::Paste(String::from_utf8_lossy(text).into_owned())]
}

/// Makes one paste of several in a row.
fn joined(found: Vec<Input>) -> Vec<Input> {
    let mut joined: Vec<Input> = Vec::with_capacity(found.len());
    for input in found {
        match (joined.last_mut(), input) {
            (Some(Input::Paste(text)), Input::Paste(more)) => text.push_str(&more),
            (_, input) => joined.push(input),
        }
    }
    joined
}

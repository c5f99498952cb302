//! Whoever wrote a text, nothing of it drives a terminal: each string of each answer of
//! an engine, of a stack file and of the arguments is hostile, and the bytes that come
//! out are looked at.

pub mod world;
mod answers;
mod arguments;
mod cockpit;
mod stacks;
mod limits;
mod incomplete;

/// Texts that do something to a terminal that prints them, or to who reads it.
pub const PAYLOADS: &[&str] = &[
    "\x1b]52;c;RVZJTA==\x07",
    "\x1b]0;title\x1b\\",
    "\x1b]8;;http://evil\x1b\\x\x1b]8;;\x1b\\",
    "\x1b[77;66H\x1b[2J\x1b[8m",
    "\x1b[38;5;199mx",
    "\x1bP1$r0q\x1b\\\x1b_G\x1b\\\x1b^x\x1b\\\x1bXy\x1b\\\x1bc",
    "\u{9b}77;66H\u{9d}0;t\u{9c}\u{90}x\u{9c}",
    "\0\x07\x08\x0b\x0c\x0e\x0f\x7f\u{80}\u{85}\u{9f}",
    "over\rwritten",
    "\u{202e}gnp.exe\u{2066}x\u{2069}\u{200f}\u{61c}",
    "a\u{200b}b\u{feff}c\u{ad}d\u{2060}e\u{e0041}f\u{2028}g\u{2029}h",
];

/// All of them in one.
pub fn all() -> String {
    PAYLOADS.concat()
}

/// Colours that skep itself uses.
const OWN: [&str; 6] = ["0", "2", "31", "32", "33", "1;31"];

/// What may stand in an output, beside what one sees.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    pub colors: bool,
    /// Blocks that are drawn over, as bars are.
    pub bars: bool,
}

/// Returns what of an output drives a terminal or deceives its reader.
pub fn leak(output: &str, allowed: Allowed) -> Option<String> {
    let mut rest = output;
    while let Some(at) = rest.find(|c| c != '\n' && harms(c)) {
        let from = &rest[at..];
        let own = allowed.colors && OWN.iter().any(|it| from.starts_with(&format!("\x1b[{it}m")));
        let line =
            from.starts_with('\r') || from.starts_with("\x1b[K") || from.starts_with("\x1b[J");
        let up = from
            .strip_prefix("\x1b[")
            .is_some_and(|it| it.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('A'));
        if !(own || allowed.bars && (line || up)) {
            let around: String = from.chars().take(40).collect();
            return Some(format!("{around:?} after {:?}", tail(&rest[..at])));
        }
        rest = from.strip_prefix(char::is_control).unwrap_or_default();
    }
    let mut marks = 0;
    for c in output.chars() {
        marks = if matches!(c, '\u{300}'..='\u{36f}') { marks + 1 } else { 0 };
        if marks > 8 {
            return Some("more marks than a letter wears".to_owned());
        }
    }
    None
}

/// Written down here again: the test must not believe the product.
fn harms(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b'..='\x1f' | '\x7f'..='\u{9f}' | '\u{ad}' | '\u{61c}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

fn tail(text: &str) -> String {
    let from = text.char_indices().rev().nth(60).map_or(0, |it| it.0);
    text[from..].to_owned()
}

#[test]
fn the_test_finds_what_it_looks_for() {
    let allowed = Allowed { colors: true, bars: true };
    for payload in PAYLOADS {
        let plain = Allowed { colors: false, bars: false };
        assert!(leak(payload, plain).is_some(), "{payload:?}");
        assert!(payload.contains("over") || leak(payload, allowed).is_some(), "{payload:?}");
    }
    assert_eq!(leak("\r\x1b[1;31mx\x1b[0m\x1b[K\x1b[3A\n", allowed), None);
    assert!(leak(&format!("a{}", "\u{301}".repeat(9)), allowed).is_some());
}

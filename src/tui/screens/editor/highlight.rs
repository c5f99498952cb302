//! Syntax highlighting of YAML, line by line: exact enough for eyes, and right for text that
//! does not parse at the moment.

use crate::tui::{
    screens::editor::writing::{Text, indentation},
    widgets::text_page::Tone,
};
use std::ops::Range;

/// The pieces of a line, in bytes.
pub type Pieces = Vec<(Range<usize>, Tone)>;

/// What a line is in the middle of when it begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Within {
    #[default]
    Nothing,
    /// A block of text below a key or a dash in this column.
    Block(usize),
    /// So many brackets and braces.
    Flow(usize),
    /// A quoted text within so many brackets.
    Quote(char, usize),
}

/// What every line of a text is in the middle of.
#[derive(Debug, Default)]
pub struct Lines {
    starts: Vec<Within>,
}

impl Lines {
    pub fn of(text: &Text) -> Self {
        let mut within = Within::default();
        let start = |line| {
            let start = within;
            within = scan(text.line(line), start).1;
            start
        };
        Self { starts: (0..text.lines()).map(start).collect() }
    }

    /// Returns the pieces of a line of that text.
    pub fn pieces(&self, text: &Text, line: usize) -> Pieces {
        let content = text.line(line);
        let pieces = scan(content, self.starts.get(line).copied().unwrap_or_default()).0;
        if !content.contains('$') {
            return pieces;
        }
        pieces.into_iter().flat_map(|it| with_variables(content, it)).collect()
    }
}

/// Tells variables from the text around them.
fn with_variables(line: &str, (range, tone): (Range<usize>, Tone)) -> Pieces {
    let mut pieces = Pieces::new();
    let mut at = range.start;
    while tone == Tone::Quoted && at < range.end {
        let rest = &line[at..range.end];
        let Some(start) = rest.find('$') else { break };
        let length = variable(&rest[start..]);
        let (dollar, end) = (at + start, at + start + length.max(1));
        if length > 0 && !rest[start..].starts_with("$$") {
            pieces.push((at..dollar, tone));
            pieces.push((dollar..end, Tone::Number));
        } else {
            pieces.push((at..end, tone));
        }
        at = end;
    }
    pieces.push((at..range.end, tone));
    pieces.retain(|it| !it.0.is_empty());
    pieces
}

/// Returns how long the variable is that a dollar begins: two where it is an escape, none
/// where it is neither.
fn variable(text: &str) -> usize {
    let behind = &text[1..];
    if behind.starts_with('$') {
        return 2;
    }
    if behind.starts_with('{') {
        return text.find('}').map_or(0, |it| it + 1);
    }
    let name = |it: char| it.is_ascii_alphanumeric() || it == '_';
    let length = behind.find(|it| !name(it)).unwrap_or(behind.len());
    if behind.starts_with(|it: char| it.is_ascii_digit()) || length == 0 { 0 } else { length + 1 }
}

/// Reads one line that begins in the middle of something; returns its pieces, and what
/// the next one begins in.
fn scan(line: &str, within: Within) -> (Pieces, Within) {
    let mut scanner = Scanner { line, at: 0, pieces: Pieces::new(), owner: 0, depth: 0 };
    match within {
        Within::Nothing => {}
        Within::Block(owner) => {
            let blanks = indentation(line).len();
            if blanks == line.len() || blanks > owner {
                return (vec![(0..line.len(), Tone::Quoted)], within);
            }
        }
        Within::Flow(depth) => scanner.depth = depth,
        Within::Quote(quote, depth) => {
            scanner.depth = depth;
            if !scanner.quoted(quote, 0) {
                return (scanner.pieces, within);
            }
        }
    }
    let next = scanner.run();
    (scanner.pieces, next)
}

struct Scanner<'a> {
    line: &'a str,
    at: usize,
    pieces: Pieces,
    /// Column of the key or dash that what comes belongs to.
    owner: usize,
    /// Open brackets and braces.
    depth: usize,
}

impl Scanner<'_> {
    fn run(&mut self) -> Within {
        self.begin();
        loop {
            self.skip(|it| it == ' ' || it == '\t', Tone::Muted);
            let before = self.line[..self.at].chars().next_back();
            let Some(c) = self.rest().chars().next() else { break };
            match c {
                '#' if before.is_none_or(char::is_whitespace) => {
                    self.push(self.line.len(), Tone::Muted);
                    break;
                }
                '"' | '\'' => {
                    let start = self.at;
                    self.at += 1;
                    if !self.quoted(c, start) {
                        return Within::Quote(c, self.depth);
                    }
                }
                '[' | '{' => {
                    self.depth += 1;
                    self.push(self.at + 1, Tone::Muted);
                }
                ']' | '}' if self.depth > 0 => {
                    self.depth -= 1;
                    self.push(self.at + 1, Tone::Muted);
                }
                ',' if self.depth > 0 => self.push(self.at + 1, Tone::Muted),
                '|' | '>' if self.depth == 0 && is_header(self.rest()) => {
                    let code = self.rest().split(' ').next().unwrap_or_default().len();
                    self.push(self.at + code, Tone::Title);
                    self.skip(|it| it == ' ', Tone::Muted);
                    self.push(self.line.len(), Tone::Muted);
                    return Within::Block(self.owner);
                }
                '&' | '*' | '!' => {
                    let end = self.word();
                    self.push(end, Tone::Title);
                }
                _ => self.plain(),
            }
        }
        if self.depth > 0 { Within::Flow(self.depth) } else { Within::Nothing }
    }

    /// Takes the indentation and dashes.
    fn begin(&mut self) {
        if self.at > 0 || self.depth > 0 {
            return;
        }
        loop {
            self.skip(|it| it == ' ', Tone::Muted);
            self.owner = self.at;
            if self.rest() == "-" || self.rest().starts_with("- ") {
                self.push(self.at + 1, Tone::Muted);
            } else {
                return;
            }
            // A block behind a dash belongs to the dash.
            let next = self.at + self.rest().len() - self.rest().trim_start().len();
            if self.line[next..].starts_with(['|', '>']) {
                self.skip(|it| it == ' ', Tone::Muted);
                return;
            }
        }
    }

    /// Takes the rest of a quoted text; returns whether it ends here.
    fn quoted(&mut self, quote: char, start: usize) -> bool {
        let mut chars = self.rest().char_indices().peekable();
        let mut end = None;
        while let Some((at, c)) = chars.next() {
            if c == '\\' && quote == '"'
                || c == quote && quote == '\'' && chars.peek().is_some_and(|it| it.1 == '\'')
            {
                chars.next();
            } else if c == quote {
                end = Some(self.at + at + 1);
                break;
            }
        }
        let to = end.unwrap_or(self.line.len());
        let key = end.is_some() && self.line[to..].starts_with(':');
        self.pieces.push((start..to, if key { Tone::Key } else { Tone::Quoted }));
        self.at = to;
        if key {
            self.push(to + 1, Tone::Muted);
        }
        end.is_some()
    }

    /// Takes a text without quotes: a key where a colon follows.
    fn plain(&mut self) {
        let rest = self.rest();
        let depth = self.depth;
        let mut end = rest.len();
        let mut key = false;
        let mut before = ' ';
        for (at, c) in rest.char_indices() {
            let next = rest[at + c.len_utf8()..].chars().next();
            if c == ':'
                && next.is_none_or(|it| it.is_whitespace() || depth > 0 && ",]}".contains(it))
            {
                (end, key) = (at, true);
                break;
            }
            let ends = c == '#' && before.is_whitespace() || depth > 0 && ",]}".contains(c);
            if ends {
                end = at;
                break;
            }
            before = c;
        }
        let taken = rest[..end].trim_end();
        let tone = if key { Tone::Key } else { tone(taken) };
        let to = self.at + taken.len();
        self.push(to.max(self.at), tone);
        self.skip(|it| it == ' ', Tone::Muted);
        if key {
            self.push(self.at + 1, Tone::Muted);
        } else if to == self.at && end == 0 {
            // Nothing was taken: a letter that means nothing here.
            self.push(self.at + self.rest().chars().next().map_or(0, char::len_utf8), Tone::Text);
        }
    }

    fn rest(&self) -> &str {
        &self.line[self.at..]
    }

    /// Returns where the word that begins here ends.
    fn word(&self) -> usize {
        let depth = self.depth;
        let ends = |it: char| it.is_whitespace() || depth > 0 && ",]}".contains(it);
        self.rest().find(ends).map_or(self.line.len(), |it| self.at + it)
    }

    fn skip(&mut self, what: impl Fn(char) -> bool, tone: Tone) {
        let to = self.line.len() - self.rest().trim_start_matches(what).len();
        self.push(to, tone);
    }

    fn push(&mut self, to: usize, tone: Tone) {
        let to = to.min(self.line.len());
        if to > self.at {
            self.pieces.push((self.at..to, tone));
            self.at = to;
        }
    }
}

/// Tells whether a block of text follows a line that ends so.
fn is_header(rest: &str) -> bool {
    let mut words = rest[1..].splitn(2, ' ');
    let marks = words.next().unwrap_or_default();
    let behind = words.next().unwrap_or_default().trim_start();
    marks.chars().all(|it| it == '-' || it == '+' || it.is_ascii_digit())
        && (behind.is_empty() || behind.starts_with('#'))
}

fn tone(value: &str) -> Tone {
    let constant = matches!(value, "true" | "false" | "null" | "~" | "yes" | "no" | "on" | "off");
    let number = value.starts_with(|it: char| it.is_ascii_digit() || "+-.".contains(it))
        && value.parse::<f64>().is_ok();
    match value {
        _ if constant || number => Tone::Number,
        "---" | "..." => Tone::Muted,
        "<<" => Tone::Title,
        _ => Tone::Quoted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tones(text: &str) -> Vec<String> {
        let text = Text::new(text.to_owned());
        let lines = Lines::of(&text);
        let letter = |tone| match tone {
            Tone::Key => 'k',
            Tone::Quoted => 'q',
            Tone::Number => 'n',
            Tone::Title => 't',
            Tone::Muted => '.',
            _ => '?',
        };
        let row = |line| {
            let pieces = lines.pieces(&text, line);
            let row = pieces.into_iter();
            row.map(|(range, tone)| letter(tone).to_string().repeat(range.len())).collect()
        };
        (0..text.lines()).map(row).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(tones(text), expected, "{text}");
    }

    #[test]
    fn keys_values_and_comments_sound_different() {
        check("a: b # c", &["k..q...."]);
        check("  image: nginx:1.27", &["..kkkkk..qqqqqqqqqq"]);
        check("n: 12", &["k..nn"]);
        check("- a: yes", &["..k..nnn"]);
        check("a: 'b # c'", &["k..qqqqqqq"]);
        check("a: b#c", &["k..qqq"]);
        check("# all", &["....."]);
        check("a: don't # c", &["k..qqqqq...."]);
        check("\"a b\": 1", &["kkkkk..n"]);
        check("<<: *base", &["kk..ttttt"]);
    }

    #[test]
    fn variables_stand_out() {
        check("a: x$B-c", &["k..qnnqq"]);
        check("a: \"${B:-c}d\"", &["k..qnnnnnnnqq"]);
        check("a: $$B $ 5$", &["k..qqqqqqqq"]);
        check("a: |\n  $B", &["k..t", "qqnn"]);
        check("a: ${B", &["k..qqq"]);
    }

    #[test]
    fn a_block_of_text_ends_where_its_indentation_does() {
        check("a: |\n  b: c # d\n\n  e\nf: 1", &["k..t", "qqqqqqqqqq", "", "qqq", "k..n"]);
        check("- >-\n  b: 1\n- c: 2", &["..tt", "qqqqqq", "..k..n"]);
        check("- a: | # why\n    x: 1\n  b: 2", &["..k..t......", "qqqqqqqq", "..k..n"]);
        check("a: |x\n  b: 1", &["k..qq", "..k..n"]);
    }

    #[test]
    fn flow_and_quotes_go_on_in_the_next_line() {
        check(
            "a: {b: 1,\n c: [x, 'y\n z'], d: 2}\ne: 1",
            &["k...k..n.", ".k...q..qq", "qqq...k..n.", "k..n"],
        );
        check("a: \"b\n  c: \\\" d\"\ne: 1", &["k..qq", "qqqqqqqqqq", "k..n"]);
    }

    proptest! {
        #[test]
        fn pieces_cover_every_line_once(text in "[-a:#'\"|>\\[\\]{}, \\n\\tü&*!$\\\\]{0,60}") {
            let text = Text::new(text);
            let lines = Lines::of(&text);
            for line in 0..text.lines() {
                let mut at = 0;
                for (range, _) in lines.pieces(&text, line) {
                    prop_assert_eq!(range.start, at);
                    at = range.end;
                }
                prop_assert_eq!(at, text.line(line).len());
            }
        }
    }
}

//! Inputs that were made from others: by bytes, tokens and blocks, and some that
//! mean harm from the start.

use crate::compose::{
    corpus,
    fuzz::{KEYS, hunt::Input, laughs},
};
use std::ops::Range;

/// Numbers that look random and come again with their seed (splitmix64).
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    /// Returns a number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn range(&mut self, end: usize, most: usize) -> Range<usize> {
        let start = self.below(end + 1);
        start..(start + self.below(most + 1)).min(end)
    }
}

/// Inputs to start from, and chance.
#[derive(Debug)]
pub struct Mutator {
    pool: Vec<Vec<Vec<u8>>>,
    random: Random,
}

/// No file of people is larger, and the time for one input is short.
const LARGEST: usize = 1 << 20;

/// What a token may become.
const TOKENS: &[&str] = &[
    "<<: ",
    "<<: *a",
    "&a ",
    "*a",
    "- ",
    "? ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "|",
    ">-",
    "#",
    "'",
    "\"",
    "!!int ",
    "!!binary ",
    "!!float ",
    "!x ",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "null",
    "~",
    "true",
    "no",
    "0",
    "-1",
    "0x7fffffffffffffff",
    "9223372036854775808",
    "1e999",
    "-.inf",
    ".nan",
    "0o17",
    "99999999999999999999999999999999",
    "2001-01-01",
    "12:30:45",
    "1_000",
    "${A",
    "${A:-",
    "${A:?",
    "${A:+",
    "$$",
    "$",
    "}",
    "10gb",
    "1e30kb",
    "-5m",
    "9999999h",
    "1h1m1s1ms",
    "65536",
    "1-65535",
    "8080-8090:80-90",
    "[::1]:80:80",
    "127.0.0.1::80/udp",
    "/",
    "..",
    "~/x",
    "C:\\x",
    "a@sha256:",
    "node.labels.a==b",
    "{{.Node.ID}}",
    "{{",
    "\t",
    "\r",
    "\r\n",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\u{0}",
    "é",
    "🐝",
    "x-",
    "services:\n",
    "version: '3'\n",
    "version: '2'\n",
    "external: true",
];

const BYTES: &[u8] = b"\x00\x09\x0a\x0d \"#$%&'*,-:<>?@[\\]`{|}~\x7f\x80\xc3\xe9\xff\xef\xbb\xbf";

impl Mutator {
    pub fn new(pool: Vec<Vec<Vec<u8>>>, random: Random) -> Self {
        Self { pool, random }
    }

    /// Keeps files that were received in a way that is new.
    pub fn learn(&mut self, files: Vec<Vec<u8>>) {
        if files.iter().map(Vec::len).sum::<usize>() < 1 << 14 {
            self.pool.push(files);
        }
    }

    pub fn input(&mut self) -> Input {
        let mut files = match self.random.below(200) {
            0 => vec![harm(&mut self.random)],
            _ => self.random.pick(&self.pool).clone(),
        };
        while files.len() < 3 && self.random.below(3) == 0 {
            let more = self.random.pick(&self.pool)[0].clone();
            files.push(more);
        }
        for _ in 0..=self.random.below(4) {
            let which = self.random.below(files.len());
            self.mutate(&mut files[which]);
        }
        let mut environment = corpus::environment();
        let value = (*self.random.pick(TOKENS)).to_owned();
        environment.insert((*self.random.pick(&["V", "W", "N", "A"])).to_owned(), value);
        let mut named = b"A=1\nB\n# c\nC = 2\nPASSWORD=hunter2\n".to_vec();
        self.mutate(&mut named);
        Input { files, environment, named }
    }

    fn mutate(&mut self, text: &mut Vec<u8>) {
        match self.random.below(3) {
            0 => bytes(text, &mut self.random),
            1 => tokens(text, &mut self.random),
            _ => {
                let other = self.random.pick(&self.pool)[0].clone();
                blocks(text, &other, &mut self.random);
            }
        }
        text.truncate(LARGEST);
    }
}

fn bytes(text: &mut Vec<u8>, random: &mut Random) {
    let range = random.range(text.len(), 24);
    match random.below(6) {
        0 => drop(text.splice(range, [])),
        1 => text.insert(range.start, *random.pick(BYTES)),
        2 => drop(text.splice(range, [*random.pick(BYTES)])),
        3 => text.truncate(range.start),
        4 => {
            let again = text[range.clone()].repeat(1 << random.below(12));
            drop(text.splice(range, again));
        }
        _ => {
            let with = if random.below(2) == 0 { "\r\n" } else { "\r" };
            *text = replaced(text, with.as_bytes());
            if random.below(2) == 0 {
                drop(text.splice(0..0, *b"\xef\xbb\xbf"));
            }
        }
    }
}

fn replaced(text: &[u8], line_end: &[u8]) -> Vec<u8> {
    text.split(|it| *it == b'\n').collect::<Vec<_>>().join(line_end)
}

/// A token is a run of letters and digits, or any other byte.
fn tokens(text: &mut Vec<u8>, random: &mut Random) {
    if text.is_empty() {
        return;
    }
    let at = random.below(text.len());
    let word = |it: &u8| it.is_ascii_alphanumeric() || *it == b'_';
    let start = text[..at].iter().rposition(|it| !word(it)).map_or(0, |it| it + 1);
    let end = text[at..].iter().position(|it| !word(it)).map_or(text.len(), |it| at + it);
    let range = start..end.max(at + 1);
    let new = match random.below(4) {
        0 => KEYS[random.below(KEYS.len())].as_bytes().to_vec(),
        1 => {
            let from = random.range(text.len(), 12);
            text[from].to_vec()
        }
        _ => random.pick(TOKENS).as_bytes().to_vec(),
    };
    let at = if random.below(2) == 0 { range } else { start..start };
    drop(text.splice(at, new));
}

/// A block is a line with all that is deeper than it.
fn blocks(text: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let lines: Vec<&[u8]> = text.split_inclusive(|it| *it == b'\n').collect();
    let others: Vec<&[u8]> = other.split_inclusive(|it| *it == b'\n').collect();
    if lines.is_empty() || others.is_empty() {
        return;
    }
    let (one, two) = (block(&lines, random), block(&lines, random));
    let mut new: Vec<Vec<u8>> = lines.iter().map(|it| it.to_vec()).collect();
    let depth = indent(lines[one.start]);
    match random.below(5) {
        0 => drop(new.drain(one)),
        1 => {
            let copy = new[two].to_vec();
            let copy = moved(&copy, depth);
            drop(new.splice(one.start..one.start, copy));
        }
        2 => {
            let theirs = &others[block(&others, random)];
            let theirs: Vec<Vec<u8>> = theirs.iter().map(|it| it.to_vec()).collect();
            drop(new.splice(one, moved(&theirs, depth)));
        }
        3 => {
            let copy = moved(&new[one.clone()], depth + 1 + random.below(4));
            drop(new.splice(one, copy));
        }
        _ => {
            // Everything twice: keys clash, lists are concatenated.
            let copy = new[one.clone()].to_vec();
            drop(new.splice(one.start..one.start, copy));
        }
    }
    *text = new.concat();
}

fn block(lines: &[&[u8]], random: &mut Random) -> Range<usize> {
    let start = random.below(lines.len());
    let depth = indent(lines[start]);
    let end = lines[start + 1..].iter().position(|it| indent(it) <= depth);
    start..end.map_or(lines.len(), |it| start + 1 + it)
}

fn indent(line: &[u8]) -> usize {
    line.iter().take_while(|it| **it == b' ').count()
}

/// Moves lines so that the first one has this indent.
fn moved(lines: &[Vec<u8>], depth: usize) -> Vec<Vec<u8>> {
    let first = lines.first().map_or(0, |it| indent(it));
    let line = |it: &Vec<u8>| {
        let own = indent(it);
        let depth = (depth + own).saturating_sub(first);
        [" ".repeat(depth).as_bytes(), &it[own..]].concat()
    };
    lines.iter().map(line).collect()
}

/// Files that want time or memory.
fn harm(random: &mut Random) -> Vec<u8> {
    let count = 1 << random.below(13);
    let many = |row: &dyn Fn(usize) -> String| (0..count).map(row).collect::<String>();
    let service = |rest: String| format!("services:\n  a:\n    image: x\n{rest}");
    match random.below(11) {
        0 => laughs(),
        1 => {
            let (open, close) = random.pick(&[("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")]);
            format!("x-a: {}x{}", open.repeat(count * 4), close.repeat(count * 4))
        }
        2 => format!("x-a0: &a0 {{a: 1}}\n{}", many(&merged)),
        3 => many(&|it| format!("x-{it}: &a{it} {{<<: [{}]}}\n", "*a0, ".repeat(it % 64))),
        4 => service(format!("    command: \"{}\"\n", "${A:-".repeat(count))),
        5 => service(format!("    command: {}\n", "x${V}".repeat(count))),
        6 => service(format!(
            "    ports:\n{}",
            many(&|it| format!("      - \"{it}-65535:{it}-65535\"\n"))
        )),
        7 => format!(
            "services:\n{}",
            many(&|it| format!("  s{it}: {{image: x, depends_on: [s{}]}}\n", it + 1))
        ),
        8 => service(format!("    environment:\n{}", many(&|it| format!("      K{it}: $V\n")))),
        9 => service(format!("    healthcheck: {{interval: {}h}}\n", "9".repeat(count))),
        _ => many(&|it| format!("{}k{it}:\n", " ".repeat(it % 2_000))),
    }
    .into_bytes()
}

/// Each takes the one before in twice.
fn merged(it: usize) -> String {
    format!("x-a{}: &a{} {{k{it}: *a{it}, <<: [*a{it}, *a{it}]}}\n", it + 1, it + 1)
}

//! Env files of services (`env_file`): one `KEY=value` per line, taken literally.

use crate::domain::compose::{
    codes,
    finding::{Finding, Findings},
    place::Place,
};
use std::str;

/// Docker's reader gives up at lines of this many bytes.
const LINE: usize = 64 * 1024;

/// A line of the file; `None` where it has a name only.
pub type Line = (String, Option<String>, Place);

/// Reads all lines that set something; the others are reported or blank.
pub fn parse(file: usize, name: &str, bytes: &[u8], findings: &mut Findings) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (index, line) in bytes.split(|it| *it == b'\n').enumerate() {
        let place = place(file, index + 1, start, line);
        start += line.len() + 1;
        let mut wrong = |why: String| {
            findings.say(&codes::VALUE, place, format!("invalid env file ({name}): {why}"));
        };
        if line.len() >= LINE {
            wrong(format!("line {} is longer than 64 KiB", index + 1));
            continue;
        }
        let Ok(text) = str::from_utf8(line) else {
            wrong(format!("line {} is not UTF-8", index + 1));
            continue;
        };
        match read(text, index == 0) {
            Ok(Some((key, value))) => lines.push((key.to_owned(), value.map(str::to_owned), place)),
            Ok(None) => {}
            Err(wrong) => {
                let why = format!("invalid env file ({name}): {}", wrong.why);
                let finding = Finding::new(&codes::VALUE, place, why);
                findings.push(match wrong.instead {
                    Some((part, text, hint)) => {
                        let start = place.end - part.0.min(place.end - place.start);
                        let end = place.end - part.1.min(place.end - place.start);
                        finding.fix(Place { start, end, ..place }, text).hint(hint)
                    }
                    None => finding,
                });
            }
        }
    }
    lines
}

/// Returns where a line stands that begins at this byte, without the blanks around it.
fn place(file: usize, number: usize, start: usize, line: &[u8]) -> Place {
    let is_blank = |it: &&u8| it.is_ascii_whitespace();
    let front = line.iter().take_while(is_blank).count();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let end = start + line.len();
    let front = front.min(line.len());
    Place { file, line: number, column: front + 1, start: start + front, end }
}

/// Why a line says nothing, and what to write.
struct Wrong {
    why: String,
    /// How far before the end of the line a part of it begins and ends, what to write for
    /// it, and that in words.
    instead: Option<((usize, usize), &'static str, &'static str)>,
}

/// Returns what to write for a name that is none.
fn mended(line: &str, key: &str) -> Option<((usize, usize), &'static str, &'static str)> {
    let is_name = |it: &str| !it.is_empty() && !it.contains([' ', '\t']);
    for front in ["export", "set"] {
        let Some(rest) = key.strip_prefix(front).filter(|it| it.starts_with([' ', '\t'])) else {
            continue;
        };
        let blanks = rest.len() - rest.trim_start().len();
        let hint = if front == "set" { "remove `set`" } else { "remove `export`" };
        if is_name(rest.trim_start()) {
            return Some(((line.len(), line.len() - front.len() - blanks), "", hint));
        }
    }
    if is_name(key.trim_end()) && line.len() > key.len() {
        let (end, bare) = (line.len() - key.len(), key.trim_end());
        return Some(((line.len() - bare.len(), end), "", "remove the space before `=`"));
    }
    let (name, _) = line.split_once(": ").filter(|it| is_name(it.0) && !line.contains('='))?;
    let from = line.len() - name.len();
    Some(((from, from - 2), "=", "replace `: ` with `=`"))
}

fn read(line: &str, first: bool) -> Result<Option<(&str, Option<&str>)>, Wrong> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let line = line.strip_prefix('\u{feff}').filter(|_| first).unwrap_or(line);
    let line = line.trim_start();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (key, value) = match line.split_once('=') {
        Some((key, value)) => (key, Some(value)),
        None => (line, None),
    };
    if key.is_empty() {
        let why = "a line has no variable name in front of `=`".to_owned();
        return Err(Wrong { why, instead: None });
    }
    if key.contains([' ', '\t']) {
        let why = format!("variable '{key}' contains whitespaces");
        return Err(Wrong { why, instead: mended(line, key) });
    }
    Ok(Some((key, value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compose::edit;

    fn check(text: &[u8], expected: &[(&str, Option<&str>)], problems: usize) {
        let mut findings = Findings::default();
        let lines = parse(0, "x.env", text, &mut findings);
        let lines: Vec<_> = lines.iter().map(|it| (it.0.as_str(), it.1.as_deref())).collect();
        assert_eq!(lines, expected);
        assert_eq!(findings.sorted().len(), problems);
    }

    #[test]
    fn lines_are_taken_as_they_stand() {
        check(
            b"\xef\xbb\xbfA=1\r\n# c\n\n  B=' x # y \nC\nD=$A\n",
            &[("A", Some("1")), ("B", Some("' x # y ")), ("C", None), ("D", Some("$A"))],
            0,
        );
    }

    #[test]
    fn names_that_are_none_are_mended_to_the_byte() {
        for (text, expected) in [
            ("export A=1", Some("A=1")),
            ("  export\tA=1 x\r\nB=2\n", Some("  A=1 x\r\nB=2\n")),
            ("X=1\nset A=1\n", Some("X=1\nA=1\n")),
            ("A =1\n", Some("A=1\n")),
            ("A \t= 1\n", Some("A= 1\n")),
            ("A: x=y\n", None),
            ("A: x\n", Some("A=x\n")),
            ("export A B=1\n", None),
            ("A B=1\n", None),
            ("=x\n", None),
        ] {
            let mut findings = Findings::default();
            parse(0, "x.env", text.as_bytes(), &mut findings);
            let found = findings.sorted();
            let fix = found[0].fix.as_ref();
            let mended = fix.map(|it| edit::apply(text, it).unwrap());
            assert_eq!(mended.as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn every_bad_line_is_reported() {
        check(b"=x\nB =1\nC=1\n\xff=1\n", &[("C", Some("1"))], 3);
        check("x".repeat(LINE).as_bytes(), &[], 1);
    }
}

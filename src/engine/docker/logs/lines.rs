//! Log lines: decodes messages of a log stream into lines with their origin.
//!
//! With `timestamps` and `details` asked for, a message reads
//! `TIME key=value,key=value TEXT`; swarm adds the ids of node, service and
//! task to the details.

use crate::{
    domain::{
        logs::{LogLine, Stream},
        swarm::names::{NodeId, ServiceId, TaskId},
    },
    engine::{
        EngineError,
        docker::{
            logs::frames::{Frame, Frames, OutOfStep},
            refusal::excerpt,
        },
    },
};
use jiff::{Timestamp, fmt::temporal::DateTimeParser};
use std::{
    collections::{HashMap, VecDeque},
    mem,
};

/// Docker logs longer lines in pieces of this size.
const PIECE: usize = 16 << 10;

/// Pieces are put together up to this size.
const LONGEST: usize = 1 << 20;

/// Stands at the end of a line that is longer; what follows comes as the next line.
const CUT: &str = " … [skep: cut after 1 MiB, the line goes on]";

/// Long lines of so many containers are put together at once, and so many bytes of them.
const UNFINISHED: usize = 64;
const HELD: usize = 2 << 20;

/// Stands at the end of a line where there are more.
const CROWDED: &str = " … [skep: cut, too many long lines at once; the line goes on]";

/// So many origins are known at once: a stream of more is made up.
const ORIGINS: usize = 4096;

/// `2006-01-02T15:04:05.000000000Z`
const TIME_WIDTH: usize = 30;

/// Reads a log stream: chunks in, lines out.
#[derive(Debug)]
pub struct Lines {
    /// What is read, as `logs of service web`.
    what: String,
    frames: Frames,
    out: VecDeque<Result<LogLine, EngineError>>,
    reader: Reader,
}

impl Lines {
    pub fn of(what: String) -> Self {
        let reader = Reader::default();
        Self { what, frames: Frames::default(), out: VecDeque::new(), reader }
    }

    /// Returns the next line that is complete.
    pub fn next(&mut self) -> Option<Result<LogLine, EngineError>> {
        self.out.pop_front()
    }

    /// Takes the next chunk. After an error, which is among the lines, nothing
    /// more can be read.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), OutOfStep> {
        let Self { what, frames, out, reader } = self;
        let fed = frames.feed(chunk, |frame| out.extend(reader.read(frame, what)));
        fed.inspect_err(|_| self.fail("the stream is out of step"))
    }

    /// Gives out what is left at the end of the stream.
    pub fn finish(&mut self) {
        let Self { what, frames, out, reader } = self;
        let finished = frames.finish(|frame| out.extend(reader.read(frame, what)));
        out.extend(reader.rest().map(Ok));
        if finished.is_err() {
            self.fail("the stream was cut off");
        }
    }

    /// Says why nothing more will come, after all that has.
    pub fn break_off(&mut self, err: EngineError) {
        self.out.extend(self.reader.rest().map(Ok));
        self.out.push_back(Err(err));
    }

    fn fail(&mut self, why: &str) {
        self.out.push_back(Err(failed(&self.what, why.to_owned())));
    }
}

/// What has to be known to read a message.
#[derive(Debug, Default)]
struct Reader {
    /// By details, as the engine writes them.
    origins: HashMap<Box<[u8]>, Origin>,
    /// Long lines whose end has not come yet.
    unfinished: Vec<Unfinished>,
    last: Timestamp,
}

#[derive(Debug, Clone, Default)]
struct Origin {
    task: Option<TaskId>,
    node: Option<NodeId>,
    service: Option<ServiceId>,
}

#[derive(Debug)]
struct Unfinished {
    details: Box<[u8]>,
    /// Without its text.
    line: LogLine,
    /// Pieces end anywhere, also within a letter.
    text: Vec<u8>,
}

impl Reader {
    /// Reads a message; `None` where its line goes on.
    fn read(&mut self, frame: Frame<'_>, what: &str) -> Option<Result<LogLine, EngineError>> {
        let (stream, message) = match frame {
            Frame::Output(stream, message) => (stream, message),
            Frame::Trouble(said) => return Some(Err(trouble(what, said))),
        };
        let (at, details, text) = self.dissect(message);
        let (text, complete) = match text.strip_suffix(b"\n") {
            Some(text) => (text.strip_suffix(b"\r").unwrap_or(text), true),
            None => (text, false),
        };
        let rejoined = (text.len() > PIECE).then(|| without_seams(text, details));
        let text = rejoined.as_deref().unwrap_or(text);
        if complete && self.unfinished.is_empty() {
            return Some(Ok(self.line(at, stream, details, text)));
        }
        self.piece(at, stream, details, text, complete).map(Ok)
    }

    /// Splits into time, details and text. A driver that gives no time gets
    /// that of the line before.
    fn dissect<'a>(&mut self, message: &'a [u8]) -> (Timestamp, &'a [u8], &'a [u8]) {
        let time = word(message).and_then(|(word, rest)| Some((time(word)?, rest)));
        let Some((at, rest)) = time else { return (self.last, &[], message) };
        self.last = at;
        let (details, text) = word(rest).unwrap_or((&[], rest));
        (at, details, text)
    }

    fn line(&mut self, at: Timestamp, stream: Stream, details: &[u8], text: &[u8]) -> LogLine {
        let Origin { task, node, service } = self.origin(details);
        LogLine { at, stream, task, node, service, text: String::from_utf8_lossy(text).into() }
    }

    /// Gives out what waits for its end.
    fn rest(&mut self) -> impl Iterator<Item = LogLine> + '_ {
        self.unfinished.drain(..).map(Unfinished::end)
    }

    /// Adds a piece to its line and returns the line once it is whole.
    fn piece(
        &mut self,
        at: Timestamp,
        stream: Stream,
        details: &[u8],
        text: &[u8],
        complete: bool,
    ) -> Option<LogLine> {
        let begun = self
            .unfinished
            .iter()
            .position(|it| it.line.stream == stream && *it.details == *details);
        let Some(at_work) = begun else {
            if complete {
                return Some(self.line(at, stream, details, text));
            }
            let line = self.line(at, stream, details, &[]);
            self.unfinished.push(Unfinished { details: details.into(), line, text: text.to_vec() });
            return self.make_room();
        };
        let begun = &mut self.unfinished[at_work];
        begun.text.extend_from_slice(text);
        if complete {
            return Some(self.unfinished.swap_remove(at_work).end());
        }
        if begun.text.len() > LONGEST { Some(self.cut(at_work, CUT)) } else { self.make_room() }
    }

    /// Gives out the oldest line where there are too many, or too much of them.
    fn make_room(&mut self) -> Option<LogLine> {
        let held: usize = self.unfinished.iter().map(|it| it.text.len()).sum();
        (self.unfinished.len() > UNFINISHED || held > HELD).then(|| self.cut(0, CROWDED))
    }

    /// Gives out what there is of a line; the bytes of half a letter go on with the rest.
    fn cut(&mut self, which: usize, why: &str) -> LogLine {
        let mut begun = self.unfinished.remove(which);
        let rest = begun.text.split_off(whole_letters(&begun.text));
        if !rest.is_empty() {
            let (details, line) = (begun.details.clone(), begun.line.clone());
            self.unfinished.push(Unfinished { details, line, text: rest });
        }
        let mut line = begun.end();
        line.text.push_str(why);
        line
    }

    fn origin(&mut self, details: &[u8]) -> Origin {
        if let Some(known) = self.origins.get(details) {
            return known.clone();
        }
        let origin = Origin::read(details);
        if self.origins.len() >= ORIGINS {
            self.origins.clear();
        }
        self.origins.insert(details.into(), origin.clone());
        origin
    }
}

impl Unfinished {
    fn end(self) -> LogLine {
        LogLine { text: String::from_utf8_lossy(&self.text).into(), ..self.line }
    }
}

/// Returns how many bytes there are before half a letter at the end.
fn whole_letters(text: &[u8]) -> usize {
    let tail = text.len().saturating_sub(3);
    let begins = |it: &u8| *it >= 0xc0;
    match text[tail..].iter().rposition(begins).map(|it| tail + it) {
        Some(at) if std::str::from_utf8(&text[at..]).is_err_and(|it| it.error_len().is_none()) => {
            at
        }
        _ => text.len(),
    }
}

impl Origin {
    fn read(details: &[u8]) -> Self {
        let mut origin = Self::default();
        for pair in String::from_utf8_lossy(details).split(',') {
            match pair.split_once('=') {
                Some(("com.docker.swarm.task.id", id)) => origin.task = Some(id.into()),
                Some(("com.docker.swarm.node.id", id)) => origin.node = Some(id.into()),
                Some(("com.docker.swarm.service.id", id)) => origin.service = Some(id.into()),
                _ => {}
            }
        }
        origin
    }
}

/// Splits off the first word and the space after it.
fn word(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|it| *it == b' ')?;
    Some((&bytes[..end], &bytes[end + 1..]))
}

fn time(word: &[u8]) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(word).ok().map(|it| it.max(Timestamp::UNIX_EPOCH))
}

/// A long line of a terminal arrives as one, with time and details again in
/// front of each piece.
fn without_seams(text: &[u8], details: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = seam(rest, details) {
        whole.extend_from_slice(&rest[..at]);
        rest = &rest[at + TIME_WIDTH + details.len() + 2..];
    }
    whole.extend_from_slice(mem::take(&mut rest));
    whole
}

fn seam(text: &[u8], details: &[u8]) -> Option<usize> {
    let spaced = [b" ", details, b" "].concat();
    let found = text.windows(spaced.len()).enumerate().filter(|(_, it)| *it == spaced);
    let starts = found.filter_map(|(at, _)| at.checked_sub(TIME_WIDTH));
    starts.into_iter().find(|start| time(&text[*start..start + TIME_WIDTH]).is_some())
}

fn trouble(what: &str, said: &[u8]) -> EngineError {
    let said = excerpt(said);
    let why = said.strip_prefix("Error grabbing logs: ").unwrap_or(&said);
    let why = match why.split_once(" desc = ") {
        Some((code, rest)) if code.starts_with("rpc error: code = ") => rest,
        _ => why,
    };
    failed(what, why.to_owned())
}

fn failed(what: &str, why: String) -> EngineError {
    EngineError::Failed { what: what.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIME: &str = "2024-05-06T07:08:09.000000001Z";
    const DETAILS: &str =
        "com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id=t1";

    fn frame(kind: u8, message: &str) -> Vec<u8> {
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[kind, 0, 0, 0], &length[..], message.as_bytes()].concat()
    }

    fn read(bytes: &[u8]) -> Vec<Result<LogLine, EngineError>> {
        let mut lines = Lines::of("logs of service web".to_owned());
        if lines.feed(bytes).is_ok() {
            lines.finish();
        }
        std::iter::from_fn(|| lines.next()).collect()
    }

    fn check(bytes: &[u8], expected: &[&str]) {
        let shown = read(bytes).into_iter().map(|it| match it {
            Ok(line) => {
                let task = line.task.as_ref().map_or("?", TaskId::as_str);
                format!("{task} {:?} {}", line.stream, line.text)
            }
            Err(err) => err.to_string(),
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_line_knows_time_stream_and_origin() {
        let read = read(&frame(2, &format!("{TIME} {DETAILS} hello  world\n")));
        let expected = LogLine {
            at: TIME.parse().unwrap(),
            stream: Stream::Stderr,
            task: Some("t1".into()),
            node: Some("n1".into()),
            service: Some("s1".into()),
            text: "hello  world".to_owned(),
        };
        assert_eq!(read, [Ok(expected)]);
    }

    #[test]
    fn lines_of_terminals_are_read_alike() {
        let bytes = format!("{TIME} {DETAILS} a\r\n{TIME} {DETAILS} \r\n{TIME} {DETAILS} end");
        check(bytes.as_bytes(), &["t1 Stdout a", "t1 Stdout ", "t1 Stdout end"]);
    }

    #[test]
    fn details_of_log_options_and_none_at_all_do_no_harm() {
        let labelled = frame(1, &format!("{TIME} a=b+c,{DETAILS},z=com.docker=x text\n"));
        let bare = frame(1, &format!("{TIME}  text\n"));
        let timeless = frame(1, "no time here\n");
        check(
            &[labelled, bare, timeless].concat(),
            &["t1 Stdout text", "? Stdout text", "? Stdout no time here"],
        );
    }

    #[test]
    fn pieces_of_long_lines_find_each_other_among_others() {
        let other = DETAILS.replace("t1", "t2");
        let bytes = [
            frame(1, &format!("{TIME} {DETAILS} one-")),
            frame(1, &format!("{TIME} {other} eins-")),
            frame(2, &format!("{TIME} {DETAILS} aside\n")),
            frame(1, &format!("{TIME} {DETAILS} two-")),
            frame(1, &format!("{TIME} {other} zwei\n")),
            frame(1, &format!("{TIME} {DETAILS} three\n")),
            frame(1, &format!("{TIME} {DETAILS} four")),
        ];
        check(
            &bytes.concat(),
            &[
                "t1 Stderr aside",
                "t2 Stdout eins-zwei",
                "t1 Stdout one-two-three",
                "t1 Stdout four",
            ],
        );
    }

    #[test]
    fn long_lines_of_terminals_lose_their_seams() {
        let (a, b) = ("a".repeat(PIECE), "b".repeat(PIECE));
        let bytes = format!("{TIME} {DETAILS} {a}{TIME} {DETAILS} {b}{TIME} {DETAILS} c\r\n");
        check(bytes.as_bytes(), &[&format!("t1 Stdout {a}{b}c")]);
    }

    #[test]
    fn a_line_without_an_end_comes_in_cuts_that_say_so() {
        let piece = frame(1, &format!("{TIME} {DETAILS} {}", "x".repeat(PIECE)));
        let mut lines = Lines::of("logs of service web".to_owned());
        let (mut held, mut told) = (0, Vec::new());
        for _ in 0..3 * LONGEST / PIECE {
            lines.feed(&piece).unwrap();
            told.extend(std::iter::from_fn(|| lines.next()).map(Result::unwrap));
            held = held.max(lines.reader.unfinished.iter().map(|it| it.text.len()).sum());
        }
        assert!(held <= LONGEST + PIECE, "{held} bytes were held");
        assert_eq!(told.len(), 2);
        assert!(told.iter().all(|it| it.text.ends_with(CUT)));
        assert!(told.iter().all(|it| it.text.len() <= LONGEST + PIECE + CUT.len()));
    }

    #[test]
    fn a_letter_across_a_seam_is_whole() {
        let text = "aé日😀".repeat(3);
        for at in 1..text.len() {
            let (first, second) = text.as_bytes().split_at(at);
            let begun = [format!("{TIME} {DETAILS} ").as_bytes(), first].concat();
            let ended = [format!("{TIME} {DETAILS} ").as_bytes(), second, b"\n"].concat();
            let bytes = [begun, ended].map(|it| {
                let length = u32::try_from(it.len()).unwrap().to_be_bytes();
                [&[1, 0, 0, 0], &length[..], &it].concat()
            });
            check(&bytes.concat(), &[&format!("t1 Stdout {text}")]);
        }
    }

    #[test]
    fn a_letter_across_a_cut_is_whole() {
        let mut lines = Lines::of("logs of service web".to_owned());
        let piece = |text: &[u8]| {
            let message = [format!("{TIME} {DETAILS} ").as_bytes(), text].concat();
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            [&[1, 0, 0, 0], &length[..], &message].concat()
        };
        let letters = "é".repeat(LONGEST / 2 + PIECE);
        for part in letters.as_bytes().chunks(PIECE - 1) {
            lines.feed(&piece(part)).unwrap();
        }
        lines.finish();
        let told: Vec<String> =
            std::iter::from_fn(|| lines.next()).map(|it| it.unwrap().text).collect();
        assert_eq!(told.concat().replace(CUT, ""), letters);
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn lines_without_ends_of_many_containers_take_no_more_room_than_there_is() {
        let mut lines = Lines::of("logs of service web".to_owned());
        let (mut held, mut told) = (0, 0);
        for round in 0..4 * HELD / PIECE {
            let of = DETAILS.replace("t1", &format!("t{}", round % 8));
            lines.feed(&frame(1, &format!("{TIME} {of} {}", "x".repeat(PIECE)))).unwrap();
            told += std::iter::from_fn(|| lines.next()).count();
            held = held.max(lines.reader.unfinished.iter().map(|it| it.text.len()).sum());
        }
        assert!(held <= HELD + PIECE && told > 0, "{held} bytes were held");
    }

    #[test]
    fn trouble_of_the_engine_is_an_error_and_the_stream_goes_on() {
        let bytes = [
            frame(
                3,
                "Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream. some logs could not be retrieved for the following reasons: node n2 is not available\n",
            ),
            frame(1, &format!("{TIME} {DETAILS} on\n")),
        ];
        check(
            &bytes.concat(),
            &[
                "the engine failed: logs of service web: warning: incomplete log stream. some logs could not be retrieved for the following reasons: node n2 is not available",
                "t1 Stdout on",
            ],
        );
    }

    #[test]
    fn a_stream_out_of_step_ends_with_an_error() {
        let bytes = [frame(1, &format!("{TIME} {DETAILS} on\n")), vec![7; 20]].concat();
        check(
            &bytes,
            &["t1 Stdout on", "the engine failed: logs of service web: the stream is out of step"],
        );
        let bytes = frame(1, &format!("{TIME} {DETAILS} on\n"));
        check(&bytes[..20], &["the engine failed: logs of service web: the stream was cut off"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        let mut bytes = frame(1, &format!("{TIME} {DETAILS} a?b\n"));
        let at = bytes.len() - 3;
        bytes[at] = 0xff;
        check(&bytes, &["t1 Stdout a\u{fffd}b"]);
    }
}

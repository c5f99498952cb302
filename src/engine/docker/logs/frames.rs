//! The framing of log streams: eight bytes in front of each message, none at
//! all where a terminal is attached.

use crate::domain::logs::Stream;

/// More than any engine puts into one message: containers' lines come in pieces of
/// 16 KiB, and swarm's own limit is 4 MiB.
const LONGEST_FRAME: usize = 5 << 20;

/// A line of a terminal that is not complete by then is cut.
const LONGEST_LINE: usize = 1 << 20;

/// One message of a log stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    Output(Stream, &'a [u8]),
    /// The engine's own words about what it could not read.
    Trouble(&'a [u8]),
}

/// Splits bytes into messages, however they are cut into chunks.
#[derive(Debug, Default)]
pub struct Frames {
    rest: Vec<u8>,
    framed: Option<bool>,
}

/// The bytes are no log stream (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfStep;

impl Frames {
    /// Takes the next chunk and hands out what is complete.
    pub fn feed(&mut self, chunk: &[u8], mut each: impl FnMut(Frame<'_>)) -> Result<(), OutOfStep> {
        let Some(first) = self.rest.first().or(chunk.first()) else { return Ok(()) };
        // Lines start with their timestamp, so the first byte tells: engines
        // before API 1.42 send no other sign.
        let framed = *self.framed.get_or_insert(*first <= 3);
        let split = if framed { split_frames } else { split_lines };
        if self.rest.is_empty() {
            let used = split(chunk, &mut each)?;
            self.rest.extend_from_slice(&chunk[used..]);
        } else {
            self.rest.extend_from_slice(chunk);
            let used = split(&self.rest, &mut each)?;
            self.rest.drain(..used);
        }
        Ok(())
    }

    /// Hands out an unfinished last line of a terminal; a frame that was cut
    /// off is an error.
    pub fn finish(&mut self, mut each: impl FnMut(Frame<'_>)) -> Result<(), OutOfStep> {
        match (self.rest.is_empty(), self.framed) {
            (true, _) => {}
            (false, Some(true)) => return Err(OutOfStep),
            (false, _) => each(raw(&self.rest)),
        }
        self.rest.clear();
        Ok(())
    }
}

/// Returns how many bytes were used up.
fn split_frames(bytes: &[u8], each: &mut impl FnMut(Frame<'_>)) -> Result<usize, OutOfStep> {
    let mut used = 0;
    while let Some((header, rest)) = bytes[used..].split_first_chunk::<8>() {
        let [kind, 0, 0, 0, length @ ..] = *header else { return Err(OutOfStep) };
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| OutOfStep)?;
        if length > LONGEST_FRAME {
            return Err(OutOfStep);
        }
        let Some(payload) = rest.get(..length) else { break };
        each(match kind {
            0 | 1 => Frame::Output(Stream::Stdout, payload),
            2 => Frame::Output(Stream::Stderr, payload),
            3 => Frame::Trouble(payload),
            _ => return Err(OutOfStep),
        });
        used += 8 + length;
    }
    Ok(used)
}

/// Returns how many bytes were used up. Never fails; shaped as its sister.
#[expect(clippy::unnecessary_wraps, reason = "one of two ways to split")]
fn split_lines(bytes: &[u8], each: &mut impl FnMut(Frame<'_>)) -> Result<usize, OutOfStep> {
    let mut used = 0;
    while let Some(end) = bytes[used..].iter().position(|it| *it == b'\n') {
        each(raw(&bytes[used..=used + end]));
        used += end + 1;
    }
    if bytes.len() - used > LONGEST_LINE {
        each(raw(&bytes[used..]));
        used = bytes.len();
    }
    Ok(used)
}

/// A terminal has one output; the engine writes its troubles in between.
fn raw(line: &[u8]) -> Frame<'_> {
    if line.starts_with(b"Error grabbing logs: ") {
        return Frame::Trouble(line);
    }
    Frame::Output(Stream::Stdout, line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap().to_be_bytes();
        [&[kind, 0, 0, 0], &length[..], text.as_bytes()].concat()
    }

    /// Feeds `bytes` in chunks of `size` and writes down what comes out.
    fn split(bytes: &[u8], size: usize) -> Result<Vec<String>, OutOfStep> {
        let mut out = Vec::new();
        let mut frames = Frames::default();
        let mut note = |frame: Frame<'_>| {
            let (sign, text) = match frame {
                Frame::Output(Stream::Stdout, text) => ("out", text),
                Frame::Output(Stream::Stderr, text) => ("err", text),
                Frame::Trouble(text) => ("sys", text),
            };
            out.push(format!("{sign} {:?}", String::from_utf8_lossy(text)));
        };
        for chunk in bytes.chunks(size) {
            frames.feed(chunk, &mut note)?;
        }
        frames.finish(&mut note)?;
        Ok(out)
    }

    #[test]
    fn frames_come_out_whole_however_they_are_cut() {
        let bytes =
            [frame(1, "one\n"), frame(2, ""), frame(2, "two\n"), frame(3, "oh"), frame(0, "x")];
        let bytes = bytes.concat();
        for size in 1..=bytes.len() {
            let expected =
                ["out \"one\\n\"", "err \"\"", "err \"two\\n\"", "sys \"oh\"", "out \"x\""];
            assert_eq!(split(&bytes, size).unwrap(), expected, "in chunks of {size}");
        }
    }

    #[test]
    fn terminals_send_lines_however_they_are_cut() {
        let bytes = b"2024 a\r\n2025 b\r\nError grabbing logs: x\n2026 c";
        for size in 1..=bytes.len() {
            let expected = [
                "out \"2024 a\\r\\n\"",
                "out \"2025 b\\r\\n\"",
                "sys \"Error grabbing logs: x\\n\"",
                "out \"2026 c\"",
            ];
            assert_eq!(split(bytes, size).unwrap(), expected, "in chunks of {size}");
        }
    }

    #[test]
    fn a_terminal_that_never_ends_its_line_is_cut() {
        let bytes = vec![b'x'; LONGEST_LINE + 5000];
        assert_eq!(split(&bytes, 4096).unwrap().len(), 2);
    }

    #[test]
    fn bytes_that_are_no_frames_are_refused() {
        let check = |bytes: &[u8]| assert_eq!(split(bytes, 3), Err(OutOfStep), "{bytes:?}");
        check(&[1, 0, 0, 1, 0, 0, 0, 0]);
        check(&[1, 0, 0, 0, 255, 0, 0, 0]);
        check(&[&frame(1, "x")[..], &[9, 0, 0, 0, 0, 0, 0, 0]].concat());
        check(&frame(1, "cut off")[..10]);
    }
}

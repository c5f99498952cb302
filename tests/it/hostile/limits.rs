//! Answers without an end, through the real binary: they are given up, in one line that
//! names the limit, before memory or time is gone.

use crate::executable;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A piece of what never ends.
const PIECE: usize = 1 << 20;

/// Says this after its greeting, again and again, until nobody listens.
#[derive(Debug, Clone)]
struct Endless {
    head: &'static str,
    piece: Vec<u8>,
    /// How long it rests after a piece.
    rest: Duration,
}

impl Endless {
    fn new(head: &'static str, piece: impl Into<Vec<u8>>) -> Self {
        Self { head, piece: piece.into(), rest: Duration::ZERO }
    }

    fn speak(&self, stream: &mut UnixStream) -> std::io::Result<()> {
        stream.write_all(self.head.as_bytes())?;
        loop {
            stream.write_all(&self.piece)?;
            thread::sleep(self.rest);
        }
    }
}

/// An engine that pings as others do and answers `path` without an end.
fn engine(path: &'static str, endless: Endless) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let socket = folder.path().join("sock");
    let listener = UnixListener::bind(&socket).unwrap();
    // It ends with the process of the test.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let endless = endless.clone();
            // Whoever hangs up has heard enough.
            thread::spawn(move || serve(stream, path, &endless).is_ok());
        }
    });
    (folder, socket)
}

fn serve(mut stream: UnixStream, path: &str, endless: &Endless) -> std::io::Result<()> {
    let mut requests = BufReader::new(stream.try_clone()?);
    loop {
        let mut line = String::new();
        if requests.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut header = String::from("x");
        while !header.trim().is_empty() {
            header.clear();
            requests.read_line(&mut header)?;
        }
        if line.contains(path) {
            return endless.speak(&mut stream);
        }
        let ping = line.contains("/_ping");
        let (headers, body) = if ping { ("Api-Version: 1.41\r\n", "OK") } else { ("", "[]") };
        let length = body.len();
        write!(stream, "HTTP/1.1 200 x\r\n{headers}Content-Length: {length}\r\n\r\n{body}")?;
    }
}

/// Waits for the end of a process; returns the memory that it had at most, in MiB.
fn ends(child: &mut Child, within: Duration) -> u64 {
    let (start, mut most) = (Instant::now(), 0);
    while child.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < within, "not within {within:?}");
        let status = fs::read_to_string(format!("/proc/{}/status", child.id()));
        let status = status.unwrap_or_default();
        let peak = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|it| it.trim().trim_end_matches(" kB").parse::<u64>().ok());
        most = most.max(peak.unwrap_or(0) >> 10);
        thread::sleep(Duration::from_millis(5));
    }
    most
}

fn skep(home: &Path, host: &str, line: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_skep"))
        .args(line.split_whitespace())
        .env_clear()
        .env("HOME", home)
        .env("PATH", format!("{}:/usr/bin:/bin", home.display()))
        .env("DOCKER_HOST", host)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs a command against an answer without an end.
fn check(line: &str, path: &'static str, endless: Endless, megabytes: u64, expected: &str) {
    let (folder, socket) = engine(path, endless);
    check_at(folder.path(), &format!("unix://{}", socket.display()), line, megabytes, expected);
}

fn check_at(home: &Path, host: &str, line: &str, megabytes: u64, expected: &str) {
    let mut child = skep(home, host, line);
    let most = ends(&mut child, Duration::from_secs(90));
    let (mut said, mut out) = (String::new(), String::new());
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{line}: {said}{out}");
    assert!(said.contains(expected), "{line}: {said}");
    let errors = said.lines().filter(|it| !it.starts_with("hint: ")).count();
    assert!(errors == 1 && said.len() < 2000, "{line}: {said}");
    assert!(most < megabytes, "{line}: {most} MiB for {expected}");
    println!("{line}: {most} MiB, {}", said.lines().next().unwrap_or_default());
}

const OK: &str = "HTTP/1.1 200 OK\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const PATIENT: &str = "--timeout 60s nodes";

fn chunk(text: Vec<u8>) -> Vec<u8> {
    [format!("{:x}\r\n", text.len()).into_bytes(), text, b"\r\n".to_vec()].concat()
}

#[test]
fn chunks_without_end_are_given_up_at_the_limit_of_a_list() {
    let endless = Endless::new(CHUNKED, chunk(vec![b' '; PIECE]));
    let limit = "its answer is longer than 64 MiB, which is as much as skep reads";
    check(PATIENT, "/nodes", endless, 250, limit);
}

#[test]
fn an_answer_that_announces_more_than_anybody_reads_is_given_up() {
    let endless =
        Endless::new("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", vec![b'['; PIECE]);
    let limit = "its answer is longer than 64 MiB, which is as much as skep reads";
    check(PATIENT, "/nodes", endless, 250, limit);
}

#[test]
fn a_reason_without_end_is_read_as_far_as_anybody_reads() {
    let head = "HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let endless = Endless::new(head, chunk(vec![b'x'; PIECE]));
    check(PATIENT, "/nodes", endless, 100, "the engine failed: GET /nodes: xxx");
}

#[test]
fn headers_without_end_are_given_up() {
    let limit = "its answer has more headers than skep reads: 100, or 64 KiB";
    let many = Endless::new(OK, b"X-A: b\r\n".repeat(1000));
    check(PATIENT, "/nodes", many, 100, limit);
    let long = Endless::new("HTTP/1.1 200 OK\r\nX-A: ", vec![b'x'; PIECE]);
    check(PATIENT, "/nodes", long, 100, limit);
    check(PATIENT, "/_ping", Endless::new(OK, b"X-A: b\r\n".repeat(1000)), 100, limit);
}

#[test]
fn bytes_that_come_one_by_one_end_with_the_time_limit() {
    let limit = "did not answer GET /nodes within 1s";
    let rest = Duration::from_millis(20);
    for (head, piece) in [
        (CHUNKED, "1\r\n \r\n"),
        (OK, "X"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", " "),
        ("", "HTTP/1.1 100 Continue\r\n\r\n"),
    ] {
        let slow = Endless { rest, ..Endless::new(head, piece) };
        check("--timeout 1s nodes", "/nodes", slow, 100, limit);
    }
}

#[test]
fn an_ssh_that_floods_with_words_ends_with_the_time_limit() {
    let home = TempDir::new().unwrap();
    let ssh = home.path().join("ssh");
    let flood = |script: &str| executable::script(&ssh, script);
    flood("exec yes what a flood >&2");
    check_at(home.path(), "ssh://swarm1", "--timeout 1s nodes", 100, "within 1s");
    flood("head -c 40000000 /dev/zero | tr '\\0' x >&2; exit 255");
    let why = "cannot reach swarm1 over ssh: xxx";
    check_at(home.path(), "ssh://swarm1", PATIENT, 100, why);
}

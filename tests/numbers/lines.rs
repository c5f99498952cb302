//! `skep logs` of five million lines beside `docker service logs`, of an engine that is
//! made up: a real one is slower than both.

use crate::{
    cockpit::{binary, environment},
    process,
    quiet::mebibytes,
    table::{Figure, figure},
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    process::{Command, Stdio},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};

const TASKS: u64 = 5;
pub const LINES: u64 = 5_000_000;
const ID: &str = "abcdefghijklmnopqrstuvwx";

pub fn figures() -> Vec<Figure> {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    spawn(move || {
        for stream in listener.incoming().flatten() {
            spawn(move || serve(stream));
        }
    });
    let host = format!("unix://{}", socket.display());
    let skep = |args: &[&str]| {
        let mut skep = Command::new(binary());
        skep.args(args).env_clear().envs(environment(&host, folder.path()));
        skep
    };
    let mut docker = Command::new("docker");
    docker.args(["-H", &host, "service", "logs", "-t", "web"]).env("HOME", folder.path());
    vec![
        run(
            "skep logs -t, 5 000 000 lines of 5 tasks",
            skep(&["logs", "-t", "web"]),
            "64 MiB, 200 000 lines/s",
        ),
        run("docker service logs -t of the same, for comparison", docker, ""),
        run(
            "skep logs --grep, 5 000 000 lines",
            skep(&["logs", "--grep", "999 ", "web"]),
            "64 MiB",
        ),
        endless("skep logs, a line without an end, 512 MiB", skep(&["logs", "endless"])),
    ]
}

/// Runs a command to its end and counts its lines.
fn run(what: &str, mut command: Command, bound: &'static str) -> Figure {
    let since = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let reading = spawn(move || {
        let (mut lines, mut first) = (0_usize, None);
        let mut bytes = vec![0; 1 << 16];
        while let Ok(read @ 1..) = out.read(&mut bytes) {
            first.get_or_insert(Instant::now());
            lines += bytes[..read].iter().filter(|it| **it == b'\n').count();
        }
        (lines, first)
    });
    let most = watch(&mut child);
    let (lines, first) = reading.join().unwrap();
    let took = since.elapsed();
    let first = first.map_or(took, |it| it - since);
    let rate =
        if bound.contains("lines/s") || bound.is_empty() { lines as f64 } else { LINES as f64 };
    let measured = format!(
        "{lines} lines printed in {:.1} s, {:.0} lines/s, first after {:.2} s, most memory {:.1} MiB",
        took.as_secs_f64(),
        rate / took.as_secs_f64(),
        first.as_secs_f64(),
        mebibytes(most),
    );
    figure(what, measured, bound)
}

fn endless(what: &str, command: Command) -> Figure {
    run(what, command, "64 MiB")
}

/// Waits for the end; returns the most memory it ever had, in KiB.
fn watch(child: &mut std::process::Child) -> u64 {
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(process::memory(child.id(), "VmHWM"));
        sleep(Duration::from_millis(20));
    }
    most
}

/// Answers what both clients ask about one service and its tasks.
fn serve(stream: UnixStream) -> Option<()> {
    let mut to = stream.try_clone().ok()?;
    let mut from = BufReader::new(stream);
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        loop {
            let mut header = String::new();
            from.read_line(&mut header).ok()?;
            if header.trim().is_empty() {
                break;
            }
        }
        let path = line.split(' ').nth(1)?.to_owned();
        let path = path.strip_prefix("/v1.").map_or(&*path, |it| &it[it.find('/').unwrap_or(0)..]);
        if path.contains("/logs?") {
            return logs(&mut to, path);
        }
        let body = answer(path);
        let head = format!(
            "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nServer: Docker/20.10.24 (linux)\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        to.write_all(head.as_bytes()).ok()?;
        to.write_all(if line.starts_with("HEAD") { b"" } else { body.as_bytes() }).ok()?;
    }
}

fn answer(path: &str) -> String {
    let service = |id: &str, name: &str| {
        format!(
            r#"{{"ID":"{id}","Version":{{"Index":1}},"CreatedAt":"2026-01-02T03:04:05Z","UpdatedAt":"2026-01-02T03:04:05Z","Spec":{{"Name":"{name}","Mode":{{"Replicated":{{"Replicas":{TASKS}}}}},"TaskTemplate":{{"ContainerSpec":{{"Image":"web:1"}}}}}},"ServiceStatus":{{"RunningTasks":{TASKS},"DesiredTasks":{TASKS}}}}}"#
        )
    };
    let node = r#"{"ID":"node00000000000000000000a","Version":{"Index":1},"Description":{"Hostname":"node1"},"Spec":{"Role":"manager","Availability":"active"},"Status":{"State":"ready"}}"#;
    let task = |service: &str, n: u64| {
        format!(
            r#"{{"ID":"{ID}{n}","ServiceID":"{service}","NodeID":"node00000000000000000000a","Slot":{n},"Spec":{{"ContainerSpec":{{"Image":"web:1"}}}},"CreatedAt":"2026-01-02T03:04:05Z","DesiredState":"running","Status":{{"State":"running","Timestamp":"2026-01-02T03:04:05Z","ContainerStatus":{{"ContainerID":"c"}}}}}}"#
        )
    };
    let of_web = || (1..=TASKS).map(|it| task("web", it)).collect::<Vec<_>>().join(",");
    match path.split('?').next().unwrap_or_default() {
        "/_ping" => "OK".to_owned(),
        "/services" => format!("[{},{}]", service("web", "web"), service("endless", "endless")),
        "/services/web" => service("web", "web"),
        "/nodes" => format!("[{node}]"),
        "/tasks" if path.contains("endless") => format!("[{}]", task("endless", 9)),
        "/tasks" => format!("[{}]", of_web()),
        path if path.starts_with("/nodes/") => node.to_owned(),
        path if path.starts_with("/tasks/") => {
            task("web", path.as_bytes().last().map_or(1, |it| u64::from(it - b'0')))
        }
        _ => "{}".to_owned(),
    }
}

/// Streams the lines of one task, or of all in turn, a second of time for 100 000.
fn logs(to: &mut UnixStream, path: &str) -> Option<()> {
    to.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").ok()?;
    let of_all = path.starts_with("/services/");
    let one = path
        .split('?')
        .next()?
        .strip_suffix("/logs")?
        .as_bytes()
        .last()
        .map(|it| u64::from(it.wrapping_sub(b'0')))?;
    let mut chunk = Vec::with_capacity(1 << 17);
    if one == 9 {
        let piece = "x".repeat(16 << 10);
        for _ in 0..(512 << 20) / piece.len() {
            line(&mut chunk, 9, 1, piece.as_bytes());
            send(to, &mut chunk)?;
        }
    }
    let last = if path.contains("tail=1&") || path.ends_with("tail=1") { 1 } else { LINES };
    for number in 0..last {
        let task = number % TASKS + 1;
        if one == 9 || !(of_all || task == one) {
            continue;
        }
        let text = format!(
            "{number} GET /items/{} 200 12ms user agent and so on and so on\n",
            number % 1_000
        );
        line(&mut chunk, task, number, text.as_bytes());
        if chunk.len() > 100_000 {
            send(to, &mut chunk)?;
        }
    }
    send(to, &mut chunk)?;
    to.write_all(b"0\r\n\r\n").ok()
}

fn line(chunk: &mut Vec<u8>, task: u64, number: u64, text: &[u8]) {
    let (second, nanos) = (number / 100_000, number % 100_000 * 10_000);
    let head = format!(
        "2026-01-02T03:{:02}:{:02}.{nanos:09}Z com.docker.swarm.node.id=node00000000000000000000a,com.docker.swarm.service.id=web,com.docker.swarm.task.id={ID}{task} ",
        4 + second / 60,
        second % 60,
    );
    let length = u32::try_from(head.len() + text.len()).unwrap_or(0).to_be_bytes();
    chunk.extend_from_slice(&[1, 0, 0, 0]);
    chunk.extend_from_slice(&length);
    chunk.extend_from_slice(head.as_bytes());
    chunk.extend_from_slice(text);
}

fn send(to: &mut UnixStream, chunk: &mut Vec<u8>) -> Option<()> {
    if chunk.is_empty() {
        return Some(());
    }
    write!(to, "{:x}\r\n", chunk.len()).ok()?;
    to.write_all(chunk).ok()?;
    to.write_all(b"\r\n").ok()?;
    chunk.clear();
    Some(())
}

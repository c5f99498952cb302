//! What runs in the containers of tests: prints, serves, falls ill and dies as told.
//!
//! `workload [--port P] [--lines RATE] [--count TOTAL] [--width BYTES]
//! [--exit-after MS] [--code N] [--healthy-after MS] [--unhealthy-after MS]
//! [--ignore-term]`, or `workload health [--port P]` as a health check.
//!
//! It prints `RATE` numbered lines a second, with `--lines 0 --count TOTAL` as
//! fast as it can. Over HTTP it answers `/` (version and host), `/health` (200 or
//! 503) and obeys `/unhealthy`, `/healthy`, `/exit/CODE`, `/crash`, `/burst/TOTAL`.

use std::env::{args, var};
use std::fs::read_to_string;
use std::io::{self, BufRead, BufReader, Read, Write, stdout};
use std::net::{TcpListener, TcpStream};
use std::process::{ExitCode, abort, exit};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{park, sleep, spawn};
use std::time::{Duration, Instant};

static HEALTHY: AtomicBool = AtomicBool::new(true);
static LINES: AtomicU64 = AtomicU64::new(0);

fn main() -> ExitCode {
    let order = Order::read();
    if order.health {
        return check_health(order.port);
    }
    if !order.ignore_term {
        exit_on_term();
    }
    HEALTHY.store(order.healthy_after.is_none(), Relaxed);
    after(order.healthy_after, || HEALTHY.store(true, Relaxed));
    after(order.unhealthy_after, || HEALTHY.store(false, Relaxed));
    after(order.exit_after, move || exit(order.code));
    match TcpListener::bind(("0.0.0.0", order.port)) {
        Ok(listener) => drop(spawn(move || serve(&listener))),
        Err(error) => {
            eprintln!("port {}: {error}", order.port);
            return ExitCode::FAILURE;
        }
    }
    match (order.rate, order.count) {
        (Some(rate), count) => print(rate, count.unwrap_or(u64::MAX), order.width),
        (None, Some(count)) => print(0, count, order.width),
        (None, None) => {}
    }
    loop {
        park();
    }
}

struct Order {
    health: bool,
    ignore_term: bool,
    port: u16,
    rate: Option<u64>,
    count: Option<u64>,
    width: usize,
    code: i32,
    exit_after: Option<u64>,
    healthy_after: Option<u64>,
    unhealthy_after: Option<u64>,
}

impl Order {
    fn read() -> Self {
        let words: Vec<String> = args().skip(1).collect();
        let has = |word: &str| words.iter().any(|w| w == word);
        let number = |word: &str| {
            let place = words.iter().position(|w| w == word)?;
            let value = words.get(place + 1).and_then(|w| w.parse::<u64>().ok());
            Some(value.unwrap_or_else(|| panic!("{word} wants a number")))
        };
        Self {
            health: has("health"),
            ignore_term: has("--ignore-term"),
            port: number("--port").unwrap_or(8080) as u16,
            rate: number("--lines"),
            count: number("--count"),
            width: number("--width").unwrap_or(0) as usize,
            code: number("--code").unwrap_or(0) as i32,
            exit_after: number("--exit-after"),
            healthy_after: number("--healthy-after"),
            unhealthy_after: number("--unhealthy-after"),
        }
    }
}

fn after(milliseconds: Option<u64>, act: impl FnOnce() + Send + 'static) {
    let Some(milliseconds) = milliseconds else { return };
    spawn(move || {
        sleep(Duration::from_millis(milliseconds));
        act();
    });
}

/// Prints lines numbered from where the last call ended.
fn print(rate: u64, count: u64, width: usize) {
    let start = Instant::now();
    for n in 0..count {
        if rate > 0 {
            let due = start + Duration::from_nanos(n.saturating_mul(1_000_000_000 / rate));
            sleep(due.saturating_duration_since(Instant::now()));
        }
        let line = format!("line {}", LINES.fetch_add(1, Relaxed) + 1);
        // Nobody reads any more: the engine is gone.
        let _ = writeln!(stdout(), "{line:<width$}");
    }
}

fn serve(listener: &TcpListener) {
    for stream in listener.incoming().flatten() {
        spawn(move || answer(&stream));
    }
}

fn answer(mut stream: &TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The rest of the request is read, or closing would reset the connection.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or("/");
    let (status, body) = respond(path);
    let length = body.len() + 1;
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}\n")?;
    if let Some(code) = path.strip_prefix("/exit/") {
        exit(code.parse().unwrap_or(1));
    }
    if path == "/crash" {
        abort();
    }
    Ok(())
}

fn respond(path: &str) -> (&'static str, String) {
    const OK: &str = "200 OK";
    match path {
        "/" => (OK, format!("version {} on {}", var("VERSION").unwrap_or_default(), host())),
        "/health" if HEALTHY.load(Relaxed) => (OK, "healthy".into()),
        "/health" => ("503 Service Unavailable", "unhealthy".into()),
        "/healthy" | "/unhealthy" => {
            HEALTHY.store(path == "/healthy", Relaxed);
            (OK, "as you like".into())
        }
        "/crash" => (OK, "crashing".into()),
        _ if path.starts_with("/exit/") => (OK, "exiting".into()),
        _ => match path.strip_prefix("/burst/").and_then(|count| count.parse().ok()) {
            Some(count) => {
                print(0, count, 0);
                (OK, format!("printed {count} lines"))
            }
            None => ("404 Not Found", format!("no such path: {path}")),
        },
    }
}

fn host() -> String {
    read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned()
}

fn check_health(port: u16) -> ExitCode {
    let ask = || -> io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        write!(stream, "GET /health HTTP/1.1\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    match ask() {
        Ok(answer) if answer.starts_with("HTTP/1.1 200") => {
            println!("healthy");
            ExitCode::SUCCESS
        }
        Ok(_) => {
            println!("unhealthy");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("127.0.0.1:{port}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The first process of a container ignores SIGTERM unless it handles it, and
/// std has no way to.
fn exit_on_term() {
    const SIGTERM: i32 = 15;
    unsafe extern "C" {
        fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
        fn _exit(code: i32) -> !;
    }
    extern "C" fn on_term(_: i32) {
        // SAFETY: one of the few calls allowed in a signal handler.
        unsafe { _exit(0) }
    }
    // SAFETY: the handler touches nothing of the program.
    unsafe { signal(SIGTERM, on_term) };
}

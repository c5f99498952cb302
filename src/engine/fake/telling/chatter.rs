//! Log lines of the demo, which look like those of real programs.

use crate::{
    domain::logs::Stream,
    engine::fake::swarm::random::{Random, mix},
};
use jiff::Timestamp;
use std::time::Duration;

/// How a program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Access logs.
    Web,
    /// One JSON object a line.
    Json,
    /// Levels in colour.
    Coloured,
    /// A database.
    Database,
    /// `key=value` pairs.
    Pairs,
}

pub const OUT_OF_MEMORY: &[&str] = &[
    "WARN  heap 498 MiB of 512 MiB after full collection",
    "WARN  allocation of 16777216 bytes is slow, retrying",
    "ERROR cannot allocate memory for batch of 50000 rows",
];
pub const UNHEALTHY: &[&str] = &[
    "WARN  readiness: dependency db:5432 refused the connection",
    "INFO  SIGTERM received, closing",
];
pub const FAREWELL: &[&str] = &["shutting down: 0 requests in flight", "bye"];

const PATHS: &[&str] = &[
    "/",
    "/items",
    "/items/4711",
    "/cart",
    "/checkout",
    "/api/v2/search?q=honey",
    "/health",
    "/static/app.js",
];
const AGENTS: &[&str] = &["Mozilla/5.0", "curl/8.5.0", "okhttp/4.12", "Go-http-client/2.0"];
const QUEUES: &[&str] = &["mail", "invoice", "thumbnail", "reindex"];
const QUERIES: &[&str] = &[
    "SELECT id, total FROM orders WHERE customer_id = $1",
    "UPDATE stock SET amount = amount - $1 WHERE sku = $2",
    "INSERT INTO events (kind, body) VALUES ($1, $2)",
];

impl Style {
    /// Guesses the style of an image from its name.
    pub fn of(image: &str) -> Self {
        let says = |any: &[&str]| any.iter().any(|it| image.contains(it));
        if says(&["web", "nginx", "traefik", "front", "proxy", "http"]) {
            Self::Web
        } else if says(&["api", "auth", "gateway", "search", "vault"]) {
            Self::Json
        } else if says(&["postgres", "redis", "mysql", "mongo", "rabbit"]) {
            Self::Database
        } else if says(&["worker", "mail", "job", "cart", "payment"]) {
            Self::Coloured
        } else {
            Self::Pairs
        }
    }

    /// Returns how much time lies between two lines.
    pub fn pace(self) -> Duration {
        Duration::from_millis(match self {
            Self::Web => 700,
            Self::Json => 1_300,
            Self::Coloured => 2_100,
            Self::Pairs => 3_700,
            Self::Database => 9_000,
        })
    }

    /// Returns what the program says when it starts.
    pub fn intro(self) -> &'static [&'static str] {
        match self {
            Self::Web => {
                &["starting 4 workers", "configuration loaded from /etc/web.conf", "ready on :8080"]
            }
            Self::Json => &[
                r#"{"level":"info","msg":"starting","go":"1.22","cpus":4}"#,
                r#"{"level":"info","msg":"connected","db":"db:5432","ms":18}"#,
                r#"{"level":"info","msg":"listening","addr":":8080"}"#,
            ],
            Self::Coloured => &[
                "\x1b[36mINFO\x1b[0m  worker up, 4 threads",
                "\x1b[36mINFO\x1b[0m  waiting for jobs",
            ],
            Self::Database => &[
                "LOG:  listening on IPv4 address \"0.0.0.0\", port 5432",
                "LOG:  database system is ready to accept connections",
            ],
            Self::Pairs => &[
                "level=info msg=starting version=1.0",
                "level=info msg=\"serving metrics\" addr=:9100",
            ],
        }
    }

    /// Returns the last words of a program that crashes.
    pub fn stack_trace(self) -> &'static [&'static str] {
        match self {
            Self::Json | Self::Pairs => &[
                "panic: dial tcp: lookup db on 127.0.0.11:53: no such host",
                "",
                "goroutine 1 [running]:",
                "main.mustConnect(0xc000126000)",
                "\t/src/main.go:42 +0x1d4",
                "main.main()",
                "\t/src/main.go:17 +0x85",
                "exit status 1",
            ],
            Self::Coloured => &[
                "\x1b[31mERROR\x1b[0m unhandled exception in worker thread",
                "Traceback (most recent call last):",
                "  File \"/app/worker.py\", line 88, in run",
                "    queue = connect(os.environ[\"QUEUE_URL\"])",
                "  File \"/app/queue.py\", line 21, in connect",
                "    raise ConnectionError(f\"cannot reach {url}\")",
                "ConnectionError: cannot reach amqp://queue:5672",
            ],
            Self::Web => &[
                "[emerg] host not found in upstream \"api:8080\" in /etc/web.conf:12",
                "fatal: configuration is not usable, giving up",
            ],
            Self::Database => &[
                "FATAL:  could not write lock file \"postmaster.pid\": No space left on device",
                "LOG:  database system is shut down",
            ],
        }
    }

    /// Returns the line that belongs to `seed`, the `number`th of its program.
    pub fn line(self, seed: u64, number: u64, at: Timestamp) -> (Stream, String) {
        let mut random = Random::new(seed);
        let odd = random.below(40) == 0;
        let stream = if odd { Stream::Stderr } else { Stream::Stdout };
        let text = match self {
            Self::Web => access(&mut random, odd, at),
            Self::Json => json_line(&mut random, odd, at),
            Self::Coloured => coloured(&mut random, odd, number),
            Self::Database => database(&mut random, odd),
            Self::Pairs => pairs(&mut random, odd, number),
        };
        (stream, text)
    }
}

fn access(random: &mut Random, odd: bool, at: Timestamp) -> String {
    let (path, agent) = (pick(random, PATHS), pick(random, AGENTS));
    let (a, b) = (random.below(250), random.below(250));
    let took = 2 + random.below(80);
    let bytes = 180 + random.below(24_000);
    if odd {
        return format!("upstream timed out (110) while reading {path}, client 10.0.{a}.{b}");
    }
    let status = if random.below(25) == 0 { 404 } else { 200 };
    let stamp = at.strftime("%d/%b/%Y:%H:%M:%S +0000");
    format!(
        "10.0.{a}.{b} - - [{stamp}] \"GET {path} HTTP/1.1\" {status} {bytes} \"{agent}\" {took}ms"
    )
}

fn json_line(random: &mut Random, odd: bool, at: Timestamp) -> String {
    let path = pick(random, PATHS);
    let took = 1 + random.below(60);
    let trace = mix(random.number(), 7) % 0xffff_ffff;
    let stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ");
    if odd {
        return format!(
            r#"{{"time":"{stamp}","level":"error","msg":"request failed","path":"{path}","err":"context deadline exceeded","trace":"{trace:08x}"}}"#
        );
    }
    format!(
        r#"{{"time":"{stamp}","level":"info","msg":"request","path":"{path}","status":200,"ms":{took},"trace":"{trace:08x}"}}"#
    )
}

fn coloured(random: &mut Random, odd: bool, number: u64) -> String {
    let queue = pick(random, QUEUES);
    let took = 10 + random.below(900);
    if odd {
        return format!("\x1b[33mWARN\x1b[0m  job {queue}#{number} failed, retrying in 5s");
    }
    format!("\x1b[36mINFO\x1b[0m  job \x1b[1m{queue}#{number}\x1b[0m done in {took} ms")
}

fn database(random: &mut Random, odd: bool) -> String {
    if odd {
        let query = pick(random, QUERIES);
        let took = 1_000 + random.below(4_000);
        return format!("LOG:  duration: {took}.{:03} ms  execute: {query}", random.below(1000));
    }
    match random.below(3) {
        0 => format!("LOG:  checkpoint complete: wrote {} buffers", 12 + random.below(800)),
        1 => "LOG:  checkpoint starting: time".to_owned(),
        _ => format!("LOG:  automatic vacuum of table \"shop.orders\": {} pages", random.below(90)),
    }
}

fn pairs(random: &mut Random, odd: bool, number: u64) -> String {
    if odd {
        return format!(
            "level=warn msg=\"scrape failed\" target=10.0.3.{}:9100",
            random.below(250)
        );
    }
    let samples = 300 + random.below(9_000);
    format!(
        "level=info msg=\"scrape done\" round={number} samples={samples} ms={}",
        random.below(400)
    )
}

fn pick<'a>(random: &mut Random, from: &[&'a str]) -> &'a str {
    let at = usize::try_from(random.below(from.len() as u64)).unwrap_or(0);
    from[at]
}

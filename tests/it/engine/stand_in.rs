//! An engine on a unix socket that answers as told.

use skep::engine::{
    context::Endpoint,
    docker::{DockerEngine, Limits, connect_within},
};
use std::{
    fmt::Write,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixListener, UnixStream},
    task::JoinHandle,
    time::sleep,
};

/// What a request looked like.
#[derive(Debug, Clone)]
pub struct Asked {
    /// As `GET /v1.41/nodes`.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// How it is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status and a body, with any headers.
    Says(u16, &'static [(&'static str, &'static str)], String),
    /// These bytes, then nothing for ever.
    Hangs(String),
    /// These bytes, then the end.
    Closes(String),
}

/// A running stand-in. Its socket goes with it.
pub struct StandIn {
    folder: TempDir,
    asked: Arc<Mutex<Vec<Asked>>>,
    connections: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
}

/// What an engine of API 1.41 says to a ping.
pub const PING: &[(&str, &str)] = &[("Api-Version", "1.41"), ("Server", "Docker/20.10.24 (linux)")];

/// Short ones, for tests that wait for them.
pub const SOON: Limits = Limits {
    connect: Duration::from_millis(300),
    read: Duration::from_millis(300),
    slow: Duration::from_millis(300),
    body: 100_000,
};

/// For answers that come at once, on a busy machine.
pub const PATIENT: Limits = Limits {
    connect: Duration::from_secs(30),
    read: Duration::from_secs(30),
    slow: Duration::from_secs(30),
    body: 100_000,
};

pub fn ok(body: impl Into<String>) -> Reply {
    Reply::Says(200, &[], body.into())
}

/// Pings as API 1.41, and answers all else as `reply` says.
pub fn pinged(reply: Reply) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| match asked.line.as_str() {
        "GET /_ping" => Reply::Says(200, PING, "OK".to_owned()),
        _ => reply.clone(),
    }
}

impl StandIn {
    pub fn answering(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let folder = TempDir::new().unwrap();
        let listener = UnixListener::bind(folder.path().join("sock")).unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let connections: Arc<AtomicUsize> = Arc::default();
        let (reply, log, count) = (Arc::new(reply), Arc::clone(&asked), Arc::clone(&connections));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (reply, log) = (Arc::clone(&reply), Arc::clone(&log));
                tokio::spawn(serve(stream, move |asked| {
                    let answer = reply(&asked);
                    log.lock().unwrap().push(asked);
                    answer
                }));
            }
        });
        Self { folder, asked, connections, serving }
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("sock")
    }

    pub fn engine(&self, limits: Limits) -> DockerEngine {
        at(&self.socket(), limits)
    }

    /// The lines of all requests so far.
    pub fn lines(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|it| it.line.clone()).collect()
    }

    pub fn last(&self) -> Asked {
        self.asked.lock().unwrap().last().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub fn at(socket: &Path, limits: Limits) -> DockerEngine {
    connect_within(Endpoint::Unix(socket.to_path_buf()), limits)
}

async fn serve(stream: UnixStream, reply: impl Fn(Asked) -> Reply) {
    let mut stream = BufReader::new(stream);
    while let Some(asked) = request(&mut stream).await {
        let (bytes, goes_on) = match reply(asked) {
            Reply::Says(status, headers, body) => {
                let mut answer = format!("HTTP/1.1 {status} x\r\n");
                for (key, value) in headers {
                    write!(answer, "{key}: {value}\r\n").unwrap();
                }
                write!(answer, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
                (answer, true)
            }
            Reply::Hangs(bytes) => {
                stream.write_all(bytes.as_bytes()).await.unwrap();
                sleep(Duration::from_secs(3600)).await;
                return;
            }
            Reply::Closes(bytes) => (bytes, false),
        };
        if stream.write_all(bytes.as_bytes()).await.is_err() || !goes_on {
            return;
        }
    }
}

async fn request(stream: &mut BufReader<UnixStream>) -> Option<Asked> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((key, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((key.to_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|it| it.0 == "content-length").map_or("0", |it| &it.1);
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { line, headers, body: String::from_utf8(body).unwrap() })
}

//! An engine that agrees to everything and remembers it.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

/// Listens until the process ends; the socket goes with its folder.
pub struct Recorder {
    pub socket: PathBuf,
    requests: Arc<Mutex<Vec<Request>>>,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Without the API version, with the query.
    pub path: String,
    pub body: Value,
}

impl Recorder {
    pub fn start(folder: &Path) -> Self {
        let socket = folder.join("engine.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let shared = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let requests = shared.clone();
                thread::spawn(move || serve(&stream, &requests));
            }
        });
        Self { socket, requests }
    }

    /// Returns what was asked since the last call.
    pub fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

fn serve(stream: &UnixStream, requests: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let (status, body) = answer(&request);
        let body = if request.method == "HEAD" { String::new() } else { body.to_string() };
        let head = format!(
            "HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nApi-Version: 1.50\r\nOstype: linux\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        requests.lock().unwrap().push(request);
        if (&*stream).write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|it| *it > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let path = match path.strip_prefix("/v") {
        Some(rest) => rest[rest.find('/').unwrap()..].to_owned(),
        None => path,
    };
    Some(Request { method, path, body: serde_json::from_slice(&body).unwrap_or_default() })
}

fn answer(request: &Request) -> (u16, Value) {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method.as_str(), &parts[..]) {
        (_, ["_ping"]) => (200, json!("OK")),
        (_, ["info"]) => {
            (200, json!({ "Swarm": { "LocalNodeState": "active", "ControlAvailable": true } }))
        }
        ("POST", [_, "create"]) => (201, json!({ "ID": "new", "Id": "new" })),
        ("GET", ["networks", name]) => (200, json!({ "Name": name, "Id": "n", "Scope": "swarm" })),
        ("GET", [kind @ ("secrets" | "configs")]) => (200, named(kind, query)),
        ("GET", [_]) => (200, json!([])),
        _ => (404, json!({ "message": "no such thing" })),
    }
}

/// Lists an object for every name that is asked for.
fn named(kind: &str, query: &str) -> Value {
    let filters: Value =
        serde_json::from_str(&decoded(query.trim_start_matches("filters="))).unwrap_or_default();
    let names = filters["name"].as_object().cloned().unwrap_or_default();
    let objects =
        names.keys().map(|it| json!({ "ID": format!("{kind}-{it}"), "Spec": { "Name": it } }));
    objects.collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.push(u8::from_str_radix(&hex, 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap()
}

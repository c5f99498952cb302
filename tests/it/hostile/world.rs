//! An engine whose every word is hostile, and commands that ask it.

use crate::{
    engine::stand_in::{Asked, PATIENT, PING, Reply, StandIn, ok},
    hostile::{Allowed, leak},
};
use clap::Parser;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use skep::{
    cli::{Cli, CommandOutput, Desk, Live, Out, Reached},
    config::{Flags, Places, load},
    domain::{
        deployment::audit::Operator,
        swarm::cluster::{Object, ObjectKind, TaskScope},
    },
    engine::{Engine, ReadEngine, docker::Limits, fake::FakeEngine},
    jobs::session::Neighbours,
    store::Store,
};
use std::{collections::BTreeSet, path::Path, sync::Arc};

/// What engines say of a demo cluster.
#[derive(Clone)]
pub struct Words {
    lists: Vec<(&'static str, Vec<Value>)>,
    info: Value,
    swarm: Value,
}

/// Members that tell kinds apart or count: with another text in them, there would be
/// nothing to see of the rest.
const KEPT: &[&str] = &[
    "ID",
    "Id",
    "ServiceID",
    "NodeID",
    "NetworkID",
    "SecretID",
    "ConfigID",
    "TaskID",
    "State",
    "DesiredState",
    "Role",
    "Availability",
    "Reachability",
    "LocalNodeState",
    "CreatedAt",
    "UpdatedAt",
    "Timestamp",
    "StartedAt",
    "CompletedAt",
    "com.docker.stack.namespace",
];

impl Words {
    pub async fn read() -> Self {
        let now = "2026-05-04T12:00:00Z".parse().unwrap();
        let engine = FakeEngine::demo(7, now);
        let mut lists = Vec::new();
        for (path, kind) in [
            ("services", ObjectKind::Services),
            ("networks", ObjectKind::Networks),
            ("secrets", ObjectKind::Secrets),
            ("configs", ObjectKind::Configs),
        ] {
            lists.push((path, engine.list(kind, None).await.unwrap()));
        }
        let mut nodes = Vec::new();
        for node in engine.nodes().await.unwrap().iter() {
            nodes.push(engine.inspect(&Object::Node(node.id.clone())).await.unwrap());
        }
        let mut tasks = Vec::new();
        for task in engine.tasks(&TaskScope::All).await.unwrap().iter().take(40) {
            tasks.push(engine.inspect(&Object::Task(task.id.clone())).await.unwrap());
        }
        for (service, counts) in lists[0].1.iter_mut().zip(1..) {
            service["ServiceStatus"] = json!({ "RunningTasks": counts % 3, "DesiredTasks": 2 });
        }
        lists.extend([("nodes", nodes), ("tasks", tasks)]);
        let swarm = engine.inspect(&Object::Swarm).await.unwrap();
        let node = lists[4].1[0]["ID"].clone();
        let info = json!({ "Name": "m1", "ServerVersion": "28.2.2", "OperatingSystem": "Debian",
            "Swarm": { "LocalNodeState": "active", "NodeID": node, "ControlAvailable": true,
                "Cluster": { "ID": swarm["ID"] } } });
        Self { lists, info, swarm }
    }

    /// Puts a text behind every string, or behind those that only people read. Returns
    /// the members it stands in.
    pub fn poison(&mut self, payload: &str, everywhere: bool) -> BTreeSet<String> {
        let mut fields = BTreeSet::new();
        for (path, objects) in &mut self.lists {
            for object in objects {
                poison(object, path, payload, everywhere, &mut fields);
            }
        }
        poison(&mut self.info, "info", payload, everywhere, &mut fields);
        poison(&mut self.swarm, "swarm", payload, everywhere, &mut fields);
        fields
    }

    /// Answers as an engine does; what would change something is refused in its words.
    pub fn engine(self, payload: &str) -> StandIn {
        let payload = payload.to_owned();
        StandIn::answering(move |asked| self.answer(asked, &payload))
    }

    fn answer(&self, asked: &Asked, payload: &str) -> Reply {
        if asked.line == "GET /_ping" {
            return Reply::Says(200, PING, "OK".to_owned());
        }
        let refused = || {
            let message = json!({ "message": format!("refused {payload} for good") });
            Reply::Says(500, &[], message.to_string())
        };
        let Some(path) = asked.line.strip_prefix("GET /v1.41/") else { return refused() };
        let path = path.split('?').next().unwrap();
        let (kind, rest) = path.split_once('/').unwrap_or((path, ""));
        if rest.ends_with("/logs") {
            let line = format!("2026-05-04T11:59:00.000000000Z  a {payload} b\n");
            return ok(line.chars().take(120).collect::<String>().split_inclusive('\n').fold(
                String::new(),
                |frames, it| {
                    format!(
                        "{frames}\u{1}\0\0\0\0\0\0{}{it}",
                        char::from(u8::try_from(it.len()).unwrap())
                    )
                },
            ));
        }
        match kind {
            "info" => ok(self.info.to_string()),
            "swarm" => ok(self.swarm.to_string()),
            "events" => Reply::Hangs("HTTP/1.1 200 OK\r\n\r\n".to_owned()),
            "volumes" => ok(json!({ "Volumes": [{ "Name": payload }] }).to_string()),
            _ => match self.lists.iter().find(|it| it.0 == kind) {
                Some((_, objects)) if rest.is_empty() => {
                    ok(Value::from(objects.clone()).to_string())
                }
                Some((_, objects)) => {
                    let named = |it: &&Value| {
                        let id = it["ID"].as_str().or(it["Id"].as_str()).unwrap_or_default();
                        rest.starts_with(id.get(..8).unwrap_or(id))
                    };
                    ok(objects.iter().find(named).unwrap_or(&objects[0]).to_string())
                }
                None => refused(),
            },
        }
    }
}

fn poison(
    value: &mut Value,
    path: &str,
    payload: &str,
    everywhere: bool,
    fields: &mut BTreeSet<String>,
) {
    match value {
        Value::String(text) => {
            fields.insert(path.to_owned());
            text.push_str(payload);
        }
        Value::Array(items) => {
            let path = format!("{path}[]");
            for it in items {
                poison(it, &path, payload, everywhere, fields);
            }
        }
        Value::Object(map) => {
            for (key, it) in map.iter_mut() {
                if everywhere || !KEPT.contains(&key.as_str()) {
                    poison(it, &format!("{path}.{key}"), payload, everywhere, fields);
                }
            }
            if path.ends_with("Labels") || path.ends_with("Options") {
                fields.insert(format!("{path}.*"));
                map.insert(format!("own{payload}"), format!("value{payload}").into());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Commands on an engine, with all that they print looked at.
pub struct Bench {
    desk: Desk,
    /// So many outputs were looked at.
    pub outputs: usize,
    pub bytes: usize,
}

impl Bench {
    pub fn on(engine: Arc<dyn Engine>, state: &Path) -> Self {
        let places = Places::default();
        let zone = TimeZone::UTC;
        let who = Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() };
        let mut options = Cli::try_parse_from(["skep"]).unwrap().options;
        options.yes = true;
        let desk = Desk {
            options,
            settings: load(&places, &Flags::default()).unwrap(),
            places,
            now: Timestamp::now(),
            engine: Ok(Reached { engine, context: "default".to_owned() }),
            store: Store::in_dir(state),
            contexts: Vec::new(),
            neighbours: Neighbours::default(),
            who,
            zone,
        };
        Self { desk, outputs: 0, bytes: 0 }
    }

    pub fn limits() -> Limits {
        Limits { body: 50_000_000, ..PATIENT }
    }

    /// Runs a command to a pipe, to a terminal, and for scripts; none may leak.
    pub async fn all_ways(&mut self, words: &[String], about: &str) {
        let live = Live { size: || (120, 36), unicode: true, colors: true };
        self.ways(words, about, &[(false, None), (false, Some(live)), (true, None)]).await;
    }

    /// Runs a command whose answer is a file to a terminal only.
    pub async fn shown(&mut self, words: &[String], about: &str) {
        let live = Live { size: || (120, 36), unicode: true, colors: true };
        self.ways(words, about, &[(false, Some(live))]).await;
    }

    async fn ways(&mut self, words: &[String], about: &str, ways: &[(bool, Option<Live>)]) {
        for (json, live) in ways.iter().copied() {
            let (mut out, mut remarks) = (Vec::new(), Vec::new());
            let colors = live.is_some();
            let line = ["skep".to_owned()].into_iter().chain(words.iter().cloned());
            let Ok(cli) = Cli::try_parse_from(line) else { return };
            {
                let mut to = Out::new(&mut out, colors, colors);
                let mut aside = Out::new(&mut remarks, colors, false);
                let mut page =
                    CommandOutput { out: &mut to, remarks: &mut aside, colors, json, live };
                cli.command.unwrap().run(&self.desk, &mut page).await;
            }
            for (bytes, bars) in [(out, false), (remarks, colors)] {
                let text = String::from_utf8(bytes).unwrap();
                // What others paint in their log lines stays where colours are wanted.
                let logs = words[0] == "logs" && colors;
                let text = if logs { without_colors(&text) } else { text };
                if let Some(found) = leak(&text, Allowed { colors, bars }) {
                    panic!("{words:?} (json {json}, terminal {colors}), {about}: {found}");
                }
                self.outputs += 1;
                self.bytes += text.len();
            }
        }
    }
}

fn without_colors(text: &str) -> String {
    regex::Regex::new("\x1b\\[[0-9;:]*m").unwrap().replace_all(text, "").into_owned()
}

//! Stack files: each string of one after the other.

use crate::hostile::{PAYLOADS, all, world::Bench};
use jiff::Timestamp;
use serde_json::{Value, json};
use skep::engine::fake::FakeEngine;
use std::{fs, sync::Arc};

fn stack() -> Value {
    json!({
        "version": "3.8",
        "services": { "web": {
            "image": "nginx:1", "command": ["run", "--now"], "entrypoint": "/bin/x", "hostname": "h",
            "user": "1", "working_dir": "/x", "stop_signal": "SIGTERM", "stop_grace_period": "5s",
            "environment": { "NAME": "value" }, "env_file": "x.env", "labels": { "a": "b" },
            "ports": ["80:80"], "networks": ["front"], "configs": ["one"], "secrets": ["two"],
            "volumes": ["data:/var/data", "/host:/there"], "extra_hosts": ["a:1.2.3.4"],
            "cap_add": ["NET_ADMIN"], "sysctls": { "net.core.somaxconn": "1" }, "dns": ["1.1.1.1"],
            "healthcheck": { "test": ["CMD", "x"], "interval": "5s" },
            "logging": { "driver": "json-file", "options": { "max-size": "1m" } },
            "deploy": { "mode": "replicated", "endpoint_mode": "vip", "labels": { "c": "d" },
                "placement": { "constraints": ["node.role == manager"], "preferences": [{ "spread": "node.labels.zone" }] },
                "resources": { "limits": { "cpus": "0.5", "memory": "64M" } },
                "restart_policy": { "condition": "any", "delay": "5s" },
                "update_config": { "order": "start-first", "failure_action": "rollback" } },
        } },
        "networks": { "front": { "driver": "overlay", "name": "n", "labels": { "e": "f" } } },
        "volumes": { "data": { "driver": "local", "driver_opts": { "type": "nfs" } } },
        "configs": { "one": { "file": "one.txt", "name": "c1" } },
        "secrets": { "two": { "file": "two.txt" } },
        "x-own": { "note": "${UNSET} text" },
    })
}

/// Returns the tree with a text in its `number`th string or key, while there is one.
fn hostile(tree: &Value, number: usize, payload: &str) -> Option<Value> {
    fn word(text: &str, left: &mut Option<usize>, payload: &str) -> String {
        match left {
            Some(0) => {
                *left = None;
                format!("{text}{payload}")
            }
            Some(more) => {
                *more -= 1;
                text.to_owned()
            }
            None => text.to_owned(),
        }
    }
    fn walk(value: &Value, left: &mut Option<usize>, payload: &str) -> Value {
        match value {
            Value::String(text) => word(text, left, payload).into(),
            Value::Array(items) => items.iter().map(|it| walk(it, left, payload)).collect(),
            Value::Object(map) => {
                let mut made = serde_json::Map::new();
                for (key, it) in map {
                    let key = word(key, left, payload);
                    made.insert(key, walk(it, left, payload));
                }
                made.into()
            }
            other => other.clone(),
        }
    }
    let mut left = Some(number);
    let made = walk(tree, &mut left, payload);
    left.is_none().then_some(made)
}

#[tokio::test]
async fn no_text_of_a_stack_file_drives_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["one.txt", "two.txt"] {
        fs::write(at(name), "content").unwrap();
    }
    fs::write(at("x.env"), format!("A=b{}\n{}\n", all(), all())).unwrap();
    let engine = Arc::new(FakeEngine::new(7, Timestamp::now()));
    let mut bench = Bench::on(engine, &at("state"));
    let (tree, file) = (stack(), at("stack.yml"));
    let mut fields = 0;
    let mut payloads: Vec<String> = vec![all()];
    payloads.extend(PAYLOADS.iter().map(|it| (*it).to_owned()));
    for (turn, payload) in payloads.iter().enumerate() {
        // One in all places with everything in it, and each alone in every fourth.
        for number in 0.. {
            let Some(made) = hostile(&tree, number, payload) else { break };
            fields = fields.max(number + 1);
            if turn > 0 && number % 4 != turn % 4 {
                continue;
            }
            fs::write(&file, made.to_string()).unwrap();
            for command in
                ["check", "check --format github", "render", "plan --resolve-image never", "import"]
            {
                let mut line: Vec<String> = command.split(' ').map(str::to_owned).collect();
                let path = file.display().to_string();
                match line[0].as_str() {
                    "import" => line.push(path),
                    "check" => line.extend(["-c".to_owned(), path]),
                    _ => line.extend(["-c".to_owned(), path, "hostile".to_owned()]),
                }
                // A file is exact where no terminal reads it: only what is shown counts.
                if command == "render" || command == "import" {
                    bench.shown(&line, payload).await;
                } else {
                    bench.all_ways(&line, &format!("field {number}, {payload:?}")).await;
                }
            }
        }
    }
    println!(
        "stack files: {fields} fields × {} payloads × 5 commands, {} outputs of {} bytes, 0 leaks",
        payloads.len(),
        bench.outputs,
        bench.bytes
    );
    assert!(fields > 100);
}

//! Conversion of secrets and configs, and of references to them.

use crate::domain::{
    compose::{
        codes,
        convert::{body::Body, desired::DesiredFile, scope::Scope},
        finding::{Finding, Findings},
        model::{ComposeService, FileObject, FileReference, Text},
        place::{At, Place},
        source::{Files, why},
    },
    swarm::change::Confidential,
    text::nearest::nearest,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

type Objects = BTreeMap<String, FileObject>;

/// Returns all that the stack declares and does not only refer to. `kind` is
/// `secret` or `config`.
pub fn files(
    kind: &str,
    scope: Scope<'_>,
    objects: &Objects,
    files: &dyn Files,
    findings: &mut Findings,
) -> Vec<DesiredFile> {
    let mut all = Vec::new();
    for (key, object) in objects.iter().filter(|it| !it.1.external) {
        let name = scope.name(&object.name, key);
        let mut body = Body::default();
        body.set("Name", name.as_str());
        body.set("Labels", scope.labels(&object.labels));
        if object.driver.is_empty() {
            let place = if object.file.place.line == 0 { object.place } else { object.file.place };
            if object.file.is_empty() {
                let message = format!("{kind} {key}: it names no `file`");
                findings.say(&codes::UNREADABLE, place, message);
                continue;
            }
            match files.read_content(Path::new(&*object.file)) {
                Ok(bytes) => body.put("Data", STANDARD.encode(bytes)),
                Err(err) => {
                    let message = format!("{kind} {key}: open {}: {}", *object.file, why(&err));
                    findings.say(&codes::UNREADABLE, place, message);
                }
            }
        } else {
            body.set("Driver", driver(object));
        }
        if !object.template_driver.is_empty() {
            body.set("Templating", json!({ "Name": object.template_driver.value }));
        }
        let body = Confidential(body.into());
        all.push(DesiredFile { key: key.clone(), name, body, place: object.place });
    }
    all
}

fn driver(object: &FileObject) -> Value {
    let mut body = Body::default();
    body.put("Name", object.driver.as_str());
    body.nest("Options", object.driver_opts.as_ref().map(Body::texts).unwrap_or_default());
    body.into()
}

/// Returns the references to secrets, by name and target, without ids.
pub fn secrets(scope: Scope<'_>, service: &ComposeService, findings: &mut Findings) -> Vec<Value> {
    let references = service.secrets.as_deref().unwrap_or_default();
    let all = references.iter().filter_map(|it| {
        let name = resolved("secret", scope, &scope.stack.secrets, it, findings)?;
        let reference = json!({ "File": file(it), "SecretID": "", "SecretName": name });
        Some(((name, target(it).to_owned()), it.place, reference))
    });
    let all = all.collect();
    sorted("secret", all, findings)
}

/// Returns the references to configs, and the one to the credential spec.
pub fn configs(scope: Scope<'_>, service: &ComposeService, findings: &mut Findings) -> Vec<Value> {
    let references = service.configs.as_deref().unwrap_or_default();
    let all = references.iter().filter_map(|it| {
        let name = resolved("config", scope, &scope.stack.configs, it, findings)?;
        let reference = json!({ "File": file(it), "ConfigID": "", "ConfigName": name });
        Some(((name, target(it).to_owned()), it.place, reference))
    });
    let mut all: Vec<_> = all.collect();
    let spec = &service.credential_spec.config;
    if let Some(object) = scope.stack.configs.get(&spec.value) {
        let name = scope.name(&object.name, spec);
        let reference = json!({ "Runtime": {}, "ConfigID": "", "ConfigName": name });
        all.push(((name, String::new()), spec.place, reference));
    }
    sorted("config", all, findings)
}

type Reference = ((String, String), Place, Value);

/// Docker leaves the order of one object's targets to chance; here it is fixed.
fn sorted(kind: &str, mut all: Vec<Reference>, findings: &mut Findings) -> Vec<Value> {
    let mut targets = BTreeSet::new();
    for ((name, target), place, _) in all.iter().filter(|it| !it.0.1.is_empty()) {
        if !targets.insert(target.clone()) {
            let message = format!("duplicate {kind} target for {name} not allowed");
            findings.say(&codes::CONFLICT, *place, message);
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().map(|it| it.2).collect()
}

fn resolved(
    kind: &str,
    scope: Scope<'_>,
    objects: &Objects,
    reference: &At<FileReference>,
    findings: &mut Findings,
) -> Option<String> {
    let Some(object) = objects.get(&reference.source) else {
        let message = format!("undefined {kind} \"{}\"", reference.source);
        let hint = format!("declare it under `{kind}s` at the top");
        let finding = Finding::new(&codes::REFERENCE, reference.place, message).hint(hint);
        let meant = nearest(&reference.source, objects.keys().map(String::as_str));
        findings.push(match meant {
            Some(meant) => finding.instead(&reference.source, meant),
            None => finding,
        });
        return None;
    };
    Some(scope.name(&object.name, &reference.source))
}

fn target(reference: &FileReference) -> &str {
    if reference.target.is_empty() { &reference.source } else { &reference.target }
}

fn file(reference: &FileReference) -> Value {
    let or_root = |id: &str| if id.is_empty() { "0".to_owned() } else { id.to_owned() };
    json!({
        "Name": target(reference),
        "UID": or_root(&reference.uid),
        "GID": or_root(&reference.gid),
        "Mode": reference.mode.unwrap_or(0o444),
    })
}

/// Returns `Privileges`, in which a config is still a name.
pub fn privileges(scope: Scope<'_>, service: &ComposeService, findings: &mut Findings) -> Value {
    let spec = &service.credential_spec;
    let given: Vec<(&str, &Text)> =
        [("Config", &spec.config), ("File", &spec.file), ("Registry", &spec.registry)]
            .into_iter()
            .filter(|it| !it.1.is_empty())
            .collect();
    let (name, text) = match given[..] {
        [] => return json!({}),
        [only] => only,
        [.., (_, last)] => {
            let names = match given.len() {
                2 => format!("\"{}\" and \"{}\"", given[0].0, given[1].0),
                _ => "\"Config\", \"File\", and \"Registry\"".to_owned(),
            };
            let message = format!("invalid credential spec: cannot specify both {names}");
            findings.say(&codes::CONFLICT, last.place, message);
            return json!({});
        }
    };
    if name == "Config" {
        check_config(scope, text, findings);
    }
    json!({ "CredentialSpec": { name: text.value } })
}

/// Docker looks for the config by its key only, and so finds none that has a
/// name of its own.
fn check_config(scope: Scope<'_>, key: &Text, findings: &mut Findings) {
    let message = match scope.stack.configs.get(&key.value) {
        None => format!("undefined config \"{}\"", key.value),
        Some(config)
            if [key.as_str(), &scope.name("", key)]
                .contains(&scope.name(&config.name, key).as_str()) =>
        {
            return;
        }
        Some(_) => format!(
            "invalid credential spec: spec specifies config {}, but no such config can be found",
            key.value
        ),
    };
    findings.say(&codes::REFERENCE, key.place, message);
}

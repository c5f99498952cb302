//! Write requests: each change of a cluster as one API request.

use crate::{
    domain::swarm::change::{Applied, Change},
    engine::docker::call::{Call, part},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

/// Writes the request down.
pub fn call(change: &Change) -> Call {
    request(change).doing(change.to_string())
}

/// Reads what a successful write answered; most answer nothing.
pub fn applied(body: &Bytes) -> Applied {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Answered {
        #[serde(rename = "ID", alias = "Id")]
        id: Option<String>,
        /// Networks, and services before engine 25.
        #[serde(rename = "Warning")]
        warning: Option<String>,
        #[serde(rename = "Warnings")]
        warnings: Option<Vec<String>>,
    }
    // The write is done, whatever its answer looks like.
    let answered: Answered = serde_json::from_slice(body).unwrap_or_default();
    let warnings = answered.warnings.unwrap_or_default().into_iter().chain(answered.warning);
    Applied { id: answered.id, warnings: warnings.filter(|it| !it.is_empty()).collect() }
}

fn request(change: &Change) -> Call {
    match change {
        Change::CreateService { spec, auth } => {
            create("services", &format!("service {}", spec.name()), spec.json()).auth(auth.as_ref())
        }
        Change::UpdateService { id, name, version, body, auth } => {
            update("services", id.as_str(), &format!("service {name}"), *version, body.json())
                .auth(auth.as_ref())
        }
        Change::RollBackService { id, name, version, body } => {
            update("services", id.as_str(), &format!("service {name}"), *version, body.json())
                .with("rollback", "previous")
        }
        Change::RemoveService { id, name } => {
            remove("services", id.as_str(), &format!("service {name}"))
        }
        Change::UpdateNode { id, hostname, version, spec } => {
            update("nodes", id.as_str(), &format!("node {hostname}"), *version, spec)
        }
        Change::CreateNetwork { name, body } => {
            create("networks", &format!("network {name}"), body)
        }
        Change::RemoveNetwork { id, name } => remove("networks", id, &format!("network {name}")),
        Change::CreateSecret { name, body } => {
            create("secrets", &format!("secret {name}"), &body.0)
        }
        Change::UpdateSecret { id, name, version, body } => {
            update("secrets", id, &format!("secret {name}"), *version, &body.0)
        }
        Change::RemoveSecret { id, name } => remove("secrets", id, &format!("secret {name}")),
        Change::CreateConfig { name, body } => create("configs", &format!("config {name}"), body),
        Change::UpdateConfig { id, name, version, body } => {
            update("configs", id, &format!("config {name}"), *version, body)
        }
        Change::RemoveConfig { id, name } => remove("configs", id, &format!("config {name}")),
        Change::RemoveVolume { name } => remove("volumes", name, &format!("volume {name}")),
    }
}

fn create(kind: &str, about: &str, body: &Value) -> Call {
    Call::post(format!("/{kind}/create"), about).body(body)
}

fn update(kind: &str, id: &str, about: &str, version: u64, body: &Value) -> Call {
    Call::post(format!("/{kind}/{}/update", part(id)), about)
        .with("version", &version.to_string())
        .body(body)
}

fn remove(kind: &str, id: &str, about: &str) -> Call {
    Call::delete(format!("/{kind}/{}", part(id)), about)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::swarm::{
        change::{Confidential, RegistryAuth},
        spec::{NewService, UpdateBody},
    };
    use serde_json::json;

    fn spec() -> Value {
        json!({ "Name": "web", "TaskTemplate": { "Placement": {} } })
    }

    fn check(change: &Change, line: &str, body: &Value) {
        let call = call(change);
        assert_eq!(format!("{} {}", call.method, call.path), line);
        let sent = call.body.map_or(Value::Null, |it| serde_json::from_slice(&it).unwrap());
        assert_eq!(&sent, body, "{line}");
        assert_eq!(call.doing, change.to_string());
    }

    #[test]
    fn services_are_written_with_version_and_credentials() {
        let auth = Some(RegistryAuth("e30=".to_owned()));
        let new = NewService::new(spec()).unwrap();
        let create = Change::CreateService { spec: new, auth: auth.clone() };
        check(&create, "POST /services/create", &spec());
        assert_eq!(call(&create).auth.as_deref(), Some("e30="));

        let body = UpdateBody::replace(spec()).unwrap();
        let (id, name) = ("x1".into(), "web".to_owned());
        let update =
            Change::UpdateService { id, name, version: u64::MAX, body: body.clone(), auth };
        check(&update, "POST /services/x1/update?version=18446744073709551615", &spec());
        assert_eq!(call(&update).auth.as_deref(), Some("e30="));

        let (id, name) = ("x1".into(), "web".to_owned());
        let back = Change::RollBackService { id, name, version: 7, body };
        check(&back, "POST /services/x1/update?version=7&rollback=previous", &spec());

        let remove = Change::RemoveService { id: "x1".into(), name: "web".to_owned() };
        check(&remove, "DELETE /services/x1", &Value::Null);
        assert_eq!(call(&remove).about, "service web");
    }

    #[test]
    fn everything_else_has_its_place() {
        let name = || "a".to_owned();
        let id = || "i/d".to_owned();
        let body = || json!({ "Name": "a" });
        let secret = || Confidential(body());
        let nothing = Value::Null;
        let hostname = name();
        let node = Change::UpdateNode { id: "n1".into(), hostname, version: 3, spec: body() };
        check(&node, "POST /nodes/n1/update?version=3", &body());
        let create = Change::CreateNetwork { name: name(), body: body() };
        check(&create, "POST /networks/create", &body());
        check(
            &Change::RemoveNetwork { id: id(), name: name() },
            "DELETE /networks/i%2Fd",
            &nothing,
        );
        let create = Change::CreateSecret { name: name(), body: secret() };
        check(&create, "POST /secrets/create", &body());
        let update = Change::UpdateSecret { id: id(), name: name(), version: 1, body: secret() };
        check(&update, "POST /secrets/i%2Fd/update?version=1", &body());
        check(&Change::RemoveSecret { id: id(), name: name() }, "DELETE /secrets/i%2Fd", &nothing);
        let create = Change::CreateConfig { name: name(), body: body() };
        check(&create, "POST /configs/create", &body());
        let update = Change::UpdateConfig { id: id(), name: name(), version: 1, body: body() };
        check(&update, "POST /configs/i%2Fd/update?version=1", &body());
        check(&Change::RemoveConfig { id: id(), name: name() }, "DELETE /configs/i%2Fd", &nothing);
        check(&Change::RemoveVolume { name: name() }, "DELETE /volumes/a", &nothing);
    }

    #[test]
    fn warnings_are_read_in_every_spelling() {
        let check = |body: &'static str, id: Option<&str>, warnings: &[&str]| {
            let applied = applied(&Bytes::from_static(body.as_bytes()));
            assert_eq!(applied.id.as_deref(), id, "{body}");
            assert_eq!(applied.warnings, warnings, "{body}");
        };
        check("", None, &[]);
        check(r#"{"Warnings":null}"#, None, &[]);
        check(r#"{"Warnings":["a","b"]}"#, None, &["a", "b"]);
        check(r#"{"ID":"x","Warning":"w"}"#, Some("x"), &["w"]);
        check(r#"{"Id":"n","Warning":""}"#, Some("n"), &[]);
    }
}

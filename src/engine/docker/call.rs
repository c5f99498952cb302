//! API requests as values.

use crate::domain::swarm::change::RegistryAuth;
use bytes::Bytes;
use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use std::fmt::Write;

/// What to send, how long to wait, and the words for what goes wrong.
#[derive(Clone)]
pub struct Call {
    pub method: Method,
    /// From the root of the API, without its version: `/services/x`.
    pub path: String,
    pub body: Option<Bytes>,
    /// The value of `X-Registry-Auth`.
    pub auth: Option<String>,
    pub pace: AnswerTime,
    /// How many bytes the answer may have.
    pub most: usize,
    /// What it acts on, as `service web`.
    pub about: String,
    /// What it does, as `update service web`.
    pub doing: String,
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerTime {
    /// The manager knows the answer.
    Read,
    /// Raft has to agree, or a registry has to answer.
    Slow,
}

/// Bytes of an answer about one object: the largest are configs, of a megabyte in base64.
const OBJECT: usize = 8 << 20;
/// Bytes of a list: 2 KB for each of some ten thousand objects.
const LIST: usize = 64 << 20;
/// Bytes of those that grow with the swarm.
const LONG_LIST: usize = 128 << 20;

impl Call {
    pub fn get(path: impl Into<String>, about: impl Into<String>) -> Self {
        Self::new(Method::GET, path.into(), about.into())
    }

    pub fn post(path: impl Into<String>, about: impl Into<String>) -> Self {
        Self { pace: AnswerTime::Slow, ..Self::new(Method::POST, path.into(), about.into()) }
    }

    pub fn delete(path: impl Into<String>, about: impl Into<String>) -> Self {
        Self { pace: AnswerTime::Slow, ..Self::new(Method::DELETE, path.into(), about.into()) }
    }

    pub fn doing(self, doing: impl Into<String>) -> Self {
        Self { doing: doing.into(), ..self }
    }

    pub fn slow(self) -> Self {
        Self { pace: AnswerTime::Slow, ..self }
    }

    pub fn body(self, json: &Value) -> Self {
        Self { body: Some(json.to_string().into()), ..self }
    }

    pub fn auth(self, auth: Option<&RegistryAuth>) -> Self {
        Self { auth: auth.map(|it| it.0.clone()), ..self }
    }

    /// Adds a parameter to the query.
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.path.push(if self.path.contains('?') { '&' } else { '?' });
        self.path.push_str(key);
        self.path.push('=');
        self.path.push_str(&encoded(value, ""));
        self
    }

    /// Adds the filter of lists: objects where `key` is any of `values`.
    pub fn filtered(self, key: &str, values: &[&str]) -> Self {
        self.filtered_by(&[(key, values)])
    }

    /// Asks for what passes all of some filters.
    pub fn filtered_by(self, filters: &[(&str, &[&str])]) -> Self {
        let set = |values: &[&str]| -> Value {
            values.iter().map(|it| ((*it).to_owned(), Value::Bool(true))).collect()
        };
        let filters: Value =
            filters.iter().map(|(key, values)| ((*key).to_owned(), set(values))).collect();
        self.with("filters", &filters.to_string())
    }

    /// Returns method and path without the query, for messages.
    pub fn line(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        format!("{} {path}", self.method)
    }

    /// The same for the log: names of images may hold what nobody may read there.
    pub fn logged(&self) -> String {
        match self.path.starts_with("/distribution/") {
            true => format!("{} /distribution/…", self.method),
            false => self.line(),
        }
    }

    fn new(method: Method, path: String, about: String) -> Self {
        let doing = format!("{method} {}", path.split('?').next().unwrap_or_default());
        let most = match path.split('?').next().unwrap_or_default() {
            "/services" | "/tasks" => LONG_LIST,
            "/nodes" | "/networks" | "/secrets" | "/configs" | "/volumes" => LIST,
            _ => OBJECT,
        };
        Self { method, path, body: None, auth: None, pace: AnswerTime::Read, most, about, doing }
    }
}

/// Encodes one part of a path, so that no name can leave its place.
pub fn part(text: &str) -> String {
    encoded(text, "")
}

/// Encodes the reference of an image, which may contain slashes.
pub fn image_part(text: &str) -> String {
    encoded(text, "/:@")
}

/// A moment as the engine reads it, exact to the nanosecond.
pub fn seconds(at: Timestamp) -> String {
    format!("{}.{:09}", at.as_second(), at.subsec_nanosecond())
}

fn encoded(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~".contains(c) || kept.contains(c) {
            out.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_parameters_are_encoded() {
        let call = Call::get(format!("/services/{}", part("a/b?c d")), "x").with("since", "1.5 &ü");
        assert_eq!(call.path, "/services/a%2Fb%3Fc%20d?since=1.5%20%26%C3%BC");
        assert_eq!(call.line(), "GET /services/a%2Fb%3Fc%20d");
        assert_eq!(image_part("reg:5000/a/b@sha256:1?x"), "reg:5000/a/b@sha256:1%3Fx");
    }

    #[test]
    fn filters_are_json() {
        let call = Call::get("/tasks", "tasks").filtered("label", &["a=b", "c"]);
        assert_eq!(
            call.path,
            "/tasks?filters=%7B%22label%22%3A%7B%22a%3Db%22%3Atrue%2C%22c%22%3Atrue%7D%7D"
        );
    }
}

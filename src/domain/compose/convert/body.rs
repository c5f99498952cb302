//! JSON objects without empty values.

use crate::domain::compose::model::{Labels, Text};
use serde_json::{Map, Value, json};

/// An object in the making.
#[derive(Debug, Default)]
pub struct Body(Map<String, Value>);

impl Body {
    /// An object of texts.
    pub fn texts(labels: &Labels) -> Self {
        Self(labels.iter().map(|(key, value)| (key.clone(), json!(value.value))).collect())
    }

    /// Sets a field, whatever the value.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Sets a field unless the value is null, false, zero, or an empty text or
    /// list.
    pub fn put(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        let empty = match &value {
            Value::Null => true,
            Value::Bool(it) => !it,
            Value::Number(it) => it.as_f64() == Some(0.0),
            Value::String(it) => it.is_empty(),
            Value::Array(it) => it.is_empty(),
            Value::Object(_) => false,
        };
        if !empty {
            self.set(name, value);
        }
    }

    /// Sets a field if there is a value, even an empty one.
    pub fn give(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Sets a field to an object, unless that is empty.
    pub fn nest(&mut self, name: &str, body: Self) {
        if !body.0.is_empty() {
            self.set(name, body);
        }
    }
}

impl From<Body> for Value {
    fn from(body: Body) -> Self {
        Self::Object(body.0)
    }
}

/// Returns the texts without their places.
pub fn list(texts: &[Text]) -> Vec<String> {
    texts.iter().map(|it| it.value.clone()).collect()
}

//! Spec diff, field by field.

use crate::domain::{
    swarm::{
        difference::walk::{Lone, Pair, walk},
        raw,
    },
    text::mask::Secrecy,
};
use serde_json::Value;

pub mod walk;

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// As `TaskTemplate.ContainerSpec.Env.LOG_LEVEL`.
    pub field: String,
    /// `None` where the field was not there.
    pub old: Option<String>,
    pub new: Option<String>,
    /// What `old` and `new` were before they were written for people.
    pub(in crate::domain) forms: [Form; 2],
}

/// What a value was that is written for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::domain) enum Form {
    Text,
    Json,
    /// A text, a list or an object with nothing in it.
    Blank(Value),
}

impl Difference {
    /// Returns the old and the new value as what they are: a number, a list, a text;
    /// null where there was none. What is hidden is hidden here, too.
    pub fn values(&self) -> [Value; 2] {
        let value = |text: &Option<String>, form: &Form| match (text, form) {
            (None, _) => Value::Null,
            (Some(_), Form::Blank(empty)) => empty.clone(),
            (Some(text), Form::Text) => Value::from(text.as_str()),
            (Some(text), Form::Json) => {
                serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()))
            }
        };
        let [old, new] = &self.forms;
        [value(&self.old, old), value(&self.new, new)]
    }
}

impl Form {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) if !text.is_empty() => Self::Text,
            other if raw::text(other).is_none() => Self::Blank(other.clone()),
            _ => Self::Json,
        }
    }
}

/// Compares two JSON documents. Environments are compared by name,
/// other lists as a whole; secret-looking values are hidden.
pub fn differences(old: &Value, new: &Value, secrecy: Secrecy) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(old, new, Lone::Whole, &mut |Pair { field, name, old, new }| {
        let forms = [old, new].map(Form::of);
        let [old, new] = [old, new].map(|it| shown(name, it, secrecy));
        found.push(Difference { field: field.to_owned(), old, new, forms });
    });
    found
}

/// Writes a difference as `old → new`.
pub fn arrow(difference: &Difference) -> String {
    match (&difference.old, &difference.new) {
        (Some(old), Some(new)) if old == new => format!("{new} (another value)"),
        (Some(old), Some(new)) => format!("{old} → {new}"),
        (Some(old), None) => format!("{old} → removed"),
        (None, new) => format!("added: {}", new.as_deref().unwrap_or_default()),
    }
}

fn shown(name: &str, value: &Value, secrecy: Secrecy) -> Option<String> {
    if value.is_null() {
        return None;
    }
    Some(raw::text(&secrecy.json(name, value)).unwrap_or_else(|| "empty".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn programs_get_values_as_what_they_are() {
        let old =
            json!({ "Env": ["PORT=80", "PASSWORD=x"], "User": "1000", "Delay": 5, "Hosts": [] });
        let new =
            json!({ "Env": ["PORT=81", "PASSWORD=y"], "User": "0", "Delay": null, "Hosts": ["a"] });
        let found = differences(&old, &new, Secrecy::Mask);
        let values = |field: &str| {
            found.iter().find(|it| it.field == field).map(Difference::values).unwrap()
        };
        assert_eq!(values("Env.PORT"), [json!("80"), json!("81")]);
        assert_eq!(values("User"), [json!("1000"), json!("0")]);
        assert_eq!(values("Delay"), [json!(5), json!(null)]);
        assert_eq!(values("Hosts"), [json!([]), json!(["a"])]);
        assert!(!values("Env.PASSWORD").contains(&json!("x")));
    }
}

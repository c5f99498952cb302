//! Raw JSON in any shape, from an engine or a state file: changed without panics, and as text.
//!
//! `value["Key"]` on a `&mut Value` panics where it meets a text or a number; nothing
//! outside of tests writes so (`tests/it/architecture.rs`).

use serde_json::{Map, Value};

/// Puts a value at the end of a path. Objects on the way are made where they are missing,
/// and where something else stands in their place.
pub fn set(at: &mut Value, path: &[&str], to: Value) {
    match path {
        [] => *at = to,
        [key, rest @ ..] => set(object(at).entry(*key).or_insert(Value::Null), rest, to),
    }
}

/// Returns the object that this is, or an empty one in its place.
fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("it was made one"),
    }
}

/// Returns a list inside of it, to be changed; empty where there is none.
pub fn items<'a>(value: &'a mut Value, pointer: &str) -> &'a mut [Value] {
    match value.pointer_mut(pointer) {
        Some(Value::Array(items)) => items,
        _ => &mut [],
    }
}

/// Any value: texts as they are, the rest as JSON; `None` for what is not there
/// or empty.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|it| !it.is_empty()),
        Value::Array(list) if list.is_empty() => None,
        Value::Object(map) if map.is_empty() => None,
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_stands_in_the_way_gives_way() {
        for before in [json!({}), json!(null), json!("x"), json!({ "A": 1 }), json!([1])] {
            let mut value = before.clone();
            set(&mut value, &["A", "B"], json!(2));
            assert_eq!(value["A"]["B"], 2, "{before}");
        }
        let mut value = json!({ "A": { "B": 1, "C": 2 } });
        set(&mut value, &["A", "B"], json!(3));
        assert_eq!(value, json!({ "A": { "B": 3, "C": 2 } }));
    }

    #[test]
    fn a_list_that_is_none_is_empty() {
        let mut value = json!({ "A": { "L": [1, 2] }, "B": "x" });
        assert_eq!(items(&mut value, "/A/L").len(), 2);
        assert!(items(&mut value, "/B/L").is_empty());
        assert!(items(&mut value, "/A").is_empty());
    }
}

//! Saves of an odd object what can be read.

use serde_json::{Map, Value};

/// Keeps of `odd` the members with which it is still accepted; `None` where
/// not even an empty one is.
pub fn salvage(odd: &Value, accepts: &dyn Fn(&Value) -> bool) -> Option<Value> {
    if accepts(odd) {
        return Some(odd.clone());
    }
    let kept = match odd {
        Value::Object(members) => Value::Object(of_object(members, accepts)),
        Value::Array(elements) => Value::Array(of_array(elements, accepts)),
        _ => return None,
    };
    accepts(&kept).then_some(kept)
}

fn of_object(members: &Map<String, Value>, accepts: &dyn Fn(&Value) -> bool) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in members {
        let with = |part: &Value| {
            let mut with = kept.clone();
            with.insert(key.clone(), part.clone());
            Value::Object(with)
        };
        if let Some(part) = salvage(value, &|part| accepts(&with(part))) {
            kept.insert(key.clone(), part);
        }
    }
    kept
}

fn of_array(elements: &[Value], accepts: &dyn Fn(&Value) -> bool) -> Vec<Value> {
    let mut kept = Vec::new();
    for element in elements {
        let with = |part: &Value| {
            let mut with = kept.clone();
            with.push(part.clone());
            Value::Array(with)
        };
        if let Some(part) = salvage(element, &|part| accepts(&with(part))) {
            kept.push(part);
        }
    }
    kept
}

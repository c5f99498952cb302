//! Partial decoding of invalid objects.
//!
//! Each part is tried alone, with no more around it than says where it stands: what else
//! was kept has no say, so a thousand odd parts cost a thousand times what one does.

use serde_json::{Map, Value};
use std::cell::Cell;

/// Bytes that are decoded at most to save what can be saved of one list: each object is
/// tried again for each of its members, and who sends nothing else must not keep anybody
/// busy. A service has some 2 KB and a hundred members: hundreds of them are saved.
const MOST: usize = 32 << 20;

/// How much may still be tried.
pub struct Patience(Cell<usize>);

impl Default for Patience {
    fn default() -> Self {
        Self(Cell::new(MOST))
    }
}

impl Patience {
    pub fn is_over(&self) -> bool {
        self.0.get() == 0
    }

    /// Returns whether a text is accepted; nothing is once patience is over.
    pub fn tries(&self, text: &str, accepts: impl FnOnce(&str) -> bool) -> bool {
        self.0.set(self.0.get().saturating_sub(text.len()));
        !self.is_over() && accepts(text)
    }
}

/// Keeps of `odd` the members with which it is still accepted; `None` where
/// not even an empty one is.
pub fn salvage(
    odd: &Value,
    patience: &Patience,
    accepts: &dyn Fn(&Value) -> bool,
) -> Option<Value> {
    if patience.is_over() {
        return None;
    }
    if accepts(odd) {
        return Some(odd.clone());
    }
    let kept = match odd {
        Value::Object(members) => Value::Object(of_object(members, patience, accepts)),
        Value::Array(elements) => Value::Array(of_array(elements, patience, accepts)),
        _ => return None,
    };
    accepts(&kept).then_some(kept)
}

fn of_object(
    members: &Map<String, Value>,
    patience: &Patience,
    accepts: &dyn Fn(&Value) -> bool,
) -> Map<String, Value> {
    let members = members.iter().take_while(|_| !patience.is_over());
    let kept = members.filter_map(|(key, value)| {
        let alone =
            |part: &Value| Value::Object([(key.clone(), part.clone())].into_iter().collect());
        Some((key.clone(), salvage(value, patience, &|part| accepts(&alone(part)))?))
    });
    kept.collect()
}

fn of_array(
    elements: &[Value],
    patience: &Patience,
    accepts: &dyn Fn(&Value) -> bool,
) -> Vec<Value> {
    let alone = |part: &Value| Value::Array(vec![part.clone()]);
    let elements = elements.iter().take_while(|_| !patience.is_over());
    elements.filter_map(|it| salvage(it, patience, &|part| accepts(&alone(part)))).collect()
}

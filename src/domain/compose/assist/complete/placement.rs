//! Completion of placement constraints and preferences, with the nodes that they match.

use crate::domain::compose::assist::{
    complete::{candidate::Candidate, scene::Scene},
    nodes::{count, keys, label_keys, nodes_matching, values},
    outline::unquoted,
};

/// Returns keys as long as there is no operator, and values behind it.
pub fn constraints(scene: &Scene<'_>) -> Vec<Candidate> {
    let typed = unquoted(scene.typed());
    let nodes = &scene.known.nodes;
    let operator = typed.find("==").or_else(|| typed.find("!="));
    if let Some(at) = operator {
        let value = typed[at + 2..].trim_start();
        let front = &typed[..typed.len() - value.len()];
        return with_values(scene, typed[..at].trim(), front, true);
    }
    let mut all = with_values(scene, "node.role", "node.role==", false);
    for key in keys(nodes).into_iter().filter(|it| it != "node.role") {
        let values = Vec::from_iter(values(&key, nodes));
        let text = format!("{key}==");
        let detail = if nodes.is_empty() { String::new() } else { different(&values) };
        all.push(Candidate { goes_on: true, ..Candidate::of(&text, detail) });
    }
    all
}

/// Returns what tasks can be spread over.
pub fn spread(scene: &Scene<'_>) -> Vec<Candidate> {
    let nodes = &scene.known.nodes;
    let keys = label_keys(nodes).into_iter();
    keys.map(|key| {
        let values = Vec::from_iter(values(&key, nodes));
        let with = nodes.iter().filter(|it| it.value(&key).is_some_and(|it| !it.is_empty()));
        let with = with.count();
        let detail = format!("{} on {with} of {} nodes", different(&values), nodes.len());
        Candidate::of(&key, detail)
    })
    .collect()
}

/// Returns a constraint for each value that nodes have for a key; `typed` tells that its
/// front stands there already.
fn with_values(scene: &Scene<'_>, key: &str, front: &str, typed: bool) -> Vec<Candidate> {
    let nodes = &scene.known.nodes;
    let mut found = values(key, nodes);
    if key.eq_ignore_ascii_case("node.role") {
        found.extend(["manager".to_owned(), "worker".to_owned()]);
    }
    let texts = found.into_iter().map(|it| format!("{front}{it}"));
    texts
        .map(|text| {
            let met = nodes_matching(&text, nodes);
            let detail = if nodes.is_empty() { String::new() } else { count(&met, nodes.len()) };
            let fixed = if typed { front.len() } else { 0 };
            Candidate { fixed, ..Candidate::of(&text, detail) }
        })
        .collect()
}

fn different(values: &[String]) -> String {
    let noun = if values.len() == 1 { "value" } else { "values" };
    match values {
        [] => "no node has it".to_owned(),
        values => format!("{} {noun}: {}", values.len(), values.join(", ")),
    }
}

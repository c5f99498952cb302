//! Checks of placement: constraints, preferences and limits per node.

use crate::domain::{
    compose::{
        check::subject::Subject,
        codes,
        finding::{Finding, Findings},
        model::Text,
    },
    swarm::constraint::{Constraint, KEYS, LABELS},
    text::nearest::nearest,
};

/// Looks at each constraint, and at all of them together.
pub fn constraints(subject: &Subject<'_>, findings: &mut Findings) {
    let texts = &subject.service.deploy.constraints;
    for text in texts {
        match Constraint::parse(text) {
            Err(why) => findings.push(malformed(subject, text, &why)),
            Ok(it) if !it.is_known() => findings.push(unknown(subject, text, &it)),
            Ok(it) if is_no_role(&it) => {
                let message = format!("there is no role `{}`", it.value);
                let finding = Finding::new(&codes::CONSTRAINT_NEVER, text.place, message);
                let finding = finding.hint("roles are manager and worker");
                let meant = nearest(&it.value.to_lowercase(), ["manager", "worker"]);
                findings.push(match meant {
                    Some(role) => finding.instead(&it.value, role),
                    None => finding,
                });
            }
            Ok(_) => {}
        }
    }
    let all = subject.constraints();
    let Some(last) = texts.last() else { return };
    let contrary = |it: &&Constraint| all.iter().any(|other| excludes(it, other));
    let nodes = subject.scene.cluster.map(|it| it.nodes_for(&all).len());
    if let Some(one) = all.iter().rev().find(contrary) {
        let message = format!("no node can meet both this and another constraint on {}", one.key);
        findings.say(&codes::CONSTRAINT_NEVER, last.place, message);
    } else if nodes == Some(0) && all.iter().all(|it| it.is_known() && !is_no_role(it)) {
        let message = "no node that takes tasks meets its constraints";
        findings.say(&codes::CONSTRAINT_NEVER, last.place, message);
    }
}

/// Looks at what tasks are spread over.
pub fn spread(subject: &Subject<'_>, findings: &mut Findings) {
    for text in &subject.service.deploy.preferences {
        let lower = text.to_ascii_lowercase();
        if !LABELS.iter().any(|it| lower.len() > it.len() && lower.starts_with(it)) {
            let message = format!("tasks cannot be spread over `{}`", text.value);
            let finding = Finding::new(&codes::SPREAD_KEY, text.place, message);
            findings.push(match label_meant(text) {
                Some(meant) => {
                    let hint = format!("did you mean `{meant}`?");
                    finding.hint(hint).instead(text.as_str(), meant)
                }
                None => finding,
            });
        }
    }
}

/// Counts how many tasks nodes may take.
pub fn per_node(subject: &Subject<'_>, findings: &mut Findings) {
    let most = subject.service.deploy.max_replicas_per_node;
    let (Some(facts), Some(replicas)) = (subject.scene.cluster, subject.replicas()) else { return };
    let nodes = facts.nodes_for(&subject.constraints()).len() as u64;
    let room = nodes.saturating_mul(most.value);
    if most.value > 0 && nodes > 0 && replicas > room {
        let message = format!("{nodes} nodes take only {room} of its {replicas} tasks");
        findings.say(&codes::MAX_PER_NODE, most.place, message);
    }
}

fn malformed(subject: &Subject<'_>, text: &Text, why: &str) -> Finding {
    let finding = Finding::new(&codes::CONSTRAINT_FORM, text.place, why);
    let mut parts = text.split('=');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(key), Some(value), None) if !key.trim().is_empty() => {
            let meant = format!("{}=={}", key.trim(), value.trim());
            subject.replaced(finding, text.place, &meant)
        }
        _ => finding,
    }
}

fn unknown(subject: &Subject<'_>, text: &Text, constraint: &Constraint) -> Finding {
    let key = constraint.key.as_str();
    let message = format!("no node has `{key}`");
    let finding = Finding::new(&codes::CONSTRAINT_KEY, text.place, message);
    let meant = label_meant(key).or_else(|| nearest(key, KEYS.iter().copied()).map(str::to_owned));
    let Some(meant) = meant else { return finding };
    let operator = if constraint.equal { "==" } else { "!=" };
    let hint = format!("did you mean `{meant}`?");
    subject.replaced(
        finding.hint(hint),
        text.place,
        &format!("{meant}{operator}{}", constraint.value),
    )
}

/// Returns the label that a key like `node.label.zone` means.
fn label_meant(key: &str) -> Option<String> {
    let (kind, name) = key.split_once('.')?.1.split_once('.')?;
    nearest(kind, ["labels"]).map(|_| format!("node.labels.{name}"))
}

fn is_no_role(constraint: &Constraint) -> bool {
    let value = constraint.value.to_ascii_lowercase();
    constraint.key.eq_ignore_ascii_case("node.role")
        && constraint.equal
        && !matches!(value.as_str(), "manager" | "worker")
}

/// Tells two constraints that no node can meet both.
fn excludes(one: &Constraint, other: &Constraint) -> bool {
    let same = one.value.eq_ignore_ascii_case(&other.value);
    one.key.eq_ignore_ascii_case(&other.key)
        && ((one.equal && other.equal && !same) || (one.equal != other.equal && same))
}

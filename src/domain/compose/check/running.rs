//! Checks of commands, restart policies and stopping.

use crate::domain::{
    compose::{
        check::{health, subject::Subject},
        codes,
        finding::{Finding, Findings},
    },
    text::nearest::nearest,
};

/// Looks for shell syntax in commands.
pub fn command(subject: &Subject<'_>, findings: &mut Findings) {
    let service = subject.service;
    let words = if service.entrypoint.is_empty() { &service.command } else { &service.entrypoint };
    if let Some(word) = health::operator(words) {
        let message =
            format!("`{}` is passed to the program as a word: there is no shell", word.value);
        let finding = Finding::new(&codes::SHELL_SYNTAX, word.place, message);
        findings.push(finding.hint("write `sh -c '…'`"));
    }
}

/// Looks at how tasks are restarted.
pub fn restart(subject: &Subject<'_>, findings: &mut Findings) {
    let service = subject.service;
    let Some(policy) = &service.deploy.restart_policy else { return };
    if !service.restart.is_empty() {
        let message = format!("`restart: {}` has no effect here", service.restart.value);
        let finding = Finding::new(&codes::RESTART_SHADOWED, service.restart.place, message)
            .also(policy.place, "this counts");
        findings.push(subject.removed(finding, &["restart"]));
    }
    let attempts = policy.max_attempts.filter(|it| it.value > 0);
    let windowed = policy.window.is_some_and(|it| it.value > 0);
    let restarts = policy.condition.as_str() != "none" && !subject.is_job();
    if let Some(attempts) = attempts.filter(|_| restarts && !windowed) {
        let message = format!(
            "a task is never restarted again after {} failures in its whole life",
            attempts.value
        );
        let finding = Finding::new(&codes::GIVES_UP, attempts.place, message);
        findings.push(match policy.window {
            Some(_) => finding,
            None => subject.inserted(finding, &["deploy", "restart_policy"], "window: 2m"),
        });
    }
    for (key, time) in [("delay", policy.delay), ("window", policy.window)] {
        if let Some(time) = time.filter(|it| it.value < 0) {
            let message = format!("the {key} between restarts is negative");
            findings.say(&codes::OUT_OF_RANGE, time.place, message);
        }
    }
}

/// Finds tasks that get no time to stop.
pub fn grace(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(grace) = subject.service.stop_grace_period.filter(|it| it.value <= 0) else { return };
    let finding = Finding::new(
        &codes::NO_GRACE,
        grace.place,
        "tasks are killed at once when they should stop",
    );
    findings.push(subject.replaced(finding, grace.place, "10s"));
}

/// Finds services without tasks.
pub fn replicas(subject: &Subject<'_>, findings: &mut Findings) {
    if let Some(replicas) = subject.service.deploy.replicas.filter(|it| it.value == 0) {
        findings.say(&codes::NO_REPLICAS, replicas.place, "nothing runs: it has 0 replicas");
    }
}

/// Looks at what a service waits for.
pub fn depends_on(subject: &Subject<'_>, findings: &mut Findings) {
    let needed = &subject.service.depends_on;
    if let Some(first) = needed.first() {
        let message = format!("Swarm does not wait for {}", first.value);
        findings.say(&codes::DEPENDS_ON, first.place, message);
    }
    let services = &subject.scene.stack.services;
    for name in needed.iter().filter(|it| !services.contains_key(it.as_str())) {
        let message = format!("there is no service {}", name.value);
        let finding = Finding::new(&codes::DEPENDS_ON_NOBODY, name.place, message);
        // A fix that names the service itself, or one that is named already, mends nothing.
        let is_free =
            |it: &&str| *it != subject.key && needed.iter().all(|other| other.as_str() != *it);
        let free = services.keys().map(String::as_str).filter(is_free);
        findings.push(match nearest(name, free) {
            Some(meant) => subject.replaced(finding, name.place, meant),
            None => finding,
        });
    }
}

/// Finds logs that nothing bounds.
pub fn logging(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(logging) = &subject.service.logging else { return };
    let keeps_all = matches!(logging.driver.as_str(), "" | "json-file");
    if !keeps_all || logging.options.as_ref().is_some_and(|it| it.contains_key("max-size")) {
        return;
    }
    let finding = Finding::new(&codes::LOG_GROWTH, logging.place, "its logs have no max-size");
    findings.push(if subject.node(&["logging", "options"]).is_some() {
        subject.inserted(finding, &["logging", "options"], "max-size: 10m")
    } else {
        subject.inserted(finding, &["logging"], "options: { max-size: 10m, max-file: \"3\" }")
    });
}

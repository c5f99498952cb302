//! Checks of `update_config` and `rollback_config`.

use crate::domain::{
    compose::{
        check::{health, subject::Subject},
        codes::{self, Code},
        finding::{Finding, Findings},
        model::{Text, UpdateConfig},
        place::{At, Place},
    },
    text::{duration, nearest::nearest},
};

/// How long the engine watches a task where nothing is said.
const MONITOR: i64 = 5_000_000_000;

const PROPAGATIONS: &[&str] = &["rprivate", "private", "rshared", "shared", "rslave", "slave"];

const CONFIG: &[&str] = &["deploy", "update_config"];

/// Compares how long a task is watched with how long it takes to be found sick.
pub fn monitor(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(check) = &subject.service.healthcheck else { return };
    let Some(horizon) = health::horizon(check).filter(|_| !subject.is_job()) else { return };
    let given = config(subject).map(|it| it.monitor).filter(|it| it.value > 0);
    let monitor = given.map_or(MONITOR, |it| it.value);
    if monitor >= horizon {
        return;
    }
    let (needed, monitor) = (duration::format(horizon), duration::format(monitor));
    let place = given.map_or(check.place, |it| it.place);
    let message = format!("updates watch a task for {monitor}, but its healthcheck needs {needed}");
    let finding = Finding::new(&codes::SHORT_MONITOR, place, message)
        .hint(format!("write `monitor: {needed}` under deploy.update_config"));
    findings.push(match given {
        Some(given) => subject.replaced(finding, given.place, &needed),
        None => subject.provided(finding, CONFIG, &format!("monitor: {needed}")),
    });
}

/// Asks for a rollback.
pub fn pause(subject: &Subject<'_>, findings: &mut Findings) {
    let action = config(subject).map(|it| &it.failure_action);
    if subject.is_job() || action.is_some_and(|it| !matches!(it.as_str(), "" | "pause")) {
        return;
    }
    let written = action.filter(|it| !it.is_empty());
    let place = written.map_or_else(|| subject.place(CONFIG), |it| it.place);
    let message = "a failed update is paused half way";
    let finding = Finding::new(&codes::PAUSE_ON_FAILURE, place, message);
    findings.push(match written {
        Some(_) => subject.replaced(finding, place, "rollback"),
        None => subject.provided(finding, CONFIG, "failure_action: rollback"),
    });
}

/// Finds updates without a limit.
pub fn all_at_once(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(parallelism) = config(subject).and_then(|it| it.parallelism) else { return };
    if parallelism.value == 0 && subject.replicas() != Some(1) {
        let message = "`parallelism: 0` replaces all tasks at once";
        let finding = Finding::new(&codes::ALL_AT_ONCE, parallelism.place, message);
        findings.push(subject.replaced(finding, parallelism.place, "1"));
    }
}

/// Looks at how many tasks may fail, and how long an update waits. Engines look
/// at neither in `rollback_config`.
pub fn failures(subject: &Subject<'_>, findings: &mut Findings) {
    let deploy = &subject.service.deploy;
    for config in [&deploy.update_config, &deploy.rollback_config].into_iter().flatten() {
        let ratio = config.max_failure_ratio;
        if (ratio.value - 1.0).abs() < f32::EPSILON {
            let message = "the update counts as good even if all tasks fail";
            let finding = Finding::new(&codes::FAILURES_FORGIVEN, ratio.place, message);
            findings.push(subject.replaced(finding, ratio.place, "0"));
        }
    }
    let Some(config) = config(subject) else { return };
    let ratio = config.max_failure_ratio;
    if !(0.0..=1.0).contains(&ratio.value) {
        let message = format!("max_failure_ratio is {}, but must be from 0 to 1", ratio.value);
        findings.say(&codes::OUT_OF_RANGE, ratio.place, message);
    }
    for (key, time) in [("delay", config.delay), ("monitor", config.monitor)] {
        if time.value < 0 {
            let message = format!("the {key} of updates is negative");
            findings.say(&codes::OUT_OF_RANGE, time.place, message);
        }
    }
}

/// Finds what two tasks at a time cannot share.
pub fn start_first(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(order) = config(subject).map(|it| &it.order) else { return };
    if order.as_str() != "start-first" {
        return;
    }
    let say = |code: &'static Code, message: String, other: Place, what| {
        let finding = Finding::new(code, order.place, message).also(other, what);
        subject.replaced(finding, order.place, "stop-first")
    };
    let ports = subject.service.ports.as_deref().unwrap_or_default();
    if let Some(port) = ports.iter().find(|it| it.mode == "host" && it.published > 0) {
        let message = format!("the new task waits for port {} of the old one", port.published);
        findings.push(say(&codes::START_FIRST_PORT, message, port.place, "the port"));
    }
    let volumes = &subject.scene.stack.volumes;
    let local = |source: &str| volumes.get(source).is_some_and(|it| !it.external);
    let writes = |kind: &str| matches!(kind, "" | "volume");
    let volume = subject.mounts().iter();
    let mut volume = volume.filter(|it| writes(&it.kind) && !it.read_only && local(&it.source));
    if let Some(volume) = volume.next() {
        let message =
            format!("the old and the new task use the volume {} at the same time", volume.source);
        findings.push(say(&codes::START_FIRST_VOLUME, message, volume.place, "the volume"));
    }
}

/// Finds jobs that would be updated.
pub fn job(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.is_job() && config(subject).is_some() {
        let finding = Finding::new(
            &codes::JOB_UPDATE,
            subject.place(CONFIG),
            "a job cannot have update_config",
        );
        findings.push(subject.removed(finding, CONFIG));
    }
}

/// Looks at words that docker hands on to the engine unseen.
pub fn words(subject: &Subject<'_>, findings: &mut Findings) {
    let deploy = &subject.service.deploy;
    let mut check = |key: &str, text: &Text, words: &[&str]| {
        if !text.is_empty() && !words.contains(&text.as_str()) {
            findings.push(unknown(subject, key, text, words));
        }
    };
    for config in [&deploy.update_config, &deploy.rollback_config].into_iter().flatten() {
        check("failure_action", &config.failure_action, &["pause", "continue", "rollback"]);
    }
    if let Some(policy) = &deploy.restart_policy {
        check("condition", &policy.condition, &["none", "on-failure", "any"]);
    }
    let mode = &deploy.endpoint_mode;
    check("endpoint_mode", &At::new(mode.to_lowercase(), mode.place), &["vip", "dnsrr"]);
    for mount in subject.mounts() {
        let propagation = mount.bind.as_deref().unwrap_or_default().to_lowercase();
        check("propagation", &At::new(propagation, mount.place), PROPAGATIONS);
    }
}

fn unknown(subject: &Subject<'_>, key: &str, text: &Text, words: &[&str]) -> Finding {
    let message = format!("the engine knows no {key} `{}`", text.value);
    let finding = Finding::new(&codes::UNKNOWN_WORD, text.place, message)
        .hint(format!("use one of {}", words.join(", ")));
    let raw = subject.scene.text(text.place).trim_matches(['"', '\'']);
    let alone = raw.eq_ignore_ascii_case(text);
    match nearest(&text.to_lowercase(), words.iter().copied()).filter(|_| alone) {
        Some(word) => subject.replaced(finding, text.place, word),
        None => finding,
    }
}

fn config<'a>(subject: &Subject<'a>) -> Option<&'a UpdateConfig> {
    subject.service.deploy.update_config.as_deref()
}

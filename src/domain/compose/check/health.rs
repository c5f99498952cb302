//! Checks of healthchecks.

use crate::domain::compose::{
    check::subject::Subject,
    codes, edit,
    finding::{Finding, Findings, Fix},
    model::{Healthcheck, Text},
    yaml::YamlNode,
};

const SECOND: i64 = 1_000_000_000;

/// Words that only a shell understands.
const OPERATORS: &[&str] = &["&&", "||", "|", ";", ">", ">>", "<", "2>&1"];

/// Programs that take a line of shell syntax.
const SHELLS: &[&str] =
    &["sh", "bash", "ash", "dash", "zsh", "ksh", "busybox", "powershell", "cmd"];

/// Words that a list begins with, and no line for a shell.
const MARKS: &[&str] = &["CMD", "CMD-SHELL", "NONE"];

/// Asks for a healthcheck.
pub fn missing(subject: &Subject<'_>, findings: &mut Findings) {
    if subject.service.healthcheck.is_none() && !subject.is_job() {
        let message = "it has no healthcheck";
        findings.say(&codes::NO_HEALTHCHECK, subject.service.place, message);
    }
}

/// Says where a healthcheck is switched off.
pub fn off(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(check) = &subject.service.healthcheck else { return };
    if check.disable || first_word(check) == Some("NONE") {
        findings.say(&codes::HEALTHCHECK_OFF, check.place, "the healthcheck is switched off");
    }
}

/// Looks at the first word of a test.
pub fn form(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(check) = &subject.service.healthcheck else { return };
    let Some(word) = first_word(check) else { return };
    if check.disable || matches!(word, "NONE" | "CMD" | "CMD-SHELL") {
        return;
    }
    let message = format!("the healthcheck starts with `{word}` and never runs");
    let mut finding = Finding::new(&codes::HEALTHCHECK_FORM, check.test[0].place, message)
        .hint("write `CMD` first");
    if let Some(list) = subject.node(&["healthcheck", "test"]) {
        finding.fix = edit::insert_item(subject.scene.file(list.place), list, "CMD");
    }
    findings.push(finding);
}

/// Finds tests without a program.
pub fn program(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(check) = &subject.service.healthcheck else { return };
    let [mark, words @ ..] = &check.test[..] else { return };
    let kills = mark.as_str() == "CMD" && words.is_empty();
    let empty = match (mark.as_str(), words) {
        _ if check.disable => false,
        ("CMD" | "CMD-SHELL", []) => true,
        ("CMD", [program, ..]) => program.trim().is_empty(),
        _ => false,
    };
    if empty {
        let what = if kills { ", which crashes the engine of every node that runs it" } else { "" };
        let message = format!("the healthcheck names no program{what}");
        findings.say(&codes::HEALTHCHECK_EMPTY, mark.place, message);
    }
}

/// Finds lines for a shell that say less than they seem to.
pub fn line(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(check) = subject.service.healthcheck.as_ref().filter(|it| !it.disable) else { return };
    let ([_, line, more @ ..], Some("CMD-SHELL")) = (&check.test[..], first_word(check)) else {
        return;
    };
    if let Some(first) = more.first() {
        let message =
            format!("the shell runs only `{}` and ignores the words after it", line.value);
        let mut finding = Finding::new(&codes::HEALTHCHECK_LINE, first.place, message)
            .hint("write the whole line as one string");
        if let Some(list) = subject.node(&["healthcheck", "test"]) {
            finding.fix = joined_words(subject.scene.file(list.place), list, &check.test[1..]);
        }
        findings.push(finding);
    } else if line.trim().is_empty() {
        let message = "the healthcheck is an empty command: every task counts as healthy";
        findings.say(&codes::HEALTHCHECK_LINE, line.place, message);
    } else if line.starts_with(['[']) && line[1..].starts_with(['"', '\'']) {
        let message = "the shell gets the list as one text";
        let finding = Finding::new(&codes::HEALTHCHECK_LINE, line.place, message);
        findings.push(finding.hint("remove the quotes around the list"));
    } else if let Some(mark) = MARKS.iter().find(|it| line.split(' ').next() == Some(**it)) {
        let message = format!("the shell looks for a program `{mark}`");
        let finding = Finding::new(&codes::HEALTHCHECK_LINE, line.place, message);
        let finding = finding.hint("only a list starts with such a word");
        findings.push(match line.trim() == *mark {
            true => finding,
            false => finding.instead(format!("{mark} "), ""),
        });
    }
}

/// Finds tests of several files, which docker joins.
pub fn joined(subject: &Subject<'_>, findings: &mut Findings) {
    let tests = subject.nodes.iter().filter_map(|it| it.get("healthcheck")?.entry("test"));
    let mut tests = tests.map(|it| it.key.place);
    let (Some(first), Some(second)) = (tests.next(), tests.next()) else { return };
    let message = "the test is appended to that of another file";
    let finding = Finding::new(&codes::HEALTHCHECK_JOINED, second, message);
    findings.push(finding.also(first, "the other test"));
}

/// Looks for shell syntax in a test without a shell.
pub fn shell(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(check) = &subject.service.healthcheck else { return };
    let ([mark, words @ ..], Some("CMD")) = (&check.test[..], first_word(check)) else { return };
    let line = words.len() == 1 && words[0].trim().contains(' ');
    let Some(word) = words.first().filter(|_| line).or_else(|| operator(words)) else { return };
    let message = format!("`{}` needs a shell", word.value);
    let mut finding =
        Finding::new(&codes::SHELL_SYNTAX, word.place, message).hint("write `CMD-SHELL`");
    if line {
        finding = subject.replaced(finding, mark.place, "CMD-SHELL");
    } else if let Some(list) = subject.node(&["healthcheck", "test"]) {
        finding.fix = joined_words(subject.scene.file(list.place), list, words);
    }
    findings.push(finding);
}

/// Writes words in brackets as one line for a shell, where a shell reads them as they are.
fn joined_words(text: &str, list: &YamlNode, words: &[Text]) -> Option<Fix> {
    let odd = |it: char| it.is_whitespace() || "'\"\\$`*?()[]{}#~!".contains(it);
    let raw = text.get(list.place.bytes())?;
    if !raw.starts_with('[') || raw.contains(['$', '\n']) {
        return None; // made of variables, or with comments
    }
    if words.iter().any(|it| it.is_empty() || it.contains(odd)) {
        return None;
    }
    let line: Vec<&str> = words.iter().map(|it| it.as_str()).collect();
    let text = format!("[\"CMD-SHELL\", \"{}\"]", line.join(" "));
    Some(Fix { place: list.place, text })
}

/// Looks at times that the engine refuses: less than a millisecond.
pub fn times(subject: &Subject<'_>, findings: &mut Findings) {
    let check = subject.service.healthcheck.as_deref().filter(|it| !it.disable);
    let Some(check) = check else { return };
    let times = [
        ("interval", check.interval),
        ("timeout", check.timeout),
        ("start_period", check.start_period),
        ("start_interval", check.start_interval),
    ];
    for (key, time) in times {
        if let Some(time) = time.filter(|it| it.value != 0 && it.value < SECOND / 1_000) {
            let message = format!("the {key} of the healthcheck is less than 1ms");
            findings.say(&codes::OUT_OF_RANGE, time.place, message);
        }
    }
}

/// Returns the first word that only a shell understands, where there is none.
pub fn operator(words: &[Text]) -> Option<&Text> {
    let program = words.first()?.rsplit(['/', '\\']).next().unwrap_or_default();
    if SHELLS.contains(&program.trim_end_matches(".exe")) {
        return None;
    }
    words.iter().skip(1).find(|it| OPERATORS.contains(&it.as_str()))
}

/// Returns how long a healthcheck takes to find a new task sick, in nanoseconds;
/// `None` without a check.
pub fn horizon(check: &Healthcheck) -> Option<i64> {
    if check.disable || check.test.is_empty() || first_word(check) == Some("NONE") {
        return None;
    }
    let or = |given: Option<i64>, default| given.filter(|it| *it > 0).unwrap_or(default);
    let interval = or(check.interval.map(|it| it.value), 30 * SECOND);
    let retries = or(check.retries.and_then(|it| i64::try_from(it.value).ok()), 3);
    let start = or(check.start_period.map(|it| it.value), 0);
    Some(interval.saturating_mul(retries).saturating_add(start))
}

fn first_word(check: &Healthcheck) -> Option<&str> {
    check.test.first().map(|it| it.as_str())
}

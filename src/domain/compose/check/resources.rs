//! Checks of resource limits and reservations.

use crate::domain::{
    compose::{
        check::subject::Subject,
        codes,
        finding::{Finding, Findings},
        model::Text,
        quantity::{self, LEAST_CPU_LIMIT, LEAST_CPUS, LEAST_MEMORY, LEAST_MEMORY_LIMIT},
    },
    text::size,
};

/// Asks for a limit of memory.
pub fn limits(subject: &Subject<'_>, findings: &mut Findings) {
    let limits = subject.service.deploy.limits.as_ref();
    if limits.is_none_or(|it| it.memory.value == 0) {
        let place = limits.map_or(subject.service.place, |it| it.place);
        let finding = Finding::new(&codes::NO_LIMITS, place, "nothing limits its memory");
        let path = ["deploy", "resources", "limits"];
        findings.push(subject.inserted(finding, &path, "memory: 512M"));
    }
}

/// Looks at amounts that the engine refuses, or that contradict each other.
pub fn ranges(subject: &Subject<'_>, findings: &mut Findings) {
    let deploy = &subject.service.deploy;
    let limits = deploy.limits.as_deref();
    let reserved = deploy.reservations.as_deref();
    let cpus = [
        (limits.map(|it| &it.cpus), LEAST_CPU_LIMIT, "0.01"),
        (reserved.map(|it| &it.cpus), LEAST_CPUS, "0.001"),
    ];
    for (text, least, words) in cpus {
        let Some((text, nano)) = text.and_then(|it| Some((it, nano(it)?))) else { continue };
        if nano != 0 && nano < least {
            let message = format!("{} cpus are fewer than {words}", text.value);
            findings.say(&codes::OUT_OF_RANGE, text.place, message);
        }
    }
    let memory = [
        (limits.map(|it| it.memory), LEAST_MEMORY_LIMIT, "6"),
        (reserved.map(|it| it.memory), LEAST_MEMORY, "4"),
    ];
    for (memory, least, words) in memory {
        let Some(memory) = memory else { continue };
        if memory.value > 0 && memory.value < least {
            let has = size::memory(memory.value);
            let message = format!("{has} of memory are less than {words} MiB");
            let finding = Finding::new(&codes::OUT_OF_RANGE, memory.place, message);
            let raw = subject.scene.text(memory.place).trim_matches(['"', '\'']);
            let bare = raw.bytes().all(|it| it.is_ascii_digit());
            findings.push(if bare {
                let hint = format!("without a unit these are bytes: write {raw}M");
                subject.replaced(finding.hint(hint), memory.place, &format!("{raw}M"))
            } else {
                finding
            });
        }
    }
    let (Some(limits), Some(reserved)) = (limits, reserved) else { return };
    if limits.memory.value > 0 && reserved.memory.value > limits.memory.value {
        let (most, kept) = (size::memory(limits.memory.value), size::memory(reserved.memory.value));
        let message = format!("{kept} of memory are reserved, but its limit is {most}");
        let finding = Finding::new(&codes::RESERVED_TOO_MUCH, reserved.memory.place, message);
        findings.push(finding.also(limits.memory.place, "the limit"));
    }
    if let (Some(most), Some(kept)) = (nano(&limits.cpus), nano(&reserved.cpus))
        && most > 0
        && kept > most
    {
        let message =
            format!("{} cpus are reserved, but its limit is {}", *reserved.cpus, *limits.cpus);
        let finding = Finding::new(&codes::RESERVED_TOO_MUCH, reserved.cpus.place, message);
        findings.push(finding.also(limits.cpus.place, "the limit"));
    }
}

/// Looks for nodes with fewer processors than a task may use: they reject it.
pub fn processors(subject: &Subject<'_>, findings: &mut Findings) {
    let limits = subject.service.deploy.limits.as_deref();
    let (Some(facts), Some(limits)) = (subject.scene.cluster, limits) else { return };
    let Some(wanted) = nano(&limits.cpus).filter(|it| *it > 0) else { return };
    let nodes = facts.nodes_for(&subject.constraints());
    let small = nodes.iter().filter(|it| (1..wanted).contains(&it.capacity.nano_cpus)).count();
    if small > 0 {
        let all = small == nodes.len();
        let what =
            if all { "every node it may run on has" } else { "some nodes it may run on have" };
        let message = format!("its limit of {} cpus is more than {what}", *limits.cpus);
        findings.say(&codes::TOO_LARGE, limits.cpus.place, message);
    }
}

/// Looks for a node that is large enough.
pub fn room(subject: &Subject<'_>, findings: &mut Findings) {
    let (Some(facts), Some(reserved)) =
        (subject.scene.cluster, &subject.service.deploy.reservations)
    else {
        return;
    };
    let (cpus, memory) = (nano(&reserved.cpus).unwrap_or(0), reserved.memory.value);
    let nodes = facts.nodes_for(&subject.constraints());
    let fits = nodes.iter().any(|it| it.capacity.nano_cpus >= cpus && it.capacity.memory >= memory);
    if !fits && !nodes.is_empty() {
        let message = format!(
            "no node it may run on has {} cpus and {} of memory",
            size::cpus(cpus),
            size::memory(memory)
        );
        findings.say(&codes::TOO_LARGE, reserved.place, message);
    }
}

fn nano(text: &Text) -> Option<i64> {
    if text.is_empty() { None } else { quantity::nano_cpus(text).ok() }
}

//! Columns of services: how many tasks run, of what, and how their update goes.

use crate::domain::{
    columns::{Cell, Column, Faces, Known, Sign, Tone, by, short},
    swarm::{
        cluster::{Condition, Mode, Port, Service},
        states::UpdateState,
    },
    text::{age, natural::natural},
};

pub const COLUMNS: &[Column<Service>] = &[
    Column::left("ID", 9, |it: &Service, _| Cell::new(short(it.id.as_str()), Tone::Text))
        .only(Faces::Commands),
    Column::left("NAME", 0, |it: &Service, _| Cell::new(&*it.name, worst(it)))
        .by(|a, b, _| natural(&a.name, &b.name)),
    Column::left("MODE", 7, |it: &Service, _| Cell::new(it.mode.word(), Tone::Muted))
        .at_most(14)
        .by(|a, b, _| a.mode.word().cmp(b.mode.word())),
    Column::left("REPLICAS", 0, replicas).at_most(28).by(|a, b, _| shortfall(b).cmp(&shortfall(a))),
    Column::left("IMAGE", 3, |it: &Service, _| Cell::image(&it.image, Tone::Text))
        .at_most(48)
        .by(|a, b, _| natural(&a.image, &b.image)),
    Column::right("RESTARTS", 1, restarts)
        .at_most(10)
        .by(|a, b, _| by(b, a, |it| (it.seen.restarts.count, it.seen.restarts.last))),
    Column::right("SINCE", 3, since).at_most(6),
    Column::left("UPDATE", 2, update).at_most(30),
    Column::right("CHANGED", 5, |it: &Service, known| {
        Cell::new(age::age(it.changed, known.now()), Tone::Muted)
    })
    .at_most(7)
    .by(|a, b, _| b.changed.cmp(&a.changed)),
    Column::right("AGE", 4, |it: &Service, known| {
        Cell::new(age::age(it.created, known.now()), Tone::Muted)
    })
    .at_most(5)
    .by(|a, b, _| b.created.cmp(&a.created)),
    Column::left("PORTS", 6, ports).at_most(28).only(Faces::Cockpit),
    Column::left("PORTS", 6, |it: &Service, _| Cell::new(docker_ports(&it.ports), Tone::Text))
        .only(Faces::Commands),
    Column::left("MESSAGE", 6, message).only(Faces::Commands),
];

/// Writes the counts as every surface does; of limits per node as docker does (CLI 28.2).
pub fn counts(service: &Service) -> String {
    let replicas = service.replicas();
    match (service.mode, service.max_per_node) {
        (Mode::Replicated { .. }, Some(limit)) if service.stopped.is_none() => {
            format!("{replicas} (max {limit} per node)")
        }
        _ => replicas,
    }
}

fn replicas<'a>(row: &'a Service, _: Known<'a>) -> Cell<'a> {
    let text = counts(row);
    match row.seen.condition {
        Condition::Failing => Cell::new(text, Tone::Danger).after(Sign::Bad),
        Condition::Unsteady => Cell::new(text, Tone::Warn).after(Sign::Warn),
        Condition::Stopped => Cell::new(text, Tone::Muted),
        Condition::Changing => Cell::new(text, Tone::Text),
        // Its count says how many ended.
        Condition::Ended => Cell::new(text, Tone::Muted).after(Sign::Nothing),
        Condition::Fine => Cell::new(text, Tone::Ok),
    }
}

fn worst(row: &Service) -> Tone {
    match row.seen.condition {
        Condition::Failing => Tone::Danger,
        Condition::Unsteady => Tone::Warn,
        Condition::Stopped => Tone::Muted,
        Condition::Fine | Condition::Ended | Condition::Changing => Tone::Text,
    }
}

/// How often its tasks ended within the last hour.
fn restarts<'a>(row: &'a Service, _: Known<'a>) -> Cell<'a> {
    match row.seen.restarts.count {
        0 => Cell::nothing(Tone::Muted),
        _ => Cell::new(row.seen.restarts.to_string(), Tone::Warn),
    }
}

/// For how long it has not been fine.
fn since<'a>(row: &'a Service, known: Known<'a>) -> Cell<'a> {
    match row.seen.since.map(|it| it.short(known.now())).filter(|it| !it.is_empty()) {
        Some(text) => Cell::new(text, Tone::Text),
        None => Cell::nothing(Tone::Muted),
    }
}

fn update<'a>(row: &'a Service, _: Known<'a>) -> Cell<'a> {
    let Some(update) = &row.update else { return Cell::nothing(Tone::Muted) };
    let word = match update.state.known() {
        Some(UpdateState::RollbackStarted) => "rolling back".to_owned(),
        Some(UpdateState::RollbackCompleted) => "rolled back".to_owned(),
        _ => update.state.word().replace('_', " "),
    };
    match update.state.known() {
        Some(UpdateState::Completed) => Cell::nothing(Tone::Muted),
        Some(UpdateState::Updating) => Cell::new(word, Tone::Warn).before(Sign::Moving),
        _ => Cell::new(word, Tone::Danger).before(Sign::Warn),
    }
}

/// What the engine says of an update that it paused.
fn message<'a>(row: &'a Service, _: Known<'a>) -> Cell<'a> {
    let update = row.update.as_ref();
    let update = update.filter(|it| it.state.known().is_some_and(UpdateState::is_paused));
    Cell::sentence(update.map_or("", |it| it.message.as_str()), Tone::Warn)
}

fn ports<'a>(row: &'a Service, known: Known<'a>) -> Cell<'a> {
    let text = |it: &Port| {
        let kind = if it.host { " host" } else { "" };
        let protocol = if it.protocol == "tcp" { "" } else { "/" };
        let named = if it.protocol == "tcp" { "" } else { &it.protocol };
        format!("{}{}{}{protocol}{named}{kind}", it.published, known.arrow, it.target)
    };
    Cell::new(row.ports.iter().map(text).collect::<Vec<_>>().join(" "), Tone::Muted)
}

/// Writes the ports that every node answers, runs of them as one: docker lists
/// no others (CLI 28.2).
pub fn docker_ports(ports: &[Port]) -> String {
    let mut open: Vec<&Port> = ports.iter().filter(|it| !it.host && it.published > 0).collect();
    open.sort_by_key(|it| (&it.protocol, it.target, it.published));
    let mut runs: Vec<(&Port, u16)> = Vec::new();
    for port in open {
        match runs.last_mut() {
            Some((first, more)) if continues(first, *more, port) => *more += 1,
            _ => runs.push((port, 0)),
        }
    }
    let range = |from: u16, more: u16| match more {
        0 => from.to_string(),
        more => format!("{from}-{}", u32::from(from) + u32::from(more)),
    };
    let text = |(first, more): &(&Port, u16)| {
        let Port { published, target, protocol, .. } = first;
        format!("*:{}->{}/{protocol}", range(*published, *more), range(*target, *more))
    };
    runs.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn continues(first: &Port, more: u16, next: &Port) -> bool {
    let step = u32::from(more) + 1;
    first.protocol == next.protocol
        && u32::from(first.target) + step == u32::from(next.target)
        && u32::from(first.published) + step == u32::from(next.published)
}

/// How bad it is, then tasks that should run and do not; the worst comes first.
fn shortfall(row: &Service) -> (Condition, u64) {
    let tally = row.tally();
    (row.seen.condition, tally.wanted.saturating_sub(tally.running))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &[(u16, u16, &str)], expected: &str) {
        let port = |it: &(u16, u16, &str)| Port {
            published: it.0,
            target: it.1,
            protocol: it.2.trim_end_matches('!').to_owned(),
            host: it.2.ends_with('!'),
        };
        assert_eq!(docker_ports(&given.iter().map(port).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn ports_that_follow_each_other_are_one() {
        check(&[(8001, 81, "tcp"), (8000, 80, "tcp")], "*:8000-8001->80-81/tcp");
        check(&[(8000, 80, "tcp"), (9001, 81, "tcp")], "*:8000->80/tcp, *:9001->81/tcp");
        check(&[(53, 53, "udp"), (53, 53, "tcp")], "*:53->53/tcp, *:53->53/udp");
        check(&[(65535, 65535, "tcp"), (65534, 65534, "tcp")], "*:65534-65535->65534-65535/tcp");
    }

    #[test]
    fn ports_of_single_nodes_and_those_not_chosen_yet_are_left_out() {
        check(&[(80, 80, "tcp!"), (0, 90, "tcp")], "");
    }
}

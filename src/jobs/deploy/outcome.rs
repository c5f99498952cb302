//! The outcome of a deployment, in words and for the record.

use crate::{
    domain::{
        deployment::{
            deploy::{Act, Aim, Deployment, Outcome, ServiceStage, Track},
            release::{ReleaseState, ServiceOutcome},
            rollback::LiveRelease,
        },
        health::exit::stays_ended,
        swarm::{cluster::ObjectKind, names::StackName},
        text::count::plural,
    },
    jobs::Verdict,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// Says what is still to come, as `shop_web 1/2, shop_db runs (watching)`.
pub fn doing(deployment: &Deployment) -> String {
    let open = deployment.tracks().filter(|it| !it.1.is_over());
    let words: Vec<String> =
        open.map(|(aim, track)| format!("{} {}", aim.object.name, track.words())).collect();
    words.join(", ")
}

/// Turns an outcome into the end of a job that took so long.
pub fn verdict(deployment: &Deployment, outcome: &Outcome, took: Duration) -> Verdict {
    let took = took.as_secs();
    match outcome {
        Outcome::Deployed => Verdict::Succeeded(deployed(deployment, took)),
        Outcome::Failed { because, changed } => {
            let hint = match changed {
                true => "what was sent stays; fix the file and deploy again",
                false => "nothing was changed",
            };
            Verdict::Failed { why: because.clone(), hint: Some(hint.to_owned()) }
        }
        Outcome::Stopped { changed } => Verdict::Stopped(
            if *changed {
                "what was sent stays, and is not watched"
            } else {
                "nothing was changed"
            }
            .to_owned(),
        ),
        Outcome::RolledBack { because } => {
            let gone = removed_again(deployment);
            Verdict::RolledBack(format!("{because}{gone}; all is as it was, after {took}s"))
        }
        Outcome::NeedsPerson { because, differs } => {
            Verdict::NeedsPerson { why: because.clone(), differs: differs.clone(), back: None }
        }
    }
}

/// Adds to what can be done now how to have again what ran before.
pub fn with_way_back(verdict: Verdict, stack: &StackName, before: Option<LiveRelease>) -> Verdict {
    let back = way_back(stack, before);
    match verdict {
        Verdict::Failed { why, hint: Some(hint) } => {
            Verdict::Failed { why, hint: Some(format!("{hint}, or {back}")) }
        }
        Verdict::NeedsPerson { why, differs, .. } => {
            Verdict::NeedsPerson { why, differs, back: Some(back) }
        }
        other => other,
    }
}

/// Names the way to what ran before: to the release that was live, where one was whole.
fn way_back(stack: &StackName, before: Option<LiveRelease>) -> String {
    match before {
        Some(LiveRelease { revision, whole: true }) => format!(
            "go back to release {revision}: `skep rollback {stack} {revision}`, in the cockpit `b` on the stack"
        ),
        Some(_) => format!("go back: `skep rollback {stack}`, in the cockpit `b` on the stack"),
        None => "roll back its services: no release was live before this one".to_owned(),
    }
}

/// Names the services that were not there before, and are gone again.
fn removed_again(deployment: &Deployment) -> String {
    let gone = |it: &&Aim| {
        it.object.kind == ObjectKind::Services && deployment.act_of(it) == Some(Act::Remove)
    };
    let names: Vec<&str> = deployment.aims().filter(gone).map(|it| &*it.object.name).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("; {one} was new and is removed again"),
        many => format!("; {} were new and are removed again", many.join(", ")),
    }
}

fn deployed(deployment: &Deployment, took: u64) -> String {
    if deployment.is_detached() {
        let sent = deployment.aims().filter(|it| it.act.is_some());
        let sent = sent.filter(|it| it.object.kind == ObjectKind::Services).count() as u64;
        return format!("{} sent; skep did not wait for their tasks", plural(sent, "service"));
    }
    let goes = |act: Option<Act>| act == Some(Act::Remove);
    let run = deployment.tracks().filter(|it| !goes(it.0.act)).count() as u64;
    let gone = deployment.aims().filter(|it| goes(it.act));
    let gone: Vec<&str> = gone.map(|it| it.object.name.as_str()).collect();
    let removed =
        if gone.is_empty() { String::new() } else { format!("; removed {}", gone.join(", ")) };
    let ended: Vec<String> = deployment.tracks().filter_map(|it| ended(it.0, it.1)).collect();
    let removed = removed + &ended.concat();
    let services = plural(run, "service");
    let run = if run == 1 { "runs" } else { "run" };
    format!("{services} {run} after {took}s{removed}")
}

/// Says that tasks of a service ended well: nobody sees them run.
fn ended(aim: &Aim, track: &Track) -> Option<String> {
    let count = track.seen.as_ref()?.ended;
    (count > 0).then(|| format!("; {}", stays_ended(count, Some(&aim.object.name))))
}

/// Returns how each service fares, by its full name. Only those that were watched to a
/// good end count as healthy: a later deployment may go back to them.
pub fn services(deployment: &Deployment, outcome: &Outcome) -> BTreeMap<String, ServiceOutcome> {
    let back = matches!(outcome, Outcome::RolledBack { .. } | Outcome::NeedsPerson { .. });
    let errors: BTreeMap<&str, &str> =
        deployment.lost().map(|(aim, why)| (aim.object.name.as_str(), why)).collect();
    let fares = deployment.tracks().map(|(aim, track)| {
        let state = match &track.standing {
            ServiceStage::Settled if back => ReleaseState::RolledBack,
            ServiceStage::Settled if aim.act == Some(Act::Remove) => ReleaseState::Removed,
            ServiceStage::Settled => ReleaseState::Healthy,
            ServiceStage::Lost(_) => ReleaseState::Failed,
            // It goes, whoever watches it.
            _ if deployment.is_detached() && aim.act == Some(Act::Remove) => ReleaseState::Removed,
            ServiceStage::Moving | ServiceStage::Arrived => ReleaseState::Cancelled,
        };
        let now = match &track.standing {
            ServiceStage::Lost(why) => Some(why.as_str()),
            _ => None,
        };
        let error = errors.get(aim.object.name.as_str()).copied().or(now);
        let outcome = ServiceOutcome {
            state,
            desired: track.seen.as_ref().map_or(0, |it| it.desired),
            running: track.seen.as_ref().map_or(0, |it| it.running),
            updated: Timestamp::now(),
            error: error.map(ToOwned::to_owned),
            failed: None,
        };
        (aim.object.name.clone(), outcome)
    });
    fares.collect()
}

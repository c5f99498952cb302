//! Judgement of releases that are live: whether what they deployed is still well.

use crate::domain::{
    deployment::release::{Release, ReleaseState, ServiceOutcome},
    swarm::{
        cluster::{Condition, Service},
        states::UpdateState,
    },
};
use jiff::{SignedDuration, Timestamp};

impl Release {
    /// Takes in a judgement; see [`judged`]. Services of which nobody knew how they fare are
    /// well with it.
    pub fn judge(&mut self, state: ReleaseState, reason: Option<String>, services: &[Service]) {
        (self.state, self.reason) = (state, reason);
        if state != ReleaseState::Healthy {
            return;
        }
        for (name, outcome) in &mut self.services {
            let found = services.iter().find(|it| *it.name == **name);
            if let (ReleaseState::Cancelled, Some(it)) = (outcome.state, found) {
                outcome.state = ReleaseState::Healthy;
                (outcome.desired, outcome.running) = (it.desired, it.running);
            }
        }
    }
}

/// Returns what becomes of a release that is live, by what its services do; nothing where
/// that is what was known, or where they are changed right now.
///
/// `services` are all of the cluster. A stack that is stopped is as it should be.
pub fn judged(
    release: &Release,
    services: &[Service],
    now: Timestamp,
) -> Option<(ReleaseState, Option<String>)> {
    let was_well = match release.state {
        ReleaseState::Healthy => true,
        ReleaseState::Unhealthy => false,
        // What was sent a moment ago may not have begun to move.
        ReleaseState::Sent => {
            let sent = release.finished.unwrap_or(release.order.queued);
            if now.duration_since(sent) < SENT_MOVES {
                return None;
            }
            false
        }
        _ => return None,
    };
    let mut ailing = Vec::new();
    let stays = |it: &&ServiceOutcome| it.state != ReleaseState::Removed;
    for (name, _) in release.services.iter().filter(|it| stays(&it.1)) {
        let Some(service) = services.iter().find(|it| *it.name == **name) else {
            ailing.push(format!("{name} is gone"));
            continue;
        };
        let moves = service.update_state().is_some_and(UpdateState::is_under_way);
        // Also what somebody scaled or started a moment ago is on its way.
        if (moves || service.seen.condition == Condition::Changing) && !service.converged() {
            return None;
        }
        if !service.converged() {
            ailing.push(format!("{} {}", service.short_name(), service.replicas()));
        } else if service.in_trouble() {
            ailing.push(format!("{} is not stable", service.short_name()));
        }
    }
    match (was_well, ailing.is_empty()) {
        (true, true) => None,
        (false, false) if release.state == ReleaseState::Unhealthy => None,
        (false, true) if release.state == ReleaseState::Sent => {
            let reason = format!("nobody watched it; found well by {}", minute(now));
            Some((ReleaseState::Healthy, Some(reason)))
        }
        // That it was not well stays on record.
        (false, true) => {
            let reason = release.reason.as_deref().and_then(|it| it.strip_prefix(NOT_WELL));
            let reason =
                reason.map(|it| format!("was not well from {it}; well again by {}", minute(now)));
            Some((ReleaseState::Healthy, reason))
        }
        (_, false) => {
            let reason = format!("{NOT_WELL}{}: {}", minute(now), ailing.join(", "));
            Some((ReleaseState::Unhealthy, Some(reason)))
        }
    }
}

const NOT_WELL: &str = "not well since ";
/// So long after it was sent it has begun to move, whatever the engine has to do.
const SENT_MOVES: SignedDuration = SignedDuration::from_secs(30);

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

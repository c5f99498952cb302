//! Leases: at most one writer of a stack at a time, in the whole cluster.
//!
//! It is a config of the swarm that belongs to no stack, so it lives in raft.
//! Creating it takes it (names are unique), an update with its version renews it,
//! removing it gives it back. The clocks of machines differ, so no clock decides
//! when it has expired: whoever wants it must have seen the same version for the
//! whole life of a lease, by a clock of their own that never jumps.

use crate::domain::swarm::{change::Change, names::StackName, objects::PayloadObject};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fmt, time::Duration};

/// A lease that was not renewed for this long has expired. It is renewed every third
/// of it.
pub const LIFE: Duration = Duration::from_secs(60);

/// Names of configs have 64 characters at most (engine 20.10).
const LONGEST_NAME: usize = 64;
/// What names of leases begin with.
const PREFIX: &str = "skep-lease-";
const HOLDER: &str = "skep.lease.holder";
const TOKEN: &str = "skep.lease.token";
const PURPOSE: &str = "skep.lease.purpose";
const SINCE: &str = "skep.lease.since";
const EXPIRES: &str = "skep.lease.expires";

/// Who holds a stack, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// A person, their machine, and the process.
    pub holder: String,
    /// Tells this holder from every other one.
    pub token: String,
    /// What is done, as `deploy shop`.
    pub purpose: String,
    /// By the clock of the holder.
    pub since: Timestamp,
}

/// A lease as the cluster has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundLease {
    pub id: String,
    pub version: u64,
    /// By the clock of the engine.
    updated: Option<Timestamp>,
    /// Nothing where a config has the name of a lease, and is none.
    pub lease: Option<Lease>,
}

/// A stack that somebody is at, as the cluster says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupied {
    /// Nothing where its name is none that a config could have.
    pub stack: Option<StackName>,
    pub found: FoundLease,
    pub lease: Lease,
}

impl Occupied {
    /// Reads it from a config; nothing where that is not a lease.
    pub fn read(raw: &Value) -> Option<Self> {
        let name = PayloadObject(raw).name().filter(|it| is_one(it))?;
        let found = FoundLease::read(raw)?;
        let lease = found.lease.clone()?;
        Some(Self { stack: stack_of(name), found, lease })
    }

    /// Returns whether its holder seems to be alive, by two clocks that may differ.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        !self.found.seems_expired(now)
    }
}

/// Wants a lease: looks again and again, and says what to do.
#[derive(Debug, Clone)]
pub struct Claim {
    token: String,
    /// How long it waits for somebody else.
    patience: Duration,
    /// The id and version seen last, and since when.
    seen: Option<(String, u64, Duration)>,
    /// Somebody renewed it while we looked.
    alive: bool,
}

/// What to do about a lease that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nobody has it: create it, and look again.
    Create,
    /// It is ours.
    Taken,
    /// It has expired: update it by its version, and look again.
    TakeOver,
    /// Look again in a moment.
    Wait,
    /// Somebody else has it.
    Refused,
}

impl Claim {
    /// Makes a claim that waits this long; zero is refused at once.
    pub fn new(token: String, patience: Duration) -> Self {
        Self { token, patience, seen: None, alive: false }
    }

    /// Takes in a look; `at` counts from the beginning, `now` is the clock of this
    /// machine. That one only makes us patient: a lease that seems to have expired
    /// is watched for its life before it is taken over. What a dead process of this
    /// machine holds nobody renews any more, and nobody has to wait.
    pub fn look(
        &mut self,
        at: Duration,
        now: Timestamp,
        found: Option<&FoundLease>,
        is_dead: bool,
    ) -> Next {
        let Some(found) = found else {
            return Next::Create;
        };
        if found.lease.as_ref().is_some_and(|it| it.token == self.token) {
            return Next::Taken;
        }
        if is_dead {
            return Next::TakeOver;
        }
        if found.lease.is_none() {
            // Nobody gives it back, however long one waits.
            return Next::Refused;
        }
        let since = match &self.seen {
            Some((id, version, since)) if (id, version) == (&found.id, &found.version) => *since,
            last => {
                self.alive |= last.is_some();
                self.seen = Some((found.id.clone(), found.version, at));
                at
            }
        };
        if at.saturating_sub(since) >= LIFE {
            return Next::TakeOver;
        }
        let seems_expired = !self.alive && found.seems_expired(now);
        if seems_expired || at < self.patience { Next::Wait } else { Next::Refused }
    }
}

impl FoundLease {
    /// Reads a config; nothing where it has no id or version.
    pub fn read(raw: &Value) -> Option<Self> {
        let raw = PayloadObject(raw);
        Some(Self {
            id: raw.id()?.to_owned(),
            version: raw.version()?,
            updated: raw.updated(),
            lease: Lease::read(raw.labels().0),
        })
    }

    /// Says who is in the way.
    pub fn words(&self, stack: &StackName) -> String {
        match &self.lease {
            Some(lease) => format!("stack {stack} is being changed by somebody else: {lease}"),
            None => format!("config {} has the name of a lease, but is not one", name(stack)),
        }
    }

    /// Returns the update that makes it the given lease, if nobody was faster.
    pub fn update(&self, stack: &StackName, lease: &Lease, now: Timestamp) -> Change {
        let body = json!({ "Name": name(stack), "Labels": lease.labels(now) });
        Change::UpdateConfig { id: self.id.clone(), name: name(stack), version: self.version, body }
    }

    pub fn removal(&self, stack: &StackName) -> Change {
        Change::RemoveConfig { id: self.id.clone(), name: name(stack) }
    }

    /// Returns whether it was not renewed for its life, by two clocks that may differ.
    pub fn seems_expired(&self, now: Timestamp) -> bool {
        let age = self.updated.map(|it| now.duration_since(it));
        age.is_some_and(|it| Duration::try_from(it).is_ok_and(|it| it >= LIFE))
    }
}

impl Lease {
    /// Returns the change that takes it, if nobody has it.
    pub fn creation(&self, stack: &StackName, now: Timestamp) -> Change {
        // An engine wants data; all there is to say stands in the labels.
        let data = STANDARD.encode("skep changes this stack; see the labels\n");
        let body = json!({ "Name": name(stack), "Labels": self.labels(now), "Data": data });
        Change::CreateConfig { name: name(stack), body }
    }

    fn read(labels: &Value) -> Option<Self> {
        let text = |key: &str| labels[key].as_str().map(ToOwned::to_owned);
        Some(Self {
            holder: text(HOLDER)?,
            token: text(TOKEN)?,
            purpose: text(PURPOSE)?,
            since: text(SINCE)?.parse().ok()?,
        })
    }

    /// The expiry is for people to see.
    fn labels(&self, now: Timestamp) -> Value {
        let expires = now.saturating_add(LIFE).unwrap_or(Timestamp::MAX);
        json!({
            HOLDER: self.holder,
            TOKEN: self.token,
            PURPOSE: self.purpose,
            SINCE: self.since.to_string(),
            EXPIRES: expires.to_string(),
        })
    }
}

impl fmt::Display for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { holder, purpose, since, .. } = self;
        write!(f, "{holder} has been running `{purpose}` since {since:.0}")
    }
}

/// Returns the name of the config that is the lease on a stack: `skep-lease-shop`;
/// with a hash where no config could be named so.
pub fn name(stack: &StackName) -> String {
    let plain = format!("{PREFIX}{stack}");
    let inside = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    let ends = plain.ends_with(|it: char| it.is_ascii_alphanumeric());
    if plain.len() <= LONGEST_NAME && plain.chars().all(inside) && ends {
        return plain;
    }
    let hash = Sha256::digest(stack.as_str());
    let digits: Vec<String> = hash.iter().take(16).map(|it| format!("{it:02x}")).collect();
    format!("skep-lease-{}", digits.concat())
}

/// Returns the stack of a lease by the name of its config; nothing for other configs,
/// and for names that are hashes.
pub fn stack_of(config: &str) -> Option<StackName> {
    let stack = StackName::observed(config.strip_prefix(PREFIX)?)?;
    (name(&stack) == config).then_some(stack)
}

/// Returns whether a config has the name of a lease.
pub fn is_one(config: &str) -> bool {
    config.starts_with(PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-05-01T12:00:00Z";

    fn found(token: &str, version: u64, updated: &str) -> FoundLease {
        let lease = Lease {
            holder: "ann@m1 (pid 7)".to_owned(),
            token: token.to_owned(),
            purpose: "deploy shop".to_owned(),
            since: NOW.parse().unwrap(),
        };
        let raw = json!({
            "ID": "c1", "Version": { "Index": version }, "UpdatedAt": updated,
            "Spec": { "Labels": lease.labels(NOW.parse().unwrap()) },
        });
        FoundLease::read(&raw).unwrap()
    }

    /// Rows of: second, version, expected; the lease was last renewed at `updated`.
    fn check(patience: u64, updated: &str, rows: &[(u64, u64, Next)]) {
        let mut claim = Claim::new("ours".to_owned(), Duration::from_secs(patience));
        for (second, version, expected) in rows {
            let found = found("theirs", *version, updated);
            let at = Duration::from_secs(*second);
            let next = claim.look(at, NOW.parse().unwrap(), Some(&found), false);
            assert_eq!(next, *expected, "second {second}");
        }
    }

    #[test]
    fn what_nobody_has_is_created_and_what_is_ours_is_taken() {
        let mut claim = Claim::new("ours".to_owned(), Duration::ZERO);
        let now = NOW.parse().unwrap();
        assert_eq!(claim.look(Duration::ZERO, now, None, false), Next::Create);
        let ours = found("ours", 3, NOW);
        assert_eq!(claim.look(Duration::ZERO, now, Some(&ours), false), Next::Taken);
        let theirs = found("theirs", 3, NOW);
        assert_eq!(claim.look(Duration::ZERO, now, Some(&theirs), true), Next::TakeOver);
    }

    #[test]
    fn what_somebody_renewed_lately_is_refused_at_once() {
        check(0, "2026-05-01T11:59:30Z", &[(0, 1, Next::Refused)]);
    }

    #[test]
    fn what_seems_expired_is_taken_over_only_after_it_was_seen_unchanged_for_its_life() {
        let rows = [(0, 1, Next::Wait), (59, 1, Next::Wait), (60, 1, Next::TakeOver)];
        check(0, "2026-05-01T11:00:00Z", &rows);
    }

    #[test]
    fn a_clock_that_is_wrong_takes_nothing_from_somebody_alive() {
        check(0, "2026-05-01T11:00:00Z", &[(0, 1, Next::Wait), (20, 2, Next::Refused)]);
        check(0, "2026-05-01T13:00:00Z", &[(0, 1, Next::Refused)]);
    }

    #[test]
    fn whoever_waits_is_refused_when_the_patience_ends() {
        let rows = [
            (0, 1, Next::Wait),
            (50, 2, Next::Wait),
            (109, 2, Next::Wait),
            (110, 2, Next::TakeOver),
        ];
        check(300, NOW, &rows);
        check(30, NOW, &[(0, 1, Next::Wait), (20, 2, Next::Wait), (30, 2, Next::Refused)]);
    }

    #[test]
    fn a_config_that_is_no_lease_is_never_taken_over() {
        let raw = json!({ "ID": "c1", "Version": { "Index": 1 }, "Spec": { "Labels": {} } });
        let found = FoundLease::read(&raw).unwrap();
        let mut claim = Claim::new("ours".to_owned(), Duration::from_secs(100));
        for second in [0, 99, 100] {
            let at = Duration::from_secs(second);
            assert_eq!(claim.look(at, NOW.parse().unwrap(), Some(&found), false), Next::Refused);
        }
    }

    #[test]
    fn every_name_of_a_stack_gives_the_name_of_a_config() {
        let named = |it: &str| name(&StackName::observed(it).unwrap());
        assert_eq!(named("shop"), "skep-lease-shop");
        for odd in ["shop_", "a b", &"x".repeat(61)] {
            let name = named(odd);
            assert_eq!(name.len(), "skep-lease-".len() + 32, "{name}");
        }
    }
}

//! Rollback to an earlier release: which one, and the desired state.

use crate::domain::{
    compose::{Desired, DesiredFile, DesiredNetwork, DesiredService, ExternalNetwork, Place},
    deployment::{
        plan::{Live, forget_ids},
        release::{Release, ReleaseState, ResolvedSpecs},
        resolve::{IMAGE_LABEL, ImageSource, keep},
    },
    swarm::{change::Confidential, objects::ServiceSpec},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The release of a stack that is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct LiveRelease {
    pub revision: u32,
    /// All of it was deployed, whatever somebody changed since. Otherwise it ended half way.
    pub whole: bool,
}

impl LiveRelease {
    /// Returns what it is called in a sentence, as `release 4`.
    pub fn words(self) -> String {
        let part = if self.whole { "" } else { ", in part" };
        format!("release {}{part}", self.revision)
    }

    /// Returns the word beside a release in a list; nothing beside one that is not live.
    pub fn word(live: Option<Self>, revision: u32) -> &'static str {
        match live {
            Some(it) if it.revision != revision => "",
            Some(Self { whole: true, .. }) => "live",
            Some(Self { whole: false, .. }) => "in part",
            None => "",
        }
    }
}

/// Returns which release of a stack is live; `releases` come newest first. Nothing where
/// the stack was removed, or none of them left anything. One that is on its way is not live
/// before it ends.
pub fn live<'a>(
    releases: impl IntoIterator<Item = &'a Release>,
    wrote: impl Fn(&Release) -> bool,
) -> Option<LiveRelease> {
    use ReleaseState::{Cancelled, Deploying, Failed, Interrupted, Queued, Removed};
    let mut ended = releases.into_iter().filter(|it| !matches!(it.state, Queued | Deploying));
    let present = ended.find(|it| !left_nothing(it, &wrote))?;
    let whole = !matches!(present.state, Failed | Cancelled | Interrupted);
    let live = LiveRelease { revision: present.key.revision, whole };
    (present.state != Removed).then_some(live)
}

/// Returns whether nothing of a release is in the cluster: it was rolled back, it ended
/// before it `wrote` anything, or another one took over what it had done.
fn left_nothing(release: &Release, wrote: impl Fn(&Release) -> bool) -> bool {
    match release.state {
        ReleaseState::RolledBack => true,
        ReleaseState::Failed | ReleaseState::Cancelled => {
            release.replaced_by.is_some() || !wrote(release)
        }
        _ => false,
    }
}

/// Returns whether what a release left behind has to be known to say whether it wrote
/// anything.
pub fn may_have_written(release: &Release) -> bool {
    matches!(release.state, ReleaseState::Failed | ReleaseState::Cancelled)
}

/// Returns the release to go back to where nobody names one: the newest before the
/// present one that ended healthy and is another; `releases` come newest first.
///
/// A release that was rolled back left nothing in the cluster, nor did one that ended before it
/// `wrote` anything: they are not the present one. Where the stack was removed there is
/// none, and the last one comes back.
pub fn target(
    releases: &[Release],
    wrote: impl Fn(&Release) -> bool,
    same: impl Fn(&Release, &Release) -> bool,
) -> Option<&Release> {
    let mut left = releases.iter().skip_while(|it| left_nothing(it, &wrote));
    let present = left.next()?;
    if present.state == ReleaseState::Removed {
        return [present].into_iter().chain(left).find(|it| it.was_healthy());
    }
    left.find(|it| it.was_healthy() && !same(it, present))
}

/// Returns whether two releases have the same in the cluster.
pub fn is_same(one: &ResolvedSpecs, other: &ResolvedSpecs) -> bool {
    let services = |it: &ResolvedSpecs| -> BTreeMap<String, Value> {
        it.services.iter().map(|(name, spec)| (name.clone(), unbound(spec))).collect()
    };
    let names = |it: &ResolvedSpecs| it.secrets.keys().cloned().collect::<Vec<_>>();
    services(one) == services(other)
        && one.networks == other.networks
        && one.configs == other.configs
        && names(one) == names(other)
}

/// Takes out the ids of what a deployment made on its way.
fn unbound(spec: &Value) -> Value {
    let mut spec = spec.clone();
    forget_ids(&mut spec);
    spec
}

/// Returns the message of a release that brings an earlier one back.
pub fn message(revision: u32, said: &str) -> String {
    match said {
        "" => format!("back to release {revision}"),
        said => format!("back to release {revision}: {said}"),
    }
}

/// Returns what a release had in the cluster, to the digest.
///
/// Configs can be made again, secrets cannot: those that are gone are left out,
/// and whoever binds ids finds the services that miss them.
pub fn desired(specs: &ResolvedSpecs, live: &Live) -> Desired {
    let place = Place::default();
    let file = |name: &String, body: Value| DesiredFile {
        key: name.clone(),
        name: name.clone(),
        body: Confidential(body),
        place,
    };
    let networks = specs.networks.iter().map(|(name, body)| DesiredNetwork {
        key: name.clone(),
        name: name.clone(),
        body: body.clone(),
        pools: Vec::new(),
        place,
    });
    let secrets = specs.secrets.iter().filter(|it| live.secrets.contains_key(it.0));
    let secrets =
        secrets.map(|(name, it)| file(name, json!({ "Name": name, "Labels": it.labels })));
    Desired {
        networks: networks.collect(),
        externals: externals(specs),
        secrets: secrets.collect(),
        configs: specs.configs.iter().map(|(name, body)| file(name, body.clone())).collect(),
        services: specs.services.keys().filter_map(|it| service(it, specs, live)).collect(),
    }
}

/// Returns the services that came with later releases, and with no release up to
/// `revision`: they go. Others that no release knows are none of its business.
/// `services` has the names of each release.
pub fn came_later(services: &BTreeMap<u32, BTreeSet<String>>, revision: u32) -> BTreeSet<String> {
    let names = |later: bool| {
        let of = services.iter().filter(move |it| (*it.0 > revision) == later);
        of.flat_map(|it| it.1.iter().cloned()).collect::<BTreeSet<String>>()
    };
    names(true).difference(&names(false)).cloned().collect()
}

fn service(name: &str, specs: &ResolvedSpecs, live: &Live) -> Option<DesiredService> {
    let mut spec = specs.services.get(name)?.clone();
    if let Some(found) = live.services.get(name) {
        keep(&mut spec, found, &ImageSource::File);
    }
    Some(DesiredService {
        key: name.to_owned(),
        name: name.to_owned(),
        image: ServiceSpec(&spec).labels().get(IMAGE_LABEL).unwrap_or_default().to_owned(),
        depends_on: specs.depends_on.get(name).cloned().unwrap_or_default(),
        spec,
        place: Place::default(),
    })
}

/// Networks that services use and the release did not make.
fn externals(specs: &ResolvedSpecs) -> Vec<ExternalNetwork> {
    let used = specs.services.values().flat_map(|it| ServiceSpec(it).template().networks());
    let others: BTreeSet<&str> = used.filter(|it| !specs.networks.contains_key(*it)).collect();
    let external = |name: &str| ExternalNetwork {
        key: name.to_owned(),
        name: name.to_owned(),
        place: Place::default(),
    };
    others.into_iter().map(external).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::deployment::{
        audit::Operator,
        release::{Order, ReleaseKey, ServiceOutcome},
    };
    use jiff::Timestamp;

    /// Releases by the words of their states, newest first; the revision that is
    /// the target.
    fn releases(states: &[ReleaseState]) -> Vec<Release> {
        let newest = u32::try_from(states.len()).unwrap();
        let release = |(revision, state): (u32, &ReleaseState)| {
            let key =
                ReleaseKey { cluster: "c1".to_owned(), stack: "shop".parse().unwrap(), revision };
            let who = Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() };
            let order = Order {
                who,
                context: None,
                address: "demo".to_owned(),
                message: String::new(),
                queued: Timestamp::UNIX_EPOCH,
            };
            Release { state: *state, ..Release::queued(key, order) }
        };
        (1..=newest).rev().zip(states).map(release).collect()
    }

    #[track_caller]
    fn check(states: &[ReleaseState], expected: Option<u32>) {
        let releases = releases(states);
        let found = target(&releases, |_| true, |_, _| false);
        assert_eq!(found.map(|it| it.key.revision), expected, "{states:?}");
    }

    #[test]
    fn it_goes_back_to_the_newest_healthy_release_before_the_present_one() {
        use ReleaseState::{Failed, Healthy, RolledBack};
        check(&[], None);
        check(&[Healthy], None);
        check(&[Failed, Failed], None);
        check(&[Healthy, Healthy], Some(1));
        check(&[Failed, Healthy], Some(1));
        check(&[Healthy, RolledBack, Failed, Healthy, Healthy], Some(2));
        check(&[RolledBack, Healthy, Healthy], Some(1));
        check(&[RolledBack, Healthy], None);
    }

    #[test]
    fn what_left_nothing_and_what_is_the_same_is_not_gone_back_from_or_to() {
        use ReleaseState::{Cancelled, Failed, Healthy};
        let all: Vec<Release> = releases(&[Failed, Cancelled, Healthy, Healthy, Healthy]);
        let revision = |it: Option<&Release>| it.map(|it| it.key.revision);
        let wrote = |it: &Release| it.key.revision < 4;
        assert_eq!(revision(target(&all, wrote, |_, _| false)), Some(2));
        let same = |a: &Release, b: &Release| a.key.revision + b.key.revision == 5;
        assert_eq!(revision(target(&all, wrote, same)), Some(1));
        assert_eq!(revision(target(&all, |_| true, |_, _| false)), Some(3));
    }

    #[test]
    fn what_was_interrupted_is_taken_back_with_the_release_that_took_it_over() {
        use ReleaseState::{Failed, Healthy, RolledBack};
        let mut all = releases(&[RolledBack, Failed, Healthy, Healthy]);
        all[1].replaced_by = Some(4);
        let found = target(&all, |_| true, |_, _| false).map(|it| it.key.revision);
        assert_eq!(found, Some(1));
        assert_eq!(live(&all, |_| true), Some(LiveRelease { revision: 2, whole: true }));
    }

    #[test]
    fn the_live_release_is_the_newest_that_left_something() {
        use ReleaseState::{
            Cancelled, Deploying, Failed, Healthy, Interrupted, Removed, RolledBack, Sent,
            Unhealthy,
        };
        let check = |states: &[ReleaseState], wrote: bool, expected: Option<(u32, bool)>| {
            let found = live(&releases(states), |_| wrote).map(|it| (it.revision, it.whole));
            assert_eq!(found, expected, "{states:?}");
        };
        check(&[], true, None);
        check(&[RolledBack], true, None);
        check(&[Healthy, RolledBack, Healthy], true, Some((3, true)));
        check(&[RolledBack, Unhealthy, Healthy], true, Some((2, true)));
        check(&[Deploying, Sent, Healthy], true, Some((2, true)));
        check(&[Failed, Healthy], false, Some((1, true)));
        check(&[Failed, Healthy], true, Some((2, false)));
        check(&[Cancelled, Healthy], true, Some((2, false)));
        check(&[Interrupted, Healthy], false, Some((2, false)));
        check(&[Removed, Healthy], true, None);
        check(&[RolledBack, Removed, Healthy], true, None);
    }

    #[test]
    fn what_was_removed_comes_back() {
        use ReleaseState::{Healthy, Removed};
        let mut all = releases(&[Removed, Healthy]);
        let revision =
            |all: &[Release]| target(all, |_| true, |_, _| false).map(|it| it.key.revision);
        assert_eq!(revision(&all), Some(1));
        let well = ServiceOutcome {
            state: Healthy,
            desired: 1,
            running: 1,
            updated: Timestamp::UNIX_EPOCH,
            error: None,
            failed: None,
        };
        all[0].services.insert("shop_web".to_owned(), well);
        assert_eq!(revision(&all), Some(2));
    }

    #[test]
    fn ids_that_came_with_the_deployment_make_no_other_release() {
        let specs = |id: &str| {
            let config = json!({ "ConfigName": "theme", "ConfigID": id });
            let spec = json!({ "TaskTemplate": { "ContainerSpec": { "Configs": [config] } } });
            ResolvedSpecs { services: [("web".to_owned(), spec)].into(), ..Default::default() }
        };
        assert!(is_same(&specs(""), &specs("c1")));
        assert!(!is_same(&specs(""), &ResolvedSpecs::default()));
    }

    #[test]
    fn only_services_that_came_later_go() {
        let names = |it: &[&str]| it.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
        let all = BTreeMap::from([
            (1, names(&["web", "old"])),
            (2, names(&["web"])),
            (3, names(&["web", "old", "cache"])),
        ]);
        assert_eq!(came_later(&all, 2), names(&["cache"]));
        assert_eq!(came_later(&all, 3), names(&[]));
    }

    #[test]
    fn a_service_waits_for_the_same_ones_as_then() {
        let specs = ResolvedSpecs {
            services: ["shop_db", "shop_web"].map(|it| (it.to_owned(), json!({}))).into(),
            depends_on: BTreeMap::from([("shop_web".to_owned(), vec!["shop_db".to_owned()])]),
            ..ResolvedSpecs::default()
        };
        let desired = desired(&specs, &Live::default());
        let waits: Vec<_> = desired.services.iter().map(|it| (&*it.key, &*it.depends_on)).collect();
        assert_eq!(waits, [("shop_db", &[][..]), ("shop_web", &["shop_db".to_owned()][..])]);
    }

    #[test]
    fn forced_restarts_since_then_are_no_difference() {
        let spec = json!({ "TaskTemplate": { "ForceUpdate": 0 } });
        let specs = ResolvedSpecs {
            services: BTreeMap::from([("web".to_owned(), spec)]),
            ..ResolvedSpecs::default()
        };
        let found = json!({ "Spec": { "TaskTemplate": { "ForceUpdate": 3 } } });
        let live = Live { services: [("web".to_owned(), found)].into(), ..Live::default() };
        assert_eq!(desired(&specs, &live).services[0].spec["TaskTemplate"]["ForceUpdate"], 3);
    }

    #[test]
    fn networks_that_the_release_did_not_make_have_to_be_there() {
        let spec = json!({ "TaskTemplate": { "Networks": [
            { "Target": "shop_front" }, { "Target": "proxy" } ] } });
        let specs = ResolvedSpecs {
            services: BTreeMap::from([("shop_web".to_owned(), spec)]),
            networks: BTreeMap::from([("shop_front".to_owned(), json!({}))]),
            ..ResolvedSpecs::default()
        };
        let names: Vec<String> = externals(&specs).into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["proxy"]);
    }
}

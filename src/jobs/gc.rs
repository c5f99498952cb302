//! Garbage collection: removes what nothing needs any more, and only what was shown before.
//!
//! Whoever changes a stack makes secrets and configs before the services that use them.
//! So what belongs to a stack goes while its lease is held, and after another look.

use crate::{
    domain::{
        deployment::{
            gc::{Bounds, Needs, Stock, Waste, counted, waste},
            lease,
            release::ReleaseKey,
        },
        swarm::{
            belongings::Owned,
            cluster::ObjectKind,
            names::StackName,
            objects::{AnyObject, PayloadObject},
        },
    },
    engine::{Engine, EngineError},
    jobs::{
        JobContext, News, Verdict,
        lease::hold,
        release_reader::{cluster_id, on_disk},
        retry::failed,
        session::Session,
    },
    store::Store,
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A cleanup, as the operator was told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    pub bounds: Bounds,
    pub waste: Vec<Waste>,
    /// What goes, in words.
    pub parts: Vec<String>,
}

/// What became of a cleanup so far.
#[derive(Default)]
struct Tally<'a> {
    gone: Vec<&'a Waste>,
    stays: Vec<String>,
}

const NOT_GIVEN_BACK: &str = "it could not be removed; the next `skep gc` removes it";

impl Sweep {
    /// Looks for what can go.
    pub async fn of(engine: &dyn Engine, store: &Store, bounds: Bounds) -> Result<Self, Verdict> {
        let waste = look(engine, store, bounds, None).await?;
        let part = |it: &Waste| match it.stack() {
            None => format!("{it} (of no stack)"),
            Some(_) => it.to_string(),
        };
        let parts = waste.iter().map(part).collect();
        Ok(Self { bounds, waste, parts })
    }

    /// Returns the command that does the same.
    pub fn command(&self) -> String {
        format!("skep gc{}", if self.bounds.all { " --all" } else { "" })
    }

    /// Does it.
    pub async fn run(&self, session: &Session, context: &JobContext) -> Verdict {
        if self.waste.is_empty() {
            return Verdict::Succeeded("nothing to clean up".to_owned());
        }
        context.say(News::Started { title: "clean up".to_owned(), steps: self.waste.len() });
        let mut tally = Tally::default();
        let mut stacks: BTreeMap<Option<&StackName>, Vec<&Waste>> = BTreeMap::new();
        let (releases, rest): (Vec<&Waste>, Vec<&Waste>) =
            self.waste.iter().partition(|it| matches!(it, Waste::Release(_)));
        for it in rest {
            stacks.entry(it.stack()).or_default().push(it);
        }
        self.forget(session, releases, &mut tally).await;
        for (stack, wanted) in stacks {
            if context.is_stop_requested() {
                return Verdict::Stopped(format!("{} gone", tally.words()));
            }
            let ended = match stack {
                None => self.remove(session, None, &wanted, &mut tally, context).await,
                Some(stack) => self.alone(session, stack, &wanted, &mut tally, context).await,
            };
            if let Err(why) = ended {
                let names: Vec<String> = wanted.iter().map(ToString::to_string).collect();
                tally.stays.push(format!("{}: {why}", names.join(", ")));
            }
        }
        tally.verdict()
    }

    /// Forgets releases; one that is open by now stays.
    async fn forget<'a>(&self, session: &Session, releases: Vec<&'a Waste>, tally: &mut Tally<'a>) {
        let key = |it: &&Waste| match it {
            Waste::Release(key) => Some(key.clone()),
            _ => None,
        };
        let keys: Vec<ReleaseKey> = releases.iter().filter_map(key).collect();
        if keys.is_empty() {
            return;
        }
        match on_disk(session.store.clone(), move |it| it.remove_releases(&keys)).await {
            Ok(_) => tally.gone.extend(releases),
            Err(err) => tally.stays.push(format!("old releases: {err}; {}", err.hint())),
        }
    }

    /// Removes what belongs to a stack, while nobody else changes it. With that an
    /// expired lease is taken over, and goes when it is given back.
    async fn alone<'a>(
        &self,
        session: &Session,
        stack: &StackName,
        wanted: &[&'a Waste],
        tally: &mut Tally<'a>,
        context: &JobContext,
    ) -> Result<(), String> {
        let guard = hold(session, stack, "clean up".to_owned(), context).await;
        let guard = guard.map_err(|verdict| verdict.to_string())?;
        let ended = self.remove(&guard.fenced(session), Some(stack), wanted, tally, context).await;
        let gone = guard.give_back().await;
        let leases = wanted.iter().filter(|it| matches!(it, Waste::Lease(_)));
        match gone {
            true => tally.gone.extend(leases),
            // It is ours by now, and expires by itself.
            false => tally.stays.extend(leases.map(|it| format!("{it}: {NOT_GIVEN_BACK}"))),
        }
        ended
    }

    async fn remove<'a>(
        &self,
        session: &Session,
        stack: Option<&StackName>,
        wanted: &[&'a Waste],
        tally: &mut Tally<'a>,
        context: &JobContext,
    ) -> Result<(), String> {
        let (engine, store) = (&*session.engine, &session.store);
        let now = look(engine, store, self.bounds, stack).await;
        let now = now.map_err(|verdict| verdict.to_string())?;
        for it in wanted {
            let Waste::Object { owned, .. } = it else { continue };
            context.say(News::Step { done: tally.gone.len(), doing: format!("remove {it}") });
            if !now.contains(it) && !is_gone(engine, owned).await {
                tally.stays.push(format!("{it}: it is needed again"));
                continue;
            }
            match engine.apply(&owned.removal()).await {
                Ok(_) | Err(EngineError::NotFound { .. }) => tally.gone.push(it),
                Err(err) => tally.stays.push(format!("{it}: {err}")),
            }
        }
        Ok(())
    }
}

impl Tally<'_> {
    fn words(&self) -> String {
        if self.gone.is_empty() { "nothing".to_owned() } else { counted(&self.gone) }
    }

    fn verdict(self) -> Verdict {
        let gone = format!("{} gone", self.words());
        if self.stays.is_empty() {
            return Verdict::Succeeded(gone);
        }
        let why = format!("{gone}; stays: {}", self.stays.join("; "));
        let hint = "run `skep gc --dry-run` to see what is left".to_owned();
        Verdict::Failed { why, hint: Some(hint) }
    }
}

/// Looks at everything and decides. Our own lease on a stack is in nobody's way.
async fn look(
    engine: &dyn Engine,
    store: &Store,
    bounds: Bounds,
    ours: Option<&StackName>,
) -> Result<Vec<Waste>, Verdict> {
    let lists = tokio::try_join!(
        engine.list(ObjectKind::Services, None),
        engine.list(ObjectKind::Networks, None),
        engine.list(ObjectKind::Secrets, None),
        engine.list(ObjectKind::Configs, None),
        cluster_id(engine),
        engine.system(),
    );
    let (services, networks, secrets, mut configs, cluster, system) =
        lists.map_err(|err| failed(&err))?;
    if let Some(stack) = ours {
        let lease = lease::name(stack);
        configs.retain(|it| PayloadObject(it).name() != Some(lease.as_str()));
    }
    let read = on_disk(store.clone(), move |it| it.releases_with(&cluster, Needs::of)).await;
    // Without knowing what releases need, nothing can be known to be waste.
    let releases =
        read.map_err(|err| Verdict::Failed { why: err.to_string(), hint: Some(err.hint()) })?;
    let stock = Stock { services, networks, secrets, configs, releases };
    // By two clocks that may differ: what either calls young is young.
    let now = Timestamp::now();
    Ok(waste(&stock, bounds, system.time.map_or(now, |it| it.min(now))))
}

async fn is_gone(engine: &dyn Engine, owned: &Owned) -> bool {
    let all = engine.list(owned.kind, None).await;
    all.is_ok_and(|all| !all.iter().any(|it| AnyObject(it).id() == Some(owned.id.as_str())))
}

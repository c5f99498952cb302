//! Lease keeper: takes, renews and releases the lease on a stack (a config of the cluster), and
//! fences off the writes of a job whose lease is lost.

use crate::{
    domain::{
        deployment::lease::{Claim, FoundLease, LIFE, Lease, Next, name},
        swarm::{change::Change, cluster::Object, names::StackName},
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, News, Verdict,
        fence::{Fence, FencedEngine, Permit},
        release_reader::on_disk,
        retry::{POLL, failed},
        session::Session,
    },
    store::Store,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

/// How often something is tried that somebody else may have been faster at.
const ATTEMPTS: usize = 4;

/// Keeps one lease, and is the fence before the engine of whoever works under it.
pub struct LeaseKeeper {
    engine: Arc<dyn Engine>,
    store: Store,
    stack: StackName,
    lease: Lease,
    state: Mutex<State>,
}

struct State {
    /// When the last renewal that succeeded was sent.
    renewed: Moment,
    /// Whether it was ever sent: it may be there then, whatever was answered.
    sent: bool,
    /// Why it is not ours any more.
    lost: Option<String>,
}

/// So often the lease is tried anew that can be neither made nor found.
const MOST_UNSEEN: usize = 10;

/// Waits until it is worth looking again.
async fn wait(context: &JobContext) -> Result<(), Verdict> {
    tokio::select! {
        () = sleep(POLL) => Ok(()),
        () = context.stop_requested() => Err(Verdict::Stopped("nothing was changed".to_owned())),
    }
}

impl LeaseKeeper {
    /// Stands ready to take a lease on a stack.
    pub fn new(session: &Session, stack: StackName, lease: Lease) -> Self {
        let state = State { renewed: Moment::now(), sent: false, lost: None };
        let (engine, store) = (session.engine.clone(), session.store.clone());
        Self { engine, store, stack, lease, state: Mutex::new(state) }
    }

    /// Returns the engine, as it writes only while the lease is ours.
    pub fn fenced(self: &Arc<Self>) -> Arc<dyn Engine> {
        Arc::new(FencedEngine::new(self.engine.clone(), self.clone()))
    }

    /// Returns whether it may be there, whatever was answered.
    pub async fn was_sent(&self) -> bool {
        self.state.lock().await.sent
    }

    /// Removes it, if it is still ours. Returns whether it is gone for certain; where it
    /// is not, it expires by itself.
    pub async fn let_go(&self) -> bool {
        for _ in 0..ATTEMPTS {
            match self.give_back().await {
                Err(err) if err.is_transient() => sleep(POLL).await,
                Err(err) => {
                    tracing::warn!(%err, "the lease could not be given back");
                    return false;
                }
                Ok(()) => return true,
            }
        }
        tracing::warn!(stack = %self.stack, "the lease could not be given back in time");
        false
    }

    /// Returns whether somebody else had it before.
    pub async fn take(&self, patience: Duration, context: &JobContext) -> Result<bool, Verdict> {
        let (began, mut told, mut waited, mut unseen) = (Instant::now(), false, false, 0);
        let mut claim = Claim::new(self.lease.token.clone(), patience);
        loop {
            let sent = Moment::now();
            let found = self.find().await.map_err(|err| failed(&err))?;
            let is_dead = self.is_dead(found.as_ref()).await;
            match (claim.look(began.elapsed(), now(), found.as_ref(), is_dead), &found) {
                (Next::Taken, _) => return Ok(waited),
                (Next::TakeOver, Some(found)) => {
                    waited = true;
                    self.state.lock().await.sent = true;
                    self.take_over(found, is_dead, context).await.map_err(|err| failed(&err))?;
                }
                (Next::Refused, Some(found)) => return Err(self.refused(found)),
                (Next::Wait, Some(found)) => {
                    waited = true;
                    if !told {
                        told = true;
                        let doing = format!("wait: {}", found.words(&self.stack));
                        context.say(News::Step { done: 0, doing });
                    }
                    wait(context).await?;
                }
                _ => {
                    self.state.lock().await.sent = true;
                    let created = self.change(&self.lease.creation(&self.stack, now())).await;
                    if !created.map_err(|err| failed(&err))? {
                        unseen += 1;
                        self.pause(unseen, context).await?;
                    }
                }
            }
            self.state.lock().await.renewed = sent;
        }
    }

    /// Waits a moment where it could be neither made nor found: somebody else made it just
    /// now and let it go, which does not go on for ever.
    async fn pause(&self, times: usize, context: &JobContext) -> Result<(), Verdict> {
        if times < MOST_UNSEEN {
            return wait(context).await;
        }
        let name = name(&self.stack);
        Err(Verdict::Failed {
            why: format!(
                "the engine neither creates nor shows config {name}, the lease of stack {}",
                self.stack
            ),
            hint: Some(format!(
                "`docker config inspect {name}` shows it, `docker config rm {name}` removes it; nothing was touched"
            )),
        })
    }

    async fn take_over(
        &self,
        found: &FoundLease,
        is_dead: bool,
        context: &JobContext,
    ) -> Answer<()> {
        if self.change(&found.update(&self.stack, &self.lease, now())).await? {
            let why = match is_dead {
                true => "because the skep that held it was killed".to_owned(),
                false => format!("because it was not renewed for {}s", LIFE.as_secs()),
            };
            let words = found.words(&self.stack);
            context.say(News::Note(format!("took over the lease, {why}: {words}")));
        }
        Ok(())
    }

    /// Returns whether it was held by a process of this machine that is dead.
    async fn is_dead(&self, found: Option<&FoundLease>) -> bool {
        let token = found.and_then(|it| it.lease.as_ref()).map(|it| it.token.clone());
        let Some(token) = token else { return false };
        on_disk(self.store.clone(), move |store| Ok(store.is_dead(&token)))
            .await
            .unwrap_or_default()
    }

    fn refused(&self, found: &FoundLease) -> Verdict {
        if found.lease.as_ref().is_some_and(|it| it.holder == self.lease.holder) {
            let hint = "this skep is doing that itself: `:jobs` shows it, and can cancel it; nothing was touched";
            let why = found.words(&self.stack);
            return Verdict::Failed { why, hint: Some(hint.to_owned()) };
        }
        if found.lease.is_none() {
            let name = name(&self.stack);
            let hint = format!(
                "nothing was touched; `docker config inspect {name}` shows who made it, and where nobody needs it, `docker config rm {name}` removes it"
            );
            return Verdict::Failed { why: found.words(&self.stack), hint: Some(hint) };
        }
        let hint = format!(
            "nothing was touched; try again later, or use `skep deploy --wait 10m`; `docker config inspect {}` shows the lease",
            name(&self.stack)
        );
        Verdict::Failed { why: found.words(&self.stack), hint: Some(hint) }
    }

    /// Renews it for ever, every third of its life.
    pub async fn keep(&self, context: &JobContext) {
        loop {
            sleep(LIFE / 3).await;
            let mut state = self.state.lock().await;
            if let Err(err) = self.renew(&mut state).await {
                tracing::warn!(%err, "the lease could not be renewed");
            }
            if let Some(why) = &state.lost {
                return context.say(News::Note(format!("{why}; skep changes nothing more")));
            }
        }
    }

    /// Makes sure that it is ours, for a while at least.
    async fn hold(&self, change: &Change) -> Answer<()> {
        let mut state = self.state.lock().await;
        if state.lost.is_none() && state.renewed.age() > LIFE / 2 {
            self.renew(&mut state).await?;
        }
        match state.lost.clone() {
            Some(why) => Err(EngineError::Conflict { what: format!("did not {change}"), why }),
            None => Ok(()),
        }
    }

    /// Renews it, or learns that it is lost. An error means that nobody knows.
    async fn renew(&self, state: &mut State) -> Answer<Option<FoundLease>> {
        for _ in 0..ATTEMPTS {
            let found = self.find().await?;
            let sent = Moment::now();
            let Some(found) = found.filter(|_| state.lost.is_none()) else {
                state.lost.get_or_insert(format!("the lease on {} was removed", self.stack));
                return Ok(None);
            };
            if found.lease.as_ref().is_none_or(|it| it.token != self.lease.token) {
                state.lost = Some(format!("the lease is lost: {}", found.words(&self.stack)));
                return Ok(None);
            }
            if self.change(&found.update(&self.stack, &self.lease, now())).await? {
                state.renewed = sent;
                return Ok(Some(found));
            }
        }
        let why = "it keeps changing".to_owned();
        Err(EngineError::Failed { what: format!("the lease on {}", self.stack), why })
    }

    /// Nobody takes over what was just renewed, so it is ours that is removed.
    async fn give_back(&self) -> Answer<()> {
        let mut state = self.state.lock().await;
        match self.renew(&mut state).await? {
            Some(found) => self.change(&found.removal(&self.stack)).await.map(|_| ()),
            None => Ok(()),
        }
    }

    async fn find(&self) -> Answer<Option<FoundLease>> {
        // An engine finds configs by their names too.
        match self.engine.inspect(&Object::Config(name(&self.stack))).await {
            Ok(raw) => Ok(FoundLease::read(&raw)),
            Err(EngineError::NotFound { .. }) => Ok(None),
            Err(err) => Err(err),
        }
    }

    /// Writes, unless somebody else was faster.
    async fn change(&self, change: &Change) -> Answer<bool> {
        match self.engine.apply(change).await {
            Ok(_) => Ok(true),
            Err(
                EngineError::Conflict { .. }
                | EngineError::OutOfSequence { .. }
                | EngineError::NotFound { .. },
            ) => Ok(false),
            Err(err) => Err(err),
        }
    }
}

/// A moment by two clocks: one stands still while a machine sleeps (Linux:
/// `CLOCK_MONOTONIC`), the other one may be set.
#[derive(Debug, Clone, Copy)]
struct Moment {
    clock: Instant,
    wall: Timestamp,
}

impl Moment {
    fn now() -> Self {
        Self { clock: Instant::now(), wall: now() }
    }

    /// Returns how long ago it was, by the clock that says more.
    fn age(&self) -> Duration {
        let by_wall = Duration::try_from(now().duration_since(self.wall)).unwrap_or_default();
        self.clock.elapsed().max(by_wall)
    }
}

#[async_trait]
impl Fence for LeaseKeeper {
    async fn check(&self, change: &Change) -> Answer<Permit> {
        self.hold(change).await?;
        Ok(Permit::default())
    }
}

fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_moment_is_as_old_as_the_older_of_two_clocks_says() {
        let minute = Duration::from_secs(60);
        let renewed = Moment::now();
        assert!(renewed.age() < minute);
        let slept = Moment { wall: renewed.wall - minute, ..renewed };
        assert!(slept.age() >= minute);
        let set_back = Moment { wall: renewed.wall + minute, ..renewed };
        assert!(set_back.age() < minute);
        tokio::time::advance(minute).await;
        assert!(set_back.age() >= minute);
    }
}

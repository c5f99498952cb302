//! The deployment job, from request to end: the plan is complete before the lease is taken, and
//! no lease is taken if nothing changes.

use crate::{
    domain::{
        deployment::{
            deploy::{Aim, Board, Debt, Deployment, Mode, Phase, inherit},
            plan::{Digest, Preview},
            rollback::LiveRelease,
        },
        swarm::{cluster::ObjectKind, names::StackName, objects::ServiceObject},
    },
    jobs::{
        JobContext, News, Verdict,
        deploy::{
            DeployOrder, DeployRequest, Prepared, adopt,
            drive::{DeploymentEnd, Drive},
            interrupted::Interrupted,
            live::by_name,
            outcome,
            prepare::prepare,
            recorder::{Recorder, without_journal},
            restore_point::RestorePoint,
            rollback, secret_fingerprints,
        },
        lease::{self, LocalOwner},
        release_health::judge_before,
        retry::{failed, store_failed},
        session::Session,
    },
};
use serde_json::Value;

/// Deploys and returns how it ended. Nothing is touched before the whole plan is
/// known to be possible.
pub async fn run_request(
    session: &Session,
    title: String,
    request: DeployRequest<'_>,
    context: &JobContext,
) -> Verdict {
    context.say(News::Step { done: 0, doing: "plan".to_owned() });
    at(Phase::Plan, request.stack(), context);
    deploy(session, title, request, context).await.unwrap_or_else(|verdict| verdict)
}

async fn deploy(
    session: &Session,
    title: String,
    request: DeployRequest<'_>,
    context: &JobContext,
) -> Result<Verdict, Verdict> {
    let ready = Ready::of(session, request, context).await?;
    let needs_lease = ready.needs_lease(session).await?;
    let owner = LocalOwner::begin(session, &ready.order.stack, title, context).await?;
    if let Some(err) = owner.unseen().filter(|_| ready.writes() > 0) {
        without_journal(err, ready.order.mode)?;
    }
    if !needs_lease {
        let verdict = ready.carry_out(session, &owner, request, context).await;
        owner.leftovers().clear().await;
        owner.end().await;
        return Ok(verdict);
    }
    at(Phase::Lock, &ready.order.stack, context);
    let guard = lease::take(session, owner, ready.order.wait, context).await?;
    let session = guard.fenced(session);
    let ended = match ready.renewed(&session, request, guard.waited(), context).await {
        Ok(ready) => Ok(ready.carry_out(&session, guard.owner(), request, context).await),
        Err(verdict) => Err(verdict),
    };
    guard.give_back().await;
    ended
}

/// A deployment that could begin.
struct Ready {
    order: DeployOrder,
    prepared: Prepared,
    /// What it replaces, or finishes.
    interrupted: Option<Interrupted>,
    debts: Vec<Debt>,
    restore_point: RestorePoint,
    aims: Vec<Aim>,
    recorder: Recorder,
}

impl Ready {
    async fn of(
        session: &Session,
        request: DeployRequest<'_>,
        context: &JobContext,
    ) -> Result<Self, Verdict> {
        let (engine, store) = (&*session.engine, &session.store);
        let (order, mut prepared) = match request {
            DeployRequest::Files(order) => (order.clone(), prepare(engine, order).await?),
            DeployRequest::Earlier(request) => rollback::prepare(engine, store, request).await?,
            DeployRequest::Rest(request) => rollback::prepare_rest(engine, store, request).await?,
        };
        secret_fingerprints::compare(engine, store, &mut prepared).await;
        let preview = prepared.preview();
        secret_fingerprints::ask(&mut prepared);
        if let Some(refusal) = prepared.refusal() {
            return Err(refusal);
        }
        if let Some(confirmed) = &order.confirmed {
            refuse_another(confirmed, &preview, context)?;
        }
        let interrupted = Interrupted::of(session, &order.stack).await?;
        let mut debts = interrupted.as_ref().map(Interrupted::debts).unwrap_or_default();
        let overtaken = interrupted.as_ref().map(|it| it.overtaken(&prepared.live));
        let overtaken = overtaken.unwrap_or_default();
        match request {
            DeployRequest::Rest(request) => request.refuse_over(&overtaken)?,
            _ if overtaken.is_empty() => {}
            // The networks and secrets that were made may be in use by what is theirs now.
            _ => debts.retain(|it| {
                it.object.kind == ObjectKind::Services && !overtaken.contains(&it.object)
            }),
        }
        let recorder = Recorder::of(session, &order.stack).await?;
        let mut restore_point = RestorePoint::of(&prepared, &recorder).await;
        restore_point.inherit(&debts);
        let mut aims = restore_point.aims(&prepared, order.limits).map_err(untouched)?;
        inherit(&mut aims, &debts);
        Ok(Self { order, prepared, interrupted, debts, restore_point, aims, recorder })
    }

    /// Plans again where somebody may have left another stack than was planned for:
    /// whoever had the lease, or docker, which takes none.
    async fn renewed(
        self,
        session: &Session,
        request: DeployRequest<'_>,
        waited: bool,
        context: &JobContext,
    ) -> Result<Self, Verdict> {
        if waited || !self.is_current(session).await? {
            return Self::of(session, request, context).await;
        }
        Ok(self)
    }

    /// Returns whether the services are still those that the plan was made for. Their
    /// versions may differ: the updater raises them.
    async fn is_current(&self, session: &Session) -> Result<bool, Verdict> {
        let stack = Some(self.order.stack.as_str());
        let now =
            session.engine.list(ObjectKind::Services, stack).await.map_err(|err| failed(&err))?;
        let (now, then) = (by_name(now), &self.prepared.live.services);
        let same = |it: &Value, other: &Value| {
            let (it, other) = (ServiceObject(it), ServiceObject(other));
            it.id() == other.id() && it.spec().0 == other.spec().0
        };
        let same = |(name, it): (&String, &Value)| then.get(name).is_some_and(|old| same(it, old));
        Ok(now.len() == then.len() && now.iter().all(same))
    }

    /// Where nothing is to be written, the lease is only looked at: a stack that
    /// somebody changes right now may look as it should for a moment.
    async fn needs_lease(&self, session: &Session) -> Result<bool, Verdict> {
        if self.writes() > 0 || self.interrupted.is_some() || !self.is_current(session).await? {
            return Ok(true);
        }
        let free = lease::is_free(&*session.engine, &self.order.stack).await;
        free.map(|it| !it).map_err(|err| failed(&err))
    }

    fn writes(&self) -> usize {
        self.aims.iter().filter(|it| it.act.is_some()).count()
    }

    /// Does what was prepared, watches it, takes it back where it fails, and
    /// remembers it.
    async fn carry_out(
        self,
        session: &Session,
        owner: &LocalOwner,
        request: DeployRequest<'_>,
        context: &JobContext,
    ) -> Verdict {
        let (writes, mut stays, mut before, mut remark) = (self.writes(), None, None, None);
        let Self { order, prepared, interrupted, debts, restore_point, aims, mut recorder } = self;
        prepared.notes.iter().for_each(|it| context.say(News::Note(it.clone())));
        match (&interrupted, request) {
            (Some(it), DeployRequest::Rest(request)) if request.is_about(&it.release.key) => {
                remark = Some(format!("{}; finished later", it.stood()));
                match recorder.resume(owner, it).await {
                    Ok(true) => {}
                    Ok(false) => return request.missed(),
                    Err(err) => return store_failed(&err),
                }
            }
            (_, DeployRequest::Rest(request)) => return request.missed(),
            (interrupted, _) => {
                if let Some(it) = interrupted {
                    context.say(News::Note(format!("{}; this deployment replaces it", it.words())));
                }
                let live = &prepared.live;
                judge_before(session, &order.stack, &live.all, &live.nodes).await;
                adopt::first(session, &order.stack, live, context).await;
                let replaces = interrupted.as_ref().map(|it| it.replaced(&debts));
                if writes == 0 && interrupted.is_none() {
                    stays = recorder.repeats(&order, &prepared).await;
                }
                before = recorder.live().await;
                let open = recorder.open(session, owner, &order, &prepared, replaces, context);
                if stays.is_none()
                    && let Err(verdict) = open.await
                {
                    return verdict;
                }
            }
        }
        context.say(News::Steps(writes + prepared.desired.services.len()));
        let deployment = Deployment::new(aims, order.mode);
        let drive =
            Drive::new(session, &order, &prepared, &restore_point, deployment, &recorder, context);
        let DeploymentEnd { verdict, services, left } = drive.run().await;
        if verdict.succeeded() {
            secret_fingerprints::remember(session, &prepared).await;
        }
        let opened = recorder.revision();
        recorder.close(&verdict, services, remark, context).await;
        match stays {
            Some(revision) => of_no_release(revision, verdict),
            None if left => outcome::with_way_back(verdict, &order.stack, before),
            None => with_live(verdict, before, opened, order.mode),
        }
    }
}

/// Says which release stays where nothing was to be done.
fn of_no_release(revision: u32, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Succeeded(note) => {
            Verdict::Succeeded(format!("nothing to do, release {revision} stays: {note}"))
        }
        verdict => verdict,
    }
}

/// Says which release is live after a deployment, where one is remembered: the one that
/// was live before it, or its own.
fn with_live(
    verdict: Verdict,
    before: Option<LiveRelease>,
    opened: Option<u32>,
    mode: Mode,
) -> Verdict {
    match (verdict, before, opened) {
        (Verdict::Succeeded(note), _, Some(revision)) => {
            let state = if mode == Mode::Detached { "sent" } else { "live" };
            Verdict::Succeeded(format!("{note}; release {revision} is {state}"))
        }
        (Verdict::RolledBack(why), Some(live), _) => {
            Verdict::RolledBack(format!("{why}; {} stays live", live.words()))
        }
        (verdict, ..) => verdict,
    }
}

/// Stops where something else would be done than what somebody saw and confirmed.
fn refuse_another(confirmed: &Digest, now: &Preview, context: &JobContext) -> Result<(), Verdict> {
    let differences = confirmed.differences(&now.digest);
    if differences.is_empty() {
        return Ok(());
    }
    let named: Vec<&str> = differences.iter().take(NAMED).map(String::as_str).collect();
    let more = match differences.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let why = format!("the plan changed since it was confirmed: {}{more}", named.join(", "));
    context.say(News::Replanned(Box::new(now.clone()), differences));
    let hint = "nothing was changed; look at the new plan and confirm that".to_owned();
    Err(Verdict::Failed { why, hint: Some(hint) })
}

/// So many differences of a plan are named.
const NAMED: usize = 3;

fn untouched(why: String) -> Verdict {
    let hint = Some("nothing was touched; `skep plan` shows the whole plan".to_owned());
    Verdict::Failed { why, hint }
}

/// Tells that a deployment begins of which no more is known yet.
fn at(phase: Phase, stack: &StackName, context: &JobContext) {
    context.say(News::Progress(Box::new(Board::beginning(stack, phase))));
}

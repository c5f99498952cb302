//! Preparation of a deployment: reads files and cluster, resolves images, makes the plan.

use crate::{
    domain::{
        compose::{Desired, DesiredService, policy::Added},
        deployment::{
            plan::{Effect, Live, Notice, Plan, PlanOutline, PlanStep, Preview, gone, plan},
            preflight::{Image, Preflight, Said, Sent},
            resolve::{ImageSource, keep, pin},
        },
        project::Secrets,
        swarm::{change::RegistryAuth, cluster::ObjectKind, objects::ServiceSpec},
    },
    engine::{Engine, EngineError},
    jobs::{
        Verdict,
        deploy::{
            DeployOrder,
            live::{bind_known, read_for},
            preflight::preflight,
        },
        registry,
        retry::failed,
    },
    projects::compose_sources::Understood,
};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use std::{collections::BTreeMap, sync::Arc};
use tokio::task::spawn_blocking;

/// A deployment as it would begin.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub plan: Plan,
    /// With images resolved, and ids of secrets and configs as far as they exist.
    pub desired: Desired,
    /// What the cluster had when it was read.
    pub live: Live,
    /// What the operator should know: warnings, images that could not be pinned.
    pub notes: Vec<String>,
    /// What the cluster and registries lack for it.
    pub preflight: Preflight,
    /// Jobs of which nothing changed.
    pub jobs: Vec<String>,
}

/// What files come to.
struct Meaning {
    desired: Desired,
    notes: Vec<String>,
    /// Names of the files that places point into.
    files: Vec<Arc<str>>,
    added: Vec<Added>,
    secrets: Secrets,
}

/// Images that are asked for at a time.
const REGISTRY_CALLS: usize = 8;

/// What to do about a secret or config that is in no file and not in the cluster.
const UNBOUND: &str = "create it, or declare it in the file";

/// Prepares a deployment; nothing is changed. Everything that can be known to be
/// wrong is said here.
pub async fn prepare(engine: &dyn Engine, order: &DeployOrder) -> Result<Prepared, Verdict> {
    let secrets = order.sources.secrets();
    match prepare_in_clear(engine, order).await {
        Ok(mut prepared) => {
            prepared.hide(&secrets);
            Ok(prepared)
        }
        Err(mut verdict) => {
            verdict.each_text(&mut |it| secrets.clean(it));
            Err(verdict)
        }
    }
}

async fn prepare_in_clear(engine: &dyn Engine, order: &DeployOrder) -> Result<Prepared, Verdict> {
    let Meaning { mut desired, mut notes, files, added, secrets } = understand(order).await?;
    let live = read_for(engine, &order.stack, &desired).await.map_err(|err| failed(&err))?;
    bind_known(&mut desired, &live);
    let resolved = resolve(engine, order, &mut desired, &live).await;
    let (images, without): (Vec<_>, Vec<_>) = resolved.into_iter().unzip();
    notes.extend(without.into_iter().flatten());
    let preflight = preflight(engine, &desired, &live, &images, UNBOUND, files).await;
    let preflight = preflight.map_err(|err| failed(&err))?;
    notes.extend(preflight.warnings());
    if !order.prune {
        notes.extend(gone(&desired, &live).iter().map(stays));
    }
    let mut plan = plan(&order.stack, &desired, &live, order.prune);
    plan.explain(added, secrets);
    let jobs = jobs(&mut plan, &desired, order.rerun_jobs);
    if !order.rerun_jobs {
        notes.extend(jobs.iter().map(rests));
    }
    Ok(Prepared { plan, desired, live, notes, preflight, jobs })
}

fn stays(step: &PlanStep) -> String {
    format!(
        "service {} is no longer in the files, but stays: `skep deploy --prune` removes it",
        step.name
    )
}

impl Prepared {
    /// Returns what there is to look at before it is confirmed.
    pub fn preview(&self) -> Preview {
        let outline = PlanOutline::new(&self.plan);
        Preview {
            outline,
            notes: self.notes.clone(),
            digest: self.plan.digest(&self.desired),
            jobs: self.jobs.clone(),
            nothing: self.plan.is_empty(),
        }
    }

    /// Hides secret values in what was found out: registries and nodes are asked for what
    /// specs say.
    pub fn hide(&mut self, secrets: &Secrets) {
        let found = self.preflight.findings.iter_mut();
        let found = found.flat_map(|it| [&mut it.message].into_iter().chain(&mut it.hint));
        found.chain(&mut self.notes).for_each(|it| secrets.clean(it));
    }

    /// Says why nothing can be done, if so.
    pub fn refusal(&self) -> Option<Verdict> {
        let (why, hint) = self.preflight.refusal().or_else(|| {
            let first = self.plan.refusals().into_iter().next()?;
            Some((first, "`skep plan` shows the whole plan".to_owned()))
        })?;
        Some(Verdict::Failed { why, hint: Some(format!("{hint}; nothing was touched")) })
    }
}

/// Returns the jobs of which nothing changed, and has them run again where that is wanted:
/// the engine runs a job once for each update, and docker updates always.
fn jobs(plan: &mut Plan, desired: &Desired, again: bool) -> Vec<String> {
    let is_job = |name: &str| {
        let service = desired.services.iter().find(|it| it.name == name);
        service.is_some_and(|it| ServiceSpec(&it.spec).is_job())
    };
    let mut found = Vec::new();
    let unchanged = plan.steps.iter_mut().filter(|it| it.effect == Effect::Unchanged);
    for step in unchanged.filter(|it| it.kind == ObjectKind::Services && is_job(&it.name)) {
        if again {
            step.notices.push(Notice::Warning("nothing of it changed; it runs again".to_owned()));
            step.effect = Effect::InPlace;
        }
        found.push(step.name.clone());
    }
    found
}

fn rests(job: &String) -> String {
    format!(
        "job {job} is unchanged and does not run again; `docker stack deploy` and `skep deploy --rerun-jobs` would run it again"
    )
}

/// Everything that can be wrong with the files is said here.
async fn understand(order: &DeployOrder) -> Result<Meaning, Verdict> {
    let (sources, stack) = (order.sources.clone(), order.stack.clone());
    let understood = spawn_blocking(move || sources.understand(&stack)).await;
    let bug = |why: String| Verdict::Failed { why: format!("bug: {why}"), hint: None };
    let understood = understood.map_err(|err| bug(err.to_string()))?;
    if let Some(why) = understood.refusal() {
        let hint = "nothing was touched; `skep check` lists every error".to_owned();
        return Err(Verdict::Failed { why, hint: Some(hint) });
    }
    let notes = understood.notes();
    let Understood { desired, names: files, added, secrets, .. } = understood;
    let desired =
        desired.ok_or_else(|| bug("the files have no findings and no meaning".to_owned()))?;
    Ok(Meaning { desired, notes, files, added, secrets })
}

/// Pins images to digests; returns what registries said, and why they were asked
/// without credentials where that was not wanted. Each image is asked for
/// once, and several at a time: registries are far away.
async fn resolve(
    engine: &dyn Engine,
    order: &DeployOrder,
    desired: &mut Desired,
    live: &Live,
) -> Vec<(Image, Option<String>)> {
    let mut wanted: BTreeMap<String, Vec<&mut DesiredService>> = BTreeMap::new();
    for service in &mut desired.services {
        let found = live.services.get(&service.name);
        let source = order.resolve.source(&service.spec, found);
        if let Some(live) = found {
            keep(&mut service.spec, live, &source);
        }
        if let ImageSource::Registry(image) = source {
            wanted.entry(image).or_default().push(service);
        }
    }
    let asked = wanted.into_iter().map(|(image, users)| pin_all(engine, order, image, users));
    let asked: Vec<BoxFuture<'_, _>> = asked.map(FutureExt::boxed).collect();
    stream::iter(asked).buffered(REGISTRY_CALLS).collect().await
}

/// Pins the specs of the services that use one image. Where that cannot be done,
/// docker deploys the tag, and so do we, and say so.
async fn pin_all(
    engine: &dyn Engine,
    order: &DeployOrder,
    name: String,
    mut users: Vec<&mut DesiredService>,
) -> (Image, Option<String>) {
    let (auth, without) = credentials(order, &name).await;
    let said = match engine.distribution(&name, auth.as_ref()).await {
        Ok(said) if users.iter_mut().all(|it| pin(&mut it.spec, &name, &said)) => Said::Digest,
        Ok(_) => Said::Nothing("the registry gave no digest".to_owned()),
        Err(EngineError::NotFound { .. }) => Said::Missing,
        Err(EngineError::Unauthorized { why, .. }) => {
            Said::Denied { why, sent: sent(auth.as_ref()) }
        }
        Err(err) => Said::Nothing(err.to_string()),
    };
    let place = users.first().map(|it| it.place).unwrap_or_default();
    let services = users.iter().map(|it| it.key.clone()).collect();
    (Image { name, services, place, said }, without)
}

fn sent(auth: Option<&RegistryAuth>) -> Sent {
    match auth {
        None => Sent::Nothing,
        Some(it) if it.is_empty() => Sent::Empty,
        Some(_) => Sent::Credentials,
    }
}

/// Returns the credentials to send along, where the operator wants that, and why there
/// are none then.
pub async fn credentials(
    order: &DeployOrder,
    image: &str,
) -> (Option<RegistryAuth>, Option<String>) {
    if !order.with_registry_auth {
        return (None, None);
    }
    let (auth, without) = registry::credentials(image).await;
    (Some(auth), without)
}

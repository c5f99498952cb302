//! Everything before the first change: files understood, the cluster read,
//! images resolved, the plan made.

use crate::{
    domain::{
        change::RegistryAuth,
        cluster::{Kind, TaskScope},
        compose::{Desired, DesiredFile, DesiredService, Ids, bind},
        names::StackName,
        plan::{Live, Plan, plan},
        resolve::{ImageSource, keep, pin},
    },
    engine::{Answer, Engine},
    jobs::{Verdict, deploy::Order, registry, service::failed},
};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream};
use serde_json::Value;
use std::{collections::BTreeMap, future::ready};
use tokio::task::spawn_blocking;

/// A deployment that could begin.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub plan: Plan,
    /// With images resolved, and ids of secrets and configs as far as they exist.
    pub desired: Desired,
    /// What the cluster had when it was read.
    pub live: Live,
    /// What the operator should know: warnings, images that could not be pinned.
    pub notes: Vec<String>,
}

/// Images that are asked for at a time.
const REGISTRY_CALLS: usize = 8;

/// Networks that every engine has, and nobody has to make.
const PREDEFINED: [&str; 4] = ["default", "bridge", "host", "none"];

/// Prepares a deployment; nothing is changed. Everything that can be known to be
/// wrong is an error here.
pub async fn prepare(engine: &dyn Engine, order: &Order) -> Result<Prepared, Verdict> {
    let (mut desired, mut notes) = understand(order).await?;
    let live = read(engine, &order.stack).await.map_err(|err| failed(&err))?;
    check_externals(&desired, &live)?;
    let hint = "create it, or declare it in the file; nothing was touched";
    bind_known(&mut desired, &live, hint)?;
    notes.extend(resolve(engine, order, &mut desired, &live).await);
    let plan = plan(&order.stack, &desired, &live, order.prune);
    Ok(Prepared { plan, desired, live, notes })
}

/// Everything that can be wrong with the files is said here.
async fn understand(order: &Order) -> Result<(Desired, Vec<String>), Verdict> {
    let (sources, stack) = (order.sources.clone(), order.stack.clone());
    let understood = spawn_blocking(move || sources.understand(&stack)).await;
    let bug = |why: String| Verdict::Failed { why: format!("bug: {why}"), hint: None };
    let understood = understood.map_err(|err| bug(err.to_string()))?;
    if let Some(why) = understood.refusal() {
        let hint = "nothing was touched; `skep check` says everything that is wrong".to_owned();
        return Err(Verdict::Failed { why, hint: Some(hint) });
    }
    let notes = understood.notes();
    let desired = understood.desired;
    let desired =
        desired.ok_or_else(|| bug("the files have no findings and no meaning".to_owned()))?;
    Ok((desired, notes))
}

/// Reads what a plan looks at.
pub async fn read(engine: &dyn Engine, stack: &StackName) -> Answer<Live> {
    let scope = TaskScope::Stack(stack.clone());
    let stack = Some(stack.as_str());
    let (services, networks, secrets, configs, all, nodes, tasks) = tokio::try_join!(
        engine.list(Kind::Services, stack),
        engine.list(Kind::Networks, None),
        engine.list(Kind::Secrets, None),
        engine.list(Kind::Configs, None),
        engine.services(),
        engine.nodes(),
        engine.tasks(&scope),
    )?;
    Ok(Live {
        services: by_name(services),
        networks: networks.into_iter().map(|it| (text(&it["Name"]), it)).collect(),
        secrets: by_name(secrets),
        configs: by_name(configs),
        all,
        nodes,
        tasks,
    })
}

/// Refuses what the engine would refuse half way through.
pub fn check_externals(desired: &Desired, live: &Live) -> Result<(), Verdict> {
    for network in &desired.externals {
        let name = network.name.as_str();
        if PREDEFINED.contains(&name) || name.starts_with("container:") {
            continue;
        }
        let why = match live.networks.get(name).map(|it| text(&it["Scope"])) {
            Some(scope) if scope == "swarm" => continue,
            Some(scope) => {
                format!("is in the scope `{scope}`, and services need one in the scope `swarm`")
            }
            None => "could not be found".to_owned(),
        };
        return Err(Verdict::Failed {
            why: format!("network `{name}` is declared as external, but {why}"),
            hint: Some(format!("create it: docker network create --driver overlay {name}")),
        });
    }
    Ok(())
}

/// Fills in ids that exist. Those of secrets and configs that this deployment
/// creates follow later; any other that is missing is an error with this hint.
pub fn bind_known(desired: &mut Desired, live: &Live, hint: &str) -> Result<(), Verdict> {
    let Err(missing) = bind(desired, &ids(live)) else { return Ok(()) };
    let made = |files: &[DesiredFile], name: &str| files.iter().any(|it| it.name == name);
    let lost = missing
        .iter()
        .filter(|it| !made(&desired.secrets, &it.name) && !made(&desired.configs, &it.name));
    let lost: Vec<String> = lost.map(ToString::to_string).collect();
    if lost.is_empty() {
        return Ok(());
    }
    Err(Verdict::Failed { why: lost.join("; "), hint: Some(hint.to_owned()) })
}

/// Returns the ids of the secrets and configs that there are.
pub fn ids(live: &Live) -> Ids {
    let ids = |found: &BTreeMap<String, Value>| {
        found.iter().map(|(name, it)| (name.clone(), text(&it["ID"]))).collect()
    };
    Ids { secrets: ids(&live.secrets), configs: ids(&live.configs) }
}

/// Pins images to digests; says which could not be pinned. Each image is asked
/// for once, and several at a time: registries are far away.
async fn resolve(
    engine: &dyn Engine,
    order: &Order,
    desired: &mut Desired,
    live: &Live,
) -> Vec<String> {
    let mut wanted: BTreeMap<String, Vec<&mut Value>> = BTreeMap::new();
    for DesiredService { name, spec, .. } in &mut desired.services {
        let found = live.services.get(name);
        let source = order.resolve.source(spec, found);
        if let Some(live) = found {
            keep(spec, live, &source);
        }
        if let ImageSource::Registry(image) = source {
            wanted.entry(image).or_default().push(spec);
        }
    }
    let asked = wanted.into_iter().map(|(image, specs)| pin_all(engine, order, image, specs));
    let asked: Vec<BoxFuture<'_, _>> = asked.map(FutureExt::boxed).collect();
    let notes = stream::iter(asked).buffered(REGISTRY_CALLS);
    notes.filter_map(ready).collect().await
}

/// Pins the specs of one image; returns what there is to say about it.
async fn pin_all(
    engine: &dyn Engine,
    order: &Order,
    image: String,
    mut specs: Vec<&mut Value>,
) -> Option<String> {
    let auth = credentials(order, &image).await;
    let why = match engine.distribution(&image, auth.as_ref()).await {
        Ok(said) if specs.iter_mut().all(|it| pin(it, &image, &said)) => return None,
        Ok(_) => "the registry names no digest".to_owned(),
        Err(err) => err.to_string(),
    };
    // Docker deploys the tag then, and so do we, and say so.
    Some(format!(
        "image {image} could not be pinned to a digest, nodes may run different versions: {why}"
    ))
}

/// Returns the credentials to send along, where the operator wants that.
pub async fn credentials(order: &Order, image: &str) -> Option<RegistryAuth> {
    if order.with_registry_auth { Some(registry::credentials(image).await) } else { None }
}

pub fn by_name(objects: Vec<Value>) -> BTreeMap<String, Value> {
    objects.into_iter().map(|it| (text(&it["Spec"]["Name"]), it)).collect()
}

/// Returns a text of a raw object, empty where there is none.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

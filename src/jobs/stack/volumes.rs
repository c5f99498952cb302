//! Volume removal, on every node whose engine can be reached from here.
//!
//! A swarm knows no volumes: each lives on a node, and only the engine of that node
//! removes it. What cannot be reached is named, with the command that does it there.

use crate::{
    domain::{
        swarm::{
            change::Change,
            cluster::{Membership, Node},
            names::{NodeId, StackName},
        },
        text::count::plural,
    },
    engine::{Engine, EngineError},
    jobs::{
        JobContext, News,
        retry::{Aborted, POLL},
        session::Neighbours,
    },
};
use futures_util::future::join_all;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// A container goes a moment after its task, and holds its volumes until then.
const LETTING_GO: Duration = Duration::from_secs(60);

/// Where to look.
pub struct Volumes<'a> {
    pub engine: &'a dyn Engine,
    pub neighbours: &'a Neighbours,
    pub stack: &'a StackName,
}

/// What became of them.
#[derive(Debug, Default)]
pub struct VolumesRemoved {
    /// Names by host.
    gone: BTreeMap<String, Vec<String>>,
    /// What is left, and why.
    pub stays: Vec<String>,
    /// Where nobody could look.
    pub unseen: Vec<String>,
}

impl Volumes<'_> {
    /// Removes them; `names` are those that the services of the stack had.
    pub async fn remove(
        &self,
        names: &BTreeSet<String>,
        context: &JobContext,
    ) -> Result<VolumesRemoved, Aborted> {
        let nodes = self.engine.nodes().await.map_err(Aborted::ByError)?;
        let engines = self.neighbours.engines();
        let mut left: BTreeMap<&NodeId, &Node> = nodes.iter().map(|it| (&it.id, it)).collect();
        let mut ended = VolumesRemoved::default();
        for (node, engine) in self.reached(&engines).await {
            // Two contexts may lead to one node, and some to other swarms.
            let Some(node) = left.remove(&node) else { continue };
            if context.is_stop_requested() {
                return Err(Aborted::OnRequest);
            }
            self.remove_on(node, engine, context, &mut ended).await;
        }
        let there: Vec<&str> = names.iter().map(String::as_str).collect();
        for node in left.values().filter(|_| !there.is_empty()) {
            let (host, there) = (&node.hostname, there.join(" "));
            let reach = format!("{host} cannot be reached from here, volumes may be left on it");
            ended.unseen.push(format!("{reach}: `ssh {host} docker volume rm {there}`"));
        }
        Ok(ended)
    }

    /// Returns whether any engine in reach has one; those that do not answer have none.
    pub async fn any(&self) -> bool {
        let engines = self.neighbours.engines();
        let asked = self.reached(&engines).await;
        let asked = asked.iter().map(|(_, engine)| engine.volumes(self.stack.as_str()));
        join_all(asked).await.into_iter().flatten().any(|found| !found.is_empty())
    }

    /// Asks each engine which node it is; whoever does not answer is not reached.
    async fn reached<'e>(
        &'e self,
        neighbours: &'e [Arc<dyn Engine>],
    ) -> Vec<(NodeId, &'e dyn Engine)> {
        let ours = [self.engine].into_iter();
        let engines: Vec<&dyn Engine> = ours.chain(neighbours.iter().map(|it| &**it)).collect();
        let asked = join_all(engines.iter().map(|it| it.system())).await;
        let known = asked.into_iter().zip(engines).filter_map(|(answer, engine)| {
            match answer.ok()?.swarm {
                Membership::Manager { node, .. } | Membership::Worker { node, .. } => {
                    Some((node, engine))
                }
                _ => None,
            }
        });
        known.collect()
    }

    async fn remove_on(
        &self,
        node: &Node,
        engine: &dyn Engine,
        context: &JobContext,
        ended: &mut VolumesRemoved,
    ) {
        let host = node.hostname.to_string();
        let found = match engine.volumes(self.stack.as_str()).await {
            Ok(found) => found,
            Err(err) => return ended.stays.push(format!("volumes on {host}: {err}")),
        };
        for name in found {
            let doing = format!("remove volume {name} on {host}");
            context.say(News::Step { done: ended.gone.len(), doing });
            match removed(engine, &name, context).await {
                Ok(()) => ended.gone.entry(host.clone()).or_default().push(name),
                Err(err) => ended.stays.push(format!("volume {name} on {host} stays: {err}")),
            }
        }
    }
}

impl VolumesRemoved {
    /// Says what is gone, as `2 volumes gone (node1: blog_data; node2: blog_data)`.
    pub fn gone(&self) -> Option<String> {
        let count = self.gone.values().map(Vec::len).sum::<usize>() as u64;
        let places = self.gone.iter().map(|(host, names)| format!("{host}: {}", names.join(", ")));
        let places = places.collect::<Vec<_>>().join("; ");
        (count > 0).then(|| format!("{} gone ({places})", plural(count, "volume")))
    }
}

/// Tries until no container holds it any more; what is gone already is removed.
async fn removed(engine: &dyn Engine, name: &str, context: &JobContext) -> Result<(), EngineError> {
    let removal = Change::RemoveVolume { name: name.to_owned() };
    let until = Instant::now() + LETTING_GO;
    loop {
        match engine.apply(&removal).await {
            Ok(_) | Err(EngineError::NotFound { .. }) => return Ok(()),
            Err(EngineError::Conflict { .. })
                if Instant::now() < until && !context.is_stop_requested() =>
            {
                sleep(POLL).await;
            }
            Err(err) => return Err(err),
        }
    }
}

//! Scripted behaviour of containers, by image.

use crate::{
    domain::swarm::names::NodeId,
    engine::fake::swarm::random::{Random, digest},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// What becomes of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// It runs until it is stopped; as a job it ends well after some seconds.
    Runs,
    /// It ends with code 0, wanted or not.
    Completes,
    /// It ends with code 1 at once.
    Crashes,
    /// It ends with code 1 after about ten seconds.
    Collapses,
    /// It ends with code 1 after so long.
    EndsAfter(Duration),
    /// The kernel kills it when its memory is used up (137).
    RunsOutOfMemory,
    /// Its health check never succeeds.
    Unhealthy,
    /// No registry knows it.
    Missing,
    /// Its registry wants credentials; with them it runs.
    Private,
}

impl Behaviour {
    /// Reads `crash`, `collapse`, `complete`, `oom`, `unhealthy`, `missing` or `private`.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "crash" => Self::Crashes,
            "collapse" => Self::Collapses,
            "complete" => Self::Completes,
            "oom" => Self::RunsOutOfMemory,
            "unhealthy" => Self::Unhealthy,
            "missing" => Self::Missing,
            "private" => Self::Private,
            _ => return None,
        })
    }
}

/// The images of the world, and which node has pulled which.
#[derive(Debug, Default, Clone)]
pub struct Images {
    scripts: BTreeMap<String, Behaviour>,
    pulled: BTreeSet<(NodeId, String)>,
}

impl Images {
    pub fn script(&mut self, image: &str, behaviour: Behaviour) {
        self.scripts.insert(plain(image).to_owned(), behaviour);
    }

    /// Returns what the script says, else what the tag says: `shop/api:crash` is
    /// for people who try things out.
    pub fn behaviour(&self, image: &str) -> Behaviour {
        let image = plain(image);
        if let Some(scripted) = self.scripts.get(image) {
            return *scripted;
        }
        let tag = image.rsplit_once(':').map_or("", |it| it.1);
        Behaviour::from_word(tag).unwrap_or(Behaviour::Runs)
    }

    /// Notes that a node has the image; returns whether it had it before.
    pub fn pull(&mut self, node: &NodeId, image: &str) -> bool {
        !self.pulled.insert((node.clone(), image.to_owned()))
    }
}

/// Returns the image without its digest.
pub fn plain(image: &str) -> &str {
    image.split_once('@').map_or(image, |it| it.0)
}

/// Returns the digest of an image, made up from its name.
pub fn digest_of(image: &str) -> String {
    let mut random = Random::new(digest(plain(image)));
    format!("sha256:{}", random.container_id())
}

//! What a stack wants to be in the cluster.

use crate::domain::{
    compose::{model::Text, place::Place},
    swarm::change::Confidential,
};
use serde_json::Value;

/// Everything that a stack wants to be in the cluster, in the order of keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Desired {
    /// Only networks that a service uses.
    pub networks: Vec<DesiredNetwork>,
    /// Networks that services use and others must have made.
    pub externals: Vec<ExternalNetwork>,
    pub secrets: Vec<DesiredFile>,
    pub configs: Vec<DesiredFile>,
    pub services: Vec<DesiredService>,
}

/// A network, and the body of `POST /networks/create`.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredNetwork {
    pub key: String,
    pub name: String,
    pub body: Value,
    /// The subnets that the file asks for; they are in the body too.
    pub pools: Vec<Text>,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalNetwork {
    pub key: String,
    pub name: String,
    pub place: Place,
}

/// A secret or config, and the body that creates or updates it.
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredFile {
    pub key: String,
    pub name: String,
    pub body: Confidential<Value>,
    pub place: Place,
}

/// A service, and the body of `POST /services/create`, in which ids of secrets
/// and configs are missing ([`bind`](crate::domain::compose::bind)).
#[derive(Debug, Clone, PartialEq)]
pub struct DesiredService {
    pub key: String,
    pub name: String,
    /// The image as written, which the label `com.docker.stack.image` keeps.
    pub image: String,
    /// Keys of services that should be up before this one.
    pub depends_on: Vec<String>,
    pub spec: Value,
    pub place: Place,
}

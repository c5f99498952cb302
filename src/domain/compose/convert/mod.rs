//! From the model to what the engine is asked for: bodies of requests that are
//! the same, field by field, as those of `docker stack deploy`.
//!
//! Whether an object is there at all matters: the engine stores that, and
//! replaces tasks when it changes. So empty objects are sent exactly where
//! docker sends them.

pub mod body;
mod service;
mod container;
mod capabilities;
mod mounts;
mod networks;
mod references;
mod resources;
mod binding;

pub use binding::{Ids, Missing, bind, bind_spec};

use crate::domain::{
    change::Confidential,
    compose::{
        Files,
        codes::Severity,
        finding::{Finding, Findings},
        model::{Labels, Stack, Text},
        place::Place,
    },
    names::{STACK_LABEL, StackName},
};
use body::Body;
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
/// and configs are missing ([`bind`]).
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

/// Converts a stack; findings say what stands in the way.
///
/// `Desired` is `None` where one of them is an error. Contents of secrets and
/// configs are read here.
pub fn convert(
    stack: &Stack,
    name: &StackName,
    files: &dyn Files,
) -> (Option<Desired>, Vec<Finding>) {
    let mut findings = Findings::default();
    let scope = Scope { stack, name };
    for (key, service) in &stack.services {
        service::check_image(key, service, &mut findings);
    }
    let services = stack.services.iter();
    let services =
        services.map(|(key, it)| service::service(scope, key, it, &mut findings)).collect();
    let (networks, externals) = networks::networks(scope);
    let secrets = references::files("secret", scope, &stack.secrets, files, &mut findings);
    let configs = references::files("config", scope, &stack.configs, files, &mut findings);
    let findings = findings.sorted();
    let broken = findings.iter().any(|it| it.severity() == Severity::Error);
    let desired = Desired { networks, externals, secrets, configs, services };
    ((!broken).then_some(desired), findings)
}

/// What names in a stack file refer to.
#[derive(Clone, Copy)]
struct Scope<'a> {
    stack: &'a Stack,
    name: &'a StackName,
}

impl Scope<'_> {
    /// Returns the engine's name: that of the file, or the key with the stack's
    /// name in front.
    fn name(&self, given: &str, key: &str) -> String {
        if given.is_empty() { format!("{}_{key}", self.name) } else { given.to_owned() }
    }

    /// Returns labels with that of the stack.
    fn labels(&self, labels: &Labels) -> Value {
        let mut body = Body::texts(labels);
        body.set(STACK_LABEL, self.name.as_str());
        body.into()
    }
}

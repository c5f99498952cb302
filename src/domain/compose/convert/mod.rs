//! Conversion of the model into request bodies, which are the same, field by field, as those of
//! `docker stack deploy`.
//!
//! Whether an object is there at all matters: the engine stores that, and
//! replaces tasks when it changes. So empty objects are sent exactly where
//! docker sends them.

pub mod body;
mod desired;
mod scope;
mod service;
mod container;
mod capabilities;
mod mounts;
mod networks;
mod references;
mod resources;
mod binding;

pub use binding::{Ids, Missing, bind, bind_spec};
pub use desired::{Desired, DesiredFile, DesiredNetwork, DesiredService, ExternalNetwork};

use crate::domain::{
    compose::{
        codes::Severity,
        convert::scope::Scope,
        finding::{Finding, Findings},
        model::Stack,
        source::Files,
    },
    swarm::names::StackName,
};

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

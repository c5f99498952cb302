//! The objects of a stack, read from the cluster.

use crate::{
    domain::swarm::{belongings::Belongings, cluster::ObjectKind, names::StackName},
    engine::{Answer, Engine},
};

/// Reads the services, networks, configs and secrets of a stack.
pub async fn belongings(engine: &dyn Engine, stack: &StackName) -> Answer<Belongings> {
    let of_stack = Some(stack.as_str());
    let (services, networks, configs, secrets) = tokio::try_join!(
        engine.list(ObjectKind::Services, of_stack),
        engine.list(ObjectKind::Networks, of_stack),
        engine.list(ObjectKind::Configs, of_stack),
        engine.list(ObjectKind::Secrets, of_stack),
    )?;
    Ok(Belongings::read(stack, &services, &networks, &configs, &secrets))
}

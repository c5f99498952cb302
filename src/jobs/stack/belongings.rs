//! The objects of a stack, read from the cluster.

use crate::{
    domain::{belongings::Belongings, cluster::Kind, names::StackName},
    engine::{Answer, Engine},
};

/// Reads the services, networks, configs and secrets of a stack.
pub async fn belongings(engine: &dyn Engine, stack: &StackName) -> Answer<Belongings> {
    let of_stack = Some(stack.as_str());
    let (services, networks, configs, secrets) = tokio::try_join!(
        engine.list(Kind::Services, of_stack),
        engine.list(Kind::Networks, of_stack),
        engine.list(Kind::Configs, of_stack),
        engine.list(Kind::Secrets, of_stack),
    )?;
    Ok(Belongings::read(stack, &services, &networks, &configs, &secrets))
}

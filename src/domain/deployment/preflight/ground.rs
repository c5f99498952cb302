//! What checks before a deployment look at.

use crate::domain::{
    compose::Desired,
    deployment::{plan::Live, preflight::image::Image},
    swarm::cluster::Task,
};

/// All there is to look at.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    pub desired: &'a Desired,
    pub live: &'a Live,
    /// What registries said.
    pub images: &'a [Image],
    /// Tasks of other services that have ports of their nodes ([`rivals`](crate::domain::deployment::preflight::rivals)).
    pub rivals: &'a [Task],
    /// What to do about a secret or config that nobody makes.
    pub remedy: &'a str,
}

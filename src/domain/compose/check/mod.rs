//! Checks of a stack beyond the errors of loading and converting: what the engine will refuse,
//! what has no effect, and what is risky later.
//!
//! A check is a function and a line in a table; what it finds is documented by
//! its [`codes`](crate::domain::compose::codes).

mod facts;
mod scene;
mod subject;
mod image;
mod health;
mod updates;
mod running;
mod resources;
mod placement;
mod mounts;
mod contents;
mod environment;
mod env_files;
mod actions;
mod templates;
mod ports;
mod networks;
mod subnets;
mod host_network;
mod plugins;
mod kernel;
mod process;
mod log_values;
mod logs;
mod volumes;
mod names;
mod labels;
mod unused;

pub use facts::{ClusterFacts, NetworkFact};
pub use networks::foreign;
pub use plugins::{lacks_driver, lacks_resource};
pub use scene::broken;
pub use subnets::{Held, clash};

use crate::domain::{
    compose::{
        check::{
            scene::Scene,
            subject::{Subject, subjects},
        },
        finding::{Finding, Findings},
        load::Loaded,
        source::{ComposeFile, Files},
    },
    swarm::names::StackName,
};

/// Checks of one service each.
const OF_SERVICES: &[fn(&Subject<'_>, &mut Findings)] = &[
    image::tag,
    image::capitals,
    health::missing,
    health::off,
    health::form,
    health::program,
    health::line,
    health::joined,
    health::shell,
    health::times,
    updates::monitor,
    updates::pause,
    updates::all_at_once,
    updates::failures,
    updates::start_first,
    updates::job,
    updates::words,
    running::command,
    running::restart,
    running::grace,
    running::replicas,
    running::depends_on,
    running::logging,
    resources::limits,
    resources::ranges,
    resources::room,
    resources::processors,
    placement::constraints,
    placement::spread,
    placement::per_node,
    mounts::local,
    mounts::anonymous,
    mounts::binds,
    mounts::targets,
    mounts::kinds,
    mounts::propagation,
    contents::modes,
    contents::over_folders,
    environment::secrets,
    templates::placeholders,
    environment::quotes,
    env_files::literals,
    environment::twice,
    environment::extra_hosts,
    ports::addresses,
    ports::words,
    ports::numbers,
    ports::lost,
    ports::dnsrr,
    ports::nodes,
    names::service,
    labels::reserved,
    labels::of_containers,
    labels::proxy_port,
    host_network::host_network,
    plugins::drivers,
    plugins::resources,
    kernel::hostname,
    kernel::ulimits,
    kernel::sysctls,
    kernel::capabilities,
    process::working_dir,
    process::stop_signal,
    process::environment,
    process::user,
    process::owners,
    process::isolation,
    process::credential_spec,
    process::addresses,
    logs::options,
];

/// Checks of the stack as a whole.
const OF_STACKS: &[fn(&Scene<'_>, &mut Findings)] = &[
    ports::clashes,
    mounts::fixed,
    networks::drivers,
    networks::reserved,
    networks::live,
    networks::options,
    plugins::networks,
    subnets::form,
    subnets::families,
    subnets::overlaps,
    subnets::taken,
    subnets::addresses,
    volumes::options,
    contents::fixed,
    contents::templates,
    contents::drivers,
    contents::sizes,
    names::objects,
    unused::services,
    unused::unused,
    unused::external,
];

/// Checks what was loaded, with the engine's names for the stack of that name.
///
/// Services that have errors are passed over: what they mean is not known.
/// Reads the files of secrets and configs, and asks whether sources of mounts
/// exist.
pub fn check(
    loaded: &Loaded,
    sources: &[ComposeFile],
    name: &StackName,
    files: &dyn Files,
    cluster: Option<&ClusterFacts>,
) -> Vec<Finding> {
    let Some(stack) = loaded.stack.as_ref().or(loaded.draft.as_ref()) else { return Vec::new() };
    let scene = Scene::new(loaded, stack, sources, name, files, cluster);
    let mut findings = Findings::default();
    for subject in subjects(&scene) {
        findings.within(&format!("service {}: ", subject.key), |findings| {
            for check in OF_SERVICES {
                check(&subject, findings);
            }
        });
    }
    for check in OF_STACKS {
        check(&scene, &mut findings);
    }
    findings.sorted()
}

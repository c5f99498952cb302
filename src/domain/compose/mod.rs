//! Stack files, meaning exactly what they mean to `docker stack deploy`
//! (docker 28.2).
//!
//! ```text
//! bytes ─ yaml ─► tree ─ interpolate ─► tree ─ schema ─► decode ─► Stack ─ environment ─┐
//!                                                                                       │ of each file
//! Desired ◄─ convert ─ Stack ◄──────────────────────── merge ◄─────────────────────────┘
//!                        └─ render ─► one file that means the same
//! ```
//!
//! Nothing here reads files or the environment: the caller gives both. All
//! that is wrong is found at once, each finding with its place in the files.

pub mod place;
mod source;
pub mod stretches;
pub mod finding;
pub mod codes;
pub mod quantity;
pub mod words;
pub mod ports;
pub mod paths;
pub mod yaml;
pub mod interpolate;
pub mod schema;
pub mod notices;
pub mod model;
pub mod decode;
pub mod dotenv;
pub mod env_file;
pub mod environment;
pub mod merge;
mod load;
pub mod convert;
pub mod render;
pub mod edit;
pub mod fixes;
pub mod assist;
pub mod difference;
pub mod check;
pub mod import;
pub mod policy;
pub mod template;

pub use check::{ClusterFacts, NetworkFact, check};
pub use codes::Severity;
pub use convert::{
    Desired, DesiredFile, DesiredNetwork, DesiredService, ExternalNetwork, Ids, bind, bind_spec,
    convert,
};
pub use finding::{Finding, Fix};
pub use interpolate::Variable;
pub use load::{Loaded, load};
pub use model::Stack;
pub use place::{At, Place};
pub use render::{Unwritable, render};
pub use source::{ComposeFile, Files, Surroundings};

use crate::domain::{compose::finding::Findings, swarm::names::StackName};

/// Loads, checks and converts: everything there is to say about stack files, at
/// once. `Desired` is `None` where a finding is an error. What the files say is adjusted
/// before it is checked: by what projects set, and by their policies.
pub fn examine(
    sources: &[ComposeFile],
    surroundings: &Surroundings<'_>,
    name: &StackName,
    facts: Option<&ClusterFacts>,
    adjust: impl FnOnce(&mut Stack) -> Vec<Finding>,
) -> (Option<Desired>, Loaded) {
    let mut loaded = load(sources, surroundings);
    let adjusted = loaded.stack.as_mut().or(loaded.draft.as_mut()).map(adjust);
    loaded.findings.extend(adjusted.unwrap_or_default());
    let mut more = check(&loaded, sources, name, surroundings.files, facts);
    let mut desired = None;
    if let Some(stack) = loaded.stack.as_ref().or(loaded.draft.as_ref()) {
        let (converted, found) = convert(stack, name, surroundings.files);
        desired = converted;
        let broken = check::broken(&loaded);
        let told = |it: &Finding| broken.overlap(it.place);
        more.extend(found.into_iter().filter(|it| !told(it)));
    }
    let mut all = Findings::default();
    all.extend(loaded.findings.drain(..).chain(more));
    // What the engine would refuse later is refused now.
    desired = desired.filter(|_| !all.any_error());
    loaded.findings = all.sorted();
    let texts: Vec<&str> =
        sources.iter().map(|it| str::from_utf8(&it.bytes).unwrap_or_default()).collect();
    fixes::suggest(&mut loaded.findings, &loaded.roots, &texts);
    (desired, loaded)
}

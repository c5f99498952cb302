//! Swarm: what the engine tells of it as values, and what changes it.
//!
//! In reading order. First the words of the engine ([`names`], [`states`], [`image`],
//! [`subnet`]); then its answers as raw JSON with faces ([`objects`], [`raw`],
//! [`difference`]) and as light values for lists ([`cluster`]); then what follows from
//! them ([`constraint`], [`features`]); then every change that skep sends ([`stop`],
//! [`spec`], [`change`], [`mod@write`]); in the end what changes touch besides what they name
//! ([`belongings`], [`drain`]).

pub mod names;
pub mod states;
pub mod image;
pub mod subnet;
pub mod since;
pub mod context;
pub mod raw;
pub mod difference;
pub mod happening;
pub mod cluster;
pub mod constraint;
pub mod objects;
pub mod features;
pub mod stop;
pub mod spec;
pub mod change;
pub mod write;
pub mod belongings;
pub mod drain;

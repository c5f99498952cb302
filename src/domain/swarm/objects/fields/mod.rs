//! Objects field by field, for who shows whatever an engine tells: each field as it is
//! there, odd or not, with its unit, and what this version does not know besides. Who has a
//! question asks a face ([`crate::domain::swarm::objects`]), which takes what is odd as not
//! there.

mod field;
mod update;
mod health;
mod mount;
mod reference;
mod container;
mod template;
mod service;
mod task;
mod node;
mod network;
mod payload;

pub use crate::domain::swarm::objects::fields::{
    container::{ContainerFields, ProfileFields, UlimitFields},
    field::{Bytes, Moment, NanoCpus, Nanos, Raw, each},
    health::HealthFields,
    mount::MountFields,
    network::{EndpointFields, NetworkFields, PeerFields, PoolFields},
    node::{DescriptionFields, NodeFields, NodeSpecFields, PluginFields},
    payload::{PayloadFields, PayloadSpecFields},
    reference::ReferenceFields,
    service::{AttachmentFields, ServiceFields, ServiceSpecFields, VirtualAddressFields},
    task::{TaskAttachmentFields, TaskFields},
    template::{AmountFields, PreferenceFields, RestartFields, TemplateFields},
    update::UpdateFields,
};

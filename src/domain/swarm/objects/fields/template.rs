//! Fields of a `TaskTemplate`.

use crate::domain::swarm::objects::fields::{
    container::ContainerFields,
    field::{Bytes, NanoCpus, Nanos, Raw, fields},
};

fields! {
    /// What every task of a service is made from, and the `Spec` of a task.
    TemplateFields {
        container: ContainerFields = "ContainerSpec",
        constraints: Raw = "Placement"."Constraints",
        /// A list of `PreferenceFields`.
        preferences: Raw = "Placement"."Preferences",
        /// How many of its tasks a node takes; 0 is no limit.
        max_replicas: Raw = "Placement"."MaxReplicas",
        limits: AmountFields = "Resources"."Limits",
        reservations: AmountFields = "Resources"."Reservations",
        restart: RestartFields = "RestartPolicy",
        log_driver: Raw = "LogDriver"."Name",
        log_options: Raw = "LogDriver"."Options",
        /// A list of `AttachmentFields`.
        networks: Raw = "Networks",
        /// How often somebody forced a restart.
        force_update: Raw = "ForceUpdate",
    }
    beside "Runtime"
}

fields! {
    /// What a task may use, or reserves; 0 is no limit and nothing.
    AmountFields {
        cpus: NanoCpus = "NanoCPUs",
        memory: Bytes = "MemoryBytes",
        /// How many processes.
        pids: Raw = "Pids",
        generic: Raw = "GenericResources",
    }
}

fields! {
    /// When ended tasks are started again.
    RestartFields {
        condition: Raw = "Condition",
        delay: Nanos = "Delay",
        /// How many starts are tried; 0 is no limit.
        max_attempts: Raw = "MaxAttempts",
        window: Nanos = "Window",
    }
}

fields! {
    /// What tasks are spread over.
    PreferenceFields {
        spread: Raw = "Spread"."SpreadDescriptor",
    }
}

//! Fields of a `ContainerSpec`.

use crate::domain::swarm::objects::fields::{
    field::{Nanos, Raw, fields},
    health::HealthFields,
};

fields! {
    /// What runs in a task.
    ContainerFields {
        image: Raw = "Image",
        labels: Raw = "Labels",
        /// What compose files call the entrypoint.
        command: Raw = "Command",
        args: Raw = "Args",
        hostname: Raw = "Hostname",
        /// A list of `NAME=value`.
        env: Raw = "Env",
        dir: Raw = "Dir",
        user: Raw = "User",
        groups: Raw = "Groups",
        tty: Raw = "TTY",
        open_stdin: Raw = "OpenStdin",
        read_only: Raw = "ReadOnly",
        /// A list of `MountFields`.
        mounts: Raw = "Mounts",
        stop_signal: Raw = "StopSignal",
        stop_grace_period: Nanos = "StopGracePeriod",
        health: HealthFields = "Healthcheck",
        hosts: Raw = "Hosts",
        nameservers: Raw = "DNSConfig"."Nameservers",
        dns_search: Raw = "DNSConfig"."Search",
        dns_options: Raw = "DNSConfig"."Options",
        /// A list of `ReferenceFields`.
        secrets: Raw = "Secrets",
        configs: Raw = "Configs",
        isolation: Raw = "Isolation",
        init: Raw = "Init",
        capability_add: Raw = "CapabilityAdd",
        capability_drop: Raw = "CapabilityDrop",
        sysctls: Raw = "Sysctls",
        /// A list of `UlimitFields`.
        ulimits: Raw = "Ulimits",
        oom_score_adj: Raw = "OomScoreAdj",
        no_new_privileges: Raw = "Privileges"."NoNewPrivileges",
        seccomp: ProfileFields = "Privileges"."Seccomp",
        app_armor: ProfileFields = "Privileges"."AppArmor",
        selinux_context: Raw = "Privileges"."SELinuxContext",
        credential_spec: Raw = "Privileges"."CredentialSpec",
    }
}

fields! {
    /// How a security module treats a container.
    ProfileFields {
        mode: Raw = "Mode",
        /// A profile of its own, in base64.
        profile: Raw = "Profile",
        name: Raw = "Name",
    }
}

fields! {
    /// What a process may use of one resource.
    UlimitFields {
        name: Raw = "Name",
        soft: Raw = "Soft",
        hard: Raw = "Hard",
    }
}

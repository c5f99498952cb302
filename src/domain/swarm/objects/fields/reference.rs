//! Fields of a reference to a secret or a config.

use crate::domain::swarm::objects::fields::field::{Raw, fields};

fields! {
    /// A secret or a config that a container gets, and the file that it gets it as.
    ReferenceFields {
        secret_id: Raw = "SecretID",
        secret_name: Raw = "SecretName",
        config_id: Raw = "ConfigID",
        config_name: Raw = "ConfigName",
        file: Raw = "File"."Name",
        uid: Raw = "File"."UID",
        gid: Raw = "File"."GID",
        /// Bits, as 0o444.
        mode: Raw = "File"."Mode",
    }
}

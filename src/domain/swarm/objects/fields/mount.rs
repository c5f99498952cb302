//! Fields of a mount.

use crate::domain::swarm::objects::fields::field::{Bytes, Raw, fields};

fields! {
    /// A mount of a container.
    MountFields {
        kind: Raw = "Type",
        /// The name of a volume, or a path on the node.
        source: Raw = "Source",
        /// A path in the container.
        target: Raw = "Target",
        read_only: Raw = "ReadOnly",
        propagation: Raw = "BindOptions"."Propagation",
        no_copy: Raw = "VolumeOptions"."NoCopy",
        subpath: Raw = "VolumeOptions"."Subpath",
        driver: Raw = "VolumeOptions"."DriverConfig"."Name",
        driver_options: Raw = "VolumeOptions"."DriverConfig"."Options",
        tmpfs_size: Bytes = "TmpfsOptions"."SizeBytes",
        tmpfs_options: Raw = "TmpfsOptions"."Options",
    }
}

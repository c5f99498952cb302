//! Schema of the top level, and of networks, volumes, secrets and configs.

use crate::domain::compose::schema::{
    rule::{
        Key, Keys, Kind, Known, Rule,
        common::{ANY, BOOL, DRIVER_OPTS, EXTERNAL, LIST, MAP_OR_SET, OPEN_EXTERNAL, TEXT},
    },
    service::SERVICE,
};

pub static ROOT: Rule = Rule::known(&ROOT_KEYS);
#[rustfmt::skip]
static ROOT_KEYS: Known = Known::closed(&[
    Key("configs",  3, &CONFIGS),
    Key("networks", 0, &NETWORKS),
    Key("secrets",  1, &SECRETS),
    Key("services", 0, &SERVICES),
    Key("version",  0, &ANY), // checked before the schema is chosen
    Key("volumes",  0, &VOLUMES),
]).extensible(4);

static SERVICES: Rule = Rule::of(&[Kind::Map]).keys(Keys::Named(&SERVICE, false));

static NETWORKS: Rule = Rule::of(&[Kind::Map]).keys(Keys::Named(&NETWORK, true));
static NETWORK: Rule = Rule::of(&[Kind::Map, Kind::Null]).keys(Keys::Known(&NETWORK_KEYS));
#[rustfmt::skip]
static NETWORK_KEYS: Known = Known::closed(&[
    Key("attachable",  2, &BOOL),
    Key("driver",      0, &TEXT),
    Key("driver_opts", 0, &DRIVER_OPTS),
    Key("external",    0, &EXTERNAL),
    Key("internal",    0, &BOOL),
    Key("ipam",        0, &IPAM),
    Key("labels",      0, &MAP_OR_SET),
    Key("name",        5, &TEXT),
]).extensible(7);
static IPAM: Rule = Rule::known(&IPAM_KEYS);
static IPAM_KEYS: Known = Known::closed(&[Key("config", 0, &POOLS), Key("driver", 0, &TEXT)]);
static POOLS: Rule = Rule::of(&[Kind::List]).items(&POOL);
static POOL: Rule = Rule::known(&POOL_KEYS);
static POOL_KEYS: Known = Known::closed(&[Key("subnet", 0, &TEXT)]);

static VOLUMES: Rule = Rule::of(&[Kind::Map]).keys(Keys::Named(&VOLUME, false));
static VOLUME: Rule = Rule::of(&[Kind::Map, Kind::Null]).keys(Keys::Known(&VOLUME_KEYS));
#[rustfmt::skip]
static VOLUME_KEYS: Known = Known::closed(&[
    Key("driver",          0, &TEXT),
    Key("driver_opts",     0, &DRIVER_OPTS),
    Key("external",        0, &EXTERNAL),
    Key("labels",          0, &MAP_OR_SET),
    Key("name",            4, &TEXT),
    Key("x-cluster-spec", 10, &CLUSTER_SPEC),
]).extensible(7);

static SECRETS: Rule = Rule::of(&[Kind::Map]).keys(Keys::Named(&SECRET, false));
static SECRET: Rule = Rule::known(&SECRET_KEYS);
#[rustfmt::skip]
static SECRET_KEYS: Known = Known::closed(&[
    Key("driver",          8, &TEXT),
    Key("driver_opts",     8, &DRIVER_OPTS),
    Key("external",        0, &OPEN_EXTERNAL),
    Key("file",            0, &TEXT),
    Key("labels",          0, &MAP_OR_SET),
    Key("name",            5, &TEXT),
    Key("template_driver", 8, &TEXT),
]).extensible(7);

static CONFIGS: Rule = Rule::of(&[Kind::Map]).keys(Keys::Named(&CONFIG, false));
static CONFIG: Rule = Rule::known(&CONFIG_KEYS);
#[rustfmt::skip]
static CONFIG_KEYS: Known = Known::closed(&[
    Key("external",        0, &OPEN_EXTERNAL),
    Key("file",            0, &TEXT),
    Key("labels",          0, &MAP_OR_SET),
    Key("name",            5, &TEXT),
    Key("template_driver", 8, &TEXT),
]).extensible(7);

/// Checked, but without effect: deploying creates no cluster volumes.
static CLUSTER_SPEC: Rule = Rule::known(&CLUSTER_SPEC_KEYS);
#[rustfmt::skip]
static CLUSTER_SPEC_KEYS: Known = Known::open(&[
    Key("access_mode",                0, &ACCESS_MODE),
    Key("accessibility_requirements", 0, &REQUIREMENTS),
    Key("availability",               0, &TEXT),
    Key("capacity_range",             0, &CAPACITY),
    Key("group",                      0, &TEXT),
]);
static ACCESS_MODE: Rule = Rule::known(&ACCESS_MODE_KEYS);
#[rustfmt::skip]
static ACCESS_MODE_KEYS: Known = Known::open(&[
    Key("block_volume", 0, &BLOCK_VOLUME),
    Key("mount_volume", 0, &MOUNT_VOLUME),
    Key("scope",        0, &TEXT),
    Key("sharing",      0, &TEXT),
]);
static BLOCK_VOLUME: Rule = Rule::of(&[Kind::Map]);
static MOUNT_VOLUME: Rule = Rule::known(&MOUNT_VOLUME_KEYS);
static MOUNT_VOLUME_KEYS: Known =
    Known::open(&[Key("fs_type", 0, &TEXT), Key("mount_flags", 0, &LIST)]);
static REQUIREMENTS: Rule = Rule::known(&REQUIREMENTS_KEYS);
static REQUIREMENTS_KEYS: Known =
    Known::open(&[Key("preferred", 0, &TOPOLOGIES), Key("requisite", 0, &TOPOLOGIES)]);
static TOPOLOGIES: Rule = Rule::of(&[Kind::List]).items(&TOPOLOGY);
static TOPOLOGY: Rule = Rule::known(&TOPOLOGY_KEYS);
static TOPOLOGY_KEYS: Known = Known::open(&[Key("segments", 0, &MAP_OR_SET)]);
static CAPACITY: Rule = Rule::known(&CAPACITY_KEYS);
static CAPACITY_KEYS: Known =
    Known::open(&[Key("limit_bytes", 0, &TEXT), Key("required_bytes", 0, &TEXT)]);

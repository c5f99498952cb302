//! Schema of the top level, and of networks, volumes, secrets and configs.

use crate::domain::compose::schema::{
    rule::{
        AllowedKeys, MappingRule, Rule, SchemaKey, ValueType,
        common::{ANY, BOOL, DRIVER_OPTS, EXTERNAL, LIST, MAP_OR_SET, OPEN_EXTERNAL, TEXT},
    },
    service::SERVICE,
};

pub static ROOT: Rule = Rule::known(&ROOT_KEYS);
#[rustfmt::skip]
static ROOT_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("configs",  3, &CONFIGS),
    SchemaKey("networks", 0, &NETWORKS),
    SchemaKey("secrets",  1, &SECRETS),
    SchemaKey("services", 0, &SERVICES),
    SchemaKey("version",  0, &ANY), // checked before the schema is chosen
    SchemaKey("volumes",  0, &VOLUMES),
]).extensible(4);

static SERVICES: Rule = Rule::of(&[ValueType::Map]).keys(AllowedKeys::Named(&SERVICE, false));

static NETWORKS: Rule = Rule::of(&[ValueType::Map]).keys(AllowedKeys::Named(&NETWORK, true));
static NETWORK: Rule =
    Rule::of(&[ValueType::Map, ValueType::Null]).keys(AllowedKeys::Known(&NETWORK_KEYS));
#[rustfmt::skip]
static NETWORK_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("attachable",  2, &BOOL),
    SchemaKey("driver",      0, &TEXT),
    SchemaKey("driver_opts", 0, &DRIVER_OPTS),
    SchemaKey("external",    0, &EXTERNAL),
    SchemaKey("internal",    0, &BOOL),
    SchemaKey("ipam",        0, &IPAM),
    SchemaKey("labels",      0, &MAP_OR_SET),
    SchemaKey("name",        5, &TEXT),
]).extensible(7);
static IPAM: Rule = Rule::known(&IPAM_KEYS);
static IPAM_KEYS: MappingRule =
    MappingRule::closed(&[SchemaKey("config", 0, &POOLS), SchemaKey("driver", 0, &TEXT)]);
static POOLS: Rule = Rule::of(&[ValueType::List]).items(&POOL);
static POOL: Rule = Rule::known(&POOL_KEYS);
static POOL_KEYS: MappingRule = MappingRule::closed(&[SchemaKey("subnet", 0, &TEXT)]);

static VOLUMES: Rule = Rule::of(&[ValueType::Map]).keys(AllowedKeys::Named(&VOLUME, false));
static VOLUME: Rule =
    Rule::of(&[ValueType::Map, ValueType::Null]).keys(AllowedKeys::Known(&VOLUME_KEYS));
#[rustfmt::skip]
static VOLUME_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("driver",          0, &TEXT),
    SchemaKey("driver_opts",     0, &DRIVER_OPTS),
    SchemaKey("external",        0, &EXTERNAL),
    SchemaKey("labels",          0, &MAP_OR_SET),
    SchemaKey("name",            4, &TEXT),
    SchemaKey("x-cluster-spec", 10, &CLUSTER_SPEC),
]).extensible(7);

static SECRETS: Rule = Rule::of(&[ValueType::Map]).keys(AllowedKeys::Named(&SECRET, false));
static SECRET: Rule = Rule::known(&SECRET_KEYS);
#[rustfmt::skip]
static SECRET_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("driver",          8, &TEXT),
    SchemaKey("driver_opts",     8, &DRIVER_OPTS),
    SchemaKey("external",        0, &OPEN_EXTERNAL),
    SchemaKey("file",            0, &TEXT),
    SchemaKey("labels",          0, &MAP_OR_SET),
    SchemaKey("name",            5, &TEXT),
    SchemaKey("template_driver", 8, &TEXT),
]).extensible(7);

static CONFIGS: Rule = Rule::of(&[ValueType::Map]).keys(AllowedKeys::Named(&CONFIG, false));
static CONFIG: Rule = Rule::known(&CONFIG_KEYS);
#[rustfmt::skip]
static CONFIG_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("external",        0, &OPEN_EXTERNAL),
    SchemaKey("file",            0, &TEXT),
    SchemaKey("labels",          0, &MAP_OR_SET),
    SchemaKey("name",            5, &TEXT),
    SchemaKey("template_driver", 8, &TEXT),
]).extensible(7);

/// Checked, but without effect: deploying creates no cluster volumes.
static CLUSTER_SPEC: Rule = Rule::known(&CLUSTER_SPEC_KEYS);
#[rustfmt::skip]
static CLUSTER_SPEC_KEYS: MappingRule = MappingRule::open(&[
    SchemaKey("access_mode",                0, &ACCESS_MODE),
    SchemaKey("accessibility_requirements", 0, &REQUIREMENTS),
    SchemaKey("availability",               0, &TEXT),
    SchemaKey("capacity_range",             0, &CAPACITY),
    SchemaKey("group",                      0, &TEXT),
]);
static ACCESS_MODE: Rule = Rule::known(&ACCESS_MODE_KEYS);
#[rustfmt::skip]
static ACCESS_MODE_KEYS: MappingRule = MappingRule::open(&[
    SchemaKey("block_volume", 0, &BLOCK_VOLUME),
    SchemaKey("mount_volume", 0, &MOUNT_VOLUME),
    SchemaKey("scope",        0, &TEXT),
    SchemaKey("sharing",      0, &TEXT),
]);
static BLOCK_VOLUME: Rule = Rule::of(&[ValueType::Map]);
static MOUNT_VOLUME: Rule = Rule::known(&MOUNT_VOLUME_KEYS);
static MOUNT_VOLUME_KEYS: MappingRule =
    MappingRule::open(&[SchemaKey("fs_type", 0, &TEXT), SchemaKey("mount_flags", 0, &LIST)]);
static REQUIREMENTS: Rule = Rule::known(&REQUIREMENTS_KEYS);
static REQUIREMENTS_KEYS: MappingRule = MappingRule::open(&[
    SchemaKey("preferred", 0, &TOPOLOGIES),
    SchemaKey("requisite", 0, &TOPOLOGIES),
]);
static TOPOLOGIES: Rule = Rule::of(&[ValueType::List]).items(&TOPOLOGY);
static TOPOLOGY: Rule = Rule::known(&TOPOLOGY_KEYS);
static TOPOLOGY_KEYS: MappingRule = MappingRule::open(&[SchemaKey("segments", 0, &MAP_OR_SET)]);
static CAPACITY: Rule = Rule::known(&CAPACITY_KEYS);
static CAPACITY_KEYS: MappingRule =
    MappingRule::open(&[SchemaKey("limit_bytes", 0, &TEXT), SchemaKey("required_bytes", 0, &TEXT)]);

//! Schema of services.

use crate::domain::compose::schema::{
    deploy::DEPLOY,
    rule::{
        AllowedKeys, MappingRule, Rule, SchemaKey, ValueFormat, ValueType,
        common::{
            BOOL, DRIVER_OPTS, DURATION, INTEGER, MAP_OR_SET, NUMBER, PRINTED_OR_NULL, SET, TEXT,
            TEXT_OR_LIST, TEXT_OR_NULL, TEXT_OR_NUMBER, TEXT_OR_SET,
        },
    },
};

pub static SERVICE: Rule = Rule::known(&KEYS);
static KEYS: MappingRule = MappingRule::closed(SERVICE_KEYS).extensible(7);

#[rustfmt::skip]
static SERVICE_KEYS: &[SchemaKey] = &[
    SchemaKey("build",             0, &BUILD),
    SchemaKey("cap_add",           0, &SET),
    SchemaKey("cap_drop",          0, &SET),
    SchemaKey("cgroup_parent",     0, &TEXT),
    SchemaKey("cgroupns_mode",     9, &TEXT),
    SchemaKey("command",           0, &TEXT_OR_LIST),
    SchemaKey("configs",           3, &FILES),
    SchemaKey("container_name",    0, &TEXT),
    SchemaKey("credential_spec",   3, &CREDENTIAL_SPEC),
    SchemaKey("depends_on",        0, &SET),
    SchemaKey("deploy",            0, &DEPLOY),
    SchemaKey("devices",           0, &SET),
    SchemaKey("dns",               0, &TEXT_OR_SET),
    SchemaKey("dns_search",        0, &TEXT_OR_SET),
    SchemaKey("domainname",        0, &TEXT),
    SchemaKey("entrypoint",        0, &TEXT_OR_LIST),
    SchemaKey("env_file",          0, &TEXT_OR_SET),
    SchemaKey("environment",       0, &MAP_OR_SET),
    SchemaKey("expose",            0, &EXPOSE),
    SchemaKey("external_links",    0, &SET),
    SchemaKey("extra_hosts",       0, &MAP_OR_SET),
    SchemaKey("healthcheck",       0, &HEALTHCHECK),
    SchemaKey("hostname",          0, &TEXT),
    SchemaKey("image",             0, &TEXT),
    SchemaKey("init",              7, &BOOL),
    SchemaKey("ipc",               0, &TEXT),
    SchemaKey("isolation",         5, &TEXT),
    SchemaKey("labels",            0, &MAP_OR_SET),
    SchemaKey("links",             0, &SET),
    SchemaKey("logging",           0, &LOGGING),
    SchemaKey("mac_address",       0, &TEXT),
    SchemaKey("network_mode",      0, &TEXT),
    SchemaKey("networks",          0, &NETWORKS),
    SchemaKey("oom_score_adj",    13, &INTEGER),
    SchemaKey("pid",               0, &TEXT_OR_NULL),
    SchemaKey("ports",             0, &PORTS),
    SchemaKey("privileged",        0, &BOOL),
    SchemaKey("read_only",         0, &BOOL),
    SchemaKey("restart",           0, &TEXT),
    SchemaKey("secrets",           1, &FILES),
    SchemaKey("security_opt",      0, &SET),
    SchemaKey("shm_size",          0, &TEXT),
    SchemaKey("stdin_open",        0, &BOOL),
    SchemaKey("stop_grace_period", 0, &DURATION),
    SchemaKey("stop_signal",       0, &TEXT),
    SchemaKey("sysctls",           0, &MAP_OR_SET),
    SchemaKey("tmpfs",             0, &TEXT_OR_SET),
    SchemaKey("tty",               0, &BOOL),
    SchemaKey("ulimits",           0, &ULIMITS),
    SchemaKey("user",              0, &TEXT),
    SchemaKey("userns_mode",       0, &TEXT),
    SchemaKey("volumes",           0, &VOLUMES),
    SchemaKey("working_dir",       0, &TEXT),
];

static BUILD: Rule =
    Rule::of(&[ValueType::Text, ValueType::Map]).keys(AllowedKeys::Known(&BUILD_KEYS));
#[rustfmt::skip]
static BUILD_KEYS: MappingRule = MappingRule {
    open: Some(11),
    ..MappingRule::closed(&[
        SchemaKey("args",        0, &MAP_OR_SET),
        SchemaKey("cache_from",  2, &SET),
        SchemaKey("context",     0, &TEXT),
        SchemaKey("dockerfile",  0, &TEXT),
        SchemaKey("extra_hosts", 9, &MAP_OR_SET),
        SchemaKey("labels",      3, &MAP_OR_SET),
        SchemaKey("network",     4, &TEXT),
        SchemaKey("shm_size",    5, &SHM_SIZE),
        SchemaKey("target",      4, &TEXT),
    ])
};
static SHM_SIZE: Rule = Rule::of(&[ValueType::Integer, ValueType::Text]);

/// References to secrets and configs.
static FILES: Rule = Rule::of(&[ValueType::List]).items(&FILE);
static FILE: Rule =
    Rule::of(&[ValueType::Text, ValueType::Map]).keys(AllowedKeys::Known(&FILE_KEYS));
#[rustfmt::skip]
static FILE_KEYS: MappingRule = MappingRule::open(&[
    SchemaKey("gid",    0, &TEXT),
    SchemaKey("mode",   0, &NUMBER),
    SchemaKey("source", 0, &TEXT),
    SchemaKey("target", 0, &TEXT),
    SchemaKey("uid",    0, &TEXT),
]);

static CREDENTIAL_SPEC: Rule = Rule::known(&CREDENTIAL_SPEC_KEYS);
#[rustfmt::skip]
static CREDENTIAL_SPEC_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("config",   8, &TEXT),
    SchemaKey("file",     0, &TEXT),
    SchemaKey("registry", 0, &TEXT),
]);

static EXPOSE: Rule = Rule::of(&[ValueType::List]).items(&TEXT_OR_NUMBER).unique();

static HEALTHCHECK: Rule = Rule::known(&HEALTHCHECK_KEYS);
#[rustfmt::skip]
static HEALTHCHECK_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("disable",         0, &BOOL),
    SchemaKey("interval",        0, &DURATION),
    SchemaKey("retries",         0, &NUMBER),
    SchemaKey("start_interval", 12, &DURATION),
    SchemaKey("start_period",    4, &DURATION),
    SchemaKey("test",            0, &TEXT_OR_LIST),
    SchemaKey("timeout",         0, &DURATION),
]);

static LOGGING: Rule = Rule::known(&LOGGING_KEYS);
static LOGGING_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("driver", 0, &TEXT),
    SchemaKey("options", 0, &LOGGING_OPTIONS),
]);
static LOGGING_OPTIONS: Rule =
    Rule::of(&[ValueType::Map]).keys(AllowedKeys::Free(&PRINTED_OR_NULL));

static NETWORKS: Rule = Rule::of(&[ValueType::List, ValueType::Map])
    .items(&TEXT)
    .unique()
    .keys(AllowedKeys::Named(&NETWORK, false));
static NETWORK: Rule =
    Rule::of(&[ValueType::Map, ValueType::Null]).keys(AllowedKeys::Known(&NETWORK_KEYS));
#[rustfmt::skip]
static NETWORK_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("aliases",       0, &SET),
    SchemaKey("driver_opts",  13, &DRIVER_OPTS),
    SchemaKey("ipv4_address",  0, &TEXT),
    SchemaKey("ipv6_address",  0, &TEXT),
]);

static PORTS: Rule = Rule::of(&[ValueType::List]).items(&PORT).unique();
static PORT: Rule = Rule::of(&[ValueType::Number, ValueType::Text, ValueType::Map])
    .form(ValueFormat::Ports)
    .keys(AllowedKeys::Known(&PORT_KEYS));
#[rustfmt::skip]
static PORT_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("mode",      2, &TEXT),
    SchemaKey("protocol",  2, &TEXT),
    SchemaKey("published", 2, &INTEGER),
    SchemaKey("target",    2, &INTEGER),
]);

static ULIMITS: Rule = Rule::of(&[ValueType::Map]).keys(AllowedKeys::Lower(&ULIMIT));
static ULIMIT: Rule =
    Rule::of(&[ValueType::Integer, ValueType::Map]).keys(AllowedKeys::Known(&ULIMIT_KEYS));
static ULIMIT_KEYS: MappingRule = MappingRule {
    required: &["soft", "hard"],
    ..MappingRule::closed(&[SchemaKey("hard", 0, &INTEGER), SchemaKey("soft", 0, &INTEGER)])
};

static VOLUMES: Rule = Rule::of(&[ValueType::List]).items(&VOLUME);
static VOLUME: Rule =
    Rule::of(&[ValueType::Text, ValueType::Map]).keys(AllowedKeys::Known(&VOLUME_KEYS));
#[rustfmt::skip]
static VOLUME_KEYS: MappingRule = MappingRule {
    required: &["type"],
    ..MappingRule::closed(&[
        SchemaKey("bind",        2, &BIND),
        SchemaKey("consistency", 2, &TEXT),
        SchemaKey("read_only",   2, &BOOL),
        SchemaKey("source",      2, &TEXT),
        SchemaKey("target",      2, &TEXT),
        SchemaKey("tmpfs",       6, &TMPFS),
        SchemaKey("type",        2, &TEXT),
        SchemaKey("volume",      2, &VOLUME_OPTIONS),
    ])
};
static BIND: Rule = Rule::known(&BIND_KEYS);
static BIND_KEYS: MappingRule = MappingRule::open(&[SchemaKey("propagation", 0, &TEXT)]);
static TMPFS: Rule = Rule::known(&TMPFS_KEYS);
static TMPFS_KEYS: MappingRule = MappingRule::open(&[SchemaKey("size", 0, &SIZE)]);
static SIZE: Rule = Rule::of(&[ValueType::Integer]).form(ValueFormat::NotNegative);
static VOLUME_OPTIONS: Rule = Rule::known(&VOLUME_OPTIONS_KEYS);
static VOLUME_OPTIONS_KEYS: MappingRule = MappingRule::open(&[SchemaKey("nocopy", 0, &BOOL)]);

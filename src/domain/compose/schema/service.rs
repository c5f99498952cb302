//! Schema of services.

use crate::domain::compose::schema::{
    deploy::DEPLOY,
    rule::{
        Form, Key, Keys, Kind, Known, Rule,
        common::{
            BOOL, DRIVER_OPTS, DURATION, INTEGER, MAP_OR_SET, NUMBER, PRINTED_OR_NULL, SET, TEXT,
            TEXT_OR_LIST, TEXT_OR_NULL, TEXT_OR_NUMBER, TEXT_OR_SET,
        },
    },
};

pub static SERVICE: Rule = Rule::known(&KEYS);
static KEYS: Known = Known::closed(SERVICE_KEYS).extensible(7);

#[rustfmt::skip]
static SERVICE_KEYS: &[Key] = &[
    Key("build",             0, &BUILD),
    Key("cap_add",           0, &SET),
    Key("cap_drop",          0, &SET),
    Key("cgroup_parent",     0, &TEXT),
    Key("cgroupns_mode",     9, &TEXT),
    Key("command",           0, &TEXT_OR_LIST),
    Key("configs",           3, &FILES),
    Key("container_name",    0, &TEXT),
    Key("credential_spec",   3, &CREDENTIAL_SPEC),
    Key("depends_on",        0, &SET),
    Key("deploy",            0, &DEPLOY),
    Key("devices",           0, &SET),
    Key("dns",               0, &TEXT_OR_SET),
    Key("dns_search",        0, &TEXT_OR_SET),
    Key("domainname",        0, &TEXT),
    Key("entrypoint",        0, &TEXT_OR_LIST),
    Key("env_file",          0, &TEXT_OR_SET),
    Key("environment",       0, &MAP_OR_SET),
    Key("expose",            0, &EXPOSE),
    Key("external_links",    0, &SET),
    Key("extra_hosts",       0, &MAP_OR_SET),
    Key("healthcheck",       0, &HEALTHCHECK),
    Key("hostname",          0, &TEXT),
    Key("image",             0, &TEXT),
    Key("init",              7, &BOOL),
    Key("ipc",               0, &TEXT),
    Key("isolation",         5, &TEXT),
    Key("labels",            0, &MAP_OR_SET),
    Key("links",             0, &SET),
    Key("logging",           0, &LOGGING),
    Key("mac_address",       0, &TEXT),
    Key("network_mode",      0, &TEXT),
    Key("networks",          0, &NETWORKS),
    Key("oom_score_adj",    13, &INTEGER),
    Key("pid",               0, &TEXT_OR_NULL),
    Key("ports",             0, &PORTS),
    Key("privileged",        0, &BOOL),
    Key("read_only",         0, &BOOL),
    Key("restart",           0, &TEXT),
    Key("secrets",           1, &FILES),
    Key("security_opt",      0, &SET),
    Key("shm_size",          0, &TEXT),
    Key("stdin_open",        0, &BOOL),
    Key("stop_grace_period", 0, &DURATION),
    Key("stop_signal",       0, &TEXT),
    Key("sysctls",           0, &MAP_OR_SET),
    Key("tmpfs",             0, &TEXT_OR_SET),
    Key("tty",               0, &BOOL),
    Key("ulimits",           0, &ULIMITS),
    Key("user",              0, &TEXT),
    Key("userns_mode",       0, &TEXT),
    Key("volumes",           0, &VOLUMES),
    Key("working_dir",       0, &TEXT),
];

static BUILD: Rule = Rule::of(&[Kind::Text, Kind::Map]).keys(Keys::Known(&BUILD_KEYS));
#[rustfmt::skip]
static BUILD_KEYS: Known = Known {
    open: Some(11),
    ..Known::closed(&[
        Key("args",        0, &MAP_OR_SET),
        Key("cache_from",  2, &SET),
        Key("context",     0, &TEXT),
        Key("dockerfile",  0, &TEXT),
        Key("extra_hosts", 9, &MAP_OR_SET),
        Key("labels",      3, &MAP_OR_SET),
        Key("network",     4, &TEXT),
        Key("shm_size",    5, &SHM_SIZE),
        Key("target",      4, &TEXT),
    ])
};
static SHM_SIZE: Rule = Rule::of(&[Kind::Integer, Kind::Text]);

/// References to secrets and configs.
static FILES: Rule = Rule::of(&[Kind::List]).items(&FILE);
static FILE: Rule = Rule::of(&[Kind::Text, Kind::Map]).keys(Keys::Known(&FILE_KEYS));
#[rustfmt::skip]
static FILE_KEYS: Known = Known::open(&[
    Key("gid",    0, &TEXT),
    Key("mode",   0, &NUMBER),
    Key("source", 0, &TEXT),
    Key("target", 0, &TEXT),
    Key("uid",    0, &TEXT),
]);

static CREDENTIAL_SPEC: Rule = Rule::known(&CREDENTIAL_SPEC_KEYS);
#[rustfmt::skip]
static CREDENTIAL_SPEC_KEYS: Known = Known::closed(&[
    Key("config",   8, &TEXT),
    Key("file",     0, &TEXT),
    Key("registry", 0, &TEXT),
]);

static EXPOSE: Rule = Rule::of(&[Kind::List]).items(&TEXT_OR_NUMBER).unique();

static HEALTHCHECK: Rule = Rule::known(&HEALTHCHECK_KEYS);
#[rustfmt::skip]
static HEALTHCHECK_KEYS: Known = Known::closed(&[
    Key("disable",         0, &BOOL),
    Key("interval",        0, &DURATION),
    Key("retries",         0, &NUMBER),
    Key("start_interval", 12, &DURATION),
    Key("start_period",    4, &DURATION),
    Key("test",            0, &TEXT_OR_LIST),
    Key("timeout",         0, &DURATION),
]);

static LOGGING: Rule = Rule::known(&LOGGING_KEYS);
static LOGGING_KEYS: Known =
    Known::closed(&[Key("driver", 0, &TEXT), Key("options", 0, &LOGGING_OPTIONS)]);
static LOGGING_OPTIONS: Rule = Rule::of(&[Kind::Map]).keys(Keys::Free(&PRINTED_OR_NULL));

static NETWORKS: Rule =
    Rule::of(&[Kind::List, Kind::Map]).items(&TEXT).unique().keys(Keys::Named(&NETWORK, false));
static NETWORK: Rule = Rule::of(&[Kind::Map, Kind::Null]).keys(Keys::Known(&NETWORK_KEYS));
#[rustfmt::skip]
static NETWORK_KEYS: Known = Known::closed(&[
    Key("aliases",       0, &SET),
    Key("driver_opts",  13, &DRIVER_OPTS),
    Key("ipv4_address",  0, &TEXT),
    Key("ipv6_address",  0, &TEXT),
]);

static PORTS: Rule = Rule::of(&[Kind::List]).items(&PORT).unique();
static PORT: Rule = Rule::of(&[Kind::Number, Kind::Text, Kind::Map])
    .form(Form::Ports)
    .keys(Keys::Known(&PORT_KEYS));
#[rustfmt::skip]
static PORT_KEYS: Known = Known::closed(&[
    Key("mode",      2, &TEXT),
    Key("protocol",  2, &TEXT),
    Key("published", 2, &INTEGER),
    Key("target",    2, &INTEGER),
]);

static ULIMITS: Rule = Rule::of(&[Kind::Map]).keys(Keys::Lower(&ULIMIT));
static ULIMIT: Rule = Rule::of(&[Kind::Integer, Kind::Map]).keys(Keys::Known(&ULIMIT_KEYS));
static ULIMIT_KEYS: Known = Known {
    required: &["soft", "hard"],
    ..Known::closed(&[Key("hard", 0, &INTEGER), Key("soft", 0, &INTEGER)])
};

static VOLUMES: Rule = Rule::of(&[Kind::List]).items(&VOLUME);
static VOLUME: Rule = Rule::of(&[Kind::Text, Kind::Map]).keys(Keys::Known(&VOLUME_KEYS));
#[rustfmt::skip]
static VOLUME_KEYS: Known = Known {
    required: &["type"],
    ..Known::closed(&[
        Key("bind",        2, &BIND),
        Key("consistency", 2, &TEXT),
        Key("read_only",   2, &BOOL),
        Key("source",      2, &TEXT),
        Key("target",      2, &TEXT),
        Key("tmpfs",       6, &TMPFS),
        Key("type",        2, &TEXT),
        Key("volume",      2, &VOLUME_OPTIONS),
    ])
};
static BIND: Rule = Rule::known(&BIND_KEYS);
static BIND_KEYS: Known = Known::open(&[Key("propagation", 0, &TEXT)]);
static TMPFS: Rule = Rule::known(&TMPFS_KEYS);
static TMPFS_KEYS: Known = Known::open(&[Key("size", 0, &SIZE)]);
static SIZE: Rule = Rule::of(&[Kind::Integer]).form(Form::NotNegative);
static VOLUME_OPTIONS: Rule = Rule::known(&VOLUME_OPTIONS_KEYS);
static VOLUME_OPTIONS_KEYS: Known = Known::open(&[Key("nocopy", 0, &BOOL)]);

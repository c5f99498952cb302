//! Schema of `deploy`.

use crate::domain::compose::schema::rule::{
    Form, Key, Keys, Kind, Known, Rule,
    common::{DURATION, INTEGER, LIST, MAP_OR_SET, NUMBER, TEXT},
};

pub static DEPLOY: Rule = Rule::of(&[Kind::Map, Kind::Null]).keys(Keys::Known(&DEPLOY_KEYS));
#[rustfmt::skip]
static DEPLOY_KEYS: Known = Known::closed(&[
    Key("endpoint_mode",   2, &TEXT),
    Key("labels",          0, &MAP_OR_SET),
    Key("mode",            0, &TEXT),
    Key("placement",       0, &PLACEMENT),
    Key("replicas",        0, &INTEGER),
    Key("resources",       0, &RESOURCES),
    Key("restart_policy",  0, &RESTART_POLICY),
    Key("rollback_config", 7, &UPDATE_CONFIG),
    Key("update_config",   0, &UPDATE_CONFIG),
]);

static PLACEMENT: Rule = Rule::known(&PLACEMENT_KEYS);
#[rustfmt::skip]
static PLACEMENT_KEYS: Known = Known::closed(&[
    Key("constraints",           0, &LIST),
    Key("max_replicas_per_node", 8, &INTEGER),
    Key("preferences",           3, &PREFERENCES),
]);
static PREFERENCES: Rule = Rule::of(&[Kind::List]).items(&PREFERENCE);
static PREFERENCE: Rule = Rule::known(&PREFERENCE_KEYS);
static PREFERENCE_KEYS: Known = Known::closed(&[Key("spread", 0, &TEXT)]);

static RESOURCES: Rule = Rule::known(&RESOURCES_KEYS);
static RESOURCES_KEYS: Known =
    Known::closed(&[Key("limits", 0, &LIMITS), Key("reservations", 0, &RESERVATIONS)]);
static LIMITS: Rule = Rule::known(&LIMITS_KEYS);
#[rustfmt::skip]
static LIMITS_KEYS: Known = Known::closed(&[
    Key("cpus",   0, &TEXT),
    Key("memory", 0, &TEXT),
    Key("pids",   9, &INTEGER),
]);
static RESERVATIONS: Rule = Rule::known(&RESERVATIONS_KEYS);
#[rustfmt::skip]
static RESERVATIONS_KEYS: Known = Known::closed(&[
    Key("cpus",              0, &TEXT),
    Key("generic_resources", 5, &GENERIC_RESOURCES),
    Key("memory",            0, &TEXT),
]);
static GENERIC_RESOURCES: Rule = Rule::of(&[Kind::List]).items(&GENERIC_RESOURCE);
static GENERIC_RESOURCE: Rule = Rule::known(&GENERIC_RESOURCE_KEYS);
static GENERIC_RESOURCE_KEYS: Known = Known::closed(&[Key("discrete_resource_spec", 0, &DISCRETE)]);
static DISCRETE: Rule = Rule::known(&DISCRETE_KEYS);
static DISCRETE_KEYS: Known = Known::closed(&[Key("kind", 0, &TEXT), Key("value", 0, &NUMBER)]);

static RESTART_POLICY: Rule = Rule::known(&RESTART_POLICY_KEYS);
#[rustfmt::skip]
static RESTART_POLICY_KEYS: Known = Known::closed(&[
    Key("condition",    0, &TEXT),
    Key("delay",        0, &DURATION),
    Key("max_attempts", 0, &INTEGER),
    Key("window",       0, &DURATION),
]);

/// `update_config` and `rollback_config`.
static UPDATE_CONFIG: Rule = Rule::known(&UPDATE_CONFIG_KEYS);
#[rustfmt::skip]
static UPDATE_CONFIG_KEYS: Known = Known::closed(&[
    Key("delay",             0, &DURATION),
    Key("failure_action",    0, &TEXT),
    Key("max_failure_ratio", 0, &NUMBER),
    Key("monitor",           0, &DURATION),
    Key("order",             4, &ORDER),
    Key("parallelism",       0, &INTEGER),
]);
static ORDER: Rule = Rule::of(&[Kind::Text]).form(Form::Word(&["start-first", "stop-first"]));

//! Schema of `deploy`.

use crate::domain::compose::schema::rule::{
    AllowedKeys, MappingRule, Rule, SchemaKey, ValueFormat, ValueType,
    common::{DURATION, INTEGER, LIST, MAP_OR_SET, NUMBER, TEXT},
};

pub static DEPLOY: Rule =
    Rule::of(&[ValueType::Map, ValueType::Null]).keys(AllowedKeys::Known(&DEPLOY_KEYS));
#[rustfmt::skip]
static DEPLOY_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("endpoint_mode",   2, &TEXT),
    SchemaKey("labels",          0, &MAP_OR_SET),
    SchemaKey("mode",            0, &TEXT),
    SchemaKey("placement",       0, &PLACEMENT),
    SchemaKey("replicas",        0, &INTEGER),
    SchemaKey("resources",       0, &RESOURCES),
    SchemaKey("restart_policy",  0, &RESTART_POLICY),
    SchemaKey("rollback_config", 7, &UPDATE_CONFIG),
    SchemaKey("update_config",   0, &UPDATE_CONFIG),
]);

static PLACEMENT: Rule = Rule::known(&PLACEMENT_KEYS);
#[rustfmt::skip]
static PLACEMENT_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("constraints",           0, &LIST),
    SchemaKey("max_replicas_per_node", 8, &INTEGER),
    SchemaKey("preferences",           3, &PREFERENCES),
]);
static PREFERENCES: Rule = Rule::of(&[ValueType::List]).items(&PREFERENCE);
static PREFERENCE: Rule = Rule::known(&PREFERENCE_KEYS);
static PREFERENCE_KEYS: MappingRule = MappingRule::closed(&[SchemaKey("spread", 0, &TEXT)]);

static RESOURCES: Rule = Rule::known(&RESOURCES_KEYS);
static RESOURCES_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("limits", 0, &LIMITS),
    SchemaKey("reservations", 0, &RESERVATIONS),
]);
static LIMITS: Rule = Rule::known(&LIMITS_KEYS);
#[rustfmt::skip]
static LIMITS_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("cpus",   0, &TEXT),
    SchemaKey("memory", 0, &TEXT),
    SchemaKey("pids",   9, &INTEGER),
]);
static RESERVATIONS: Rule = Rule::known(&RESERVATIONS_KEYS);
#[rustfmt::skip]
static RESERVATIONS_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("cpus",              0, &TEXT),
    SchemaKey("generic_resources", 5, &GENERIC_RESOURCES),
    SchemaKey("memory",            0, &TEXT),
]);
static GENERIC_RESOURCES: Rule = Rule::of(&[ValueType::List]).items(&GENERIC_RESOURCE);
static GENERIC_RESOURCE: Rule = Rule::known(&GENERIC_RESOURCE_KEYS);
static GENERIC_RESOURCE_KEYS: MappingRule =
    MappingRule::closed(&[SchemaKey("discrete_resource_spec", 0, &DISCRETE)]);
static DISCRETE: Rule = Rule::known(&DISCRETE_KEYS);
static DISCRETE_KEYS: MappingRule =
    MappingRule::closed(&[SchemaKey("kind", 0, &TEXT), SchemaKey("value", 0, &NUMBER)]);

static RESTART_POLICY: Rule = Rule::known(&RESTART_POLICY_KEYS);
#[rustfmt::skip]
static RESTART_POLICY_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("condition",    0, &TEXT),
    SchemaKey("delay",        0, &DURATION),
    SchemaKey("max_attempts", 0, &INTEGER),
    SchemaKey("window",       0, &DURATION),
]);

/// `update_config` and `rollback_config`.
static UPDATE_CONFIG: Rule = Rule::known(&UPDATE_CONFIG_KEYS);
#[rustfmt::skip]
static UPDATE_CONFIG_KEYS: MappingRule = MappingRule::closed(&[
    SchemaKey("delay",             0, &DURATION),
    SchemaKey("failure_action",    0, &TEXT),
    SchemaKey("max_failure_ratio", 0, &NUMBER),
    SchemaKey("monitor",           0, &DURATION),
    SchemaKey("order",             4, &ORDER),
    SchemaKey("parallelism",       0, &INTEGER),
]);
static ORDER: Rule =
    Rule::of(&[ValueType::Text]).form(ValueFormat::Word(&["start-first", "stop-first"]));

//! Schema rules.

use crate::domain::compose::yaml::{Value, YamlNode};

/// What may stand at one place.
#[derive(Debug)]
pub struct Rule {
    pub kinds: &'static [ValueType],
    pub form: ValueFormat,
    /// What items of a list must be.
    pub items: Option<&'static Rule>,
    /// Whether no item of a list may stand twice.
    pub unique: bool,
    pub keys: AllowedKeys,
}

/// A type, by the name that docker gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    Text,
    Integer,
    Number,
    Bool,
    Null,
    List,
    Map,
}

/// What a scalar must look like.
#[derive(Debug)]
pub enum ValueFormat {
    Any,
    Duration,
    Ports,
    /// One of these words.
    Word(&'static [&'static str]),
    NotNegative,
    /// Printed as a text, so that even an unquoted date will do.
    Printed,
}

/// What a mapping may hold.
#[derive(Debug)]
pub enum AllowedKeys {
    /// Anything.
    Open,
    /// These keys.
    Known(&'static MappingRule),
    /// Names that the file gives; `true` where they may be of any characters.
    Named(&'static Rule, bool),
    /// Keys of lower-case letters follow the rule, others are free.
    Lower(&'static Rule),
    /// Any key but the empty one.
    Free(&'static Rule),
}

/// The keys of one kind of mapping.
#[derive(Debug)]
pub struct MappingRule {
    pub keys: &'static [SchemaKey],
    pub required: &'static [&'static str],
    /// Since which minor version `x-…` may stand here.
    pub extensions: Option<u8>,
    /// Since which minor version other keys are taken too, and ignored.
    pub open: Option<u8>,
}

/// A key, and since which minor version it is there.
#[derive(Debug)]
pub struct SchemaKey(pub &'static str, pub u8, pub &'static Rule);

impl Rule {
    pub const fn of(kinds: &'static [ValueType]) -> Self {
        Self { kinds, form: ValueFormat::Any, items: None, unique: false, keys: AllowedKeys::Open }
    }

    #[must_use]
    pub const fn form(mut self, form: ValueFormat) -> Self {
        self.form = form;
        self
    }

    #[must_use]
    pub const fn items(mut self, items: &'static Self) -> Self {
        self.items = Some(items);
        self
    }

    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    #[must_use]
    pub const fn keys(mut self, keys: AllowedKeys) -> Self {
        self.keys = keys;
        self
    }

    /// A mapping of these keys and no others.
    pub const fn known(known: &'static MappingRule) -> Self {
        Self::of(&[ValueType::Map]).keys(AllowedKeys::Known(known))
    }
}

impl MappingRule {
    pub const fn closed(keys: &'static [SchemaKey]) -> Self {
        Self { keys, required: &[], extensions: None, open: None }
    }

    pub const fn open(keys: &'static [SchemaKey]) -> Self {
        Self { keys, required: &[], extensions: None, open: Some(0) }
    }

    #[must_use]
    pub const fn extensible(mut self, since: u8) -> Self {
        self.extensions = Some(since);
        self
    }
}

impl ValueType {
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Bool => "boolean",
            Self::Null => "null",
            Self::List => "list",
            Self::Map => "mapping",
        }
    }

    pub fn accepts(self, node: &YamlNode) -> bool {
        match (self, &node.value) {
            (Self::Text, Value::Text(_))
            | (Self::Integer | Self::Number, Value::Int(_))
            | (Self::Number, Value::Float(_))
            | (Self::Bool, Value::Bool(_))
            | (Self::Null, Value::Null)
            | (Self::List, Value::List(_))
            | (Self::Map, Value::Map(_)) => true,
            (Self::Integer, Value::Float(it)) => it.fract() == 0.0,
            _ => false,
        }
    }
}

/// Rules that many places share.
pub mod common {
    use crate::domain::compose::schema::rule::{
        AllowedKeys, MappingRule, Rule, SchemaKey, ValueFormat, ValueType,
    };

    pub static ANY: Rule = Rule::of(&[]);
    pub static TEXT: Rule = Rule::of(&[ValueType::Text]);
    pub static TEXT_OR_NULL: Rule = Rule::of(&[ValueType::Text, ValueType::Null]);
    pub static TEXT_OR_NUMBER: Rule = Rule::of(&[ValueType::Text, ValueType::Number]);
    pub static BOOL: Rule = Rule::of(&[ValueType::Bool]);
    pub static INTEGER: Rule = Rule::of(&[ValueType::Integer]);
    pub static NUMBER: Rule = Rule::of(&[ValueType::Number]);
    pub static DURATION: Rule = Rule::of(&[ValueType::Text]).form(ValueFormat::Duration);

    pub static LIST: Rule = Rule::of(&[ValueType::List]).items(&TEXT);
    pub static SET: Rule = Rule::of(&[ValueType::List]).items(&TEXT).unique();
    pub static TEXT_OR_LIST: Rule = Rule::of(&[ValueType::Text, ValueType::List]).items(&TEXT);
    pub static TEXT_OR_SET: Rule =
        Rule::of(&[ValueType::Text, ValueType::List]).items(&TEXT).unique();

    /// What environment, labels and their like are.
    pub static MAP_OR_SET: Rule = Rule::of(&[ValueType::Map, ValueType::List])
        .items(&TEXT)
        .unique()
        .keys(AllowedKeys::Free(&PRINTED_OR_NULL));
    pub static PRINTED_OR_NULL: Rule =
        Rule::of(&[ValueType::Text, ValueType::Number, ValueType::Null]).form(ValueFormat::Printed);
    static PRINTED: Rule =
        Rule::of(&[ValueType::Text, ValueType::Number]).form(ValueFormat::Printed);
    pub static DRIVER_OPTS: Rule = Rule::of(&[ValueType::Map]).keys(AllowedKeys::Free(&PRINTED));

    pub static EXTERNAL: Rule =
        Rule::of(&[ValueType::Bool, ValueType::Map]).keys(AllowedKeys::Known(&EXTERNAL_KEYS));
    static EXTERNAL_KEYS: MappingRule = MappingRule::closed(&[SchemaKey("name", 0, &TEXT)]);
    /// The `external` of secrets and configs.
    pub static OPEN_EXTERNAL: Rule =
        Rule::of(&[ValueType::Bool, ValueType::Map]).keys(AllowedKeys::Known(&OPEN_EXTERNAL_KEYS));
    static OPEN_EXTERNAL_KEYS: MappingRule = MappingRule::open(&[SchemaKey("name", 0, &TEXT)]);
}

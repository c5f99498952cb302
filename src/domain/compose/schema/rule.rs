//! Schema rules.

use crate::domain::compose::yaml::{Node, Value};

/// What may stand at one place.
#[derive(Debug)]
pub struct Rule {
    pub kinds: &'static [Kind],
    pub form: Form,
    /// What items of a list must be.
    pub items: Option<&'static Rule>,
    /// Whether no item of a list may stand twice.
    pub unique: bool,
    pub keys: Keys,
}

/// A type, by the name that docker gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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
pub enum Form {
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
pub enum Keys {
    /// Anything.
    Open,
    /// These keys.
    Known(&'static Known),
    /// Names that the file gives; `true` where they may be of any characters.
    Named(&'static Rule, bool),
    /// Keys of lower-case letters follow the rule, others are free.
    Lower(&'static Rule),
    /// Any key but the empty one.
    Free(&'static Rule),
}

/// The keys of one kind of mapping.
#[derive(Debug)]
pub struct Known {
    pub keys: &'static [Key],
    pub required: &'static [&'static str],
    /// Since which minor version `x-…` may stand here.
    pub extensions: Option<u8>,
    /// Since which minor version other keys are taken too, and ignored.
    pub open: Option<u8>,
}

/// A key, and since which minor version it is there.
#[derive(Debug)]
pub struct Key(pub &'static str, pub u8, pub &'static Rule);

impl Rule {
    pub const fn of(kinds: &'static [Kind]) -> Self {
        Self { kinds, form: Form::Any, items: None, unique: false, keys: Keys::Open }
    }

    #[must_use]
    pub const fn form(mut self, form: Form) -> Self {
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
    pub const fn keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }

    /// A mapping of these keys and no others.
    pub const fn known(known: &'static Known) -> Self {
        Self::of(&[Kind::Map]).keys(Keys::Known(known))
    }
}

impl Known {
    pub const fn closed(keys: &'static [Key]) -> Self {
        Self { keys, required: &[], extensions: None, open: None }
    }

    pub const fn open(keys: &'static [Key]) -> Self {
        Self { keys, required: &[], extensions: None, open: Some(0) }
    }

    #[must_use]
    pub const fn extensible(mut self, since: u8) -> Self {
        self.extensions = Some(since);
        self
    }
}

impl Kind {
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

    pub fn accepts(self, node: &Node) -> bool {
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
    use crate::domain::compose::schema::rule::{Form, Key, Keys, Kind, Known, Rule};

    pub static ANY: Rule = Rule::of(&[]);
    pub static TEXT: Rule = Rule::of(&[Kind::Text]);
    pub static TEXT_OR_NULL: Rule = Rule::of(&[Kind::Text, Kind::Null]);
    pub static TEXT_OR_NUMBER: Rule = Rule::of(&[Kind::Text, Kind::Number]);
    pub static BOOL: Rule = Rule::of(&[Kind::Bool]);
    pub static INTEGER: Rule = Rule::of(&[Kind::Integer]);
    pub static NUMBER: Rule = Rule::of(&[Kind::Number]);
    pub static DURATION: Rule = Rule::of(&[Kind::Text]).form(Form::Duration);

    pub static LIST: Rule = Rule::of(&[Kind::List]).items(&TEXT);
    pub static SET: Rule = Rule::of(&[Kind::List]).items(&TEXT).unique();
    pub static TEXT_OR_LIST: Rule = Rule::of(&[Kind::Text, Kind::List]).items(&TEXT);
    pub static TEXT_OR_SET: Rule = Rule::of(&[Kind::Text, Kind::List]).items(&TEXT).unique();

    /// What environment, labels and their like are.
    pub static MAP_OR_SET: Rule =
        Rule::of(&[Kind::Map, Kind::List]).items(&TEXT).unique().keys(Keys::Free(&PRINTED_OR_NULL));
    pub static PRINTED_OR_NULL: Rule =
        Rule::of(&[Kind::Text, Kind::Number, Kind::Null]).form(Form::Printed);
    static PRINTED: Rule = Rule::of(&[Kind::Text, Kind::Number]).form(Form::Printed);
    pub static DRIVER_OPTS: Rule = Rule::of(&[Kind::Map]).keys(Keys::Free(&PRINTED));

    pub static EXTERNAL: Rule =
        Rule::of(&[Kind::Bool, Kind::Map]).keys(Keys::Known(&EXTERNAL_KEYS));
    static EXTERNAL_KEYS: Known = Known::closed(&[Key("name", 0, &TEXT)]);
    /// The `external` of secrets and configs.
    pub static OPEN_EXTERNAL: Rule =
        Rule::of(&[Kind::Bool, Kind::Map]).keys(Keys::Known(&OPEN_EXTERNAL_KEYS));
    static OPEN_EXTERNAL_KEYS: Known = Known::open(&[Key("name", 0, &TEXT)]);
}

//! What a field is, and how objects are taken apart into fields.

use serde_json::Value;

/// A field as the engine has it; null where there is none.
pub type Raw<'a> = &'a Value;

/// Takes apart what is in a list; nothing where it is none.
pub fn each<'a, T: From<Raw<'a>>>(list: Raw<'a>) -> impl Iterator<Item = T> {
    list.as_array().into_iter().flatten().map(T::from)
}

/// Makes types of fields that have a unit.
macro_rules! units {
    ($($(#[$about:meta])* $name:ident)*) => { $(
        $(#[$about])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'a>(pub Raw<'a>);

        impl<'a> From<Raw<'a>> for $name<'a> {
            fn from(raw: Raw<'a>) -> Self {
                Self(raw)
            }
        }
    )* };
}

units! {
    /// A length of time in nanoseconds.
    Nanos
    /// An amount of memory in bytes.
    Bytes
    /// Processor time in billionths of a core.
    NanoCpus
    /// A moment as text, as `2026-01-02T03:04:05.678Z`; the year 1 is never.
    Moment
}

/// Makes a type with the fields of an object, and with what else is in it. `"Status"."Err"` is
/// a member of a member; whole members that nobody wants follow after `beside`.
macro_rules! fields {
    (
        $(#[$about:meta])*
        $name:ident {
            $($(#[$what:meta])* $field:ident: $kind:ident = $key:literal $(. $inner:literal)*,)*
        }
        $(beside $($unread:literal),+)?
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name<'a> {
            /// The whole of it.
            pub raw: Raw<'a>,
            $($(#[$what])* pub $field: $kind<'a>,)*
        }

        impl<'a> From<Raw<'a>> for $name<'a> {
            fn from(raw: Raw<'a>) -> Self {
                Self { raw, $($field: (&raw[$key]$([$inner])*).into(),)* }
            }
        }

        impl<'a> $name<'a> {
            /// Lists the members that this version does not know.
            pub fn others(&self) -> impl Iterator<Item = (&'a str, Raw<'a>)> {
                let known = [$($key,)* $($($unread,)+)?];
                let members = self.raw.as_object().into_iter().flatten();
                members.map(|it| (it.0.as_str(), it.1)).filter(move |it| !known.contains(&it.0))
            }
        }
    };
}

pub(in crate::domain::swarm::objects) use fields;

//! The events that a text consists of, as far as it is YAML.

use crate::domain::compose::finding::Finding;
use granit_parser::{Options, Parser, StrInput};

/// How deep collections may nest. Stack files need ten; docker stops at 10 000.
const DEPTH: usize = 100;

/// Reading stops at the first of these.
pub type Fatal = Box<Finding>;

/// Returns the events of a text, and an error where it is no YAML from there on.
pub fn events(text: &str) -> Parser<'_, StrInput<'_>> {
    Parser::new_from_str_with_options(text, options())
}

fn options() -> Options {
    granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_comments: false,
        flow_nesting_limit: DEPTH,
        block_nesting_limit: DEPTH,
    }
}

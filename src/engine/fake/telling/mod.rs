//! Read requests of the fake: objects and logs.

pub mod answer;
pub mod read;
pub mod chatter;
pub mod voice;

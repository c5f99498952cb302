//! Log following: reads each task separately, merges lines in the order of time, and notes gaps.
//!
//! ```text
//! look (every 2 s: tasks, nodes) ─► Follower ─► FeedNews
//! Reader, one per task ── batches ──► Merge (what was written before)
//!                                └──► Hold  (what is written now)
//! ```
//!
//! What happens to tasks (ends, replacements, updates) has the moment at which it
//! happened. In what was written before it stands among the lines of its time; in what is
//! written now as far as `hold::Hold` promises: what a look finds later than that
//! is told then, with its own moment.
//!
//! A reader that hears nothing asks its node for the last line; who gives no answer is
//! named and not waited for, and read on from its last line once it answers again.

mod request;
mod gaps;
mod hold;
mod roster;
mod reader;
mod readers;
mod whole;
mod follower;
mod feed;

pub use feed::{Feed, read, spawn};
pub use request::{FeedNews, LogEnd, LogQuery, LogScope, SOME, Subscription};

//! Streams of log lines.
//!
//! The engine's stream of a whole service loses lines: the tasks that one node
//! runs share a connection to the manager, write to it at the same time, and
//! where they write fast it breaks; the stream then stays open and silent (seen
//! on 20.10.24: 4 tasks with 100 000 lines each, one of the two that shared a
//! node was short by some thousands every time). Streams of single tasks came
//! complete; who wants every line asks for those.
//!
//! `bollard` 0.21 cannot read these streams: it asks for no `details` (whose
//! line is it?), knows whole seconds only, and takes the engine's frames about
//! missing lines for output.

mod frames;
pub mod lines;
mod single;

pub use single::open;

//! skep, the cockpit for Docker Swarm: its architecture, for developers. Users
//! read the README.
//!
//! # Layers
//!
//! Everything points downwards; `tests/it/architecture.rs` holds the code to it.
//!
//! | layer | does | may use |
//! |---|---|---|
//! | [`files`] | reads and writes files that others may have put there: bounded, regular,
//! inside their folder | – |
//! | [`domain`] | decides: what a swarm is, what a compose file means, what a deployment would
//! do; no I/O, no clock, no terminal | – |
//! | [`engine`] | the gateway to a swarm: real ones over unix, tcp and ssh, and a strict one in
//! memory, which is also the demo | `domain` |
//! | [`store`] | what skep remembers between two starts | `domain` |
//! | [`config`] | settings: files, environment and flags, merged | names of `domain` |
//! | [`projects`] | what stacks are made of on this machine, and how that is changed; touches
//! no cluster | `domain`, `store` |
//! | [`jobs`] | use cases in the background; the only code that changes a cluster | `domain`,
//! `engine`, `store`, `projects` |
//! | [`tui`] | the cockpit | `domain`, `jobs`, `projects`, `config`, `store`; of `engine` only
//! the trait and error |
//! | [`cli`] | the commands | the same |
//! | [`start`] | puts together what a face works with | everything |
//! | [`diagnostics`] | skep's own log and reports of its bugs | `domain`, `store` |
//!
//! The domain has nine groups, in this order: [`text`](domain::text) (writing and searching),
//! [`swarm`](domain::swarm) (what the engine tells, and what changes it),
//! [`health`](domain::health) (what is wrong and why), [`logs`](domain::logs),
//! [`compose`](domain::compose) (stack files), [`project`](domain::project) (how stacks are
//! grouped), [`deployment`](domain::deployment) (there and back), [`describe`](domain::describe)
//! (pages), [`columns`](domain::columns) (lists). Each `mod.rs` is the map of its group.
//!
//! Inside [`domain`], [`tui`], [`jobs`] and [`projects`] the order of the `mod` lines is the
//! order of dependency: each module uses only those above it. Nowhere do files use each other in a
//! circle: what the files of a folder share stands in a file below them, and `mod.rs` is
//! the map of the folder and the way in.
//!
//! # Five words
//!
//! | word | meaning | made by |
//! |---|---|---|
//! | [`Event`](tui::event::Event) | a fact that reached the loop | terminal, watcher, jobs |
//! | [`Action`](tui::keymap::Action) | an intent of the operator | the keymap |
//! | [`Request`](tui::event::Request) | what a screen asks of the cockpit | screens |
//! | [`Effect`](tui::event::Effect) | work for the outside | [`update`](tui::update::update) |
//! | [`Report`](jobs::JobReport) | what a job says | jobs |
//!
//! # How facts flow
//!
//! ```text
//! keys ───────────────┐                                       ┌─► view::draw(&Model) ─► terminal
//! watch: View ────────┼─► Event ─► update(&mut Model, Event) ─┤
//! jobs: Report ───────┤      key → Action → Screen → Request  └─► Effects ─► run/perform
//! logs: FeedNews ─────┘                                                        │
//!       ▲                                                                      │
//!       └────────── jobs: Operation on a Session (engine, store, operator) ◄───┘
//! ```
//!
//! - One thread owns the model; every change of it has an event. Nothing waits in
//!   the loop but `select!`; drawing reads and never writes.
//! - A screen sees the [`World`](tui::world::World), never the model. What it needs
//!   from outside it says in [`Wants`](tui::screens::Wants); the cockpit reads no more.
//! - The watcher asks for services and nodes, and for the tasks somebody looks at.
//!   The whole task list is read once where a screen shows it, and never polled.
//! - A question holds the very effects it releases. Both faces start the same
//!   [`Operation`](jobs::operations::Operation); each ends in exactly one verdict and
//!   leaves an audit line.
//!
//! # What must never happen
//!
//! - A body of a service update without `TaskTemplate.Placement`: it kills managers
//!   for good. All bodies are made in [`domain::swarm::spec`], which refuses it; specs
//!   travel as raw JSON, because typed models lose health checks.
//! - A change without a question, a change on `ctrl-r`, any change in read-only.
//! - A selection that stays on a row while its object moves.
//! - A secret value in a log, an error, a plan or the state file. Those that projects set
//!   are sealed ([`domain::project::vault`]), and so are releases that they went into, older ones
//!   too ([`store::Store::seal_past`]).
//! - A linked or kept file overwritten that somebody else changed meanwhile.
//! - Text of others on a terminal as it came: commands print through [`cli::Out`], the
//!   cockpit through [`tui::view`], and both leave to [`domain::text::escape`] what passes.
//! - The state file held open: each operation opens and closes it ([`store`]).
//! - A write that is not in the journal yet: whoever finds the journal of a dead
//!   process ([`store`] knows who is alive) must be able to restore it.
//! - A job that ends with its terminal.
//!
//! # What things cost
//!
//! | to add | touch |
//! |---|---|
//! | an action | a line in `tui/keymap/action.rs`, one in `bindings.rs`, an arm where it is done;
//! where it changes the cluster, its name in `dangerous`; where it needs something selected, an arm
//! in `judge` of `tui/model.rs` |
//! | a column | a line in the table of its kind in [`domain::columns`], for the cockpit and the
//! commands; in a list of one face, a line in its `COLUMNS`. The JSON of the command has a row of
//! its own in `cli`; an age that grows on the screen needs a line in `moments` of the list |
//! | a list | a file in `tui/screens/lists` and its lines in `lists/mod.rs`, a
//! [`Destination`](tui::event::Destination), an arm in `tui/model.rs`, a row in
//! `tui/command/table.rs`; words that said where else it is leave `tui/command/elsewhere.rs` |
//! | something that a screen reads of the cluster | the dearest, some 20 places: what is asked in
//! [`Wants`](tui::screens::Wants), [`Effect`](tui::event::Effect) and
//! [`Response`](tui::event::Response), and how it is asked again (`tui/update/mod.rs`, `act.rs`),
//! done (`tui/run/perform.rs`), answered (`respond.rs`, `tui/tickets.rs`) and kept (`tui/world`) |
//! | a command of the cockpit | a row in `tui/command/table.rs`, with its arm (a longer one stands
//! in `arms.rs`) |
//! | a command of the shell | a file in `cli`, two lines in `cli/mod.rs` |
//! | a fact of a page | a field in [`domain::swarm::objects::fields`], a line in
//! [`domain::describe`] |
//! | an operation | a file in `jobs`, a variant of `Operation` with its words, an arm in
//! `jobs/run.rs` |
//! | a setting | a field in `config`, a line in `config.example.toml` |
//! | a check of compose files | a function in `domain/compose/check` and its line in `mod.rs`, a code
//! in `check/codes`, whose texts are the page of `--explain`, a `.yaml` and a `.findings` of that
//! name in `tests/fixtures` |
//! | an engine call | a method of [`engine::ReadEngine`], in `docker` and in `fake`; a write is
//! a [`Change`](domain::swarm::change::Change) |
//! | a theme | a file in `assets/themes` |
//! | a change of projects | a variant of [`projects::CatalogChange`] with its words; both faces
//! have it then |
//! | a key of a policy | a field of [`domain::compose::policy::Policy`], a line in its `KEYS`,
//! a line where it is applied |
//! | a template | a file in `assets/templates`, a line in [`domain::compose::template::builtin`] |
//! | help for a key of compose files | a line in `assets/help/compose.toml` |
//!
//! # Where to begin
//!
//! [`domain::swarm::cluster`] for the nouns, [`engine::ReadEngine`] and [`engine::Engine`] for
//! the verbs, [`jobs::watch`] for how a view comes about, [`tui::update`] for what a key
//! does, [`domain::compose`] for what a stack file means, [`domain::deployment`] for what a
//! deployment would do, how it goes there and back, and why nobody else does so at the same
//! time, [`jobs`] for the map of what changes a cluster, [`jobs::deploy::recover`] for what
//! becomes of a deployment whose process died, [`domain::project`] for how people group
//! stacks and [`projects`] for what is made of that, [`tui::document`] for what the editor
//! edits and what is done outside for it.
pub mod files;
pub mod domain;
pub mod engine;
pub mod store;
pub mod config;
pub mod projects;
pub mod jobs;
pub mod tui;
pub mod cli;
pub mod diagnostics;
pub mod start;

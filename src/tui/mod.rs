//! The cockpit: model, update and view of the terminal interface.
//!
//! The modules are declared bottom-up: each uses only those above it (a test
//! holds them to that).

pub mod theme;
pub mod keymap;
pub mod past;
pub mod document;
pub mod vi;
pub mod projects;
pub mod event;
pub mod tickets;
pub mod showing;
pub mod world;
pub mod widgets;
pub mod prompt;
pub mod asked;
pub mod screens;
pub mod open_screens;
pub mod command;
pub mod model;
pub mod update;
pub mod view;
pub mod terminal;
pub mod keyboard;
pub mod run;

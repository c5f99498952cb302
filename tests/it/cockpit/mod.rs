//! The cockpit in memory: what keys do, what screens show, what leaves it.

pub mod others;
mod outside;
pub mod shots;
pub mod harness;

mod asking;
mod questions;
mod menus;
mod draining;
mod moving;
mod naming;
mod finding;
mod lists;
mod counts;
mod unread;
mod typing;
mod worded;
mod trouble;
mod logs;
mod editor;
mod editing;
mod mending;
mod assisting;
mod comparing;
mod drafts;
mod leaving;
mod looks;
pub mod job;
mod kept;
mod releases;
mod rerun;
mod interrupted;
mod running_text;
mod screens;
mod late;
mod forms;

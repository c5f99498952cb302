//! Work for the outside.

use crate::{
    domain::{
        deployment::gc::Bounds,
        swarm::{
            change::ServiceRef,
            cluster::Object,
            names::{NodeId, StackName},
        },
    },
    jobs::{
        JobId, deploy::Proposal, log_follower::Subscription, operations::Operation, watch::Interest,
    },
    tui::{
        document::{Choice, Copied, Document, Errand},
        past::Lookback,
        projects::Chore,
    },
};

/// Work for the outside. Each leaves the model as a [`Dispatch`](crate::tui::event::Dispatch).
#[derive(Debug, Clone)]
pub enum Effect {
    Quit,
    Suspend,
    /// Watch these tasks from now on.
    Watch(Interest),
    /// Follow these logs from now on, or none.
    Follow(Option<(u64, Subscription)>),
    /// Read on where the followed log waits; so many lines.
    ReadOn(usize),
    Read(Object),
    Recall(Lookback),
    LookForInterrupted,
    /// Read what a drain of these nodes would do, and ask then; answered by
    /// [`Response::Foreseen`](crate::tui::event::Response::Foreseen).
    Foresee(Vec<(NodeId, String)>),
    /// Read what a roll-back of these services would bring back, and ask then; answered by
    /// [`Response::LookedBack`](crate::tui::event::Response::LookedBack).
    LookBack(Vec<ServiceRef>),
    /// Find the release that a stack goes back to; answered by [`Response::Target`](crate::tui::event::Response::Target).
    GoBack(StackName),
    Start(Operation),
    Cancel(JobId),
    /// Let it change nothing more, or go on.
    Pause(JobId, bool),
    /// Open the source of a stack, where skep knows it.
    EditStack(StackName),
    Copy(String),
    /// The same with a part of a file, which may be a secret: it is quoted nowhere.
    CopyUnquoted(String, Copied),
    /// Write a text into a new file whose name starts so.
    Dump {
        name: String,
        text: String,
    },
    /// Do something outside for a document; answered by [`Response::Document`](crate::tui::event::Response::Document).
    Document(Document, Errand),
    /// Give the terminal and the text of a document to the operator's own editor;
    /// answered by [`Response::Document`](crate::tui::event::Response::Document).
    HandOff(Document, String),
    /// Tell the editor of a document what was decided; done by the model itself.
    Choose(Document, Choice),
    /// Make the plan; answered by [`Response::Plan`](crate::tui::event::Response::Plan).
    Plan(Proposal),
    /// Do something about projects.
    Project(Chore),
    /// Looks for what nobody needs any more; answered by [`Response::Waste`](crate::tui::event::Response::Waste).
    Survey(Bounds),
    /// Find all texts that are not saved; answered by [`Response::Drafts`](crate::tui::event::Response::Drafts).
    ListDrafts,
    /// Open a document in the editor; done by the model itself.
    Edit(Document),
    /// Leave this engine for the one of another docker context.
    Switch(String),
    /// Keep a command for the next start.
    Remember(String),
}

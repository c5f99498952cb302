//! Effect responses: one for each ticket, also if the work panics.

use crate::tui::event::{Event, Response, Ticket};
use std::future::Future;
use tokio::{sync::mpsc::UnboundedSender, task::spawn_blocking};

/// The way of answers back into the loop.
#[derive(Clone)]
pub struct Responses {
    told: UnboundedSender<Event>,
}

impl Responses {
    pub fn new(told: UnboundedSender<Event>) -> Self {
        Self { told }
    }

    /// Does work in the background, and responds with what came of it.
    pub fn later(&self, ticket: Ticket, work: impl Future<Output = Response> + Send + 'static) {
        let back = self.clone();
        tokio::spawn(async move {
            let done = tokio::spawn(work).await;
            back.respond(ticket, done.unwrap_or_else(|err| Response::Lost(bug(&err))));
        });
    }

    /// The same for work that blocks.
    pub fn blocking(&self, ticket: Ticket, work: impl FnOnce() -> Response + Send + 'static) {
        let back = self.clone();
        tokio::spawn(async move { back.wait(ticket, work).await });
    }

    /// Does work that blocks, and waits for its end.
    pub async fn wait(&self, ticket: Ticket, work: impl FnOnce() -> Response + Send + 'static) {
        let done = spawn_blocking(work).await;
        self.respond(ticket, done.unwrap_or_else(|err| Response::Lost(bug(&err))));
    }

    pub fn respond(&self, ticket: Ticket, response: Response) {
        self.tell(Event::Response(ticket, response));
    }

    /// Lets a fact reach the loop.
    pub fn tell(&self, event: Event) {
        // The cockpit is closing.
        let _ = self.told.send(event);
    }

    /// Says whether nobody listens any more.
    pub fn is_closed(&self) -> bool {
        self.told.is_closed()
    }
}

fn bug(err: &tokio::task::JoinError) -> String {
    format!("bug: {err}")
}

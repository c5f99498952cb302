//! Deploys a stack: understood before anything is touched, sent in order,
//! watched until every service runs, taken back where one does not, and
//! remembered.
//!
//! [`crate::domain::deploy`] decides; here is who does what it says.

mod preflight;
mod prepare;
pub mod again;
mod record;
mod back;
mod write;
mod look;
mod drive;
mod ending;
pub mod adopt;

pub use preflight::look_around;
pub use prepare::{Prepared, outline, prepare, read};

use crate::{
    domain::{deploy::Mode, names::StackName, resolve::Resolve},
    jobs::{
        JobContext, News, Verdict,
        deploy::{back::Backup, drive::Drive, record::Book},
        session::Session,
        source::Sources,
    },
};
use std::time::Duration;

/// A deployment as it was asked for.
#[derive(Debug, Clone)]
pub struct Order {
    pub stack: StackName,
    pub sources: Sources,
    pub resolve: Resolve,
    /// Send the credentials of this user along, for nodes to pull with.
    pub with_registry_auth: bool,
    /// Remove services of the stack that the files do not name, once the others run.
    pub prune: bool,
    /// What the operator says about it; may be empty.
    pub message: String,
    pub mode: Mode,
    /// So long it waits while somebody else changes the stack; zero is refused.
    pub wait: Duration,
}

impl Order {
    /// Returns the docker command that does the same.
    pub fn docker(&self) -> String {
        let named = self.sources.files.iter().map(|it| format!(" -c {}", it.name));
        let files = named.collect::<Vec<_>>().concat();
        let resolve = match self.resolve {
            Resolve::Always => "",
            Resolve::Changed => " --resolve-image changed",
            Resolve::Never => " --resolve-image never",
        };
        let prune = if self.prune { " --prune" } else { "" };
        let auth = if self.with_registry_auth { " --with-registry-auth" } else { "" };
        format!("docker stack deploy{files}{resolve}{prune}{auth} {}", self.stack)
    }
}

/// Deploys and returns how it ended. Nothing is touched before the whole plan is
/// known to be possible.
pub async fn run(session: &Session, order: &Order, context: &JobContext) -> Verdict {
    context.say(News::Step { done: 0, doing: "plan".to_owned() });
    let title = format!("deploy {}", order.stack);
    match prepare(&*session.engine, order).await {
        Ok(prepared) => carry_out(session, title, order, &prepared, context).await,
        Err(verdict) => verdict,
    }
}

/// Does what was prepared, watches it, takes it back where it fails, and
/// remembers it.
async fn carry_out(
    session: &Session,
    title: String,
    order: &Order,
    prepared: &Prepared,
    context: &JobContext,
) -> Verdict {
    prepared.notes.iter().for_each(|it| context.say(News::Note(it.clone())));
    let untouched = |why: String| {
        let hint = Some("nothing was touched; `skep plan` shows the whole plan".to_owned());
        Verdict::Failed { why, hint }
    };
    if let Some(refusal) = prepared.refusal() {
        return refusal;
    }
    adopt::first(session, &order.stack, &prepared.live, context).await;
    let mut book = Book::of(session, &order.stack).await;
    let backup = Backup::of(prepared, &book).await;
    let aims = match backup.aims(prepared) {
        Ok(aims) => aims,
        Err(why) => return untouched(why),
    };
    let writes = aims.iter().filter(|it| it.act.is_some()).count();
    context.say(News::Started { title, steps: writes + prepared.desired.services.len() });
    book.open(session, order, &prepared.desired, context).await;
    let drive = Drive::new(session, order, prepared, &backup, aims, &book, context);
    let (verdict, services) = drive.run().await;
    book.close(&verdict, services, context).await;
    verdict
}

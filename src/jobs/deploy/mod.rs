//! Deploys a stack: understood before anything is touched, sent in order,
//! watched until every service runs, and remembered.

mod apply;
mod gate;
mod record;

use crate::{
    domain::{compose::Desired, names::StackName, resolve::Resolve},
    jobs::{
        JobContext, News, Verdict,
        deploy::{apply::Applied, record::Book},
        session::Session,
        source::Sources,
    },
};
use jiff::Timestamp;
use tokio::task::spawn_blocking;

/// A deployment as it was asked for.
#[derive(Debug, Clone)]
pub struct Order {
    pub stack: StackName,
    pub sources: Sources,
    pub resolve: Resolve,
    /// Send the credentials of this user along, for nodes to pull with.
    pub with_registry_auth: bool,
    /// What the operator says about it; may be empty.
    pub message: String,
    /// Return once everything is sent.
    pub detach: bool,
}

impl Order {
    /// Returns the docker command that does the same.
    pub fn docker(&self) -> String {
        let files: String =
            self.sources.files.iter().map(|it| format!(" -c {}", it.name)).collect();
        let resolve = match self.resolve {
            Resolve::Always => "",
            Resolve::Changed => " --resolve-image changed",
            Resolve::Never => " --resolve-image never",
        };
        let auth = if self.with_registry_auth { " --with-registry-auth" } else { "" };
        format!("docker stack deploy{files}{resolve}{auth} {}", self.stack)
    }
}

/// Deploys and returns how it ended.
pub async fn run(session: &Session, order: &Order, context: &JobContext) -> Verdict {
    let desired = match understand(order, context).await {
        Ok(desired) => desired,
        Err(verdict) => return verdict,
    };
    context.say(News::Started {
        title: format!("deploy {}", order.stack),
        steps: 2 * desired.services.len(),
    });
    let mut book = Book::open(session, order, &desired, context).await;
    let started = Timestamp::now();
    let verdict = match apply::apply(&*session.engine, order, desired, context).await {
        Ok(applied) if order.detach => sent(&applied),
        Ok(applied) => gate::watch(&*session.engine, &applied, started, &mut book, context).await,
        Err(verdict) => verdict,
    };
    book.close(&verdict, context).await;
    verdict
}

/// Everything that can be wrong with the files is said here: nothing was
/// touched yet.
async fn understand(order: &Order, context: &JobContext) -> Result<Desired, Verdict> {
    let (sources, stack) = (order.sources.clone(), order.stack.clone());
    let understood = spawn_blocking(move || sources.understand(&stack)).await;
    let understood =
        understood.map_err(|err| Verdict::Failed { why: format!("bug: {err}"), hint: None })?;
    let errors: Vec<String> = understood.errors().map(|it| understood.line(it)).collect();
    let warnings =
        understood.findings.iter().map(|it| understood.line(it)).filter(|it| !errors.contains(it));
    warnings.for_each(|it| context.say(News::Note(it)));
    let Some(first) = errors.first() else {
        return understood.desired.ok_or_else(|| Verdict::Failed {
            why: "bug: the files have no findings and no meaning".to_owned(),
            hint: None,
        });
    };
    errors.iter().for_each(|it| context.say(News::Note(it.clone())));
    let more =
        if errors.len() > 1 { format!(" (and {} more)", errors.len() - 1) } else { String::new() };
    Err(Verdict::Failed {
        why: format!("{first}{more}"),
        hint: Some("nothing was touched".to_owned()),
    })
}

fn sent(applied: &[Applied]) -> Verdict {
    Verdict::Succeeded(format!("{} services sent; nobody waited for their tasks", applied.len()))
}

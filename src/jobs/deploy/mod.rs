//! Deploys a stack: understood before anything is touched, sent in order,
//! watched until every service runs, and remembered.

mod apply;
mod gate;
mod record;

use crate::{
    domain::{cluster::Kind, compose::Desired, names::StackName, resolve::Resolve},
    jobs::{
        JobContext, News, Verdict,
        deploy::{apply::Applied, record::Book},
        service::{self, failed},
        session::Session,
        source::Sources,
        work::Target,
    },
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use tokio::task::spawn_blocking;

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
        let prune = if self.prune { " --prune" } else { "" };
        let auth = if self.with_registry_auth { " --with-registry-auth" } else { "" };
        format!("docker stack deploy{files}{resolve}{prune}{auth} {}", self.stack)
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
    let named: BTreeSet<String> = desired.services.iter().map(|it| it.name.clone()).collect();
    let mut book = Book::open(session, order, &desired, context).await;
    let started = Timestamp::now();
    let verdict = match apply::apply(&*session.engine, order, desired, context).await {
        Ok(applied) if order.detach => sent(&applied),
        Ok(applied) => gate::watch(&*session.engine, &applied, started, &mut book, context).await,
        Err(verdict) => verdict,
    };
    let verdict = match verdict {
        Verdict::Succeeded(note) if order.prune => {
            prune(session, order, &named, note, context).await
        }
        verdict => verdict,
    };
    book.close(&verdict, context).await;
    verdict
}

/// Removes the services of the stack that are not named. Last, unlike docker,
/// which prunes first and has removed services when the rest then fails.
async fn prune(
    session: &Session,
    order: &Order,
    named: &BTreeSet<String>,
    note: String,
    context: &JobContext,
) -> Verdict {
    let engine = &*session.engine;
    let live = match engine.list(Kind::Services, Some(order.stack.as_str())).await {
        Ok(live) => live,
        Err(err) => return failed(&err),
    };
    let mut removed = Vec::new();
    for service in live {
        let (Some(id), Some(name)) = (service["ID"].as_str(), service["Spec"]["Name"].as_str())
        else {
            continue;
        };
        if named.contains(name) {
            continue;
        }
        let target = Target { id: id.into(), name: name.to_owned() };
        match service::remove(engine, &target, context).await {
            Verdict::Succeeded(_) => removed.push(name.to_owned()),
            other => return other,
        }
    }
    match removed.as_slice() {
        [] => Verdict::Succeeded(note),
        some => Verdict::Succeeded(format!("{note}; removed {}", some.join(", "))),
    }
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

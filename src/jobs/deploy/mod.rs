//! Deploys a stack: understood before anything is touched, sent in order,
//! watched until every service runs, and remembered.

mod prepare;
mod apply;
mod gate;
mod record;

pub use prepare::{Prepared, prepare};

use crate::{
    domain::{
        names::StackName,
        plan::{Effect, Step},
        resolve::Resolve,
        text::count::plural,
    },
    jobs::{
        JobContext, News, Verdict,
        deploy::{apply::Applied, record::Book},
        service,
        session::Session,
        source::Sources,
        work::Target,
    },
};

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
    let prepared = match prepare(&*session.engine, order).await {
        Ok(prepared) => prepared,
        Err(verdict) => return verdict,
    };
    prepared.notes.iter().for_each(|it| context.say(News::Note(it.clone())));
    if let Some(first) = prepared.plan.refusals().first() {
        let hint = Some("nothing was touched; `skep plan` shows the whole plan".to_owned());
        return Verdict::Failed { why: first.clone(), hint };
    }
    let steps = prepared.plan.steps.iter().filter(|it| it.effect != Effect::Unchanged).count();
    let title = format!("deploy {}", order.stack);
    context.say(News::Started { title, steps: steps + prepared.desired.services.len() });
    let gone: Vec<Target> = prepared
        .plan
        .steps
        .iter()
        .filter(|it| it.effect == Effect::Remove)
        .filter_map(target)
        .collect();
    let mut book = Book::open(session, order, &prepared.desired, context).await;
    let verdict = send_and_watch(session, order, prepared, &mut book, context).await;
    let verdict = match verdict {
        Verdict::Succeeded(note) => prune(session, &gone, note, context).await,
        verdict => verdict,
    };
    book.close(&verdict, context).await;
    verdict
}

async fn send_and_watch(
    session: &Session,
    order: &Order,
    prepared: Prepared,
    book: &mut Book,
    context: &JobContext,
) -> Verdict {
    let engine = &*session.engine;
    match apply::apply(engine, order, prepared, context).await {
        Ok(applied) if order.detach => sent(&applied),
        Ok(applied) => gate::watch(engine, &applied, book, context).await,
        Err(verdict) => verdict,
    }
}

fn target(step: &Step) -> Option<Target> {
    let seen = step.live.as_ref()?;
    Some(Target { id: seen.id.as_str().into(), name: step.name.clone() })
}

/// Removes the services that go. Last, unlike docker, which prunes first and has
/// removed services when the rest then fails.
async fn prune(session: &Session, gone: &[Target], note: String, context: &JobContext) -> Verdict {
    for target in gone {
        let removed = service::remove(&*session.engine, target, context).await;
        if !removed.succeeded() {
            return removed;
        }
    }
    match gone {
        [] => Verdict::Succeeded(note),
        some => {
            let names: Vec<&str> = some.iter().map(|it| it.name.as_str()).collect();
            Verdict::Succeeded(format!("{note}; removed {}", names.join(", ")))
        }
    }
}

fn sent(applied: &[Applied]) -> Verdict {
    let touched = applied.iter().filter(|it| it.touched).count();
    Verdict::Succeeded(format!(
        "{} sent; nobody waited for their tasks",
        plural(touched as u64, "service")
    ))
}

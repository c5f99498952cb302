//! Stop and start of a stack, which keeps its numbers of replicas.

use crate::{
    domain::{
        deployment::deploy::Goal,
        swarm::{
            change::ServiceRef,
            cluster::{ObjectKind, TaskScope},
            names::StackName,
            objects::ServiceObject,
            spec::Edit,
            stop::{StopState, standing},
        },
        text::count::plural,
    },
    engine::{Engine, EngineError},
    jobs::{
        JobContext, News, Verdict,
        convergence::{Watch, Watched},
        ended_tasks::{TasksEnded, wait_until_ended},
        retry::{Aborted, Retry, failed},
        service::{verdict, write},
    },
};
use serde_json::Value;
use tokio::time::Instant;

/// Scales every replicated service of a stack to zero, and waits until their tasks
/// are over.
pub async fn stop(engine: &dyn Engine, stack: &StackName, context: &JobContext) -> Verdict {
    let found = match Found::read(engine, stack, &Edit::Stop).await {
        Ok(found) => found,
        Err(verdict) => return verdict,
    };
    if found.ready.is_empty() {
        return found.nothing_to_stop(stack);
    }
    let began = Instant::now();
    if let Err(halted) = found.write(engine, &Edit::Stop, context).await {
        return halted;
    }
    let scope = TaskScope::Services(found.ready.iter().map(|it| it.target.id.clone()).collect());
    let fixed = found.fixed();
    let stopped = plural(found.ready.len() as u64, "service");
    match wait_until_ended(engine, &scope, |_| true, found.ready.len(), context).await {
        Ok(TasksEnded::Late(words)) => {
            let hint = Some("look at the nodes they run on".to_owned());
            Verdict::Failed { why: format!("{stopped} stopped, but {words}{fixed}"), hint }
        }
        Ok(other) => {
            let took = began.elapsed().as_secs();
            let remark =
                if let TasksEnded::Unheard(it) = other { format!("; {it}") } else { String::new() };
            let kept = found.numbers("had");
            Verdict::Succeeded(format!("{stopped} stopped after {took}s: {kept}{remark}{fixed}"))
        }
        Err(Aborted::OnRequest) => Verdict::Stopped(format!(
            "{stopped} scaled to zero; their tasks may still be stopping{fixed}"
        )),
        Err(Aborted::ByError(err)) => failed(&err),
    }
}

/// Gives every stopped service of a stack its replicas back, and waits until they run.
pub async fn start(engine: &dyn Engine, stack: &StackName, context: &JobContext) -> Verdict {
    let found = match Found::read(engine, stack, &Edit::Start).await {
        Ok(found) => found,
        Err(verdict) => return verdict,
    };
    if found.ready.is_empty() {
        let why = format!("nothing to start: no service of stack {stack} is stopped");
        return Verdict::Succeeded(why);
    }
    let began = Instant::now();
    if let Err(halted) = found.write(engine, &Edit::Start, context).await {
        return halted;
    }
    let services = plural(found.ready.len() as u64, "service");
    let targets: Vec<ServiceRef> = found.ready.iter().map(|it| it.target.clone()).collect();
    let watch =
        Watch { stack: Some(stack), ..Watch::of(&targets, Goal::Healthy, found.ready.len()) };
    match watch.run(engine, context).await {
        Ok(watched) => {
            let took = began.elapsed().as_secs();
            let remarks: String = watched.iter().map(Watched::remarks).collect();
            let back = found.numbers("has");
            let fine = format!("{services} running after {took}s: {back}{remarks}");
            match verdict(&watched) {
                Verdict::Succeeded(_) => Verdict::Succeeded(fine),
                other => other,
            }
        }
        Err(Aborted::OnRequest) => {
            Verdict::Stopped(format!("{services} started; skep did not wait for their end"))
        }
        Err(Aborted::ByError(err)) => failed(&err),
    }
}

/// The services of a stack, as far as an edit concerns them.
struct Found {
    ready: Vec<Ready>,
    /// Those that have no number of replicas, as `blog_agent (global)`.
    fixed: Vec<String>,
    stopped: bool,
}

struct Ready {
    target: ServiceRef,
    /// That it had, or gets back.
    replicas: u64,
}

impl Found {
    async fn read(engine: &dyn Engine, stack: &StackName, edit: &Edit) -> Result<Self, Verdict> {
        let services = engine.list(ObjectKind::Services, Some(stack.as_str())).await;
        let mut services = services.map_err(|err| failed(&err))?;
        if services.is_empty() {
            let hint = Some("see `skep ls`".to_owned());
            return Err(Verdict::Failed { why: format!("there is no stack `{stack}`"), hint });
        }
        let name = |it: &Value| ServiceObject(it).name().unwrap_or_default().to_owned();
        services.sort_by_key(name);
        let mut found = Self { ready: Vec::new(), fixed: Vec::new(), stopped: false };
        for service in &services {
            let id = ServiceObject(service).id().unwrap_or_default().into();
            let target = ServiceRef { id, name: name(service) };
            match (standing(ServiceObject(service).spec().0), edit) {
                (StopState::Fixed(word), _) => {
                    found.fixed.push(format!("{} ({word})", target.name));
                }
                (StopState::Up(replicas @ 1..), Edit::Stop)
                | (StopState::Stopped(replicas), Edit::Start) => {
                    found.ready.push(Ready { target, replicas });
                }
                (StopState::Stopped(_), _) => found.stopped = true,
                (StopState::Up(_), _) => {}
            }
        }
        Ok(found)
    }

    /// Writes them one after the other; between two of them it can be stopped.
    async fn write(
        &self,
        engine: &dyn Engine,
        edit: &Edit,
        context: &JobContext,
    ) -> Result<(), Verdict> {
        let (word, title) =
            if *edit == Edit::Stop { ("stop", "stopped") } else { ("start", "started") };
        // The last one is to see what becomes of their tasks.
        context.say(News::Steps(self.ready.len() + 1));
        for (done, Ready { target, .. }) in self.ready.iter().enumerate() {
            context.say(News::Step { done, doing: format!("{word} {}", target.name) });
            let Err(halt) = set(engine, target, edit, context).await else { continue };
            let all = plural(self.ready.len() as u64, "service");
            let goes_on = "the same command continues from here";
            let stand = format!("{done} of {all} {title}; {goes_on}");
            return Err(match halt {
                Aborted::OnRequest => Verdict::Stopped(stand),
                Aborted::ByError(err) => {
                    // Its answer is lost: this one may be too.
                    let stand = format!("{done} of {all} are known to be {title}; {goes_on}");
                    let why = format!("{}: {err}; {stand}", target.name);
                    Verdict::Failed { why, hint: err.hint() }
                }
            });
        }
        Ok(())
    }

    fn nothing_to_stop(&self, stack: &StackName) -> Verdict {
        let fixed = self.fixed();
        if self.stopped {
            return Verdict::Succeeded(format!("stack {stack} is stopped already{fixed}"));
        }
        if self.fixed.is_empty() {
            let why = format!("nothing to stop: no service of stack {stack} has replicas");
            return Verdict::Succeeded(why);
        }
        let why = format!("{} cannot be stopped", self.fixed.join(", "));
        Verdict::Failed { why, hint: None }
    }

    /// Names those that go on.
    fn fixed(&self) -> String {
        if self.fixed.is_empty() {
            return String::new();
        }
        format!("; still running, because it cannot be stopped: {}", self.fixed.join(", "))
    }

    /// Names the replicas that are remembered or brought back, as `blog_web had 2 replicas`.
    fn numbers(&self, verb: &str) -> String {
        let replicas = |it: &Ready| plural(it.replicas, "replica");
        let words =
            self.ready.iter().map(|it| format!("{} {verb} {}", it.target.name, replicas(it)));
        words.collect::<Vec<_>>().join(", ")
    }
}

/// Writes until it is written. An answer that was lost does no harm: to stop what is
/// stopped changes nothing. Somebody may have removed it meanwhile.
async fn set(
    engine: &dyn Engine,
    target: &ServiceRef,
    edit: &Edit,
    context: &JobContext,
) -> Result<(), Aborted> {
    let retry = Retry::new(context);
    loop {
        if context.is_stop_requested() {
            return Err(Aborted::OnRequest);
        }
        match write(engine, target, edit).await {
            Ok(warnings) => {
                for warning in warnings {
                    context.say(News::Note(warning));
                }
                return Ok(());
            }
            Err(EngineError::NotFound { what }) => {
                context.say(News::Note(format!("{what} was removed meanwhile")));
                return Ok(());
            }
            Err(err) => retry.after(err).await?,
        }
    }
}

//! Everything that can be done to a cluster, as a value: both faces ask for it,
//! describe it and start it in the same way.

use crate::{
    domain::{
        deploy::Mode,
        names::{NodeId, ServiceId, StackName},
    },
    jobs::{
        JobContext, News, Verdict,
        deploy::{
            self, Order, adopt,
            again::{self, Return},
        },
        lease, node, service,
        session::Session,
        stack::{Fate, Whole},
    },
};
use std::{fmt, str::FromStr, time::Duration};

/// One thing to do, complete.
#[derive(Debug, Clone)]
pub enum Work {
    Scale {
        service: Target,
        replicas: u64,
    },
    Restart {
        service: Target,
    },
    RollBack {
        service: Target,
    },
    RemoveService {
        service: Target,
    },
    SetAvailability {
        node: NodeId,
        hostname: String,
        availability: Availability,
    },
    Deploy(Box<Order>),
    Stack(Whole),
    /// An earlier release of a stack comes back.
    Return(Return),
    /// What others deployed becomes the first release of its stack.
    Adopt(StackName),
}

/// A service by id; the name is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub id: ServiceId,
    pub name: String,
}

/// Whether a node takes tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    Active,
    /// Keeps its tasks, takes no new ones.
    Pause,
    /// Gives its tasks away.
    Drain,
}

impl Work {
    /// Does it, reporting on the way. What changes a whole stack holds the lease on
    /// it, and gives it back whatever the verdict.
    pub async fn run(self, session: &Session, context: JobContext) -> Verdict {
        context.say(News::Started { title: self.title(), steps: 2 });
        let Some((stack, patience)) = self.alone_with() else {
            return self.act(session, context).await;
        };
        match lease::take(session, &stack, self.title(), patience, &context).await {
            Ok(held) => {
                let session = Session { engine: held.engine(), ..session.clone() };
                let verdict = self.act(&session, context).await;
                held.give_back().await;
                verdict
            }
            Err(verdict) => verdict,
        }
    }

    /// Returns what it does, as `scale web to 3`.
    pub fn title(&self) -> String {
        match self {
            Self::Deploy(order) => format!("deploy {}", order.stack),
            Self::Stack(it) => format!("{} stack {}", it.action(), it.stack),
            Self::Return(wish) => {
                format!("roll {} back to release {}", wish.stack, wish.revision)
            }
            Self::Adopt(stack) => format!("adopt stack {stack}"),
            Self::Scale { service, replicas } => format!("scale {} to {replicas}", service.name),
            Self::Restart { service } => format!("restart {}", service.name),
            Self::RollBack { service } => format!("roll back {}", service.name),
            Self::RemoveService { service } => format!("remove {}", service.name),
            Self::SetAvailability { hostname, availability, .. } => {
                format!("set {hostname} to {availability}")
            }
        }
    }

    /// Returns what is done, without to what, as `scale to 3`.
    pub fn action(&self) -> String {
        match self {
            Self::Deploy(_) => "deploy".to_owned(),
            Self::Stack(it) => it.action().to_owned(),
            Self::Return(wish) => format!("roll back to release {}", wish.revision),
            Self::Adopt(_) => "adopt".to_owned(),
            Self::Scale { replicas, .. } => format!("scale to {replicas}"),
            Self::Restart { .. } => "restart".to_owned(),
            Self::RollBack { .. } => "roll back".to_owned(),
            Self::RemoveService { .. } => "remove".to_owned(),
            Self::SetAvailability { availability, .. } => format!("set to {availability}"),
        }
    }

    /// Returns what it is done to, as `service web`.
    pub fn object(&self) -> String {
        match self {
            Self::Deploy(order) => format!("stack {}", order.stack),
            Self::Stack(it) => format!("stack {}", it.stack),
            Self::Return(wish) => format!("stack {}", wish.stack),
            Self::Adopt(stack) => format!("stack {stack}"),
            Self::Scale { service, .. }
            | Self::Restart { service }
            | Self::RollBack { service }
            | Self::RemoveService { service } => format!("service {}", service.name),
            Self::SetAvailability { hostname, .. } => format!("node {hostname}"),
        }
    }

    /// Returns the docker command that does the same; that of skep where docker
    /// has none.
    pub fn docker(&self) -> String {
        match self {
            Self::Deploy(order) => order.docker(),
            Self::Stack(it) => it.docker(),
            Self::Return(wish) => format!("skep rollback {} {}", wish.stack, wish.revision),
            Self::Adopt(stack) => format!("skep adopt {stack}"),
            Self::Scale { service, replicas } => {
                format!("docker service scale {}={replicas}", service.name)
            }
            Self::Restart { service } => format!("docker service update --force {}", service.name),
            Self::RollBack { service } => format!("docker service rollback {}", service.name),
            Self::RemoveService { service } => format!("docker service rm {}", service.name),
            Self::SetAvailability { hostname, availability, .. } => {
                format!("docker node update --availability {availability} {hostname}")
            }
        }
    }

    /// Returns the names of what goes, where the title has only that of the whole.
    pub fn parts(&self) -> &[String] {
        match self {
            Self::Stack(it) if it.fate == Fate::Remove => &it.parts,
            _ => &[],
        }
    }

    /// Returns what will happen, in one sentence.
    pub fn consequence(&self) -> &'static str {
        match self {
            Self::Deploy(order) if order.mode == Mode::Safe => {
                "What the file has is created or updated; where a service does not come up, all goes back."
            }
            Self::Deploy(_) => {
                "What the file has is created or updated; what does not come up is left as it is."
            }
            Self::Stack(it) => it.consequence(),
            Self::Return(wish) if wish.mode == Mode::Safe => {
                "Services get the specs and digests of that release, and what came later goes; where one does not come up, all is as it was."
            }
            Self::Return(_) => {
                "Services get the specs and digests of that release, and what came later goes; what does not come up is left as it is."
            }
            Self::Adopt(_) => {
                "What is live is written down as its first release; nothing in the cluster changes."
            }
            Self::Scale { replicas: 0, .. } => {
                "All its tasks stop; the service stays and can be scaled up again."
            }
            Self::Scale { .. } => "Tasks start or stop until that many run.",
            Self::Restart { .. } => {
                "Every task is replaced, in the order and pace of its update_config."
            }
            Self::RollBack { .. } => {
                "The spec before the last update comes back; tasks are replaced where it differs."
            }
            Self::RemoveService { .. } => {
                "Its tasks stop and the service is gone. Its volumes stay."
            }
            Self::SetAvailability { availability, .. } => match availability {
                Availability::Active => "It takes tasks again; running tasks stay where they are.",
                Availability::Pause => "It keeps its tasks and takes no new ones.",
                Availability::Drain => "Its tasks stop and start on other nodes, where they fit.",
            },
        }
    }

    async fn act(self, session: &Session, context: JobContext) -> Verdict {
        let engine = &*session.engine;
        match self {
            Self::Deploy(order) => deploy::run(session, &order, &context).await,
            Self::Stack(whole) => {
                adopt::before(session, &whole.stack, &context).await;
                whole.run(engine, &context).await
            }
            Self::Adopt(stack) => adopt::run(session, &stack).await,
            Self::Return(wish) => again::run(session, &wish, &context).await,
            Self::Scale { service, replicas } => {
                service::scale(engine, &service, replicas, &context).await
            }
            Self::Restart { service } => service::restart(engine, &service, &context).await,
            Self::RollBack { service } => service::roll_back(engine, &service, &context).await,
            Self::RemoveService { service } => service::remove(engine, &service, &context).await,
            Self::SetAvailability { node, hostname, availability } => {
                node::set_availability(engine, &node, &hostname, availability, &context).await
            }
        }
    }

    /// Returns the stack that nobody else may change meanwhile, and how long to wait
    /// for that.
    fn alone_with(&self) -> Option<(StackName, Duration)> {
        match self {
            Self::Deploy(order) => Some((order.stack.clone(), order.wait)),
            Self::Stack(whole) => Some((whole.stack.clone(), Duration::ZERO)),
            Self::Return(wish) => Some((wish.stack.clone(), Duration::ZERO)),
            Self::Adopt(stack) => Some((stack.clone(), Duration::ZERO)),
            _ => None,
        }
    }
}

impl fmt::Display for Availability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Pause => "pause",
            Self::Drain => "drain",
        })
    }
}

impl FromStr for Availability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "active" => Ok(Self::Active),
            "pause" => Ok(Self::Pause),
            "drain" => Ok(Self::Drain),
            _ => Err(format!("`{text}` is no availability: active, pause or drain")),
        }
    }
}

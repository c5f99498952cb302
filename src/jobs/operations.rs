//! Operations: everything that can be done to a cluster, as a value, for cockpit and commands.

use crate::{
    domain::{
        deployment::{deploy::Mode, driver::Driver, lease::name},
        swarm::{
            change::ServiceRef,
            names::{NodeId, StackName},
            spec::Edit,
            states::Availability,
        },
    },
    jobs::{
        AbandonWhen,
        deploy::{DeployOrder, Proposal, RecoveryOrder, RecoveryWay, RollbackOrder},
        gc::Sweep,
        stack::{StackAction, StackOperation},
    },
};

/// One thing to do, complete.
#[derive(Debug, Clone)]
pub enum Operation {
    Scale {
        service: ServiceRef,
        replicas: u64,
    },
    Restart {
        service: ServiceRef,
    },
    RollBackService {
        service: ServiceRef,
    },
    RemoveService {
        service: ServiceRef,
    },
    SetAvailability {
        node: NodeId,
        hostname: String,
        availability: Availability,
    },
    Deploy(Box<DeployOrder>),
    Stack(StackOperation),
    /// An earlier release of a stack comes back.
    RollBackStack(RollbackOrder),
    /// What others deployed becomes the first release of its stack.
    Adopt(StackName),
    /// What nobody needs any more goes.
    CleanUp(Sweep),
    /// A deployment that was interrupted is finished, or taken back.
    Recover(RecoveryOrder),
    /// What a process holds that died before it changed anything, or after: nothing is
    /// half done, and its lease goes.
    ReleaseLease(Driver),
}

impl From<Proposal> for Operation {
    fn from(proposal: Proposal) -> Self {
        match proposal {
            Proposal::Files(order) => Self::Deploy(order),
            Proposal::Earlier(request) => Self::RollBackStack(request),
        }
    }
}

/// More tasks than this are wanted by mistake.
const MANY_TASKS: u64 = 1000;

impl Operation {
    /// Returns what it does, as `scale web to 3`.
    pub fn title(&self) -> String {
        match self {
            Self::Deploy(order) => format!("deploy {}", order.stack),
            Self::Stack(it) => it.title(),
            Self::RollBackStack(request) => {
                format!("roll {} back to release {}", request.stack, request.revision)
            }
            Self::Adopt(stack) => format!("adopt stack {stack}"),
            Self::CleanUp(_) => "clean up".to_owned(),
            Self::Recover(request) => request.title(),
            Self::ReleaseLease(driver) => format!("give back the lease on {}", driver.stack),
            Self::Scale { service, replicas } => format!("scale {} to {replicas}", service.name),
            Self::Restart { service } => format!("restart {}", service.name),
            Self::RollBackService { service } => format!("roll back {}", service.name),
            Self::RemoveService { service } => format!("remove {}", service.name),
            Self::SetAvailability { hostname, availability, .. } => {
                format!("{} {hostname}", verb(*availability))
            }
        }
    }

    /// Returns what is done, without to what, as `scale to 3`.
    pub fn action(&self) -> String {
        match self {
            Self::Deploy(_) => "deploy".to_owned(),
            Self::Stack(it) => it.verb().to_owned(),
            Self::RollBackStack(request) => format!("roll back to release {}", request.revision),
            Self::Adopt(_) => "adopt".to_owned(),
            Self::CleanUp(_) => "clean up".to_owned(),
            Self::Recover(request) => format!("{} release {}", request.way, request.revision),
            Self::ReleaseLease(_) => "give back the lease".to_owned(),
            Self::Scale { replicas, .. } => format!("scale to {replicas}"),
            Self::Restart { .. } => "restart".to_owned(),
            Self::RollBackService { .. } => "roll back".to_owned(),
            Self::RemoveService { .. } => "remove".to_owned(),
            Self::SetAvailability { availability, .. } => verb(*availability).to_owned(),
        }
    }

    /// Returns the stack that it names; of services only the engine knows theirs.
    pub fn stack(&self) -> Option<&StackName> {
        match self {
            Self::Deploy(order) => Some(&order.stack),
            Self::Stack(it) => Some(&it.stack),
            Self::RollBackStack(request) => Some(&request.stack),
            Self::Adopt(stack) => Some(stack),
            Self::Recover(request) => Some(&request.stack),
            Self::ReleaseLease(driver) => Some(&driver.stack),
            Self::CleanUp(_) | Self::SetAvailability { .. } => None,
            Self::Scale { .. } | Self::Restart { .. } => None,
            Self::RollBackService { .. } | Self::RemoveService { .. } => None,
        }
    }

    /// Returns what it is done to, as `service web`.
    pub fn object(&self) -> String {
        match self {
            Self::Deploy(order) => format!("stack {}", order.stack),
            Self::Stack(it) => format!("stack {}", it.stack),
            Self::RollBackStack(request) => format!("stack {}", request.stack),
            Self::Adopt(stack) => format!("stack {stack}"),
            Self::CleanUp(_) => "the swarm".to_owned(),
            Self::Recover(request) => format!("stack {}", request.stack),
            Self::ReleaseLease(driver) => format!("stack {}", driver.stack),
            Self::Scale { service, .. }
            | Self::Restart { service }
            | Self::RollBackService { service }
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
            Self::RollBackStack(request) => {
                format!("skep rollback {} {}", request.stack, request.revision)
            }
            Self::Adopt(stack) => format!("skep adopt {stack}"),
            Self::CleanUp(sweep) => sweep.command(),
            Self::Recover(request) => format!("skep recover {} --{}", request.stack, request.way),
            Self::ReleaseLease(driver) => format!("docker config rm {}", name(&driver.stack)),
            Self::Scale { service, replicas } => {
                format!("docker service scale {}={replicas}", service.name)
            }
            Self::Restart { service } => format!("docker service update --force {}", service.name),
            Self::RollBackService { service } => {
                format!("docker service rollback {}", service.name)
            }
            Self::RemoveService { service } => format!("docker service rm {}", service.name),
            Self::SetAvailability { hostname, availability, .. } => {
                format!("docker node update --availability {availability} {hostname}")
            }
        }
    }

    /// Returns whether it deploys, and so has a board to be watched on.
    pub fn deploys(&self) -> bool {
        matches!(self, Self::Deploy(_) | Self::RollBackStack(_) | Self::Recover(_))
    }

    /// Returns whether something is lost by it that a person should have meant: services,
    /// objects or data go, tasks stop without others in their place, or specs go back.
    /// Such a question wants more than an enter.
    pub fn destroys(&self) -> bool {
        match self {
            Self::Deploy(order) => order.prune,
            Self::Stack(whole) => match whole.action {
                StackAction::Remove | StackAction::Purge | StackAction::Stop => true,
                StackAction::Start => false,
            },
            Self::Scale { replicas, .. } => *replicas == 0 || *replicas > MANY_TASKS,
            Self::SetAvailability { availability, .. } => match availability {
                Availability::Drain => true,
                Availability::Active | Availability::Pause => false,
            },
            Self::Recover(request) => match request.way {
                RecoveryWay::Undo => true,
                RecoveryWay::Finish => false,
            },
            Self::RollBackStack(_) | Self::RollBackService { .. } => true,
            Self::RemoveService { .. } | Self::CleanUp(_) => true,
            Self::Restart { .. } | Self::Adopt(_) | Self::ReleaseLease(_) => false,
        }
    }

    /// Returns whether nobody can have back what is lost by it: content of volumes, and of
    /// secrets and configs that no file is known for.
    pub fn deletes_data(&self) -> bool {
        match self {
            Self::Stack(whole) => whole.action == StackAction::Purge,
            Self::CleanUp(_) => true,
            _ => false,
        }
    }

    /// Returns when it may be let go once it was asked to stop: a deployment takes back
    /// what it wrote.
    pub fn abandon_when(&self) -> AbandonWhen {
        if self.deploys() { AbandonWhen::NothingSent } else { AbandonWhen::Anytime }
    }

    /// Returns the names of what goes, where the title has only that of the whole.
    pub fn parts(&self) -> &[String] {
        match self {
            Self::Stack(it) if it.removes() => &it.parts,
            Self::CleanUp(sweep) => &sweep.parts,
            _ => &[],
        }
    }

    /// Returns what will happen, in one sentence.
    pub fn consequence(&self) -> &'static str {
        match self {
            Self::Deploy(order) if order.mode == Mode::Safe => {
                "Creates or updates what is in the file. If a service does not come up, everything is rolled back."
            }
            Self::Deploy(_) => {
                "Creates or updates what is in the file. What does not come up is left as it is."
            }
            Self::Stack(it) => it.consequence(),
            Self::RollBackStack(request) if request.mode == Mode::Safe => {
                "Services get the specs and digests of that release, and what came later is removed. If a service does not come up, everything is rolled back."
            }
            Self::RollBackStack(_) => {
                "Services get the specs and digests of that release, and what came later is removed. What does not come up is left as it is."
            }
            Self::CleanUp(_) => {
                "They are removed for good. What services use (or used before their last update) stays, and so does what a kept release needs. Releases of other machines are not known here."
            }
            Self::Adopt(_) => {
                "What runs now is recorded as its first release. Nothing in the cluster changes."
            }
            Self::Recover(request) => match request.way {
                RecoveryWay::Undo => {
                    "Everything it changed is rolled back: services get their old specs, what it created is removed, what it removed is created again. skep watches until that is done."
                }
                RecoveryWay::Finish => {
                    "The rest of it is deployed. If a service does not come up, everything is rolled back."
                }
            },
            Self::ReleaseLease(_) => {
                "Other deployments no longer wait for it. The stack stays as it is."
            }
            Self::Scale { replicas: 0, .. } => {
                "All its tasks stop; the service stays and can be scaled up again."
            }
            Self::Scale { replicas, .. } if *replicas > MANY_TASKS => {
                "That is probably more than the swarm can run: the engine would try to start them all."
            }
            Self::Scale { .. } => "Tasks start or stop until that many run.",
            Self::Restart { .. } => {
                "Every task is replaced, in the order and pace of its update_config."
            }
            Self::RollBackService { .. } => {
                "The service gets the spec from before the last update. Its tasks are replaced if that differs."
            }
            Self::RemoveService { .. } => {
                "Its tasks stop and the service is gone. Its volumes stay."
            }
            Self::SetAvailability { availability, .. } => of_tasks(*availability),
        }
    }

    /// Returns the service and the edit, where it is one edit of one service.
    pub fn changes_one(&self) -> Option<(&ServiceRef, Edit)> {
        match self {
            Self::Scale { service, replicas } => {
                Some((service, Edit::Scale { replicas: *replicas }))
            }
            Self::Restart { service } => Some((service, Edit::Restart)),
            Self::RollBackService { service } => Some((service, Edit::Nothing)),
            _ => None,
        }
    }
}

/// Returns what is done to a node for it to have an availability.
fn verb(availability: Availability) -> &'static str {
    match availability {
        Availability::Active => "activate",
        Availability::Pause => "pause",
        Availability::Drain => "drain",
    }
}

/// Returns what an availability means for the tasks of a node.
fn of_tasks(availability: Availability) -> &'static str {
    match availability {
        Availability::Active => "It takes tasks again; running tasks stay where they are.",
        Availability::Pause => "It keeps its tasks and takes no new ones.",
        Availability::Drain => "Its tasks stop, and start on other nodes where they fit.",
    }
}

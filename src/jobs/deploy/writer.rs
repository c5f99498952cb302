//! The writer of a deployment: turns its decisions into changes of the cluster.

use crate::{
    domain::{
        compose::{DesiredFile, Ids, bind_spec},
        deployment::{
            deploy::{Act, ObjectName, Write},
            plan::{LiveVersion, PlanStep, seen},
        },
        swarm::{
            change::{Applied, Change, Confidential},
            cluster::{Object, ObjectKind},
            names::ServiceId,
            objects::{AnyObject, PayloadObject, ServiceSpec},
            spec::{Edit, NewService, SpecError, UpdateBody},
        },
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, News,
        deploy::{
            DeployOrder,
            live::same,
            prepare::{Prepared, credentials},
            restore_point::RestorePoint,
        },
        retry::WRITE_ATTEMPTS,
    },
};
use serde_json::{Value, json};

/// Writes for one deployment.
pub struct Writer<'a> {
    pub engine: &'a dyn Engine,
    pub order: &'a DeployOrder,
    pub prepared: &'a Prepared,
    pub restore_point: &'a RestorePoint,
    pub context: &'a JobContext,
    /// The ids of all secrets and configs there are; grows with those created.
    pub ids: Ids,
}

impl Writer<'_> {
    /// Writes what the plan has for an object.
    pub async fn apply(&self, write: &Write) -> Answer<Applied> {
        let ObjectName { kind, name } = &write.object;
        let missing = || invalid(&write.object, "it is not in the plan");
        let step = self.step(&write.object).ok_or_else(missing)?;
        match (kind, write.act, &step.live) {
            (ObjectKind::Services, Act::Remove, Some(seen)) => {
                let id = seen.id.as_str().into();
                self.remove(&Change::RemoveService { id, name: name.clone() }).await
            }
            (ObjectKind::Services, _, seen) => {
                let wanted = self.prepared.desired.services.iter().find(|it| it.name == *name);
                let wanted = wanted.ok_or_else(missing)?;
                let mut spec = wanted.spec.clone();
                bind_spec(&wanted.key, &mut spec, &self.ids).map_err(|missing| {
                    let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
                    invalid(&write.object, &names.join("; "))
                })?;
                let planned = self.prepared.live.services.get(name).map(|it| AnyObject(it).spec());
                self.put(&write.object, spec, seen.as_ref(), planned).await
            }
            (ObjectKind::Networks, _, _) => {
                let body = step.body.clone().ok_or_else(missing)?;
                self.engine.apply(&Change::CreateNetwork { name: name.clone(), body }).await
            }
            (ObjectKind::Secrets | ObjectKind::Configs, _, seen) => {
                let desired = &self.prepared.desired;
                let mut files = desired.secrets.iter();
                if *kind == ObjectKind::Configs {
                    files = desired.configs.iter();
                }
                let file = files.find(|it| it.name == *name).ok_or_else(missing)?;
                self.engine.apply(&file_change(*kind, file, seen.as_ref())).await
            }
        }
    }

    /// Takes an earlier write back; `None` where nothing had to be written for that.
    /// It looks first, so that it can be repeated.
    pub async fn restore(&self, write: &Write) -> Answer<Option<Applied>> {
        let ObjectName { kind, name } = &write.object;
        let found = self.find(&write.object).await?;
        match (kind, write.act, &found) {
            (_, Act::Remove, None) => Ok(None),
            (_, Act::Remove, Some(found)) => {
                self.remove(&removal(*kind, name, found)).await.map(Some)
            }
            (ObjectKind::Services, _, found) => {
                let found = found.as_ref();
                let old = self.restore_point.services.get(name);
                let old =
                    old.ok_or_else(|| invalid(&write.object, "it is not known what it was"))?;
                if found
                    .is_some_and(|it| same(AnyObject(it).spec(), &old.spec, &self.prepared.live))
                {
                    return Ok(None);
                }
                let seen = found.and_then(seen);
                self.put(&write.object, old.spec.clone(), seen.as_ref(), None).await.map(Some)
            }
            (_, _, None) => Err(EngineError::NotFound { what: write.object.to_string() }),
            (_, _, Some(found)) => {
                let old = self.restore_point.labels.get(&write.object);
                let old =
                    old.ok_or_else(|| invalid(&write.object, "it is not known what it was"))?;
                if PayloadObject(found).labels().0 == old {
                    return Ok(None);
                }
                let body = json!({ "Name": name, "Labels": old });
                self.engine.apply(&relabel(*kind, name, found, body)).await.map(Some)
            }
        }
    }

    /// Finds an object of the stack.
    pub async fn find(&self, object: &ObjectName) -> Answer<Option<Value>> {
        let ObjectName { kind, name } = object;
        let all = self.engine.list(*kind, Some(self.order.stack.as_str())).await?;
        let named = |it: &Value| AnyObject(it).name() == Some(name.as_str());
        Ok(all.into_iter().find(named))
    }

    fn step(&self, object: &ObjectName) -> Option<&PlanStep> {
        let mut steps = self.prepared.plan.steps.iter();
        steps.find(|it| it.kind == object.kind && it.name == object.name)
    }

    /// Creates a service, or brings it to a spec. It may have been changed since it
    /// was `seen`, but not to anything other than was `planned`, where that matters.
    async fn put(
        &self,
        object: &ObjectName,
        spec: Value,
        seen: Option<&LiveVersion>,
        planned: Option<&Value>,
    ) -> Answer<Applied> {
        let refused = |err: SpecError| invalid(object, &err.to_string());
        let image = ServiceSpec(&spec).image().unwrap_or_default().to_owned();
        let (auth, without) = credentials(self.order, &image).await;
        if let Some(why) = without {
            self.context.say(News::Note(why));
        }
        // Specs of old clients may lack Placement; nothing else is touched.
        let body = UpdateBody::edit(&json!({ "Spec": spec }), &Edit::Nothing).map_err(refused)?;
        let Some(LiveVersion { id, version, .. }) = seen else {
            let spec = NewService::new(body.json().clone()).map_err(refused)?;
            return self.engine.apply(&Change::CreateService { spec, auth }).await;
        };
        let (id, name, mut version) = (ServiceId::from(id.as_str()), &object.name, *version);
        for attempt in 1.. {
            let (name, body) = (name.clone(), body.clone());
            let update =
                Change::UpdateService { id: id.clone(), name, version, body, auth: auth.clone() };
            match self.engine.apply(&update).await {
                Err(EngineError::OutOfSequence { what }) if attempt < WRITE_ATTEMPTS => {
                    let now = self.engine.inspect(&Object::Service(id.clone())).await?;
                    // Somebody else changed it after the plan was made: the plan is void.
                    if planned.is_some_and(|it| AnyObject(&now).spec() != it) {
                        return Err(EngineError::OutOfSequence { what });
                    }
                    version = AnyObject(&now).version().unwrap_or(version);
                }
                ended => return ended,
            }
        }
        Ok(Applied::default())
    }

    /// Removes something that may be gone already.
    async fn remove(&self, removal: &Change) -> Answer<Applied> {
        match self.engine.apply(removal).await {
            Err(EngineError::NotFound { .. }) => Ok(Applied::default()),
            ended => ended,
        }
    }
}

fn invalid(object: &ObjectName, why: &str) -> EngineError {
    EngineError::Invalid { what: object.to_string(), why: why.to_owned() }
}

fn removal(kind: ObjectKind, name: &str, found: &Value) -> Change {
    let name = name.to_owned();
    let id = AnyObject(found).id().unwrap_or_default().to_owned();
    match kind {
        ObjectKind::Services => Change::RemoveService { id: id.as_str().into(), name },
        ObjectKind::Networks => Change::RemoveNetwork { id, name },
        ObjectKind::Secrets => Change::RemoveSecret { id, name },
        ObjectKind::Configs => Change::RemoveConfig { id, name },
    }
}

fn relabel(kind: ObjectKind, name: &str, found: &Value, body: Value) -> Change {
    let (found, name) = (PayloadObject(found), name.to_owned());
    let id = found.id().unwrap_or_default().to_owned();
    let version = found.version().unwrap_or_default();
    match kind {
        ObjectKind::Secrets => Change::UpdateSecret { id, name, version, body: Confidential(body) },
        _ => Change::UpdateConfig { id, name, version, body },
    }
}

fn file_change(kind: ObjectKind, file: &DesiredFile, seen: Option<&LiveVersion>) -> Change {
    let (name, body) = (file.name.clone(), file.body.clone());
    let Confidential(plain) = &file.body;
    match (kind, seen.cloned()) {
        (ObjectKind::Secrets, None) => Change::CreateSecret { name, body },
        (ObjectKind::Secrets, Some(LiveVersion { id, version, .. })) => {
            Change::UpdateSecret { id, name, version, body }
        }
        (_, None) => Change::CreateConfig { name, body: plain.clone() },
        (_, Some(LiveVersion { id, version, .. })) => {
            Change::UpdateConfig { id, name, version, body: plain.clone() }
        }
    }
}

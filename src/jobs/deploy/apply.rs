//! Sends what a plan says: networks, secrets, configs, then services.

use crate::{
    domain::{
        change::{Change, Confidential},
        cluster::{Kind, Object},
        compose::{DesiredFile, DesiredService, Ids, bind},
        names::ServiceId,
        plan::{Effect, Step},
        spec::{NewService, UpdateBody},
    },
    engine::{Answer, Engine, EngineError},
    jobs::{
        JobContext, News, Verdict,
        deploy::{
            Order,
            prepare::{Prepared, credentials, text},
        },
    },
};
use serde_json::Value;
use std::collections::BTreeMap;

/// A service that is to be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub id: ServiceId,
    pub name: String,
    /// Whether anything was sent for it.
    pub touched: bool,
}

/// The updater raises the version of a service by itself; that is no conflict.
const WRITE_ATTEMPTS: usize = 4;

/// Sends everything; stops at the first refusal.
pub async fn apply(
    engine: &dyn Engine,
    order: &Order,
    mut prepared: Prepared,
    context: &JobContext,
) -> Result<Vec<Applied>, Verdict> {
    let steps = std::mem::take(&mut prepared.plan.steps);
    let mut sender = Sender { engine, order, context, done: 0 };
    let sent = async {
        sender.networks(&steps).await?;
        let ids = Ids {
            secrets: sender.files(Kind::Secrets, &steps, &prepared).await?,
            configs: sender.files(Kind::Configs, &steps, &prepared).await?,
        };
        bind(&mut prepared.desired, &ids).map_err(|missing| EngineError::Invalid {
            what: format!("stack {}", order.stack),
            why: missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        })?;
        sender.services(&steps, &prepared).await
    };
    sent.await.map_err(|err: EngineError| {
        let hint = || "what was sent before stays; deploy again once this is mended".to_owned();
        Verdict::Failed { why: err.to_string(), hint: Some(err.hint().unwrap_or_else(hint)) }
    })
}

struct Sender<'a> {
    engine: &'a dyn Engine,
    order: &'a Order,
    context: &'a JobContext,
    done: usize,
}

impl Sender<'_> {
    async fn networks(&mut self, steps: &[Step]) -> Answer<()> {
        let new =
            steps.iter().filter(|it| it.kind == Kind::Networks && it.effect == Effect::Create);
        for step in new {
            let Some(body) = step.body.clone() else { continue };
            self.send(&Change::CreateNetwork { name: step.name.clone(), body }).await?;
        }
        Ok(())
    }

    /// Creates or updates the secrets or configs; returns the ids of all there are.
    async fn files(
        &mut self,
        kind: Kind,
        steps: &[Step],
        prepared: &Prepared,
    ) -> Answer<BTreeMap<String, String>> {
        let (wanted, there) = match kind {
            Kind::Secrets => (&prepared.desired.secrets, &prepared.live.secrets),
            _ => (&prepared.desired.configs, &prepared.live.configs),
        };
        let mut ids: BTreeMap<String, String> =
            there.iter().map(|(name, it)| (name.clone(), text(&it["ID"]))).collect();
        let touched = steps.iter().filter(|it| it.kind == kind && it.effect != Effect::Unchanged);
        for step in touched {
            let Some(file) = wanted.iter().find(|it| it.name == step.name) else { continue };
            if let Some(id) = self.send(&file_change(kind, file, step)).await? {
                ids.insert(file.name.clone(), id);
            }
        }
        Ok(ids)
    }

    async fn services(&mut self, steps: &[Step], prepared: &Prepared) -> Answer<Vec<Applied>> {
        let mut applied = Vec::new();
        for service in &prepared.desired.services {
            let step = steps.iter().find(|it| it.kind == Kind::Services && it.name == service.name);
            let Some(step) = step else { continue };
            let touched = step.effect != Effect::Unchanged;
            let created = if touched { self.service(service, step, prepared).await? } else { None };
            let id =
                created.or_else(|| step.live.as_ref().map(|it| it.id.clone())).unwrap_or_default();
            applied.push(Applied { id: id.as_str().into(), name: service.name.clone(), touched });
        }
        Ok(applied)
    }

    async fn service(
        &mut self,
        service: &DesiredService,
        step: &Step,
        prepared: &Prepared,
    ) -> Answer<Option<String>> {
        let refused =
            |why: String| EngineError::Invalid { what: format!("service {}", service.name), why };
        let image = text(&service.spec["TaskTemplate"]["ContainerSpec"]["Image"]);
        let auth = credentials(self.order, &image).await;
        let Some(seen) = &step.live else {
            let spec =
                NewService::new(service.spec.clone()).map_err(|err| refused(err.to_string()))?;
            return self.send(&Change::CreateService { spec, auth }).await;
        };
        let body =
            UpdateBody::replace(service.spec.clone()).map_err(|err| refused(err.to_string()))?;
        let (id, name) = (ServiceId::from(seen.id.as_str()), service.name.clone());
        let planned = prepared.live.services.get(&name).map_or(&Value::Null, |it| &it["Spec"]);
        let mut version = seen.version;
        for _ in 1..WRITE_ATTEMPTS {
            let update = Change::UpdateService {
                id: id.clone(),
                name: name.clone(),
                version,
                body: body.clone(),
                auth: auth.clone(),
            };
            match self.send(&update).await {
                Err(EngineError::OutOfSequence { what }) => {
                    let now = self.engine.inspect(&Object::Service(id.clone())).await?;
                    // Somebody else changed it after the plan was made: the plan is void.
                    if now["Spec"] != *planned {
                        return Err(EngineError::OutOfSequence { what });
                    }
                    version = now["Version"]["Index"].as_u64().unwrap_or(version);
                }
                ended => return ended,
            }
        }
        let last = Change::UpdateService { id, name, version, body, auth };
        self.send(&last).await
    }

    async fn send(&mut self, change: &Change) -> Answer<Option<String>> {
        self.context.say(News::Step { done: self.done, doing: change.to_string() });
        let applied = self.engine.apply(change).await?;
        applied.warnings.into_iter().for_each(|it| self.context.say(News::Note(it)));
        self.done += 1;
        Ok(applied.id)
    }
}

fn file_change(kind: Kind, file: &DesiredFile, step: &Step) -> Change {
    let name = file.name.clone();
    let Confidential(plain) = &file.body;
    match (kind, &step.live) {
        (Kind::Secrets, None) => Change::CreateSecret { name, body: file.body.clone() },
        (Kind::Secrets, Some(seen)) => Change::UpdateSecret {
            id: seen.id.clone(),
            name,
            version: seen.version,
            body: file.body.clone(),
        },
        (_, None) => Change::CreateConfig { name, body: plain.clone() },
        (_, Some(seen)) => Change::UpdateConfig {
            id: seen.id.clone(),
            name,
            version: seen.version,
            body: plain.clone(),
        },
    }
}

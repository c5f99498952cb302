//! Services: how they are created, updated, rolled back and removed.

use crate::{
    domain::swarm::{
        change::{Applied, RegistryAuth},
        cluster::Update,
        names::ServiceId,
        objects::ServiceSpec,
        states::UpdateState,
    },
    engine::fake::{
        swarm::{
            Swarm,
            service::{ServiceRecord, differences, mode_of},
            template::TaskTemplate,
        },
        writing::{check, refusal::Refusal},
    },
};
use serde_json::Value;
use std::{collections::BTreeMap, mem::discriminant, sync::Arc};

/// `{}` in base64, which clients send when they know no credentials.
pub const NO_CREDENTIALS: &str = "e30=";

impl Swarm {
    pub fn create_service(&mut self, spec: &Value) -> Result<Applied, Refusal> {
        check::service_spec(spec)?;
        let name = ServiceSpec(spec).name().unwrap_or_default().to_owned();
        let stored = self.stored(spec)?;
        self.check_ports(&stored, None)?;
        if self.service_named(&name).is_some() {
            return Err(Refusal::Conflict(format!(
                "name conflicts with an existing object: service {name} already exists"
            )));
        }
        let id = ServiceId::from(self.random.id().as_str());
        let (version, now) = (self.bump(), self.now);
        let record = ServiceRecord {
            id: id.clone(),
            version,
            created: now,
            updated: now,
            template: Arc::new(TaskTemplate::read(&stored)),
            spec: stored,
            previous: None,
            update: None,
            ports: Vec::new(),
            addresses: Vec::new(),
            iteration: None,
            last_run: None,
            credentials: false,
            fresh: true,
            rollout: None,
            restarts: BTreeMap::new(),
        };
        self.services.insert(id.clone(), record);
        self.start_run(&id);
        self.tell("service", "create", id.as_str(), &name, BTreeMap::new());
        self.reconcile_soon(&id);
        Ok(Applied { id: Some(id.as_str().to_owned()), warnings: Vec::new() })
    }

    pub fn update_service(
        &mut self,
        id: &ServiceId,
        version: u64,
        spec: &Value,
    ) -> Result<Applied, Refusal> {
        check::service_spec(spec)?;
        let stored = self.stored(spec)?;
        let service = self.services.get(id).ok_or(Refusal::NotFound(None))?;
        let (before, after) = (ServiceSpec(&service.spec), ServiceSpec(&stored));
        if before.endpoint() != after.endpoint() {
            self.check_ports(&stored, Some(id))?;
        }
        if before.name() != after.name() {
            return Err(Refusal::Failed("renaming services is not supported".to_owned()));
        }
        if discriminant(&service.mode()) != discriminant(&mode_of(&stored)) {
            return Err(Refusal::Failed("service mode change is not allowed".to_owned()));
        }
        if service.version != version {
            return Err(Refusal::OutOfSequence);
        }
        let previous = service.spec.clone();
        self.write_spec(id, stored, previous, None);
        Ok(Applied::default())
    }

    /// Exchanges the spec for the previous one, as engines do when asked to; when
    /// the updater goes back by itself, the previous spec is gone.
    pub fn roll_back_service(&mut self, id: &ServiceId, version: u64) -> Result<Applied, Refusal> {
        let service = self.services.get_mut(id).ok_or(Refusal::NotFound(None))?;
        let Some(previous) = service.previous.clone() else {
            return Err(Refusal::invalid(format!("service {id} does not have a previous spec")));
        };
        if service.version != version {
            return Err(Refusal::OutOfSequence);
        }
        let current = service.spec.clone();
        let update = Update {
            state: UpdateState::RollbackStarted.into(),
            message: "manually requested rollback".to_owned(),
            started: Some(self.now),
            completed: None,
        };
        self.write_spec(id, previous, current, Some(update));
        Ok(Applied::default())
    }

    /// Keeps credentials for pulling; where a write brings none, the last ones
    /// stay.
    pub fn keep_credentials(&mut self, id: &ServiceId, auth: Option<&RegistryAuth>) {
        if let (Some(service), Some(auth)) = (self.services.get_mut(id), auth) {
            service.credentials = auth.0 != NO_CREDENTIALS;
        }
    }

    pub fn remove_service(&mut self, id: &ServiceId) -> Result<Applied, Refusal> {
        let service = self.services.remove(id).ok_or(Refusal::NotFound(None))?;
        self.tell("service", "remove", id.as_str(), service.name(), BTreeMap::new());
        self.dismiss(id, |_| true);
        self.reconcile_soon(id);
        Ok(Applied::default())
    }

    fn write_spec(&mut self, id: &ServiceId, spec: Value, previous: Value, update: Option<Update>) {
        let (version, now) = (self.bump(), self.now);
        let Some(service) = self.services.get_mut(id) else { return };
        let mut told = differences(&previous, &spec);
        if let Some(update) = &update {
            told.insert("updatestate.new".to_owned(), update.state.to_string());
            let old = service
                .update
                .take()
                .map(|it| ("updatestate.old".to_owned(), it.state.to_string()));
            told.extend(old);
        }
        let template = TaskTemplate::read(&spec);
        if !service.template.same(&template) {
            service.template = Arc::new(template);
        }
        service.spec = spec;
        service.previous = Some(previous);
        service.update = update;
        service.rollout = None;
        service.restarts.clear();
        service.version = version;
        service.updated = now;
        service.fresh = true;
        let name = service.name().to_owned();
        self.start_run(id);
        self.tell("service", "update", id.as_str(), &name, told);
        self.reconcile_soon(id);
    }

    /// Counts a job's runs: every write is a new one.
    fn start_run(&mut self, id: &ServiceId) {
        let now = self.now;
        let Some(service) = self.services.get_mut(id).filter(|it| it.is_job()) else { return };
        service.iteration = Some(service.iteration.map_or(0, |it| it + 1));
        service.last_run = Some(now);
    }
}

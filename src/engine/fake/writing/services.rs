//! Services: how they are created, updated, rolled back and removed.

use crate::{
    domain::{change::Applied, cluster::Mode, names::ServiceId},
    engine::fake::{
        swarm::Swarm,
        swarm::record::{ServiceRecord, mode_of},
        swarm::template::Template,
        writing::check,
        writing::refusal::Refusal,
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, mem::discriminant, sync::Arc};

impl Swarm {
    pub fn create_service(&mut self, spec: &Value) -> Result<Applied, Refusal> {
        check::service_spec(spec)?;
        let name = spec["Name"].as_str().unwrap_or_default().to_owned();
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
            template: Arc::new(Template::read(&stored)),
            spec: stored,
            previous: None,
            update: None,
            ports: Vec::new(),
            iteration: None,
            last_run: None,
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
        if service.spec["EndpointSpec"] != stored["EndpointSpec"] {
            self.check_ports(&stored, Some(id))?;
        }
        if service.spec["Name"] != stored["Name"] {
            return Err(Refusal::invalid("renaming services is not supported"));
        }
        if discriminant(&service.mode()) != discriminant(&mode_of(&stored)) {
            return Err(Refusal::Failed("service mode change is not allowed".to_owned()));
        }
        if service.version != version {
            return Err(Refusal::OutOfSequence);
        }
        let previous = service.spec.clone();
        self.write_spec(id, stored, previous);
        Ok(Applied::default())
    }

    /// Exchanges the spec for the previous one, which is empty afterwards.
    pub fn roll_back_service(&mut self, id: &ServiceId, version: u64) -> Result<Applied, Refusal> {
        let service = self.services.get_mut(id).ok_or(Refusal::NotFound(None))?;
        let Some(previous) = service.previous.clone() else {
            return Err(Refusal::invalid(format!("service {id} does not have a previous spec")));
        };
        if service.version != version {
            return Err(Refusal::OutOfSequence);
        }
        let current = service.spec.clone();
        self.write_spec(id, previous, current);
        if let Some(service) = self.services.get_mut(id) {
            service.previous = None;
        }
        self.set_update(id, "rollback_started", "manually requested rollback");
        Ok(Applied::default())
    }

    pub fn remove_service(&mut self, id: &ServiceId) -> Result<Applied, Refusal> {
        let service = self.services.remove(id).ok_or(Refusal::NotFound(None))?;
        self.tell("service", "remove", id.as_str(), service.name(), BTreeMap::new());
        self.dismiss(id, |_| true);
        self.reconcile_soon(id);
        Ok(Applied::default())
    }

    /// Gives a service that the updater has not seen its ports, and the next
    /// version: what was read before is stale now.
    pub fn allocate(&mut self, id: &ServiceId) {
        let version = self.bump();
        let taken = self.taken_ports(Some(id));
        let Some(service) = self.services.get_mut(id) else { return };
        service.version = version;
        let mut free = (30_000..).filter(|it| !taken.contains_key(&(*it, "tcp".to_owned())));
        let wanted = service.spec["EndpointSpec"]["Ports"].as_array().cloned().unwrap_or_default();
        let old = std::mem::take(&mut service.ports);
        for mut port in wanted {
            if port["PublishedPort"].as_u64().is_none() && port["PublishMode"] != "host" {
                let kept = old.iter().find(|it| it["TargetPort"] == port["TargetPort"]);
                let kept = kept.and_then(|it| it["PublishedPort"].as_u64());
                port["PublishedPort"] = json!(kept.or_else(|| free.next()));
            }
            service.ports.push(port);
        }
    }

    fn write_spec(&mut self, id: &ServiceId, spec: Value, previous: Value) {
        let (version, now) = (self.bump(), self.now);
        let Some(service) = self.services.get_mut(id) else { return };
        let told = differences(&previous, &spec);
        let template = Template::read(&spec);
        if !service.template.same(&template) {
            service.template = Arc::new(template);
        }
        service.spec = spec;
        service.previous = Some(previous);
        service.update = None;
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

    fn check_ports(&self, spec: &Value, own: Option<&ServiceId>) -> Result<(), Refusal> {
        let taken = self.taken_ports(own);
        for port in spec["EndpointSpec"]["Ports"].as_array().into_iter().flatten() {
            let Some(number) = port["PublishedPort"].as_u64() else { continue };
            let protocol = port["Protocol"].as_str().unwrap_or("tcp").to_owned();
            let host = port["PublishMode"] == "host";
            let Some((user, hosted)) = taken.get(&(number, protocol)) else { continue };
            // Two services may both publish a port on their nodes; the scheduler
            // keeps them apart.
            if host && *hosted {
                continue;
            }
            let service = self.services.get(user).map_or("", |it| it.name());
            let kind = if *hosted { "a host-published port" } else { "an ingress port" };
            return Err(Refusal::Conflict(format!(
                "port '{number}' is already in use by service '{service}' ({user}) as {kind}"
            )));
        }
        Ok(())
    }

    /// Returns published ports with their service, and whether they are
    /// published on nodes only.
    fn taken_ports(
        &self,
        except: Option<&ServiceId>,
    ) -> BTreeMap<(u64, String), (ServiceId, bool)> {
        let others = self.services.values().filter(|it| Some(&it.id) != except);
        let ports = others.flat_map(|service| {
            let spec = service.spec["EndpointSpec"]["Ports"].as_array().into_iter().flatten();
            spec.chain(&service.ports).map(move |port| (service, port))
        });
        ports
            .filter_map(|(service, port)| {
                let key = (port["PublishedPort"].as_u64()?, port["Protocol"].as_str()?.to_owned());
                Some((key, (service.id.clone(), port["PublishMode"] == "host")))
            })
            .collect()
    }
}

/// What the engine tells of a change of a spec.
fn differences(old: &Value, new: &Value) -> BTreeMap<String, String> {
    let mut told = BTreeMap::new();
    let image =
        |spec: &Value| spec["TaskTemplate"]["ContainerSpec"]["Image"].as_str().map(str::to_owned);
    let replicas = |spec: &Value| match mode_of(spec) {
        Mode::Replicated { replicas } => Some(replicas.to_string()),
        _ => None,
    };
    for (key, old, new) in
        [("image", image(old), image(new)), ("replicas", replicas(old), replicas(new))]
    {
        if old != new {
            told.extend(old.map(|it| (format!("{key}.old"), it)));
            told.extend(new.map(|it| (format!("{key}.new"), it)));
        }
    }
    told
}

//! Sends a stack: networks, secrets, configs, and then services by name.

use crate::{
    domain::{
        change::{Change, Confidential, RegistryAuth},
        cluster::Kind,
        compose::{Desired, DesiredService, Ids, bind},
        names::ServiceId,
        resolve::{ImageSource, keep, pin},
        spec::{NewService, UpdateBody},
    },
    engine::{Answer, Engine, EngineError},
    jobs::{JobContext, News, Verdict, deploy::Order, registry, service::failed},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// A service that was created or updated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub id: ServiceId,
    pub name: String,
}

/// Sends everything; stops at the first refusal and says what was done by then.
pub async fn apply(
    engine: &dyn Engine,
    order: &Order,
    mut desired: Desired,
    context: &JobContext,
) -> Result<Vec<Applied>, Verdict> {
    let found = Found::read(engine, order).await.map_err(|err| failed(&err))?;
    found.check(&desired)?;
    let mut sender = Sender { engine, order, context, done: 0 };
    let result = async {
        sender.networks(&desired, &found).await?;
        let ids = Ids {
            secrets: sender.files(&desired, &found, Which::Secrets).await?,
            configs: sender.files(&desired, &found, Which::Configs).await?,
        };
        bind(&mut desired, &ids).map_err(|missing| {
            let why = missing.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            EngineError::Invalid { what: format!("stack {}", order.stack), why }
        })?;
        sender.services(desired.services, &found).await
    };
    result.await.map_err(|err: EngineError| Verdict::Failed {
        why: err.to_string(),
        hint: err.hint().or_else(|| {
            Some("what was sent before stays; deploy again once this is mended".to_owned())
        }),
    })
}

/// What is in the cluster already.
struct Found {
    services: BTreeMap<String, Value>,
    /// Networks of this stack, by name.
    own_networks: Vec<String>,
    /// All networks: name and scope.
    networks: BTreeMap<String, String>,
    secrets: BTreeMap<String, Value>,
    configs: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Secrets,
    Configs,
}

/// Networks that every engine has, and nobody has to make.
const PREDEFINED: [&str; 4] = ["default", "bridge", "host", "none"];

impl Found {
    async fn read(engine: &dyn Engine, order: &Order) -> Answer<Self> {
        let stack = Some(order.stack.as_str());
        let (services, own, networks, secrets, configs) = tokio::try_join!(
            engine.list(Kind::Services, stack),
            engine.list(Kind::Networks, stack),
            engine.list(Kind::Networks, None),
            engine.list(Kind::Secrets, None),
            engine.list(Kind::Configs, None),
        )?;
        let scope = |it: Value| (text(&it["Name"]), text(&it["Scope"]));
        Ok(Self {
            services: by_name(services),
            own_networks: own.iter().map(|it| text(&it["Name"])).collect(),
            networks: networks.into_iter().map(scope).collect(),
            secrets: by_name(secrets),
            configs: by_name(configs),
        })
    }

    /// Refuses what the engine would refuse half way through.
    fn check(&self, desired: &Desired) -> Result<(), Verdict> {
        for network in &desired.externals {
            let name = network.name.as_str();
            if PREDEFINED.contains(&name) || name.starts_with("container:") {
                continue;
            }
            let why = match self.networks.get(name).map(String::as_str) {
                Some("swarm") => continue,
                Some(scope) => {
                    format!("is in the scope `{scope}`, and services need one in the scope `swarm`")
                }
                None => "could not be found".to_owned(),
            };
            return Err(Verdict::Failed {
                why: format!("network `{name}` is declared as external, but {why}"),
                hint: Some(format!("create it: docker network create --driver overlay {name}")),
            });
        }
        Ok(())
    }
}

struct Sender<'a> {
    engine: &'a dyn Engine,
    order: &'a Order,
    context: &'a JobContext,
    done: usize,
}

impl Sender<'_> {
    async fn networks(&mut self, desired: &Desired, found: &Found) -> Answer<()> {
        for network in desired.networks.iter().filter(|it| !found.own_networks.contains(&it.name)) {
            let change =
                Change::CreateNetwork { name: network.name.clone(), body: network.body.clone() };
            self.send(&change).await?;
        }
        Ok(())
    }

    /// Creates or updates the secrets or configs; returns the ids of all there are.
    async fn files(
        &mut self,
        desired: &Desired,
        found: &Found,
        which: Which,
    ) -> Answer<BTreeMap<String, String>> {
        let (wanted, there) = match which {
            Which::Secrets => (&desired.secrets, &found.secrets),
            Which::Configs => (&desired.configs, &found.configs),
        };
        let mut ids: BTreeMap<String, String> =
            there.iter().map(|(name, it)| (name.clone(), text(&it["ID"]))).collect();
        for file in wanted {
            let live = there.get(&file.name);
            if live.is_some_and(|it| same_file(it, &file.body.0, which)) {
                continue;
            }
            let change = file_change(&file.name, &file.body, live, which);
            if let Some(id) = self.send(&change).await? {
                ids.insert(file.name.clone(), id);
            }
        }
        Ok(ids)
    }

    async fn services(
        &mut self,
        services: Vec<DesiredService>,
        found: &Found,
    ) -> Answer<Vec<Applied>> {
        let mut applied = Vec::new();
        for service in services {
            let live = found.services.get(&service.name);
            let change = self.service_change(service.spec.clone(), live).await?;
            let created = self.send(&change).await?;
            let id = created.or_else(|| live.map(|it| text(&it["ID"]))).unwrap_or_default();
            applied.push(Applied { id: id.as_str().into(), name: service.name });
        }
        Ok(applied)
    }

    async fn service_change(&self, mut spec: Value, live: Option<&Value>) -> Answer<Change> {
        let image = text(&spec["TaskTemplate"]["ContainerSpec"]["Image"]);
        let auth = if self.order.with_registry_auth {
            Some(registry::credentials(&image).await)
        } else {
            None
        };
        let source = self.order.resolve.source(&spec, live);
        if let Some(live) = live {
            keep(&mut spec, live, &source);
        }
        if let ImageSource::Registry(image) = source {
            self.pin(&mut spec, &image, auth.as_ref()).await;
        }
        let name = text(&spec["Name"]);
        let refused = |why: String| EngineError::Invalid { what: format!("service {name}"), why };
        let Some(live) = live else {
            let spec = NewService::new(spec).map_err(|err| refused(err.to_string()))?;
            return Ok(Change::CreateService { spec, auth });
        };
        let body = UpdateBody::replace(spec).map_err(|err| refused(err.to_string()))?;
        let version = live["Version"]["Index"]
            .as_u64()
            .ok_or_else(|| refused("it has no version".to_owned()))?;
        Ok(Change::UpdateService {
            id: text(&live["ID"]).as_str().into(),
            name,
            version,
            body,
            auth,
        })
    }

    /// A registry that does not answer is no reason to stop: docker deploys the
    /// tag then, and so do we, and say so.
    async fn pin(&self, spec: &mut Value, image: &str, auth: Option<&RegistryAuth>) {
        let said = self.engine.distribution(image, auth).await;
        let why = match said {
            Ok(said) if pin(spec, image, &said) => return,
            Ok(_) => "the registry names no digest".to_owned(),
            Err(err) => err.to_string(),
        };
        let note = format!(
            "image {image} could not be pinned to a digest, nodes may run different versions: {why}"
        );
        self.context.say(News::Note(note));
    }

    async fn send(&mut self, change: &Change) -> Answer<Option<String>> {
        self.context.say(News::Step { done: self.done, doing: change.to_string() });
        let applied = self.engine.apply(change).await?;
        applied.warnings.into_iter().for_each(|it| self.context.say(News::Note(it)));
        self.done += 1;
        Ok(applied.id)
    }
}

fn file_change(
    name: &str,
    body: &Confidential<Value>,
    live: Option<&Value>,
    which: Which,
) -> Change {
    let name = name.to_owned();
    let place = live.map(|it| (text(&it["ID"]), it["Version"]["Index"].as_u64().unwrap_or(0)));
    match (which, place) {
        (Which::Secrets, None) => Change::CreateSecret { name, body: body.clone() },
        (Which::Secrets, Some((id, version))) => {
            Change::UpdateSecret { id, name, version, body: body.clone() }
        }
        (Which::Configs, None) => Change::CreateConfig { name, body: body.0.clone() },
        (Which::Configs, Some((id, version))) => {
            Change::UpdateConfig { id, name, version, body: body.0.clone() }
        }
    }
}

/// Only a config's data can be read back; of a secret, labels are all there is
/// to compare, so it is sent and the engine says if its data differ.
fn same_file(live: &Value, desired: &Value, which: Which) -> bool {
    let spec = &live["Spec"];
    which == Which::Configs
        && spec["Data"] == desired["Data"]
        && spec["Labels"] == desired["Labels"]
}

fn by_name(objects: Vec<Value>) -> BTreeMap<String, Value> {
    objects.into_iter().map(|it| (text(&it["Spec"]["Name"]), it)).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

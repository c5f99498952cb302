//! Write requests of the fake, and refusals.

pub mod check;
pub mod normal;
pub mod services;
pub mod payloads;
pub mod ports;
pub mod networks;
pub mod nodes;
pub mod refusal;

use crate::{
    domain::swarm::{
        change::{Applied, Change},
        names::ServiceId,
    },
    engine::fake::{
        swarm::Swarm,
        writing::{payloads::Payload, refusal::Refusal},
    },
};

impl Swarm {
    /// Makes a change, or refuses it as an engine would.
    pub fn write(&mut self, change: &Change) -> Result<Applied, Refusal> {
        match change {
            Change::CreateService { spec, auth } => {
                let applied = self.create_service(spec.json())?;
                let id = ServiceId::from(applied.id.as_deref().unwrap_or_default());
                self.keep_credentials(&id, auth.as_ref());
                Ok(applied)
            }
            Change::UpdateService { id, version, body, auth, .. } => {
                let applied = self.update_service(id, *version, body.json())?;
                self.keep_credentials(id, auth.as_ref());
                Ok(applied)
            }
            Change::RollBackService { id, version, .. } => self.roll_back_service(id, *version),
            Change::RemoveService { id, .. } => self.remove_service(id),
            Change::UpdateNode { id, version, spec, .. } => self.update_node(id, *version, spec),
            Change::CreateNetwork { body, .. } => self.create_network(body),
            Change::RemoveNetwork { id, .. } => self.remove_network(id),
            Change::CreateSecret { body, .. } => self.create_payload(Payload::Secret, &body.0),
            Change::UpdateSecret { id, version, body, .. } => {
                self.update_payload(Payload::Secret, id, *version, &body.0)
            }
            Change::RemoveSecret { id, .. } => self.remove_payload(Payload::Secret, id),
            Change::CreateConfig { body, .. } => self.create_payload(Payload::Config, body),
            Change::UpdateConfig { id, version, body, .. } => {
                self.update_payload(Payload::Config, id, *version, body)
            }
            Change::RemoveConfig { id, .. } => self.remove_payload(Payload::Config, id),
            Change::RemoveVolume { name } => {
                let before = self.volumes.len();
                self.volumes.retain(|it| it.0 != *name);
                let is_gone = self.volumes.len() < before;
                is_gone.then(Applied::default).ok_or(Refusal::NotFound(None))
            }
        }
    }
}

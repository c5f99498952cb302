//! A stack of a project with all inputs of a deployment.

use crate::domain::{
    compose::{
        At, Desired, DesiredNetwork, Files, Finding, Place, Stack, codes, notices,
        policy::{Added, Layer, Naming, Outcome, Policy, SharedNetwork, apply},
    },
    project::{Inputs, Secrets, SettingName, StackPath, Value, Values, VariableOrigin},
    swarm::{change::Confidential, names::StackName},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

/// What a project adds to the files of one of its stacks.
#[derive(Debug, Clone)]
pub struct ProjectStack {
    pub path: StackPath,
    pub swarm: StackName,
    /// The docker context it lives in, where it matters.
    pub context: Option<String>,
    pub values: Values,
    /// Values that beat the files, by service and name.
    pub environment: BTreeMap<String, BTreeMap<String, Value>>,
    /// From the outside in.
    pub policies: Vec<(String, Policy)>,
    pub inputs: Inputs,
    /// Must not be shown, whatever they became a part of.
    pub secrets: Secrets,
    /// The files themselves, by absolute path, where the state keeps them.
    pub kept: Option<KeptFiles>,
    /// What is wrong with files of variables.
    pub findings: Vec<Finding>,
}

/// Files that are on no disk.
#[derive(Debug, Clone, Default)]
pub struct KeptFiles(pub BTreeMap<PathBuf, Confidential<Vec<u8>>>);

impl Files for KeptFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = self.0.get(path).map(|it| it.0.clone());
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.contains_key(path) || self.0.keys().any(|it| it.starts_with(path))
    }
}

impl ProjectStack {
    /// Lays settings and policies over what the files say.
    pub fn adjust(&self, stack: &mut Stack) -> Outcome {
        let missing = self.set_environment(stack);
        let layers: Vec<Layer<'_>> =
            self.policies.iter().map(|(by, policy)| Layer { by: by.clone(), policy }).collect();
        let naming = Naming {
            project: self.path.project.as_str(),
            environment: self.path.environment.as_str(),
            stack: self.path.stack.as_str(),
            swarm: &self.swarm,
        };
        let mut outcome = apply(stack, &layers, &naming);
        outcome.findings.extend(missing);
        outcome.findings.extend(self.findings.iter().cloned());
        outcome
    }

    /// Turns warnings into errors that a policy wants refused; the innermost policy that
    /// says anything about it counts.
    pub fn refuse(&self, findings: &mut [Finding]) {
        let build =
            self.policies.iter().rev().find_map(|it| it.1.strict.as_ref()?.build.as_deref());
        if build == Some("refuse") {
            for finding in findings.iter_mut().filter(|it| notices::is_build(it)) {
                finding.code = &codes::STRICT_BUILD;
            }
        }
    }

    /// Returns what is wrong: values for services that the files do not have.
    fn set_environment(&self, stack: &mut Stack) -> Vec<Finding> {
        let mut missing = Vec::new();
        for (key, values) in &self.environment {
            let Some(service) = stack.services.get_mut(key) else {
                let names: Vec<&str> = values.keys().map(String::as_str).collect();
                let message = format!(
                    "{} is set for service `{key}`, which the files do not have",
                    names.join(", ")
                );
                let remove = |(name, value): (&String, &Value)| match &value.origin {
                    VariableOrigin::Owner(owner) => {
                        let (service, name) = (Some(key.clone()), name.clone());
                        let arguments = SettingName { service, name }.arguments();
                        Some(format!("`skep var unset {owner} {arguments}`"))
                    }
                    VariableOrigin::Process | VariableOrigin::EnvFile(_) => None,
                };
                let removes: Vec<String> = values.iter().filter_map(remove).collect();
                let hint = format!("remove it with {}", removes.join(" and "));
                missing.push(Finding::new(&codes::OVERRIDE, Place::whole(0), message).hint(hint));
                continue;
            };
            for (name, value) in values {
                let place = service.environment.get(name).map_or(service.place, |it| it.place);
                let text = At::new(Some(value.text.0.clone()), place);
                service.environment.insert(name.clone(), text);
            }
        }
        missing
    }
}

/// Has networks made that belong to no stack: to the model they are those of others.
pub fn share(desired: &mut Desired, networks: &[SharedNetwork]) {
    for shared in networks {
        let Some(at) = desired.externals.iter().position(|it| it.name == shared.name) else {
            continue;
        };
        let found = desired.externals.remove(at);
        let body = json!({
            "Name": shared.name,
            "Driver": "overlay",
            "Labels": shared.labels,
        });
        let own = DesiredNetwork {
            key: found.key,
            name: found.name,
            body,
            pools: Vec::new(),
            place: found.place,
        };
        desired.networks.push(own);
    }
}

/// Says what a policy added, as `web: deploy.update_config.order: start-first`.
pub fn words(added: &Added) -> String {
    let of = added.service.as_ref().map(|it| format!("{it}: ")).unwrap_or_default();
    format!("{of}{}: {}", added.field, added.value)
}

//! The deploying machine's part of a stack: variables, env files, paths.

use crate::domain::compose::{
    codes, env_file,
    finding::{Finding, Findings},
    model::{ComposeService, Stack},
    paths,
    place::At,
    source::{Surroundings, why},
};
use std::{collections::BTreeMap, path::Path, sync::Arc};

/// Puts what the surroundings know into a stack.
pub fn resolve(
    stack: &mut Stack,
    surroundings: &Surroundings<'_>,
    files: &mut Vec<Arc<str>>,
    findings: &mut Findings,
) {
    let mut resolver = Resolver { surroundings, files, findings };
    for service in stack.services.values_mut() {
        resolver.environment(service);
        resolver.binds(service);
    }
    for object in stack.secrets.values_mut().chain(stack.configs.values_mut()) {
        if !object.external && object.driver.is_empty() && !object.file.is_empty() {
            object.file.value = paths::absolute(surroundings.working_dir, &object.file);
        }
    }
}

type Environment = BTreeMap<String, At<Option<String>>>;

struct Resolver<'a, 'f> {
    surroundings: &'a Surroundings<'a>,
    files: &'f mut Vec<Arc<str>>,
    findings: &'f mut Findings,
}

impl Resolver<'_, '_> {
    /// Lays the service's own variables over those of its files.
    fn environment(&mut self, service: &mut ComposeService) {
        let mut environment = Environment::new();
        for file in &service.env_files {
            environment.extend(self.env_file(file));
        }
        self.fill(&mut environment);
        let mut own = std::mem::take(&mut service.environment);
        self.fill(&mut own);
        environment.extend(own);
        for (key, value) in environment.iter().filter(|it| it.1.is_none()) {
            let message =
                format!("variable {key} is not set: the container gets its name without a value");
            self.findings.say(&codes::ENV_BARE, value.place, message);
        }
        service.environment = environment;
    }

    /// Gives values to what has none, or an empty one.
    fn fill(&mut self, environment: &mut Environment) {
        for (key, value) in environment {
            let Some(known) = self.surroundings.environment.get(key) else { continue };
            match value.as_deref() {
                None => {}
                Some("") if known.is_empty() => {}
                Some("") => {
                    let message = format!(
                        "{key} is empty in the file and gets its value from the shell that deploys"
                    );
                    let hint = format!("unset {key} in your shell to keep it empty");
                    let finding = Finding::new(&codes::ENV_REPLACED, value.place, message);
                    self.findings.push(finding.hint(hint));
                }
                Some(_) => continue,
            }
            value.value = Some(known.clone());
        }
    }

    fn env_file(&mut self, file: &At<String>) -> Environment {
        let path = paths::absolute(self.surroundings.working_dir, file);
        let bytes = match self.surroundings.files.read(Path::new(&path)) {
            Ok(bytes) => bytes,
            Err(err) => {
                self.findings.say(
                    &codes::UNREADABLE,
                    file.place,
                    format!("open {path}: {}", why(&err)),
                );
                return Environment::new();
            }
        };
        let index = self.files.iter().position(|it| **it == path).unwrap_or_else(|| {
            self.files.push(path.as_str().into());
            self.files.len() - 1
        });
        let lines = env_file::parse(index, &path, &bytes, self.findings);
        let known = &self.surroundings.environment;
        let valued = lines.into_iter().filter_map(|(key, value, place)| {
            let value = value.or_else(|| known.get(&key).cloned())?;
            Some((key, At::new(Some(value), place)))
        });
        valued.collect()
    }

    fn binds(&mut self, service: &mut ComposeService) {
        let home = self.surroundings.environment.get("HOME").map(String::as_str);
        for mount in service.volumes.iter_mut().flatten().filter(|it| it.kind == "bind") {
            if mount.source.is_empty() {
                let message =
                    "invalid mount config for type \"bind\": field Source must not be empty";
                self.findings.say(&codes::VALUE, mount.place, message);
                continue;
            }
            let directory = self.surroundings.working_dir;
            let source = paths::bind_source(directory, home, &mount.source);
            if source.is_none() {
                let message = "`~` cannot be expanded, because the environment lacks HOME";
                self.findings.say(&codes::HOME_UNSET, mount.place, message);
            }
            mount.value.source =
                source.unwrap_or_else(|| paths::absolute(directory, &mount.source));
        }
    }
}

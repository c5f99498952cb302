//! `skep render`: prints compose files as one file, or as service specs.

use crate::{
    cli::{CommandOutput, Desk, Exit, Failure, Run, compose::ComposeFiles},
    domain::{
        compose::{Desired, DesiredFile, yaml},
        project::Secrets,
    },
};
use async_trait::async_trait;
use clap::Args;
use serde_json::{Value, json};

/// Print compose files as one self-contained file
///
/// Files are merged, variables replaced, env files read and paths made absolute: the result can
/// be deployed from any folder, also by docker.
/// Contents of secrets and configs stay in their files.
#[derive(Debug, Args)]
pub struct Render {
    #[command(flatten)]
    files: ComposeFiles,
    /// Print the specs that the engine would get instead, as JSON, without values of secrets
    #[arg(long)]
    specs: bool,
    /// Print secret values that the project sets
    #[arg(long)]
    reveal: bool,
    #[arg(help = "The name of the stack")]
    stack: String,
}

#[async_trait]
impl Run for Render {
    async fn run(&self, desk: &Desk, page: &mut CommandOutput<'_>) -> Result<Exit, Failure> {
        let (name, sources) = self.files.of(desk, &self.stack)?;
        let understood = sources.understand(&name);
        if let Some(why) = understood.refusal() {
            let hint = "`skep check` lists every error".to_owned();
            let refused = Failure::new(why, Some(hint));
            return Err(refused.with(&understood.findings, &understood.names));
        }
        let (Some(desired), Some(stack)) = (&understood.desired, &understood.stack) else {
            return Err(Failure::new("bug: the files have no findings and no meaning", None));
        };
        let tree = if self.specs {
            specs(desired)
        } else {
            let rendered = sources.render(stack, &name);
            let hint = "the files themselves can be deployed".to_owned();
            rendered.map_err(|err| Failure::new(err.to_string(), Some(hint)))?
        };
        let hides = !self.reveal && !understood.secrets.is_empty();
        let tree = if hides { hidden(tree, &understood.secrets) } else { tree };
        if hides {
            writeln!(page.remarks, "note: secret values are hidden: --reveal shows them")?;
        }
        for network in stack.networks.values().filter(|it| it.shared && !self.specs) {
            let name = network.name.as_str();
            writeln!(
                page.remarks,
                "note: network {name} must exist before; on it, docker also gives services their short names, which skep does not"
            )?;
        }
        for note in understood.notes() {
            writeln!(page.remarks, "note: {note}")?;
        }
        if self.specs {
            writeln!(page.remarks, "note: {LATER}")?;
        }
        if self.specs || page.json {
            page.json(&tree)?;
        } else {
            page.exact(yaml::write(&tree).as_bytes())?;
        }
        Ok(Exit::Done)
    }
}

const LATER: &str =
    "digests of images and ids of secrets and configs are only known when deploying";

/// Returns the bodies of the requests, by kind, in the order of their keys.
fn specs(desired: &Desired) -> Value {
    let networks = desired.networks.iter().map(|it| &it.body);
    let configs = desired.configs.iter().map(|it| &it.body.0);
    let services = desired.services.iter().map(|it| &it.spec);
    json!({
        "networks": networks.collect::<Vec<_>>(),
        "secrets": desired.secrets.iter().map(without_value).collect::<Vec<_>>(),
        "configs": configs.collect::<Vec<_>>(),
        "services": services.collect::<Vec<_>>(),
    })
}

fn without_value(secret: &DesiredFile) -> Value {
    let mut body = secret.body.0.clone();
    if let Some(value) = body.get_mut("Data") {
        *value = json!("(withheld)");
    }
    body
}

/// Hides secret values wherever they stand.
pub fn hidden(mut tree: Value, secrets: &Secrets) -> Value {
    secrets.clean_json(&mut tree);
    tree
}

//! Preflight check of external objects.

use crate::domain::{
    compose::{Finding, bind, codes, finding::Findings},
    deployment::preflight::ground::Ground,
    swarm::objects::NetworkObject,
};

/// Networks that every engine has, and nobody has to make.
const PREDEFINED: [&str; 4] = ["default", "bridge", "host", "none"];

/// Looks for external networks.
pub fn externals(ground: &Ground<'_>, findings: &mut Findings) {
    for network in &ground.desired.externals {
        let name = network.name.as_str();
        if PREDEFINED.contains(&name) || name.starts_with("container:") {
            continue;
        }
        let why = match ground.live.networks.get(name).map(|it| NetworkObject(it).scope()) {
            Some(Some("swarm")) => continue,
            Some(scope) => {
                let scope = scope.unwrap_or_default();
                format!("is in the scope `{scope}`, and services need one in the scope `swarm`")
            }
            // Releases that were adopted by older versions name `host` by its id.
            None if ground
                .live
                .networks
                .values()
                .any(|it| NetworkObject(it).id() == Some(name)) =>
            {
                continue;
            }
            None => "could not be found".to_owned(),
        };
        let message = format!("network `{name}` is declared as external, but {why}");
        let finding = Finding::new(&codes::EXTERNAL_MISSING, network.place, message);
        let hint = format!("create it: docker network create --driver overlay {name}");
        findings.push(finding.hint(hint));
    }
}

/// Looks for secrets and configs that nobody makes.
pub fn unbound(ground: &Ground<'_>, findings: &mut Findings) {
    let Ground { desired, live, .. } = ground;
    let Err(missing) = bind(&mut (*desired).clone(), &live.ids()) else { return };
    for it in missing {
        let files = if it.kind == "secret" { &desired.secrets } else { &desired.configs };
        if files.iter().any(|file| file.name == it.name) {
            continue;
        }
        let service = desired.services.iter().find(|service| service.key == it.service);
        let place = service.map(|it| it.place).unwrap_or_default();
        let finding = Finding::new(&codes::EXTERNAL_MISSING, place, it.to_string());
        findings.push(finding.hint(ground.remedy));
    }
}

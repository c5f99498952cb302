//! Checks of the host network: keys that it does not support.

use crate::domain::compose::{
    check::{networks::attached, subject::Subject},
    codes,
    finding::{Finding, Findings},
    place::Place,
};

/// The engine's name for it.
const HOST: &str = "host";

/// Looks at services in the network of their node.
pub fn host_network(subject: &Subject<'_>, findings: &mut Findings) {
    let attached = attached(subject);
    let networks = &subject.scene.stack.networks;
    let is_host = |key: &str| networks.get(key).is_some_and(|it| it.external && *it.name == HOST);
    let Some(&(_, host)) = attached.iter().find(|it| is_host(it.0)) else { return };
    let refused = |place: Place, what: String| {
        Finding::new(&codes::HOST_NETWORK, place, what).also(host, "the host network")
    };
    for &(key, place) in attached.iter().filter(|it| !is_host(it.0)) {
        let what = format!("it is on the host network and on {key}: a task cannot have both");
        findings.push(refused(place, what));
    }
    let service = subject.service;
    for port in service.ports.iter().flatten() {
        if port.mode == HOST {
            let what = format!("port {} has no effect on the host network", port.target);
            findings.push(
                Finding::new(&codes::HOST_NETWORK_IDLE, port.place, what)
                    .hint("the program already listens on the node"),
            );
        } else {
            let what = format!("port {} cannot be published from the host network", port.target);
            let hint = "remove it: the program already listens on the node";
            findings.push(refused(port.place, what).hint(hint));
        }
    }
    for (name, value) in service.sysctls.iter().filter(|it| it.0.starts_with("net")) {
        let place = subject.key_place("sysctls", name, value.place);
        let what = format!("{name} is that of the node on the host network");
        findings.push(refused(place, what).hint("set it on the nodes"));
    }
    let attachments = service.networks.iter().filter(|it| is_host(it.0));
    let aliases = attachments.filter_map(|it| it.1.value.as_ref()).flat_map(|it| &it.aliases);
    for alias in aliases {
        let what = format!("the alias {} does not work on the host network", alias.value);
        findings.say(&codes::HOST_NETWORK_IDLE, alias.place, what);
    }
}

//! The network of the host, and what it cannot have.

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
        Finding::new(&codes::HOST_NETWORK, place, what).also(host, "the network of the host")
    };
    for &(key, place) in attached.iter().filter(|it| !is_host(it.0)) {
        let what = format!("it is in the network of the host and in {key}: no task has both");
        findings.push(refused(place, what));
    }
    let service = subject.service;
    for port in service.ports.iter().flatten() {
        if port.mode == HOST {
            let what = format!("port {} says nothing in the network of the host", port.target);
            findings.push(
                Finding::new(&codes::HOST_NETWORK_IDLE, port.place, what)
                    .hint("the program listens on the node by itself"),
            );
        } else {
            let what =
                format!("port {} cannot be published from the network of the host", port.target);
            let hint = "take it out: the program listens on the node by itself";
            findings.push(refused(port.place, what).hint(hint));
        }
    }
    for (name, value) in service.sysctls.iter().filter(|it| it.0.starts_with("net")) {
        let place = subject.key_place("sysctls", name, value.place);
        let what = format!("{name} is the node's in the network of the host");
        findings.push(refused(place, what).hint("set it on the nodes"));
    }
    let attachments = service.networks.iter().filter(|it| is_host(it.0));
    let aliases = attachments.filter_map(|it| it.1.value.as_ref()).flat_map(|it| &it.aliases);
    for alias in aliases {
        let what = format!("nobody finds the alias {} in the network of the host", alias.value);
        findings.say(&codes::HOST_NETWORK_IDLE, alias.place, what);
    }
}

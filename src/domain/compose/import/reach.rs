//! Import of networks, ports and hostnames.

use crate::domain::compose::{
    import::{Import, Subject, tree::Tree},
    place::Place,
    ports,
    yaml::{MapEntry, Value, YamlNode},
};
use std::net::{IpAddr, Ipv4Addr};

impl<'a> Import<'a> {
    pub fn network_mode(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        let mode = entry.value.text().unwrap_or_default();
        match mode {
            "host" => self.host_network(subject, entry),
            "bridge" | "default" => {
                self.ignored(subject, entry, "the network of the stack does the same");
            }
            _ => {
                let why = "tasks have networks of their own";
                let instead = "join a network that both share, or put both into one container";
                self.cannot(subject, entry, why, instead);
            }
        }
    }

    fn host_network(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        const HOST: &str = "host";
        let attached = Tree::List(vec![Tree::scalar(HOST)]);
        let declared = Tree::map([("external", "true"), ("name", HOST)]);
        let root = self.root;
        let known = root.get("networks").is_some_and(|it| it.get(HOST).is_some());
        let joined = self.surgery.add(subject.node, &["networks"], attached);
        if !joined || (!known && !self.surgery.add(root, &["networks", HOST], declared)) {
            let instead = "declare an external network with the name `host`, and join it";
            return self.cannot(subject, entry, "it stands elsewhere in a stack file", instead);
        }
        let why = "the network of the node is an external one with the name `host`";
        self.becomes(subject, entry, "networks: [host]", why);
        if let Some(ports) = subject.node.entry("ports") {
            self.ignored(subject, ports, "in the network of the node it listens there by itself");
        }
    }

    /// Links are names, which services of one network have anyway; other names become
    /// aliases.
    pub fn links(&mut self, subject: Subject<'a>, entry: &'a MapEntry) {
        let texts = entry.value.items().iter().filter_map(YamlNode::text);
        let renamed = texts.filter_map(|it| it.split_once(':'));
        let renamed: Vec<(&str, &str)> = renamed.filter(|(name, alias)| name != alias).collect();
        if renamed.is_empty() {
            let why = "services of one network reach each other by name";
            return self.ignored(subject, entry, why);
        }
        let shown = |it: &(&str, &str)| format!("{} as {}", it.0, it.1);
        let shown: Vec<String> = renamed.iter().map(shown).collect();
        let (shown, known) = (shown.join(", "), renamed.iter().map(|it| self.in_default(it.0)));
        let known: Option<Vec<&YamlNode>> = known.collect();
        let Some(known) = known.filter(|_| self.in_default(subject.name).is_some()) else {
            let instead = format!("give them these names as aliases of a network: {shown}");
            return self.cannot(subject, entry, "Swarm has no links", &instead);
        };
        for (service, (_, alias)) in known.into_iter().zip(renamed) {
            let path = ["networks", "default", "aliases"];
            self.surgery.add(service, &path, Tree::List(vec![Tree::scalar(alias)]));
        }
        let to = format!("aliases in the network of the stack: {shown}");
        self.becomes(subject, entry, &to, "Swarm has no links, but names in networks");
    }

    /// Returns a service that is in the network of the stack, and says nothing about it.
    fn in_default(&self, service: &str) -> Option<&'a YamlNode> {
        let node = self.root.get("services")?.get(service)?;
        let silent = node.get("networks").is_none() && node.get("network_mode").is_none();
        (silent && node.is_map()).then_some(node)
    }

    pub fn extra_hosts(&mut self, subject: Subject<'_>, entry: &MapEntry) {
        let texts = entry.value.entries().iter().filter_map(|it| it.value.text());
        let mut texts = texts.chain(entry.value.items().iter().filter_map(YamlNode::text));
        if texts.any(|it| it.ends_with("host-gateway")) {
            let why = "Swarm does not replace host-gateway";
            let instead = "write the address of the host";
            self.report.cannot(entry.key.place, subject.name, "host-gateway", why, instead);
        }
    }

    /// Takes out what Swarm decides itself about a network of a service.
    pub fn attachments(&mut self, subject: Subject<'_>, entry: &'a MapEntry) {
        for network in entry.value.entries() {
            for key in network.value.entries() {
                match &**key.key {
                    "aliases" | "driver_opts" => {}
                    "ipv4_address" | "ipv6_address" | "mac_address" | "link_local_ips" => {
                        let instead = "use the name of the service";
                        self.cannot(subject, key, "Swarm chooses addresses itself", instead);
                        self.addresses_in_use(subject, key);
                    }
                    _ => self.ignored(subject, key, "Swarm has no order of networks"),
                }
            }
        }
    }

    /// Names the values that count on an address which goes.
    fn addresses_in_use(&mut self, subject: Subject<'_>, entry: &MapEntry) {
        let Some(address) = entry.value.text().filter(|it| it.parse::<IpAddr>().is_ok()) else {
            return;
        };
        let mut found = Vec::new();
        mentions(self.root, address, &mut found);
        for (place, what) in found.into_iter().filter(|it| it.0 != entry.value.place) {
            let why = format!("{} no longer has the address {address}", subject.name);
            let instead = format!("write the name of the service: {}", subject.name);
            self.report.cannot(place, "", &what, &why, &instead);
        }
    }

    pub fn ports(&mut self, subject: Subject<'a>, entry: &'a MapEntry) {
        for port in entry.value.items() {
            if port.is_map() {
                self.long_port(subject, port);
            } else if let Some(text) = port.text() {
                self.short_port(subject, port, text);
            }
        }
    }

    fn short_port(&mut self, subject: Subject<'_>, port: &YamlNode, text: &str) {
        let Ok(spec) = ports::parse(text) else {
            // With a variable in it, only the address can be told.
            let address = text.split(':').next().and_then(|it| it.parse::<Ipv4Addr>().ok());
            if address.is_some_and(|it| !it.is_unspecified()) {
                self.open_to_all(subject, port, text);
            }
            return;
        };
        if spec.ignored_ip.is_some() {
            self.open_to_all(subject, port, text);
        }
        if spec.is_fanned_out() {
            let why = "Compose takes one free port of the range, Swarm all of them";
            let instead = "name one port";
            self.report.cannot(port.place, subject.name, text, why, instead);
        }
    }

    fn long_port(&mut self, subject: Subject<'a>, port: &'a YamlNode) {
        if let Some(published) = port.entry("published")
            && published.value.text().is_some_and(|it| it.contains('-') && !it.contains('$'))
        {
            let instead = "write one entry for each port";
            self.cannot(subject, published, "the long form names one port", instead);
        }
        for key in port.entries() {
            match &**key.key {
                "host_ip" => {
                    self.surgery.remove(key);
                    let text = self.shown(key);
                    self.open_to_all(subject, &key.value, &text);
                }
                "name" | "app_protocol" => {
                    self.ignored(subject, key, "it is a note for people");
                }
                _ => {}
            }
        }
    }

    fn open_to_all(&mut self, subject: Subject<'_>, node: &YamlNode, what: &str) {
        let why = "Swarm publishes at all addresses of all nodes";
        let instead = "leave the port out where only services need it, or close it with a firewall";
        self.report.cannot(node.place, subject.name, what, why, instead);
    }
}

/// Finds texts with an address in them, and what they say.
fn mentions(node: &YamlNode, address: &str, found: &mut Vec<(Place, String)>) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|it| mentions(it, address, found)),
        Value::Map(entries) => {
            for entry in entries {
                let own = matches!(&**entry.key, "ipv4_address" | "ipv6_address");
                match entry.value.text().filter(|it| has_word(it, address)) {
                    Some(text) if !own => {
                        found.push((entry.value.place, format!("{}: {text}", &**entry.key)));
                    }
                    Some(_) => {}
                    None => mentions(&entry.value, address, found),
                }
            }
        }
        Value::Text(text) if has_word(text, address) => {
            found.push((node.place, text.to_string()));
        }
        _ => {}
    }
}

/// Returns whether a text has an address that is not a part of a longer one.
fn has_word(text: &str, address: &str) -> bool {
    let part = |it: char| it.is_ascii_hexdigit() || matches!(it, '.' | ':');
    text.match_indices(address).any(|(at, _)| {
        let before =
            text[..at].chars().next_back().is_some_and(|it| it.is_ascii_digit() || it == '.');
        let rest = &text[at + address.len()..];
        let mut behind = rest.chars();
        let next = behind.next();
        let longer = next.is_some_and(|it| it.is_ascii_digit())
            || (next == Some('.') && behind.next().is_some_and(|it| it.is_ascii_digit()))
            || (address.contains(':') && next.is_some_and(part));
        !before && !longer
    })
}

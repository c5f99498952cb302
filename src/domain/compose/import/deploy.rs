//! Import of `deploy`, and of labels that belong there.

use crate::domain::compose::{
    import::{Import, Subject},
    yaml::{MapEntry, YamlNode},
};

/// What labels begin with that proxies and the like read off services.
const READERS: &[&str] = &["traefik.", "caddy", "com.df.", "swarm.cronjob.", "shepherd."];

impl<'a> Import<'a> {
    pub fn deploy(&mut self, subject: Subject<'a>, entry: &'a MapEntry) {
        let resources = entry.value.get("resources");
        let reservations = resources.and_then(|it| it.get("reservations"));
        if let Some(devices) = reservations.and_then(|it| it.entry("devices")) {
            let instead = "advertise the GPU in daemon.json of the node and reserve it under \
                           generic_resources";
            self.cannot(subject, devices, "tasks get no devices by themselves", instead);
        }
    }

    /// Moves labels to where proxies read them in a swarm.
    pub fn labels(&mut self, subject: Subject<'a>, entry: &'a MapEntry) {
        const WHY: &str = "on Swarm, proxies read the labels of services";
        let texts = entry.value.items().iter().filter_map(YamlNode::text);
        let keys = entry.value.entries().iter().map(|it| &**it.key);
        let read = |it: &str| READERS.iter().any(|reader| it.starts_with(reader));
        if !texts.chain(keys).any(read) {
            return;
        }
        let deploy = subject.node.get("deploy");
        if deploy.is_some_and(|it| it.get("labels").is_some())
            || !self.surgery.move_into(subject.node, entry, "deploy")
        {
            let what = self.shown(entry);
            let instead = "move them to deploy.labels";
            return self.report.cannot(entry.key.place, subject.name, &what, WHY, instead);
        }
        self.changed(subject, entry, "deploy.labels", WHY);
    }
}

//! Import of mounts, secrets and configs.

use crate::domain::compose::{
    import::{Import, Subject, tree::Tree},
    quantity,
    yaml::{MapEntry, Value, YamlNode},
};

impl<'a> Import<'a> {
    /// Makes mounts of what Compose has a key for.
    pub fn tmpfs(&mut self, subject: Subject<'a>, entry: &'a MapEntry) {
        let items: Vec<&str> = match &entry.value.value {
            Value::Text(text) => vec![text],
            _ => entry.value.items().iter().filter_map(YamlNode::text).collect(),
        };
        let mounts: Vec<Tree> = items.iter().map(|it| in_memory(it)).collect();
        let to = format!("volumes: type tmpfs at {}", items.join(", "));
        if self.surgery.add(subject.node, &["volumes"], Tree::List(mounts)) {
            return self.becomes(subject, entry, &to, "Swarm ignores the key `tmpfs`");
        }
        let instead = "mount a volume of `type: tmpfs`";
        self.cannot(subject, entry, "Swarm ignores the key `tmpfs`", instead);
    }

    /// Mounts shared memory of a size.
    pub fn shm_size(&mut self, subject: Subject<'a>, entry: &MapEntry) {
        const WHY: &str = "Swarm ignores the key `shm_size`";
        let bytes = match &entry.value.value {
            Value::Int(bytes) => i64::try_from(*bytes).ok(),
            Value::Text(text) => quantity::bytes(text).ok(),
            _ => None,
        };
        let mount = bytes.map(|it| Tree::List(vec![memory("/dev/shm", Some(it))]));
        let added = mount.is_some_and(|it| self.surgery.add(subject.node, &["volumes"], it));
        if added {
            return self.becomes(subject, entry, "volumes: type tmpfs at /dev/shm", WHY);
        }
        let instead = "mount a volume of `type: tmpfs` at /dev/shm";
        self.cannot(subject, entry, WHY, instead);
    }

    pub fn mounts(&mut self, subject: Subject<'a>, entry: &'a MapEntry) {
        for mount in entry.value.items() {
            if let Some(text) = mount.text() {
                let source = text.split(':').next().unwrap_or_default();
                if text.contains(':') && source.starts_with(['.', '~']) {
                    self.of_this_machine(subject, mount, source);
                }
                continue;
            }
            let kind = mount.get("type").and_then(YamlNode::text).unwrap_or_default();
            let source = mount.get("source").and_then(YamlNode::text).unwrap_or_default();
            if kind == "bind" && !source.starts_with(['/', '$']) {
                self.of_this_machine(subject, mount, source);
            }
            self.long_mount(subject, mount, kind);
        }
    }

    fn long_mount(&mut self, subject: Subject<'a>, mount: &'a YamlNode, kind: &str) {
        if let Some(size) = mount.get("tmpfs").and_then(|it| it.entry("size"))
            && let Some(bytes) = size.value.text().and_then(|it| quantity::bytes(it).ok())
        {
            self.surgery.write(size.value.place, bytes.to_string());
            let to = format!("size: {bytes}");
            self.changed(subject, size, &to, "Swarm needs a number of bytes there");
        }
        if kind == "image" {
            let instead = "copy the files into the image of the service";
            let why = "a stack file mounts no images";
            self.report.cannot(mount.place, subject.name, "volumes: type image", why, instead);
        }
    }

    fn of_this_machine(&mut self, subject: Subject<'_>, mount: &YamlNode, source: &str) {
        let why = "a path of this machine, and every node that runs a task needs it too";
        let instead = "use a config or a secret for a file, a volume for data, or an absolute \
                       path that all nodes have";
        self.report.cannot(mount.place, subject.name, &format!("mount of {source}"), why, instead);
    }
}

/// Reads `path:size=64m,mode=1777`; only the size means something to Swarm.
fn in_memory(text: &str) -> Tree {
    let (path, options) = text.split_once(':').unwrap_or((text, ""));
    let size = options.split(',').find_map(|it| it.strip_prefix("size="));
    memory(path, size.and_then(|it| quantity::bytes(it).ok()))
}

fn memory(target: &str, bytes: Option<i64>) -> Tree {
    let entry = |key: &str, value: Tree| (key.to_owned(), value);
    let mut entries =
        vec![entry("type", Tree::scalar("tmpfs")), entry("target", Tree::scalar(target))];
    if let Some(bytes) = bytes {
        entries
            .push(entry("tmpfs", Tree::Map(vec![entry("size", Tree::scalar(bytes.to_string()))])));
    }
    Tree::Map(entries)
}

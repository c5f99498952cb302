//! What a lab is and leaves on the machine, found without the script that made it.
//!
//! Its links are all in its network namespaces, and go with them.

use std::{
    collections::BTreeSet,
    fs::{read, read_dir, read_link, read_to_string},
    path::{Path, PathBuf},
};

const REGISTRY: &str = "/run/skep-lab";

/// Where to look for a lab.
pub struct Footprint {
    group: String,
    folder: PathBuf,
    link: PathBuf,
    /// Network namespaces as `/proc` shows them: `net:[4026532288]`.
    networks: BTreeSet<String>,
}

impl Footprint {
    pub fn of(id: &str) -> Self {
        let link = Path::new(REGISTRY).join(id);
        let mut footprint = Self {
            group: format!("skep-lab-{id}"),
            folder: read_link(&link).unwrap(),
            link,
            networks: BTreeSet::new(),
        };
        footprint.networks =
            footprint.processes().filter_map(|process| network(&process)).collect();
        // Some processes, on their way into a namespace, are still in ours.
        footprint.networks.remove(&network(Path::new("/proc/self")).unwrap());
        footprint
    }

    /// The lab that a process owns, from the first moment it is there.
    pub fn owned_by(process: u32) -> Option<Self> {
        let owned = |link: &Path| {
            let owner = read_to_string(link.join("owner")).unwrap_or_default();
            owner.split(' ').next() == Some(&process.to_string())
        };
        let link = entries(REGISTRY).find(|link| owned(link))?;
        Some(Self::of(&name(&link)))
    }

    /// Everything of the lab that is there, a line for each thing.
    pub fn left(&self) -> Vec<String> {
        let named = |path: &PathBuf| name(path).contains(&self.group);
        let processes = self.processes().map(|process| {
            let words = read(process.join("cmdline")).unwrap_or_default();
            format!(
                "process {}: {}",
                name(&process),
                String::from_utf8_lossy(&words).replace('\0', " ")
            )
        });
        let mounts = entries("/proc").filter(|process| {
            read_to_string(process.join("mountinfo"))
                .is_ok_and(|mounts| mounts.contains(&self.group))
        });
        let groups = entries("/sys/fs/cgroup").flat_map(|root| entries(&root).chain([root]));
        processes
            .chain(mounts.map(|process| format!("mounts in process {}", name(&process))))
            .chain(
                entries("/run/netns")
                    .filter(named)
                    .map(|path| format!("namespace {}", path.display())),
            )
            .chain(groups.filter(named).map(|path| format!("control group {}", path.display())))
            .chain([&self.folder, &self.link].into_iter().filter_map(|path| {
                path.symlink_metadata().ok().map(|_| format!("file {}", path.display()))
            }))
            .collect()
    }

    fn processes(&self) -> impl Iterator<Item = PathBuf> {
        entries("/proc").filter(|process| {
            let says = |file| {
                let content = read(process.join(file)).unwrap_or_default();
                String::from_utf8_lossy(&content).contains(&self.group)
            };
            let is_inside =
                network(process).is_some_and(|network| self.networks.contains(&network));
            !is_dead(process) && (is_inside || says("cgroup") || says("cmdline"))
        })
    }
}

/// Processes whose command line holds these words in a row.
pub fn processes_saying(words: &[&str]) -> Vec<u32> {
    let wanted = words.join("\0");
    entries("/proc")
        .filter(|process| {
            let said = read(process.join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&said).contains(&wanted)
        })
        .filter_map(|process| name(&process).parse().ok())
        .collect()
}

fn entries(folder: impl AsRef<Path>) -> std::vec::IntoIter<PathBuf> {
    let entries = read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect::<Vec<_>>().into_iter()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn network(process: &Path) -> Option<String> {
    Some(read_link(process.join("ns/net")).ok()?.to_string_lossy().into_owned())
}

/// Dead, but not yet noticed by its parent.
fn is_dead(process: &Path) -> bool {
    read_to_string(process.join("status")).is_ok_and(|status| status.contains("State:\tZ"))
}

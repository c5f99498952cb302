//! Change detection for projects.

use crate::{
    domain::{
        deployment::release::Release,
        project::{Catalog, SourcePlace},
    },
    files::modified,
    store::{StateVersion, Store, StoreError},
};
use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What is shown of projects is made of this.
#[derive(Debug)]
pub struct Glance {
    /// The state that was looked at; drafts and prompts are in it as well.
    state: StateVersion,
    /// Linked files, and when each was last written.
    linked: Vec<(PathBuf, Option<SystemTime>)>,
    pub catalog: Catalog,
    releases: Vec<Release>,
}

impl Glance {
    /// Looks at the state; at the releases where it is known which cluster this is.
    pub fn at(store: &Store, cluster: Option<&str>) -> Result<Self, StoreError> {
        // What is written meanwhile is seen the next time.
        let state = store.version();
        let catalog = store.catalog()?;
        let releases = cluster.map(|it| store.all_releases(it)).transpose()?.unwrap_or_default();
        let linked = linked(&catalog).map(|it| (modified(&it), it)).map(|(at, it)| (it, at));
        Ok(Self { state, linked: linked.collect(), catalog, releases })
    }

    /// Returns whether something else is there by now.
    pub fn is_outdated(&mut self, store: &Store, cluster: Option<&str>) -> bool {
        if self.linked.iter().any(|(path, then)| modified(path) != *then) {
            return true;
        }
        if store.version() == self.state {
            return false;
        }
        let Ok(now) = Self::at(store, cluster) else { return true };
        let same = now.catalog == self.catalog && now.releases == self.releases;
        if same {
            self.state = now.state;
        }
        !same
    }
}

fn linked(catalog: &Catalog) -> impl Iterator<Item = PathBuf> {
    let linked = catalog.stacks.values().filter(|it| it.source.place == SourcePlace::Linked);
    linked.flat_map(|it| {
        it.source.compose.iter().map(move |name| Path::new(&it.source.dir).join(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{deployment::audit::Operator, project::draft::Draft},
        projects::{AuditedChange, CatalogChange},
    };
    use jiff::Timestamp;

    #[test]
    fn who_types_makes_nobody_read_projects_again_and_who_changes_them_does() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::in_dir(dir.path());
        let who = Operator { user: "ann".to_owned(), from: None, host: "m1".to_owned() };
        let create = |name: &str| {
            let (slug, about) = (name.parse().unwrap(), String::new());
            let change = CatalogChange::CreateProject { slug, about };
            AuditedChange { change, who: who.clone() }.run(&store).unwrap();
        };
        create("shop");
        let mut glance = Glance::at(&store, Some("c1")).unwrap();
        for text in ["one", "two"] {
            let at = Timestamp::UNIX_EPOCH;
            let draft = Draft {
                text: text.to_owned(),
                base: String::new(),
                at,
                discarded: false,
                by: None,
            };
            store.keep_draft("/a.yml", &draft).unwrap();
            assert_ne!(store.version(), glance.state);
            assert!(!glance.is_outdated(&store, Some("c1")));
            assert_eq!(store.version(), glance.state);
        }
        create("blog");
        assert!(glance.is_outdated(&store, Some("c1")));
    }
}

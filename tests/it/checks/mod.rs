//! What is said about stack files: every code, its place to the column, and
//! fixes to the byte.
//!
//! `tests/fixtures/check/x.yaml` is a case, together with `x.2.yaml`; what must
//! be found stands in `x.findings`. A case has the name of the code it is about, or
//! starts with `in-` and is about a place where mistakes hide from a checker;
//! in `nothing` there is none. A first line of `# with a cluster` or `# without HOME` says what is around.

mod around;
mod every;
mod fixes;
mod survival;

use around::{MadeUp, cluster, environment};
use skep::domain::compose::{self, ComposeFile, Desired, Loaded, Surroundings};
use std::{collections::BTreeMap, fs, path::PathBuf};

/// Files of one stack, by name.
pub struct Case {
    pub name: String,
    pub files: Vec<(String, String)>,
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/check")
}

/// Returns all cases, by name.
pub fn cases() -> Vec<Case> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .filter_map(|it| it.unwrap().file_name().into_string().ok())
        .filter_map(|it| it.strip_suffix(".findings").map(str::to_owned))
        .collect();
    names.sort();
    names.into_iter().map(read).collect()
}

fn read(name: String) -> Case {
    let later = (2..).map(|it| format!("{name}.{it}.yaml"));
    let later = later.take_while(|it| folder().join(it).exists());
    let files = [format!("{name}.yaml")].into_iter().chain(later);
    let files = files.map(|it| {
        let text = fs::read_to_string(folder().join(&it)).unwrap();
        (it, text)
    });
    Case { files: files.collect(), name }
}

impl Case {
    pub fn examine(&self) -> (Option<Desired>, Loaded) {
        self.examine_as(&self.files)
    }

    /// Examines other texts in the surroundings of this case.
    pub fn examine_as(&self, files: &[(String, String)]) -> (Option<Desired>, Loaded) {
        let says = |what: &str| self.files[0].1.starts_with(what);
        let mut environment = environment();
        if says("# without HOME\n") {
            environment.remove("HOME");
        }
        let facts = says("# with a cluster\n").then(cluster);
        examine(files, &environment, facts.as_ref())
    }
}

pub fn examine(
    files: &[(String, String)],
    environment: &BTreeMap<String, String>,
    facts: Option<&compose::ClusterFacts>,
) -> (Option<Desired>, Loaded) {
    let source = |(name, text): &(String, String)| ComposeFile {
        name: name.as_str().into(),
        bytes: text.as_bytes().to_vec(),
    };
    let sources: Vec<ComposeFile> = files.iter().map(source).collect();
    let around = Surroundings { environment, working_dir: "/dir", files: &MadeUp };
    compose::examine(&sources, &around, &"stack".parse().unwrap(), facts, |_| Vec::new())
}

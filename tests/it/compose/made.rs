//! Files that skep makes, of projects and of templates, are files to docker too.

use crate::compose::oracle::Version;
use skep::domain::compose::{
    import::{Options, import},
    template::builtin,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn docker_takes_what_is_made() {
    if Version::find().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for name in [".env", "common.env", "override.env"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    for (name, text) in projects() {
        let options = Options { project: "project".to_owned(), ..Options::default() };
        takes(folder.path(), &name, &import(&text, &options).unwrap().text);
    }
    for template in builtin() {
        takes(folder.path(), &template.name, &template.render(&BTreeMap::new()).unwrap());
    }
}

fn projects() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/import");
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    files.map(|it| (it.display().to_string(), fs::read_to_string(&it).unwrap())).collect()
}

/// Has docker read a file, with all images named that were to be built.
fn takes(folder: &Path, name: &str, text: &str) {
    let file = folder.join("stack.yml");
    fs::write(&file, text).unwrap();
    let mut docker = Command::new("docker");
    docker.args(["stack", "config", "-c"]).arg(file).env("HOME", folder);
    let wanted = text.split("${").skip(1).filter_map(|it| it.split_once(":?build"));
    docker.envs(wanted.map(|(variable, _)| (variable, "built:1")));
    let output = docker.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}\n{text}");
}

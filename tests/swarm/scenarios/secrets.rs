//! What a secret holds is known to the swarm, and to nobody who reads what skep leaves
//! behind or prints.

use crate::{
    lab::Lab,
    scenarios::{Scene, service},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

const VALUE: &str = "correct-horse-battery-staple-8841";

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    entries.flat_map(|it| if it.is_dir() { files(&it) } else { vec![it] }).collect()
}

/// The value as it is, and as it travels.
fn betrays(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.contains(VALUE) || text.contains(&STANDARD.encode(VALUE))
}

#[test]
fn the_value_of_a_secret_is_nowhere_afterwards() {
    let Some(lab) = Lab::shared() else { return };
    let scene = Scene::new(lab, "discreet");
    let outside = tempfile::tempdir().unwrap();
    let key = outside.path().join("key");
    fs::write(&key, VALUE).unwrap();
    let web = |tag| service("web", tag, "replicas: 1").replacen('{', "{secrets: [key], ", 1);
    let secret = format!("\nsecrets: {{key: {{file: {}}}}}", key.display());
    let with_secret = |tag| format!("{}{secret}", web(tag));
    let mut said = String::new();
    said += &scene.deploy(&[&with_secret("1")]).with(0, "").said;
    let json = ["--json", "-m", "the second"];
    said += &scene.begin(&[&with_secret("bad")], &json).end().with(3, "").said;
    // The engine does not take another value under the same name.
    fs::write(&key, format!("{VALUE}!")).unwrap();
    let refused = scene.deploy(&[&with_secret("2")]);
    assert_ne!(refused.code, Some(0), "{}", refused.said);
    said += &refused.said;
    let file = scene.file(&[&with_secret("2")]);
    let file = file.to_str().unwrap();
    for line in [
        &["plan", "--resolve-image", "never", "-c", file, scene.stack][..],
        &["render", "--specs", "-c", file, scene.stack],
        &["--json", "history", scene.stack],
        &["--json", "history", scene.stack, "1"],
        &["history", scene.stack, "--diff", "1", "2"],
        &["audit"],
    ] {
        let Output { status, stdout, stderr } = scene.skep(line).output().unwrap();
        assert!(!stdout.is_empty() || !status.success(), "{line:?} says nothing");
        said += &String::from_utf8_lossy(&stdout);
        said += &String::from_utf8_lossy(&stderr);
    }
    assert!(!betrays(said.as_bytes()), "{said}");
    let left = files(scene.home.path());
    assert!(left.iter().any(|it| it.ends_with("state.redb")), "{left:?}");
    for file in left {
        assert!(!betrays(&fs::read(&file).unwrap()), "{}", file.display());
    }
    // Who looks for it finds it where it is.
    assert!(betrays(&fs::read(&key).unwrap()));
}

//! Values of `--env-file`, beside a docker CLI that has them in its environment: it knows
//! no such files, and a shell that reads them is what people use instead.

use crate::compose::oracle::Version;
use std::{fmt::Write, fs, path::Path, process::Command};
use tempfile::TempDir;

const FILE: &str = "services:\n  web:\n    image: a:1\n    environment:\n      V: \"<${A:-none}_${B-none}_${C:-none}_${D-none}_${E:-none}>\"\n";

/// Returns the value that a program prints.
fn value(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = out.split_once('<').and_then(|it| it.1.split_once('>'));
    found.unwrap_or_else(|| panic!("{out}")).0.to_owned()
}

fn in_folder(program: &str, folder: &Path, set: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).env_clear().envs(set.iter().copied());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder);
    command
}

/// Compares both with files of variables, the last of which wins, and what is set beside.
fn check(files: &[&str], set: &[(&str, &str)], expected: &str) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("web.yml"), FILE).unwrap();
    let mut skep = in_folder(env!("CARGO_BIN_EXE_skep"), folder.path(), set);
    skep.args(["render", "web", "-c", "web.yml"]);
    let mut script = String::from("set -a; ");
    for (number, text) in files.iter().enumerate() {
        let name = format!("{number}.env");
        fs::write(folder.path().join(&name), text).unwrap();
        skep.args(["--env-file", &name]);
        write!(script, ". ./{name}; ").unwrap();
    }
    // What is set where docker runs beats files.
    for (key, value) in set {
        write!(script, "{key}='{value}'; ").unwrap();
    }
    script.push_str("exec docker stack config -c web.yml");
    let mut docker = in_folder("sh", folder.path(), set);
    docker.args(["-c", &script]);
    // What is rendered is read again as a file.
    let (ours, theirs) = (value(&mut skep).replace("$$", "$"), value(&mut docker));
    assert_eq!(ours, theirs, "{files:?} {set:?}");
    assert_eq!(ours, expected, "{files:?} {set:?}");
}

#[test]
fn files_of_variables_mean_what_docker_makes_of_the_same_environment() {
    if Version::find().is_none() {
        return;
    }
    check(&[], &[], "none_none_none_none_none");
    check(&["A=1\nB=2\n"], &[], "1_2_none_none_none");
    check(&["A=1\nB=2\n", "B=3\nC=4\n"], &[], "1_3_4_none_none");
    check(&["A=1\nB=2\n", "B=3\n"], &[("B", "9"), ("D", "8")], "1_9_none_8_none");
    check(&["B=2\n"], &[("B", "")], "none__none_none_none");
    check(&["A=\nB=\n"], &[], "none__none_none_none");
    check(&["A=1\nB=2\n", "B=\n"], &[], "1__none_none_none");
    check(&["A='x y'\nB=\"q\"\nexport C=3\nD=4 # note\n# E=5\n\n"], &[], "x y_q_3_4_none");
    check(&["A='$HOME'\nB='a#b'\n"], &[], "$HOME_a#b_none_none_none");
    check(&["A=1\nA=2\n"], &[], "2_none_none_none_none");
}

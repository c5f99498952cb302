//! The real binary in an environment of its own: streams, exit codes, files.

#![allow(clippy::unwrap_used, reason = "a broken helper is a failed test")]

use crate::executable;
use std::{
    fs::{self, Permissions},
    io::Read,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        net::UnixListener,
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn skep(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skep"));
        command.args(line.split_whitespace()).env_clear().env("HOME", self.0.path());
        // Nobody listens there, whatever runs on this machine.
        command.env("DOCKER_HOST", format!("unix://{}/none.sock", self.0.path().display()));
        command
    }

    fn run(&self, line: &str) -> Output {
        self.skep(line).output().unwrap()
    }

    fn state(&self) -> PathBuf {
        self.0.path().join(".local/state/skep")
    }
}

fn texts(output: &Output) -> (String, String) {
    let text = |it: &[u8]| String::from_utf8(it.to_vec()).unwrap();
    (text(&output.stdout), text(&output.stderr))
}

fn check(command: &mut Command, code: i32, out: &str, remark: &str) {
    let output = command.output().unwrap();
    let (said, remarked) = texts(&output);
    assert_eq!(output.status.code(), Some(code), "{command:?}: {said}{remarked}");
    assert!(said.contains(out), "{command:?}: {said}");
    assert!(remarked.contains(remark), "{command:?}: {remarked}");
    assert!(!remark.is_empty() || remarked.is_empty(), "{command:?}: {remarked}");
    assert!(!out.is_empty() || said.is_empty(), "{command:?}: {said}");
}

#[test]
fn only_commands_that_are_like_what_was_typed_are_suggested() {
    let home = Home::new();
    for (typed, suggests) in [("frob", false), ("deply", true), ("rolback", true)] {
        let (_, said) = texts(&home.run(typed));
        assert!(said.contains("unrecognized subcommand"), "{said}");
        assert_eq!(said.contains("similar subcommand"), suggests, "{typed}: {said}");
    }
    check(&mut home.skep("history"), 2, "", "error: a stack is missing");
}

#[test]
fn exit_codes_and_streams_are_those_that_scripts_expect() {
    let home = Home::new();
    check(&mut home.skep("--version"), 0, "skep 0", "");
    check(&mut home.skep("version"), 0, "skep 0", "");
    check(&mut home.skep("help"), 0, "Usage: skep", "");
    check(&mut home.skep("help deploy"), 0, "Usage: skep deploy", "");
    check(&mut home.skep("--demo ls"), 0, "shop-production-web", "");
    check(&mut home.skep("--demo services nobody"), 1, "", "error: there is no stack `nobody`");
    check(&mut home.skep("ls"), 1, "", "\nhint: ");
    check(&mut home.skep("--demo ps nobody"), 1, "", "error: there is no stack");
    check(&mut home.skep("--context nobody ls"), 1, "", "hint: known contexts: default");
    check(&mut home.skep("lss"), 2, "", "similar subcommand");
    check(&mut home.skep("lss --json"), 2, "{\"error\":{\"code\":\"usage\"", "error: ");
    check(&mut home.skep("--json ls"), 1, "{\"error\":{\"code\":\"no-engine\"", "error: ");
    check(&mut home.skep("--json --config /x.toml ls"), 2, "\"settings\"", "error: ");
    check(home.skep("ls").env("SKEP_READONLY", "1"), 2, "", "did you mean `SKEP_READ_ONLY`?");
    check(home.skep("ls").env("SKEP_LOG", "a=b=c"), 2, "", "error: SKEP_LOG: `a=b=c`");
    check(&mut home.skep("--config /nowhere.toml ls"), 2, "", "/nowhere.toml: cannot be read");
}

#[test]
fn whole_stacks_go_and_stop_only_where_somebody_says_yes() {
    let home = Home::new();
    let rm = "--demo rm monitoring";
    check(&mut home.skep(rm), 1, "", "  service monitoring_loki\n");
    check(&mut home.skep(rm), 1, "", "  the same as: docker stack rm monitoring\n");
    check(&mut home.skep(rm), 1, "", "hint: repeat it with --yes");
    check(&mut home.skep("--demo stop monitoring"), 1, "", "the same as: skep stop monitoring\n");
    check(&mut home.skep("--demo --yes rm monitoring"), 0, "gone after", "remove stack monitoring");
    check(
        &mut home.skep("--demo --yes stop monitoring"),
        0,
        "node-exporter (global)",
        "stop stack",
    );
    check(&mut home.skep("--demo --json --yes rm traefik"), 0, "\"event\":\"finished\"", "");
    for line in ["rm traefik", "stop traefik", "start traefik"] {
        let mut command = home.skep(&format!("--demo --yes --read-only {line}"));
        check(&mut command, 1, "", "read-only: nothing is changed");
    }
    check(&mut home.skep("--demo rm nobody"), 1, "", "error: there is no stack `nobody`");
    check(
        &mut home.skep("--demo start traefik"),
        0,
        "no service of stack traefik is stopped",
        "start",
    );
    check(&mut home.skep("--demo stop traefk"), 1, "", "did you mean `traefik`?");
}

/// Runs as somebody whom sockets can refuse.
fn as_nobody(command: &mut Command) -> &mut Command {
    const NOBODY: u32 = 65_534;
    let is_root = fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    if is_root { command.uid(NOBODY).gid(NOBODY) } else { command }
}

#[test]
fn a_socket_without_permission_says_how_to_get_it() {
    let home = Home::new();
    let open = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let path = home.0.path().join("docker.sock");
    let _engine = UnixListener::bind(&path).unwrap();
    open(home.0.path(), 0o755);
    open(&path, 0);
    let binary = executable::skep_in(home.0.path());
    let mut command = Command::new(&binary);
    command.arg("ls").env_clear().env("HOME", "/nonexistent");
    command.env("DOCKER_HOST", format!("unix://{}", path.display()));
    check(as_nobody(&mut command), 1, "", "error: no permission to use unix://");
    check(as_nobody(&mut command), 1, "", "\nhint: ");
}

#[test]
fn settings_come_from_the_home_of_the_user() {
    let home = Home::new();
    let folder = home.0.path().join(".config/skep");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "[ui]\ntheme = \"dark\"\n").unwrap();
    check(&mut home.skep("config --path"), 0, folder.to_str().unwrap(), "");
    check(&mut home.skep("config"), 0, "config.toml:2\n", "");
    fs::write(folder.join("config.toml"), "[ui]\nteme = \"dark\"\n").unwrap();
    check(
        &mut home.skep("ls"),
        2,
        "",
        "config.toml:2: unknown key `ui.teme`\nhint: did you mean `ui.theme`?",
    );
    fs::write(folder.join("config.toml"), "[keys]\ndeplyo = [\"x\"]\n").unwrap();
    check(&mut home.skep("ls"), 2, "", "deplyo");
}

#[test]
fn a_reader_that_has_enough_is_no_failure() {
    let mut child = Home::new().skep("completions zsh").stdout(Stdio::piped()).spawn().unwrap();
    let mut output = child.stdout.take().unwrap();
    output.read_exact(&mut [0; 10]).unwrap();
    drop(output);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_log_goes_to_a_private_folder_and_never_to_the_screen() {
    let home = Home::new();
    let output = home.skep("ls").env("SKEP_LOG", "trace").output().unwrap();
    assert_eq!(texts(&output).1.lines().count(), 2);
    let entry = fs::read_dir(home.state()).unwrap().next().unwrap().unwrap();
    let name = entry.file_name().into_string().unwrap();
    assert!(name.starts_with("skep.20"), "{name}");
    assert!(fs::read_to_string(entry.path()).unwrap().contains("skep::engine"));
    assert_eq!(fs::metadata(home.state()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn without_a_place_for_state_only_what_needs_it_fails() {
    let home = Home::new();
    // A directory below a file cannot be made, not even by root.
    fs::write(home.0.path().join("file"), "").unwrap();
    let nowhere = home.0.path().join("file/skep");
    check(home.skep("--demo ls").env("SKEP_STATE_DIR", &nowhere), 0, "shop-production-web", "");
    check(home.skep("audit").env("SKEP_STATE_DIR", &nowhere), 1, "", "error: the state file");
    assert!(!Path::new(&nowhere).exists());
}

#[test]
fn nothing_is_coloured_where_no_terminal_reads() {
    let output = Home::new().run("--demo services");
    assert!(!texts(&output).0.contains('\u{1b}'));
}

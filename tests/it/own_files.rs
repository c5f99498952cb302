//! The files that skep has for itself: nobody else reads them, and nobody else puts
//! something in their place. And what it says of engines that anybody could be.

use crate::executable;
use jiff::{SignedDuration, Timestamp};
use skep::{domain::deployment::audit::AuditLine, store::Store};
use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A home of its own, with a state folder.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(home.state()).unwrap();
        home
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }

    /// The logs of today and of the days around, whenever this runs.
    fn logs(&self) -> Vec<PathBuf> {
        let now = Timestamp::now();
        let days = [-24, 0, 24].map(|it| now + SignedDuration::from_hours(it));
        days.map(|it| self.state().join(format!("skep.{}.log", it.strftime("%Y-%m-%d")))).into()
    }

    /// Runs a line in a shell, with everything logged and nothing masked.
    fn run(&self, line: &str, environment: &[(&str, &str)]) -> (Option<i32>, String) {
        let script = format!("umask 000; exec '{}' {line}", env!("CARGO_BIN_EXE_skep"));
        let mut command = Command::new("sh");
        command.args(["-c", &script]).env_clear();
        command.env("HOME", self.0.path()).env("SKEP_STATE_DIR", self.state());
        command.env("DOCKER_HOST", format!("unix://{}/none", self.0.path().display()));
        command.env("SKEP_LOG", "trace").envs(environment.iter().copied());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn the_log_is_for_its_owner_whatever_the_umask_says() {
    let home = Home::new();
    home.run("ls", &[]);
    let written: Vec<_> = home.logs().into_iter().filter(|it| it.exists()).collect();
    assert!(!written.is_empty());
    for log in &written {
        assert!(fs::metadata(log).unwrap().len() > 0, "nothing is logged");
        assert_eq!(mode(log), 0o600);
        // One that an older skep made.
        set_mode(log, 0o644);
    }
    home.run("ls", &[]);
    for log in home.logs().into_iter().filter(|it| it.exists()) {
        assert_eq!(mode(&log), 0o600);
    }
}

#[test]
fn the_log_follows_no_link_and_opens_no_pipe() {
    let home = Home::new();
    let mine = home.0.path().join("mine");
    fs::write(&mine, "precious").unwrap();
    for log in home.logs() {
        symlink(&mine, log).unwrap();
    }
    // No command fails because nothing can be logged.
    assert_eq!(home.run("--demo ls", &[]), (Some(0), String::new()));
    assert_eq!(fs::read_to_string(&mine).unwrap(), "precious");
    for log in home.logs() {
        fs::remove_file(&log).unwrap();
        assert!(Command::new("mkfifo").arg(&log).status().unwrap().success());
    }
    assert_eq!(home.run("--demo ls", &[]), (Some(0), String::new()));
}

fn line() -> AuditLine {
    let text = r#"{"at":"2026-05-04T12:00:00Z","who":{"user":"a","from":null,"host":"h"},
        "context":null,"address":"x","action":"a","object":"o","command":null,
        "outcome":{"succeeded":"done"}}"#;
    serde_json::from_str(text).unwrap_or_else(|err| panic!("{err}"))
}

#[test]
fn a_state_folder_that_anybody_may_write_to_is_refused_with_the_fix() {
    for open in [0o777, 0o1777, 0o702] {
        let home = Home::new();
        let (state, store) = (home.state(), Store::in_dir(&home.state()));
        set_mode(&state, open);
        let folder = state.display().to_string();
        let fix = format!("chmod 700 {folder}");
        for err in [store.record(&line()).unwrap_err(), store.audit(1).unwrap_err()] {
            let err = err.to_string();
            assert!(err.contains("anybody may write to") && err.contains(&fix), "{err}");
        }
        let (code, said) = home.run("audit", &[]);
        assert!(code == Some(1) && said.contains(&fix), "{said}");
        assert!(!store.path().exists() && !store.key_file().exists());
        set_mode(&state, 0o700);
        store.record(&line()).unwrap();
        assert_eq!(home.run("audit", &[]).0, Some(0));
    }
}

#[test]
fn a_device_is_no_state_folder_and_its_mode_is_nobodys_business() {
    let err = Store::in_dir(Path::new("/dev/null")).audit(1).unwrap_err();
    assert!(err.to_string().ends_with("/dev/null is not a folder"), "{err}");
    assert!(err.hint().contains("name another directory in SKEP_STATE_DIR"), "{}", err.hint());
}

#[test]
fn a_state_folder_of_a_group_is_taken_from_the_group() {
    let home = Home::new();
    set_mode(&home.state(), 0o770);
    Store::in_dir(&home.state()).record(&line()).unwrap();
    assert_eq!(mode(&home.state()) & 0o022, 0);
}

#[test]
fn a_state_folder_that_anybody_may_replace_is_refused_with_the_fix() {
    let home = Home::new();
    set_mode(home.0.path(), 0o777);
    let fix = format!("chmod o-w {}", home.0.path().display());
    let (code, said) = home.run("audit", &[]);
    assert!(code == Some(1) && said.contains(&fix), "{said}");
    // Where only one's own can be moved, nobody replaces anything.
    set_mode(home.0.path(), 0o1777);
    assert_eq!(home.run("audit", &[]).0, Some(0));
    // However far above, and before the folder is there.
    let far = home.0.path().join("a/b");
    fs::create_dir_all(&far).unwrap();
    set_mode(home.0.path(), 0o777);
    for state in [far.clone(), far.join("none/state")] {
        let (code, said) = home.run("audit", &[("SKEP_STATE_DIR", &state.display().to_string())]);
        assert!(code == Some(1) && said.contains(&fix), "{said}");
        assert!(!Store::in_dir(&state).path().exists());
    }
    let into = Store::in_dir(&far.join("nobody/state"));
    assert!(into.record(&line()).unwrap_err().to_string().contains(&fix));
    assert!(!far.join("nobody").exists());
    set_mode(home.0.path(), 0o755);
    into.record(&line()).unwrap();
}

#[test]
fn a_state_that_others_could_change_is_taken_from_them_by_whoever_reads_it() {
    let home = Home::new();
    let store = Store::in_dir(&home.state());
    store.record(&line()).unwrap();
    for open in [0o666, 0o644, 0o660] {
        set_mode(&store.path(), open);
        assert_eq!(home.run("audit", &[]).0, Some(0));
        assert_eq!(mode(&store.path()), 0o600, "{open:o}");
    }
}

#[test]
fn what_belongs_to_another_user_is_refused_with_the_fix() {
    const US: u32 = 65_534;
    const THEM: u32 = 12_345;
    if fs::metadata("/proc/self").map_or(0, |it| it.uid()) != 0 {
        return;
    }
    let home = Home::new();
    let store = Store::in_dir(&home.state());
    store.record(&line()).unwrap();
    let binary = executable::skep_in(home.0.path());
    let audit = || {
        let mut command = Command::new(&binary);
        command.arg("audit").env_clear().env("HOME", home.0.path());
        command.env("SKEP_STATE_DIR", home.state()).uid(US).gid(US);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    set_mode(home.0.path(), 0o755);
    for (state, file, refused) in
        [(US, US, None), (US, THEM, Some(store.path())), (THEM, US, Some(home.state()))]
    {
        chown(home.state(), Some(state), None).unwrap();
        chown(store.path(), Some(file), None).unwrap();
        set_mode(&home.state(), 0o755);
        set_mode(&store.path(), 0o644);
        let (code, said) = audit();
        match refused {
            None => assert_eq!(code, Some(0), "{said}"),
            Some(path) => {
                let fix = format!("sudo chown -R $USER {}", path.display());
                assert!(code == Some(1) && said.contains(&fix), "{said}");
            }
        }
    }
}

#[test]
fn an_engine_whose_certificate_nobody_checks_is_named() {
    let home = Home::new();
    let host = ("DOCKER_HOST", "tcp://127.0.0.1:1");
    let note = "note: tcp://127.0.0.1:1: its certificate is not verified";
    let said = home.run("ls", &[host, ("DOCKER_TLS", "1")]).1;
    assert!(said.starts_with(note) && said.contains("DOCKER_TLS_VERIFY=1"), "{said}");
    assert_eq!(said.matches("not verified").count(), 1, "{said}");
    for fine in [
        &[host, ("DOCKER_TLS", "1"), ("DOCKER_TLS_VERIFY", "1")][..],
        &[host],
        &[host, ("DOCKER_TLS", "")],
        &[("DOCKER_TLS", "1")],
    ] {
        let said = home.run("ls", fine).1;
        assert!(!said.contains("not verified"), "{fine:?}: {said}");
    }
    let said = home.run("--demo ls", &[host, ("DOCKER_TLS", "1")]).1;
    assert!(!said.contains("not verified"), "{said}");
}

//! Arguments and names of files: the real binary, its raw bytes.

use crate::hostile::{Allowed, PAYLOADS, all, leak};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use regex::Regex;
use std::{fs, io::Read, path::Path, process::Command};

/// Runs skep to a pipe and in a terminal; returns what came out, raw.
fn both(arguments: &[String], folder: &Path) -> [String; 2] {
    let program = env!("CARGO_BIN_EXE_skep");
    let clean: Vec<&str> = arguments.iter().map(|it| it.trim_matches('\0')).collect();
    let output = Command::new(program)
        .args(&clean)
        .env_clear()
        .env("HOME", folder)
        .env("DOCKER_HOST", format!("unix://{}/none.sock", folder.display()))
        .current_dir(folder)
        .output()
        .unwrap();
    let piped = [output.stdout, output.stderr].concat();
    let mut command = CommandBuilder::new(program);
    command.args(&clean);
    command.env_clear();
    command.env("HOME", folder);
    command.env("DOCKER_HOST", format!("unix://{}/none.sock", folder.display()));
    command.env("TERM", "xterm-256color");
    command.cwd(folder);
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut seen = Vec::new();
    // The other end is gone with the program (EIO).
    let _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut seen);
    child.wait().unwrap();
    [String::from_utf8(piped).unwrap(), String::from_utf8(seen).unwrap().replace("\r\n", "\n")]
}

#[test]
fn no_argument_and_no_name_of_a_file_drives_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let styles = Regex::new("\x1b\\[[0-9;]*m").unwrap();
    let mut looked = 0;
    for payload in PAYLOADS.iter().map(|it| it.replace('\0', "")).chain([all().replace('\0', "")]) {
        let name = payload.replace('/', "_");
        let file = format!("{name}.yml");
        fs::write(folder.path().join(&file), "services:\n  a:\n    image: x\n    imag: y\n")
            .unwrap();
        for line in [
            vec![payload.clone()],
            vec![format!("--{payload}")],
            vec!["ls".to_owned(), format!("-{payload}")],
            vec!["--demo".to_owned(), "ps".to_owned(), payload.clone()],
            vec!["--demo".to_owned(), "services".to_owned(), payload.clone()],
            vec!["--demo".to_owned(), "logs".to_owned(), payload.clone()],
            vec!["--context".to_owned(), payload.clone(), "ls".to_owned()],
            vec!["check".to_owned(), "-c".to_owned(), file.clone()],
            vec!["check".to_owned(), "-c".to_owned(), format!("{payload}/none")],
            vec!["plan".to_owned(), "-c".to_owned(), file, "x".to_owned()],
            vec!["template".to_owned(), "show".to_owned(), payload.clone()],
            vec!["project".to_owned(), "create".to_owned(), payload.clone()],
        ] {
            let [piped, seen] = both(&line, folder.path());
            assert_eq!(leak(&piped, Allowed { colors: false, bars: false }), None, "{line:?}");
            let foreign = seen.contains("\x1b[38;5;199m") || seen.contains("\x1b[8m");
            assert!(!foreign, "{line:?}: {seen:?}");
            let seen = styles.replace_all(&seen, "");
            assert_eq!(leak(&seen, Allowed { colors: false, bars: false }), None, "{line:?}");
            looked += 2;
        }
    }
    println!("arguments: 12 places × {} payloads, {looked} outputs, 0 leaks", PAYLOADS.len() + 1);
}

#[test]
fn no_name_of_a_file_forges_a_line() {
    const NAME: &str = "x\nerror: forged\r\nhint: forged\u{2028}note: forged.yml";
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("good.yml", "services: {a: {image: x}}\n");
    let beside = "services: {a: {image: x, env_file: \"y\\nerror: forged\"}}\n";
    write("beside.yml", beside);
    let mut looked = 0;
    for text in [None, Some("services: {a: {imag: y}}\n"), Some("[[["), Some("=\n")] {
        if let Some(text) = text {
            write(NAME, text);
        }
        for line in [
            &["check", "-c", "NAME"][..],
            &["check", "-c", "good.yml", "--env-file", "NAME"],
            &["check", "-c", "beside.yml"],
            &["--config", "NAME", "config"],
            &["--demo", "plan", "-c", "NAME", "x"],
            &["--demo", "plan", "-c", "good.yml", "--env-file", "NAME", "x"],
            &["--demo", "--json", "deploy", "-c", "NAME", "x"],
            &["render", "-c", "NAME", "x"],
            &["import", "NAME"],
            &["template", "render", "NAME"],
        ] {
            let arguments: Vec<String> = line.iter().map(|it| it.replace("NAME", NAME)).collect();
            for seen in both(&arguments, folder.path()) {
                let lines = seen.split(['\n', '\r', '\u{2028}']);
                let forged: Vec<&str> = lines
                    .filter(|it| {
                        ["error: f", "hint: f", "note: f"].iter().any(|f| it.starts_with(f))
                    })
                    .collect();
                assert_eq!(forged, Vec::<&str>::new(), "{line:?} says\n{seen}");
                looked += usize::from(seen.contains("forged"));
            }
        }
    }
    assert!(looked >= 40, "the name was in {looked} answers");
}

//! Arguments, names of files, and a whole cockpit: the real binary, its raw bytes.

use crate::{
    hostile::{Allowed, PAYLOADS, all, leak, world::Words},
    wait::wait_until,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use regex::Regex;
use std::{
    fs::{self, DirEntry},
    io::{Read, Write},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

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

/// Screens, and what can be done with what is on them.
const TOUR: &[&str] = &[
    ":overview\r",
    ":services\r",
    "W",
    "d",
    "\x1b",
    "y",
    "\x1b",
    "l",
    "\x1b",
    ":nodes\r",
    "d",
    "\x1b",
    ":stacks\r",
    ":tasks\r",
    "d",
    "c",
    "\x1b",
    ":swarm\r",
    "c",
    "\x13",
    "\x1b",
    ":board\r",
    "c",
    "\x13",
    "?",
    "\x1b",
    "\x12",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_screen_of_the_cockpit_lets_a_text_drive_the_terminal() {
    let mut words = Words::read().await;
    let payload = all();
    let fields = words.poison(&payload, false);
    let stand_in = words.engine(&payload);
    let folder = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_skep"));
    command.env_clear();
    command.env("HOME", folder.path());
    command.env("DOCKER_HOST", format!("unix://{}", stand_in.socket().display()));
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command.cwd(folder.path());
    let size = PtySize { rows: 48, cols: 160, ..PtySize::default() };
    let pair = native_pty_system().openpty(size).unwrap();
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let seen: Arc<Mutex<Vec<u8>>> = Arc::default();
    let (mut output, kept) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&seen));
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = output.read(&mut bytes) {
            kept.lock().unwrap().extend_from_slice(&bytes[..count]);
        }
    });
    let mut keys = pair.master.take_writer().unwrap();
    let patience = Duration::from_secs(60);
    let length = || seen.lock().unwrap().len();
    let holds = |text: &str| String::from_utf8_lossy(&seen.lock().unwrap()).contains(text);
    wait_until("the board", patience, || holds("Stacks"));
    for press in TOUR {
        let before = length();
        keys.write_all(press.as_bytes()).unwrap();
        keys.flush().unwrap();
        wait_until(&format!("what {press:?} draws"), patience, || length() > before);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let bytes = seen.lock().unwrap().clone();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let screens = judge(&text);
    let saved = saved_views(folder.path());
    println!(
        "cockpit: {} fields × {} payloads × {} keys, {screens} bytes, {saved} saved views, 0 leaks",
        fields.len(),
        PAYLOADS.len(),
        TOUR.len()
    );
}

/// Looks at the views that were saved there; returns how many.
fn saved_views(folder: &Path) -> usize {
    let views = fs::read_dir(folder).unwrap().flatten();
    let views = views.filter(|it| it.file_name().to_string_lossy().starts_with("skep-"));
    let look = |view: DirEntry| {
        let text = fs::read_to_string(view.path()).unwrap();
        assert_eq!(leak(&text, Allowed { colors: false, bars: false }), None);
    };
    views.map(look).count()
}

/// Takes away what the cockpit itself sends; nothing else may be left.
fn judge(text: &str) -> usize {
    let copies = Regex::new("\x1b\\]52;c;([A-Za-z0-9+/=]*)(\x07|\x1b\\\\)").unwrap();
    for copy in copies.captures_iter(text) {
        let copied = String::from_utf8(STANDARD.decode(&copy[1]).unwrap()).unwrap();
        assert_ne!(copied, "EVIL");
        assert_eq!(leak(&copied, Allowed { colors: false, bars: false }), None, "{copied:?}");
    }
    assert!(!text.contains("\x1b[77;66H"), "a foreign sequence moved the cursor");
    assert!(!text.contains("\x1b[38;5;199m"), "a foreign sequence set a colour");
    let own = Regex::new("\x1b\\[(\\?[0-9;]+[hl]|[0-9;]*[HmJKABCDG])").unwrap();
    let rest = copies.replace_all(text, "");
    let rest = own.replace_all(&rest, "").replace('\r', "");
    assert_eq!(leak(&rest, Allowed { colors: false, bars: false }), None);
    text.len()
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

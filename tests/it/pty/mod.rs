//! The real binary in a terminal of its own. Tests wait for what is on the
//! screen, never for time.

mod editor;
mod gone;
mod leaving;
mod day;
mod quits;
mod typed;

use crate::wait::{wait_for, wait_until};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use skep::tui::terminal;
use std::{
    env, fs,
    io::{Read, Write},
    num::NonZero,
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tempfile::TempDir;
use vt100::{Color, MouseProtocolMode, Parser};

/// A machine under load needs a while; nothing waits that long where all is well.
const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with a program in it.
struct Terminal {
    parser: Arc<Mutex<Parser>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    /// The window is closed: nobody reads any more.
    closed: Arc<AtomicBool>,
}

/// A home of its own: no settings, no engine, no state of whoever runs the tests.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn skep(&self, line: &str) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_skep"));
        command.args(line.split_whitespace());
        command.env_clear();
        let path = |name: &str| self.0.path().join(name);
        command.env("HOME", self.0.path());
        command.env("SKEP_STATE_DIR", path("state"));
        command.env("DOCKER_CONFIG", path("docker"));
        command.env("DOCKER_HOST", format!("unix://{}", path("none.sock").display()));
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command
    }
}

impl Terminal {
    fn demo(home: &Home) -> Self {
        let terminal = Self::run(home.skep("--demo"));
        terminal.shows("monitoring_alertmanager");
        terminal
    }

    /// Runs a program in a terminal of 120 columns and 40 rows.
    fn run(command: CommandBuilder) -> Self {
        let size = PtySize { rows: 40, cols: 120, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let [rows, columns] = [size.rows, size.cols].map(|it| NonZero::new(it).unwrap());
        let parser = Arc::new(Mutex::new(Parser::new(rows, columns, 0)));
        let mut output = pair.master.try_clone_reader().unwrap();
        let seen = Arc::clone(&parser);
        let closed = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&closed);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes)
                && !ends.load(Ordering::SeqCst)
            {
                seen.lock().unwrap().process(&bytes[..count]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { parser, keys, child, master: pair.master, closed }
    }

    fn screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.parser.lock().unwrap().screen())
    }

    fn contents(&self) -> String {
        self.screen(vt100::Screen::contents)
    }

    #[track_caller]
    fn shows(&self, text: &str) {
        self.waits(&format!("{text:?} on the screen"), |it| it.contents().contains(text));
    }

    #[track_caller]
    fn hides(&self, text: &str) {
        self.waits(&format!("{text:?} gone"), |it| !it.contents().contains(text));
    }

    #[track_caller]
    fn waits(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..PATIENCE.as_millis() / 20 {
            if holds(self) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("waited in vain for {what} in\n{}", self.contents());
    }

    /// Types a text; `\r` is enter, `\x1b` is esc, `\x15` is ctrl-u.
    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Answers the question that is shown with yes. One that was just drawn wants to be
    /// read first, and says so.
    #[track_caller]
    fn yes(&mut self) {
        self.answers("y", "<y>yes");
    }

    /// Presses a key that answers what shows this text, until it is taken.
    #[track_caller]
    fn answers(&mut self, key: &str, asked: &str) {
        self.shows(asked);
        loop {
            self.press(key);
            self.waits("the answer taken", |it| {
                let screen = it.contents();
                screen.contains("too early") || !screen.contains(asked)
            });
            if !self.contents().contains("too early") {
                return;
            }
            // Any key takes the remark away; this one means nothing here.
            self.press("z");
            self.waits("the remark gone", |it| !it.contents().contains("too early"));
        }
    }

    fn resize(&self, columns: u16, rows: u16) {
        let [height, width] = [rows, columns].map(|it| NonZero::new(it).unwrap());
        self.parser.lock().unwrap().set_size(height, width);
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        self.master.resize(size).unwrap();
    }

    fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap();
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status();
        assert!(sent.unwrap().success());
    }

    /// Returns the letter of the process's state, `T` for one that is stopped.
    fn state(&self) -> char {
        let id = self.child.process_id().unwrap();
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
    }

    /// Waits for the end and returns the exit code.
    #[track_caller]
    fn ended(&mut self) -> u32 {
        let child = &mut self.child;
        wait_for("the end of the program", PATIENCE, || child.try_wait().unwrap()).exit_code()
    }

    /// The terminal is as the shell left it.
    #[track_caller]
    fn is_clean(&self) {
        self.waits("a clean terminal", |it| {
            it.screen(|screen| {
                !screen.alternate_screen()
                    && !screen.hide_cursor()
                    && !screen.bracketed_paste()
                    && screen.mouse_protocol_mode() == MouseProtocolMode::None
            }) && it.echoes()
        });
    }

    /// Whether what is typed is shown by the terminal itself, as it is in a shell.
    fn echoes(&self) -> bool {
        let modes = format!("{:?}", self.master.get_termios().unwrap().local_flags);
        modes.contains("ECHO") && modes.contains("ICANON")
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It is over already, where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_cockpit_starts_and_leaves_the_terminal_as_it_was() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.shows("25 services");
    assert!(terminal.screen(vt100::Screen::alternate_screen) && !terminal.echoes());
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
    terminal.hides("services");
}

#[test]
fn the_cockpit_follows_the_size_of_its_terminal() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.shows("Stacks [");
    terminal.resize(80, 24);
    terminal.hides("Stacks [");
    terminal.shows("Services [25]");
    terminal.resize(40, 10);
    terminal.shows("skep needs 60×15 cells");
    terminal.resize(120, 40);
    terminal.shows("Stacks [");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn a_service_is_scaled_and_the_verdict_is_told() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.press("/whoami\r");
    terminal.shows("[1/25] /whoami");
    terminal.press("s\x153\r");
    terminal.shows("Scale whoami to 3?");
    terminal.shows("docker service scale whoami=3");
    terminal.yes();
    terminal.shows("3/3 tasks run after");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

#[test]
fn what_is_pasted_is_no_command() {
    let home = Home::new();
    for signal in [None, Some("TERM")] {
        let mut terminal = Terminal::demo(&home);
        // What comes with the end of a paste is a part of it: its text may have had an end.
        terminal.press("\x1b[200~ry\x1b[201~:demo\rq");
        terminal.shows("what is pasted presses no key");
        terminal.press(":nodes\r");
        terminal.shows("board ▸ nodes");
        assert!(!terminal.contents().contains("Restart"));
        match signal {
            Some(signal) => terminal.signal(signal),
            None => terminal.press("q"),
        }
        assert_eq!(terminal.ended(), 0);
        terminal.is_clean();
    }
}

#[test]
fn signals_that_end_the_program_leave_a_clean_terminal() {
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let home = Home::new();
        let mut terminal = Terminal::demo(&home);
        terminal.signal(signal);
        terminal.ended();
        terminal.is_clean();
    }
}

#[test]
fn a_job_lives_on_when_the_terminal_of_its_cockpit_is_closed() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.press(":scale whoami 3\r");
    terminal.shows("Scale whoami to 3?");
    terminal.yes();
    terminal.shows("1 job");
    terminal.signal("HUP");
    terminal.shows("3/3 tasks run after");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

#[test]
fn a_cockpit_that_is_asked_to_end_waits_until_its_jobs_have_stopped() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.press(":scale whoami 3\r");
    terminal.shows("Scale whoami to 3?");
    terminal.yes();
    terminal.shows("1 job");
    terminal.signal("TERM");
    terminal.shows("waiting for what runs");
    terminal.shows("stopped: ");
    assert_eq!(terminal.ended(), 1);
    terminal.is_clean();
}

/// A deployment in the demo that takes some seconds.
fn deployment(home: &Home) -> CommandBuilder {
    let file = home.0.path().join("blog.yml");
    let label = "deploy: {labels: {skep.window: 3s}}";
    fs::write(&file, format!("services: {{web: {{image: 'ghost:5', {label}}}}}\n")).unwrap();
    home.skep(&format!("--demo deploy -c {} blog", file.display()))
}

#[test]
fn a_deployment_goes_on_when_its_terminal_is_closed() {
    let home = Home::new();
    let mut terminal = Terminal::run(deployment(&home));
    terminal.shows("wave 1");
    terminal.signal("HUP");
    terminal.shows("1 service runs after");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn a_deployment_whose_words_nobody_takes_ends_as_it_should() {
    let home = Home::new();
    let argv = deployment(&home);
    let mut command = Command::new(&argv.get_argv()[0]);
    command.args(&argv.get_argv()[1..]).env_clear().env("HOME", home.0.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_way_back_cannot_be_cancelled_and_says_so() {
    let home = Home::new();
    let file = home.0.path().join("other.yml");
    fs::write(&file, "services: {loki: {image: 'ghost:5'}}\n").unwrap();
    let line = format!("--demo deploy -c {} monitoring", file.display());
    let mut terminal = Terminal::run(home.skep(&line));
    terminal.shows("wave 1");
    terminal.press("\x03");
    terminal.shows("going back: stopped by the operator");
    terminal.signal("TERM");
    terminal.shows("a way back cannot be cancelled");
    assert_eq!(terminal.ended(), 3);
}

#[test]
fn a_suspended_cockpit_gives_the_terminal_back_and_returns_as_it_was() {
    let home = Home::new();
    let mut terminal = Terminal::demo(&home);
    terminal.press(":nodes\r");
    terminal.shows("board ▸ nodes");
    terminal.press("\x1a");
    terminal.waits("the process to stop", |it| it.state() == 'T');
    terminal.is_clean();
    terminal.signal("CONT");
    terminal.shows("board ▸ nodes");
    assert!(terminal.screen(vt100::Screen::alternate_screen) && !terminal.echoes());
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

/// Runs in a terminal, started by the test below.
#[test]
#[ignore = "a program that panics on purpose"]
fn a_program_that_panics() {
    terminal::restore_on_panic();
    let _screen = terminal::enter(true).unwrap();
    panic!("a mistake of ours");
}

#[test]
fn a_panic_leaves_a_clean_terminal_and_is_told_there() {
    let home = Home::new();
    let mut command = home.skep("");
    let argv = command.get_argv_mut();
    argv[0] = env::current_exe().unwrap().into();
    argv.truncate(1);
    command.args(["--ignored", "--exact", "pty::a_program_that_panics", "--nocapture"]);
    let mut terminal = Terminal::run(command);
    terminal.shows("a mistake of ours");
    assert_ne!(terminal.ended(), 0);
    terminal.is_clean();
}

#[test]
fn without_an_engine_the_cockpit_explains_and_its_keys_work() {
    let home = Home::new();
    let mut terminal = Terminal::run(home.skep(""));
    terminal.shows("No swarm to see");
    terminal.shows("none.sock");
    terminal.press("?");
    terminal.shows("Go into what is selected.");
    terminal.press("\x1b");
    terminal.shows("No swarm to see");
    terminal.press(":demo\r");
    terminal.shows("monitoring_alertmanager");
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
    terminal.is_clean();
}

#[track_caller]
fn refused(command: CommandBuilder, says: &str) {
    let mut terminal = Terminal::run(command);
    terminal.shows(says);
    assert_eq!(terminal.ended(), 2);
    terminal.is_clean();
}

#[test]
fn settings_that_are_wrong_are_told_before_the_terminal_is_taken() {
    let home = Home::new();
    let file = home.0.path().join("skep.toml");
    let bad = [
        ("[ui]\nteme = \"dark\"\n", "did you mean `ui.theme`?"),
        ("[keys]\nrestart = \"hyper-r\"\n", "hyper-r"),
        ("[keys]\nrestart = \"d\"\n", "`d` means both"),
        ("[ui]\ntheme = \"nowhere\"\n", "nowhere"),
    ];
    for (text, says) in bad {
        fs::write(&file, text).unwrap();
        refused(home.skep(&format!("--demo --config {}", file.display())), says);
    }
}

#[test]
fn a_terminal_that_cannot_draw_is_refused() {
    let home = Home::new();
    let mut command = home.skep("--demo");
    command.env("TERM", "dumb");
    refused(command, "TERM is dumb");
}

#[test]
fn no_color_and_no_unicode_are_respected() {
    let home = Home::new();
    let mut command = home.skep("--demo");
    command.env("NO_COLOR", "1");
    command.env("LANG", "C");
    let mut terminal = Terminal::run(command);
    terminal.shows("monitoring_alertmanager");
    assert!(terminal.contents().is_ascii(), "{}", terminal.contents());
    let coloured = terminal.screen(|screen| {
        let cells = (0..40).flat_map(|row| (0..120).filter_map(move |x| screen.cell(row, x)));
        cells.filter(|it| (it.fgcolor(), it.bgcolor()) != (Color::Default, Color::Default)).count()
    });
    assert_eq!(coloured, 0);
    terminal.press("q");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn two_cockpits_at_once_share_one_state() {
    let home = Home::new();
    let mut terminals = [Terminal::run(home.skep("")), Terminal::run(home.skep(""))];
    for (terminal, command) in terminals.iter_mut().zip([":events\r", ":jobs\r"]) {
        terminal.shows("No swarm to see");
        terminal.press(command);
    }
    let kept = |home: &Path| {
        let store = skep::store::Store::in_dir(&home.join("state"));
        let mut prompts = store.prompts().unwrap();
        prompts.sort();
        prompts
    };
    wait_until("both commands in the state", PATIENCE, || {
        kept(home.0.path()) == ["events", "jobs"]
    });
    for terminal in &mut terminals {
        terminal.press("q");
        assert_eq!(terminal.ended(), 0);
        terminal.is_clean();
    }
}

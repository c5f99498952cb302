//! A terminal with a program in it, and a home of its own.

use crate::wait::{wait_for, wait_until};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Read, Write},
    num::NonZero,
    os::unix::fs::OpenOptionsExt,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use tempfile::TempDir;
use vt100::{MouseProtocolMode, Parser};

/// A machine under load needs a while; nothing waits that long where all is well.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A terminal with a program in it.
pub struct Terminal {
    parser: Arc<Mutex<Parser>>,
    /// All that came out so far, raw.
    output: Arc<Mutex<Vec<u8>>>,
    /// Whoever holds it keeps the terminal from taking anything.
    gate: Arc<Mutex<()>>,
    /// The terminal stands at the gate.
    stands: Arc<AtomicBool>,
    pub keys: Box<dyn Write + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    pub master: Box<dyn MasterPty + Send>,
    /// The window is closed: nobody reads any more.
    pub closed: Arc<AtomicBool>,
}

/// A home of its own: no settings, no engine, no state of whoever runs the tests.
pub struct Home(pub TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn skep(&self, line: &str) -> CommandBuilder {
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
    pub fn demo(home: &Home) -> Self {
        let terminal = Self::run(home.skep("--demo"));
        terminal.shows("monitoring_alertmanager");
        terminal
    }

    /// The cockpit of the demo, in which a job has begun.
    pub fn with_a_job(home: &Home) -> Self {
        let mut terminal = Self::demo(home);
        terminal.press(":scale whoami 3\r");
        terminal.shows("Scale whoami to 3?");
        terminal.yes();
        terminal.shows("1 job");
        terminal
    }

    /// Runs a program in a terminal of 120 columns and 40 rows.
    pub fn run(command: CommandBuilder) -> Self {
        Self::sized(command, 120, 40)
    }

    /// Runs a program in a terminal of that many columns and rows.
    pub fn sized(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let [rows, columns] = [size.rows, size.cols].map(|it| NonZero::new(it).unwrap());
        let parser = Arc::new(Mutex::new(Parser::new(rows, columns, 0)));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let output = Arc::<Mutex<Vec<u8>>>::default();
        let raw = Arc::clone(&output);
        let (gate, stands) = (Arc::<Mutex<()>>::default(), Arc::<AtomicBool>::default());
        let (seen, held, at) = (Arc::clone(&parser), Arc::clone(&gate), Arc::clone(&stands));
        let closed = Arc::<AtomicBool>::default();
        let ends = Arc::clone(&closed);
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes)
                && !ends.load(Ordering::SeqCst)
            {
                at.store(true, Ordering::SeqCst);
                drop(held.lock().unwrap());
                at.store(false, Ordering::SeqCst);
                raw.lock().unwrap().extend_from_slice(&bytes[..count]);
                seen.lock().unwrap().process(&bytes[..count]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { parser, output, gate, stands, keys, child, master: pair.master, closed }
    }

    pub fn screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.parser.lock().unwrap().screen())
    }

    pub fn contents(&self) -> String {
        self.screen(vt100::Screen::contents)
    }

    /// Returns all that came out so far, raw.
    pub fn output(&self) -> Vec<u8> {
        self.output.lock().unwrap().clone()
    }

    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.waits(&format!("{text:?} on the screen"), |it| it.contents().contains(text));
    }

    #[track_caller]
    pub fn hides(&self, text: &str) {
        self.waits(&format!("{text:?} gone"), |it| !it.contents().contains(text));
    }

    #[track_caller]
    pub fn waits(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..PATIENCE.as_millis() / 20 {
            if holds(self) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("waited in vain for {what} in\n{}", self.contents());
    }

    /// Types a text; `\r` is enter, `\x1b` is esc, `\x15` is ctrl-u.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Answers the question that is shown with yes. One that was just drawn wants to be
    /// read first, and says so.
    #[track_caller]
    pub fn yes(&mut self) {
        self.answers("y", "<y>yes");
    }

    /// Presses a key that answers what shows this text, until it is taken.
    #[track_caller]
    pub fn answers(&mut self, key: &str, asked: &str) {
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
            // Any key takes the remark away; this one means nothing here, and writes nothing.
            self.press("\x0c");
            self.waits("the remark gone", |it| !it.contents().contains("too early"));
        }
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let [height, width] = [rows, columns].map(|it| NonZero::new(it).unwrap());
        self.parser.lock().unwrap().set_size(height, width);
        let size = PtySize { rows, cols: columns, ..PtySize::default() };
        self.master.resize(size).unwrap();
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap();
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status();
        assert!(sent.unwrap().success());
    }

    /// Returns the letter of the process's state, `T` for one that is stopped.
    pub fn state(&self) -> char {
        let id = self.child.process_id().unwrap();
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
    }

    /// Returns what holds up all that the program writes, as a connection does that stalls,
    /// while it is locked.
    pub fn gate(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.gate)
    }

    /// Fills the terminal, whose gate is locked, until it takes nothing.
    pub fn fill(&self) {
        let name = self.master.tty_name().unwrap();
        // O_NONBLOCK and O_NOCTTY.
        let flags = 0o4000 | 0o400;
        let mut slave = OpenOptions::new().write(true).custom_flags(flags).open(name).unwrap();
        wait_until("a terminal that is full", PATIENCE, || {
            let stands = self.stands.load(Ordering::SeqCst);
            loop {
                match slave.write(&[b' '; 1024]) {
                    Ok(_) => {}
                    Err(err) if err.kind() == ErrorKind::WouldBlock => return stands,
                    Err(err) => panic!("{err}"),
                }
            }
        });
    }

    /// Waits for the end and returns the exit code.
    #[track_caller]
    pub fn ended(&mut self) -> u32 {
        let child = &mut self.child;
        wait_for("the end of the program", PATIENCE, || child.try_wait().unwrap()).exit_code()
    }

    /// The terminal is as the shell left it.
    #[track_caller]
    pub fn is_clean(&self) {
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
    pub fn echoes(&self) -> bool {
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

//! skep ends soon whenever it is asked to, whatever hangs.

use crate::{
    executable,
    pty::{Home, Terminal},
};
use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        net::UnixListener,
    },
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

/// Where something hangs: a pipe nobody writes to, and an engine that says nothing.
struct Place {
    home: Home,
    _silent: UnixListener,
}

impl Place {
    fn new() -> Self {
        let home = Home::new();
        let silent = UnixListener::bind(home.0.path().join("silent.sock")).unwrap();
        let place = Self { home, _silent: silent };
        let pipe = place.path("pipe.yml");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let beside = "services: {web: {image: 'ghost:5', env_file: ./pipe.yml}}\n";
        fs::write(place.path("beside.yml"), beside).unwrap();
        fs::write(place.path("good.yml"), "services: {web: {image: 'ghost:5'}}\n").unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.0.path().join(name)
    }

    /// Runs skep; `@` in the line is the folder.
    fn run(&self, line: &str, engine: &str) -> Terminal {
        let folder = self.home.0.path().display().to_string();
        let mut command = self.home.skep(&line.replace('@', &folder));
        command.cwd(&folder);
        command.env("DOCKER_HOST", format!("unix://{}", self.path(engine).display()));
        command.env("EDITOR", "sleep 1000");
        Terminal::run(command)
    }
}

/// A situation, the line that leads into it, what is seen and typed on the way, and what
/// asks skep to end: keys, or a signal.
struct Case {
    name: &'static str,
    line: &'static str,
    engine: &'static str,
    way: &'static [(&'static str, &'static str)],
    end: End,
}

#[derive(Clone, Copy)]
enum End {
    Keys(&'static str),
    Signal(&'static str),
}

const QUIT: End = End::Keys("\x03");

fn case(
    name: &'static str,
    line: &'static str,
    engine: &'static str,
    way: &'static [(&'static str, &'static str)],
    end: End,
) -> Case {
    Case { name, line, engine, way, end }
}

/// Every way to end in every trouble: a table.
#[allow(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<Case> {
    const NONE: &str = "none.sock";
    const SILENT: &str = "silent.sock";
    const HERE: &str = "monitoring_alertmanager";
    vec![
        case("demo", "--demo", NONE, &[(HERE, "")], End::Keys("q")),
        case("no engine", "", NONE, &[("No engine", "")], End::Keys("q")),
        case("engine silent, key", "", SILENT, &[("skep", "")], End::Keys("q")),
        case("engine silent, TERM", "", SILENT, &[("skep", "")], End::Signal("TERM")),
        case("engine silent, HUP", "", SILENT, &[("skep", "")], End::Signal("HUP")),
        case(
            "a pipe in the editor",
            "--demo",
            NONE,
            &[(HERE, ":edit pipe.yml\r"), ("Edit ·", "")],
            End::Signal("TERM"),
        ),
        case(
            "/dev/zero in the editor",
            "--demo",
            NONE,
            &[(HERE, ":edit /dev/zero\r"), ("Edit ·", "\x1b"), (HERE, "")],
            End::Keys("q"),
        ),
        case(
            "a pipe beside the file",
            "--demo",
            NONE,
            &[(HERE, ":edit beside.yml\r"), ("ghost:5", "")],
            End::Signal("TERM"),
        ),
        case(
            "an editor that stays, TERM",
            "--demo",
            NONE,
            &[(HERE, ":edit good.yml\r"), ("ghost:5", "\x05")],
            End::Signal("TERM"),
        ),
        case(
            "an editor that stays, HUP",
            "--demo",
            NONE,
            &[(HERE, ":edit good.yml\r"), ("ghost:5", "\x05")],
            End::Signal("HUP"),
        ),
        case(
            "a question open",
            "--demo",
            NONE,
            &[(HERE, "r"), ("Restart", "")],
            End::Signal("TERM"),
        ),
        case("a prompt open", "--demo", NONE, &[(HERE, ":scale")], End::Signal("INT")),
        case("deploy of a pipe", "--demo deploy -c @/pipe.yml x", NONE, &[], QUIT),
        case("deploy beside a pipe", "--demo deploy -c @/beside.yml x", NONE, &[], QUIT),
        case("check of a pipe", "check -c @/pipe.yml", NONE, &[], QUIT),
        case("plan of a pipe", "--demo plan -c @/pipe.yml x", NONE, &[], QUIT),
        case("render of a pipe", "render -c @/pipe.yml x", NONE, &[], QUIT),
        case("deploy, engine silent", "deploy -c @/good.yml x", SILENT, &[], QUIT),
        case("scale, engine silent", "service scale web=3", SILENT, &[], QUIT),
        case("list, engine silent", "ls", SILENT, &[], QUIT),
        case("logs, engine silent", "logs -f web", SILENT, &[], QUIT),
        case(
            "scale under way",
            "--demo --yes service scale whoami=3",
            NONE,
            &[("tasks run", "")],
            QUIT,
        ),
        case("import of a pipe", "import @/pipe.yml", NONE, &[], QUIT),
    ]
}

#[test]
fn skep_ends_soon_whatever_hangs() {
    let mut worst = (Duration::ZERO, "");
    let cases = cases();
    for case in &cases {
        let place = Place::new();
        let mut terminal = place.run(case.line, case.engine);
        for (seen, typed) in case.way {
            terminal.shows(seen);
            terminal.press(typed);
        }
        let asked = Instant::now();
        // What has not begun to listen ends by the first one all the same.
        match case.end {
            End::Keys(keys) => terminal.press(keys),
            End::Signal(name) => terminal.signal(name),
        }
        terminal.ended();
        let took = asked.elapsed();
        println!("{took:>10.2?}  {}", case.name);
        if took > worst.0 {
            worst = (took, case.name);
        }
    }
    println!("worst of {}: {:.2?}, {}", cases.len(), worst.0, worst.1);
}

#[test]
fn a_cockpit_that_cannot_read_its_terminal_gives_it_back() {
    // Only root can become somebody else.
    if fs::metadata("/proc/self").map_or(0, |it| it.uid()) != 0 {
        return;
    }
    let home = Home::new();
    let path = home.0.path();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    let binary = executable::skep_in(path);
    // The terminal of somebody else, who lets others write only; and none of its own.
    let line = format!(
        "chmod 222 \"$(tty)\" && exec setpriv --reuid 65534 --regid 65534 --clear-groups setsid --wait {} --demo",
        binary.display()
    );
    let mut command = home.skep("");
    *command.get_argv_mut() = ["sh", "-c", &line].map(Into::into).to_vec();
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let mut terminal = Terminal::run(command);
    terminal.shows("no terminal: ");
    assert_ne!(terminal.ended(), 0);
    terminal.is_clean();
}

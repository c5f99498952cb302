//! A window that is closed, with the terminal gone behind it: what runs goes on to its end.

use crate::{
    lab::Lab,
    terminal::{Home, Terminal},
};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::{fs, io, mem, sync::atomic::Ordering};

impl Terminal {
    /// Closes the window: whatever skep reads or writes there fails from now on. Whoever
    /// reads it lets go with what skep writes next.
    fn close(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        let other = native_pty_system().openpty(PtySize::default()).unwrap();
        drop(mem::replace(&mut self.master, other.master));
        // It says a last word itself.
        drop(mem::replace(&mut self.keys, Box::new(io::sink())));
    }
}

/// A stack that takes some seconds until it has arrived, or goes back.
fn file(home: &Home, image: &str) -> String {
    let file = home.0.path().join("gone.yml");
    let label = "deploy: {labels: {skep.window: 3s, skep.grace: 4s}}";
    fs::write(&file, format!("services: {{web: {{image: '{image}', {label}}}}}\n")).unwrap();
    file.display().to_string()
}

#[test]
fn a_command_goes_on_when_its_terminal_is_gone() {
    // How it ended is in the code only.
    for (image, code) in [("ghost:5", 0), ("ghost:crash", 3)] {
        let home = Home::new();
        let line = format!("--demo deploy -c {} gone", file(&home, image));
        let mut terminal = Terminal::run(home.skep(&line));
        terminal.shows("group 1");
        terminal.close();
        assert_eq!(terminal.ended(), code, "{image}");
    }
}

#[test]
fn the_job_of_a_cockpit_goes_on_when_its_terminal_is_gone() {
    let home = Home::new();
    let mut terminal = Terminal::with_a_job(&home);
    terminal.close();
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn a_deployment_of_a_cockpit_goes_on_when_its_terminal_is_gone() {
    let Some(lab) = Lab::shared() else { return };
    let home = Home::new();
    let skep = |line: &str| -> CommandBuilder {
        let mut command = home.skep(line);
        command.env("DOCKER_HOST", lab.socket("node1"));
        command
    };
    let created = format!("stack create gone/test/web -c {}", file(&home, "skep-workload:1"));
    for line in ["project create gone", "env create gone/test", &created] {
        assert_eq!(Terminal::run(skep(line)).ended(), 0, "{line}");
    }
    let mut cockpit = Terminal::run(skep(""));
    cockpit.shows("node1 ★");
    // Before its projects are read, nobody can say which stacks there are.
    cockpit.shows("web +");
    cockpit.press(":deploy gone/test/web\r");
    cockpit.shows("+ service gone-test-web_web");
    cockpit.press("\x1b[15~");
    cockpit.shows("Deploy ");
    cockpit.yes();
    cockpit.shows("1 job");
    cockpit.close();
    assert_eq!(cockpit.ended(), 0);
    Terminal::run(skep("history gone-test-web --json")).shows("\"state\": \"healthy\"");
    lab.remove_stack("gone-test-web");
}

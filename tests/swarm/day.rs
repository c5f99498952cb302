//! A day's work of a person at a cockpit on a real swarm: with keys alone.

use crate::{
    lab::Lab,
    terminal::{Home, Terminal},
};
use portable_pty::CommandBuilder;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A project as people have it for Docker Compose, with a slip of the pen.
const COMPOSE: &str = "\
# Web and worker of the shop.
services:
  web:
    container_name: shop-web
    image: skep-workload:1
    restart: always
    environment:
      GREETING: hello   # said to customers
      TOKEN: ${TOKEN:?the token of the payment service}
    stop_grace_period: 1s
    deploy:
      replicas: 1
      labels: {skep.window: 1s, skep.grace: 4s}
  worker:
    image: skep-workload:1
    mem_limit: 64m
    stop_grace_period: 1
    deploy:
      labels: {skep.window: 1s, skep.grace: 4s}
";

const TOKEN: &str = "correct-horse-battery";

struct Day<'a> {
    lab: &'a Lab,
    home: Home,
}

impl Day<'_> {
    fn skep(&self, line: &str) -> CommandBuilder {
        let mut command = self.home.skep(line);
        command.env("DOCKER_HOST", self.lab.socket("node1"));
        command
    }

    /// Runs a command beside the cockpit, as a script would.
    fn script(&self, line: &str) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_skep"))
            .args(line.split_whitespace())
            .env("HOME", self.home.0.path())
            .env("SKEP_STATE_DIR", self.home.0.path().join("state"))
            .env("DOCKER_HOST", self.lab.socket("node1"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{line}: {said}");
        assert!(!said.contains("error"), "{line}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn environment(&self, service: &str) -> String {
        let format = "{{json .Spec.TaskTemplate.ContainerSpec.Env}}";
        self.lab.docker(&["service", "inspect", "--format", format, service])
    }

    fn replicas(&self, service: &str) -> String {
        let format = "{{.Spec.Mode.Replicated.Replicas}}";
        self.lab.docker(&["service", "inspect", "--format", format, service]).trim().to_owned()
    }
}

impl Terminal {
    /// Types a command and waits for what it says.
    #[track_caller]
    fn command(&mut self, line: &str, answer: &str) {
        self.press(&format!(":{line}\r"));
        self.shows(answer);
    }

    #[track_caller]
    fn sees_the_board(&mut self) {
        self.press(":board\r");
        self.shows("Stacks [");
    }

    /// What is offered at the cursor by itself closes first.
    #[track_caller]
    fn leaves_the_editor(&mut self) {
        while !self.contents().contains("Stacks [") {
            let before = self.contents();
            self.press("\x1b");
            self.waits("what esc does", |it| it.contents() != before);
        }
    }

    /// Deploys from the plan that is shown, and waits for the verdict.
    #[track_caller]
    fn deploys(&mut self, plan: &str) {
        self.shows(plan);
        self.press("\x1b[15~");
        self.shows("Deploy ");
        self.yes();
        self.shows("done after");
        self.sees_the_board();
    }
}

#[test]
fn a_days_work_is_done_with_keys_alone() {
    let Some(lab) = Lab::shared() else { return };
    let day = Day { lab, home: Home::new() };
    let compose = day.file("shop/docker-compose.yml", COMPOSE);
    let old = day.file("old.yml", "services:\n  app:\n    image: skep-workload:1\n");
    lab.docker(&[
        "stack",
        "deploy",
        "--resolve-image",
        "never",
        "-c",
        old.to_str().unwrap(),
        "dayold",
    ]);

    let mut cockpit = Terminal::run(day.skep(""));
    cockpit.shows("node1 ★");
    cockpit.command("create day", "project day: created");
    cockpit.command("create day/test", "environment day/test: created");
    cockpit.command("create day/live", "environment day/live: created");

    takes_a_project_in(&mut cockpit, &compose);
    deploys_with_a_secret(&day, &mut cockpit);
    edits_and_discards(&day, &mut cockpit);
    goes_back(&day, &mut cockpit);
    adopts(&mut cockpit, &old);

    let shown = cockpit.contents();
    assert!(!shown.contains(TOKEN));
    cockpit.press("q");
    assert_eq!(cockpit.ended(), 0);
    cockpit.is_clean();
    assert!(day.script("stack source day/test/web").contains("# said to customers"));
    for stack in ["day-test-web", "dayold"] {
        lab.remove_stack(stack);
    }
}

fn takes_a_project_in(cockpit: &mut Terminal, compose: &Path) {
    // A Compose project comes in: said first, then edited, its findings mended by key.
    cockpit.command(&format!("import day/test/web {}", compose.display()), "Result: ");
    cockpit.shows("container_name");
    cockpit.press("\x1b");
    cockpit.shows("# Web and worker of the shop.");
    cockpit.shows("memory: 64m");
    cockpit.shows("1 error,");
    cockpit.press("\x06stop_grace\r");
    // Letters that come at once are text as it is.
    cockpit.press("\x1b[F\r    stop_signall: SIGTERM");
    cockpit.shows("2 errors");
    cockpit.press("\x1b[20~");
    cockpit.shows("stop_signal: SIGTERM");
    cockpit.shows("1 error,");
    cockpit.press("\x13");
    cockpit.hides("not saved");
    cockpit.leaves_the_editor();
}

fn deploys_with_a_secret(day: &Day<'_>, cockpit: &mut Terminal) {
    // A secret is asked for and never shown; then the plan, and the deployment.
    cockpit.command("secret day/test/web TOKEN", "(not shown)");
    cockpit.press(TOKEN);
    cockpit.shows(&"•".repeat(TOKEN.len()));
    cockpit.press("\r");
    cockpit.shows("TOKEN is set");
    cockpit.command("deploy day/test/web", "Plan · day-test-web");
    cockpit.deploys("+ service day-test-web_web");
    assert!(day.environment("day-test-web_web").contains(&format!("TOKEN={TOKEN}")));
}

fn edits_and_discards(day: &Day<'_>, cockpit: &mut Terminal) {
    // Two edits; one is discarded, the other deployed.
    cockpit.command("edit day/test/web", "# Web and worker of the shop.");
    cockpit.press("\x06replicas: 1\r");
    cockpit.press("\x1b[F\x7f2");
    cockpit.shows("replicas: 2");
    cockpit.press("\x06hello\r");
    cockpit.press("\x1b[3~J");
    cockpit.shows("GREETING: Jello");
    cockpit.press("\x13");
    cockpit.hides("not saved");
    cockpit.leaves_the_editor();
    cockpit.command("changes day/test/web", "since release 1");
    cockpit.shows("GREETING: Jello");
    cockpit.shows("replicas: 2");
    cockpit.press("\x04");
    cockpit.shows("Discard compose");
    cockpit.yes();
    cockpit.shows("discarded compose");
    cockpit.hides("GREETING: Jello");
    cockpit.command("deploy day/test/web", "Plan · day-test-web");
    cockpit.deploys("Mode.Replicated.Replicas");
    assert_eq!(day.replicas("day-test-web_web"), "2");
    assert!(day.environment("day-test-web_web").contains("GREETING=hello"));
}

fn goes_back(day: &Day<'_>, cockpit: &mut Terminal) {
    // Back to the first release.
    cockpit.command("history day-test-web", "Releases · day-test-web");
    cockpit.shows("r2");
    cockpit.press("G");
    cockpit.press("b");
    cockpit.shows("▸ release 1");
    cockpit.shows("Mode.Replicated.Replicas");
    cockpit.press("\x1b[15~");
    cockpit.shows("back to release 1?");
    cockpit.yes();
    cockpit.waits("the first release", |_| day.replicas("day-test-web_web") == "1");
    cockpit.shows("done after");
    cockpit.sees_the_board();
}

fn adopts(cockpit: &mut Terminal, old: &Path) {
    // What docker deployed gets a source; the plan against what is live comes first.
    cockpit.command(&format!("attach dayold day/live/old {}", old.display()), "nothing to do");
    cockpit.command("stacks", "Stacks");
    cockpit.shows("old");
    cockpit.shows("1 change");
}

#[test]
fn two_cockpits_and_a_script_lose_nothing_and_see_no_error() {
    let Some(lab) = Lab::shared() else { return };
    let day = Day { lab, home: Home::new() };
    day.script("project create crowd");
    day.script("env create crowd/test");
    let file = day.file("web.yml", "services:\n  web:\n    image: skep-workload:1\n");
    day.script(&format!("stack create crowd/test/web -c {}", file.display()));
    let mut cockpits = ["a", "b"].map(|_| Terminal::run(day.skep("")));
    for it in &cockpits {
        it.shows("crowd");
    }
    for round in 0..10 {
        for (name, cockpit) in ["A", "B"].iter().zip(&mut cockpits) {
            cockpit.press(&format!(":set crowd/test/web {name}{round}=1\r"));
        }
        day.script(&format!("var set crowd/test/web S{round}=1"));
        for (name, cockpit) in ["A", "B"].iter().zip(&cockpits) {
            cockpit.shows(&format!("{name}{round} is set"));
        }
    }
    let listed = day.script("var list crowd/test/web --json");
    let rows: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let mut names: Vec<_> =
        rows.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    let mut wanted: Vec<String> =
        ["A", "B", "S"].iter().flat_map(|it| (0..10).map(move |n| format!("{it}{n}"))).collect();
    wanted.sort();
    assert_eq!(names, wanted);
    // What one did the other sees without being asked.
    for cockpit in &mut cockpits {
        cockpit.command("variables crowd/test/web", "S9");
        cockpit.shows("A9");
        cockpit.shows("B9");
    }
    day.script("var set crowd/test/web LAST=1");
    for it in &cockpits {
        it.shows("LAST");
    }
    for cockpit in &mut cockpits {
        assert!(!cockpit.contents().contains("error"));
        cockpit.press("q");
        assert_eq!(cockpit.ended(), 0);
    }
}

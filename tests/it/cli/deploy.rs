//! `skep deploy`: how it ends tells scripts where the stack is.

use crate::{
    cli::{Printed, Shell, now},
    jobs::changes,
};
use skep::{
    cli::Exit,
    engine::fake::{Behaviour, FakeEngine},
    store::Store,
};
use std::{env, fs, process::Command};
use tempfile::TempDir;

/// A terminal with a state of its own, and a folder with stack files.
pub struct Bench {
    pub shell: Shell,
    pub engine: FakeEngine,
    folder: TempDir,
}

impl Bench {
    pub fn new() -> Self {
        let engine = FakeEngine::new(7, now()).breaking("shop/web:2");
        let mut shell = Shell::with(Ok(engine.clone()));
        let folder = tempfile::tempdir().unwrap();
        shell.desk.store = Store::in_dir(&folder.path().join("state"));
        Self { shell, engine, folder }
    }

    pub async fn deploy(&self, image: &str, options: &str) -> Printed {
        self.shell.run(&self.command(image, options)).await
    }

    /// Returns the command that deploys an image.
    pub fn command(&self, image: &str, options: &str) -> String {
        format!("deploy -c {} {options} shop", self.file(image))
    }

    /// Writes a file of one service.
    pub fn file(&self, image: &str) -> String {
        let file = self.folder.path().join("shop.yml");
        fs::write(&file, format!("services:\n  web:\n    image: {image}\n")).unwrap();
        file.display().to_string()
    }
}

#[tokio::test(start_paused = true)]
async fn a_deployment_that_fails_and_goes_back_ends_with_three() {
    let bench = Bench::new();
    assert_eq!(bench.deploy("shop/web:1", "").await.exit, Exit::Done);
    let printed = bench.deploy("shop/web:2", "").await;
    assert_eq!(printed.exit, Exit::RolledBack, "{}", printed.remarks);
    assert!(
        printed.remarks.contains("error: rolled back: service shop_web: "),
        "{}",
        printed.remarks
    );
    assert!(printed.remarks.contains("all is as it was"), "{}", printed.remarks);
}

#[tokio::test(start_paused = true)]
async fn a_way_back_that_fails_ends_with_four_and_names_what_differs() {
    let bench = Bench::new();
    assert_eq!(bench.deploy("shop/web:1", "").await.exit, Exit::Done);
    let _ = bench.engine.clone().breaking("shop/web:1");
    let printed = bench.deploy("shop/web:2", "").await;
    assert_eq!(printed.exit, Exit::NeedsHelp, "{}", printed.remarks);
    assert!(printed.remarks.contains("not as it was: service shop_web: "), "{}", printed.remarks);
}

#[tokio::test(start_paused = true)]
async fn a_fast_deployment_that_fails_stays_and_ends_with_one() {
    let bench = Bench::new();
    assert_eq!(bench.deploy("shop/web:1", "--mode fast").await.exit, Exit::Done);
    let printed = bench.deploy("shop/web:2", "--mode fast").await;
    assert_eq!(printed.exit, Exit::Failed);
    assert!(printed.remarks.contains("what was sent stays"), "{}", printed.remarks);
}

#[tokio::test(start_paused = true)]
async fn limits_that_make_no_sense_are_refused_before_anything_is_sent() {
    let bench = Bench::new();
    let labels = "x\n    deploy: {labels: {skep.window: soon}}";
    let printed = bench.deploy(labels, "").await;
    assert_eq!((printed.exit, changes(&bench.engine)), (Exit::Failed, Vec::new()));
    assert!(
        printed.remarks.contains("label skep.window: `soon` is not a duration"),
        "{}",
        printed.remarks
    );
}

#[tokio::test(start_paused = true)]
async fn a_plan_tells_what_the_registry_does_not_have() {
    let bench = Bench::new();
    let missing = Behaviour::Missing;
    let _ = bench.engine.clone().behaving("shop/web:9", missing);
    let file = bench.file("shop/web:9");
    let printed = bench.shell.run(&format!("plan -c {file} shop")).await;
    assert_eq!(printed.exit, Exit::Failed);
    assert!(printed.out.contains("+ service shop_web"), "{}", printed.out);
    assert!(printed.remarks.contains("shop.yml:2:3: service web: image"), "{}", printed.remarks);
    let json = bench.shell.run(&format!("plan -c {file} shop --json")).await;
    let plan: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let found = &plan["findings"][0];
    assert_eq!((&found["code"], &found["line"]), (&"image-missing".into(), &2.into()));
    let printed = bench.shell.run(&format!("plan -c {file} --resolve-image never shop")).await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.remarks);
}

#[tokio::test(start_paused = true)]
async fn limits_of_the_command_line_go_before_those_of_services() {
    let bench = Bench::new();
    let labels = "shop/web:1\n    deploy: {labels: {skep.window: 2h}}";
    let printed = bench.deploy(labels, "--window 45s").await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.remarks);
    let took = printed.out.split_whitespace().nth(4).unwrap();
    let seconds: u64 = took.split('s').next().unwrap().parse().unwrap();
    assert!((45..90).contains(&seconds), "{}", printed.out);
}

/// Makes this binary run the part of a child only, on a disk that takes no state.
const CHILD: &str = "SKEP_TEST_FULL_DISK";

/// No test but the child's part.
#[tokio::test(start_paused = true)]
async fn child_on_a_full_disk() {
    if env::var(CHILD).is_err() {
        return;
    }
    let bench = Bench::new();
    for options in ["", "--mode fast"] {
        let printed = bench.deploy("shop/web:1", options).await;
        println!("\n{:?} {} {:?}", printed.exit, printed.remarks, changes(&bench.engine));
    }
}

#[test]
fn nothing_is_deployed_where_the_state_file_has_no_room() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""]);
    shell.arg(env::current_exe().unwrap());
    shell.args(["--exact", "cli::deploy::child_on_a_full_disk", "--nocapture"]);
    let output = shell.env(CHILD, "1").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (refused, went) = said.split_once("\nDone ").unwrap_or_else(|| panic!("{said}"));
    assert!(refused.contains("Failed "), "{said}");
    assert!(refused.contains("error: no journal can be kept"), "{said}");
    assert!(refused.contains("no room for the state file"), "{said}");
    assert!(refused.contains("hint: nothing was touched; make room on the disk"), "{said}");
    assert!(refused.contains(" []\n"), "{said}");
    assert!(went.contains("create service shop_web"), "{said}");
}

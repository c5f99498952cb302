//! `skep history` and `skep rollback`: what was deployed, and how to get there
//! again.

use crate::cli::{Shell, deploy::Bench};
use insta::assert_snapshot;
use skep::{
    cli::Exit,
    config::{Flags, load},
};
use std::num::NonZeroUsize;

/// A shop in its second release.
async fn second() -> Bench {
    let mut bench = Bench::new();
    bench.shell.desk.options.yes = true;
    assert_eq!(bench.deploy("shop/web:1", "-m first").await.exit, Exit::Done);
    assert_eq!(bench.deploy("shop/web:3", "-m third").await.exit, Exit::Done);
    bench
}

async fn image(bench: &Bench) -> String {
    let services = bench.shell.json("services shop").await;
    services[0]["image"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_release_before_comes_back_and_history_tells_it() {
    let bench = second().await;
    let printed = bench.shell.run("rollback shop --yes").await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.remarks);
    assert!(printed.remarks.contains("! service shop_web: replace 1 task"), "{}", printed.remarks);
    let said = "release 2 is live; release 1 is restored";
    assert!(printed.remarks.contains(said), "{}", printed.remarks);
    assert!(printed.out.contains("1 service runs after"), "{}", printed.out);
    assert!(printed.out.contains("; release 3 is live"), "{}", printed.out);
    assert_eq!(image(&bench).await, "shop/web:1");
    let table = bench.shell.out("history shop").await;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    for (line, words) in lines.iter().zip([
        ["RELEASE", "STATE", "WHO", "MESSAGE", "REASON"],
        ["3", "healthy", "ann@m1 from 10.0.0.7", "back to release 1", "1/1"],
        ["2", "healthy", "ann@m1 from 10.0.0.7", "third", "1/1"],
        ["1", "healthy", "ann@m1 from 10.0.0.7", "first", "1/1"],
    ]) {
        assert!(words.iter().all(|it| line.contains(it)), "{words:?} not in {line}");
    }
    assert!(lines[1].contains(" live ") && !lines[2].contains(" live "), "{table}");
    let page = bench.shell.out("history shop 2").await;
    assert!(page.contains("live      no: release 3 is"), "{page}");
}

#[tokio::test(start_paused = true)]
async fn a_service_goes_back_after_it_was_said_to_what() {
    let bench = second().await;
    let printed = bench.shell.run("service rollback shop_web --yes").await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.remarks);
    assert!(printed.remarks.contains("shop_web: shop/web:3 → shop/web:1"), "{}", printed.remarks);
}

#[tokio::test(start_paused = true)]
async fn a_return_that_fails_ends_with_three_and_tells_its_reason_uncut() {
    let bench = second().await;
    let _ = bench.engine.clone().breaking("shop/web:1");
    let printed = bench.shell.run("rollback shop 1 --yes -m slow").await;
    assert_eq!(printed.exit, Exit::RolledBack, "{}", printed.remarks);
    assert_eq!(image(&bench).await, "shop/web:3");
    let releases = bench.shell.json("history shop").await;
    let newest = &releases[0];
    assert_eq!((&newest["revision"], &newest["state"]), (&3.into(), &"rolled-back".into()));
    assert_eq!(newest["message"], "back to release 1: slow");
    let reason = newest["reason"].as_str().unwrap();
    assert!(
        reason.contains("non-zero exit (1)") && reason.contains("all is as it was"),
        "{reason}"
    );
}

#[tokio::test(start_paused = true)]
async fn one_release_is_shown_with_its_services_files_and_steps() {
    let bench = second().await;
    let page = bench.shell.out("history shop 1").await;
    for text in [
        "Release 1 of shop",
        "state     healthy",
        "message   first",
        "shop_web  healthy 1/1",
        "shop.yml",
        "begun create service shop_web",
        "done create service shop_web",
    ] {
        assert!(page.contains(text), "{text:?} is not in\n{page}");
    }
    let json = bench.shell.json("history shop 1").await;
    assert_eq!(json["release"]["message"], "first");
    assert_eq!(json["release"]["services"]["shop_web"]["state"], "healthy");
    assert_eq!(json["steps"].as_array().unwrap().last().unwrap()["stage"], "done");
}

#[tokio::test(start_paused = true)]
async fn a_stack_without_releases_says_so_and_one_that_is_nowhere_is_refused() {
    let bench = second().await;
    let nowhere = bench.shell.refusal("history shp").await;
    for text in ["there is no release or stack `shp`", "did you mean `shop`?"] {
        assert!(nowhere.contains(text), "{text:?} is not in {nowhere}");
    }
    std::fs::remove_file(bench.shell.desk.store.path()).unwrap();
    let printed = bench.shell.run("history shop").await;
    assert_eq!(
        printed.remarks,
        "stack `shop` runs, but it was not deployed with skep from this machine\n"
    );
    assert_eq!(printed.exit, Exit::Done);
    let refusal = bench.shell.refusal("history shop 1").await;
    assert!(refusal.contains("`skep adopt shop` makes what runs its first release"), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn a_release_that_is_not_there_is_refused() {
    let bench = second().await;
    assert!(bench.shell.refusal("history shop 9").await.contains("stack `shop` has no release 9"));
    let refusal = bench.shell.refusal("rollback blog --yes").await;
    assert!(refusal.contains("stack `blog` was not deployed with skep"), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn where_there_is_nothing_to_go_back_to_nothing_is_asked_or_done() {
    let mut bench = second().await;
    bench.shell.desk.options.yes = false;
    let printed = bench.shell.run("rollback shop 2").await;
    assert_eq!(printed.exit, Exit::Done, "{}", printed.remarks);
    assert!(printed.remarks.contains("the stack already matches release 2"), "{}", printed.remarks);
    assert_eq!(bench.shell.json("history shop").await.as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn where_one_may_only_look_nothing_comes_back() {
    let mut bench = second().await;
    let Shell { desk } = &mut bench.shell;
    let flags = Flags { read_only: Some(true), ..Flags::default() };
    desk.settings = load(&desk.places, &flags).unwrap();
    let writes = bench.engine.writes();
    assert!(bench.shell.refusal("rollback shop 1 --yes").await.contains("read-only"));
    // Nobody is asked about what may not be done.
    assert!(bench.shell.refusal("rm shop").await.contains("error: read-only"));
    assert_eq!(bench.engine.writes(), writes);
}

#[tokio::test(start_paused = true)]
async fn two_releases_are_compared_and_one_with_what_is_live() {
    let bench = second().await;
    let [one, three] = ["1", "3"].map(|it| format!("shop/web:{it}"));
    let both = bench.shell.out("history shop --diff 1 2").await;
    assert!(both.starts_with("~ service shop_web\n"), "{both}");
    assert!(both.contains(&format!("Image: {one} → {three}")), "{both}");
    assert_eq!(bench.shell.out("history shop --diff 1").await, both);
    let same = bench.shell.run("history shop --diff 2").await;
    assert_eq!(
        (same.out.as_str(), same.remarks.as_str()),
        ("", "nothing differs between release 2 and what is live\n")
    );
    assert_eq!(bench.shell.out("history shop --diff 1 live").await, both);
    let back = bench.shell.out("history shop --diff live 1").await;
    assert!(back.contains(&format!("Image: {three} → {one}")), "{back}");
    let json = bench.shell.json("history shop --diff 2 1").await;
    assert_eq!((&json[0]["how"], &json[0]["name"]), (&"changed".into(), &"shop_web".into()));
    assert!(bench.shell.refusal("history shop --diff 1 9").await.contains("no release 9"));
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_others_is_adopted_and_its_history_says_so() {
    let bench = Bench::new();
    let elsewhere = bench.shell.desk.store.clone();
    assert_eq!(bench.deploy("shop/web:1", "").await.exit, Exit::Done);
    std::fs::remove_file(elsewhere.path()).unwrap();
    let printed = bench.shell.run("adopt shop").await;
    assert_eq!(printed.out, "adopted as release 1 of stack shop: 1 service as found\n");
    let releases = bench.shell.json("history shop").await;
    assert_eq!((&releases[0]["state"], &releases[0]["adopted"]), (&"healthy".into(), &true.into()));
    assert_eq!(bench.shell.json("history shop --stats").await["ended"], 0);
    assert!(bench.shell.refusal("adopt shp").await.contains("did you mean `shop`?"));
}

#[tokio::test(start_paused = true)]
async fn figures_say_how_often_it_failed_and_why() {
    let bench = second().await;
    assert_eq!(bench.deploy("shop/web:2", "").await.exit, Exit::RolledBack);
    let page = bench.shell.out("history shop --stats").await;
    for text in [
        "releases       3\n",
        "failed         1 of 3 (33%)\n",
        "rolled back    1 of 1\n",
        "  1  the engine paused the update after a task failed: ",
    ] {
        assert!(page.contains(text), "{text:?} is not in\n{page}");
    }
    assert_eq!(bench.shell.out("history --stats").await, page);
    let json = bench.shell.json("history shop --stats").await;
    assert_eq!((&json["failed"], &json["restored"]), (&1.into(), &1.into()));
}

#[tokio::test(start_paused = true)]
async fn a_cleanup_is_listed_asked_for_and_forgets_what_is_not_kept() {
    let mut bench = second().await;
    assert_eq!(bench.shell.run("gc --dry-run").await.remarks, "nothing to clean up\n");
    let Shell { desk } = &mut bench.shell;
    desk.settings.config.releases.keep = NonZeroUsize::MIN;
    assert_snapshot!(bench.shell.out("gc --dry-run").await, @r"
    KIND     NAME       STACK  WHY
    release  1 of shop  shop   older than the healthy ones that are kept
    ");
    assert_eq!(bench.shell.json("gc --dry-run").await[0]["kind"], "release");
    bench.shell.desk.options.yes = false;
    let refusal = bench.shell.refusal("gc").await;
    assert!(refusal.contains("  release 1 of shop\n"), "{refusal}");
    assert!(refusal.contains("there is no terminal to ask for confirmation"), "{refusal}");
    bench.shell.desk.options.yes = true;
    assert_eq!(bench.shell.run("gc").await.out, "1 release gone\n");
    assert_eq!(bench.shell.json("history shop").await.as_array().unwrap().len(), 1);
}

//! The pictures of the README, drawn by the cockpit itself: they show what there
//! is, or this fails.

mod svg;

use crate::cockpit::{
    harness::{Cockpit, blog, demo_file},
    job::deploying,
};
use skep::tui::theme::Theme;
use std::{env, fs, path::Path, time::Duration};

#[track_caller]
fn check(name: &str, open: impl FnOnce(Cockpit) -> Cockpit) {
    let cockpit = open(Cockpit::demo().at(140, 40).with_theme(Theme::default()));
    let drawn = svg::svg(&cockpit.buffer());
    let path = Path::new("assets/pictures").join(name).with_extension("svg");
    if env::var("SKEP_PICTURES").is_ok_and(|it| it == "write") {
        fs::write(&path, &drawn).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let renew = "is not what the cockpit shows now; SKEP_PICTURES=write cargo test pictures";
    assert!(kept == drawn, "{} {renew}", path.display());
}

#[test]
fn pictures_show_what_there_is() {
    check("board", |it| it.press("shift-s g j j"));
    check("overview", |it| it.command("overview").later(Duration::from_secs(1)));
    check("services", |it| it.command("services").press("space space j"));
    check("logs", |it| it.command("logs shop-production-web"));
    check("describe", |it| it.command("describe shop-production-web_api"));
    check("editor", |it| {
        let it = it.with_file("/srv/blog/compose.yml", demo_file());
        it.command("edit /srv/blog/compose.yml").press("f8 f2")
    });
    check("plan", |it| {
        let it = it.with_file("/srv/blog/compose.yml", blog());
        it.command("edit /srv/blog/compose.yml").press("f5 enter")
    });
    check("job", deploying);
    check("confirm", |it| it.command("services").press("shift-s g j j r"));
}

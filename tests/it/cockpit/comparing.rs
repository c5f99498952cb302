//! The plan beside the text, and what differs from other texts.

use crate::cockpit::harness::Cockpit;

const FILE: &str = "/srv/blog/compose.yml";

const BLOG: &str = "\
services:
  web:
    image: ghost:5.87
    deploy:
      replicas: 2
  db:
    image: mysql:8.4
";

fn editor(text: &str) -> Cockpit {
    Cockpit::demo()
        .with_release("blog", BLOG)
        .with_file(FILE, text)
        .command(&format!("edit {FILE}"))
}

#[test]
fn the_plan_stands_beside_the_text_and_follows_it() {
    let cockpit = editor(BLOG).press("f6").shows("Plan · blog").shows("blog_web");
    let cockpit = cockpit.shows("image: ghost:5.87");
    let cockpit = cockpit.press("ctrl-end").paste("  cache:\n    image: redis:7\n");
    let cockpit = cockpit.shows("blog_cache").hides("of the text before");
    // A wide screen holds both side by side, a narrow one has the plan below.
    assert!(cockpit.line("Plan · blog").contains("Edit ·"));
    let cockpit = cockpit.at(80, 30).shows("blog_web");
    assert!(!cockpit.line("Plan · blog").contains("Edit ·"));
    let _ = cockpit.press("f6 f6").hides("Plan · blog");
}

#[test]
fn the_plan_unfolds_where_keys_go_there() {
    let cockpit = editor(BLOG).press("f6 f6 down down enter");
    let cockpit = cockpit.shows("Plan · blog").hides("not saved");
    // Esc goes back to the text, and then closes.
    let cockpit = cockpit.press("esc").shows("Plan · blog").enter("x").shows("not saved");
    let _ = cockpit.press("esc").hides("Plan · blog").shows("edit · compose.yml");
}

#[test]
fn a_text_with_errors_has_no_plan_and_says_why() {
    let cockpit = editor(&BLOG.replace("deploy:", "deplyo:")).press("f6");
    let _ = cockpit.shows("1 error to fix:").hides("blog_web");
}

#[test]
fn what_differs_from_the_last_release_is_shown_and_taken_back_part_by_part() {
    let text = BLOG.replace("replicas: 2", "replicas: 3").replace("8.4", "9.0");
    let cockpit = editor(&text).press("f10").shows("Compare with").press("down enter");
    let cockpit = cockpit.shows("Differs from release 4 · 2 parts").shows("-       replicas: 2");
    let cockpit = cockpit.shows("+       replicas: 3").shows("services.db.image");
    assert!(cockpit.screen().contains(" 5:7"), "{}", cockpit.screen());
    let cockpit = cockpit.press("down").shows(" 7:5").press("r").shows("1 part");
    let cockpit = cockpit.press("ctrl-s");
    assert_eq!(cockpit.file(FILE), BLOG.replace("replicas: 2", "replicas: 3"));
    let _ = cockpit.press("ctrl-z").shows("2 parts").press("esc").hides("Differs from");
}

#[test]
fn what_is_as_it_was_says_so() {
    let cockpit = editor(BLOG).press("alt-d down enter");
    assert!(cockpit.message().contains("this is release 4: nothing differs"));
    let cockpit = editor(BLOG).enter("#").press("alt-d enter");
    let _ = cockpit.shows("Differs from what is saved · 1 part");
}

#[test]
fn what_was_never_deployed_says_so() {
    let cockpit = Cockpit::demo().with_file(FILE, BLOG).command(&format!("edit {FILE}"));
    let cockpit = cockpit.press("f10 down enter");
    assert!(
        cockpit.message().contains("blog was never deployed from this machine"),
        "{}",
        cockpit.message()
    );
}

#[test]
fn what_somebody_else_wrote_is_compared_before_anything_is_lost() {
    let cockpit = editor(BLOG).enter("# mine\n").with_file(FILE, "# theirs\n").press("ctrl-s");
    let cockpit = cockpit.press("down enter").shows("Differs from what somebody else wrote");
    assert_eq!(cockpit.file(FILE), "# theirs\n");
}

//! What the editor offers while one types, what it explains, and how one finds one's
//! way in a long text.

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
    Cockpit::demo().with_file(FILE, text).command(&format!("edit {FILE}"))
}

#[test]
fn what_may_stand_here_is_offered_on_request_and_taken_with_one_key() {
    for take in ["enter", "tab"] {
        let cockpit = editor(BLOG).press("down down end enter ctrl-space");
        let cockpit = cockpit.shows("cap_add").enter("heal").shows("healthcheck");
        let cockpit = cockpit.hides("hostname").press(take).shows("    healthcheck:");
        assert!(!cockpit.screen().contains("heal    "), "{}", cockpit.screen());
    }
}

#[test]
fn offers_come_by_themselves_once_a_word_was_begun_and_do_not_take_enter() {
    let cockpit = editor(BLOG).press("down down end enter").enter("heal").shows("healthcheck");
    let _ = cockpit.press("enter").hides("healthcheck").shows("    heal");
    let cockpit = editor(BLOG).press("down down end enter").enter("heal").press("down enter");
    let cockpit = cockpit.shows("    healthcheck:").hides("│");
    let _ = cockpit.press("ctrl-z").shows("    heal").hides("healthcheck");
}

#[test]
fn offers_are_left_with_esc_and_the_text_stays_open() {
    let cockpit = editor(BLOG).press("down down end enter").enter("heal").shows("healthcheck");
    let _ = cockpit.press("esc").hides("healthcheck").shows("edit · compose.yml");
}

#[test]
fn tab_completes_behind_a_word_and_indents_at_the_start_of_a_line() {
    let cockpit = editor(BLOG).press("down down end enter").enter("healthc").press("esc tab");
    let _ = cockpit.shows("    healthcheck:");
    let cockpit = editor("a\n").press("tab ctrl-s");
    assert_eq!(cockpit.file(FILE), "  a\n");
}

#[test]
fn what_the_cluster_has_is_offered() {
    let text = "services:\n  web:\n    image: x:1\n    networks: [edge]\nnetworks:\n  edge:\n    external: true\n    name: \n";
    let cockpit = editor(text).press("ctrl-end up end ctrl-space");
    let _ = cockpit.shows("monitoring");
}

#[test]
fn a_comment_is_no_place_for_offers() {
    let _ = editor("").enter("# serv").hides("│");
}

#[test]
fn what_stands_under_the_cursor_is_explained_while_it_moves() {
    let cockpit = editor(BLOG).press("f2 down down").shows("services.web.image");
    let cockpit = cockpit.press("down down").shows("services.web.deploy.replicas");
    let _ = cockpit.press("f2").hides("What this means");
}

#[test]
fn the_border_says_where_one_is() {
    let cockpit = editor(BLOG).press("down down down down");
    let last = cockpit.screen().lines().rev().nth(2).unwrap().to_owned();
    assert!(last.contains(" services.web.deploy.replicas "), "{last}");
}

#[test]
fn a_part_is_folded_passed_as_one_line_and_unfolded_by_what_needs_it() {
    let cockpit = editor(BLOG).press("down ctrl-o").hides("ghost").shows("… 3 lines");
    let cockpit = cockpit.press("down").shows(" 6:1").press("up end right").shows(" 6:1");
    let cockpit = cockpit.press("left").shows(" 2:7");
    let cockpit = cockpit.press("ctrl-f").enter("ghost").press("enter").shows("image: ghost");
    let _ = cockpit.press("alt-o").hides("ghost").hides("mysql").press("alt-o").shows("mysql");
}

#[test]
fn what_is_written_into_a_fold_unfolds_it() {
    let cockpit = editor(BLOG).press("down ctrl-o end delete").shows("ghost");
    let _ = cockpit.press("ctrl-z").shows("ghost");
}

#[test]
fn a_service_is_gone_to_by_its_name() {
    let cockpit = editor(BLOG).press("ctrl-g");
    assert!(cockpit.message().contains("web  db"), "{}", cockpit.message());
    let cockpit = cockpit.enter("d").press("tab enter").shows(" 6:3");
    let cockpit = cockpit.press("ctrl-g").enter("nobody").press("enter");
    assert!(cockpit.message().contains("no service `nobody`"), "{}", cockpit.message());
    let cockpit = editor("a: 1\n").press("ctrl-g");
    assert!(cockpit.message().contains("there is no service"), "{}", cockpit.message());
}

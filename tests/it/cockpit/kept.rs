//! What was typed and left is there where the same is opened again; nothing secret is.

use crate::cockpit::harness::Cockpit;
use skep::tui::{event::Effect, projects::Chore};

const FILE: &str = "/srv/blog/compose.yml";

fn scaling() -> Cockpit {
    Cockpit::demo().press("/").enter("whoami").press("enter s")
}

#[test]
fn what_was_typed_in_a_prompt_is_offered_when_it_opens_again() {
    let now = scaling().typed().to_owned();
    let cockpit = scaling().enter("17").press("esc s");
    assert_eq!(cockpit.typed(), "17");
    let cockpit = cockpit.shows(&format!("typed before; it is {now} now"));
    // What is typed takes its place; what is taken is asked anew.
    let cockpit = cockpit.enter("4").hides("typed before");
    assert_eq!(cockpit.typed(), "4");
    let cockpit = cockpit.press("enter").shows("Scale whoami to 4?").press("esc s");
    assert_eq!(cockpit.typed(), now);
    // Of another service nothing was typed.
    let cockpit = cockpit.enter("17").press("esc / ctrl-u").enter("grafana").press("enter s");
    assert_eq!(cockpit.typed(), "1");
}

#[test]
fn an_emptied_prompt_is_kept_as_nothing() {
    let now = scaling().typed().to_owned();
    let cockpit = scaling().enter("17").press("esc s ctrl-u esc s");
    assert_eq!(cockpit.typed(), now);
}

#[test]
fn commands_that_were_left_are_in_the_history_of_this_session() {
    let mut cockpit = Cockpit::demo().press(":").enter("create shop/te").press("esc");
    assert!(cockpit.wanted().is_empty());
    assert_eq!(cockpit.press(": up").typed(), "create shop/te");
    // Just opened, they are no command of anybody.
    let cockpit = Cockpit::demo().command("nodes").press(": esc : up");
    assert_eq!(cockpit.typed(), "nodes");
}

#[test]
fn nothing_secret_is_kept() {
    let asked = || Cockpit::demo().command("secret shop TOKEN");
    let cockpit = asked().enter("hunter2").press("esc").command("secret shop TOKEN");
    assert_eq!(cockpit.typed(), "");
    for line in ["secret shop TOKEN=hunter2", "secrte shop TOKEN=hunter2"] {
        let cockpit = Cockpit::demo().press(":").enter(line).press("esc : up");
        assert_eq!(cockpit.typed(), "", "{line}");
    }
    let cockpit = Cockpit::demo().press(":").enter("set shop COLOR=blue").press("esc : up");
    assert_eq!(cockpit.typed(), "set shop COLOR=");
}

#[test]
fn secret_values_are_not_shown_while_a_command_is_typed() {
    for line in [
        "secret shop TOKEN=hunter2",
        "secret TOKEN = hunter2",
        "secrte shop TOKEN=hunter2",
        "set shop DB_PASSWORD=hunter2",
        "set shop/live/web web:API_TOKEN=hunter2",
    ] {
        let cockpit = Cockpit::demo().press(":").enter(line).shows("=");
        let cockpit = cockpit.hides("hunter2").press("left left left").hides("hunter2");
        let _ = cockpit.press("home").hides("hunter2").press("end enter").hides("hunter2");
    }
    let _ = Cockpit::demo().press(":").enter("set shop COLOR=blue").shows("COLOR=blue");
    // Nor is it quoted where nobody is meant.
    let cockpit = Cockpit::demo().command("set DB_PASSWORD=hunter2");
    let _ = cockpit.shows("no stack is selected").shows("DB_PASSWORD=").hides("hunter2");
}

#[test]
fn a_value_for_which_nobody_may_ask_is_no_key() {
    for name in ["DB_PASSWORD", "COLOR"] {
        let text = format!("services:\n  web:\n    image: \"nginx:${{{name}:-1}}\"\n");
        for key in ["e", "enter"] {
            let cockpit = Cockpit::demo().with_stack("shop/live/web", &text).read_only();
            let mut cockpit = cockpit.command("variables shop/live/web").shows(name);
            cockpit.wanted();
            let cockpit = cockpit.press(key).shows("read-only").enter("q:Rhunter2");
            let mut cockpit = cockpit.hides("hunter2").press("enter");
            assert!(cockpit.wanted().is_empty(), "{name} {key}");
            let _ = cockpit.shows("Variables · shop/live/web");
        }
    }
}

const TEXT: &str = "\
services:
  web:
    image: nginx
  worker:
    image: busybox
";

fn editor() -> Cockpit {
    let cockpit = Cockpit::demo().with_file(FILE, TEXT).command(&format!("edit {FILE}"));
    cockpit.press("down").shows(" 2:1 ")
}

#[test]
fn a_search_goes_along_with_what_is_typed() {
    let cockpit = editor().press("ctrl-f").enter("w").shows(" 2:3 ");
    let cockpit = cockpit.enter("o").shows(" 4:3 ");
    // A slip, and what is right again.
    let cockpit = cockpit.enter("x").shows(" 2:1 ").press("backspace").shows(" 4:3 ");
    let _ = cockpit.press("enter").shows(" 4:3 ").press("f3").shows(" 4:3 ");
    let cockpit = editor().press("ctrl-f").enter("image").press("enter").shows(" 3:5 ");
    let _ = cockpit.press("f3").shows(" 5:5 ");
}

#[test]
fn a_search_that_is_left_leads_back() {
    let cockpit = editor().press("shift-right shift-right ctrl-f").enter("busy").shows(" 5:12 ");
    let cockpit = cockpit.press("esc").shows(" 2:3 ").enter("x").press("ctrl-s");
    assert_eq!(cockpit.file(FILE), TEXT.replace("  web", "xweb"));
    // It is offered, and found from where one is.
    let cockpit = editor().press("ctrl-f").enter("busy").press("esc ctrl-f").shows(" 2:1 ");
    assert_eq!(cockpit.typed(), "busy");
    let cockpit = cockpit.press("enter").shows(" 5:12 ");
    // What was sought before is sought again.
    let cockpit = cockpit.press("ctrl-f").enter("web").shows(" 2:3 ").press("esc").shows(" 5:12 ");
    let _ = cockpit.press("home f3").shows(" 5:12 ");
}

#[test]
fn a_search_that_is_left_leaves_folded_what_is() {
    let cockpit = editor().press("down down ctrl-o").hides("busybox").shows(" 4:1 ");
    let cockpit = cockpit.press("ctrl-f").enter("busy").shows("image: busybox");
    let _ = cockpit.press("esc").hides("image: busybox").shows(" 4:1 ");
}

const VARIABLES: &str = "services:\n  web:\n    image: \"nginx:${TAG:-1}\"\n    environment:\n      TOKEN: ${TOKEN:-x}\n";

fn variables() -> Cockpit {
    let cockpit = Cockpit::demo().with_stack("shop/live/web", VARIABLES);
    let mut cockpit = cockpit.command("variables shop/live/web").shows("TAG").shows("TOKEN");
    cockpit.wanted();
    cockpit
}

/// Whether a change of a project was ordered.
fn sets(cockpit: &Cockpit) -> bool {
    cockpit.asked().any(|it| matches!(it, Effect::Project(Chore::Amend(_))))
}

#[test]
fn a_value_that_is_taken_as_it_was_is_not_set() {
    let cockpit = variables().press("/").enter("TAG").press("enter").press("enter");
    assert_eq!(cockpit.typed(), "1");
    let cockpit = cockpit.press("enter").shows("TAG is the same as before");
    assert!(!sets(&cockpit));
    let cockpit = cockpit.press("enter").enter("2").press("enter");
    assert!(sets(&cockpit));
}

#[test]
fn enter_alone_empties_no_secret() {
    let cockpit = variables().press("/").enter("TOKEN").press("enter").press("enter");
    let cockpit = cockpit.press("enter").shows("the secret stays as it is");
    assert!(!sets(&cockpit));
    let cockpit = cockpit.enter("hunter2").press("enter").hides("hunter2");
    assert!(sets(&cockpit));
}

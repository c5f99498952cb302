//! What the cockpit says of a question, and of a command that it does not understand.

use crate::cockpit::{harness::Cockpit, job::deploying};

#[test]
fn only_what_deletes_data_says_so() {
    for (typed, deletes) in [
        ("purge monitoring", true),
        ("delete shop", true),
        ("drain hive4", false),
        ("scale registry 0", false),
        ("stop monitoring", false),
        ("rm monitoring", false),
    ] {
        let cockpit =
            Cockpit::demo().with_project("shop").command(typed).shows("enter does nothing");
        let says = cockpit.screen().contains("This deletes data.");
        assert_eq!(says, deletes, "{typed}:\n{}", cockpit.screen());
    }
    let cockpit = deploying(Cockpit::demo()).press("x").shows("enter does nothing");
    let _ = cockpit.hides("deletes data");
}

#[test]
fn a_key_that_answers_nothing_is_told_which_do() {
    for key in ["f5", "f6", "tab", "w"] {
        let cockpit = Cockpit::demo().press("r").press(key);
        assert_eq!(cockpit.message(), "⚠ press y for yes, n for no", "{key}");
    }
}

#[test]
fn a_link_without_a_file_creates_nothing() {
    for (typed, says) in [
        ("link", "a path and a file are missing"),
        ("link x", "a path and a file are missing"),
        ("link x/y", "a path and a file are missing"),
        ("link x/y/z", "a file is missing: write `:link x/y/z FILE`"),
        ("link x web.yml", "the path of a stack is missing"),
        ("create x/y/z", "a file is missing: write `:create x/y/z FILE`"),
        ("create x/y nowhere", "there is no docker context `nowhere`"),
        ("set foo", "a value is missing: write `:set [PATH] foo=VALUE`"),
    ] {
        let mut cockpit = Cockpit::demo().command(typed);
        assert!(cockpit.message().contains(says), "{typed}: {}", cockpit.message());
        assert!(cockpit.wanted().iter().all(|it| it.starts_with("remember")), "{typed}");
    }
}

//! Findings in the editor: listed, explained, mended, and checked against the cluster.

use crate::cockpit::harness::Cockpit;
use skep::{
    domain::compose::{self, Fix},
    tui::{
        document::{Check, Document},
        run::remarks,
    },
};
use std::{fs, path::PathBuf};

const FILE: &str = "/srv/blog/compose.yml";

const BROKEN: &str = "\
services:
  web:
    image: ghost:5.87
    depnds_on: [db]
  db:
    image: mysql:8.4
    depnds_on: [web]
";

fn editor(text: &str) -> Cockpit {
    Cockpit::demo().with_file(FILE, text).command(&format!("edit {FILE}"))
}

#[test]
fn all_findings_are_listed_and_walked_through() {
    let cockpit = editor(BROKEN).press("f7").shows("Findings · 2 errors").shows(" 4:5");
    assert!(cockpit.reversed().iter().any(|it| it.contains("depnds_on")), "{}", cockpit.screen());
    let cockpit = cockpit.press("down down").shows(" 7:5").press("up").shows(" 4:5");
    let cockpit = cockpit.press("f8").shows(" 7:5").press("f8").shows(" 4:5");
    // Enter goes to the text, and the list stays.
    let cockpit = cockpit.press("enter down").shows("Findings ·").shows(" 5:");
    let _ = cockpit.press("esc").hides("Findings ·").shows("edit · compose.yml");
}

#[test]
fn one_key_mends_what_is_under_the_cursor_in_one_step() {
    for key in ["f9", "alt-enter"] {
        let cockpit = editor(BROKEN)
            .press("f8")
            .shows("(can be fixed: `depnds_on` becomes `depends_on`)")
            .press(key);
        let cockpit = cockpit.shows("    depends_on: [db]").shows("    depnds_on: [web]");
        let _ = cockpit.press("ctrl-z").hides("depends_on: [db]").hides("not saved");
    }
}

#[test]
fn all_that_can_be_mended_is_mended_in_one_step() {
    for key in ["shift-f9", "alt-m"] {
        let cockpit = editor(BROKEN).press(key).shows("2 findings fixed");
        let cockpit = cockpit.press("ctrl-s");
        assert_eq!(cockpit.file(FILE), BROKEN.replace("depnds", "depends"));
        assert_eq!(cockpit.press("ctrl-z ctrl-s").file(FILE), BROKEN);
    }
}

#[test]
fn what_cannot_be_mended_says_so() {
    let cockpit = editor("services:\n  web: {}\n").press("f8 f9");
    assert!(cockpit.message().contains("does not know how to fix"), "{}", cockpit.message());
    let cockpit = editor("services:\n  web:\n    image: x:1\n").press("f9");
    assert!(cockpit.message().contains("nothing was found in this line"), "{}", cockpit.message());
}

#[test]
fn what_a_finding_means_is_explained_and_follows_the_cursor() {
    let cockpit = editor(BROKEN).press("f8 f2").shows("What this means");
    let _ = cockpit.press("f2").hides("What this means");
}

#[test]
fn texts_are_held_against_the_cluster() {
    let outside = "services:\n  web:\n    image: x:1\n    networks: [far]\nnetworks:\n  far: {external: true, name: nowhere}\n";
    let _ = editor(outside).press("f8 f8").shows("the cluster has no network nowhere");
}

/// Every fix of the fixtures changes its own bytes only, as the function of the
/// checker does.
#[test]
fn fixes_change_their_own_bytes() {
    let mut count = 0;
    for entry in fs::read_dir("tests/fixtures/check").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "yaml") {
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let text_of = text.as_str().into();
        let check = Check { number: 1, text: text_of, stack: None, facts: None, beside: None };
        let found = remarks(&Document::File(PathBuf::from(FILE)), &check);
        let Some(remark) = found.iter().find(|it| it.fix.is_some()) else { continue };
        let fix: &Fix = remark.fix.as_ref().unwrap();
        let first = found.iter().filter(|it| it.fix.is_some()).count() == 1;
        if !first {
            continue;
        }
        let mended = compose::edit::apply(&text, fix).unwrap();
        let cockpit = editor(&text).press("shift-f9").press("ctrl-s");
        // The cluster knows of more to fix, seldom.
        assert_eq!(cockpit.file(FILE), mended, "{}", path.display());
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

#[test]
fn a_change_of_blanks_only_shows_them() {
    let cockpit = editor("services:\n  web:\n\t\timage: ghost:5\n").press("down down");
    let _ = cockpit.shows("(can be fixed: `<tab><tab>image: ghost:5` becomes `");
}

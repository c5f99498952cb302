//! The compose editor.

use crate::cockpit::harness::Cockpit;
use skep::{
    jobs::{News, operations::Operation},
    tui::{document::Errand, event::Effect},
};
use std::{collections::BTreeMap, fs, time::Duration};

const FILE: &str = "/srv/blog/compose.yml";

const BLOG: &str = "\
services:
  web:
    image: nginx:1.27
    deploy:
      replicas: 2
";

fn editor(text: &str) -> Cockpit {
    Cockpit::demo().with_file(FILE, text).command(&format!("edit {FILE}"))
}

#[test]
fn what_is_typed_is_in_the_file_once_it_is_saved() {
    let cockpit = editor(BLOG).press("ctrl-s");
    assert_eq!(cockpit.file(FILE), BLOG);
    let cockpit = editor(BLOG).enter("# the blog").press("enter");
    let cockpit = cockpit.shows("not saved").press("ctrl-s").hides("not saved");
    assert_eq!(cockpit.file(FILE), format!("# the blog\n{BLOG}"));
}

#[test]
fn what_is_typed_while_the_file_is_read_is_written_once_it_is_there() {
    let loads = |it: &Effect| matches!(it, Effect::Document(_, Errand::Load));
    let reading = || {
        let cockpit = Cockpit::demo().with_file(FILE, BLOG).holding();
        cockpit.command(&format!("edit {FILE}")).shows("reading")
    };
    let typed = reading().enter("# q: ").paste("pasted").press("enter ctrl-s").shows("reading");
    let at = typed.newest(loads);
    let cockpit = typed.deliver(at).shows("# q: pasted").shows("services:").deliver_all();
    assert_eq!(cockpit.file(FILE), format!("# q: pasted\n{BLOG}"));
    // It is not a key of another screen, and what is held is of this file only.
    let left = reading().enter("# q: ").press("esc").shows("press again to leave without it");
    let _ = left.deliver_all().shows("# q: services:").shows("Edit · /srv/blog/compose.yml");
    let left = reading().enter("# q: ").press("esc esc");
    assert_eq!(left.message(), "board");
    let left = left.deliver_all();
    assert_eq!(left.message(), "board");
    assert_eq!(left.file(FILE), BLOG);
    // Hands that know vi.
    let left = reading().enter("# q: ").press("esc").command("q");
    assert_eq!(left.message(), "board");
    // Nobody sees yet what would be deployed.
    let _ = reading().press("f5").shows("still being read");
}

#[test]
fn line_ends_of_the_file_stay_as_they_are() {
    let cockpit = editor("a: 1\r\nb: 2\r\n").press("end").enter("0").press("ctrl-s");
    assert_eq!(cockpit.file(FILE), "a: 10\r\nb: 2\r\n");
    let mixed = "a: 1\r\nb: 2\nc: 3";
    let cockpit = editor(mixed).press("down end enter").enter("d: 4").press("ctrl-s");
    assert_eq!(cockpit.file(FILE), "a: 1\r\nb: 2\nd: 4\nc: 3");
}

#[test]
fn what_somebody_else_wrote_is_taken_where_nothing_was_edited() {
    let cockpit = editor(BLOG).press("down").written(FILE, "# theirs\n");
    let cockpit = cockpit.shows("# theirs").shows("was changed outside, and read again");
    let _ = cockpit.press("ctrl-z").shows("services:").shows("not saved");
}

#[test]
fn what_somebody_else_wrote_is_never_overwritten_unasked() {
    let cockpit = editor(BLOG).enter("# mine ").with_file(FILE, "# theirs\n").press("ctrl-s");
    let cockpit = cockpit.shows("Not saved: somebody else changed it");
    assert_eq!(cockpit.file(FILE), "# theirs\n");
    let cockpit = cockpit.press("esc ctrl-s down down down enter");
    let cockpit = cockpit.shows("Overwrite what somebody").press("y").hides("not saved");
    assert_eq!(cockpit.file(FILE), format!("# mine {BLOG}"));
}

#[test]
fn what_somebody_else_wrote_alike_counts_as_saved() {
    let cockpit = editor(BLOG).enter("# ours").press("enter").shows("not saved");
    let cockpit = cockpit.written(FILE, &format!("# ours\n{BLOG}")).hides("not saved");
    assert!(cockpit.press("ctrl-s").file(FILE).starts_with("# ours"));
}

#[test]
fn a_file_that_was_removed_leaves_its_text_here() {
    let cockpit = editor(BLOG).removed(FILE).shows("was removed").shows("services:");
    let back = cockpit.written(FILE, BLOG).shows("services:").press("ctrl-s");
    assert_eq!(back.hides("Not saved").file(FILE), BLOG);
    let cockpit = editor(BLOG).removed(FILE).press("ctrl-s").shows("Not saved: it was removed");
    let cockpit = cockpit.press("down down down enter y");
    assert_eq!(cockpit.file(FILE), BLOG);
}

#[test]
fn a_change_outside_is_noticed_and_said_once() {
    let cockpit = editor(BLOG).enter("# mine ").written(FILE, "# theirs\n");
    let said = "was changed by somebody else";
    let cockpit = cockpit.shows(said).press("alt-d").shows("Somebody else changed it").press("esc");
    let cockpit = cockpit.unheard(Duration::from_secs(9)).written(FILE, "# theirs\n").hides(said);
    let cockpit = cockpit.written(FILE, "# again\n").shows(said).press("alt-d");
    let cockpit = cockpit.press("down enter").shows("# again").hides("not saved");
    let _ = cockpit.press("ctrl-z").shows("# mine").shows("not saved");
}

#[test]
fn undo_takes_back_and_redo_makes_again() {
    let cockpit = editor(BLOG).enter("x").shows("xservices").press("ctrl-z").hides("xservices");
    let _ = cockpit.hides("not saved").press("ctrl-y").shows("xservices");
}

#[test]
fn letters_are_text_and_no_keys() {
    let cockpit = editor("").enter("q:/?rd-z ");
    let _ = cockpit.shows("q:/?rd-z").shows("edit · compose.yml");
}

#[test]
fn leaving_with_unsaved_changes_asks() {
    let cockpit = editor(BLOG).enter("x").press("esc").shows("Unsaved changes").shows(FILE);
    let cockpit = cockpit.press("n").shows("xservices");
    let cockpit = cockpit.press("esc d").hides("xservices");
    assert_eq!(cockpit.file(FILE), BLOG);
    assert_eq!(editor(BLOG).press("esc esc").message(), "board");
}

#[test]
fn quitting_with_unsaved_changes_asks_from_everywhere() {
    let cockpit = editor(BLOG).enter("x").press("f1").shows("Keys");
    let mut cockpit = cockpit.press("q").shows("save and leave skep").shows("not saved");
    cockpit.wanted();
    let mut cockpit = cockpit.press("y");
    assert_eq!(cockpit.wanted(), [format!("save {FILE}"), "quit".to_owned()]);
    assert_eq!(cockpit.file(FILE), format!("x{BLOG}"));
}

#[test]
fn findings_stand_beside_their_line_and_in_full_below() {
    let broken = "services:\n  web:\n    image: nginx\n    imag: nginx\n";
    let cockpit = editor(broken).shows("1 error");
    assert!(cockpit.line("imag: nginx").contains('✗'), "{}", cockpit.screen());
    let cockpit = cockpit.press("f8").shows("imag");
    let message = cockpit.screen();
    assert!(message.matches("imag").count() > 1, "{message}");
}

#[test]
fn the_findings_are_walked_through_in_both_directions() {
    let broken =
        "services:\n  web:\n    image: x\n    imag: x\n  api:\n    image: x\n    imag: x\n";
    let cockpit = editor(broken).press("f8").shows(" 4:5");
    let cockpit = cockpit.press("f8").shows(" 7:5").press("f8").shows(" 4:5");
    let _ = cockpit.press("shift-f8").shows(" 7:5");
}

#[test]
fn a_text_is_found_and_found_again() {
    let cockpit = editor(BLOG).press("ctrl-f").enter("e").press("enter");
    let cockpit = cockpit.shows(" 1:2").press("f3").shows(" 1:7").shows("2 of ");
    let cockpit = cockpit.press("shift-f3").shows(" 1:2").shows("1 of ");
    // Esc forgets what was sought, says that it leaves, and then does.
    let cockpit = cockpit.press("esc").hides(" found").shows("edit · compose.yml");
    let cockpit = cockpit.press("esc").shows("press again to leave this file");
    let _ = cockpit.press("esc").hides("Edit ·");
}

#[test]
fn a_search_for_what_is_not_there_says_so() {
    let cockpit = editor(BLOG).press("ctrl-f").enter("zebra").press("enter");
    assert!(cockpit.message().contains("zebra"), "{}", cockpit.message());
}

#[test]
fn a_file_is_deployed_as_a_stack_named_after_its_folder_once_confirmed() {
    let cockpit = editor(BLOG).press("f5");
    assert_eq!(cockpit.message(), "saved compose.yml; deploy as stack: blog");
    let cockpit = cockpit.press("enter").shows("Plan · blog").shows("blog_web");
    let mut cockpit = cockpit.press("f5").shows("Deploy blog?");
    cockpit = cockpit.shows("docker stack deploy -c /srv/blog/compose.yml blog");
    cockpit.wanted();
    cockpit = cockpit.press("y");
    assert!(cockpit.effects.iter().any(|it| {
        matches!(it, Effect::Start(Operation::Deploy(order)) if order.stack.as_str() == "blog")
    }));
    assert_eq!(cockpit.wanted(), ["deploy blog"]);
    // From now on its progress is what matters.
    let started = News::Started { title: "deploy blog".to_owned(), steps: 3 };
    cockpit.report(1, started).shows("Job · deploy blog").press("esc").hides("Plan · blog");
}

#[test]
fn what_the_cluster_refuses_is_not_deployed() {
    let outside = format!("{BLOG}networks:\n  default: {{external: true, name: nowhere}}\n");
    let mut cockpit = editor(&outside).press("f5 enter").shows("could not be found");
    cockpit.wanted();
    let mut cockpit = cockpit.press("f5");
    assert_eq!(cockpit.message(), "⚠ there is no plan to deploy");
    assert!(cockpit.wanted().is_empty());
}

#[test]
fn a_name_that_is_none_is_refused() {
    let cockpit = editor(BLOG).press("f5 ctrl-u").enter("no/name").press("enter");
    assert_eq!(cockpit.typed(), "no/name");
    assert!(cockpit.footer().trim_start().starts_with("⚠"), "{}", cockpit.footer());
}

#[test]
fn a_file_with_errors_is_not_deployed() {
    let mut cockpit = editor("services:\n  web:\n    image: nginx\n    imag: nginx\n").press("f5");
    assert!(cockpit.message().contains("not deployed, 1 error to fix"), "{}", cockpit.message());
    cockpit.wanted();
}

#[test]
fn where_one_may_only_look_nothing_is_deployed() {
    let cockpit = Cockpit::demo().read_only().with_file(FILE, BLOG);
    let cockpit = cockpit.command(&format!("edit {FILE}")).press("f5");
    assert_eq!(cockpit.message(), "⚠ read-only: nothing can be changed here");
}

#[test]
fn a_pasted_text_keeps_its_lines() {
    let cockpit = editor("").paste("a: 1\r\nb: 2\n").press("ctrl-s");
    assert_eq!(cockpit.file(FILE), "a: 1\nb: 2\n");
}

#[test]
fn the_source_of_a_stack_is_asked_for_by_its_name() {
    let mut cockpit = Cockpit::demo().press("shift-tab j e");
    assert_eq!(cockpit.wanted(), ["edit monitoring"]);
    assert!(
        Cockpit::demo().command("nodes").press("e").message().contains("only stacks can be edited")
    );
}

#[test]
fn every_fixture_is_saved_as_it_was_read() {
    let (mut count, mut seen) = (0, BTreeMap::new());
    for folder in ["tests/fixtures/compose", "tests/fixtures/check"] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.is_file() {
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let Ok(text) = String::from_utf8(bytes.clone()) else { continue };
            let alike = seen.entry(peculiarities(&text)).or_insert(0);
            *alike += 1;
            if *alike > ALIKE {
                continue;
            }
            let cockpit = editor(&text).press("ctrl-s");
            assert_eq!(cockpit.file(FILE).as_bytes(), bytes, "{}", path.display());
            let cockpit = cockpit.press("ctrl-end").enter("x").press("ctrl-s");
            assert_eq!(cockpit.file(FILE), format!("{text}x"), "{}", path.display());
            count += 1;
        }
    }
    println!("{count} files are as they were");
    assert!(count >= 40 && seen.len() >= 8, "{count} of {seen:?}");
}

/// Files that differ in nothing an editor cares about: so many of them are opened.
const ALIKE: usize = 30;

/// What an editor might lose of a text.
fn peculiarities(text: &str) -> [bool; 8] {
    [
        text.contains("\r\n"),
        text.replace("\r\n", "").contains('\r'),
        text.ends_with('\n'),
        text.contains('\t'),
        text.starts_with('\u{feff}'),
        !text.is_ascii(),
        text.contains(|it: char| it.is_control() && !"\r\n\t".contains(it)),
        text.lines().any(|it| it.ends_with(' ')),
    ]
}

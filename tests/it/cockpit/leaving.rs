//! The ways out of the editor: nothing that was typed is lost on any of them.

use crate::cockpit::harness::Cockpit;
use crossterm::event::{KeyCode, KeyEvent};
use skep::{
    jobs::{News, Verdict},
    tui::{
        document::Document,
        event::{Event, Subject},
    },
};
use std::path::PathBuf;

const FILE: &str = "/srv/blog/compose.yml";
const OTHER: &str = "/srv/shop/shop.yml";
const TEXT: &str = "a: 1\n";
const CHANGED: &str = "xa: 1\n";

fn editor() -> Cockpit {
    Cockpit::demo().with_file(FILE, TEXT).command(&format!("edit {FILE}"))
}

/// An editor with one letter that is not saved.
fn changed() -> Cockpit {
    editor().enter("x")
}

fn given_up(cockpit: &Cockpit, path: &str) -> Vec<String> {
    let texts = cockpit.discarded.get(&Document::File(PathBuf::from(path)));
    texts.into_iter().flatten().map(|it| it.text.clone()).collect()
}

fn draft(cockpit: &Cockpit) -> Option<&str> {
    let draft = cockpit.drafts.get(&Document::File(PathBuf::from(FILE)));
    draft.map(|it| it.text.as_str())
}

fn is_edited(cockpit: &Cockpit) -> bool {
    cockpit.screen().contains("Edit ·")
}

/// Saved and left, nothing kept beside.
#[track_caller]
fn check_saved(cockpit: &Cockpit, how: &str) {
    assert_eq!(cockpit.file(FILE), CHANGED, "{how}");
    assert!(!is_edited(cockpit), "{how}:\n{}", cockpit.screen());
    assert_eq!((draft(cockpit), given_up(cockpit, FILE)), (None, vec![]), "{how}");
}

/// Left unsaved, the text kept for a week.
#[track_caller]
fn check_given_up(cockpit: &Cockpit, how: &str) {
    assert_eq!(cockpit.file(FILE), TEXT, "{how}");
    assert!(!is_edited(cockpit), "{how}:\n{}", cockpit.screen());
    let kept = vec![CHANGED.to_owned()];
    assert_eq!((draft(cockpit), given_up(cockpit, FILE)), (None, kept), "{how}");
}

/// Still edited, the text a draft.
#[track_caller]
fn check_stays(cockpit: &Cockpit, how: &str) {
    assert_eq!(cockpit.file(FILE), TEXT, "{how}");
    assert!(is_edited(cockpit), "{how}:\n{}", cockpit.screen());
    let kept = Some(CHANGED);
    assert_eq!((draft(cockpit), given_up(cockpit, FILE)), (kept, vec![]), "{how}");
}

#[test]
fn what_means_yes_saves_and_only_a_letter_of_its_own_discards() {
    for way in ["esc y", "esc enter", "esc s", "ctrl-q enter", "ctrl-q shift-y"] {
        check_saved(&changed().press(way), way);
    }
    for way in ["esc d", "ctrl-q d"] {
        check_given_up(&changed().press(way), way);
    }
    for way in ["esc n", "esc esc", "esc ctrl-c", "ctrl-q esc", "esc x", "esc q", "esc f5 tab"] {
        check_stays(&changed().press(way), way);
    }
}

#[test]
fn enter_does_nothing_after_a_letter_that_is_no_answer_until_it_is_asked_again() {
    let cockpit = changed().press("esc shift-z shift-z enter");
    check_stays(&cockpit, "ZZ enter");
    let cockpit = cockpit.shows("Unsaved changes").press("enter");
    check_saved(&cockpit, "enter once more");
    let cockpit = changed().press("esc w").shows("That is not one of the answers").press("enter");
    check_stays(&cockpit.press("esc"), "w enter esc");
}

#[test]
fn commands_that_hands_know_from_vi_save_leave_and_discard() {
    for typed in ["wq", "x", "wq!", "xit"] {
        for way in ["esc :", "ctrl-p", "alt-x", "alt-:"] {
            let cockpit = changed().press(way).enter(typed).press("enter");
            check_saved(&cockpit, &format!("{way} {typed}"));
        }
    }
    check_given_up(&changed().press("esc :").enter("q!").press("enter"), ":q!");
    let asked = changed().press("esc :").enter("q").press("enter").shows("Unsaved changes");
    check_stays(&asked.press("esc"), ":q");
    let saved = changed().press("esc :").enter("w").press("enter").hides("not saved");
    assert_eq!(saved.file(FILE), CHANGED);
    assert!(is_edited(&saved));
    for typed in ["q", "wq", "x", "q!"] {
        let cockpit = editor().press("esc :").enter(typed).press("enter");
        assert!(!is_edited(&cockpit), "{typed}");
        assert_eq!(cockpit.file(FILE), TEXT, "{typed}");
    }
}

#[test]
fn the_command_of_vi_is_no_text_after_esc_whatever_that_closed() {
    // Nothing, what was found, what is selected, a panel, the offers that came by themselves.
    for before in ["", "ctrl-f x enter", "shift-right", "f7", "f2"] {
        let cockpit = changed().press(before).press("esc :").enter("wq").press("enter");
        check_saved(&cockpit, before);
    }
    let text = "services:\n  web:\n    image: nginx\n    ";
    let cockpit = Cockpit::demo().with_file(FILE, text).command(&format!("edit {FILE}"));
    let cockpit = cockpit.press("ctrl-end").enter("healthc").shows("healthcheck");
    let cockpit = cockpit.press("esc").enter(":wq").press("enter");
    assert_eq!(cockpit.file(FILE), format!("{text}healthc"));
    assert!(!is_edited(&cockpit));
    // And who only closed the offers goes on with the key.
    let cockpit = Cockpit::demo().with_file(FILE, text).command(&format!("edit {FILE}"));
    let cockpit = cockpit.press("ctrl-end").enter("command").press("esc").enter(": x");
    let _ = cockpit.shows("command: x").press("enter").shows("command: x");
}

#[test]
fn a_text_that_is_saved_is_left_with_the_second_esc_and_never_with_one_too_many() {
    let cockpit =
        editor().press("esc").shows("press again to leave this file; `:` types a command");
    assert!(is_edited(&cockpit));
    assert!(!is_edited(&cockpit.press("esc")));
    // Any other key in between begins anew.
    assert!(is_edited(&editor().press("esc right esc")));
    for open in ["ctrl-f a enter", "shift-right", "f7", "f2"] {
        let cockpit = editor().press(open).press("esc esc");
        assert!(is_edited(&cockpit), "{open}");
        assert!(!is_edited(&cockpit.press("esc")), "{open}");
    }
    assert!(!is_edited(&editor().press("ctrl-q")));
}

#[test]
fn a_save_that_fails_keeps_everything() {
    let theirs = "theirs\n";
    for way in ["esc y", "esc :"] {
        let cockpit = changed().with_file(FILE, theirs).press(way);
        let cockpit = if way == "esc :" { cockpit.enter("wq").press("enter") } else { cockpit };
        let cockpit = cockpit.shows("Not saved: somebody else changed it").press("esc");
        assert_eq!((cockpit.file(FILE), draft(&cockpit)), (theirs, Some(CHANGED)));
        assert!(is_edited(&cockpit));
        // Whoever saves later leaves only once that is said again.
        let cockpit = cockpit.press("ctrl-s down down down enter y").hides("not saved");
        assert!(is_edited(&cockpit), "{way}");
    }
}

#[test]
fn leaving_skep_saves_all_or_gives_all_up() {
    let two = || {
        let cockpit = changed().with_file(OTHER, TEXT).press("ctrl-p");
        cockpit.enter(&format!("edit {OTHER}")).press("enter").enter("x")
    };
    let mut cockpit = two().press("esc :").enter("wqa").press("enter");
    assert_eq!((cockpit.file(FILE), cockpit.file(OTHER)), (CHANGED, CHANGED));
    assert_eq!(cockpit.wanted().last().map(String::as_str), Some("quit"));
    let mut cockpit = two().press("esc :").enter("qa!").press("enter");
    assert_eq!((cockpit.file(FILE), cockpit.file(OTHER)), (TEXT, TEXT));
    assert_eq!((given_up(&cockpit, FILE), given_up(&cockpit, OTHER)).0, [CHANGED]);
    assert_eq!(given_up(&cockpit, OTHER), [CHANGED]);
    assert_eq!(cockpit.wanted().last().map(String::as_str), Some("quit"));
    let mut cockpit = two().press("esc :").enter("qa").press("enter").shows(FILE).shows(OTHER);
    cockpit.wanted();
    // Somebody else wrote one of them: nobody leaves.
    let mut cockpit = cockpit.with_file(OTHER, "theirs\n").press("enter");
    assert_eq!(cockpit.file(FILE), CHANGED);
    assert!(!cockpit.wanted().contains(&"quit".to_owned()));
    let mut cockpit = cockpit.press("esc ctrl-s down down down enter y");
    assert!(!cockpit.wanted().contains(&"quit".to_owned()));
}

#[test]
fn other_views_have_no_file_and_are_left_as_hands_expect() {
    let cockpit = Cockpit::demo().command("nodes").command("w");
    assert!(cockpit.message().contains("there is no file here"), "{}", cockpit.message());
    assert_eq!(Cockpit::demo().command("nodes").command("q").message(), "board");
    for typed in ["q", "q!", "wq", "x", "qa", "quit"] {
        let mut cockpit = Cockpit::demo();
        cockpit.wanted();
        let cockpit = &mut cockpit.command(typed);
        assert_eq!(cockpit.wanted().last().map(String::as_str), Some("quit"), "{typed}");
    }
}

#[test]
fn a_text_is_written_into_another_file_but_never_over_one_unasked() {
    let cockpit = changed().press("esc :").enter("w /tmp/b.yml").press("enter");
    assert_eq!((cockpit.file("/tmp/b.yml"), cockpit.file(FILE)), (CHANGED, TEXT));
    let cockpit = cockpit.enter("y").press("esc :").enter("w /tmp/b.yml").press("enter");
    assert_eq!(cockpit.file("/tmp/b.yml"), CHANGED);
    let cockpit = cockpit.press("esc :").enter("w! /tmp/b.yml").press("enter");
    assert_eq!(cockpit.file("/tmp/b.yml"), "xya: 1\n");
    let cockpit = cockpit.press("esc :").enter(&format!("w {FILE}")).press("enter");
    assert_eq!(cockpit.file(FILE), "xya: 1\n");
}

#[test]
fn keys_of_the_editor_are_explained_where_they_mean_something_else() {
    for key in ["ctrl-s", "ctrl-w", "ctrl-o", "ctrl-x", "ctrl-q"] {
        let mut cockpit = Cockpit::demo();
        cockpit.wanted();
        let mut cockpit = cockpit.press(key);
        assert_eq!(cockpit.wanted(), [""; 0], "{key}");
        assert_ne!(cockpit.message(), "board", "{key}");
    }
    for (key, does) in [("ctrl-z", "suspend"), ("ctrl-c", "quit")] {
        let mut left = editor().press("esc esc");
        left.wanted();
        let mut left = left.press(key);
        assert_eq!(left.wanted(), [""; 0], "{key}");
        assert!(left.message().contains("you left the editor"), "{}", left.message());
        assert_eq!(left.press(key).wanted(), [does], "{key}");
    }
    let cockpit = editor().press("esc esc").command("nodes").press("ctrl-f");
    assert!(cockpit.message().contains("`/` finds"), "{}", cockpit.message());
    assert!(!cockpit.press("ctrl-f").message().contains("`/` finds"));
}

#[test]
fn functions_have_names_and_keys_that_every_terminal_sends() {
    for way in [&["f7"][..], &["alt-f"], &["ctrl-p", "findings"]] {
        let cockpit = editor().press(way[0]);
        let cockpit = way.get(1).map_or(cockpit, |_| editor().press("ctrl-p").enter("findings"));
        let cockpit = if way.len() > 1 { cockpit.press("enter") } else { cockpit };
        let _ = cockpit.shows("Findings ·");
    }
    let _ = editor().press("ctrl-l").shows("Plan · blog");
    let cockpit = editor().press("ctrl-p").enter("1").press("enter").shows(" 1:1");
    let _ = cockpit.press("ctrl-p").enter("find").press("enter").shows("find:");
}

#[test]
fn letters_that_come_at_once_are_text_as_they_are_and_keys_elsewhere() {
    let key = |letter: char| match letter {
        '\n' => KeyEvent::from(KeyCode::Enter),
        '\t' => KeyEvent::from(KeyCode::Tab),
        letter => KeyEvent::from(KeyCode::Char(letter)),
    };
    let rush = |text: &str| Event::Rush(text.chars().map(key).collect());
    let lines = (0..200).map(|it| format!("{}- a{it}:\t# x\n", " ".repeat(it % 5)));
    let text = lines.collect::<Vec<String>>().concat();
    let cockpit = Cockpit::demo().with_file(FILE, "").command(&format!("edit {FILE}"));
    let cockpit = cockpit.after(rush(&text)).press("ctrl-s");
    assert_eq!(cockpit.file(FILE), text);
    // It is one step.
    let cockpit = cockpit.press("ctrl-z ctrl-s");
    assert_eq!(cockpit.file(FILE), "");
    // A command that is sent at once is one.
    let cockpit = cockpit.enter("x").press("esc").after(rush(":wq\n"));
    assert_eq!(cockpit.file(FILE), "x");
    assert!(!is_edited(&cockpit));
    assert_eq!(Cockpit::demo().after(rush(":nodes\n")).message(), "board ▸ nodes");
}

#[test]
fn a_job_is_left_to_the_text_that_it_deploys_and_not_to_its_plan() {
    let text = "services:\n  web:\n    image: nginx:1.27\n";
    let open = || {
        let cockpit = Cockpit::demo().with_file(FILE, "").command(&format!("edit {FILE}"));
        let cockpit = cockpit.paste(text).press("f5").shows("deploy as stack: blog");
        assert_eq!(cockpit.file(FILE), text);
        let cockpit = cockpit.press("enter").shows("Plan · blog").press("f5").shows("Deploy blog?");
        let started = News::Started { title: "deploy blog".to_owned(), steps: 3 };
        cockpit.press("y").report(1, started).shows("Job · deploy blog")
    };
    // The plan is done, and the text is where somebody goes on.
    assert_eq!(open().press("esc").message(), "board ▸ edit · compose.yml");
    let done = Verdict::Succeeded("1 service runs".to_owned());
    let cockpit = open().report(1, News::Finished(done)).press("esc").hides("Plan · blog");
    let _ = cockpit.shows("Edit ·").enter("b").shows("not saved");
}

#[test]
fn the_cursor_is_where_it_was_when_the_file_is_opened_again() {
    let text = "services:\n  web:\n    image: nginx\n";
    let open = format!("edit {FILE}");
    let cockpit = Cockpit::demo().with_file(FILE, text).command(&open).press("down down end");
    let cockpit = cockpit.shows(" 3:17").press("ctrl-q").command(&open).shows(" 3:17");
    // Where there is less text by now, it is at its end.
    let _ = cockpit.press("ctrl-q").with_file(FILE, "a: 1").command(&open).shows(" 1:5");
}

#[test]
fn keys_that_a_laptop_has_stand_in_the_footer_where_function_keys_are_unlikely() {
    let editor = || editor().at(160, 36);
    let local = editor().footer();
    assert!(local.contains("<f5>plan, deploy") && local.contains("<ctrl-p>command"), "{local}");
    let mut remote = editor();
    remote.model.world.setting.function_keys = false;
    let remote = remote.footer();
    assert!(remote.contains("<ctrl-t>plan, deploy") && !remote.contains("<f"), "{remote}");
    for columns in [60, 80, 120] {
        let footer = editor().at(columns, 24).footer();
        assert!(footer.contains("<ctrl-p>command") && footer.contains("<ctrl-q>leave"), "{footer}");
    }
}

#[test]
fn the_command_of_vi_is_no_text_after_a_question_that_was_left() {
    for before in ["esc esc", "esc esc esc", "esc n", "alt-d esc", "ctrl-f esc", "ctrl-p esc"] {
        let cockpit = changed().press(before).enter(":wq").press("enter");
        check_saved(&cockpit, before);
    }
}

#[test]
fn an_editor_is_left_to_the_board_however_it_was_come_to() {
    for way in ["esc :", "ctrl-p"] {
        let around = editor().press("ctrl-p").enter("board").press("enter");
        assert_eq!(around.message(), "edit · compose.yml ▸ board");
        let back = around.press("esc esc");
        assert_eq!(back.message(), "board ▸ edit · compose.yml");
        let mut left = back.enter("x").press(way).enter("wq").press("enter");
        check_saved(&left, way);
        assert_eq!(left.message(), "saved and left: edit · compose.yml");
        assert!(!left.wanted().contains(&"quit".to_owned()));
    }
    let around = changed().press("ctrl-p").enter("board").press("enter esc esc ctrl-q");
    let mut left = around.press("d");
    check_given_up(&left, "ctrl-q d");
    assert!(!left.wanted().contains(&"quit".to_owned()));
    // What was selected there is selected still.
    let board = Cockpit::demo().press("shift-tab j").command("nodes").command("board");
    let selected = board.model.subjects();
    let back = board.press("esc").shows("board ▸ nodes").press("esc");
    assert_eq!((back.message().as_str(), back.model.subjects()), ("board", selected));
}

#[test]
fn what_is_opened_is_what_is_selected_whatever_is_marked() {
    let mut cockpit = Cockpit::demo().command("stacks").press("space down");
    let marked = cockpit.model.subjects();
    let selected = cockpit.model.screen().selected(&cockpit.model.world);
    assert_ne!(marked, selected);
    cockpit.wanted();
    let mut cockpit = cockpit.press("e");
    let [Subject::Stack(stack)] = selected.as_slice() else { panic!("{selected:?}") };
    assert_eq!(cockpit.wanted(), [format!("edit {stack}")]);
}

#[test]
fn an_empty_file_says_how_to_begin() {
    let cockpit = Cockpit::demo().command(&format!("edit {FILE}"));
    let _ = cockpit.shows("empty: start with `services:`, or see `:template`");
}

//! Text that is typed on answers nothing that came meanwhile, and none of it is lost.

use crate::cockpit::harness::Cockpit;
use crossterm::event::{KeyCode, KeyEvent};
use skep::{
    domain::project::draft::Draft,
    tui::{
        document::Document,
        event::{Event, Stroke},
    },
};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

const FILE: &str = "/srv/blog/compose.yml";
const TEXT: &str = "a: 1\n";
const THEIRS: &str = "a: 1\n# theirs\n";

/// Types a text, a letter every so many milliseconds; each is seen before the next.
fn typed(mut cockpit: Cockpit, text: &str, pace: u64) -> Cockpit {
    let mut at = cockpit.model.stroke.map_or_else(Instant::now, |it| it.at);
    for letter in text.chars() {
        cockpit.model.show_asked(at);
        at += Duration::from_millis(pace);
        cockpit.model.stroke = Some(Stroke { at, alone: true });
        cockpit = cockpit.enter(&letter.to_string());
    }
    cockpit.model.show_asked(at);
    cockpit
}

fn editor() -> Cockpit {
    Cockpit::demo().with_file(FILE, TEXT).command(&format!("edit {FILE}"))
}

fn given_up(cockpit: &Cockpit) -> Vec<&str> {
    let texts = cockpit.discarded.get(&Document::File(PathBuf::from(FILE)));
    texts.into_iter().flatten().map(|it| it.text.as_str()).collect()
}

/// What was wanted but to remember commands.
fn changes(cockpit: &mut Cockpit) -> Vec<String> {
    cockpit.wanted().into_iter().filter(|it| !it.starts_with("remember")).collect()
}

#[test]
fn running_text_confirms_no_question_that_its_first_letter_opened() {
    for (text, paces) in [("backupy", &[130, 300, 900][..]), ("by", &[130, 300]), ("ry", &[130])] {
        for pace in paces {
            let mut cockpit = typed(Cockpit::demo(), text, *pace);
            assert_eq!(changes(&mut cockpit), [""; 0], "{text} at {pace}");
        }
    }
    // After a pause an answer counts again, and it was said what is one.
    let mut cockpit = typed(Cockpit::demo(), "bac", 130);
    assert_eq!(cockpit.message(), "⚠ press y for yes, n for no");
    cockpit = typed(cockpit, "y", 900);
    assert!(cockpit.message().contains("wait a moment"), "{}", cockpit.message());
    assert_eq!(changes(&mut cockpit), [""; 0]);
    let mut cockpit = typed(cockpit, "y", 1000);
    assert_eq!(changes(&mut cockpit), ["roll back monitoring_alertmanager"]);
}

#[test]
fn running_text_chooses_nothing_in_a_menu() {
    let menu = || Cockpit::demo().command("nodes").press("a").shows("Availability of");
    for pace in [130, 300, 900] {
        let cockpit = typed(menu(), "jacky", pace).shows("Availability of");
        assert!(cockpit.message().contains("wait a moment"), "{}", cockpit.message());
    }
}

#[test]
fn a_line_that_is_empty_or_not_taken_stays_open_for_what_is_typed_on() {
    let filter = Cockpit::demo().command("services").press("/").enter("wep");
    let mut cockpit = typed(filter.press(&["backspace"; 5].join(" ")), "backupy", 130);
    assert_eq!((changes(&mut cockpit), cockpit.typed()), (vec![], "backupy"));
    let mut cockpit = Cockpit::demo().press("s backspace backspace backspace");
    cockpit = cockpit.shows("nothing more to erase").enter("by");
    assert_eq!((changes(&mut cockpit), cockpit.typed()), (vec![], "by"));
    let mut cockpit = cockpit.press("enter").shows("`by` is not a number of replicas").enter("ry");
    assert_eq!(changes(&mut cockpit), [""; 0]);
    let named = Cockpit::demo().in_production().press("r y").enter("registry").press("enter");
    let mut cockpit = named.shows("left as it is").press("ctrl-u").enter("monitoring_alertmanager");
    assert_eq!(changes(&mut cockpit), [""; 0]);
    assert_eq!(cockpit.press("enter").wanted(), ["restart monitoring_alertmanager"]);
}

#[test]
fn running_text_does_not_discard_what_is_not_saved() {
    let mut cockpit = editor().enter("x").press("esc");
    cockpit = typed(cockpit, "xd", 300).shows("Unsaved changes");
    assert_eq!(given_up(&cockpit), [""; 0]);
    cockpit = typed(editor().enter("x").press("esc"), "d", 300).shows("Unsaved changes");
    let cockpit = typed(cockpit, "d", 400);
    assert_eq!(given_up(&cockpit), ["xa: 1\n"]);
}

#[test]
fn what_somebody_else_writes_is_said_in_the_frame_and_asks_nothing() {
    for undecided in [THEIRS, ""] {
        let cockpit = typed(editor(), "# he", 130).with_file(FILE, undecided);
        let cockpit = cockpit.unheard(Duration::from_secs(2)).unheard(Duration::from_secs(1));
        assert!(cockpit.model.modal.is_none(), "{}", cockpit.screen());
        let cockpit = typed(cockpit, "re wky", 130).shows("alt-d decides");
        assert_eq!(cockpit.file(FILE), undecided);
        assert!(cockpit.screen().contains("# here wkya: 1"), "{}", cockpit.screen());
        // Asked where somebody asks.
        let _ = cockpit.press("alt-d").shows("Somebody else changed it").shows("reload");
    }
}

#[test]
fn what_is_written_on_after_saving_goes_into_the_text() {
    let asked = || {
        let cockpit = editor().enter("x").with_file(FILE, THEIRS).press("ctrl-s");
        cockpit.shows("Not saved: somebody else changed it").shows("<enter>choose")
    };
    let letters = typed(asked(), "kyjn", 300);
    let rushed: Vec<KeyEvent> = "kyjn".chars().map(|it| KeyCode::Char(it).into()).collect();
    for cockpit in [letters, asked().paste("kyjn"), asked().after(Event::Rush(rushed))] {
        assert_eq!(cockpit.file(FILE), THEIRS);
        let cockpit = cockpit.hides("Not saved").shows("xkyjna: 1").shows("alt-d decides");
        assert!(cockpit.message().contains("you kept typing"), "{}", cockpit.message());
    }
}

#[test]
fn what_is_written_over_is_what_was_seen_after_a_question_and_stays_for_a_week() {
    let asked = || editor().enter("x").with_file(FILE, THEIRS).press("ctrl-s down down down");
    // One key away from the first row is no loss: the menu does not go round.
    let round = editor().enter("x").with_file(FILE, THEIRS).press("ctrl-s up up enter");
    assert_eq!(round.hides("Not saved").file(FILE), THEIRS);
    let sure = asked().press("enter").shows("Overwrite what somebody else wrote in compose.yml?");
    let sure = sure.shows("enter does nothing").press("enter");
    assert_eq!(sure.file(FILE), THEIRS);
    let over = sure.press("y").hides("not saved").hides("alt-d decides");
    assert_eq!((over.file(FILE), given_up(&over)), ("xa: 1\n", vec![THEIRS]));
    assert!(over.drafts.is_empty());
    // Who wrote once more meanwhile is not written over.
    let again = asked().press("enter").with_file(FILE, "more\n").press("y");
    assert_eq!(again.shows("Not saved: somebody else changed it").file(FILE), "more\n");
}

#[test]
fn a_text_of_before_that_was_taken_and_taken_back_is_not_lost() {
    let found = |discarded: bool, typed: &str| {
        let mut cockpit = Cockpit::demo().with_file(FILE, TEXT);
        let at = cockpit.model.world.now - Duration::from_secs(300);
        let draft =
            Draft { text: "b: 2\n".to_owned(), base: String::new(), at, discarded, by: None };
        let document = Document::File(PathBuf::from(FILE));
        if discarded {
            cockpit.discarded.insert(document, vec![draft]);
        } else {
            cockpit.drafts.insert(document, draft);
        }
        let cockpit = cockpit.command(&format!("edit {FILE}"));
        // With something written before it was taken, or not.
        let cockpit = if typed.is_empty() { cockpit } else { cockpit.press("esc").enter(typed) };
        let ask = if typed.is_empty() { "enter" } else { "alt-d down enter" };
        cockpit.press(ask).shows("b: 2").press("ctrl-z").hides("b: 2").press("ctrl-z")
    };
    for discarded in [false, true] {
        for typed in ["", "x"] {
            let cockpit = found(discarded, typed).press("ctrl-q").hides("Edit ·");
            assert_eq!(given_up(&cockpit), ["b: 2\n"], "{discarded} {typed:?}");
            // Nor where something else is saved then.
            let cockpit = found(discarded, typed).enter("c").press("ctrl-s");
            assert_eq!(cockpit.file(FILE), "ca: 1\n");
            assert_eq!(given_up(&cockpit), ["b: 2\n"], "{discarded} {typed:?}");
        }
    }
}

#[test]
fn what_is_forgotten_for_good_is_asked_about_once_more() {
    let cockpit = editor().enter("x").press("esc d").command(&format!("edit {FILE}"));
    let cockpit = cockpit.shows("restore it?").press("down down enter");
    let cockpit = cockpit.shows("Delete the discarded text of compose.yml").press("enter");
    assert_eq!(given_up(&cockpit), ["xa: 1\n"]);
    assert_eq!(given_up(&cockpit.press("y")), [""; 0]);
}

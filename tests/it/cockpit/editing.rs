//! What the keys of the editor do to a text, and how the text is shown.

use crate::cockpit::harness::Cockpit;
use ratatui::style::{Color, Modifier};
use skep::tui::theme::Theme;

const FILE: &str = "/srv/blog/compose.yml";

fn editor(text: &str) -> Cockpit {
    Cockpit::demo().with_file(FILE, text).command(&format!("edit {FILE}"))
}

#[track_caller]
fn check(text: &str, keys: &str, expected: &str) {
    let cockpit = editor(text).press(keys).press("ctrl-s");
    assert_eq!(cockpit.file(FILE), expected, "{keys}");
    // Every key of these tests makes one step, or none.
    let undo = keys.split(' ').map(|_| "ctrl-z").collect::<Vec<_>>().join(" ");
    assert_eq!(cockpit.press(&undo).press("ctrl-s").file(FILE), text, "{keys}, taken back");
}

#[test]
fn lines_are_written_as_editors_do_it() {
    check("web:", "end enter", "web:\n  ");
    check("a\nb\n", "ctrl-/", "# a\nb\n");
    check("# a\nb\n", "alt-c", "a\nb\n");
    check("a\nb\n", "ctrl-d", "a\na\nb\n");
    check("a\nb\n", "alt-down", "b\na\n");
    check("a\nb\n", "down alt-up", "b\na\n");
    check("a\nb\n", "alt-k", "b\n");
    check("a: b\n", "ctrl-k", "\n");
    check("one two\n", "end ctrl-w", "one \n");
    check("one two\n", "end ctrl-left backspace", "onetwo\n");
    check("a\nb\n", "shift-down tab", "  a\nb\n");
    check("  a\n  b\n", "shift-down shift-down shift-tab", "a\nb\n");
    check("a\nb\n", "ctrl-a delete", "");
    check("  a\n", "shift-tab", "a\n");
}

#[test]
fn what_is_cut_or_copied_is_pasted_and_told_to_the_terminal() {
    let mut cockpit = editor("a\nb\n").press("ctrl-x down ctrl-v ctrl-s");
    assert_eq!(cockpit.file(FILE), "b\na\n");
    assert!(cockpit.wanted().contains(&"cut unquoted a\n".to_owned()));
    check("ab\n", "shift-right ctrl-c end ctrl-v", "aba\n");
    let cockpit = editor("").press("ctrl-v");
    assert!(cockpit.message().contains("nothing was copied"), "{}", cockpit.message());
}

#[test]
fn what_a_key_of_other_editors_took_away_is_said() {
    let cockpit = editor("a: b\n").press("ctrl-k");
    assert!(cockpit.message().contains("ctrl-z brings it back"), "{}", cockpit.message());
    // Where it did nothing there is nothing to say.
    let cockpit = editor("a").press("end ctrl-k");
    assert_eq!(cockpit.message(), "board ▸ edit · compose.yml");
}

#[test]
fn places_are_replaced_one_by_one_or_all_at_once_in_one_step() {
    let text = "image: web:1\nname: web\n# Web\n";
    let cockpit = editor(text).press("f4").enter("web").press("enter");
    assert_eq!(cockpit.message(), "replace web with:");
    let cockpit = cockpit.enter("api").press("enter").shows("(1 of 3)");
    let all = cockpit.press("a").shows("3 places replaced").press("ctrl-s");
    assert_eq!(all.file(FILE), "image: api:1\nname: api\n# api\n");
    assert_eq!(all.press("ctrl-z ctrl-s").file(FILE), text);
    let some = editor(text).press("alt-r").enter("web").press("enter").enter("api");
    let some = some.press("enter y n y").shows("(1 of 1)").press("esc ctrl-s");
    assert_eq!(some.file(FILE), "image: api:1\nname: web\n# api\n");
}

#[test]
fn what_is_not_there_is_not_replaced() {
    let cockpit = editor("a\n").press("f4").enter("zebra").press("enter");
    assert!(cockpit.message().contains("`zebra` is not in this text"), "{}", cockpit.message());
    let cockpit = editor("a\n").press("f4").enter("/(/").press("enter");
    assert!(cockpit.message().contains("is not an expression"), "{}", cockpit.message());
}

#[test]
fn a_paste_is_one_step_and_stays_as_it_was_indented() {
    let cockpit = editor("a:\n").press("down").paste("  b:\n    c: 1\n").press("ctrl-s");
    assert_eq!(cockpit.file(FILE), "a:\n  b:\n    c: 1\n");
    assert_eq!(cockpit.press("ctrl-z ctrl-s").file(FILE), "a:\n");
}

#[test]
fn what_was_saved_is_known_by_its_text() {
    let cockpit = editor("a\n").enter("b").press("ctrl-s ctrl-z").shows("not saved");
    let _ = cockpit.press("ctrl-y").hides("not saved");
}

#[test]
fn three_lines_stay_in_sight_around_the_cursor() {
    let text: String = (1..=200).fold(String::new(), |text, it| format!("{text}k{it}: {it}\n"));
    let cockpit = editor(&text).at(80, 24).press("pgdn pgdn pgdn");
    let cockpit = cockpit.press("down").shows("k46: 46").press("ctrl-end").shows("k200: 200");
    let cockpit = cockpit.press("ctrl-home").shows("k1: 1").hides("k100");
    let cockpit = cockpit.press("pgdn down down");
    let line = cockpit.line("k18: 18");
    assert!(line.contains("18"), "{}", cockpit.screen());
    let _ = cockpit.shows("k20: 20").hides("k21: 21");
}

#[test]
fn long_lines_scroll_sideways_and_say_so() {
    let text = format!("a: {}end\n", "x".repeat(300));
    let cockpit = editor(&text).at(80, 24);
    assert!(cockpit.line("a: xxx").contains('…'));
    let cockpit = cockpit.press("end").shows("xend").hides("a: x");
    assert!(cockpit.line("xend").contains('…'));
    let _ = cockpit.press("home").shows("a: xxx");
}

#[test]
fn wide_and_odd_letters_keep_their_columns() {
    let cockpit = editor("a: 日本語 e\u{301} x\n\tb: \u{200b}1\u{7}\n");
    let cockpit = cockpit.shows("a: 日本語 e\u{301} x").shows("→   b: ?1?");
    let cockpit = cockpit.press("end left");
    assert_eq!(cockpit.reversed(), ["x"]);
    assert_eq!(cockpit.press("home right right right shift-right").reversed(), ["日"]);
}

#[test]
fn what_is_selected_found_or_wrong_is_marked() {
    let text = "services:\n  web:\n    image: nginx\n    imag: nginx\n";
    let cockpit = editor(text).press("shift-right shift-right");
    assert_eq!(cockpit.reversed(), ["se"]);
    let cockpit = cockpit.press("esc ctrl-f").enter("nginx").press("enter");
    assert_eq!(cockpit.reversed(), ["nginx", "nginx"]);
    let buffer = cockpit.buffer();
    let underlined = |it: &&ratatui::buffer::Cell| it.modifier.contains(Modifier::UNDERLINED);
    let cells = buffer.content().iter().filter(underlined);
    let text: String = cells.map(ratatui::buffer::Cell::symbol).collect();
    assert!(text.contains("imag"), "{text}");
}

#[test]
fn nothing_rests_on_colours_or_glyphs() {
    let text = "services:\n  web:\n    image: nginx\n    imag: nginx\n";
    let states = ["f7", "f2 down", "f6", "f10", "down down end enter ctrl-space", "down ctrl-o"];
    for keys in states {
        let cockpit = Cockpit::demo().with_theme(Theme::no_color().ascii());
        let cockpit = cockpit.with_file(FILE, text).command(&format!("edit {FILE}")).press(keys);
        for cell in cockpit.buffer().content() {
            assert!(matches!((cell.fg, cell.bg), (Color::Reset, Color::Reset)), "{keys}: {cell:?}");
        }
        assert!(cockpit.screen().is_ascii(), "{keys}:\n{}", cockpit.screen());
    }
}

#[test]
fn every_state_fits_every_size() {
    let text = "services:\n  web:\n    image: nginx\n    imag: nginx\n";
    let states = ["", "f7", "f2 down", "f6 f6", "f10", "down down end enter ctrl-space", "ctrl-f"];
    for (columns, rows) in [(60, 15), (80, 24), (121, 16), (250, 80)] {
        for keys in states {
            let cockpit = Cockpit::demo().at(columns, rows).with_file(FILE, text);
            let cockpit = cockpit.command(&format!("edit {FILE}")).press(keys);
            // Whatever stands beside it, some of the text is seen.
            assert!(cockpit.screen().contains(" 1  services:"), "{keys}\n{}", cockpit.screen());
        }
    }
}

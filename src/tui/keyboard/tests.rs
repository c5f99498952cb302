//! What is typed arrives, and nothing of what a terminal answers does.

use crate::tui::{keyboard::Decoder, keymap::Key};
use crossterm::event::{Event as Input, KeyEventKind, MouseEventKind};
use std::time::{Duration, Instant};

/// What terminals answer to queries of the program before skep, and reports nobody asked
/// for. Each has letters in it that are keys of skep.
const ANSWERS: &[(&str, &[u8])] = &[
    ("OSC 11, ST", b"\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\"),
    ("OSC 10, BEL", b"\x1b]10;rgb:ffff/ffff/ffff\x07"),
    ("OSC 4", b"\x1b]4;1;rgb:cccc/0000/0000\x1b\\"),
    ("OSC 52", b"\x1b]52;c;cnkEeQ==\x07"),
    ("OSC 12, ST of one byte", b"\x1b]12;rgb:aaaa/bbbb/cccc\x9c"),
    ("OSC 11, ST as a letter", "\x1b]11;rgb:1e1e/1e1e/1e1e\u{9c}".as_bytes()),
    ("OSC as a letter", "\u{9d}11;rgb:1e1e/1e1e/1e1e\u{9c}".as_bytes()),
    ("title report", b"\x1b]lry\x1b\\"),
    ("icon report", "\x1b]L\u{dc}ry\x1b\\".as_bytes()),
    ("DECRQSS", b"\x1bP1$r0 q\x1b\\"),
    ("DECRQSS SGR", b"\x1bP1$r0;38:2::1:2:3m\x1b\\"),
    ("XTGETTCAP", b"\x1bP1+r524742=382f382f38\x1b\\"),
    ("XTVERSION", b"\x1bP>|XTerm(370) ry\x1b\\"),
    ("DA3", b"\x1bP!|7E565445\x1b\\"),
    ("DCS as a letter", "\u{90}1$r0 q\u{9c}".as_bytes()),
    ("kitty graphics", b"\x1b_Gi=31;OKry\x1b\\"),
    ("PM", b"\x1b^ry\x1b\\"),
    ("SOS", b"\x1bXry\x1b\\"),
    ("DA1", b"\x1b[?62;22c"),
    ("DA1 of xterm", b"\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c"),
    ("DA2", b"\x1b[>41;354;0c"),
    ("DSR", b"\x1b[0n"),
    ("place of the cursor", b"\x1b[12;34R"),
    ("place that is none", b"\x1b[0;0R"),
    ("extended place", b"\x1b[?12;34;1R"),
    ("DECRPM", b"\x1b[?2026;2$y"),
    ("ANSI mode", b"\x1b[4;2$y"),
    ("colour scheme", b"\x1b[?997;1n"),
    ("size in letters", b"\x1b[8;24;80t"),
    ("size in points", b"\x1b[4;600;800t"),
    ("in-band resize", b"\x1b[48;24;80;600;800t"),
    ("kitty flags", b"\x1b[?1u"),
    ("modifyOtherKeys", b"\x1b[>4;2m"),
    ("focus gained", b"\x1b[I"),
    ("focus lost", b"\x1b[O"),
    ("checksum", b"\x1bP1!~0000\x1b\\"),
    ("terminal parameters", b"\x1b[2;1;1;112;112;1;0x"),
    ("CSI as a letter", "\u{9b}?62;22c".as_bytes()),
    ("a press of the mouse", b"\x1b[<0;121;114M"),
    ("a release of the mouse", b"\x1b[<0;121;114m"),
    ("an old mouse report", b"\x1b[M ry"),
    ("an rxvt mouse report", b"\x1b[32;121;114M"),
    ("an unknown key of kitty", b"\x1b[57399u"),
    ("a key of kitty that is let go", b"\x1b[121;1:3u"),
];

/// Feeds the pieces with so much time between them, and lets all deadlines pass.
fn decoded(pieces: &[&[u8]], pause: Duration) -> Vec<Input> {
    let (mut decoder, mut now, mut found) = (Decoder::default(), Instant::now(), Vec::new());
    for piece in pieces {
        while let Some(at) = decoder.deadline().filter(|it| *it < now) {
            found.extend(decoder.expire(at));
        }
        found.extend(decoder.feed(piece, now));
        now += pause;
    }
    for _ in 0..4 {
        now += Duration::from_secs(2);
        found.extend(decoder.expire(now));
    }
    found
}

/// Returns what counts as keys, in words.
fn keys(inputs: &[Input]) -> Vec<String> {
    let key = |it: &Input| match it {
        Input::Key(key) if key.kind == KeyEventKind::Release => None,
        Input::Key(key) => Some(Key::from(*key).to_string()),
        Input::Paste(text) => Some(format!("paste {text:?}")),
        _ => None,
    };
    inputs.iter().filter_map(key).collect()
}

#[test]
fn what_a_terminal_answers_is_no_key_whole_and_in_pieces() {
    let mut tried = 0;
    for (name, bytes) in ANSWERS {
        for pause in [0, 1, 20, 90, 200, 600].map(Duration::from_millis) {
            assert_eq!(keys(&decoded(&[bytes], pause)), [""; 0], "{name}");
            for at in 1..bytes.len() {
                let (first, second) = bytes.split_at(at);
                let found = keys(&decoded(&[first, second], pause));
                // What came alone, and so long that somebody may have pressed it.
                let alone: &[&str] = match first {
                    b"\x1b" => &["esc"],
                    [0x1b, _] if pause > Duration::from_millis(100) => {
                        &["alt-]", "alt-P", "alt-_", "alt-^", "alt-X", "alt-["]
                    }
                    [0xc2, 0x9b] => &["alt-["],
                    _ => &[],
                };
                // Of one last letter nobody knows where it belongs then.
                if pause > Duration::from_millis(30) && second.len() == 1 && at < 3 {
                    continue;
                }
                let strange = found.iter().find(|it| !alone.contains(&it.as_str()));
                assert_eq!(strange, None, "{name} {pause:?} after {first:?}: {found:?}");
                tried += 1;
            }
        }
        // Letter by letter, as over a slow line.
        let letters: Vec<&[u8]> = bytes.chunks(1).collect();
        let found = keys(&decoded(&letters, Duration::from_millis(20)));
        assert!(found.iter().all(|it| it == "esc"), "{name}: {found:?}");
        // Twice, and a key after it.
        let twice = [bytes, *bytes].concat();
        let found = keys(&decoded(&[&twice, b"r"], Duration::from_millis(200)));
        assert_eq!(found, ["r"], "{name}");
    }
    println!("{} answers, {tried} ways to split them: 0 keys", ANSWERS.len());
}

#[test]
fn an_answer_that_never_ends_swallows_no_more_than_a_second() {
    for begun in [&b"\x1b]11;rgb:1e"[..], b"\x1bP1$r", b"\x1b[?20", b"\x1b_Gi", b"\x1b[M "] {
        let found = keys(&decoded(&[begun, b"y"], Duration::from_millis(1100)));
        assert_eq!(found, ["y"], "{begun:?}");
    }
}

#[test]
fn keys_that_begin_as_answers_do_are_keys_where_nothing_follows() {
    for (bytes, name) in [
        (&b"\x1b"[..], "esc"),
        (b"\x1b[", "alt-["),
        (b"\x1b]", "alt-]"),
        (b"\x1bP", "alt-P"),
        (b"\x1bO", "alt-O"),
        (b"\x1bX", "alt-X"),
    ] {
        let found = keys(&decoded(&[bytes, b"y"], Duration::from_millis(200)));
        assert_eq!(found, [name, "y"], "{bytes:?}");
    }
    assert_eq!(keys(&decoded(&[b"\x1b\x1b"], Duration::ZERO)), ["esc", "esc"]);
}

#[test]
fn keys_of_all_kinds_arrive() {
    for (bytes, expected) in [
        ("rY\u{e9}", "r shift-y \u{e9}"),
        ("\r\t\x7f\x04\x00\x1c\n", "enter tab backspace ctrl-d ctrl-space ctrl-\\ ctrl-j"),
        ("\x1b[A\x1bOA\x1b[1;5C\x1b[1;2D", "up up ctrl-right shift-left"),
        ("\x1b[H\x1b[4~\x1b[5~\x1b[6~\x1b[3~", "home end pgup pgdn delete"),
        ("\x1bOP\x1b[11~\x1b[15~\x1b[24~\x1b[[A", "f1 f1 f5 f12 f1"),
        ("\x1b[15;5~\x1b[Z", "ctrl-f5 shift-tab"),
        ("\x1bx\x1b\r\x1b\x7f", "alt-x alt-enter alt-backspace"),
        ("\x1b[121u\x1b[99;5u\x1b[27;5;100~", "y ctrl-c ctrl-d"),
    ] {
        let found = keys(&decoded(&[bytes.as_bytes()], Duration::ZERO)).join(" ");
        assert_eq!(found, expected, "{bytes:?}");
        let letters: Vec<&[u8]> = bytes.as_bytes().chunks(1).collect();
        let slowly = keys(&decoded(&letters, Duration::from_millis(5))).join(" ");
        // The first byte of a sequence that comes alone is a key as well.
        let without =
            |it: &str| it.split(' ').filter(|it| *it != "esc").collect::<Vec<_>>().join(" ");
        // An escape that comes alone is a key at once, so the letter behind it is another.
        let slow = expected.replace("alt-", "");
        assert_eq!(without(&slowly), slow, "{bytes:?} letter by letter");
    }
}

#[test]
fn the_wheel_turns() {
    for bytes in [&b"\x1b[<64;5;7M"[..], b"\x1b[96;5;7M", b"\x1b[M`%'"] {
        let found = decoded(&[bytes], Duration::ZERO);
        let [Input::Mouse(mouse)] = found[..] else { panic!("{found:?}") };
        assert_eq!((mouse.kind, mouse.column, mouse.row), (MouseEventKind::ScrollUp, 4, 6));
    }
}

#[test]
fn what_is_pasted_is_text_whatever_it_says() {
    let paste = |text: &str| [format!("paste {text:?}")];
    let whole = |bytes: &str| keys(&decoded(&[bytes.as_bytes()], Duration::ZERO));
    assert_eq!(whole("\x1b[200~ry\r\x04\x1b[201~"), paste("ry\r\x04"));
    // An end in it, and what follows that at once.
    assert_eq!(whole("\x1b[200~a\x1b[201~\x04y\r\x1b[201~"), paste("ay\n"));
    let bytes = "\x1b[200~\u{e9}ry\x1b[201~";
    let letters: Vec<&[u8]> = bytes.as_bytes().chunks(1).collect();
    let found = keys(&decoded(&letters, Duration::from_millis(5)));
    assert_eq!(found.join(" "), "esc paste \"\u{e9}ry\"");
}

#[test]
fn a_paste_that_stalls_is_told_in_pieces_and_stays_one() {
    let pause = Duration::from_millis(1500);
    let pieces: [&[u8]; 4] = [b"\x1b[200~one", b"ry\x1b[2", b"01~", b"j"];
    assert_eq!(keys(&decoded(&pieces, pause)), ["paste \"one\"", "paste \"ry\"", "j"]);
    // Its end was lost: ctrl-c ends it.
    let pieces: [&[u8]; 4] = [b"\x1b[200~one", b"y", b"\x03", b"j"];
    assert_eq!(keys(&decoded(&pieces, pause)), ["paste \"one\"", "paste \"y\"", "ctrl-c", "j"]);
}

/// Feeds a text byte by byte, each read by itself.
fn slowly(bytes: &[u8], pause: u64) -> Vec<String> {
    let letters: Vec<&[u8]> = bytes.chunks(1).collect();
    keys(&decoded(&letters, Duration::from_millis(pause)))
}

#[test]
fn an_answer_that_comes_byte_by_byte_answers_no_question() {
    // What no terminal sends, and the old mouse, begin as keys do.
    let others = ["PM", "SOS", "an old mouse report", "focus gained", "focus lost"];
    for (name, bytes) in ANSWERS {
        let first = std::str::from_utf8(bytes).ok().and_then(|it| it.chars().next());
        if others.contains(name) || first != Some('\x1b') {
            continue;
        }
        for pause in [31, 99, 150, 300, 490] {
            let found = slowly(bytes, pause);
            let told = ["esc", "alt-]", "alt-P", "alt-_", "alt-["];
            assert!(found.iter().all(|it| told.contains(&&**it)), "{name} {pause}: {found:?}");
        }
        // ESC and the next byte came together.
        let (begun, rest) = bytes.split_at(2);
        let pieces: Vec<&[u8]> = [begun].into_iter().chain(rest.chunks(1)).collect();
        let found = keys(&decoded(&pieces, Duration::from_millis(300)));
        assert!(found.len() <= 1, "{name}: {found:?}");
    }
}

#[test]
fn what_somebody_types_behind_esc_arrives() {
    for text in ["[80:80]", "]", "P", "Pause", "_x", "]1 ", "[\"a\"]", "[5m", "[ALL]", "Px", "]]"] {
        for pause in [40, 120, 300] {
            let found = slowly(format!("\x1b{text}").as_bytes(), pause).join(" ");
            let expected: Vec<String> = text
                .chars()
                .map(|it| match it {
                    ' ' => "space".to_owned(),
                    it if it.is_uppercase() => format!("shift-{}", it.to_lowercase()),
                    it => it.to_string(),
                })
                .collect();
            assert_eq!(found, format!("esc {}", expected.join(" ")), "{text:?} {pause}");
        }
    }
}

#[test]
fn an_answer_without_an_end_keeps_nobody_from_typing_for_ever() {
    // Somebody types on and on; and ctrl-c counts at once.
    let typed = [&b"\x1b]11;rgb:1e"[..], &[b'y'; 200]].concat();
    let pieces: Vec<&[u8]> = [&typed[..10]].into_iter().chain(typed[10..].chunks(1)).collect();
    let found = keys(&decoded(&pieces, Duration::from_millis(200)));
    assert!((90..=110).contains(&found.len()), "{}", found.len());
    let found = keys(&decoded(&[b"\x1b]11;rgb:1e", b"\x03"], Duration::from_millis(200)));
    assert_eq!(found, ["ctrl-c"]);
}

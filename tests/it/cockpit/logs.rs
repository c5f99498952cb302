//! Logs on a screen of their own.

use crate::cockpit::harness::{Cockpit, noon};
use skep::{
    domain::logs::{LogLine, Note, NoteKind, Roster, Stream, Window},
    jobs::log_follower::{FeedNews, LogScope, Subscription},
    tui::event::{Effect, Event},
};

fn web() -> Cockpit {
    Cockpit::demo().command("logs shop-production-web_web")
}

/// Lines of the log that are shown.
fn lines(cockpit: &Cockpit) -> Vec<String> {
    let screen = cockpit.screen();
    let lines = screen.lines().filter(|it| it.contains('│'));
    lines.map(|it| it.trim_matches(['┃', ' ']).to_owned()).collect()
}

/// The same lines once more, as the engine would send them later.
fn more(cockpit: &Cockpit) -> Event {
    let line = LogLine {
        at: noon(),
        stream: Stream::Stdout,
        task: None,
        node: None,
        service: None,
        text: "one more line".to_owned(),
    };
    Event::Log(cockpit.model.feed, FeedNews::Lines(vec![line]))
}

#[test]
fn lines_name_who_wrote_them_and_when() {
    let cockpit = web();
    let first = lines(&cockpit)[0].clone();
    assert!(first.contains("web.") && first.contains("@hive"), "{first}");
    assert!(first.starts_with('1'), "{first}");
}

#[test]
fn new_lines_are_followed_until_somebody_stops_to_read() {
    let cockpit = web().shows("following");
    let news = more(&cockpit);
    let _ = cockpit.after(news).shows("one more line");
    let cockpit = web().press("s").shows("paused");
    let before = lines(&cockpit);
    let news = more(&cockpit);
    let cockpit = cockpit.after(news);
    assert_eq!(lines(&cockpit), before);
    let _ = cockpit.press("s").shows("following").shows("one more line");
}

#[test]
fn going_up_pauses_and_the_end_follows_again() {
    let cockpit = web().press("k").shows("paused");
    let _ = cockpit.press("shift-g").shows("following");
}

#[test]
fn a_filter_hides_lines_and_says_how_many_are_left() {
    let all = lines(&web()).len();
    let cockpit = web().press("/").enter("GET").press("enter");
    let left = lines(&cockpit);
    assert!(!left.is_empty() && left.iter().all(|it| it.contains("GET")), "{left:?}");
    let cockpit = cockpit.shows("match /GET").press("esc");
    assert_eq!(lines(&cockpit).len(), all);
    let left = lines(&web().press("/").enter("!GET").press("enter"));
    assert!(!left.is_empty() && left.iter().all(|it| !it.contains("GET")), "{left:?}");
    let _ = web().press("/").enter("no such text").shows("nothing matches in the newest");
}

#[test]
fn a_search_hides_nothing_and_walks_through_what_it_found() {
    let cockpit = web().press("ctrl-f").enter("GET").press("enter");
    let place = |it: &Cockpit| {
        let title = it.line("Logs ·");
        title.split(" · ").find(|it| it.contains('/') && it.contains("GET")).map(str::to_owned)
    };
    let first = place(&cockpit).unwrap();
    let cockpit = cockpit.press("shift-n");
    let second = place(&cockpit).unwrap();
    assert_ne!(first, second);
    assert_eq!(place(&cockpit.press("n")).unwrap(), first);
}

#[test]
fn a_search_that_finds_nothing_says_so() {
    let cockpit = web().press("n");
    assert!(cockpit.message().contains("ctrl-f searches"), "{}", cockpit.message());
    let cockpit = web().press("ctrl-f").enter("no such text").press("enter n");
    assert!(cockpit.screen().contains("0/0") || cockpit.message().contains("nothing found"));
}

#[test]
fn the_digits_choose_how_far_back_one_looks() {
    for (key, window) in "0123456789".chars().zip(Window::ALL) {
        let mut cockpit = web();
        cockpit.effects.clear();
        let cockpit = cockpit.press(&key.to_string());
        let subscription = cockpit.model.world.feed.subscription.clone().unwrap();
        assert_eq!(subscription.window, *window, "key {key}");
        assert!(matches!(subscription.of, LogScope::Service(_)));
        let range = window.describe(subscription.tail, &jiff::tz::TimeZone::UTC);
        let _ = cockpit.shows(&format!(" lines · {range}"));
    }
}

#[test]
fn lines_of_a_log_that_is_no_longer_followed_are_left_out() {
    let cockpit = web();
    let old = more(&cockpit);
    let _ = cockpit.press("esc").command("logs traefik").after(old).hides("one more line");
}

#[test]
fn times_and_wrapping_can_be_turned_on_and_off() {
    let with = lines(&web())[0].clone();
    let without = lines(&web().press("t"))[0].clone();
    assert!(with.len() > without.len(), "{with} {without}");
    let narrow = || web().at(70, 24);
    assert!(lines(&narrow().press("w")).len() <= lines(&narrow()).len());
    assert_ne!(narrow().press("w").screen(), narrow().screen());
}

#[test]
fn long_lines_can_be_read_to_their_end() {
    let cockpit = web().at(70, 24);
    assert_ne!(cockpit.screen(), web().at(70, 24).press("right").screen());
    assert_eq!(cockpit.screen(), web().at(70, 24).press("right left").screen());
}

#[test]
fn leaving_the_logs_stops_following_them() {
    let mut cockpit = web();
    cockpit.effects.clear();
    let cockpit = cockpit.press("esc").command("nodes");
    let last = cockpit.effects.iter().rfind(|it| matches!(it, Effect::Follow(_)));
    assert!(matches!(last, Some(Effect::Follow(None))), "{last:?}");
}

#[test]
fn what_happens_to_the_stream_is_told_at_its_place() {
    let cockpit = web();
    let feed = cockpit.model.feed;
    let gap = Note::new(noon(), NoteKind::Gap, "gap: node3 does not answer");
    let _ = cockpit.after(Event::Log(feed, FeedNews::Note(gap))).shows("node3 does not answer");
}

/// Tells the cockpit that what it asked for of the past has come.
fn read(cockpit: Cockpit, more: bool) -> Cockpit {
    let news = Event::Log(cockpit.model.feed, FeedNews::Read { more });
    cockpit.after(news)
}

fn subscription(cockpit: &Cockpit) -> Subscription {
    cockpit.model.world.feed.subscription.clone().unwrap()
}

#[test]
fn at_the_upper_edge_more_lines_are_read_and_the_place_is_kept() {
    let cockpit = read(web(), false).press("g");
    let first = lines(&cockpit)[0].clone();
    let tail = subscription(&cockpit).tail;
    let cockpit = cockpit.press("k");
    assert_eq!(subscription(&cockpit).tail, tail * 5);
    assert_eq!(lines(&cockpit)[0], first, "the line on top stays on top");
    let cockpit = read(cockpit, false).press("2");
    let cockpit = read(cockpit, false).press("g k");
    assert_eq!(subscription(&cockpit).window, Window::Back(5));
}

#[test]
fn from_the_beginning_the_end_reads_on_once() {
    let mut cockpit = read(web().press("1"), true);
    cockpit.effects.clear();
    let cockpit = cockpit.shows("from the first line").press("shift-g shift-g");
    let asked = cockpit.effects.iter().filter(|it| matches!(it, Effect::ReadOn(_))).count();
    assert_eq!(asked, 1);
    let _ = cockpit.shows("more with shift-g");
}

#[test]
fn logs_can_be_opened_at_a_moment_and_moved_to_another() {
    let cockpit = Cockpit::demo().command("logs shop-production-web_web --since 3h");
    assert_eq!(subscription(&cockpit).window, Window::Back(180));
    let cockpit = cockpit.command("since 00:01");
    assert!(matches!(subscription(&cockpit).window, Window::From(_)));
    let cockpit = cockpit.command("since soon");
    assert!(cockpit.message().contains("is not a moment"), "{}", cockpit.message());
    let cockpit = Cockpit::demo().command("nodes").command("since 3h");
    assert!(cockpit.message().contains("no logs are shown here"), "{}", cockpit.message());
}

#[test]
fn who_writes_is_never_a_bare_id() {
    let cockpit = web();
    let origin = cockpit.model.world.services()[0].clone();
    let line = LogLine {
        at: noon(),
        stream: Stream::Stdout,
        task: Some("abcdefghijklmnopqrstuvwxy".into()),
        node: None,
        service: Some(origin.id.clone()),
        text: "of a task that nobody has seen yet".to_owned(),
    };
    let world = &cockpit.model.world;
    let roster = Roster {
        services: world.view.services.clone(),
        nodes: world.view.nodes.clone(),
        tasks: Vec::new(),
        full_names: false,
    };
    let feed = cockpit.model.feed;
    let cockpit = cockpit.after(Event::Log(feed, FeedNews::Roster(roster.into())));
    let cockpit = cockpit.after(Event::Log(feed, FeedNews::Lines(vec![line])));
    let shown = lines(&cockpit).into_iter().find(|it| it.contains("nobody has seen")).unwrap();
    assert!(!shown.contains("abcdefghijkl"), "{shown}");
}

#[test]
fn what_writes_no_logs_says_so() {
    let cockpit = Cockpit::demo().command("nodes").press("l");
    assert!(cockpit.message().contains("has no logs"), "{}", cockpit.message());
}

#[test]
fn what_is_copied_is_the_line_that_was_found_or_stands_on_top() {
    let copied = |cockpit: Cockpit| {
        let mut cockpit = cockpit.press("c");
        cockpit.wanted().pop().unwrap_or_default()
    };
    assert_eq!(copied(web()), "copy shop-production-web_web");
    let found = web().press("ctrl-f").enter("GET").press("enter");
    let line = copied(found.press("n"));
    assert!(line.starts_with("copy 2026-") && line.contains("GET"), "{line}");
    let still = web().press("g");
    let top = lines(&still)[0].clone();
    let text = top.rsplit("│").next().unwrap().trim().to_owned();
    let line = copied(still);
    assert!(line.starts_with("copy 2026-") && line.ends_with(&text), "{line} is not {text}");
}

#[test]
fn a_task_is_followed_by_its_number_whoever_has_it() {
    let cockpit = Cockpit::demo().command("logs shop-production-web_web.2");
    let LogScope::Slot(service, 2) = subscription(&cockpit).of else {
        panic!("{:?}", subscription(&cockpit))
    };
    let web = cockpit.model.world.service(&service).unwrap().name.to_string();
    assert_eq!(web, "shop-production-web_web");
    assert!(cockpit.line("Logs ·").contains("web.2 · "), "{}", cockpit.line("Logs ·"));
    // The name within its stack will do, and so does a moment behind it.
    let cockpit = Cockpit::demo().command("logs alertmanager.1 3h");
    assert_eq!(subscription(&cockpit).window, Window::Back(180));
    assert!(matches!(subscription(&cockpit).of, LogScope::Slot(_, 1)));
    let of = |typed: &str| subscription(&Cockpit::demo().command(typed)).of;
    assert!(matches!(of("logs monitoring_loki"), LogScope::Service(_)));
    assert!(matches!(of("logs loki"), LogScope::Service(_)));
    assert!(matches!(of("logs monitoring"), LogScope::Stack(_)));
}

/// The board, with the pane for logs focused.
fn pane() -> Cockpit {
    read(Cockpit::demo().press("tab tab"), false)
}

#[test]
fn at_the_edges_of_the_pane_on_the_board_more_lines_are_read_too() {
    let cockpit = pane().press("g");
    let (tail, first) = (subscription(&cockpit).tail, lines(&cockpit));
    let cockpit = cockpit.press("k");
    assert_eq!(subscription(&cockpit).tail, tail * 5);
    let cockpit = read(cockpit, false);
    assert_eq!(lines(&cockpit).first(), first.first(), "the line on top stays on top");
    let mut cockpit = read(pane().press("1"), true);
    cockpit.effects.clear();
    let cockpit = cockpit.press("shift-g shift-g");
    let asked = cockpit.effects.iter().filter(|it| matches!(it, Effect::ReadOn(_))).count();
    assert_eq!(asked, 1);
    let cockpit = read(pane().press("9"), false).press("g k");
    assert!(cockpit.message().contains("this is the first line"), "{}", cockpit.message());
}

#[test]
fn another_log_on_the_board_is_read_as_far_back_as_any() {
    let cockpit = pane().press("g k");
    let tail = subscription(&pane()).tail;
    assert_eq!(subscription(&cockpit).tail, tail * 5);
    let cockpit = cockpit.press("shift-tab shift-tab j");
    assert_eq!(subscription(&cockpit).tail, tail);
    // Whoever chose how far to look back means it for all.
    let cockpit = cockpit.press("tab tab 6 shift-tab shift-tab j");
    assert_eq!(subscription(&cockpit).window, Window::Back(60));
}

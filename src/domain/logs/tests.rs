//! A view over a buffer, seen from the screen.

use super::*;
use crate::domain::{
    swarm::cluster::{Mode, Resources, RestartRule, Seen, Service, SpecDigest, Update},
    text::{escape, filter::Filter},
};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::time::Instant;

/// A buffer, a view and a screen.
struct Scene {
    buffer: LogBuffer,
    view: LogView,
    size: Size,
}

impl Scene {
    fn new(width: usize, height: usize) -> Self {
        let buffer = LogBuffer::new(BufferLimits { lines: 1_000, bytes: 1_000_000 });
        Self { buffer, view: LogView::default(), size: Size { width, height } }
    }

    /// One with the lines 0 to `count`.
    fn counting(count: i64, width: usize, height: usize) -> Self {
        let mut scene = Self::new(width, height);
        for number in 0..count {
            scene.push(number, "a", &number.to_string());
        }
        scene
    }

    fn push(&mut self, millis: i64, task: &str, text: &str) {
        self.buffer.push(&line(millis, task, text));
        self.view.catch_up(&self.buffer, usize::MAX);
    }

    fn filter(&mut self, typed: &str) {
        self.view.set_filter(Filter::parse(typed), &self.buffer);
        self.view.catch_up(&self.buffer, usize::MAX);
    }

    fn search(&mut self, typed: &str) {
        self.view.set_search(Filter::parse(typed), &self.buffer);
        self.view.catch_up(&self.buffer, usize::MAX);
    }

    fn scroll(&mut self, rows: isize) -> Vec<String> {
        self.view.scroll(rows, &self.buffer, self.size);
        self.screen()
    }

    fn find(&mut self, direction: Direction) -> (Search, Option<usize>) {
        let search = self.view.find(direction, &self.buffer, self.size);
        (search, self.status().hit)
    }

    fn status(&self) -> Status {
        self.view.status(&self.buffer, self.size)
    }

    fn rows(&self) -> Vec<LogRow> {
        self.view.visible(&self.buffer, self.size)
    }

    /// The text on screen.
    fn screen(&self) -> Vec<String> {
        let text = |row: &LogRow| row.text.iter().map(|it| it.text.as_str()).collect();
        self.rows().iter().map(text).collect()
    }
}

fn line(millis: i64, task: &str, text: &str) -> LogLine {
    LogLine {
        at: Timestamp::from_millisecond(millis).unwrap(),
        stream: Stream::Stdout,
        task: Some(TaskId::from(task)),
        node: None,
        service: None,
        text: text.to_owned(),
    }
}

/// A service of that id.
pub fn service(id: &str, update: Option<Update>) -> Service {
    Service {
        id: id.into(),
        name: id.into(),
        stack: None,
        version: 1,
        mode: Mode::Global,
        image: "web".into(),
        running: 1,
        desired: 1,
        completed: 0,
        stopped: None,
        update,
        ports: Vec::new(),
        reserved: Resources::default(),
        created: Timestamp::UNIX_EPOCH,
        updated: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        generic: Vec::new(),
        constraints: Vec::new(),
        restart: RestartRule::default(),
        memory_limit: 0,
        networks: Vec::new(),
        virtual_ip: true,
        max_per_node: None,
        replicas_before: None,
        container_spec: SpecDigest::default(),
        seen: Seen::default(),
    }
}

#[test]
fn a_new_view_follows_the_end() {
    let mut scene = Scene::counting(5, 10, 3);
    assert_eq!(scene.screen(), ["2", "3", "4"]);
    scene.push(5, "a", "5");
    assert_eq!(scene.screen(), ["3", "4", "5"]);
    assert!(scene.view.is_following());
}

#[test]
fn scrolling_up_stays_and_scrolling_to_the_end_follows_again() {
    let mut scene = Scene::counting(10, 10, 3);
    assert_eq!(scene.scroll(-2), ["5", "6", "7"]);
    scene.push(10, "a", "10");
    assert_eq!(scene.screen(), ["5", "6", "7"]);
    assert_eq!(scene.scroll(-99), ["0", "1", "2"]);
    assert_eq!(scene.scroll(3), ["3", "4", "5"]);
    assert!(!scene.view.is_following());
    assert_eq!(scene.scroll(99), ["8", "9", "10"]);
    assert!(scene.view.is_following());
}

#[test]
fn a_paused_view_keeps_its_lines_until_they_are_evicted() {
    let mut scene = Scene::new(10, 2);
    scene.buffer = LogBuffer::new(BufferLimits { lines: 4, bytes: 1_000 });
    for number in 0..4 {
        scene.push(number, "a", &number.to_string());
    }
    scene.view.pause(&scene.buffer, scene.size);
    assert_eq!(scene.screen(), ["2", "3"]);
    scene.push(4, "a", "4");
    scene.push(5, "a", "5");
    assert_eq!(scene.screen(), ["2", "3"]);
    scene.push(6, "a", "6");
    assert_eq!(scene.screen(), ["3", "4"]);
    scene.view.to_start(&scene.buffer, scene.size);
    assert_eq!(scene.screen(), ["3", "4"]);
    scene.view.follow();
    assert_eq!(scene.screen(), ["5", "6"]);
}

#[test]
fn wrapped_lines_scroll_row_by_row() {
    let mut scene = Scene::new(4, 3);
    scene.push(0, "a", "abcdefghij");
    scene.push(1, "a", "klmnop");
    assert_eq!(scene.screen(), ["ij", "klmn", "op"]);
    assert_eq!(scene.scroll(-1), ["efgh", "ij", "klmn"]);
    assert_eq!(scene.scroll(-1), ["abcd", "efgh", "ij"]);
    assert_eq!(scene.scroll(-1), ["abcd", "efgh", "ij"]);
    assert_eq!(scene.scroll(1), ["efgh", "ij", "klmn"]);
    scene.size.width = 20;
    assert_eq!(scene.screen(), ["abcdefghij", "klmnop"]);
}

#[test]
fn lines_that_do_not_wrap_move_sideways() {
    let mut scene = Scene::new(4, 3);
    scene.view.set_wrap(false);
    scene.push(0, "a", "abcdefghij");
    assert_eq!(scene.screen(), ["abcd"]);
    scene.view.shift(3);
    assert_eq!(scene.screen(), ["defg"]);
    scene.view.shift(-9);
    assert_eq!(scene.screen(), ["abcd"]);
}

#[test]
fn a_filter_hides_lines_but_no_marks() {
    let mut scene = Scene::counting(30, 20, 5);
    scene.buffer.mark(Timestamp::from_millisecond(99).unwrap(), "api.1 restarted");
    scene.filter("2");
    assert_eq!(scene.screen(), ["26", "27", "28", "29", "api.1 restarted"]);
    assert_eq!((scene.status().shown, scene.status().matching), (13, 12));
    scene.push(100, "a", "no");
    scene.push(101, "a", "\x1b[32m2\x1b[0m!");
    assert_eq!(scene.screen()[3..], ["api.1 restarted", "2!"]);
    scene.filter("!2");
    assert_eq!(scene.screen(), ["17", "18", "19", "api.1 restarted", "no"]);
    scene.filter("");
    assert_eq!(scene.status().shown, 33);
}

#[test]
fn a_new_filter_keeps_the_place() {
    let mut scene = Scene::counting(100, 10, 3);
    scene.scroll(-47);
    assert_eq!(scene.screen(), ["50", "51", "52"]);
    scene.filter("5$");
    assert_eq!(scene.screen(), ["55", "65", "75"]);
    scene.filter("");
    assert_eq!(scene.screen(), ["50", "51", "52"]);
}

#[test]
fn what_passes_is_found_from_the_newest_on_and_in_portions() {
    let mut scene = Scene::counting(100, 10, 3);
    scene.view.set_filter(Filter::parse("0$"), &scene.buffer);
    assert!(!scene.view.catch_up(&scene.buffer, 30));
    assert_eq!(scene.screen(), ["70", "80", "90"]);
    assert!(!scene.view.catch_up(&scene.buffer, 30));
    assert_eq!(scene.status().shown, 6);
    assert!(scene.view.catch_up(&scene.buffer, 40));
    assert_eq!(scene.status().shown, 10);
}

#[test]
fn hidden_sources_stay_hidden_under_their_name() {
    let mut scene = Scene::new(10, 9);
    let name = |buffer: &mut LogBuffer| {
        buffer.name_sources(|it| it.task.as_ref().map(|it| format!("api.{}", &it.as_str()[..1])));
    };
    for (task, text) in [("1x", "one"), ("2x", "two")] {
        scene.push(0, task, text);
    }
    name(&mut scene.buffer);
    scene.view.set_hidden("api.1", true, &scene.buffer);
    scene.push(1, "1y", "one again");
    name(&mut scene.buffer);
    scene.view.catch_up(&scene.buffer, usize::MAX);
    assert_eq!(scene.screen(), ["two"]);
    scene.view.set_hidden("api.1", false, &scene.buffer);
    scene.view.catch_up(&scene.buffer, usize::MAX);
    assert_eq!(scene.screen(), ["one", "two", "one again"]);
}

#[test]
fn searching_goes_from_hit_to_hit_and_round() {
    let mut scene = Scene::counting(50, 10, 6);
    scene.search("7$");
    assert_eq!(scene.status().hits, 5);
    assert_eq!(scene.find(Direction::Forward), (Search::Found, Some(5)));
    assert!(!scene.view.is_following());
    assert_eq!(scene.find(Direction::Backward), (Search::Found, Some(4)));
    assert_eq!(scene.screen(), ["35", "36", "37", "38", "39", "40"]);
    let found: Vec<_> = scene.rows().iter().map(|it| it.found).collect();
    assert_eq!(found, [false, false, true, false, false, false]);
    for hit in [5, 1] {
        let search = if hit == 1 { Search::Wrapped } else { Search::Found };
        assert_eq!(scene.find(Direction::Forward), (search, Some(hit)));
    }
    assert_eq!(scene.find(Direction::Backward), (Search::Wrapped, Some(5)));
    scene.search("no such text");
    assert_eq!(scene.find(Direction::Forward), (Search::Nothing, None));
}

#[test]
fn hits_are_known_to_the_letter_through_colours() {
    let mut scene = Scene::new(40, 2);
    scene.push(0, "a", "an \x1b[31merr\x1b[0mor here");
    scene.search("error");
    let hits: Vec<_> =
        scene.rows()[0].text.iter().filter(|it| it.hit).map(|it| it.text.clone()).collect();
    assert_eq!(hits, ["err", "or"]);
}

#[test]
fn times_and_sources_have_columns_of_their_own() {
    let mut scene = Scene::new(33, 9);
    let times = Times { zone: TimeZone::UTC, date: false, millis: true };
    scene.view.set_times(Some(times));
    scene.view.show_sources(true);
    scene.push(3_600_120, "web", "0123456789abcde");
    scene.push(3_600_121, "a-long-name-of-a-task", "x");
    scene.buffer.mark(Timestamp::from_millisecond(3_600_200).unwrap(), "gap");
    let rows: Vec<_> =
        scene.rows().into_iter().map(|it| (it.time, it.source, it.text[0].text.clone())).collect();
    let expected = [
        ("01:00:00.120", "web        ", "012345"),
        ("            ", "           ", "6789ab"),
        ("            ", "           ", "cde"),
        ("01:00:00.121", "a-lon…-of-", "x"),
        ("01:00:00.200", "           ", "gap"),
    ];
    for (row, expected) in rows.iter().zip(expected) {
        assert_eq!((row.0.as_str(), row.2.as_str()), (expected.0, expected.2));
        assert_eq!(row.1.chars().count(), 11);
    }
    assert_eq!(rows.len(), expected.len());
    assert!(matches!(scene.rows()[1].kind, RowKind::Continued { .. }));
    assert!(matches!(scene.rows()[4].kind, RowKind::Mark));
}

#[test]
fn times_follow_zone_and_taste() {
    let at: Timestamp = "2026-11-20T12:00:01.120Z".parse().unwrap();
    let tokyo = TimeZone::fixed(jiff::tz::offset(9));
    for (zone, date, millis, written) in [
        (TimeZone::UTC, false, false, "12:00:01"),
        (TimeZone::UTC, true, true, "2026-11-20 12:00:01.120"),
        (tokyo.clone(), false, true, "21:00:01.120"),
        (tokyo, true, false, "2026-11-20 21:00:01"),
    ] {
        assert_eq!(Times { zone, date, millis }.write(at), written);
    }
}

#[test]
fn what_is_saved_is_what_passes_with_time_and_source() {
    let mut scene = Scene::new(5, 1);
    scene.push(0, "web", "\x1b[31mbad\x1b[0m thing");
    scene.push(1, "web", "good");
    scene.buffer.mark(Timestamp::from_millisecond(2).unwrap(), "gap");
    scene.view.set_filter(Filter::parse("bad"), &scene.buffer);
    let saved: Vec<_> = scene.view.plain_lines(&scene.buffer).collect();
    let expected =
        ["1970-01-01T00:00:00.000Z web bad thing", "1970-01-01T00:00:00.002Z --- gap ---"];
    assert_eq!(saved, expected);
}

#[test]
fn no_name_of_others_breaks_a_line_that_is_saved_or_copied() {
    let mut scene = Scene::new(5, 1);
    scene.push(0, "web\n1970 error", "good");
    scene.push(1, "api", "fine");
    let names = |it: &LineOrigin| {
        it.task
            .as_ref()
            .is_some_and(|it| it.as_str() == "api")
            .then(|| "api@a\r\nb\u{202e}".to_owned())
    };
    scene.buffer.name_sources(names);
    scene.buffer.mark(Timestamp::from_millisecond(2).unwrap(), "gap on n\n1");
    let saved: Vec<_> = scene.view.plain_lines(&scene.buffer).collect();
    assert_eq!(saved.len(), 3, "{saved:?}");
    assert!(!saved.concat().contains(escape::deceives), "{saved:?}");
    assert!(saved[1].ends_with(" api@a  b fine"), "{saved:?}");
}

#[test]
fn a_label_has_its_colour_for_ever() {
    assert_eq!((colour("api.1", 6), colour("api.2", 6), colour("api.1", 1)), (4, 5, 0));
    assert_eq!(colour("api.1", 0), 0);
}

#[test]
fn a_screen_without_room_shows_nothing_and_breaks_nothing() {
    for (width, height) in [(0, 0), (0, 3), (3, 0), (1, 1)] {
        let mut scene = Scene::counting(20, width, height);
        scene.view.set_times(Some(Times { zone: TimeZone::UTC, date: true, millis: true }));
        scene.view.show_sources(true);
        scene.search("1");
        scene.scroll(-3);
        scene.find(Direction::Forward);
        assert!(scene.rows().len() <= height);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Push { millis: i64, text: String },
    Mark,
    Clear,
    CatchUp(usize),
    Filter(&'static str),
    Scroll(isize),
    Find(Direction),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_i64..2_000, "[ab]{0,6}").prop_map(|(millis, text)| Step::Push { millis, text }),
        1 => Just(Step::Mark),
        1 => Just(Step::Clear),
        2 => (0_usize..9).prop_map(Step::CatchUp),
        1 => prop_oneof![Just(""), Just("a"), Just("!a"), Just("b+")].prop_map(Step::Filter),
        2 => (-9_isize..9).prop_map(Step::Scroll),
        1 => prop_oneof![Just(Direction::Forward), Just(Direction::Backward)].prop_map(Step::Find),
    ]
}

proptest! {
    #[test]
    fn a_view_that_caught_up_shows_what_a_new_one_would(steps in proptest::collection::vec(step(), 0..60)) {
        let mut scene = Scene::new(4, 5);
        scene.buffer = LogBuffer::new(BufferLimits { lines: 20, bytes: 70 });
        scene.search("b");
        for step in steps {
            match step {
                Step::Push { millis, text } => scene.buffer.push(&line(millis, "a", &text)),
                Step::Mark => scene.buffer.mark(Timestamp::UNIX_EPOCH, "mark"),
                Step::Clear => scene.buffer.clear(),
                Step::CatchUp(most) => _ = scene.view.catch_up(&scene.buffer, most),
                Step::Filter(typed) => scene.view.set_filter(Filter::parse(typed), &scene.buffer),
                Step::Scroll(rows) => scene.view.scroll(rows, &scene.buffer, scene.size),
                Step::Find(direction) => _ = scene.view.find(direction, &scene.buffer, scene.size),
            }
            prop_assert!(scene.rows().len() <= 5);
        }
        scene.view.catch_up(&scene.buffer, usize::MAX);
        scene.view.follow();
        let mut fresh = LogView::default();
        fresh.set_filter(scene.view.filter().clone(), &scene.buffer);
        fresh.set_search(Filter::parse("b"), &scene.buffer);
        fresh.catch_up(&scene.buffer, usize::MAX);
        prop_assert_eq!(scene.screen(), {
            let text = |row: LogRow| row.text.into_iter().map(|it| it.text).collect::<String>();
            fresh.visible(&scene.buffer, scene.size).into_iter().map(text).collect::<Vec<_>>()
        });
        let (ours, theirs) = (scene.status(), fresh.status(&scene.buffer, scene.size));
        let counts = |it: &Status| (it.shown, it.matching, it.hits);
        prop_assert_eq!(counts(&ours), counts(&theirs));
    }
}

/// Prints what a full buffer costs: `cargo test --release full_buffer -- --ignored --nocapture`.
#[test]
#[ignore = "measures; to be run in release"]
fn a_full_buffer_costs_little() {
    const LINES: u32 = 100_000;
    let before = resident_mib();
    let mut buffer = LogBuffer::new(BufferLimits::default());
    let texts: Vec<String> = (0..1_000)
        .map(|it| {
            format!("{it:05} GET /items/{it}?page=2 200 12ms {}", "user agent and so on ".repeat(3))
        })
        .collect();
    let numbered = |number: u32| {
        line(
            i64::from(number),
            ["a", "b", "c"][number as usize % 3],
            &texts[number as usize % 1_000],
        )
    };
    for (what, numbers) in [("push", 0..LINES), ("push when full", LINES..3 * LINES)] {
        let (start, count) = (Instant::now(), numbers.len());
        numbers.for_each(|it| buffer.push(&numbered(it)));
        println!("{what}: {count} lines in {:?}", start.elapsed());
        println!("memory: {:.1} MiB, {} bytes of text", resident_mib() - before, buffer.bytes());
    }
    let size = Size { width: 120, height: 50 };
    for typed in ["page", "PAGE=2", "item.*00", "!item", "-f gtpg", "no such"] {
        let mut view = LogView::default();
        let start = Instant::now();
        view.set_filter(Filter::parse(typed), &buffer);
        view.catch_up(&buffer, usize::MAX);
        let all = start.elapsed();
        for number in 3 * LINES..3 * LINES + 10_000 {
            buffer.push(&numbered(number));
        }
        let start = Instant::now();
        view.catch_up(&buffer, usize::MAX);
        let new = start.elapsed();
        let start = Instant::now();
        let rows = view.visible(&buffer, size).len();
        let page = start.elapsed();
        println!("/{typed}: 100 000 lines {all:?}, 10 000 new {new:?}, page of {rows} {page:?}");
    }
    let mut view = LogView::default();
    view.to_start(&buffer, size);
    let start = Instant::now();
    for _ in 0..100 {
        view.scroll(49, &buffer, size);
    }
    println!("scroll: {:?} a page", start.elapsed() / 100);
}

fn resident_mib() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0 / f64::from(1 << 20)
}

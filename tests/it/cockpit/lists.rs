//! Lists over something that lives: the cursor, filters, orders.

use crate::cockpit::harness::{Cockpit, noon, shared};
use skep::{
    engine::fake::FakeEngine,
    jobs::{Verdict, watch::View},
};
use std::time::Duration;

/// The names in the rows of a list of services, top down.
fn names(cockpit: &Cockpit) -> Vec<String> {
    let screen = cockpit.screen();
    let rows = screen.lines().skip_while(|it| !it.contains("NAME")).skip(1);
    let rows = rows.take_while(|it| it.starts_with('┃'));
    let name = |it: &str| it.trim_matches(['┃', ' ']).split_whitespace().next().map(str::to_owned);
    rows.filter_map(name).collect()
}

fn services() -> Cockpit {
    Cockpit::demo().command("services")
}

fn selected(cockpit: &Cockpit) -> String {
    cockpit
        .reversed()
        .first()
        .map_or(String::new(), |it| it.split_whitespace().next().unwrap_or_default().to_owned())
}

fn drop_service(view: &mut View, name: &str) {
    let rest = view.services.iter().filter(|it| &*it.name != name).cloned();
    view.services = shared(rest.collect());
}

#[test]
fn the_selection_stays_on_its_object_when_rows_come_and_go() {
    let cockpit = services().press("j j j");
    let chosen = selected(&cockpit);
    let first = names(&cockpit)[0].clone();
    let cockpit = cockpit.with_view(|view| drop_service(view, &first));
    assert_eq!(selected(&cockpit), chosen);
    let cockpit = cockpit.later(Duration::from_secs(1));
    assert_eq!(selected(&cockpit), chosen);
}

#[test]
fn where_the_selected_object_is_gone_its_neighbour_is_selected() {
    let cockpit = services().press("j");
    let all = names(&cockpit);
    let cockpit = cockpit.with_view(|view| drop_service(view, &all[1]));
    assert_eq!(selected(&cockpit), all[2]);
    let cockpit = services().press("shift-g");
    let last = selected(&cockpit);
    let cockpit = cockpit.with_view(|view| drop_service(view, &last));
    assert_eq!(selected(&cockpit), *names(&cockpit).last().unwrap());
}

#[test]
fn a_question_counts_for_the_object_it_named_whatever_moves_meanwhile() {
    let cockpit = services().press("j");
    let (first, chosen) = (names(&cockpit)[0].clone(), selected(&cockpit));
    let mut cockpit = cockpit.press("r").with_view(|view| drop_service(view, &first));
    cockpit.wanted();
    assert_eq!(cockpit.press("y").wanted(), [format!("restart {chosen}")]);
}

#[test]
fn the_cursor_moves_and_stops_at_the_ends() {
    let all = names(&services());
    for (keys, expected) in [
        ("k", 0),
        ("j", 1),
        ("down down up", 1),
        ("shift-g", all.len() - 1),
        ("end j", all.len() - 1),
        ("shift-g g", 0),
        ("pgdn pgdn pgdn", all.len() - 1),
        ("end pgup pgup pgup", 0),
    ] {
        assert_eq!(selected(&services().press(keys)), all[expected], "after {keys:?}");
    }
}

#[track_caller]
fn check(filter: &str, fits: impl Fn(&str) -> bool, title: &str) {
    let cockpit = services().press("/").enter(filter);
    let names = names(&cockpit);
    assert!(!names.is_empty(), "{filter} hides everything");
    assert!(names.iter().all(|it| fits(it)), "{filter}: {names:?}");
    let _ = cockpit.press("enter").shows(title);
}

#[test]
fn a_filter_keeps_what_matches_while_it_is_typed() {
    check("web_", |it| it.contains("web_"), "Services [6/25] /web_");
    check("!shop", |it| !it.contains("shop"), "/!shop");
    check("-f spwapi", |it| it.ends_with("web_api"), "/-f spwapi");
    check("^shop-.*_web$", |it| it.ends_with("_web"), "/^shop-.*_web$");
}

#[test]
fn leaving_a_filter_brings_back_the_one_before() {
    let cockpit = services().press("/").enter("web_").press("enter /").enter("zzz");
    let cockpit = cockpit.shows("nothing matches").press("esc").shows("] /web_");
    let cockpit = cockpit.press("esc").hides("] /web_");
    assert!(cockpit.screen().contains("Services [25]"), "{}", cockpit.screen());
}

#[test]
fn an_expression_that_is_none_says_so_and_breaks_nothing() {
    let cockpit = services().press("/").enter("web(");
    assert!(!names(&cockpit).is_empty() || cockpit.screen().contains("nothing matches"));
}

#[test]
fn lists_are_sorted_by_the_column_asked_for_and_turned_around() {
    let cockpit = services().press("shift-n");
    let rows = names(&cockpit);
    let mut sorted = rows.clone();
    sorted.sort();
    assert_eq!(rows, sorted);
    let cockpit = cockpit.shows("NAME↑").press("shift-r").shows("NAME↓");
    sorted.reverse();
    assert_eq!(names(&cockpit), sorted);
}

#[test]
fn by_state_the_worst_comes_first() {
    let rows = names(&services().press("shift-s"));
    assert!(rows[0].contains("ranker") || rows[0].contains("mail_worker"), "{rows:?}");
}

#[test]
fn by_age_the_newest_comes_first() {
    let cockpit = services().press("shift-a");
    let youngest = cockpit.model.world.services().iter().max_by_key(|it| it.created).unwrap();
    assert_eq!(names(&cockpit)[0], *youngest.name);
}

#[test]
fn only_what_is_in_trouble_is_shown_when_asked() {
    let cockpit = services().press("f").shows("faults only");
    let rows = names(&cockpit);
    assert!(rows.iter().any(|it| it.contains("ranker")), "{rows:?}");
    assert!(!rows.iter().any(|it| it.contains("grafana")), "{rows:?}");
    let _ = cockpit.press("f").shows("grafana").hides("faults only");
}

#[test]
fn a_sort_that_a_list_cannot_do_says_so() {
    let cockpit = Cockpit::demo().command("nodes").press("shift-i");
    assert_eq!(cockpit.message(), "⚠ by image: not in this view");
}

#[test]
fn groups_of_stacks_fold() {
    let cockpit = Cockpit::demo().press("shift-tab o").hides("shop-staging-web");
    let _ = cockpit.press("o").shows("shop-staging-web");
}

#[test]
fn empty_lists_say_why_and_which_key_fills_them() {
    for (command, reason) in [
        ("stacks", "no stacks yet: `:edit FILE` opens a compose file"),
        ("services", "no services yet: `:edit FILE` opens a compose file"),
        ("tasks", "no tasks"),
        ("events", "nothing happened since skep started"),
        ("jobs", "no jobs in this session"),
    ] {
        let cockpit = Cockpit::empty().command(command).shows(reason);
        // What there is nothing for is not offered.
        let footer = cockpit.footer();
        assert!(!footer.contains("<enter>open") && !footer.contains("<space>"), "{footer}");
    }
}

#[test]
fn a_list_that_is_not_read_yet_says_so() {
    let engine = FakeEngine::new(7, noon());
    let _ = Cockpit::waiting(engine).shows("waiting for the engine").shows("connecting to unix://");
}

#[test]
fn events_name_what_changed() {
    let cockpit = Cockpit::demo().later(Duration::from_secs(90)).hearing_events();
    let cockpit = cockpit.command("events");
    let _ = cockpit.shows("ACTION").shows("service").shows("update: ");
}

#[test]
fn jobs_tell_how_far_they_are_and_how_they_ended() {
    let failed = Verdict::Failed {
        why: "web: its tasks keep failing (3 so far): exit 1".to_owned(),
        hint: Some("look at its logs".to_owned()),
    };
    let cockpit = Cockpit::demo()
        .running(1, "scale api to 5", "3/5 tasks run")
        .over(2, "restart web", failed)
        .command("jobs");
    let cockpit = cockpit.shows("3/5 tasks run").shows("its tasks keep failing");
    let cockpit = cockpit.press("enter").shows("look at its logs");
    let _ = cockpit.shows("Job · restart web");
}

#[test]
fn the_list_of_stacks_begins_on_a_stack_and_counts_stacks_only() {
    let cockpit = Cockpit::demo().command("stacks").shows("Stacks [8]");
    let cockpit = cockpit.press("v").shows("Releases · ");
    let _ = cockpit.press("esc").press("ctrl-d").shows("Remove stack ");
    assert!(Cockpit::demo().line("┌ Stacks").contains("Stacks [8]"));
}

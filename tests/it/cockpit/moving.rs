//! Ways through the cockpit: panes, pages, the rollback.

use crate::cockpit::harness::Cockpit;
use skep::tui::event::Destination;

/// The title of the pane that has the focus, drawn with a thick border.
fn focused(cockpit: &Cockpit) -> String {
    let screen = cockpit.screen();
    let at = screen.find('┏').unwrap_or_else(|| panic!("no focus in\n{screen}"));
    let title = screen[at..].trim_start_matches('┏').trim_start();
    title.split([' ', '━']).next().unwrap().to_owned()
}

#[track_caller]
fn check(keys: &str, expected: &str) {
    assert_eq!(focused(&Cockpit::demo().press(keys)), expected, "after {keys:?}");
}

#[test]
fn tab_goes_round_the_panes_and_enter_goes_further_in() {
    check("", "Services");
    check("tab", "Tasks");
    check("tab tab", "Logs");
    check("tab tab tab", "Nodes");
    check("tab tab tab tab", "Stacks");
    check("shift-tab", "Stacks");
    check("shift-tab enter", "Services");
    check("enter", "Tasks");
    check("enter enter", "Describe");
}

#[test]
fn esc_undoes_the_nearest_thing_first() {
    let cockpit = Cockpit::demo().press("z / w e b enter").shows("] /web").hides("Stacks");
    let cockpit = cockpit.press("esc").hides("] /web").hides("Stacks");
    let cockpit = cockpit.press("esc").shows("Stacks");
    let cockpit = cockpit.press("esc");
    assert_eq!(focused(&cockpit), "Stacks");
    assert_eq!(cockpit.press("esc").message(), "this is the first view; q leaves skep");
}

#[test]
fn what_is_opened_lies_on_top_and_esc_leads_back_step_by_step() {
    let cockpit = Cockpit::demo().command("nodes").press("enter enter");
    let task = cockpit.message();
    let way = "board ▸ nodes ▸ tasks · hive1 ▸ describe · monitoring_";
    assert!(task.starts_with(way), "{task}");
    let cockpit = cockpit.press("esc esc");
    assert_eq!(cockpit.message(), "board ▸ nodes");
    assert_eq!(cockpit.press("esc").message(), "board");
}

#[test]
fn a_view_that_is_open_is_not_opened_twice() {
    let cockpit = Cockpit::demo().command("nodes").command("events").command("nodes");
    assert_eq!(cockpit.message(), "board ▸ events ▸ nodes");
}

#[test]
fn minus_leads_to_the_last_view_and_back_again() {
    let cockpit = Cockpit::demo().command("nodes").command("events").press("-");
    assert_eq!(cockpit.message(), "board ▸ events ▸ nodes");
    let cockpit = cockpit.press("-");
    assert_eq!(cockpit.message(), "board ▸ nodes ▸ events");
    // A view that was left is opened again.
    let cockpit = cockpit.press("esc -");
    assert_eq!(cockpit.message(), "board ▸ nodes ▸ events");
}

#[test]
fn a_long_way_is_kept_up_to_twenty_views() {
    let mut cockpit = Cockpit::demo();
    for service in ["web", "api", "images"] {
        for page in ["describe", "spec", "logs", "tasks"] {
            cockpit = cockpit.command(&format!("{page} shop-production-web_{service}"));
        }
    }
    for page in ["stacks", "services", "tasks", "nodes", "events", "jobs", "contexts", "swarm"] {
        cockpit = cockpit.command(page);
    }
    assert_eq!(cockpit.model.screens.count(), 20);
    assert_eq!(cockpit.model.screens.iter().next().unwrap().place(), Destination::Board);
}

#[test]
fn of_a_long_way_the_end_is_shown() {
    let cockpit = Cockpit::demo().at(80, 24).command("describe shop-production-web_web");
    let cockpit = cockpit.command("logs shop-production-web_web").command("stacks");
    assert_eq!(cockpit.message(), "board ▸ … ▸ logs · shop-production-web/web ▸ stacks");
    let cockpit = cockpit.command("services shop-production-web").command("contexts");
    let way = cockpit.message();
    assert!(way.starts_with("board ▸ …") && way.ends_with(" ▸ contexts"), "{way}");
}

#[test]
fn panes_follow_each_other() {
    let cockpit = Cockpit::demo().press("/").enter("mail_worker").press("enter");
    let cockpit = cockpit.shows("Tasks · shop-production-mail ▸ worker");
    let cockpit = cockpit.shows("Logs · shop-production-mail ▸ worker");
    let cockpit = cockpit.press("esc shift-tab j").shows("Services · monitoring [5]");
    cockpit.shows("Logs · monitoring");
}

#[test]
fn a_zoomed_pane_has_the_screen_to_itself() {
    let cockpit = Cockpit::demo().press("z");
    assert_eq!(cockpit.screen().matches(['┌', '┏']).count(), 1);
    assert_eq!(cockpit.press("z").screen().matches(['┌', '┏']).count(), 5);
}

#[test]
fn where_there_is_little_room_the_focused_pane_comes_first() {
    for (keys, panes) in [
        ("", ["Services", "Tasks"]),
        ("tab", ["Tasks", "Logs"]),
        ("shift-tab", ["Stacks", "Services"]),
        ("shift-tab shift-tab", ["Nodes", "Tasks"]),
    ] {
        let cockpit = Cockpit::demo().at(80, 24).press(keys);
        assert_eq!(focused(&cockpit), panes[0]);
        let _ = cockpit.shows(&format!("┌ {}", panes[1]));
    }
}

#[test]
fn keys_can_be_changed_and_everything_shown_follows() {
    let changes: &[(&str, &[&str])] = &[("restart", &["f6"]), ("describe", &[])];
    let cockpit = Cockpit::demo().with_keys(changes);
    assert!(cockpit.footer().contains("<f6>restart"), "{}", cockpit.footer());
    assert!(!cockpit.footer().contains("describe"), "{}", cockpit.footer());
    let cockpit = cockpit.press("r d").hides("Restart");
    assert_eq!(cockpit.message(), "board");
    let cockpit = cockpit.press("f6").shows("Restart monitoring_alertmanager?");
    let help = cockpit.press("n ?");
    assert!(help.line("Replace every task").contains("f6"), "{}", help.screen());
}

#[test]
fn a_key_that_means_nothing_does_nothing() {
    let before = Cockpit::demo().screen();
    assert_eq!(Cockpit::demo().press("f9 alt-x ctrl-t @ Q").screen(), before);
}

#[test]
fn the_keys_that_count_here_are_listed_with_what_they_do() {
    let cockpit = Cockpit::demo().press("?").shows("Replace every task of the service.");
    assert_eq!(cockpit.message(), "board ▸ keys and commands");
    let cockpit = cockpit.press("esc tab tab ?").shows("Show the newest lines.");
    let _ = cockpit.hides("Replace every task");
}

#[test]
fn help_on_help_stays_where_it_is() {
    let cockpit = Cockpit::demo().press("? ?");
    assert_eq!(cockpit.message(), "board ▸ keys and commands");
}

#[test]
fn a_context_is_switched_to_by_enter_or_by_name() {
    let mut cockpit = Cockpit::demo().command("contexts").press("j j enter");
    assert_eq!(cockpit.wanted(), ["remember contexts", "switch to staging"]);
    let mut cockpit = Cockpit::demo().command("contexts staging");
    assert_eq!(cockpit.wanted(), ["remember contexts staging", "switch to staging"]);
    let mut cockpit = Cockpit::demo().command("demo");
    assert_eq!(cockpit.wanted(), ["remember demo", "switch to demo"]);
}

#[test]
fn switching_with_something_to_lose_asks() {
    let cockpit = Cockpit::demo().running(1, "scale web to 5", "3/5 tasks run");
    let mut cockpit = cockpit.command("contexts staging").shows("scale web to 5");
    assert_eq!(cockpit.wanted(), ["remember contexts staging"]);
    assert_eq!(cockpit.press("y").wanted(), ["switch to staging"]);
}

#[test]
fn what_is_selected_is_copied_and_a_view_is_saved() {
    let mut cockpit = Cockpit::demo().press("c shift-w");
    assert_eq!(cockpit.wanted(), ["copy monitoring_alertmanager", "dump board"]);
    let mut cockpit = Cockpit::demo().command("nodes").press("c shift-w");
    assert_eq!(cockpit.wanted(), ["remember nodes", "copy hive1", "dump nodes"]);
}

#[test]
fn ctrl_z_puts_the_cockpit_into_the_background() {
    assert_eq!(Cockpit::demo().press("ctrl-z").wanted(), ["suspend"]);
    assert_eq!(Cockpit::demo().press("tab tab ctrl-z").wanted(), ["suspend"]);
}

//! The releases of a stack: how one gets there, and back to one of them.

use crate::cockpit::{harness::Cockpit, shots::approve};
use skep::{
    domain::deployment::{
        plan::Preview,
        rollback::LiveRelease,
        statistics::{Cause, Statistics, Times},
    },
    jobs::{deploy::DeployOrder, operations::Operation},
    projects::Sources,
    tui::{
        event::{Dispatch, Effect, Event, Response},
        update::update,
    },
};
use std::{collections::BTreeMap, path::Path};

fn releases() -> Cockpit {
    Cockpit::demo().command("history shop-production-web")
}

#[test]
fn a_key_on_a_stack_opens_its_releases() {
    let cockpit = Cockpit::demo().command("stacks").press("/").enter("shop-production-web$");
    let cockpit = cockpit.press("enter j v").shows("Releases · shop-production-web [4]");
    let _ = cockpit.press("esc v").shows("r3").shows("rolled back");
    let cockpit = Cockpit::demo().command("nodes").press("v");
    assert!(cockpit.message().contains("only stacks have releases"), "{}", cockpit.message());
}

#[test]
fn a_release_comes_back_after_a_question_that_names_it() {
    let mut cockpit = releases().press("j j b").shows("Plan · shop-production-web ▸ release 2");
    cockpit.wanted();
    let cockpit = cockpit.press("f5").shows("Roll shop-production-web back to release 2?");
    let mut cockpit = cockpit.shows("skep rollback shop-production-web 2").press("y");
    assert_eq!(cockpit.wanted(), ["roll shop-production-web back to release 2"]);
    let mut cockpit = releases().press("b f5 n");
    assert_eq!(cockpit.wanted(), ["remember history shop-production-web"]);
}

#[test]
fn the_plan_of_a_release_is_carried_out_as_it_was_shown() {
    let mut cockpit = releases().press("j j b f5 y");
    let confirmed = |it: &Effect| matches!(it, Effect::Start(Operation::RollBackStack(wish)) if wish.confirmed.is_some());
    let _ = cockpit.ticket(confirmed);
    cockpit.wanted();
    // While its plan is on its way there is nothing that a key could confirm.
    let mut cockpit = releases().holding().press("j j b f5");
    assert_eq!(cockpit.wanted(), ["remember history shop-production-web"]);
    assert!(cockpit.message().contains("there is no plan"), "{}", cockpit.message());
}

#[test]
fn a_release_that_changes_nothing_is_not_asked_about() {
    let cockpit = releases().holding().press("j j b");
    let at = cockpit.newest(|it| matches!(it, Effect::Plan(_)));
    let text = "services:\n  web:\n    image: nginx:1.27\n".to_owned();
    let sources = Sources::one(Path::new("/srv/shop/compose.yml"), text);
    let order = DeployOrder::of("shop-production-web".parse().unwrap(), sources);
    let plan = Preview { nothing: true, ..cockpit.preview(&order) };
    let ticket = cockpit.ticket_of(at);
    let mut cockpit = cockpit.after(Event::Response(ticket, Response::Plan(Ok(plan))));
    cockpit.wanted();
    let mut cockpit = cockpit.press("f5").hides("Roll shop-production-web back").press("y");
    assert_eq!(cockpit.wanted(), [] as [&str; 0]);
    let _ =
        releases().holding().press("j j b").deliver_all().press("f5").shows("back to release 2?");
}

#[test]
fn of_a_stack_that_nobody_knows_it_says_that() {
    let _ = Cockpit::demo().command("history nosuch").shows("there is no stack nosuch");
}

#[test]
fn in_production_one_types_the_name_of_the_stack() {
    let mut cockpit = releases().in_production().press("b f5 y");
    cockpit.wanted();
    let mut cockpit = cockpit.enter("shop-production-web").press("enter");
    assert_eq!(cockpit.wanted(), ["roll shop-production-web back to release 4"]);
}

#[test]
fn where_one_may_only_look_no_release_comes_back() {
    let mut cockpit = releases().read_only();
    cockpit.wanted();
    let mut cockpit = cockpit.press("b");
    assert!(cockpit.message().contains("read-only"), "{}", cockpit.message());
    assert_eq!(cockpit.wanted(), [] as [&str; 0]);
}

#[test]
fn the_list_is_read_again_after_a_deployment() {
    let mut model = releases().model;
    let effects = update(&mut model, Event::Released(BTreeMap::new(), Statistics::default()));
    let recalls = |it: &Dispatch| matches!(&it.effect, Effect::Recall(at) if at.revision.is_none());
    assert!(matches!(effects.as_slice(), [one] if recalls(one)));
}

#[test]
fn a_release_comes_back_from_its_own_page_too() {
    let cockpit = Cockpit::demo().command("history shop-production-web").press("j j enter");
    let footer = cockpit.footer();
    assert!(footer.contains("<b>roll back"), "{footer}");
    let mut cockpit = cockpit.press("b f5").shows("Roll shop-production-web back to release 2?");
    cockpit.wanted();
    assert_eq!(cockpit.press("y").wanted(), ["roll shop-production-web back to release 2"]);
    let page = Cockpit::demo().command("describe registry").footer();
    assert!(!page.contains("roll back"), "{page}");
}

/// The figures of twelve deployments.
fn figures() -> Statistics {
    let cause =
        "No such image: shop/web:9 (the image is not there, or its registry does not let one in)";
    Statistics {
        releases: 13,
        ended: 12,
        failed: 3,
        restored: 2,
        not_restored: 1,
        recovery: Some(Times { median: 41, longest: 190 }),
        causes: vec![Cause { cause: cause.to_owned(), count: 2 }],
        ..Statistics::default()
    }
}

#[test]
fn the_overview_says_how_deployments_went() {
    for (columns, rows) in [(160, 48), (80, 24)] {
        let cockpit = Cockpit::demo().at(columns, rows).command("overview").hides("deployments ");
        let cockpit = cockpit.after(Event::Released(BTreeMap::new(), figures()));
        let line = cockpit.line("deployments ");
        let (first, rest) = (
            "12, 3 of them failed (25%), 2 rolled back, 1 rollback failed, ",
            "healthy again in 41s",
        );
        assert!(line.contains(first), "{line}");
        assert!(columns == 80 || line.contains(&format!("{first}{rest}")), "{line}");
        approve(&format!("overview-figures-{columns}x{rows}"), &cockpit.screen());
    }
}

#[test]
fn the_list_and_the_pages_say_which_release_is_live() {
    let cockpit = releases();
    for (release, live) in [("r4", true), ("r3", false), ("r2", false)] {
        let line = cockpit.line(&format!(" {release} "));
        assert_eq!(line.contains(" live "), live, "{line}");
    }
    cockpit
        .press("enter")
        .shows("yes, unless somebody changed the stack since")
        .press("esc j enter")
        .shows("no: release 4 is");
}

/// What is live of two stacks after some deployments.
fn live(revision: u32, whole: bool) -> Event {
    let stack = |name: &str| name.parse().unwrap();
    let live = BTreeMap::from([
        (stack("shop-production-web"), Some(LiveRelease { revision, whole })),
        (stack("monitoring"), None),
    ]);
    Event::Released(live, Statistics::default())
}

#[test]
fn a_stack_has_the_number_of_its_live_release_whatever_was_tried_since() {
    let stacks = || Cockpit::demo().command("stacks");
    let line = stacks().after(live(2, true)).line("shop-production-web");
    assert!(line.contains(" r2 "), "{line}");
    let line = stacks().after(live(3, false)).line("shop-production-web");
    assert!(line.contains("r3 in part"), "{line}");
    // Nothing of it is live, and still it is one of those that skep knows.
    let screen = stacks().after(live(2, true)).screen();
    let [skep, monitoring, others] =
        ["without a project", " monitoring ", "not deployed from here"]
            .map(|it| screen.find(it).unwrap());
    assert!(skep < monitoring && monitoring < others, "{screen}");
}

#[test]
fn a_question_about_a_release_says_which_one_is_live() {
    let back = |event| releases().after(event).press("j j b f5");
    back(live(4, true)).shows("shop-production-web: release 2 will replace release 4");
    back(live(3, false)).shows("shop-production-web: release 2 will replace release 3, in part");
    back(live(2, true))
        .shows("shop-production-web: release 2, the live one, will replace what runs");
}

#[test]
fn a_stack_goes_back_from_its_row_and_says_so_where_it_cannot() {
    let row = |name: &str| {
        let filtered = Cockpit::demo().command("stacks").press("/").enter(&format!("{name}$"));
        filtered.press("enter j")
    };
    let cockpit = row("shop-production-web").press("b");
    let cockpit = cockpit.press("f5").shows("Roll shop-production-web back to release 2?");
    drop(cockpit);
    let cockpit = row("monitoring").press("b");
    assert!(
        cockpit.message().contains("stack `monitoring` was not deployed"),
        "{}",
        cockpit.message()
    );
}

//! Answers that come late, twice, in another order, or when nobody looks there any more.

mod cases;
mod every;
mod facts;

use crate::cockpit::{
    harness::{Cockpit, blog},
    outside::past,
};
use skep::{
    domain::{
        deployment::gc::{Bounds, Waste},
        swarm::{belongings::Owned, cluster::ObjectKind, names::StackName},
    },
    jobs::{
        News, Verdict,
        deploy::{DeployOrder, Proposal},
        gc::Sweep,
        operations::Operation,
    },
    projects::Sources,
    tui::{
        document::{Document, Errand, Reply},
        event::{Destination, Effect, Event, Notice, Response},
        past::{Lookback, Past},
        projects::Chore,
    },
};
use std::{path::PathBuf, time::Duration};

/// A file that ends with its services, so that another one can be added.
const SERVICES: &str = "services:\n  web:\n    image: ghost:5.87\n";

const FILE: &str = "/srv/blog/compose.yml";

fn plans(effect: &Effect) -> bool {
    matches!(effect, Effect::Plan(_))
}

fn checks(effect: &Effect) -> bool {
    matches!(effect, Effect::Document(_, Errand::Check(_)))
}

fn saves(effect: &Effect) -> bool {
    matches!(effect, Effect::Document(_, Errand::Save { .. }))
}

fn editor() -> Cockpit {
    Cockpit::demo().with_file(FILE, SERVICES).command(&format!("edit {FILE}"))
}

/// The page of a plan that is on its way.
fn plan() -> Cockpit {
    editor().holding().press("f5 enter").shows("reading the cluster")
}

fn place(cockpit: &Cockpit) -> Destination {
    cockpit.model.screen().place()
}

// --- the plan, on its page and beside the text

#[test]
fn a_plan_reaches_its_page_though_help_is_open() {
    let cockpit = plan().press("?").shows("Keys");
    let at = cockpit.newest(plans);
    let cockpit = cockpit.deliver(at).shows("Keys").press("esc");
    let cockpit = cockpit.shows("blog_web").hides("reading the cluster");
    let _ = cockpit.press("f5").shows("Deploy blog?");
}

#[test]
fn a_plan_that_comes_twice_or_after_a_newer_one_was_asked_for_changes_nothing() {
    let cockpit = plan();
    let first = cockpit.newest(plans);
    let cockpit = cockpit.press("ctrl-r").deliver(first).shows("reading the cluster");
    let second = cockpit.newest(plans);
    assert_ne!(first, second);
    let cockpit = cockpit.press("f5").hides("Deploy blog?");
    let cockpit = cockpit.deliver(second).shows("blog_web").press("j").deliver_again(first);
    let selected = cockpit.reversed();
    assert_eq!(cockpit.deliver_again(second).reversed(), selected);
}

#[test]
fn a_plan_of_another_order_is_not_shown_as_that_of_this_one() {
    // The plan beside the text is of what is written there; that of the page is of what
    // was written when its page was opened.
    let cockpit = editor().holding().press("f6");
    let old = cockpit.newest(plans);
    let cockpit = cockpit.press("ctrl-end").paste("  cache:\n    image: redis:7\n");
    // What is deployed is saved first.
    let cockpit = cockpit.press("f5");
    let saved = cockpit.newest(saves);
    let cockpit = cockpit.deliver(saved).press("enter").shows("reading the cluster");
    let new = cockpit.newest(plans);
    let cockpit = cockpit.deliver(old).shows("reading the cluster");
    let _ = cockpit.deliver(new).shows("blog_cache");
}

#[test]
fn a_plan_of_a_page_that_was_left_is_forgotten() {
    let cockpit = plan();
    let first = cockpit.newest(plans);
    let cockpit = cockpit.press("esc").hides("Plan · blog").press("f5 enter");
    let second = cockpit.newest(plans);
    let cockpit = cockpit.deliver(first).shows("reading the cluster");
    let _ = cockpit.deliver(second).shows("blog_web");
}

#[test]
fn the_plan_beside_a_text_is_of_the_text_that_its_title_says() {
    let cockpit = editor().holding().press("f6").shows("· reading");
    let first = cockpit.newest(plans);
    let cockpit = cockpit.press("ctrl-end").paste("  cache:\n    image: redis:7\n");
    let at = cockpit.newest(checks);
    // While a plan is on its way no other is asked for: the engine is not flooded.
    let cockpit = cockpit.deliver(at);
    assert_eq!(cockpit.newest(plans), first);
    let cockpit = cockpit.deliver(first).shows("blog_web").shows("· reading").hides("blog_cache");
    let second = cockpit.newest(plans);
    assert_ne!(first, second);
    let cockpit = cockpit.deliver(second).shows("blog_cache").hides("· reading");
    let cockpit = cockpit.deliver_again(first).shows("blog_cache");
    let _ = cockpit.hides("of the text before");
}

#[test]
fn a_plan_beside_a_text_comes_also_while_another_screen_is_open() {
    let cockpit = editor().holding().press("f6 f1").shows("Keys");
    let at = cockpit.newest(plans);
    let _ = cockpit.deliver(at).press("esc").shows("blog_web").hides("· reading");
}

// --- what documents need

#[test]
fn a_text_that_is_read_late_is_there_when_one_comes_back_and_is_taken_once() {
    let cockpit = Cockpit::demo().with_file(FILE, blog()).holding();
    let cockpit = cockpit.command(&format!("edit {FILE}")).press("f1").shows("Keys");
    let loads = |it: &Effect| matches!(it, Effect::Document(_, Errand::Load));
    let at = cockpit.newest(loads);
    let cockpit = cockpit.deliver(at).shows("Keys").press("esc").shows("ghost:5.87");
    let cockpit = cockpit.enter("# mine").deliver_again(at);
    let _ = cockpit.shows("# mine");
}

#[test]
fn a_text_that_was_closed_is_not_read_into_the_next_one() {
    let cockpit = Cockpit::demo().with_file(FILE, "services: {}\n").holding();
    let cockpit = cockpit.command(&format!("edit {FILE}"));
    let loads = |it: &Effect| matches!(it, Effect::Document(_, Errand::Load));
    let first = cockpit.newest(loads);
    let cockpit = cockpit.press("esc").with_file(FILE, blog()).command(&format!("edit {FILE}"));
    let second = cockpit.newest(loads);
    let cockpit = cockpit.deliver(first).hides("services: {}");
    let _ = cockpit.deliver(second).shows("ghost:5.87").hides("services: {}");
}

#[test]
fn the_findings_are_those_of_the_newest_text_in_whatever_order_they_come() {
    let cockpit = editor().holding().enter("x").enter("y");
    let cockpit = cockpit.deliver_backwards().shows("xyservices");
    let _ = cockpit.shows("xyservices").press("backspace backspace").deliver_backwards();
}

#[test]
fn what_was_looked_at_before_a_save_says_nothing_after_it() {
    let second = Duration::from_secs(1);
    let cockpit = editor().enter("#").holding().press("ctrl-s");
    let saved = cockpit.newest(saves);
    // The file holds what was saved, and nobody heard of it yet.
    let cockpit = cockpit.unheard(second).unheard(second).unheard(second).enter("!");
    let cockpit = cockpit.deliver_backwards();
    assert!(cockpit.held() > saved);
    let _ = cockpit.hides("Somebody else changed it").shows("#!services");
}

#[test]
fn a_question_about_a_text_waits_until_the_text_is_shown() {
    let cockpit = editor().enter("#").with_file(FILE, "services: {}\n").holding().press("ctrl-s");
    let at = cockpit.newest(saves);
    let cockpit = cockpit.press("f1").deliver(at).shows("Keys").hides("overwrite");
    assert!(cockpit.message().contains("somebody else changed it"), "{}", cockpit.message());
    let _ = cockpit.press("esc").shows("overwrite");
}

#[test]
fn a_text_from_another_editor_comes_back_to_its_own() {
    let cockpit = editor().press("ctrl-e f1");
    let hands = |it: &Effect| matches!(it, Effect::HandOff(..));
    let text = format!("# by vi\n{SERVICES}");
    let reply = Response::Document(Reply::HandedBack(Ok(text)));
    let _ = cockpit.respond(hands, reply).shows("Keys").press("esc").shows("# by vi");
}

// --- pages and lists

#[test]
fn a_page_shows_its_own_object_whatever_comes_late() {
    let reads = |it: &Effect| matches!(it, Effect::Read(_));
    let cockpit = Cockpit::demo().holding().command("describe registry").press("esc");
    let first = cockpit.newest(reads);
    let cockpit = cockpit.command("describe whoami");
    let second = cockpit.newest(reads);
    let cockpit = cockpit.deliver(first).shows("Describe · whoami").hides("registry:2");
    let cockpit = cockpit.deliver(second).shows("traefik/whoami").deliver_again(first);
    let _ = cockpit.shows("traefik/whoami").hides("registry:2");
}

#[test]
fn a_page_that_is_covered_is_read_when_one_comes_back() {
    let reads = |it: &Effect| matches!(it, Effect::Read(_));
    let cockpit = Cockpit::demo().holding().command("describe registry");
    let at = cockpit.newest(reads);
    let cockpit = cockpit.press("?").deliver(at).shows("Keys").press("esc").deliver_all();
    let _ = cockpit.shows("Describe · registry").shows("registry:2");
}

#[test]
fn releases_are_those_of_the_stack_that_is_looked_at() {
    let recalls = |it: &Effect| matches!(it, Effect::Recall(_));
    let cockpit = Cockpit::demo().holding().command("history shop-production-web");
    let first = cockpit.newest(recalls);
    let cockpit = cockpit.press("esc").command("history monitoring");
    let cockpit = cockpit.deliver(first).shows("Releases · monitoring").hides("checkout is slow");
    let cockpit = cockpit.deliver_all().shows("monitoring was not deployed");
    let _ = cockpit.deliver_again(first).shows("monitoring was not deployed");
}

#[test]
fn an_older_list_of_releases_does_not_follow_a_newer_one() {
    let recalls = |it: &Effect| matches!(it, Effect::Recall(_));
    let cockpit = Cockpit::demo().holding().command("history shop-production-web");
    let first = cockpit.ticket_of(cockpit.newest(recalls));
    let cockpit = cockpit.press("ctrl-r").deliver_all().shows("checkout is slow");
    let at = Lookback { stack: "shop-production-web".parse().unwrap(), revision: None };
    assert!(!past(&at).releases.is_empty());
    let old = Response::History(at, Ok(Past::default()));
    let _ = cockpit.after(Event::Response(first, old)).shows("checkout is slow");
}

// --- projects

fn project() -> Cockpit {
    Cockpit::demo()
        .with_stack("shop/live/web", "services:\n  web:\n    image: \"nginx:${TAG:-1}\"\n")
        .with_stack("shop/live/db", "services:\n  db:\n    image: \"mysql:${VERSION:-8}\"\n")
}

#[test]
fn variables_are_those_of_the_stack_that_is_looked_at() {
    let panels = |it: &Effect| matches!(it, Effect::Project(Chore::Panel(_)));
    let cockpit = project().holding().command("variables shop/live/web");
    let first = cockpit.newest(panels);
    let cockpit = cockpit.command("variables shop/live/db");
    let second = cockpit.newest(panels);
    let cockpit = cockpit.deliver(second).shows("VERSION").deliver_again(first);
    let _ = cockpit.shows("VERSION").hides("TAG");
    let cockpit = project().holding().command("variables shop/live/web").press("?");
    let _ = cockpit.deliver_all().press("esc").deliver_all().shows("TAG");
}

#[test]
fn changes_reach_their_page_and_are_the_newest() {
    let stands = |it: &Effect| matches!(it, Effect::Project(Chore::PendingChanges(_)));
    let cockpit = project().holding().command("changes shop/live/web").press("?");
    let first = cockpit.newest(stands);
    let cockpit = cockpit.deliver(first).press("esc").shows("it was never deployed");
    let cockpit = cockpit.press("ctrl-r");
    let ticket = cockpit.ticket_of(cockpit.newest(stands));
    let cockpit = cockpit.press("ctrl-r").deliver_all();
    let old = Response::PendingChanges(Err("an old answer".to_owned()));
    let _ = cockpit.after(Event::Response(ticket, old)).hides("an old answer");
}

#[test]
fn changes_of_projects_are_read_for_a_page_below_as_well() {
    let stands = |it: &Effect| matches!(it, Effect::Project(Chore::PendingChanges(_)));
    let mut cockpit = project().command("changes shop/live/web").press("?").holding();
    let projects = cockpit.model.world.projects.clone();
    cockpit.event(Event::Projects(Box::new(projects)));
    assert!(matches!(place(&cockpit), Destination::Help));
    let _ = cockpit.newest(stands);
}

#[test]
fn a_deployment_that_is_ready_late_opens_no_screen_over_another() {
    let readies = |it: &Effect| matches!(it, Effect::Project(Chore::Prepare(_)));
    let cockpit = project().holding().command("changes shop/live/web").press("f5");
    let at = cockpit.newest(readies);
    let there = cockpit.deliver(at).shows("Plan · ");
    assert!(matches!(place(&there), Destination::Plan(_)));
    let cockpit = project().holding().command("changes shop/live/web").press("f5 ?");
    let at = cockpit.newest(readies);
    let cockpit = cockpit.deliver(at).shows("Keys");
    assert!(
        cockpit.message().contains("`:deploy shop/live/web` shows the plan"),
        "{}",
        cockpit.message()
    );
    // Nor where somebody types a command.
    let cockpit = project().holding().command("changes shop/live/web").press("f5 :");
    let at = cockpit.newest(readies);
    let cockpit = cockpit.deliver(at);
    assert!(matches!(place(&cockpit), Destination::Changes(_)));
}

#[test]
fn a_stack_that_is_made_late_is_named_and_takes_nobody_away() {
    let creates = |it: &Effect| matches!(it, Effect::Project(Chore::Create(_)));
    let made = || {
        let stack = "shop/live/new".parse().unwrap();
        let document = Document::Stack { stack, file: "stack.yml".to_owned() };
        Response::Made { document, report: vec!["left out: build".to_owned()] }
    };
    let cockpit = project().command("paste shop/live/new").respond(creates, made());
    assert!(matches!(place(&cockpit), Destination::Editor(_)));
    let _ = cockpit.shows("left out: build").press("esc").shows("stack.yml");
    let cockpit = project().command("paste shop/live/new").command("nodes");
    let cockpit = cockpit.respond(creates, made()).shows("left out: build").press("esc");
    assert!(matches!(place(&cockpit), Destination::Nodes));
    assert!(cockpit.message().contains("`:edit shop/live/new` opens it"), "{}", cockpit.message());
}

#[test]
fn a_source_that_is_found_late_is_named_and_takes_nobody_away() {
    let sources = |it: &Effect| matches!(it, Effect::EditStack(_));
    let stack: StackName = "monitoring".parse().unwrap();
    let found = || Response::Source(Document::File(PathBuf::from(FILE)), stack.clone());
    let asked = || {
        let stacks = Cockpit::demo().with_file(FILE, blog()).command("stacks");
        stacks.press("/").enter("monitoring").press("enter e")
    };
    let cockpit = asked().respond(sources, found());
    assert!(matches!(place(&cockpit), Destination::Editor(_)));
    // It was opened as the file of that stack: nobody has to name it again.
    let cockpit = cockpit.press("f5");
    let Destination::Plan(Proposal::Files(order)) = place(&cockpit) else {
        panic!("{:?} in\n{}", place(&cockpit), cockpit.screen())
    };
    assert_eq!(order.stack, stack);
    let cockpit = asked().command("nodes").respond(sources, found());
    assert!(matches!(place(&cockpit), Destination::Nodes));
    assert!(cockpit.message().contains(FILE), "{}", cockpit.message());
}

// --- questions

fn waste() -> Sweep {
    let (id, name) = ("1".to_owned(), "old-key".to_owned());
    let waste =
        vec![Waste::Object { owned: Owned { kind: ObjectKind::Secrets, id, name }, stack: None }];
    let parts = waste.iter().map(ToString::to_string).collect();
    Sweep { bounds: Bounds { keep: 10, all: false }, waste, parts }
}

#[test]
fn a_cleanup_that_is_found_does_not_take_the_place_of_a_question() {
    let cockpit = Cockpit::demo().with_waste(waste()).holding().command("gc");
    let mut cockpit = cockpit.command("rm monitoring").shows("Remove stack monitoring?");
    cockpit.wanted();
    let cockpit = cockpit.deliver(0).shows("Remove stack monitoring?").hides("Clean up?");
    let mut cockpit = cockpit.press("n").shows("Clean up?").shows("old-key");
    assert!(cockpit.wanted().is_empty());
    let mut cockpit = cockpit.deliver_again(0).press("y").hides("Clean up?");
    assert_eq!(cockpit.wanted(), ["clean up"]);
}

#[test]
fn a_cleanup_that_is_found_waits_for_a_command_and_for_a_menu() {
    for keys in [": x", "/ x", "s", "ctrl-d"] {
        let cockpit = Cockpit::demo().command("services").with_waste(waste()).holding();
        let cockpit = cockpit.command("gc").press("j").press(keys);
        let before = cockpit.screen();
        let cockpit = cockpit.deliver(0);
        assert_eq!(cockpit.screen(), before, "{keys}");
        let _ = cockpit.press("esc").shows("Clean up?");
    }
}

#[test]
fn a_cleanup_that_is_found_does_not_ask_into_a_text() {
    let cockpit = editor().with_waste(waste()).press("esc esc").holding().command("gc");
    let at = cockpit.held() - 1;
    let cockpit = cockpit.answering().command(&format!("edit {FILE}")).enter("a").deliver(at);
    let cockpit = cockpit.enter("yes").hides("Clean up?").shows("ayesservices");
    let _ = cockpit.press("ctrl-z ctrl-q").shows("Clean up?");
}

// --- jobs

fn starts(effect: &Effect) -> bool {
    matches!(effect, Effect::Start(Operation::Deploy(_)))
}

#[test]
fn a_job_opens_its_page_whether_its_number_or_its_report_comes_first() {
    let confirmed = || editor().press("f5 enter").holding().press("f5 y");
    let cockpit = confirmed();
    let at = cockpit.newest(starts);
    let cockpit = cockpit.deliver(at).running(1, "deploy blog", "plan").shows("Job · deploy blog");
    drop(cockpit);
    let cockpit = confirmed().running(1, "deploy blog", "plan").hides("Job · deploy blog");
    let at = cockpit.newest(starts);
    let _ = cockpit.deliver(at).shows("Job · deploy blog");
}

#[test]
fn another_job_of_the_same_title_does_not_open_the_page() {
    let cockpit = editor().press("f5 enter").press("f5 y");
    let cockpit = cockpit.running(7, "deploy blog", "plan").hides("Job · deploy blog");
    let _ = cockpit.running(1, "deploy blog", "plan").shows("Job · deploy blog");
}

#[test]
fn a_job_that_begins_when_one_is_elsewhere_takes_nobody_away() {
    let cockpit = editor().press("f5 enter").holding().press("f5 y").press("?");
    let at = cockpit.newest(starts);
    let cockpit = cockpit.deliver(at).running(1, "deploy blog", "plan").shows("Keys");
    assert!(cockpit.message().contains("`:jobs` shows how far it is"), "{}", cockpit.message());
}

#[test]
fn a_notice_stays_while_the_page_of_a_job_is_told_how_far_it_is() {
    let cockpit = Cockpit::demo().running(1, "deploy blog", "plan").command("jobs").press("enter");
    let told = Event::Told(Notice::Done("copied 80 bytes".to_owned()));
    let cockpit = cockpit.after(told).running(1, "deploy blog", "1/4");
    assert!(cockpit.message().contains("copied 80 bytes"), "{}", cockpit.message());
}

#[test]
fn a_plan_that_is_another_one_by_now_is_shown_and_asked_about_again() {
    let mut cockpit = editor().press("f5 enter f5 y").running(1, "deploy blog", "plan");
    let confirmed = cockpit.ordered();
    assert!(confirmed.confirmed.is_some());
    // The same order finds two services instead of one.
    let other =
        DeployOrder { sources: Sources::one(&PathBuf::from(FILE), blog().to_owned()), ..confirmed };
    let preview = cockpit.preview(&other);
    let differences = vec!["service blog_db would change too".to_owned()];
    let news = News::Replanned(Box::new(preview.clone()), differences);
    cockpit.wanted();
    let cockpit = cockpit.shows("Job · deploy blog").report(1, news).shows("Deploy blog?");
    let cockpit =
        cockpit.shows("the plan changed since it was confirmed").shows("service blog_db would");
    let verdict = Verdict::Failed { why: "the plan is another".to_owned(), hint: None };
    let mut cockpit = cockpit.report(1, News::Finished(verdict)).shows("blog_db").press("y");
    assert_eq!(cockpit.ordered().confirmed, Some(preview.digest));
    assert_eq!(cockpit.wanted(), ["deploy blog"]);
    let _ = cockpit.running(2, "deploy blog", "plan").shows("Job · deploy blog");
}

#[test]
fn a_plan_that_is_another_one_waits_for_whoever_went_elsewhere() {
    let cockpit = editor().press("f5 enter f5 y").running(1, "deploy blog", "plan");
    let order = DeployOrder { confirmed: None, ..cockpit.ordered() };
    let preview = cockpit.preview(&order);
    let cockpit = cockpit.press("?").report(1, News::Replanned(Box::new(preview), Vec::new()));
    let cockpit = cockpit.shows("Keys").hides("until every service runs");
    assert!(cockpit.message().contains("asked in plan · blog"), "{}", cockpit.message());
    let _ = cockpit.press("esc").shows("until every service runs");
}

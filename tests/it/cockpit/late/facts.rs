//! What is read once of the cluster, and of releases, for a text that goes on meanwhile.

use crate::cockpit::{
    harness::Cockpit,
    late::{FILE, SERVICES},
};
use skep::tui::{document::Errand, event::Effect};

const OUTSIDE: &str = "services:\n  web:\n    image: x:1\n    networks: [far]\nnetworks:\n  far: {external: true, name: nowhere}\n";

fn loads(effect: &Effect) -> bool {
    matches!(effect, Effect::Document(_, Errand::Load))
}

fn facts(effect: &Effect) -> bool {
    matches!(effect, Effect::Document(_, Errand::Facts))
}

fn checks(effect: &Effect) -> bool {
    matches!(effect, Effect::Document(_, Errand::Check(_)))
}

fn releases(effect: &Effect) -> bool {
    matches!(effect, Effect::Document(_, Errand::Deployed(_)))
}

#[test]
fn a_text_is_held_against_the_cluster_whichever_was_read_first() {
    let opened = || {
        let cockpit = Cockpit::demo().with_file(FILE, OUTSIDE).holding();
        cockpit.command(&format!("edit {FILE}"))
    };
    let cockpit = opened();
    let (text, known) = (cockpit.newest(loads), cockpit.newest(facts));
    let _ = cockpit.deliver(known).deliver(text).deliver_all().shows("1 error");
    let cockpit = opened().deliver(text);
    let first = cockpit.newest(checks);
    // Findings without the cluster come behind those with it.
    let cockpit = cockpit.deliver(known);
    let second = cockpit.newest(checks);
    assert_ne!(first, second);
    let cockpit = cockpit.deliver(second).shows("1 error");
    let cockpit = cockpit.deliver(first).shows("1 error");
    let _ = cockpit.deliver_again(known).shows("1 error");
}

#[test]
fn names_of_the_cluster_are_offered_once_they_are_known_and_take_nothing_typed() {
    let text = "services:\n  web:\n    image: x:1\n    networks: [edge]\nnetworks:\n  edge:\n    external: true\n    name: \n";
    let cockpit = Cockpit::demo().with_file(FILE, text).holding();
    let cockpit = cockpit.command(&format!("edit {FILE}"));
    let (text, known) = (cockpit.newest(loads), cockpit.newest(facts));
    let cockpit = cockpit.deliver(text).answering().press("ctrl-end up end").enter("moni");
    let cockpit = cockpit.deliver(known).shows("name: moni");
    let _ = cockpit.press("ctrl-space").shows("monitoring");
}

#[test]
fn a_release_that_is_read_late_takes_no_key_from_a_text_that_is_written() {
    let old = SERVICES.replace("5.87", "5.86");
    let asked = || {
        let cockpit = Cockpit::demo().with_release("blog", &old).with_file(FILE, SERVICES);
        cockpit.command(&format!("edit {FILE}")).holding().press("f10 down enter")
    };
    // Nothing was pressed since: its keys go to the list.
    let cockpit = asked();
    let at = cockpit.newest(releases);
    let cockpit = cockpit.deliver(at).shows("Differs from release 4").press("r");
    let _ = cockpit.shows("ghost:5.86").hides("ghost:5.87");
    // Somebody wrote on: `r` is a letter, and it stands where the cursor was.
    let cockpit = asked().enter("# o").deliver(at).shows("Differs from release 4").enter("r");
    let _ = cockpit.shows("# orservices:").shows("ghost:5.87");
    // Somebody looks at something else: that stays.
    let cockpit = asked().press("f6").shows("Plan · blog").deliver(at);
    let cockpit = cockpit.shows("Plan · blog").hides("Differs from");
    assert!(cockpit.message().contains("release 4 was read; alt-d"), "{}", cockpit.message());
}

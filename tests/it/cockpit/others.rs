//! What others do in the same cluster, what comes back of a service, what can be copied,
//! and what has no room.

use crate::cockpit::harness::{Cockpit, noon};
use jiff::Timestamp;
use skep::{
    domain::{
        deployment::lease::Lease,
        swarm::{
            change::Change,
            cluster::Object,
            names::{ServiceId, StackName},
            spec::UpdateBody,
        },
    },
    engine::{Engine, ReadEngine},
    tui::event::Effect,
};
use std::time::Duration;

fn lease(holder: &str, stack: &str) -> Change {
    let lease = Lease {
        holder: holder.to_owned(),
        token: holder.to_owned(),
        purpose: format!("deploy {stack}"),
        since: noon(),
    };
    lease.creation(&stack.parse::<StackName>().unwrap(), noon())
}

/// Somebody takes the lease on a stack, and the cockpit looks.
fn occupied(holder: &str) -> Cockpit {
    let cockpit = Cockpit::demo();
    cockpit.ask(cockpit.engine.apply(&lease(holder, "monitoring"))).unwrap();
    cockpit.later(Duration::from_secs(1))
}

#[test]
fn a_deployment_of_another_skep_is_shown_with_who_it_is() {
    let head = |it: &Cockpit| it.screen().lines().next().unwrap().to_owned();
    let cockpit = occupied("bob@m2 (pid 7)");
    assert!(head(&cockpit).contains("bob@m2 (pid 7): deploy monitoring"), "{}", head(&cockpit));
    cockpit.command("stacks").shows("↻ monitoring ");
    // Where there is little room, what is wrong and how many nodes answer stay beside it.
    for columns in [80, 60] {
        let narrow = occupied("bob@m2 (pid 7)").at(columns, 24);
        for part in ["nodes", "✗ 2", "↻ bob@m2 (pid"] {
            assert!(head(&narrow).contains(part), "{}", head(&narrow));
        }
    }
    // One's own is a job, and one that nobody renews any more tells nothing.
    assert!(!head(&occupied("ann@m1 (pid 1)")).contains("deploy monitoring"));
    let stale = occupied("bob@m2 (pid 7)").unheard(Duration::from_secs(90));
    assert!(!head(&stale).contains("deploy monitoring"), "{}", head(&stale));
}

#[test]
fn of_many_at_work_the_first_line_names_one_and_counts_the_others() {
    let cockpit = Cockpit::demo();
    let long = format!("bob@{} (pid 7)", "m".repeat(200));
    for stack in ["monitoring", "traefik", "blog"] {
        cockpit.ask(cockpit.engine.apply(&lease(&long, stack))).unwrap();
    }
    let cockpit = cockpit.later(Duration::from_secs(1));
    let head = cockpit.screen().lines().next().unwrap().to_owned();
    assert!(head.contains("↻ bob@mmm") && head.contains("… and 2 more"), "{head}");
    assert!(head.contains("nodes"), "{head}");
}

#[test]
fn a_service_goes_back_only_after_it_was_shown_to_what() {
    let cockpit =
        Cockpit::demo().command("services").press("/").enter("traefik_traefik").press("enter b");
    let cockpit = cockpit.shows("Roll back traefik_traefik?").shows("→ traefik:v3.0.3");
    cockpit.hides("what its previous spec has");
    // Where the engine keeps none, nothing is asked.
    let cockpit = Cockpit::demo().command("rollback registry");
    assert!(
        cockpit.message().contains("keeps no previous spec of registry"),
        "{}",
        cockpit.message()
    );
}

/// The id of a service of the demo.
fn id(cockpit: &Cockpit, name: &str) -> ServiceId {
    let services = cockpit.model.world.services();
    services.iter().find(|it| *it.name == *name).unwrap().id.clone()
}

/// Somebody gives a service another image.
fn updated(cockpit: Cockpit, name: &str, image: &str) -> Cockpit {
    let id = id(&cockpit, name);
    let engine = cockpit.engine.clone();
    cockpit.ask(async {
        let live = engine.inspect(&Object::Service(id.clone())).await.unwrap();
        let mut spec = live["Spec"].clone();
        spec["TaskTemplate"]["ContainerSpec"]["Image"] = image.into();
        spec["TaskTemplate"]["ContainerSpec"]["Env"] = serde_json::json!(["API_KEY=hunter2"]);
        let version = live["Version"]["Index"].as_u64().unwrap();
        let body = UpdateBody::replace(spec).unwrap();
        let name = name.to_owned();
        let change = Change::UpdateService { id, name, version, body, auth: None };
        engine.apply(&change).await.unwrap();
    });
    cockpit.later(Duration::from_secs(1))
}

#[test]
fn what_comes_back_of_a_service_is_told_field_by_field_and_anew_where_it_changes() {
    let cockpit = updated(Cockpit::demo(), "registry", "registry:9");
    let cockpit = cockpit.command("services").press("/").enter("registry").press("enter b");
    let line = cockpit.line("registry:9 → registry:");
    assert!(line.contains("registry: registry:9"), "{line}");
    let cockpit = cockpit.shows("environment.API_KEY").hides("hunter2");
    // Another one brings another image while the question is open.
    let cockpit = updated(cockpit, "registry", "registry:10").shows("registry:10 → registry:9");
    assert!(cockpit.message().contains("changed meanwhile"), "{}", cockpit.message());
}

#[test]
fn a_menu_copies_name_id_image_and_reference() {
    let cockpit = Cockpit::demo().command("services").press("/").enter("registry").press("enter");
    let id = id(&cockpit, "registry");
    let image = cockpit.model.world.service(&id).unwrap().image.to_string();
    let menu = || {
        let cockpit = Cockpit::demo().command("services").press("/").enter("registry");
        let mut cockpit = cockpit.press("enter shift-c").shows("Copy").shows("name").shows("id");
        cockpit.wanted();
        cockpit
    };
    let copied = |keys: &str| {
        let cockpit = menu().press(keys);
        let Some(Effect::Copy(text)) = cockpit.effects.last() else { panic!("{keys}") };
        text.clone()
    };
    assert_eq!(copied("enter"), "registry");
    assert_eq!(copied("down enter"), id.to_string());
    assert_eq!(copied("down down enter"), image.split('@').next().unwrap());
    assert_eq!(copied("down down down enter"), image);
    let cockpit = Cockpit::demo().command("overview").press("shift-c").shows("Copy");
    drop(cockpit);
    let cockpit = Cockpit::empty().command("services").press("shift-c");
    assert!(cockpit.message().contains("nothing with a name is selected"), "{}", cockpit.message());
}

#[test]
fn the_filter_of_the_overview_shows_what_matches_and_esc_shows_all() {
    let overview = || Cockpit::demo().command("overview");
    let all = overview().line("What is wrong [");
    let cockpit = overview().press("/").enter("zzz").press("enter");
    let none = cockpit.line("What is wrong [");
    assert!(none.contains("[0/") && none.contains("/zzz"), "{none}");
    let cockpit = cockpit.shows("nothing matches; esc shows all").press("esc");
    assert_eq!(cockpit.line("What is wrong ["), all);
    let cockpit = cockpit.press("/").enter("!zzz").press("enter");
    let count = all.split(['[', ']']).nth(1).unwrap();
    cockpit.shows(&format!("[{count}/{count}] /!zzz"));
}

#[test]
fn panes_without_room_are_named_with_the_key_that_leads_there() {
    let small = || Cockpit::demo().at(80, 24);
    let line = small().message();
    assert!(line.ends_with("not shown: logs, nodes, stacks; tab goes there"), "{line}");
    let line = small().press("tab").message();
    assert!(line.ends_with("not shown: nodes, stacks, services; tab goes there"), "{line}");
    assert!(!Cockpit::demo().message().contains("not shown"));
    let line = Cockpit::demo().press("z").message();
    assert!(line.contains("not shown: tasks, logs, nodes, stacks"), "{line}");
}

#[test]
fn a_draft_that_somebody_else_writes_right_now_says_who() {
    use skep::{domain::project::draft::Draft, tui::document::Document};
    let file = "/srv/blog/compose.yml";
    let mut cockpit = Cockpit::demo().with_file(file, "a: 1\n");
    let at: Timestamp = cockpit.model.world.now - Duration::from_secs(3);
    let by = Some("bob@m1 (pid 8)".to_owned());
    let draft =
        Draft { text: "a: 2\n".to_owned(), base: "a: 1\n".to_owned(), at, discarded: false, by };
    cockpit.drafts.insert(Document::File(file.into()), draft);
    let cockpit = cockpit.command(&format!("edit {file}"));
    cockpit.shows("bob@m1 (pid 8) edits it too; its text of 3s");
}

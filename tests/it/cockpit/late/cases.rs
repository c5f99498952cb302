//! How each effect that is answered is asked for, and what is seen of its answer.

use crate::cockpit::{
    harness::{Cockpit, blog, noon},
    interrupted,
    late::{FILE, SERVICES, editor, plan, project, waste},
};
use skep::{
    domain::{
        deployment::gc::Waste,
        project::{StackPath, draft::Draft, pending::Undo},
    },
    jobs::gc::Sweep,
    projects::CatalogChange,
    tui::{
        document::{Document, Errand, Reply},
        event::{Effect, Event, Notice, Response},
        projects::Chore,
    },
};
use std::path::PathBuf;

/// How an effect is asked for, and what is seen of its answer.
pub struct Case {
    pub of: &'static str,
    /// A cockpit that has asked, and nobody has answered.
    pub asked: fn() -> Cockpit,
    /// What is shown once it is answered, and was not before.
    pub shows: &'static str,
    /// What is said of it where one is elsewhere; else it is shown to who comes back.
    pub said: Option<&'static str>,
    /// Asks for something newer of the kind; none where each answer counts by itself, and
    /// all are made one after the other.
    pub newer: Option<fn(Cockpit) -> Cockpit>,
    /// What is answered, where the harness cannot.
    pub answer: Option<fn() -> Response>,
}

/// Sends an effect for the screen that is shown, as one that it asked for.
fn sent(mut cockpit: Cockpit, effect: Effect) -> Cockpit {
    let by = cockpit.model.screens.top_id();
    let dispatch = cockpit.model.tickets.issue(by, effect).unwrap();
    cockpit.perform([dispatch].into());
    cockpit
}

fn said(text: &str) -> Response {
    Response::Said(Notice::Done(text.to_owned()))
}

fn stack() -> StackPath {
    "shop/live/web".parse().unwrap()
}

fn made() -> Response {
    let document = Document::Stack { stack: stack(), file: "stack.yml".to_owned() };
    Response::Made { document, report: vec!["left out: build".to_owned()] }
}

fn waste_of(name: &str) -> Sweep {
    let mut sweep = waste();
    for it in &mut sweep.waste {
        if let Waste::Object { owned, .. } = it {
            name.clone_into(&mut owned.name);
        }
    }
    sweep.parts = sweep.waste.iter().map(ToString::to_string).collect();
    sweep
}

fn with_draft(mut cockpit: Cockpit, file: &str) -> Cockpit {
    let (text, base) = ("a: 2\n".to_owned(), "a: 1\n".to_owned());
    let draft = Draft { text, base, at: noon(), discarded: false, by: None };
    cockpit.drafts.insert(Document::File(PathBuf::from(file)), draft);
    cockpit
}

fn interrupted_ones() -> Response {
    let Event::Interrupted(found) = interrupted::found(&["blog"]) else { panic!() };
    Response::Interrupted(found)
}

#[allow(clippy::too_many_lines, reason = "a table, a case each")]
pub fn cases() -> Vec<Case> {
    let case = |of, asked, shows| Case { of, asked, shows, said: None, newer: None, answer: None };
    vec![
        Case {
            newer: Some(|it| it.press("esc").command("describe whoami")),
            ..case("read", || Cockpit::demo().holding().command("describe registry"), "registry:2")
        },
        Case {
            newer: Some(|it| it.press("esc").command("history monitoring")),
            ..case(
                "recall",
                || Cockpit::demo().holding().command("history shop-production-web"),
                "checkout is slow",
            )
        },
        Case {
            newer: Some(|it| it.with_waste(waste_of("new-key")).command("gc")),
            ..case(
                "survey",
                || Cockpit::demo().with_waste(waste()).holding().command("gc"),
                "old-key",
            )
        },
        Case {
            newer: Some(|it| it.command("drain hive5")),
            ..case("foresee", || Cockpit::demo().holding().command("drain hive4"), "Drain hive4?")
        },
        Case {
            newer: Some(|it| it.command("rollback monitoring_grafana")),
            ..case(
                "look back",
                || Cockpit::demo().holding().command("rollback traefik_traefik"),
                "Roll back",
            )
        },
        Case {
            said: Some("can be rolled back to release 2"),
            newer: Some(|it| it.press("b")),
            ..case(
                "go back",
                || {
                    let cockpit = Cockpit::demo().command("stacks").press("/");
                    let cockpit = cockpit.enter("shop-production-web$").press("enter j");
                    cockpit.holding().press("b")
                },
                "▸ release 2",
            )
        },
        Case {
            newer: Some(|it| it.command("recover")),
            answer: Some(interrupted_ones),
            ..case(
                "look for interrupted",
                || Cockpit::demo().command("recover"),
                "Interrupted deployments",
            )
        },
        Case {
            said: Some("was deployed from"),
            newer: Some(|it| it.press("e")),
            answer: Some(|| {
                Response::Source(Document::File(PathBuf::from(FILE)), "monitoring".parse().unwrap())
            }),
            ..case(
                "edit stack",
                || {
                    let cockpit = Cockpit::demo().with_file(FILE, blog()).command("stacks");
                    cockpit.press("/").enter("monitoring").press("enter e")
                },
                "ghost:5.87",
            )
        },
        Case {
            newer: Some(|it| with_draft(it, "/srv/b.yml").command("drafts")),
            ..case(
                "list drafts",
                || with_draft(Cockpit::demo(), "/srv/a.yml").holding().command("drafts"),
                "Unsaved texts",
            )
        },
        Case { newer: Some(|it| it.press("ctrl-r")), ..case("plan", plan, "blog_web") },
        Case {
            said: Some("`:jobs` shows how far it is"),
            ..case(
                "start",
                || editor().press("f5 enter").holding().press("f5 y"),
                "Job · deploy blog",
            )
        },
        Case {
            answer: Some(|| {
                Response::Document(Reply::HandedBack(Ok(format!("# by vi\n{SERVICES}"))))
            }),
            ..case("hand off", || editor().press("ctrl-e"), "# by vi")
        },
    ]
    .into_iter()
    .chain(of_projects())
    .chain(of_documents())
    .collect()
}

#[allow(clippy::too_many_lines, reason = "a table, a case each")]
fn of_projects() -> Vec<Case> {
    let case = |of, asked, shows| Case { of, asked, shows, said: None, newer: None, answer: None };
    vec![
        Case {
            newer: Some(|it| it.command("variables shop/live/db")),
            ..case("panel", || project().holding().command("variables shop/live/web"), "TAG")
        },
        Case {
            newer: Some(|it| it.press("ctrl-r")),
            ..case(
                "standing",
                || project().holding().command("changes shop/live/web"),
                "it was never deployed",
            )
        },
        Case {
            said: Some("`:deploy shop/live/web` shows the plan"),
            newer: Some(|it| it.press("f5")),
            ..case(
                "prepare",
                || project().command("changes shop/live/web").holding().press("f5"),
                "Plan · ",
            )
        },
        Case {
            said: Some("left out: build"),
            answer: Some(made),
            ..case("create", || project().command("paste shop/live/new"), "left out: build")
        },
        Case {
            answer: Some(|| said("TAG is set")),
            said: Some("TAG is set"),
            ..case(
                "amend",
                || {
                    let (slug, about) = ("books".parse().unwrap(), String::new());
                    let change = Box::new(CatalogChange::CreateProject { slug, about });
                    sent(project(), Effect::Project(Chore::Amend(change)))
                },
                "TAG is set",
            )
        },
        Case {
            answer: Some(|| said("it is discarded")),
            said: Some("it is discarded"),
            ..case(
                "discard",
                || {
                    let (file, before) = ("stack.yml".to_owned(), String::new());
                    let undo = Box::new(Undo::Text { file, before, after: None });
                    let (stack, title) = (stack(), "stack.yml".to_owned());
                    let chore = Chore::Discard { stack, title, undo };
                    sent(project().command("changes shop/live/web"), Effect::Project(chore))
                },
                "it is discarded",
            )
        },
        Case {
            answer: Some(|| said("it is taken as it is")),
            said: Some("it is taken as it is"),
            ..case(
                "accept",
                || {
                    let chore = Chore::Accept(stack());
                    sent(project().command("changes shop/live/web"), Effect::Project(chore))
                },
                "it is taken as it is",
            )
        },
    ]
}

const OUTSIDE: &str = "services:\n  web:\n    image: x:1\n    networks: [far]\nnetworks:\n  far: {external: true, name: nowhere}\n";

#[allow(clippy::too_many_lines, reason = "a table, a case each")]
fn of_documents() -> Vec<Case> {
    let case = |of, asked, shows| Case { of, asked, shows, said: None, newer: None, answer: None };
    vec![
        Case {
            newer: Some(|it| {
                it.press("esc").with_file(FILE, blog()).command(&format!("edit {FILE}"))
            }),
            ..case(
                "load",
                || {
                    let cockpit = Cockpit::demo().with_file(FILE, "# read\n").holding();
                    cockpit.command(&format!("edit {FILE}"))
                },
                "# read",
            )
        },
        Case {
            newer: Some(|it| it.written(FILE, "# theirs again\n")),
            ..case("look", || editor().holding().written(FILE, "# theirs\n"), "# theirs")
        },
        case(
            "facts",
            || {
                let cockpit = Cockpit::demo().with_file(FILE, OUTSIDE).holding();
                let cockpit = cockpit.command(&format!("edit {FILE}"));
                let loads = |it: &Effect| matches!(it, Effect::Document(_, Errand::Load));
                let at = cockpit.newest(loads);
                cockpit.deliver(at).answering()
            },
            "1 error",
        ),
        Case {
            said: Some("checked without its project: it is gone"),
            newer: Some(|it| sent(it, Effect::Document(of_project(), Errand::Beside))),
            answer: Some(|| Response::Document(Reply::Beside(Err("it is gone".to_owned())))),
            ..case("beside", || project().command("edit shop/live/web"), "it is gone")
        },
        Case {
            newer: Some(|it| it.press("f10 down enter")),
            ..case(
                "deployed",
                || {
                    let old = SERVICES.replace("5.87", "5.86");
                    let cockpit = Cockpit::demo().with_release("blog", &old);
                    let cockpit = cockpit.with_file(FILE, SERVICES);
                    cockpit.command(&format!("edit {FILE}")).holding().press("f10 down enter")
                },
                "Differs from release 4 · 1 part",
            )
        },
        Case {
            newer: Some(|it| it.enter("y")),
            ..case("check", || editor().holding().enter("x"), "Additional property")
        },
        // What is deployed is saved first.
        case(
            "save",
            || editor().press("ctrl-end").enter("#").holding().press("f5"),
            "deploy as stack: ",
        ),
        Case {
            said: Some("wrote /srv/copy.yml"),
            answer: Some(|| said("wrote /srv/copy.yml")),
            ..case(
                "write to",
                || editor().press("ctrl-p").enter("w /srv/copy.yml").press("enter"),
                "wrote /srv/copy.yml",
            )
        },
    ]
}

fn of_project() -> Document {
    Document::Stack { stack: stack(), file: "stack.yml".to_owned() }
}

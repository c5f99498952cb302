//! The only code that changes the model: an event in, effects out.

mod act;
mod ask;
mod project;
mod prompt;

use crate::{
    jobs::{News, Report, deploy::Order, watch::Interest},
    tui::{
        document::{Choice, Document},
        event::{Effect, Event, Notice, Place, PromptKind, Question, Request},
        keymap::Key,
        model::{Modal, Model, Prompt},
        projects::{Chore, Told},
        world::Page,
    },
};
use crossterm::event::{KeyEvent, KeyEventKind};
use std::collections::BTreeMap;

/// Takes in a fact and returns the work that follows from it.
pub fn update(model: &mut Model, event: Event) -> Vec<Effect> {
    let mut effects = Vec::new();
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => return effects,
        Event::Key(key) => press(model, key, &mut effects),
        Event::Paste(text) => paste(model, &text, &mut effects),
        Event::Mouse(mouse) => act::mouse(model, mouse, &mut effects),
        event => observe(model, &event, &mut effects),
    }
    let (screen, world) = model.screen_mut();
    let request = screen.begin(world);
    grant(model, request, &mut effects);
    let (screen, world) = model.screen_mut();
    screen.settle(world);
    want(model, &mut effects);
    effects
}

/// Asks for what the screen needs, where that is not what is being read.
pub fn want(model: &mut Model, effects: &mut Vec<Effect>) {
    let wants = model.screen().wants(&model.world);
    if wants == model.wants {
        return;
    }
    if wants.tasks != model.wants.tasks {
        effects.push(Effect::Watch(Interest { tasks: wants.tasks.clone(), again: model.again }));
    }
    if wants.logs != model.wants.logs {
        model.feed += 1;
        model.world.follow(wants.logs.clone());
        effects.push(Effect::Follow(wants.logs.clone().map(|it| (model.feed, it))));
    }
    if wants.page != model.wants.page {
        model.world.page =
            wants.page.clone().map(|object| Page { object, answer: None, names: BTreeMap::new() });
        effects.extend(wants.page.clone().map(Effect::Read));
    }
    if wants.history != model.wants.history {
        model.world.history.look(wants.history.clone());
        effects.extend(wants.history.clone().map(Effect::Recall));
    }
    if wants.panel != model.wants.panel {
        effects.extend(wants.panel.clone().map(|it| Effect::Project(Chore::Panel(it))));
    }
    model.wants = wants;
}

fn press(model: &mut Model, key: KeyEvent, effects: &mut Vec<Effect>) {
    model.world.forget_refusal();
    if let Some(Modal::Prompt(_)) = &model.modal {
        return prompt::press(model, key, effects);
    }
    match model.keymap.resolve(model.context(), Key::from(key)) {
        Some(action) if model.modal.is_some() => ask::act(model, action, effects),
        Some(action) => act::act(model, action, effects),
        None if model.modal.is_none() => {
            let (screen, world) = model.screen_mut();
            let request = screen.typed(world, key);
            grant(model, request, effects);
        }
        None => {}
    }
}

fn paste(model: &mut Model, text: &str, effects: &mut Vec<Effect>) {
    match &mut model.modal {
        Some(Modal::Prompt(prompt)) => {
            prompt.input.insert(text);
            prompt::typed(model);
        }
        Some(_) => {}
        None => {
            let (screen, world) = model.screen_mut();
            let request = screen.pasted(world, text);
            grant(model, request, effects);
        }
    }
}

/// The world takes a fact in, then the screen looks at it.
fn observe(model: &mut Model, event: &Event, effects: &mut Vec<Effect>) {
    let world = &mut model.world;
    match event {
        Event::Clock(now) => world.tick(*now),
        Event::View(view) => {
            world.see(view.as_ref().clone());
            reread(model, effects);
        }
        Event::Happened(happening) => world.happened(happening.clone()),
        Event::Report(report) => hear(model, report),
        Event::Log(feed, news) if *feed == model.feed => world.log(news),
        Event::Page(object, answer, names) => {
            if let Some(page) = world.page.as_mut().filter(|it| it.object == *object) {
                page.answer = Some(answer.clone());
                page.names.clone_from(names);
            }
        }
        Event::Resized(columns, rows) => world.size = (*columns, *rows),
        Event::Released(releases, figures) => {
            world.released(releases.clone(), figures.clone());
            effects.extend(model.wants.history.clone().map(Effect::Recall));
        }
        Event::Project(Told::Ready(order)) => plan(model, order.as_ref()),
        Event::Project(Told::Made { document, report }) => {
            project::made(model, document, report);
        }
        Event::Project(told) => {
            world.projects_told(told);
            if matches!(told, Told::Projects(_)) {
                let panel = model.wants.panel.clone();
                effects.extend(panel.map(|it| Effect::Project(Chore::Panel(it))));
            }
        }
        Event::Interrupted(found) => ask::interrupted(model, found, effects),
        Event::Recalled(at, answer) => world.recall(at, answer.clone()),
        Event::Open(document, stack) => {
            go(model, &Place::Editor(document.clone()));
            if let Some(stack) = stack {
                choose(model, document, &Choice::Stack(stack.clone()), effects);
            }
        }
        Event::Document(..) => return everywhere(model, event, effects),
        Event::Told(notice) => world.tell(notice.clone()),
        Event::Surveyed(answer) => act::clean(model, answer.clone()),
        Event::Log(..) | Event::Key(_) | Event::Paste(_) | Event::Mouse(_) | Event::Planned(..) => {
        }
    }
    let (screen, world) = model.screen_mut();
    let request = screen.observe(world, event);
    grant(model, request, effects);
}

/// Shows what a deployment would do; a plan of the same stack is an older one.
fn plan(model: &mut Model, order: &Order) {
    let place = Place::Plan(Box::new(order.clone()));
    model.screens.retain(|it| it.place() != place);
    go(model, &place);
}

/// What a document waits for reaches its editor also where another screen is on top.
fn everywhere(model: &mut Model, event: &Event, effects: &mut Vec<Effect>) {
    let world = &model.world;
    let observed = model.screens.iter_mut().filter_map(|it| it.observe(world, event));
    let requests: Vec<Request> = observed.collect();
    for request in requests {
        grant(model, Some(request), effects);
    }
}

/// Tells the editor of a document what was decided.
fn choose(model: &mut Model, document: &Document, choice: &Choice, effects: &mut Vec<Effect>) {
    let place = Place::Editor(document.clone());
    let editor = model.screens.iter_mut().find(|it| it.place() == place);
    let request = editor.and_then(|it| it.choose(choice));
    grant(model, request, effects);
}

/// A job says something; its own page says more than a notice.
fn hear(model: &mut Model, report: &Report) {
    model.world.hear(report.clone());
    let place = Place::Job(report.job);
    if let News::Started { title, .. } = &report.news
        && model.awaited.take_if(|it| it == title).is_some()
    {
        go(model, &place);
    }
    if model.screen().place() == place {
        model.world.notice = None;
    }
}

/// A page about something that changed is read again.
fn reread(model: &Model, effects: &mut Vec<Effect>) {
    use crate::domain::cluster::Object;
    let Some(page) = &model.world.page else { return };
    let shown = |field: &str| {
        page.answer
            .as_ref()
            .and_then(|it| it.as_ref().ok())
            .and_then(|it| it["Version"][field].as_u64())
    };
    let newest = match &page.object {
        Object::Service(id) => model.world.service(id).map(|it| it.version),
        Object::Node(id) => model.world.node(id).map(|it| it.version),
        _ => None,
    };
    if newest.is_some() && page.answer.is_some() && shown("Index") != newest {
        effects.push(Effect::Read(page.object.clone()));
    }
}

/// Does what a screen asked for.
fn grant(model: &mut Model, request: Option<Request>, effects: &mut Vec<Effect>) {
    match request {
        None => {}
        Some(Request::Go(place)) => go(model, &place),
        Some(Request::Back) => back(model, effects),
        Some(Request::Ask(question)) => model.modal = Some(Modal::Ask(question)),
        Some(Request::Do(effect)) => effects.push(effect),
        Some(Request::Say(notice)) => model.world.tell(notice),
        // Whoever is asked something else finds the notice.
        Some(Request::Menu(menu)) if model.modal.is_some() => {
            model.world.tell(Notice::Problem(menu.title));
        }
        Some(Request::Menu(menu)) => model.modal = Some(Modal::Menu(menu)),
        Some(Request::All(requests)) => {
            for it in requests {
                grant(model, Some(it), effects);
            }
        }
        Some(Request::Prompt(kind)) => {
            let text = match &kind {
                PromptKind::Deploy { proposed, .. }
                | PromptKind::Line { proposed, .. }
                | PromptKind::Parameter { proposed, .. } => proposed.clone(),
                _ => String::new(),
            };
            model.modal = Some(Modal::Prompt(Prompt::new(kind, &text)));
            prompt::offer(model);
        }
    }
}

/// Opens a screen on top of this one, or returns to it where it is open.
fn go(model: &mut Model, place: &Place) {
    model.previous = Some(model.screen().place());
    if let Some(at) = model.screens.iter().position(|it| it.place() == *place) {
        let screen = model.screens.remove(at);
        model.screens.push(screen);
    } else {
        let screen = model.open(place);
        model.screens.push(screen);
    }
    // A long way around is not a way back worth keeping; the first one stays.
    if model.screens.len() > MOST_SCREENS
        && let Some(at) = (1..model.screens.len()).find(|&it| model.screens[it].unsaved().is_none())
    {
        model.screens.remove(at);
    }
}

const MOST_SCREENS: usize = 20;

/// Leaves the screen; the first one is left by quitting only.
fn back(model: &mut Model, effects: &mut Vec<Effect>) {
    if let Some(loss) = model.screen().unsaved() {
        let text = vec![loss, String::new(), "Leave it unsaved?".to_owned()];
        let then = model.screen().discarded().into_iter().chain([Effect::Close]).collect();
        model.modal =
            Some(Modal::Ask(Question { title: "Unsaved changes".to_owned(), text, then }));
        return;
    }
    close(model, effects);
}

/// Closes the screen, whatever is lost.
fn close(model: &mut Model, _effects: &mut Vec<Effect>) {
    if model.screens.len() == 1 {
        model.world.tell(Notice::Done("this is the first view; q leaves skep".to_owned()));
        return;
    }
    model.previous = model.screens.pop().map(|it| it.place());
}

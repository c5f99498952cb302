//! The update function, the only code that changes the model: an event in, effects out.

mod outbox;
mod navigation;
mod editors;
mod offers;
mod facts;
mod copies;
mod habits;
mod ask;
mod unsaved;
mod quitting;
mod leaving;
mod project;
mod act;
mod prompt;
mod respond;
mod rush;

use crate::{
    domain::swarm::objects::AnyObject,
    jobs::watch::Interest,
    tui::{
        event::{Dispatch, Effect, Event, Fact, Notice, PromptKind, Request},
        keymap::{Context, Key},
        model::{Modal, Model},
        projects::Chore,
        prompt::Prompt,
        showing::writes,
        tickets::ScreenId,
        update::{
            navigation::{close, go, plan},
            outbox::Outbox,
            respond::{hear, respond},
        },
        world::RawObject,
    },
};
use crossterm::event::{KeyEvent, KeyEventKind};
use std::collections::BTreeMap;

/// Takes in a fact and returns the work that follows from it.
pub fn update(model: &mut Model, event: Event) -> Vec<Dispatch> {
    let shown = model.screens.top_id();
    let mut effects = Outbox::of(shown);
    model.pressed = matches!(event, Event::Key(_) | Event::Paste(_) | Event::Mouse(_));
    model.world.presses += u64::from(model.pressed);
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => return Vec::new(),
        Event::Key(key) => press(model, key, &mut effects),
        Event::Rush(keys) => {
            let events = rush::events(model, &keys);
            return events.into_iter().flat_map(|it| update(model, it)).collect();
        }
        Event::Paste(text) => paste(model, &text, &mut effects),
        Event::Mouse(mouse) => act::mouse(model, mouse, &mut effects),
        Event::Response(ticket, response) => respond(model, ticket, response, &mut effects),
        event => observe(model, event, &mut effects),
    }
    grant_all(model, &mut effects);
    ask_next(model);
    let top = model.screens.top_id();
    effects.turn_to(top);
    let (screen, world) = model.screen_mut();
    // It was told of nothing while it was covered.
    let missed = (top != shown).then(|| screen.observe(world, Fact::View)).flatten();
    let request = screen.begin(world);
    grant(model, top, missed, &mut effects);
    grant(model, top, request, &mut effects);
    let (screen, world) = model.screen_mut();
    screen.settle(world);
    read_for_screen(model, &mut effects);
    effects.dispatch(model)
}

/// Asks for what the screen needs before any event came.
pub fn want(model: &mut Model) -> Vec<Dispatch> {
    let mut effects = Outbox::of(model.screens.top_id());
    read_for_screen(model, &mut effects);
    effects.dispatch(model)
}

/// Asks for what the screen needs, where that is not what is being read.
fn read_for_screen(model: &mut Model, effects: &mut Outbox) {
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
        model.world.page = wants.page.clone().map(|object| RawObject {
            object,
            answer: None,
            names: BTreeMap::new(),
        });
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

fn press(model: &mut Model, key: KeyEvent, effects: &mut Outbox) {
    model.world.forget_refusal();
    if writes(key) {
        write_on(model);
    }
    if model.modal.is_none() && model.context() == Context::Editor {
        model.world.forget_what_was_done();
    }
    if let Some(Modal::Prompt(_)) = &model.modal {
        return prompt::press(model, key, effects);
    }
    if let Some(Modal::Leave(_)) = &model.modal {
        return leaving::press(model, key, effects);
    }
    let action = model.keymap.resolve(model.context(), Key::from(key));
    if habits::warn(model, Key::from(key), action) {
        return;
    }
    match action {
        Some(action) if model.modal.is_some() => ask::act(model, action, key, effects),
        Some(action) => {
            act::act(model, action, effects);
            grant_all(model, effects);
            habits::explain(model, Key::from(key), action);
        }
        None if model.modal.is_none() => {
            let (screen, world) = model.screen_mut();
            let request = screen.typed(world, key);
            let top = model.screens.top_id();
            grant(model, top, request, effects);
        }
        None => ask::no_answer(model, key),
    }
}

/// What is written on while something came by itself over the text answers nothing.
fn write_on(model: &mut Model) {
    if model.interrupts_a_text() {
        model.modal = None;
        let text = "you kept typing, so nothing was chosen; alt-d asks again, and so does saving";
        model.world.tell(Notice::Problem(text.to_owned()));
    }
}

fn paste(model: &mut Model, text: &str, effects: &mut Outbox) {
    write_on(model);
    match &mut model.modal {
        // What is pasted confirms nothing.
        Some(Modal::Prompt(Prompt { kind: PromptKind::Name { .. }, .. })) => {
            let why = "type it: pasted text does not confirm anything".to_owned();
            model.world.tell(Notice::Refused(why));
        }
        Some(Modal::Prompt(Prompt { kind: PromptKind::Dropped, .. })) => {}
        Some(Modal::Prompt(prompt)) => {
            prompt.input.insert(text);
            offers::typed(model);
        }
        Some(_) => model.world.tell(Notice::Refused(NO_KEY.to_owned())),
        None => {
            let (screen, world) = model.screen_mut();
            let request = screen.pasted(world, text);
            // Also what was typed right behind it may have come as a part of it.
            if request.is_none() && !screen.takes_text() {
                model.world.tell(Notice::Refused(NO_KEY.to_owned()));
            }
            let top = model.screens.top_id();
            grant(model, top, request, effects);
        }
    }
}

/// Why nothing happens where somebody pastes.
const NO_KEY: &str = "there is no text field here: pasted text is ignored";

/// The world takes a fact in, then the screen that is shown looks at it; what is known of
/// projects is looked at by all, as those below show it as well.
fn observe(model: &mut Model, event: Event, effects: &mut Outbox) {
    let fact = learn(model, event, effects);
    grant_all(model, effects);
    if matches!(fact, Fact::View | Fact::Report) {
        ask::renew(model, effects);
    }
    let top = model.screens.top_id();
    let ids = if fact == Fact::Projects { model.screens.ids() } else { vec![top] };
    for id in ids {
        let Some(screen) = model.screens.get_mut(id) else { continue };
        let request = screen.observe(&model.world, fact);
        grant(model, id, request, effects);
    }
}

fn learn(model: &mut Model, event: Event, effects: &mut Outbox) -> Fact {
    let world = &mut model.world;
    match event {
        Event::Clock(now) => {
            world.tick(now);
            return Fact::Clock;
        }
        Event::View(view) => {
            world.see(*view);
            reread(model, effects);
            read_more(model);
            return Fact::View;
        }
        Event::Report(report) => {
            hear(model, report, effects);
            return Fact::Report;
        }
        Event::Resized(columns, rows) => {
            world.size = (columns, rows);
            return Fact::Resized;
        }
        Event::Projects(projects) => {
            world.see_projects(*projects);
            let panel = model.wants.panel.clone();
            effects.extend(panel.map(|it| Effect::Project(Chore::Panel(it))));
            read_more(model);
            return Fact::Projects;
        }
        Event::ProjectsMissed(why) => {
            world.miss_projects(why);
            return Fact::Projects;
        }
        Event::Happened(happening) => world.happened(happening),
        Event::Log(feed, news) if feed == model.feed => {
            world.log(&news);
            return Fact::Log;
        }
        Event::Released(releases, figures) => {
            world.released(releases, figures);
            effects.extend(model.wants.history.clone().map(Effect::Recall));
        }
        Event::Interrupted(found) => ask::interrupted(model, &found, effects),
        Event::Told(notice) => world.tell(notice),
        Event::Log(..)
        | Event::Key(_)
        | Event::Rush(_)
        | Event::Paste(_)
        | Event::Mouse(_)
        | Event::Response(..) => {}
    }
    Fact::Other
}

/// What waited for something to be read goes on: the first view, and what may be typed.
fn read_more(model: &mut Model) {
    model.show_opening();
    if let Some(Modal::Prompt(it)) = &model.modal
        && it.offers.is_empty()
        && it.refused.is_none()
        && matches!(it.kind, PromptKind::Command)
    {
        offers::typed(model);
    }
}

/// A page about something that changed is read again.
fn reread(model: &Model, effects: &mut Outbox) {
    use crate::domain::swarm::cluster::Object;
    let Some(page) = &model.world.page else { return };
    let answer = page.answer.as_ref().and_then(|it| it.as_ref().ok());
    let shown = || answer.and_then(|it| AnyObject(it).version());
    let newest = match &page.object {
        Object::Service(id) => model.world.service(id).map(|it| it.version),
        Object::Node(id) => model.world.node(id).map(|it| it.version),
        _ => None,
    };
    if newest.is_some() && page.answer.is_some() && shown() != newest {
        effects.push(Effect::Read(page.object.clone()));
    }
}

/// Does what screens asked for meanwhile.
fn grant_all(model: &mut Model, effects: &mut Outbox) {
    while let Some((by, request)) = effects.next_request() {
        grant(model, by, Some(request), effects);
    }
}

/// Does what a screen asked for. One that is not shown opens no other.
fn grant(model: &mut Model, by: ScreenId, request: Option<Request>, effects: &mut Outbox) {
    let shown = model.screens.top_id() == by;
    match request {
        None => {}
        Some(Request::Go(place)) if shown => go(model, &place),
        Some(Request::Back) if shown => back(model),
        Some(Request::Go(_) | Request::Back) => {}
        Some(Request::Ask(question)) => ask_for(model, by, Modal::Ask(question)),
        Some(Request::Menu(menu)) => ask_for(model, by, Modal::Menu(menu)),
        Some(Request::Prompt(kind)) => {
            let prompt = Prompt::new(kind.clone(), proposed(&kind));
            ask_for(model, by, Modal::Prompt(prompt));
        }
        Some(Request::Do(effect)) => {
            let before = effects.turn_to(by);
            effects.push(effect);
            effects.turn_to(before);
        }
        Some(Request::Say(notice)) => model.world.tell(notice),
        Some(Request::Plan(order)) if shown => plan(model, &order),
        Some(Request::Plan(_)) => {}
        Some(Request::Command(line)) if shown => {
            prompt::run(model, &line, effects);
            grant_all(model, effects);
        }
        Some(Request::Command(_)) => {}
        Some(Request::Left { saved }) => {
            leaving::left(model, by, saved, effects);
            grant_all(model, effects);
        }
        Some(Request::All(requests)) => {
            for it in requests {
                grant(model, by, Some(it), effects);
            }
        }
    }
}

/// Lets a screen ask; while it is not shown, or something else is asked, that waits.
fn ask_for(model: &mut Model, by: ScreenId, modal: Modal) {
    if model.screens.top_id() != by {
        let place = model.screens.get(by).map(|it| it.crumb(&model.world)).unwrap_or_default();
        let title = match &modal {
            Modal::Ask(question) => &question.title,
            Modal::Menu(menu) => &menu.title,
            Modal::Prompt(_) | Modal::Leave(_) => "a question",
        };
        let text = format!("{title} (asked in {place})");
        model.world.tell(Notice::Problem(text));
    }
    let free = model.modal.is_none();
    model.ask_later(Some(by), modal);
    if free {
        offers::offer(model);
    }
}

/// Asks the question that waited longest, once nothing else is asked.
fn ask_next(model: &mut Model) {
    if model.modal.is_none() {
        model.ask_next();
        offers::offer(model);
    }
}

/// Returns what a prompt begins with.
fn proposed(kind: &PromptKind) -> &str {
    match kind {
        PromptKind::Deploy { proposed, .. }
        | PromptKind::Line { proposed, .. }
        | PromptKind::Parameter { proposed, .. } => proposed,
        _ => "",
    }
}

/// Leaves the screen; the first one is left by quitting only. Where something would be
/// lost it is asked first.
fn back(model: &mut Model) {
    let id = model.screens.top_id();
    if !unsaved::ask(model, vec![id], None) {
        close(model, id);
    }
}

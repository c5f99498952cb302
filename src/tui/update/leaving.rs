//! Leaving what is not saved: it is asked what becomes of it, and nothing goes before
//! that was answered.

use crate::{
    domain::{
        draft::Draft,
        text::{age::age, count::counted},
    },
    tui::{
        document::{Choice, Document},
        event::{Effect, Menu, Notice, Place, PromptKind, Question},
        model::{Leave, Modal, Model, Parting},
        prompt::Prompt,
        screens::Screen,
        showing::{Showing, writes},
        tickets::ScreenId,
        update::{act, ask, close, grant, outbox::Outbox},
        vi::FileCommand,
    },
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Asks what becomes of what is not saved; returns whether there is anything.
pub fn ask(model: &mut Model, screens: Vec<ScreenId>, how: Option<Effect>) -> bool {
    let open = screens.iter().filter_map(|it| model.screens.get(*it));
    // What is kept is lost only with skep.
    let losing = open.filter(|it| how.is_some() || it.values().is_empty());
    let losing = losing.filter_map(Screen::unsaved);
    let losses: Vec<String> = losing.collect();
    if losses.is_empty() {
        return false;
    }
    let saves = screens.iter().any(|it| may_save(model, *it).is_ok());
    model.ask(Modal::Leave(Leave { screens, losses, saves, how, unsure: false }));
    true
}

/// Asks before skep or its engine is left; returns whether there is anything to ask.
pub fn ask_about_all(model: &mut Model, how: &Effect) -> bool {
    ask(model, unsaved(model), Some(how.clone()))
}

/// Takes a key while it is asked. Enter saves or stays; a letter that is no answer makes
/// the next enter do nothing, because it was typed for something else.
pub fn press(model: &mut Model, key: KeyEvent, effects: &mut Outbox) {
    let held = key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    let discards = key.code == KeyCode::Char('d');
    let saves = matches!(key.code, KeyCode::Enter | KeyCode::Char('s' | 'y' | 'S' | 'Y'));
    if (discards || saves) && !held && !model.is_read(discards) {
        return ask::tell_too_early(model, "that");
    }
    let Some(Modal::Leave(mut leave)) = model.modal.take() else { return };
    let ctrl_c = key.modifiers == KeyModifiers::CONTROL && key.code == KeyCode::Char('c');
    match key.code {
        _ if ctrl_c => stay(model),
        KeyCode::Esc => stay(model),
        KeyCode::Char('n' | 'N') if !held => stay(model),
        KeyCode::Enter if !held && leave.unsure => {
            model.showing = Showing::default();
            model.modal = Some(Modal::Leave(Leave { unsure: false, ..leave }));
        }
        _ if !held && saves => save(model, leave, effects),
        _ if !held && discards => discard(model, leave, effects),
        // Hands that know vi: the command says what becomes of it.
        KeyCode::Char(':') => model.ask(Modal::Prompt(Prompt::new(PromptKind::Command, ""))),
        _ => {
            leave.unsure |= !held;
            model.modal = Some(Modal::Leave(leave));
            if writes(key) {
                model.showing.type_into(model.stroke);
            }
        }
    }
}

/// A question is left: hands that know vi may go on with a command.
pub fn stay(model: &mut Model) {
    if model.modal.is_none() {
        model.screen_mut().0.stay();
    }
}

/// Does what a command about files says.
pub fn command(model: &mut Model, command: &FileCommand, effects: &mut Outbox) {
    let id = model.screens.top_id();
    let file = matches!(model.screen().place(), Place::Editor(_));
    match command {
        FileCommand::Quit { anyway: false } => act::leave(model, Effect::Quit, effects),
        FileCommand::Quit { anyway: true } => {
            give_up(model, &unsaved(model), Some(Effect::Quit), effects);
        }
        FileCommand::WriteAll => save_all(model, effects),
        FileCommand::WriteAllAndQuit => save_all_and(model, Effect::Quit, effects),
        FileCommand::Leave { anyway: true } if model.screen().unsaved().is_some() => {
            give_up(model, &[id], None, effects);
        }
        FileCommand::WriteAndLeave if file && model.screen().unsaved().is_some() => {
            save_and(model, &[id], None, effects);
        }
        FileCommand::Leave { .. } | FileCommand::WriteAndLeave => out(model, effects),
        _ if !file => {
            let why = "there is no file here: `e` on a stack opens its file, `:edit FILE` any";
            model.world.tell(Notice::Refused(why.to_owned()));
        }
        FileCommand::Write if may_save(model, id).is_err() => tell_why_not(model, id),
        about_file => {
            let (screen, world) = model.screen_mut();
            let request = screen.file_command(world, about_file);
            grant(model, id, request, effects);
        }
    }
}

/// What was to be saved before leaving is saved, or cannot be: then nobody leaves.
pub fn left(model: &mut Model, id: ScreenId, saved: bool, effects: &mut Outbox) {
    if !saved {
        model.parting = None;
        return;
    }
    let Some(parting) = &mut model.parting else {
        let name = model.screens.get(id).map(|it| it.crumb(&model.world)).unwrap_or_default();
        close(model, id);
        return model.world.tell(Notice::Done(format!("saved and left: {name}")));
    };
    parting.waits_for.retain(|it| *it != id);
    if parting.waits_for.is_empty()
        && let Some(parting) = model.parting.take()
    {
        act::leave(model, parting.how, effects);
    }
}

/// Offers the texts that are not saved, to open one.
pub fn offer_drafts(
    model: &mut Model,
    by: ScreenId,
    found: &Result<Vec<(Document, Draft)>, String>,
) {
    let found = match found {
        Ok(found) => found,
        Err(why) => return model.world.tell(Notice::Problem(why.clone())),
    };
    if found.is_empty() {
        let text = "nothing that is not saved, and nothing was discarded in the last week";
        return model.world.tell(Notice::Done(text.to_owned()));
    }
    let now = model.world.now;
    let row = |(document, draft): &(Document, Draft)| {
        let word = if draft.discarded { "discarded" } else { "not saved," };
        let lines = counted(draft.text.lines().count() as u64, "line", "lines");
        let text = format!("{word} {} ago, {lines} · {}", age(draft.at, now), document.name());
        let offer = Effect::Choose(document.clone(), Choice::Offer(draft.clone()));
        Menu::row(&document.short_name(), &text, vec![Effect::Edit(document.clone()), offer])
    };
    let mut rows: Vec<(String, Question)> = found.iter().take(LISTED).map(row).collect();
    if found.len() > LISTED {
        let text = format!("and {} older: `skep drafts` lists all", found.len() - LISTED);
        rows.push(Menu::row("…", &text, Vec::new()));
    }
    let title = "Texts that are not saved".to_owned();
    model.ask_later(Some(by), Modal::Menu(Menu { title, rows, cursor: 0 }));
}

/// So many texts are offered at once.
const LISTED: usize = 9;

/// Leaves a view as it is; the first one is left by leaving skep.
fn out(model: &mut Model, effects: &mut Outbox) {
    let id = model.screens.top_id();
    if model.screens.count() == 1 {
        act::leave(model, Effect::Quit, effects);
    } else if !ask(model, vec![id], None) {
        close(model, id);
    }
}

fn save(model: &mut Model, leave: Leave, effects: &mut Outbox) {
    save_and(model, &leave.screens, leave.how, effects);
}

fn save_all(model: &mut Model, effects: &mut Outbox) {
    for id in unsaved(model) {
        let Ok(()) = may_save(model, id) else { continue };
        let Some(screen) = model.screens.get_mut(id) else { continue };
        let request = screen.file_command(&model.world, &FileCommand::Write);
        grant(model, id, request, effects);
    }
}

fn save_all_and(model: &mut Model, how: Effect, effects: &mut Outbox) {
    let screens = unsaved(model);
    if screens.is_empty() {
        return act::leave(model, how, effects);
    }
    save_and(model, &screens, Some(how), effects);
}

/// Saves, and leaves once that is done; where something cannot be saved nobody leaves.
fn save_and(model: &mut Model, screens: &[ScreenId], how: Option<Effect>, effects: &mut Outbox) {
    if let Some(id) = screens.iter().find(|it| may_save(model, **it).is_err()) {
        return tell_why_not(model, *id);
    }
    model.parting = how.map(|how| Parting { how, waits_for: screens.to_vec() });
    for id in screens {
        let Some(screen) = model.screens.get_mut(*id) else { continue };
        let request = screen.save_to_leave();
        grant(model, *id, request, effects);
    }
}

fn discard(model: &mut Model, leave: Leave, effects: &mut Outbox) {
    give_up(model, &leave.screens, leave.how, effects);
}

/// Gives up what is not saved, which is kept for a while, and leaves.
fn give_up(model: &mut Model, screens: &[ScreenId], how: Option<Effect>, effects: &mut Outbox) {
    for id in screens {
        effects.extend(model.screens.get(*id).and_then(Screen::discarded));
    }
    if let Some(how) = how {
        return act::leave_anyway(model, how, effects);
    }
    let place = screens.last().and_then(|it| Some(model.screens.get(*it)?.place()));
    for id in screens {
        close(model, *id);
    }
    let Some(Place::Editor(document)) = place else { return };
    let (name, demo) = (document.short_name(), model.world.setting.demo);
    let until = if demo { "until the demo ends" } else { "for a week" };
    let text = format!(
        "left unsaved; the text stays in `:drafts` {until}, and is offered where {name} is opened"
    );
    model.world.tell(Notice::Done(text));
}

/// Returns the screens that would lose something.
fn unsaved(model: &Model) -> Vec<ScreenId> {
    let loses = |id: &ScreenId| model.screens.get(*id).is_some_and(|it| it.unsaved().is_some());
    model.screens.ids().into_iter().filter(loses).collect()
}

/// Says whether what a screen holds can be saved, or why not.
fn may_save(model: &Model, id: ScreenId) -> Result<(), &'static str> {
    match model.screens.get(id).map(Screen::place) {
        Some(Place::Editor(Document::Stack { .. })) if model.world.setting.read_only => {
            Err("read-only: nothing of projects can be changed here")
        }
        Some(Place::Editor(_)) => Ok(()),
        Some(Place::Form(..)) => Err("there is no file for these values yet: `f5` makes the stack"),
        _ => Err("there is nothing to save here"),
    }
}

fn tell_why_not(model: &mut Model, id: ScreenId) {
    if let Err(why) = may_save(model, id) {
        model.world.tell(Notice::Refused(why.to_owned()));
    }
}

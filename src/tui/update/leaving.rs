//! Leaving with unsaved text: asks to save, discard or stay.

use crate::tui::{
    event::{Destination, Effect, Notice, PromptKind},
    model::{Leave, Modal, Model, Parting},
    prompt::Prompt,
    screens::Screen,
    showing::{Showing, writes},
    tickets::ScreenId,
    update::{ask, navigation::close, outbox::Outbox, quitting, unsaved},
    vi::FileCommand,
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

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
        _ if ctrl_c => ask::stay(model),
        KeyCode::Esc => ask::stay(model),
        KeyCode::Char('n' | 'N') if !held => ask::stay(model),
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

/// Does what a command about files says.
pub fn command(model: &mut Model, command: &FileCommand, effects: &mut Outbox) {
    let id = model.screens.top_id();
    let file = matches!(model.screen().place(), Destination::Editor(_));
    match command {
        FileCommand::Quit { anyway: false } => quitting::leave(model, Effect::Quit, effects),
        FileCommand::Quit { anyway: true } => {
            give_up(model, &unsaved::screens(model), Some(Effect::Quit), effects);
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
        FileCommand::Write if unsaved::may_save(model, id).is_err() => tell_why_not(model, id),
        about_file => {
            let (screen, world) = model.screen_mut();
            let request = screen.file_command(world, about_file);
            effects.request(id, request);
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
        quitting::leave(model, parting.how, effects);
    }
}

/// Leaves a view as it is; the first one is left by leaving skep.
fn out(model: &mut Model, effects: &mut Outbox) {
    let id = model.screens.top_id();
    if model.screens.count() == 1 {
        quitting::leave(model, Effect::Quit, effects);
    } else if !unsaved::ask(model, vec![id], None) {
        close(model, id);
    }
}

fn save(model: &mut Model, leave: Leave, effects: &mut Outbox) {
    save_and(model, &leave.screens, leave.how, effects);
}

fn save_all(model: &mut Model, effects: &mut Outbox) {
    for id in unsaved::screens(model) {
        let Ok(()) = unsaved::may_save(model, id) else { continue };
        let Some(screen) = model.screens.get_mut(id) else { continue };
        let request = screen.file_command(&model.world, &FileCommand::Write);
        effects.request(id, request);
    }
}

fn save_all_and(model: &mut Model, how: Effect, effects: &mut Outbox) {
    let screens = unsaved::screens(model);
    if screens.is_empty() {
        return quitting::leave(model, how, effects);
    }
    save_and(model, &screens, Some(how), effects);
}

/// Saves, and leaves once that is done; where something cannot be saved nobody leaves.
fn save_and(model: &mut Model, screens: &[ScreenId], how: Option<Effect>, effects: &mut Outbox) {
    if let Some(id) = screens.iter().find(|it| unsaved::may_save(model, **it).is_err()) {
        return tell_why_not(model, *id);
    }
    model.parting = how.map(|how| Parting { how, waits_for: screens.to_vec() });
    for id in screens {
        let Some(screen) = model.screens.get_mut(*id) else { continue };
        let request = screen.save_to_leave();
        effects.request(*id, request);
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
        return quitting::leave_anyway(model, how, effects);
    }
    let place = screens.last().and_then(|it| Some(model.screens.get(*it)?.place()));
    for id in screens {
        close(model, *id);
    }
    let Some(Destination::Editor(document)) = place else { return };
    let (name, demo) = (document.short_name(), model.world.setting.demo);
    let until = if demo { "until the demo ends" } else { "for a week" };
    let text = format!(
        "not saved; the text stays in `:drafts` {until}, and is offered when you open {name} again"
    );
    model.world.tell(Notice::Done(text));
}

fn tell_why_not(model: &mut Model, id: ScreenId) {
    if let Err(why) = unsaved::may_save(model, id) {
        model.world.tell(Notice::Refused(why.to_owned()));
    }
}

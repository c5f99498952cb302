//! Leaving skep for good, or for another engine.

use crate::tui::{
    event::{Effect, Question},
    model::{Modal, Model},
    update::{outbox::Outbox, unsaved},
};

/// Leaving, for good or for another engine, asks where something would be lost or
/// left half done.
pub fn leave(model: &mut Model, how: Effect, effects: &mut Outbox) {
    if !unsaved::ask_about_all(model, &how) {
        leave_anyway(model, how, effects);
    }
}

/// The same, where what is not saved was decided about.
pub fn leave_anyway(model: &mut Model, how: Effect, effects: &mut Outbox) {
    let Some(text) = still_running(model, &how) else { return effects.push(how) };
    let title = match &how {
        Effect::Switch(context) => format!("Leave this cluster for {context}?"),
        _ => "Leave skep?".to_owned(),
    };
    model.ask(Modal::Ask(Question { title, text, then: vec![how] }));
}

/// Says what runs, and what becomes of it; nothing where nothing does.
fn still_running(model: &Model, how: &Effect) -> Option<Vec<String>> {
    let running: Vec<&str> =
        model.world.jobs().filter(|it| it.verdict.is_none()).map(|it| it.title.as_str()).collect();
    let becomes = match how {
        Effect::Switch(_) => "Each keeps running, and skep closes once they are done.",
        _ => {
            "Each is cancelled at the next safe point; a deployment is rolled back. skep waits for that."
        }
    };
    let names = format!("Still running: {}.", running.join(", "));
    (!running.is_empty()).then(|| vec![names, becomes.to_owned()])
}

/// Has the question about leaving say what runs now.
pub fn still_leaving(model: &mut Model) {
    let Some(Modal::Ask(Question { then, .. })) = &model.modal else { return };
    let [how @ (Effect::Quit | Effect::Switch(_))] = then.as_slice() else { return };
    let now = still_running(model, how);
    let now = now.unwrap_or_else(|| vec!["It ended meanwhile: nothing is rolled back.".to_owned()]);
    if let Some(Modal::Ask(question)) = &mut model.modal {
        question.text = now;
    }
}

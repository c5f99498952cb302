//! What editors are told by others.

use crate::tui::{
    document::{Choice, Document},
    event::Destination,
    model::Model,
    update::outbox::Outbox,
};

/// Tells the editor of a document what was decided.
pub fn choose(model: &mut Model, document: &Document, choice: &Choice, effects: &mut Outbox) {
    let place = Destination::Editor(document.clone());
    let Some(id) = model.screens.find(&place) else { return };
    let request = model.screens.get_mut(id).and_then(|it| it.choose(&model.world, choice));
    effects.request(id, request);
}

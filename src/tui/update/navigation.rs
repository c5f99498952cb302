//! Going from screen to screen.

use crate::{
    jobs::deploy::{DeployOrder, Proposal},
    tui::{
        event::{Destination, Notice},
        model::Model,
        tickets::ScreenId,
    },
};

/// Opens a screen on top of this one, or returns to it where it is open.
pub fn go(model: &mut Model, place: &Destination) {
    model.previous = Some(model.screen().place());
    model.world.leave_view();
    model.finds_with_ctrl_f |= matches!(place, Destination::Editor(_));
    if !model.screens.raise(place) {
        let mut screen = model.open(place);
        if let Destination::Editor(document) = place
            && let Some(spot) = model.spots.get(&document.key())
        {
            screen.return_to(*spot);
        }
        if let Some(values) = model.kept.form(place) {
            screen.resume(values);
            let text = "the values that you typed before are here again".to_owned();
            model.world.tell(Notice::Hint(text));
        }
        model.screens.push(screen);
    }
    // A long way around is not a way back worth keeping; the first one stays.
    model.screens.forget_beyond(MOST_SCREENS);
}

/// Shows what a deployment would do; it is confirmed there. A plan of the same stack may be
/// open: it is of an older text.
pub fn plan(model: &mut Model, order: &DeployOrder) {
    let place = Destination::Plan(Proposal::Files(Box::new(order.clone())));
    model.screens.close_where(|it| it.place() == place);
    go(model, &place);
}

const MOST_SCREENS: usize = 20;

/// Closes a screen, whatever is lost.
pub fn close(model: &mut Model, id: ScreenId) {
    if model.screens.leave_home(id) {
        model.world.leave_view();
        model.previous = Some(Destination::Board);
        return;
    }
    let Some(closed) = model.close(id) else {
        return model.world.tell(Notice::Done("this is the first view; q leaves skep".to_owned()));
    };
    let place = closed.place();
    model.world.leave_view();
    if let (Destination::Form(stack, template), false) = (&place, closed.values().is_empty()) {
        let again = format!(":template {stack} {}", template.name);
        let text = format!("what you typed is kept until skep ends; `{again}` continues it");
        model.world.tell(Notice::Hint(text));
    }
    model.left_editor = matches!(place, Destination::Editor(_));
    model.previous = Some(place);
}

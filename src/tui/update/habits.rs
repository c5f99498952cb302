//! Keys of the editor that are pressed in other views: a hint instead of an action.

use crate::tui::{
    event::Notice,
    keymap::{Action, Context, Key},
    model::Model,
};

/// Keys of editors that mean nothing in other views, and what is meant there.
const NOTHING_HERE: &[(&str, &str)] = &[
    ("ctrl-s", "there is nothing to save here; `W` writes what this view shows into a file"),
    ("ctrl-q", "`esc` leaves this view, `q` leaves skep"),
    ("ctrl-w", "`esc` leaves this view, `/` finds"),
    ("ctrl-x", "`esc` leaves this view, `q` leaves skep; ctrl-x works in the editor only"),
    ("ctrl-o", "`e` opens the file of a stack, `:edit FILE` any"),
    ("ctrl-y", "there is nothing to redo here; ctrl-y works in the editor only"),
    ("ctrl-v", "your terminal pastes where something is typed; ctrl-v works in the editor only"),
];

/// Says what hands that come from the editor should know; returns whether the key is
/// done with.
pub fn warn(model: &mut Model, key: Key, action: Option<Action>) -> bool {
    let left = std::mem::take(&mut model.left_editor);
    if model.modal.is_some() || model.screen().context() == Context::Editor {
        return false;
    }
    let text = match action {
        Some(Action::Suspend) if left => {
            "you left the editor: there is nothing to undo here; ctrl-z again puts skep into the background, `-` goes back to the file"
        }
        Some(Action::Quit) if left && key.to_string() == "ctrl-c" => {
            "you left the editor: there is nothing to copy here; ctrl-c again leaves skep, `-` goes back to the file"
        }
        Some(_) => return false,
        None => {
            let name = key.to_string();
            let Some((_, text)) = NOTHING_HERE.iter().find(|it| it.0 == name) else { return false };
            text
        }
    };
    model.world.tell(Notice::Hint(text.to_owned()));
    true
}

/// Says after a key what it did, where it does something else in the editor.
pub fn explain(model: &mut Model, key: Key, action: Action) {
    let pages = action == Action::PageDown && key.to_string() == "ctrl-f";
    if pages && std::mem::take(&mut model.finds_with_ctrl_f) {
        let text = "ctrl-f turns the page here; `/` finds";
        model.world.tell(Notice::Hint(text.to_owned()));
    }
}

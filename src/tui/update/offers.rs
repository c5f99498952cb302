//! What a line at the bottom offers while one types, and what it does on the way.

use crate::tui::{
    command::{self, editing},
    event::PromptKind,
    keymap::Context,
    model::{Modal, Model},
};

/// Shows what may be typed from the start, where that is known.
pub fn offer(model: &mut Model) {
    if let Some(Modal::Prompt(prompt)) = &model.modal
        && matches!(
            prompt.kind,
            PromptKind::Line { .. } | PromptKind::Parameter { .. } | PromptKind::Command
        )
    {
        typed(model);
    }
}

/// Filters live; offers what a command may become.
pub fn typed(model: &mut Model) {
    let Some(Modal::Prompt(prompt)) = &mut model.modal else { return };
    let text = prompt.input.text().to_owned();
    (prompt.refused, prompt.chosen) = (None, None);
    match prompt.kind {
        PromptKind::Command => {
            let names = match model.screens.top().context() {
                Context::Editor => editing::complete(&text),
                _ => Vec::new(),
            };
            let others = command::complete(&text, &model.world);
            let others = others.into_iter().filter(|it| !names.contains(it)).collect::<Vec<_>>();
            prompt.offers = names.into_iter().chain(others).collect();
        }
        PromptKind::Line { ref among, .. } => {
            let fits = |it: &&String| it.contains(text.as_str());
            let mut fit: Vec<String> = among.iter().filter(fits).cloned().collect();
            fit.sort_by_key(|it| !it.starts_with(text.as_str()));
            prompt.offers = fit;
        }
        PromptKind::Parameter { ref parameter, .. } => {
            prompt.offers = offers(parameter.values(), &text);
        }
        PromptKind::Filter => {
            let (screen, world) = model.screen_mut();
            screen.filter(world, &text);
        }
        PromptKind::Search => model.screen_mut().0.search_along(text.trim()),
        PromptKind::Dropped
        | PromptKind::Replicas(_)
        | PromptKind::Deploy { .. }
        | PromptKind::Value { .. }
        | PromptKind::Name { .. } => {}
    }
}

/// Returns the values that a text may become; where it is one already, those after it.
fn offers(mut values: Vec<String>, text: &str) -> Vec<String> {
    if let Some(at) = values.iter().position(|it| it == text) {
        values.rotate_left(at);
        values.remove(0);
        return values;
    }
    values.retain(|it| it.contains(text));
    values.sort_by_key(|it| !it.starts_with(text));
    values
}

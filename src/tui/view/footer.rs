//! The two lines at the bottom: what happened or is being typed, and the keys.

use crate::{
    domain::text::elide,
    tui::{
        document::Ask,
        event::{Notice, PromptKind, Question},
        keymap::{Action, Binding, Context, Key},
        model::{Modal, Model, Prompt},
        theme::Theme,
        view::welcome,
        widgets::Look,
    },
};
use crossterm::event::KeyCode;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};
use unicode_width::UnicodeWidthStr;

/// Draws the prompt, or the newest message, or the way here.
pub fn message(model: &Model, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = look.theme;
    if let Some(Modal::Prompt(prompt)) = &model.modal {
        return draw_prompt(prompt, theme, area, buffer);
    }
    let (text, style) = match &model.world.notice {
        Some((_, Notice::Done(text) | Notice::Hint(text))) => (text.clone(), theme.accent),
        Some((_, Notice::Problem(text) | Notice::Refused(text))) => {
            (format!("{} {text}", theme.glyphs.warn), theme.danger)
        }
        None => (crumbs(model, look, usize::from(area.width.saturating_sub(2))), theme.muted),
    };
    let text = elide::end(&text, usize::from(area.width.saturating_sub(2))).into_owned();
    buffer.set_stringn(area.x + 1, area.y, text, usize::from(area.width.saturating_sub(1)), style);
}

/// Returns whether what was typed is not taken, which the line of the keys says.
pub fn refuses(model: &Model) -> bool {
    matches!(&model.modal, Some(Modal::Prompt(it)) if it.refused.is_some())
}

/// Draws the keys that count here, the most particular first.
pub fn keys(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(Modal::Prompt(Prompt { refused: Some(why), .. })) = &model.modal {
        let text = format!("{} {why}", theme.glyphs.warn);
        let text = elide::end(&text, usize::from(area.width.saturating_sub(2)));
        buffer.set_string(area.x + 1, area.y, text, theme.danger);
        return;
    }
    let mut x = area.x + 1;
    for (key, label) in hints(model) {
        let width = key.width() + label.width() + 3;
        if x + u16::try_from(width).unwrap_or(u16::MAX) > area.right() {
            break;
        }
        let room = usize::from(area.right().saturating_sub(x));
        (x, _) = buffer.set_stringn(x, area.y, format!("<{key}>"), room, theme.accent);
        (x, _) = buffer.set_stringn(x, area.y, format!("{label} "), room, theme.muted);
    }
}

/// Returns key and label of what can be done now.
fn hints(model: &Model) -> Vec<(String, &'static str)> {
    if let Some(Modal::Prompt(prompt)) = &model.modal {
        let mut hints = vec![("enter".to_owned(), "accept"), ("esc".to_owned(), "leave it")];
        if matches!(prompt.kind, PromptKind::Line { ask: Ask::Service, .. }) {
            hints.push(("tab".to_owned(), "complete"));
        }
        if matches!(prompt.kind, PromptKind::Parameter { .. }) && !prompt.offers.is_empty() {
            hints.push(("tab".to_owned(), "next choice"));
        }
        if matches!(prompt.kind, PromptKind::Command) {
            hints.extend([("tab".to_owned(), "complete"), ("up".to_owned(), "earlier")]);
        }
        return hints;
    }
    let context = model.context();
    if context == Context::Dialog {
        return dialog_hints(model);
    }
    let mut hints: Vec<(String, &'static str)> = Vec::new();
    let mut seen = Vec::new();
    let help = |it: &&Binding| it.action == Action::Help;
    let reachable: Vec<&Binding> = model.keymap.reachable(context).collect();
    // Help comes first: it leads to all the others.
    for binding in
        reachable.iter().filter(|it| help(it)).chain(reachable.iter().filter(|it| !help(it)))
    {
        let action = binding.action;
        let empty = welcome::is_due(model) && !counts_without_a_cluster(action);
        if worth_a_hint(action)
            && !empty
            && model.availability(action).is_ok()
            && !seen.contains(&action)
            && model.keymap.key_for(context, action) == Some(binding.key)
        {
            seen.push(action);
            hints.push((at_hand(model, binding).to_string(), action.label()));
        }
    }
    hints
}

/// Returns the key to show: not a function key where another does the same and those are
/// hard to reach.
fn at_hand(model: &Model, binding: &Binding) -> Key {
    let function = |key: Key| matches!(key.code, KeyCode::F(_));
    if model.world.setting.function_keys || !function(binding.key) {
        return binding.key;
    }
    let same = |it: &&Binding| it.action == binding.action && !function(it.key);
    let context = model.context();
    let others = model.keymap.reachable(context).filter(same).map(|it| it.key);
    let counts = |it: &Key| model.keymap.resolve(context, *it) == Some(binding.action);
    others.into_iter().find(counts).unwrap_or(binding.key)
}

fn dialog_hints(model: &Model) -> Vec<(String, &'static str)> {
    let key = |action, label| {
        let key = model.keymap.key_for(Context::Dialog, action)?;
        Some((key.to_string(), label))
    };
    let hints = match model.modal {
        Some(Modal::Menu(_)) => vec![
            key(Action::Confirm, "choose"),
            key(Action::Dismiss, "leave it"),
            key(Action::SelectNext, "down"),
            key(Action::SelectPrev, "up"),
        ],
        Some(Modal::Ask(Question { ref then, .. })) if then.is_empty() => {
            vec![key(Action::Dismiss, "close")]
        }
        Some(Modal::Leave(ref leave)) => {
            let save = leave.saves.then(|| ("s".to_owned(), "save"));
            return save
                .into_iter()
                .chain([("d".to_owned(), "discard"), ("esc".to_owned(), "stay")])
                .collect();
        }
        _ => vec![key(Action::Confirm, "yes"), key(Action::Dismiss, "no")],
    };
    hints.into_iter().flatten().collect()
}

fn counts_without_a_cluster(action: Action) -> bool {
    matches!(action, Action::Help | Action::Command | Action::Refresh | Action::Quit)
}

/// What everybody knows or seldom needs stands in the help only.
fn worth_a_hint(action: Action) -> bool {
    !matches!(
        action,
        Action::SelectNext
            | Action::SelectPrev
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last
            | Action::Left
            | Action::Right
            | Action::Suspend
            | Action::ClearMarks
            | Action::SortAge
            | Action::SortImage
            | Action::SortName
            | Action::SortState
            | Action::SortReverse
            | Action::SortNext
            | Action::FocusPrev
            | Action::PrevMatch
            | Action::PrevFinding
            | Action::Redo
            | Action::MendAll
            | Action::Comment
            | Action::OwnEditor
            | Action::MoveLineUp
            | Action::MoveLineDown
            | Action::DuplicateLine
            | Action::EraseLine
            | Action::SelectAll
            | Action::CopyText
            | Action::CutText
            | Action::PasteText
            | Action::Since1
            | Action::Since2
            | Action::Since3
            | Action::Since4
            | Action::Since5
            | Action::Since7
            | Action::Since8
            | Action::Since9
    )
}

fn draw_prompt(prompt: &Prompt, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let lead = match &prompt.kind {
        PromptKind::Command => ":".to_owned(),
        PromptKind::Filter => "/".to_owned(),
        PromptKind::Search => "find: ".to_owned(),
        PromptKind::Name { word, .. } => format!("production: type {word} to do it: "),
        PromptKind::Value { owner, name, secret } => {
            let shown = if *secret { ", which is not shown" } else { "" };
            format!("{name} of {owner}{shown}: ")
        }
        PromptKind::Parameter { parameter, .. } => {
            format!("{} ({}): ", parameter.name, parameter.kind.word())
        }
        PromptKind::Deploy { .. } => "deploy as stack: ".to_owned(),
        PromptKind::Line { ask, .. } => match ask {
            Ask::Replace => "replace: ".to_owned(),
            Ask::Service => "go to service: ".to_owned(),
            Ask::With(sought) => format!("replace {sought} by: "),
        },
        PromptKind::Replicas(services) => match services.as_slice() {
            [(_, name)] => format!("replicas of {name}: "),
            many => format!("replicas of {} services: ", many.len()),
        },
    };
    let room = |x: u16| usize::from(area.right().saturating_sub(x));
    let (x, _) = buffer.set_stringn(area.x + 1, area.y, &lead, room(area.x + 1), theme.accent);
    // A long text shows its end: the cursor must be seen.
    let hidden = matches!(prompt.kind, PromptKind::Value { secret: true, .. });
    let shown = |text: &str| match hidden {
        true => "•".repeat(text.chars().count()),
        false => text.to_owned(),
    };
    let before = shown(prompt.input.before_cursor());
    let before = tail(&before, room(x).saturating_sub(2));
    let after = shown(&prompt.input.text()[prompt.input.before_cursor().len()..]);
    let (at, _) = buffer.set_stringn(x, area.y, before, room(x), theme.text);
    let offer = begun(prompt);
    let (end, _) = buffer.set_stringn(at, area.y, after, room(at), theme.text);
    buffer.set_stringn(end, area.y, offer, room(end), theme.muted);
    if prompt.input.is_selected() {
        let selected = Rect::new(x, area.y, at.saturating_sub(x), 1).intersection(area);
        buffer.set_style(selected, Style::new().add_modifier(Modifier::REVERSED));
    }
    buffer.set_style(
        Rect::new(at, area.y, 1, 1).intersection(area),
        Style::new().add_modifier(Modifier::REVERSED),
    );
    draw_offers(
        prompt,
        theme,
        Rect { x: end.max(at) + 2, ..area }.intersection(area),
        offer,
        buffer,
    );
}

/// Returns the rest of the word that was begun, if one was.
fn begun(prompt: &Prompt) -> &str {
    let typed = prompt.input.text();
    if typed.is_empty() || typed.ends_with(' ') {
        return "";
    }
    prompt.offers.first().and_then(|it| it.strip_prefix(typed)).unwrap_or_default()
}

fn draw_offers(prompt: &Prompt, theme: &Theme, area: Rect, offer: &str, buffer: &mut Buffer) {
    let x = area.x + u16::try_from(offer.width()).unwrap_or(0) + 2;
    let offers = prompt.offers.iter().filter(|it| *it != prompt.input.text());
    let names: Vec<&str> = offers
        .skip(usize::from(!offer.is_empty()))
        .take(12)
        .filter_map(|it| it.rsplit(' ').next())
        .collect();
    let room = usize::from(area.right().saturating_sub(x));
    buffer.set_stringn(x.min(area.right()), area.y, names.join("  "), room, theme.muted);
}

/// Returns the end of a text that fits.
fn tail(text: &str, width: usize) -> &str {
    let mut rest = text;
    while rest.width() > width {
        let mut chars = rest.chars();
        chars.next();
        rest = chars.as_str();
    }
    rest
}

/// Returns the way here; where it is long, the end of it.
fn crumbs(model: &Model, look: &Look<'_>, room: usize) -> String {
    let arrow = format!(" {} ", look.theme.glyphs.folded);
    let all: Vec<String> = model.screens.iter().map(|it| it.crumb(look.world)).collect();
    let way = |from: usize| {
        let before = if from == 0 { "" } else { look.theme.glyphs.ellipsis };
        [before, &all[from..].join(&arrow)].concat()
    };
    let last = all.len().saturating_sub(1);
    (0..last).map(way).find(|it| it.width() <= room).unwrap_or_else(|| way(last))
}

//! The footer: messages or the prompt, and the keys.

use crate::{
    domain::text::elide,
    tui::{
        command,
        document::Ask,
        event::{Destination, Notice, PromptKind, Question},
        keymap::{Action, Binding, Context, Key},
        model::{Modal, Model},
        prompt::Prompt,
        theme::Theme,
        view::{message, welcome},
        widgets::DrawContext,
        world::World,
    },
};
use crossterm::event::KeyCode;
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
    widgets::{Clear, Widget},
};
use unicode_width::UnicodeWidthStr;

/// Draws the prompt, or the newest message, or the way here.
pub fn message(model: &Model, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = look.theme;
    if let Some(Modal::Prompt(prompt)) = &model.modal {
        return draw_prompt(prompt, look, area, buffer);
    }
    if let Some((text, style)) = told(model, theme) {
        return message::draw(&text, style, area, buffer);
    }
    let room = usize::from(area.width.saturating_sub(2));
    let text = with_hidden(crumbs(model, look, room), model, room);
    let text = elide::end(&text, room);
    buffer.set_stringn(area.x + 1, area.y, text, room + 1, theme.muted);
}

/// Returns the newest message, as far as it is shown.
fn told(model: &Model, theme: &Theme) -> Option<(String, Style)> {
    if matches!(model.modal, Some(Modal::Prompt(_))) {
        return None;
    }
    let (_, notice) = model.world.notice.as_ref()?;
    Some(match notice {
        Notice::Done(text) | Notice::Hint(text) => (text.clone(), theme.accent),
        Notice::Problem(text) | Notice::Refused(text) => {
            (format!("{} {text}", theme.glyphs.warn), theme.danger)
        }
    })
}

/// Returns why what was typed is not taken.
fn refusal(model: &Model, theme: &Theme) -> Option<String> {
    let Some(Modal::Prompt(Prompt { refused: Some(why), .. })) = &model.modal else { return None };
    Some(format!("{} {why}", theme.glyphs.warn))
}

/// Returns where the message and the line below it stand: what is long takes more lines,
/// over the end of what is drawn above.
pub fn places(
    model: &Model,
    theme: &Theme,
    message: Rect,
    foot: Rect,
    buffer: &mut Buffer,
) -> (Rect, Rect) {
    let count = |text: &str| message::lines(text, message.width).len();
    let (shown, below) = match (refusal(model, theme), told(model, theme)) {
        (Some(why), _) => {
            let below = message::raised(foot, count(&why));
            (Rect { y: below.y.saturating_sub(1), ..message }, below)
        }
        (None, Some((text, _))) => (message::raised(message, count(&text)), foot),
        (None, None) => (message, foot),
    };
    let covered = Rect { height: message.y.saturating_sub(shown.y), ..shown };
    Clear.render(covered, buffer);
    buffer.set_style(covered, theme.text);
    (shown, below)
}

/// Adds the panes that have no room, and the key that leads to them, where that fits.
fn with_hidden(crumbs: String, model: &Model, room: usize) -> String {
    // There is nothing in any of them yet.
    if model.world.view.read_at.is_none() || welcome::is_due(model) {
        return crumbs;
    }
    let hidden = model.screen().hidden(&model.world);
    let key = model.keymap.key_for(model.context(), Action::FocusNext);
    let Some(key) = key.filter(|_| !hidden.is_empty()) else { return crumbs };
    let text = format!("{crumbs}   not shown: {}; {key} goes there", hidden.join(", "));
    if text.width() <= room { text } else { crumbs }
}

/// Returns whether what was typed is not taken, which the line of the keys says.
pub fn refuses(model: &Model) -> bool {
    matches!(&model.modal, Some(Modal::Prompt(it)) if it.refused.is_some())
}

/// Draws the keys that count here, the most particular first.
pub fn keys(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    if let Some(text) = refusal(model, theme) {
        return message::draw(&text, theme.danger, area, buffer);
    }
    let hints = hints(model).within(usize::from(area.width.saturating_sub(1)));
    let Hints { first: shown, last, more, .. } = hints;
    let mut x = area.x + 1;
    let mut put = |text: &str, style| {
        let room = usize::from(area.right().saturating_sub(x));
        (x, _) = buffer.set_stringn(x, area.y, text, room, style);
    };
    for (key, label) in shown {
        put(&format!("<{key}>"), theme.accent);
        put(&format!("{label} "), theme.muted);
    }
    if more {
        put(theme.glyphs.ellipsis, theme.muted);
        put(" ", theme.muted);
    }
    for (key, label) in last {
        put(&format!("<{key}>"), theme.accent);
        put(&format!("{label} "), theme.muted);
    }
}

/// A key and its word.
type Hint = (String, &'static str);

/// What can be done now. Where there is no room, the end of the first ones is left out; of
/// the last ones, which lead to all the others and out of here, only some are spared.
#[derive(Default)]
struct Hints {
    first: Vec<Hint>,
    last: Vec<Hint>,
    /// So many of the first ones are for what is looked at, and not for every view.
    own: usize,
    /// So many of the last ones, at their beginning, go before too many of the first do.
    spared: usize,
    /// There is more to be done than there is room for.
    more: bool,
}

/// So many keys of what is looked at are worth more than those that every view has.
const ENOUGH: usize = 5;

impl Hints {
    /// Leaves out what has no room.
    fn within(mut self, width: usize) -> Self {
        let wanted = self.own.min(ENOUGH);
        while self.spared > 0 && self.fitting(width).0 < wanted {
            self.spared -= 1;
            self.last.remove(self.spared);
        }
        let (count, room) = self.fitting(width);
        self.more = count < self.first.len() && room >= 2;
        self.first.truncate(count);
        self
    }

    /// Returns how many of the first ones fit, and how many columns are left then.
    fn fitting(&self, width: usize) -> (usize, usize) {
        let cells = |it: &Hint| it.0.width() + it.1.width() + 3;
        let mut room = width.saturating_sub(self.last.iter().map(cells).sum());
        for (at, hint) in self.first.iter().enumerate() {
            // Two columns for the mark that there are more.
            let mark = if at + 1 == self.first.len() { 0 } else { 2 };
            if cells(hint) + mark > room {
                return (at, room);
            }
            room -= cells(hint);
        }
        (self.first.len(), room)
    }
}

fn hints(model: &Model) -> Hints {
    if let Some(Modal::Prompt(prompt)) = &model.modal {
        return prompt_hints(prompt);
    }
    let context = model.context();
    if context == Context::Dialog {
        return Hints { last: dialog_hints(model), ..Hints::default() };
    }
    let last = last_actions(model);
    let (mut first, mut own) = (Vec::<Hint>::new(), 0);
    let mut seen = last.clone();
    for binding in model.keymap.reachable(context) {
        let action = binding.action;
        if worth_a_hint(action)
            && (action != Action::NextMatch || !seeks_nothing(model))
            && counts(model, action)
            && !seen.contains(&action)
            && model.keymap.key_for(context, action) == Some(binding.key)
        {
            seen.push(action);
            own += usize::from(binding.context == context);
            first.push((at_hand(model, binding).to_string(), label(model, action)));
        }
    }
    let hint = |action: Action| {
        let mut bindings = model.keymap.reachable(context);
        let binding = bindings.find(|it| model.keymap.key_for(context, action) == Some(it.key))?;
        Some((at_hand(model, binding).to_string(), action.label()))
    };
    let spare = |it: &&Action| matches!(it, Action::Filter | Action::Search | Action::Overview);
    let spared = last.iter().take_while(spare).count();
    let last = last.into_iter().filter_map(hint).collect();
    Hints { first, own, last, spared, more: false }
}

/// Returns what a key does here, in a word: only on a plan the same key deploys.
fn label(model: &Model, action: Action) -> &'static str {
    match (action, model.screen().place()) {
        (Action::Deploy, Destination::Plan(_)) => "deploy",
        _ => action.label(),
    }
}

/// Returns whether nothing was sought in a page, so that there is no next match.
fn seeks_nothing(model: &Model) -> bool {
    model.context() == Context::Page && model.screen().filtered().is_empty()
}

fn counts(model: &Model, action: Action) -> bool {
    let empty = welcome::is_due(model) && !counts_without_a_cluster(action);
    !empty && model.availability(action).is_ok()
}

/// Returns what the line ends with on every screen: how to see less, what is wrong, how to
/// get anywhere else, out of here, and help.
fn last_actions(model: &Model) -> Vec<Action> {
    let has_key = |it: &Action| model.keymap.key_for(model.context(), *it).is_some();
    let can = |it: &Action| counts(model, *it) && has_key(it);
    let narrowing = [Action::Filter, Action::Search].into_iter().find(can);
    let steps_back = model.screens.count() > 1 || !model.screen().filtered().is_empty();
    let ways_out = match (model.context(), steps_back) {
        (Context::Editor, _) => [Action::Leave, Action::Back],
        (_, true) => [Action::Back, Action::Quit],
        (_, false) => [Action::Quit, Action::Back],
    };
    let there = model.screen().place() == Destination::Overview;
    let overview = Some(Action::Overview).filter(|it| !there && can(it));
    let out = ways_out.into_iter().find(can);
    let rest = [Some(Action::Command).filter(can), out, Some(Action::Help).filter(can)];
    [narrowing, overview].into_iter().chain(rest).flatten().collect()
}

fn prompt_hints(prompt: &Prompt) -> Hints {
    let hint = |key: &str, label| (key.to_owned(), label);
    let mut first = Vec::new();
    if matches!(prompt.kind, PromptKind::Line { ask: Ask::Service, .. }) {
        first.push(hint("tab", "complete"));
    }
    if matches!(prompt.kind, PromptKind::Parameter { .. }) && !prompt.offers.is_empty() {
        first.push(hint("tab", "next choice"));
    }
    if matches!(prompt.kind, PromptKind::Command) {
        first.extend([hint("tab", "choose"), hint("up", "earlier")]);
    }
    let last = vec![hint("enter", "ok"), hint("esc", "cancel")];
    Hints { first, last, ..Hints::default() }
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
        // Letters are written on there.
        Some(_) if model.interrupts_a_text() => {
            let answers = model.answers().into_iter().flatten().zip(["choose", "cancel"]);
            let arrows = ["down", "up"].map(|it| (it.to_owned(), it));
            answers.chain(arrows).map(Some).collect()
        }
        Some(Modal::Menu(_)) => vec![
            key(Action::Confirm, "choose"),
            key(Action::Dismiss, "cancel"),
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
    matches!(action, Action::Help | Action::Command | Action::Refresh | Action::Quit | Action::Back)
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
            | Action::FixAll
            | Action::Comment
            | Action::OwnEditor
            | Action::MoveLineUp
            | Action::MoveLineDown
            | Action::DuplicateLine
            | Action::EraseLine
            | Action::EraseToEnd
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

/// Returns what is asked for.
fn lead(prompt: &Prompt) -> String {
    match &prompt.kind {
        PromptKind::Command => ":".to_owned(),
        PromptKind::Filter => "/".to_owned(),
        PromptKind::Search => "find: ".to_owned(),
        PromptKind::Dropped => "press esc to go on: ".to_owned(),
        PromptKind::Name { word, .. } => format!("production: type {word} to do it: "),
        PromptKind::Value { owner, name, secret } => {
            let shown = if *secret { " (not shown)" } else { "" };
            format!("{name} of {owner}{shown}: ")
        }
        PromptKind::Parameter { parameter, .. } => {
            format!("{} ({}): ", parameter.name, parameter.kind.word())
        }
        PromptKind::Deploy { document, .. } => {
            format!("saved {}; deploy as stack: ", document.short_name())
        }
        PromptKind::Line { ask, .. } => match ask {
            Ask::Replace => "replace: ".to_owned(),
            Ask::Service => "go to service: ".to_owned(),
            Ask::With(sought) => format!("replace {sought} with: "),
        },
        PromptKind::Replicas(services) => match services.as_slice() {
            [(_, name)] => format!("replicas of {name}: "),
            many => format!("new number of replicas for each of {} services: ", many.len()),
        },
    }
}

fn draw_prompt(prompt: &Prompt, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = look.theme;
    let lead = lead(prompt);
    let room = |x: u16| usize::from(area.right().saturating_sub(x));
    let (x, _) = buffer.set_stringn(area.x + 1, area.y, &lead, room(area.x + 1), theme.accent);
    // A long text shows its end: the cursor must be seen.
    let text = shown(prompt, look.world);
    let letters = prompt.input.before_cursor().chars().count();
    let cut = text.char_indices().nth(letters).map_or(text.len(), |it| it.0);
    let (before, after) = text.split_at(cut);
    let before = tail(before, room(x).saturating_sub(2));
    let (at, _) = buffer.set_stringn(x, area.y, before, room(x), theme.text);
    let offer = begun(prompt);
    let (end, _) = buffer.set_stringn(at, area.y, after, room(at), theme.text);
    let (end, _) = buffer.set_stringn(end, area.y, where_from(prompt), room(end), theme.muted);
    buffer.set_stringn(end, area.y, offer, room(end), theme.muted);
    if prompt.input.is_selected() {
        let selected = Rect::new(x, area.y, at.saturating_sub(x), 1).intersection(area);
        buffer.set_style(selected, Style::new().add_modifier(Modifier::REVERSED));
    }
    buffer.set_style(
        Rect::new(at, area.y, 1, 1).intersection(area),
        Style::new().add_modifier(Modifier::REVERSED),
    );
    // Of a command they are listed above.
    if !matches!(prompt.kind, PromptKind::Command) {
        let area = Rect { x: end.max(at) + 2, ..area }.intersection(area);
        draw_offers(prompt, theme, area, offer, buffer);
    }
}

/// Returns what is seen of a text that is typed: a secret value is not.
fn shown(prompt: &Prompt, world: &World) -> String {
    let text = prompt.input.text();
    let from = match prompt.kind {
        PromptKind::Value { secret: true, .. } => Some(0),
        PromptKind::Command => command::hidden_from(text, world),
        _ => None,
    };
    let (open, hidden) = text.split_at(from.unwrap_or(text.len()));
    format!("{open}{}", "•".repeat(hidden.chars().count()))
}

/// Says where a text comes from that nobody typed just now, and what it is elsewhere.
fn where_from(prompt: &Prompt) -> String {
    match (prompt.resumed && prompt.input.is_selected(), prompt.before.as_str()) {
        (false, _) => String::new(),
        (true, "") => "  typed before".to_owned(),
        (true, now) => format!("  typed before; it is {now} now"),
    }
}

/// Returns the rest of the word that was begun, if one was.
fn begun(prompt: &Prompt) -> &str {
    let typed = prompt.input.text();
    if typed.is_empty() || typed.ends_with(' ') || prompt.chosen.is_some() {
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

/// Returns the way here; where it is long, the first step and the last ones.
fn crumbs(model: &Model, look: &DrawContext<'_>, room: usize) -> String {
    let arrow = format!(" {} ", look.theme.glyphs.folded);
    let all: Vec<String> = model.screens.iter().map(|it| it.crumb(look.world)).collect();
    let last = all.len().saturating_sub(1);
    let way = |from: usize| match from {
        0 | 1 => all.join(&arrow),
        from => {
            let middle = look.theme.glyphs.ellipsis.to_owned();
            [&all[..1], &[middle], &all[from..]].concat().join(&arrow)
        }
    };
    let first = all.len().saturating_sub(CRUMBS);
    let mut ways = (first..=last).map(way);
    ways.find(|it| it.width() <= room).unwrap_or_else(|| all[last].clone())
}

/// So many steps of the way here are named after the first.
const CRUMBS: usize = 3;

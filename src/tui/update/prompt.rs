//! The prompt at the bottom: commands, filters, numbers.

use crate::{
    domain::{
        logs::Window,
        swarm::{
            change::ServiceRef,
            names::{ServiceId, StackName},
        },
    },
    jobs::operations::Operation,
    tui::{
        command::{self, Command, editing},
        document::{Choice, Document},
        event::{Destination, Effect, Notice, PromptKind},
        keymap::{Action, Context},
        model::{Modal, Model, READ_ONLY},
        prompt::Prompt,
        update::{
            act, ask,
            editors::choose,
            leaving,
            navigation::{go, plan},
            offers::typed,
            outbox::Outbox,
            project, quitting,
        },
        vi,
        widgets::input::Input,
    },
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Takes a key while a prompt is open.
pub fn press(model: &mut Model, key: KeyEvent, effects: &mut Outbox) {
    let Some(Modal::Prompt(prompt)) = &mut model.modal else { return };
    let ctrl_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    let command = matches!(prompt.kind, PromptKind::Command);
    let dropped = matches!(prompt.kind, PromptKind::Dropped);
    let among = matches!(prompt.kind, PromptKind::Line { .. } | PromptKind::Parameter { .. });
    match key.code {
        _ if ctrl_c || key.code == KeyCode::Esc => {
            leave(model);
            ask::stay(model);
        }
        KeyCode::Enter => accept(model, effects),
        _ if dropped => {}
        // Who presses it again, after a command that was refused, begins anew.
        KeyCode::Char(':')
            if command && (prompt.input.text().is_empty() || prompt.input.is_selected()) =>
        {
            prompt.input = Input::with("");
            typed(model);
        }
        KeyCode::Right if command && !prompt.offers.is_empty() => complete(model),
        KeyCode::Tab if command && !prompt.offers.is_empty() => {
            let back = key.modifiers.contains(KeyModifiers::SHIFT);
            choose_offer(model, if back { -1 } else { 1 });
        }
        KeyCode::BackTab if command && !prompt.offers.is_empty() => choose_offer(model, -1),
        KeyCode::Tab if among && !prompt.offers.is_empty() => complete(model),
        KeyCode::Up if command && prompt.chosen.is_some() => choose_offer(model, -1),
        KeyCode::Up if command => recall(model, 1),
        KeyCode::Down if command && prompt.back > 0 => recall(model, -1),
        KeyCode::Down if command && !prompt.offers.is_empty() => walk(model, 1),
        // What is pressed next may be meant for the line as well.
        KeyCode::Backspace if prompt.input.text().is_empty() => {
            prompt.refused =
                Some("there is nothing more to erase; esc leaves this line".to_owned());
        }
        _ => {
            if prompt.input.press(key) {
                typed(model);
            }
        }
    }
}

/// Closes the prompt and takes back what it did while one typed. What was typed is kept.
fn leave(model: &mut Model) {
    let Some(Modal::Prompt(prompt)) = model.modal.take() else { return };
    let (screen, world) = model.screen_mut();
    match prompt.kind {
        PromptKind::Filter => screen.filter(world, &prompt.before),
        PromptKind::Search => screen.search_no_more(),
        PromptKind::Command => keep_command(model, &prompt),
        _ => {}
    }
    let crumb = model.screen().crumb(&model.world);
    model.kept.keep(&prompt, &crumb);
}

/// A command that was left is in the history until skep ends.
fn keep_command(model: &mut Model, prompt: &Prompt) {
    let text = prompt.input.text().trim_start_matches(':').trim();
    let typed = !text.is_empty() && text != prompt.before.trim();
    if typed && !command::is_about_a_secret(text, &model.world) {
        recallable(model, command::to_remember(text));
    }
}

fn recallable(model: &mut Model, line: String) {
    model.history.retain(|it| *it != line);
    model.history.push(line);
}

fn accept(model: &mut Model, effects: &mut Outbox) {
    let Some(Modal::Prompt(prompt)) = model.modal.take() else { return };
    let crumb = model.screen().crumb(&model.world);
    model.kept.forget(&prompt.kind, &crumb);
    // Blanks count where a text is replaced.
    let whole = prompt.input.text().to_owned();
    let text = whole.trim().to_owned();
    match prompt.kind {
        PromptKind::Line { document, ask, .. } => {
            choose(model, &document, &Choice::Typed(ask, whole), effects);
        }
        PromptKind::Command => run(model, &text, effects),
        PromptKind::Filter | PromptKind::Dropped => {}
        PromptKind::Search => {
            let (screen, world) = model.screen_mut();
            let request = screen.search(world, &text);
            let top = model.screens.top_id();
            effects.request(top, request);
        }
        // Nobody reads and types that fast, and what is pasted confirms nothing.
        PromptKind::Name { .. } if !model.is_read(false) => {
            let why = "not confirmed: it came too fast; press enter again".to_owned();
            let refused = Some(why);
            let prompt = Prompt { refused, ..prompt };
            model.modal = Some(Modal::Prompt(prompt));
        }
        PromptKind::Name { word, then } if text == word => ask::confirmed(model, then, effects),
        PromptKind::Name { ref word, .. } => {
            let why = format!("`{text}` is not `{word}`: left as it is; type it again, or esc");
            again(model, prompt, why);
        }
        PromptKind::Value { secret: true, .. } if whole.is_empty() => {
            let why = "nothing was typed: the secret stays as it is; esc closes this";
            again(model, prompt, why.to_owned());
        }
        PromptKind::Value { owner, name, secret } => {
            project::set_typed(model, owner, name, secret, whole, effects);
        }
        PromptKind::Parameter { ref parameter, .. } => match parameter.check(&text) {
            Ok(()) => model.screen_mut().0.fill(&parameter.name, text),
            Err(why) => again(model, prompt, why),
        },
        PromptKind::Replicas(ref services) => match text.parse() {
            Ok(replicas) => scale(model, services, replicas),
            Err(_) => again(model, prompt, format!("`{text}` is not a number of replicas")),
        },
        PromptKind::Deploy { ref document, text: ref source, .. } => match text.parse() {
            Ok(stack) => deploy(model, document, source.clone(), stack, effects),
            Err(err) => again(model, prompt, format!("{err}")),
        },
    }
}

/// Says why a line is not taken, and keeps it open: what is typed next is meant for it, and
/// is not a key of the screen.
fn again(model: &mut Model, prompt: Prompt, why: String) {
    model.ask(Modal::Prompt(Prompt { refused: Some(why), ..prompt }));
}

/// Runs a command. Who presses `:` again after one that was refused means no colon.
pub fn run(model: &mut Model, text: &str, effects: &mut Outbox) {
    let text = text.trim_start_matches(':').trim_start();
    if text.is_empty() {
        return;
    }
    match vi::parse(text) {
        Some(Ok(command)) => return leaving::command(model, &command, effects),
        Some(Err(why)) => return model.world.tell(Notice::Refused(why)),
        None => {}
    }
    if let Some(action) = named_in_editor(model, text) {
        return act::act(model, action, effects);
    }
    let selected = project::selected_owner(model);
    let understood = command::parse(text, selected.as_ref(), &model.world);
    if understood.is_ok() {
        remember(model, text, effects);
    }
    match understood {
        Err(why) if command::is_about_a_secret(text, &model.world) => {
            model.ask(Modal::Prompt(Prompt::dropped(why)));
        }
        Err(why) => refused(model, text, why),
        Ok(Command::Prompt(PromptKind::Value { secret: true, .. }))
            if model.world.setting.read_only =>
        {
            model.ask(Modal::Prompt(Prompt::dropped(READ_ONLY.to_owned())));
        }
        Ok(
            Command::Operation(_)
            | Command::Ask(_)
            | Command::Prompt(_)
            | Command::Do(Effect::Survey(_) | Effect::Project(_)),
        ) if model.world.setting.read_only => {
            model.world.tell(Notice::Refused(READ_ONLY.to_owned()));
        }
        Ok(Command::Go(place)) => jump(model, &place),
        Ok(Command::Since(place, window)) => since(model, place.as_ref(), window),
        Ok(Command::Act(action)) => act::act(model, action, effects),
        Ok(Command::Do(effect @ Effect::Switch(_))) => quitting::leave(model, effect, effects),
        Ok(Command::Do(effect)) => effects.push(effect),
        Ok(Command::Ask(question)) => model.ask(Modal::Ask(question)),
        Ok(Command::Prompt(kind)) => model.ask(Modal::Prompt(Prompt::new(kind, ""))),
        Ok(Command::Operation(operation)) => {
            ask::about(model, vec![operation], effects);
        }
    }
}

fn remember(model: &mut Model, text: &str, effects: &mut Outbox) {
    let kept = command::to_remember(text);
    recallable(model, kept.clone());
    effects.push(Effect::Remember(kept));
}

/// Says why a command is not taken, and keeps the line open: what is typed next is meant
/// for it, and not for the screen. It takes the place of what is there.
fn refused(model: &mut Model, text: &str, why: String) {
    if model.modal.is_some() {
        return model.world.tell(Notice::Refused(why));
    }
    let mut prompt = Prompt::new(PromptKind::Command, "");
    prompt.input = Input::selected(text);
    prompt.refused = Some(why);
    model.ask(Modal::Prompt(prompt));
}

/// Goes to where a command leads; what was filtered there before is not meant now.
fn jump(model: &mut Model, place: &Destination) {
    go(model, place);
    let (screen, world) = model.screen_mut();
    if !matches!(place, Destination::Editor(_)) && !screen.filtered().is_empty() {
        screen.filter(world, "");
    }
}

fn since(model: &mut Model, place: Option<&Destination>, window: Window) {
    if let Some(place) = place {
        go(model, place);
    }
    let (screen, world) = model.screen_mut();
    if !screen.show_from(world, window) {
        let text = "no logs are shown here: `l` opens them, or `:logs NAME --since 3h`".to_owned();
        model.world.tell(Notice::Refused(text));
    }
}

/// In the editor its keys have names.
fn named_in_editor(model: &Model, text: &str) -> Option<Action> {
    let editing = model.screen().context() == Context::Editor;
    editing.then(|| editing::action(text)).flatten()
}

fn scale(model: &mut Model, services: &[(ServiceId, String)], replicas: u64) {
    let operations = services.iter().cloned().map(|(id, name)| {
        let service = ServiceRef { id, name };
        Operation::Scale { service, replicas }
    });
    let question = ask::question(&model.world, operations.collect());
    ask::ask(model, question);
}

/// Shows what would happen; it is confirmed there.
fn deploy(
    model: &mut Model,
    document: &Document,
    source: String,
    stack: StackName,
    effects: &mut Outbox,
) {
    choose(model, document, &Choice::Stack(stack.clone()), effects);
    plan(model, &document.order(stack, source, None));
}

fn complete(model: &mut Model) {
    let Some(Modal::Prompt(Prompt { kind, input, offers, .. })) = &mut model.modal else { return };
    if let Some(first) = offers.first() {
        // The word after it comes next, where it does not go on itself.
        let whole = matches!(kind, PromptKind::Parameter { .. }) || first.ends_with('/');
        *input = Input::with(format!("{first}{}", if whole { "" } else { " " }));
    }
    typed(model);
}

/// Takes the only offer that goes on as it was typed; else the next one of the list.
fn choose_offer(model: &mut Model, step: isize) {
    let Some(Modal::Prompt(Prompt { input, offers, chosen, .. })) = &model.modal else { return };
    let typed = input.text();
    let mut begun = offers.iter().enumerate().filter(|it| it.1.starts_with(typed));
    let only = matches!((begun.next(), begun.next()), (Some((0, _)), None));
    if chosen.is_none() && (offers.len() == 1 || (only && !typed.is_empty())) {
        return complete(model);
    }
    walk(model, step);
}

/// Puts the next offer of the list, or the one before, into the line. The list stays.
fn walk(model: &mut Model, step: isize) {
    let Some(Modal::Prompt(prompt)) = &mut model.modal else { return };
    let count = prompt.offers.len();
    let last = count.saturating_sub(1);
    let at = match (prompt.chosen, step < 0) {
        (None, false) => 0,
        (None | Some(0), true) => last,
        (Some(at), true) => at - 1,
        (Some(at), false) => (at + 1) % count.max(1),
    };
    let Some(offer) = prompt.offers.get(at) else { return };
    let end = if offer.ends_with('/') { "" } else { " " };
    prompt.input = Input::with(format!("{offer}{end}"));
    (prompt.chosen, prompt.refused) = (Some(at), None);
}

/// Walks through the commands typed before.
fn recall(model: &mut Model, step: isize) {
    let Some(Modal::Prompt(prompt)) = &mut model.modal else { return };
    let back = prompt.back.saturating_add_signed(step).min(model.history.len());
    prompt.back = back;
    let text = if back == 0 { "" } else { model.history[model.history.len() - back].as_str() };
    prompt.input = Input::with(text);
    typed(model);
}

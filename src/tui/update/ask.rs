//! Questions and menus before a change.

use crate::{
    config::values,
    domain::swarm::{
        change::ServiceRef,
        names::{NodeId, ServiceId},
        states::Availability,
    },
    jobs::{
        deploy::{RecoveryOrder, RecoveryWay, interrupted::Interrupted},
        operations::Operation,
        rollback_preview::RollbackPreview,
    },
    tui::{
        event::{Destination, Effect, Menu, Notice, PromptKind, Question},
        keymap::{Action, Context},
        model::{Modal, Model},
        prompt::Prompt,
        showing::writes,
        update::{editors::choose, facts, navigation::go, outbox::Outbox},
        widgets::{frame, text_page::wrapped},
        world::World,
    },
};
use crossterm::event::{KeyCode, KeyEvent};
use std::collections::BTreeMap;

/// Makes the question before some works of one kind; `None` for no work. It names every
/// object and every command: what has no room can be scrolled to.
pub fn question(world: &World, operations: Vec<Operation>) -> Option<Question> {
    foreseen(world, operations, &Known::new())
}

/// What was read of what drains do to nodes, and of what roll-backs do to services: lines
/// by the ids of both.
type Known = BTreeMap<String, Vec<String>>;

/// The same, with what is known of what it does.
fn foreseen(world: &World, operations: Vec<Operation>, known: &Known) -> Option<Question> {
    let first = operations.first()?;
    let title = match operations.as_slice() {
        [one] => format!("{}?", sentence(&one.title())),
        many => format!("{} changes?", many.len()),
    };
    // What it means comes first: a menu shows that line.
    let mut text: Vec<String> = Vec::new();
    for operation in &operations {
        let said = operation.consequence();
        if !text.iter().any(|it| it == said) {
            text.push(said.to_owned());
        }
    }
    text.push(String::new());
    let meanings = text.len();
    for operation in &operations {
        let mut lines = facts::change(world, operation);
        if let Operation::SetAvailability { node, availability: Availability::Drain, .. } =
            operation
        {
            lines.extend(known.get(node.as_str()).into_iter().flatten().cloned());
        }
        if let Operation::RollBackService { service } = operation
            && let Some(read) = known.get(service.id.as_str())
        {
            lines.clone_from(read);
        }
        let named = operations.len() > 1 && lines.is_empty();
        text.extend(named.then(|| sentence(&operation.title())));
        text.extend(lines);
    }
    if text.len() > meanings {
        text.push(String::new());
    }
    text.push(format!("the same as: {}", first.docker()));
    text.extend(operations.iter().skip(1).map(|it| format!("             {}", it.docker())));
    Some(Question { title, text, then: operations.into_iter().map(Effect::Start).collect() })
}

/// Says anew what a question is about, where that is another by now. What has to be read
/// for it is read again.
pub fn renew(model: &mut Model, effects: &mut Outbox) {
    let Some(Modal::Ask(asked)) = &mut model.modal else { return };
    let operations: Vec<Operation> = operations(&asked.then).cloned().collect();
    // A plan says more than its work knows.
    if operations.len() != asked.then.len() || operations.iter().any(Operation::deploys) {
        return;
    }
    let back: Vec<ServiceRef> = operations.iter().filter_map(rolls_back).collect();
    if !back.is_empty() {
        let version = |it: &ServiceRef| model.world.service(&it.id).map(|it| it.version);
        let read = |it: &ServiceRef| model.looked_back.get(&it.id).copied();
        if back.iter().any(|it| version(it).is_some_and(|now| read(it) != Some(now))) {
            model.looked_back =
                back.iter().filter_map(|it| Some((it.id.clone(), version(it)?))).collect();
            effects.push(Effect::LookBack(back));
        }
        return;
    }
    // What runs there was read once.
    if operations.iter().any(|it| drains(it).is_some()) {
        return;
    }
    let Some(fresh) = question(&model.world, operations) else { return };
    // Before it stands what was said only once.
    let begins = asked.text.iter().position(|it| fresh.text.first() == Some(it));
    if let Some(begins) = begins {
        asked.text.truncate(begins);
        asked.text.extend(fresh.text);
    }
}

/// Asks, where there is something to ask.
pub fn ask(model: &mut Model, question: Option<Question>) {
    if let Some(question) = question {
        model.ask(Modal::Ask(question));
    }
}

/// Asks about works. What a drain would move and a roll-back would bring back is read first.
pub fn about(model: &mut Model, operations: Vec<Operation>, effects: &mut Outbox) {
    let drained: Vec<_> = operations.iter().filter_map(drains).collect();
    let back: Vec<ServiceRef> = operations.iter().filter_map(rolls_back).collect();
    if !back.is_empty() && back.len() == operations.len() {
        let names: Vec<&str> = back.iter().map(|it| it.name.as_str()).collect();
        let text = format!("reading the previous spec of {} …", names.join(", "));
        model.world.tell(Notice::Hint(text));
        return effects.push(Effect::LookBack(back));
    }
    if drained.is_empty() {
        let question = question(&model.world, operations);
        return ask(model, question);
    }
    confirmed(model, vec![Effect::Foresee(drained)], effects);
}

fn rolls_back(operation: &Operation) -> Option<ServiceRef> {
    match operation {
        Operation::RollBackService { service } => Some(service.clone()),
        _ => None,
    }
}

/// Asks whether services should go back, with what that brings back; asks anew where that
/// is another by now than what is asked about.
pub fn roll_back(
    model: &mut Model,
    targets: &[ServiceRef],
    found: Result<BTreeMap<ServiceId, RollbackPreview>, String>,
) {
    model.world.forget_refusal();
    if let Ok(found) = &found
        && found.values().all(|it| !it.is_kept)
    {
        let names: Vec<&str> = targets.iter().map(|it| it.name.as_str()).collect();
        let why = format!(
            "the engine keeps no previous spec of {}: it keeps only one, and none after a rollback",
            names.join(", ")
        );
        model.modal.take_if(|it| is_about(it, targets));
        return model.world.tell(Notice::Problem(why));
    }
    let known: Known = match found {
        Ok(found) => {
            let versions = found.iter().map(|it| (it.0.clone(), it.1.version));
            model.looked_back = versions.collect();
            found.into_iter().map(|(id, it)| (id.to_string(), it.lines)).collect()
        }
        Err(why) => {
            let line = |it: &ServiceRef| {
                format!("{}: the previous spec could not be read: {why}", it.name)
            };
            targets.iter().map(|it| (it.id.to_string(), vec![line(it)])).collect()
        }
    };
    let operations = targets.iter().map(|it| Operation::RollBackService { service: it.clone() });
    let Some(question) = foreseen(&model.world, operations.collect(), &known) else { return };
    match &model.modal {
        Some(modal) if is_about(modal, targets) => {
            if matches!(modal, Modal::Ask(asked) if asked.text != question.text) {
                model.modal = None;
                model.ask(Modal::Ask(question));
                let text = "it was changed meanwhile: this would be restored now";
                model.world.tell(Notice::Problem(text.to_owned()));
            }
        }
        _ => model.ask_later(None, Modal::Ask(question)),
    }
}

/// Returns whether it asks about the roll-back of these services.
fn is_about(modal: &Modal, targets: &[ServiceRef]) -> bool {
    let Modal::Ask(question) = modal else { return false };
    operations(&question.then).filter_map(rolls_back).eq(targets.iter().cloned())
}

fn drains(operation: &Operation) -> Option<(NodeId, String)> {
    match operation {
        Operation::SetAvailability { node, hostname, availability: Availability::Drain } => {
            Some((node.clone(), hostname.clone()))
        }
        _ => None,
    }
}

/// Asks whether nodes should be drained, with what that would do to what runs there.
pub fn drain(
    model: &mut Model,
    nodes: Vec<(NodeId, String)>,
    found: Result<BTreeMap<NodeId, Vec<String>>, String>,
) {
    let found = found.unwrap_or_else(|why| {
        let line = format!("  what runs there could not be read: {why}");
        nodes.iter().map(|it| (it.0.clone(), vec![line.clone()])).collect()
    });
    let found = found.into_iter().map(|(node, lines)| (node.to_string(), lines)).collect();
    let operations = nodes.into_iter().map(|(node, hostname)| Operation::SetAvailability {
        node,
        hostname,
        availability: Availability::Drain,
    });
    if let Some(question) = foreseen(&model.world, operations.collect(), &found) {
        model.world.forget_refusal();
        model.ask_later(None, Modal::Ask(question));
    }
}

/// Takes an action while a question or a menu is open.
pub fn act(model: &mut Model, action: Action, key: KeyEvent, effects: &mut Outbox) {
    if action == Action::Confirm && !may_confirm(model, key) {
        return;
    }
    match (model.modal.take(), action) {
        (Some(Modal::Ask(question)), Action::Confirm) => release(model, question, effects),
        (Some(Modal::Menu(mut menu)), Action::Confirm) if menu.cursor < menu.rows.len() => {
            let (label, mut question) = menu.rows.swap_remove(menu.cursor);
            // What asks nothing is done at once; what loses something always asks.
            if question.title.is_empty() && question.destroys() {
                question.title = format!("{}?", sentence(&label));
            }
            if question.title.is_empty() {
                confirmed(model, question.then, effects);
            } else {
                model.ask(Modal::Ask(question));
            }
        }
        (Some(Modal::Menu(mut menu)), Action::SelectNext | Action::SelectPrev) => {
            // It does not go round: what loses most is the last row, and not one key away.
            let last = menu.rows.len().saturating_sub(1);
            menu.cursor = match action {
                Action::SelectNext => (menu.cursor + 1).min(last),
                _ => menu.cursor.saturating_sub(1),
            };
            model.showing.press(model.stroke);
            model.modal = Some(Modal::Menu(menu));
        }
        (Some(modal), Action::SelectNext | Action::SelectPrev) => {
            let next = action == Action::SelectNext;
            let by =
                if next { model.scrolled.checked_add(1) } else { model.scrolled.checked_sub(1) };
            model.showing.press(model.stroke);
            model.scrolled = by.unwrap_or_default().min(most_scrolled(&modal, model.world.size));
            model.modal = Some(modal);
        }
        (_, Action::Dismiss) => stay(model),
        (modal, _) => model.modal = modal,
    }
}

/// Returns how many lines of a question have no room on a screen of that size.
fn most_scrolled(modal: &Modal, (columns, rows): (u16, u16)) -> usize {
    let Modal::Ask(question) = modal else { return 0 };
    let width = usize::from(frame::DIALOG.min(columns).saturating_sub(4));
    let lines: usize = question.text.iter().map(|it| wrapped(it, width).len()).sum();
    // Header, message and footer, the frame, a blank, the keys, and the warning.
    let taken = if question.destroys() { 8 } else { 7 };
    lines.saturating_sub(usize::from(rows.saturating_sub(taken)))
}

/// Says whether a key confirms what is asked; where it does not, it is said why. What
/// destroys wants a key that nobody presses by habit, and no question is answered before
/// it could be read.
fn may_confirm(model: &mut Model, key: KeyEvent) -> bool {
    let enters = key.code == KeyCode::Enter;
    let other = model.keymap.key_for(Context::Dialog, Action::Confirm);
    let other = other.filter(|it| it.code != KeyCode::Enter).map(|it| it.to_string());
    let destroys = matches!(&model.modal, Some(Modal::Ask(question)) if question.destroys());
    if let (true, true, Some(other)) = (enters, destroys, &other) {
        let why = format!("enter does nothing here: press {other} for yes, esc for no");
        model.world.tell(Notice::Refused(why));
        return false;
    }
    let read = model.is_read(destroys);
    if !read {
        let key = other.unwrap_or_else(|| "enter".to_owned());
        tell_too_early(model, &key);
    }
    read
}

/// Says why a key that would answer does not.
pub fn tell_too_early(model: &mut Model, key: &str) {
    let why = match model.showing.typed_into {
        true => "too early: you just typed something else; wait a moment, then press",
        false => "too early: the question has only just appeared; press again:",
    };
    model.showing.press(model.stroke);
    model.world.tell(Notice::Refused(format!("{why} {key}")));
}

/// Takes a key that answers nothing, and says which do. Where it is a letter it was meant for
/// something else: what is typed on does not confirm anything.
pub fn no_answer(model: &mut Model, key: KeyEvent) {
    match writes(key) {
        true => model.showing.type_into(model.stroke),
        false => model.showing.press(model.stroke),
    }
    let Some([yes, no]) = model.answers() else { return };
    let why = match &model.modal {
        Some(Modal::Menu(_)) => format!("press {yes} to choose, {no} to cancel"),
        Some(Modal::Ask(question)) if !question.then.is_empty() => {
            format!("press {yes} for yes, {no} for no")
        }
        _ => return,
    };
    model.world.tell(Notice::Refused(why));
}

/// Asks what becomes of deployments that lost their skep; or does at once what the
/// settings say. In production it asks whatever they say: nothing is changed there that
/// nobody typed the name of.
pub fn interrupted(model: &mut Model, found: &[Interrupted], effects: &mut Outbox) {
    let Some(first) = found.first() else {
        return model.world.tell(Notice::Done("nothing was interrupted".to_owned()));
    };
    let more =
        if found.len() > 1 { format!(", and {} more", found.len() - 1) } else { String::new() };
    let words = format!("{}{more}; `:recover` finishes or undoes it", first.words());
    model.world.tell(Notice::Problem(words));
    let all = |way| {
        found.iter().map(move |it| Operation::Recover(RecoveryOrder::of(&it.release.key, way)))
    };
    match model.world.setting.recovery {
        _ if model.world.setting.read_only => {}
        values::Recovery::Finish if !model.world.setting.production => {
            effects.extend(all(RecoveryWay::Finish).map(Effect::Start));
        }
        values::Recovery::Undo if !model.world.setting.production => {
            effects.extend(all(RecoveryWay::Undo).map(Effect::Start));
        }
        values::Recovery::Ask | values::Recovery::Finish | values::Recovery::Undo => {
            let ways = ways(&model.world, found);
            model.ask_later(None, Modal::Menu(ways));
        }
    }
}

fn ways(world: &World, found: &[Interrupted]) -> Menu {
    let row = |it: &Interrupted, way: RecoveryWay| {
        let label = format!("{way} {}", it.release.key.stack);
        let mut question =
            question(world, vec![Operation::Recover(RecoveryOrder::of(&it.release.key, way))])?;
        question.text.splice(0..0, [it.words(), String::new()]);
        Some((label, question))
    };
    let rows =
        found.iter().flat_map(|it| [row(it, RecoveryWay::Undo), row(it, RecoveryWay::Finish)]);
    let text = vec!["nothing was done; `:recover` asks again".to_owned()];
    let later = Question { title: String::new(), text, then: Vec::new() };
    let rows = rows.flatten().chain([("later".to_owned(), later)]).collect();
    Menu { title: "Interrupted deployments".to_owned(), rows, cursor: 0 }
}

fn release(model: &mut Model, question: Question, effects: &mut Outbox) {
    if let Some(word) = word_to_type(model, &question.then) {
        let kind = PromptKind::Name { word, then: question.then };
        model.ask(Modal::Prompt(Prompt::new(kind, "")));
        return;
    }
    confirmed(model, question.then, effects);
}

/// Does what was confirmed. The board of a deployment opens once it begins; of other
/// jobs it is said where they are.
pub fn confirmed(model: &mut Model, then: Vec<Effect>, effects: &mut Outbox) {
    let started: Vec<&Operation> = operations(&then).collect();
    let shown = match started.as_slice() {
        [one] => one.deploys(),
        _ => false,
    };
    match started.as_slice() {
        [] => {}
        [_] if shown => {}
        [one] => model.world.tell(Notice::Done(began(&one.title()))),
        many => model.world.tell(Notice::Done(began(&format!("{} changes", many.len())))),
    }
    for effect in then {
        match effect {
            Effect::Edit(document) => go(model, &Destination::Editor(document)),
            Effect::Foresee(nodes) => {
                let hosts: Vec<&str> = nodes.iter().map(|it| it.1.as_str()).collect();
                let text = format!("reading what runs on {} …", hosts.join(", "));
                model.world.tell(Notice::Hint(text));
                effects.push(Effect::Foresee(nodes));
            }
            Effect::Choose(document, choice) => choose(model, &document, &choice, effects),
            effect @ Effect::Start(_) if shown => effects.start_and_show(effect),
            effect => effects.push(effect),
        }
    }
}

/// Says that something was started whose page does not open.
pub fn began(what: &str) -> String {
    format!("{what}: started; `:jobs` shows how far it is")
}

/// In production one types what is touched: the name of the object, or that of
/// the context where there are several.
fn word_to_type(model: &Model, effects: &[Effect]) -> Option<String> {
    let mut operations = operations(effects);
    let first = operations.next().filter(|_| model.world.setting.production)?;
    if operations.next().is_some() {
        return Some(model.world.setting.context.clone());
    }
    first.object().split_whitespace().last().map(ToOwned::to_owned)
}

fn operations(effects: &[Effect]) -> impl Iterator<Item = &Operation> {
    effects.iter().filter_map(|it| match it {
        Effect::Start(operation) => Some(operation),
        _ => None,
    })
}

fn sentence(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map(|it| it.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A question is left: hands that know vi may go on with a command.
pub fn stay(model: &mut Model) {
    if model.modal.is_none() {
        model.screen_mut().0.stay();
    }
}

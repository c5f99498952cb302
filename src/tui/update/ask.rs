//! Questions and menus: nothing is changed before one was answered.

use crate::{
    config::values,
    jobs::{
        deploy::{
            interrupted::Interrupted,
            recover::{Recovery, Way},
        },
        work::Work,
    },
    tui::{
        event::{Effect, Menu, Notice, Place, PromptKind, Question},
        keymap::Action,
        model::{Modal, Model, Prompt},
        update::{choose, go, outbox::Outbox},
    },
};

/// How many objects a question names before it only counts them.
const NAMED: usize = 8;

/// Makes the question before some works of one kind; `None` for no work.
pub fn question(works: Vec<Work>) -> Option<Question> {
    question_naming(works, NAMED)
}

/// Makes it with so many names of parts at most.
pub fn question_naming(works: Vec<Work>, most: usize) -> Option<Question> {
    let first = works.first()?;
    let title = match works.as_slice() {
        [one] => format!("{}?", sentence(&one.title())),
        many => format!("{} changes?", many.len()),
    };
    let mut text = Vec::new();
    if works.len() > 1 {
        text.extend(works.iter().take(NAMED).map(|it| sentence(&it.title())));
        if works.len() > NAMED {
            text.push(format!("and {} more", works.len() - NAMED));
        }
        text.push(String::new());
    }
    if let [one] = works.as_slice()
        && !one.parts().is_empty()
    {
        text.extend(one.parts().iter().take(most).cloned());
        if one.parts().len() > most {
            text.push(format!("and {} more", one.parts().len() - most));
        }
        text.push(String::new());
    }
    text.push(first.consequence().to_owned());
    text.push(String::new());
    text.push(format!("the same as: {}", first.docker()));
    Some(Question { title, text, then: works.into_iter().map(Effect::Start).collect() })
}

/// Asks, where there is something to ask.
pub fn ask(model: &mut Model, question: Option<Question>) {
    if let Some(question) = question {
        model.ask(Modal::Ask(question));
    }
}

/// Takes an action while a question or a menu is open.
pub fn act(model: &mut Model, action: Action, effects: &mut Outbox) {
    match (model.modal.take(), action) {
        (Some(Modal::Ask(question)), Action::Confirm) => release(model, question, effects),
        (Some(Modal::Menu(mut menu)), Action::Confirm) if menu.cursor < menu.rows.len() => {
            let question = menu.rows.swap_remove(menu.cursor).1;
            // What asks nothing is done at once.
            if question.title.is_empty() {
                confirmed(model, question.then, effects);
            } else {
                model.ask(Modal::Ask(question));
            }
        }
        (Some(Modal::Menu(mut menu)), Action::SelectNext | Action::SelectPrev) => {
            let step = if action == Action::SelectNext { 1 } else { menu.rows.len() - 1 };
            menu.cursor = (menu.cursor + step) % menu.rows.len().max(1);
            model.ask(Modal::Menu(menu));
        }
        (_, Action::Dismiss) => {}
        (modal, _) => model.modal = modal,
    }
}

/// Asks what becomes of deployments that lost their skep; or does at once what the
/// settings say.
pub fn interrupted(model: &mut Model, found: &[Interrupted], effects: &mut Outbox) {
    let Some(first) = found.first() else {
        return model.world.tell(Notice::Done("nothing was interrupted".to_owned()));
    };
    let more =
        if found.len() > 1 { format!(", and {} more", found.len() - 1) } else { String::new() };
    let words = format!("{}{more}; `:recover` asks what becomes of it", first.words());
    model.world.tell(Notice::Problem(words));
    let all = |way| found.iter().map(move |it| Work::Recover(Recovery::of(it, way)));
    match model.world.setting.recovery {
        _ if model.world.setting.read_only => {}
        values::Recovery::Finish => effects.extend(all(Way::Finish).map(Effect::Start)),
        values::Recovery::Undo => effects.extend(all(Way::Undo).map(Effect::Start)),
        values::Recovery::Ask => model.ask_later(None, Modal::Menu(ways(found))),
    }
}

fn ways(found: &[Interrupted]) -> Menu {
    let row = |it: &Interrupted, way: Way| {
        let label = format!("{way} {}", it.release.key.stack);
        let mut question = question(vec![Work::Recover(Recovery::of(it, way))])?;
        question.text.splice(0..0, [it.words(), String::new()]);
        Some((label, question))
    };
    let rows = found.iter().flat_map(|it| [row(it, Way::Undo), row(it, Way::Finish)]);
    let text = vec!["nothing is done; `:recover` asks again".to_owned()];
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
    let started: Vec<&Work> = works(&then).collect();
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
            Effect::Edit(document) => go(model, &Place::Editor(document)),
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
    let mut works = works(effects);
    let first = works.next().filter(|_| model.world.setting.production)?;
    if works.next().is_some() {
        return Some(model.world.setting.context.clone());
    }
    first.object().split_whitespace().last().map(ToOwned::to_owned)
}

fn works(effects: &[Effect]) -> impl Iterator<Item = &Work> {
    effects.iter().filter_map(|it| match it {
        Effect::Start(work) => Some(work),
        _ => None,
    })
}

fn sentence(title: &str) -> String {
    let mut chars = title.chars();
    chars.next().map(|it| it.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

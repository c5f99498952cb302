//! Action handlers for projects.

use crate::{
    domain::{
        project::{Owner, SettingName, StackPath},
        swarm::change::Confidential,
        text::mask::is_secret_name,
    },
    projects::{CatalogChange, Given, VariableRow},
    tui::{
        document::Document,
        event::{Destination, Effect, Group, Notice, PromptKind, Question, Subject},
        keymap::Action,
        model::{Modal, Model, READ_ONLY},
        projects::Chore,
        prompt::Prompt,
        tickets::ScreenId,
        update::{navigation::go, outbox::Outbox},
    },
};
/// Returns the stack of a project that is selected, or shown.
pub fn selected(model: &Model) -> Option<StackPath> {
    match model.screen().place() {
        Destination::Variables(path) | Destination::Changes(path) => return Some(path),
        _ => {}
    }
    match model.subjects_of(Action::Variables).as_slice() {
        [Subject::Stack(name)] => model.world.managed(name).map(|it| it.path.clone()),
        [Subject::Variable(path, ..)] => Some(path.clone()),
        _ => None,
    }
}

/// Returns what settings are made for where nobody is named: the stack, environment or
/// project that is selected.
pub fn selected_owner(model: &Model) -> Option<Owner> {
    let group = || match model.subjects_of(Action::Variables).as_slice() {
        [Subject::Group(Group::Project(slug))] => Some(Owner::Project(slug.clone())),
        [Subject::Group(Group::Environment(path))] => Some(Owner::Environment(path.clone())),
        _ => None,
    };
    selected(model).map(Owner::Stack).or_else(group)
}

/// Opens a stack that was made, where whoever made it still looks; what there is to say
/// about it is said first.
pub fn made(model: &mut Model, by: ScreenId, document: &Document, report: &[String]) {
    // The form that it was made of has done its part.
    let Document::Stack { stack, .. } = document else { return };
    let shown = model.is_free_for(by);
    model
        .screens
        .close_where(|it| matches!(it.place(), Destination::Form(path, _) if path == *stack));
    model.kept.forget_forms(stack);
    if shown {
        go(model, &Destination::Editor(document.clone()));
    } else {
        let what = format!("{stack} was created; {}", document.how_to_open());
        model.world.tell(Notice::Done(what));
    }
    if report.is_empty() {
        return;
    }
    let room = usize::from(model.world.size.1).saturating_sub(10).max(3);
    let mut text: Vec<String> = report.iter().take(room).cloned().collect();
    if report.len() > room {
        text.push(format!("and {} more: `skep import FILE` lists all", report.len() - room));
    }
    let title = format!("Result: {}", document.name());
    let question = Modal::Ask(Question { title, text, then: Vec::new() });
    model.ask_later(shown.then(|| model.screens.top_id()), question);
}

/// Opens a screen about the stack, or has it planned.
pub fn act(model: &mut Model, action: Action, effects: &mut Outbox) {
    let Some(path) = selected(model) else { return };
    match action {
        Action::Variables => go(model, &Destination::Variables(path)),
        Action::Changes => go(model, &Destination::Changes(path)),
        _ => effects.push(Effect::Project(Chore::Prepare(path))),
    }
}

/// Asks for another value of the selected variable; it is set for the stack.
pub fn edit_variable(model: &mut Model) {
    let subjects = model.subjects();
    let [Subject::Variable(path, service, name)] = subjects.as_slice() else { return };
    let Ok(setting) = SettingName::new(service.as_deref(), name) else { return };
    let panel = model.world.panel_of(path).and_then(Result::ok);
    let row = panel.and_then(|it| {
        it.rows.iter().find(|it| it.name == *name && it.service == *service).cloned()
    });
    if model.world.setting.read_only {
        // Who did not look types the value.
        return model.ask(Modal::Prompt(Prompt::dropped(READ_ONLY.to_owned())));
    }
    let secret = row.as_ref().is_some_and(|it| it.secret) || is_secret_name(name);
    let now = row.as_ref().and_then(|it| it.plain()).unwrap_or_default().to_owned();
    let kind = PromptKind::Value { owner: Owner::Stack(path.clone()), name: setting, secret };
    model.ask(Modal::Prompt(Prompt::new(kind, &now)));
}

/// Takes a value that was typed. One that is as it was is nobody's wish to override it.
pub fn set_typed(
    model: &mut Model,
    owner: Owner,
    name: SettingName,
    secret: bool,
    text: String,
    effects: &mut Outbox,
) {
    let now = match &owner {
        Owner::Stack(path) => shown_value(model, path, &name),
        Owner::Project(_) | Owner::Environment(_) => None,
    };
    if !secret && now.is_some_and(|it| it == text) {
        let what = format!("{name} is the same as before: nothing is set");
        return model.world.tell(Notice::Refused(what));
    }
    set(owner, name, secret, text, effects);
}

/// Returns the value of a variable as the list of variables shows it.
fn shown_value(model: &Model, path: &StackPath, name: &SettingName) -> Option<String> {
    let panel = model.world.panel_of(path).and_then(Result::ok)?;
    let is_it = |it: &&VariableRow| it.name == name.name && it.service == name.service;
    panel.rows.iter().find(is_it)?.plain().map(str::to_owned)
}

/// Takes a value.
pub fn set(owner: Owner, name: SettingName, secret: bool, text: String, effects: &mut Outbox) {
    let value = Some(Given { text: Confidential(text), secret });
    let change = CatalogChange::Set { owner, name, value };
    effects.push(Effect::Project(Chore::Amend(Box::new(change))));
}

/// Asks whether what the stack sets should go.
pub fn unset_variable(model: &mut Model) {
    let subjects = model.subjects();
    let [Subject::Variable(path, service, name)] = subjects.as_slice() else { return };
    let Ok(name) = SettingName::new(service.as_deref(), name) else { return };
    let owner = Owner::Stack(path.clone());
    let sets = model.world.projects.catalog.settings(&owner);
    if sets.is_ok_and(|it| it.get(&name).is_none()) {
        let what = format!(
            "{path} does not set {name} itself; `:unset PATH {}` unsets it where it is set",
            name.word()
        );
        return model.world.tell(Notice::Refused(what));
    }
    let text = vec![
        format!("{path}: {name} is no longer set here"),
        String::new(),
        "Its value then comes from the environment, the project or the file, in this order."
            .to_owned(),
        String::new(),
        format!("the same as: skep var unset {owner} {}", name.arguments()),
    ];
    let title = format!("Unset {name} of {path}?");
    let change = CatalogChange::Set { owner, name, value: None };
    let then = vec![Effect::Project(Chore::Amend(Box::new(change)))];
    model.ask(Modal::Ask(Question { title, text, then }));
}

//! Action handlers.

use crate::{
    domain::{
        deployment::deploy::Mode,
        swarm::{change::ServiceRef, names::StackName, states::Availability},
        text::escape,
    },
    jobs::{
        deploy::{Proposal, RollbackOrder},
        gc::Sweep,
        operations::Operation,
        stack::{StackAction, StackOperation},
    },
    tui::{
        document::Document,
        event::{Destination, Effect, Menu, Notice, PromptKind, Question, Subject},
        keymap::{Action, Context},
        model::{Modal, Model},
        prompt::Prompt,
        theme::Theme,
        update::{
            ask, copies, leaving, navigation::go, offers::typed, outbox::Outbox, project, quitting,
        },
        vi::FileCommand,
        widgets::DrawContext,
    },
};
use crossterm::event::{MouseEvent, MouseEventKind};

/// Does an action, or says why it cannot be done.
pub fn act(model: &mut Model, action: Action, effects: &mut Outbox) {
    if let Err(why) = model.availability(action) {
        return model.world.tell(Notice::Refused(why));
    }
    match action {
        Action::Quit => quitting::leave(model, Effect::Quit, effects),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Leave => leaving::command(model, &FileCommand::Leave { anyway: false }, effects),
        Action::Overview => go(model, &Destination::Overview),
        Action::Help => go(model, &Destination::Help),
        Action::Command => {
            prompt(model, PromptKind::Command, "");
            typed(model);
        }
        Action::Filter => {
            let filter = model.screen().filtered().to_owned();
            prompt(model, PromptKind::Filter, &filter);
        }
        Action::Search => prompt(model, PromptKind::Search, ""),
        Action::Moment => prompt(model, PromptKind::Command, "since "),
        Action::Previous => {
            if let Some(place) = model.previous.clone() {
                go(model, &place);
            }
        }
        Action::Refresh => refresh(model, effects),
        Action::Copy => copy(model, effects),
        Action::CopyMenu => copies::menu(model),
        Action::Dump => dump(model, effects),
        Action::Describe | Action::Logs => open_page(model, action),
        Action::Spec if !matches!(model.screen().place(), Destination::Spec(_)) => {
            open_page(model, action);
        }
        Action::Edit | Action::Open if is_variable(model) => project::edit_variable(model),
        Action::Remove if is_variable(model) => project::unset_variable(model),
        Action::Variables | Action::Changes => project::act(model, action, effects),
        Action::Deploy if is_list(model) => {
            project::act(model, action, effects);
        }
        Action::Edit => edit(model, effects),
        Action::Scale => scale(model),
        Action::Remove if has_stacks(model) => remove_stacks(model),
        Action::Releases => releases(model),
        Action::Restart | Action::RollBack | Action::Remove => {
            change_services(model, action, effects);
        }
        Action::Availability => availability(model),
        Action::CancelJob | Action::PauseJob => steer(model, action, effects),
        Action::Open => open(model, effects),
        _ => pass(model, action, effects),
    }
}

/// The wheel scrolls; nothing else needs a mouse.
pub fn mouse(model: &mut Model, mouse: MouseEvent, effects: &mut Outbox) {
    let action = match mouse.kind {
        MouseEventKind::ScrollDown => Action::SelectNext,
        MouseEventKind::ScrollUp => Action::SelectPrev,
        _ => return,
    };
    if model.modal.is_none() {
        pass(model, action, effects);
    }
}

/// Leaves the action to the screen.
fn pass(model: &mut Model, action: Action, effects: &mut Outbox) {
    let (screen, world) = model.screen_mut();
    let request = screen.update(world, action);
    let top = model.screens.top_id();
    effects.request(top, request);
}

/// Cancels jobs, or pauses those that go on and lets those go on that are paused.
fn steer(model: &mut Model, action: Action, effects: &mut Outbox) {
    let mut taken_back = Vec::new();
    for subject in model.subjects() {
        let Subject::Job(id) = subject else { continue };
        let Some(job) = model.world.job(id) else { continue };
        match action {
            Action::PauseJob => effects.push(Effect::Pause(id, !job.is_paused())),
            // A deployment takes back what it wrote.
            _ if job.board.is_some() && job.verdict.is_none() => {
                taken_back.push((id, job.title.clone()));
            }
            _ => effects.push(Effect::Cancel(id)),
        }
    }
    let [(_, first), rest @ ..] = taken_back.as_slice() else { return };
    let title = match rest {
        [] => format!("Cancel `{first}`?"),
        _ => format!("Cancel {} deployments?", taken_back.len()),
    };
    let mut text: Vec<String> =
        taken_back.iter().map(|it| format!("{} will be cancelled and rolled back", it.1)).collect();
    text.extend([
        String::new(),
        "Everything it changed will be rolled back, and skep watches until that is done."
            .to_owned(),
        String::new(),
        "the same as: ctrl-c in `skep deploy`; docker rolls nothing back".to_owned(),
    ]);
    let then = taken_back.into_iter().map(|it| Effect::Cancel(it.0)).collect();
    model.ask(Modal::Ask(Question { title, text, then }));
}

fn open(model: &mut Model, effects: &mut Outbox) {
    if let [Subject::Template(name)] = model.subjects().as_slice() {
        prompt(model, PromptKind::Command, &format!("template {name} "));
        return typed(model);
    }
    if let (Destination::Contexts, [Subject::Context(name)]) =
        (model.screen().place(), model.subjects().as_slice())
    {
        let effect = Effect::Switch(name.clone());
        return quitting::leave(model, effect, effects);
    }
    pass(model, Action::Open, effects);
}

fn prompt(model: &mut Model, kind: PromptKind, text: &str) {
    model.ask(Modal::Prompt(Prompt::new(kind, text)));
}

/// Reads everything again; never changes anything.
fn refresh(model: &mut Model, effects: &mut Outbox) {
    use crate::jobs::watch::Interest;
    model.again += 1;
    effects.push(Effect::Watch(Interest { tasks: model.wants.tasks.clone(), again: model.again }));
    effects.extend(model.wants.page.clone().map(Effect::Read));
    effects.extend(model.wants.history.clone().map(Effect::Recall));
    pass(model, Action::Refresh, effects);
}

fn copy(model: &mut Model, effects: &mut Outbox) {
    match model.screen().copied(&model.world).filter(|it| !it.is_empty()) {
        Some(text) => effects.push(Effect::Copy(text)),
        None => model.world.tell(Notice::Refused("nothing is selected".to_owned())),
    }
}

fn dump(model: &Model, effects: &mut Outbox) {
    let theme = Theme::no_color();
    let look = DrawContext { world: &model.world, theme: &theme };
    let crumb = model.screen().crumb(&model.world);
    // Letters that nobody sees are letters too.
    let crumb = escape::shown(&crumb);
    let name =
        crumb.chars().map(|it| if it.is_alphanumeric() { it } else { '-' }).collect::<String>();
    let name = name.split('-').filter(|it| !it.is_empty()).collect::<Vec<_>>().join("-");
    effects.push(Effect::Dump { name, text: model.screen().dump(&look) });
}

fn open_page(model: &mut Model, action: Action) {
    let subjects = model.subjects_of(action);
    let place = subjects.into_iter().find_map(|subject| match action {
        Action::Describe => subject.object().map(Destination::Describe),
        Action::Spec => subject.object().map(Destination::Spec),
        _ => Some(Destination::Logs(subject)),
    });
    if let Some(place) = place {
        go(model, &place);
    }
}

/// Opens the source of a stack: that of its project, or the file of its last release.
fn edit(model: &mut Model, effects: &mut Outbox) {
    for subject in model.subjects_of(Action::Edit) {
        let Subject::Stack(name) = subject else { continue };
        match model.world.managed(&name).and_then(Document::first_of) {
            Some(document) => go(model, &Destination::Editor(document)),
            None => effects.push(Effect::EditStack(name)),
        }
    }
}

fn scale(model: &mut Model) {
    let targets = targets(model);
    let now = targets.first().and_then(|it| model.world.service(&it.id)).map_or(0, |it| it.desired);
    let services = targets.into_iter().map(|it| (it.id, it.name)).collect();
    prompt(model, PromptKind::Replicas(services), &now.to_string());
}

fn change_services(model: &mut Model, action: Action, effects: &mut Outbox) {
    if let ([Subject::Stack(stack)], Action::RollBack) = (model.subjects().as_slice(), action) {
        let text = format!("looking for the release to roll {stack} back to …");
        model.world.tell(Notice::Hint(text));
        return effects.push(Effect::GoBack(stack.clone()));
    }
    if let ([Subject::Release(stack, revision)], Action::RollBack) =
        (model.subjects().as_slice(), action)
    {
        return go_back(model, stack.clone(), *revision);
    }
    let operations = targets(model).into_iter().map(|service| match action {
        Action::Restart => Operation::Restart { service },
        Action::RollBack => Operation::RollBackService { service },
        _ => Operation::RemoveService { service },
    });
    ask::about(model, operations.collect(), effects);
}

fn is_variable(model: &Model) -> bool {
    matches!(model.subjects().as_slice(), [Subject::Variable(..)])
}

fn is_list(model: &Model) -> bool {
    model.screen().context() == Context::List
}

fn has_stacks(model: &Model) -> bool {
    model.subjects().iter().any(|it| matches!(it, Subject::Stack(_)))
}

fn remove_stacks(model: &mut Model) {
    let operations = model.subjects().into_iter().filter_map(|it| match it {
        Subject::Stack(stack) => Some(Operation::Stack(StackOperation::of(
            &stack,
            StackAction::Remove,
            model.world.services(),
        ))),
        _ => None,
    });
    let question = ask::question(&model.world, operations.collect());
    ask::ask(model, question);
}

fn releases(model: &mut Model) {
    if let [Subject::Stack(stack)] = model.subjects_of(Action::Releases).as_slice() {
        go(model, &Destination::Releases(stack.clone()));
    }
}

/// Shows what would happen if a release came back; it is confirmed there.
pub fn go_back(model: &mut Model, stack: StackName, revision: u32) {
    let wish = RollbackOrder {
        stack,
        revision,
        with_registry_auth: false,
        message: String::new(),
        mode: Mode::default(),
        confirmed: None,
    };
    // A plan of the same stack may be open, of something else.
    let place = Destination::Plan(Proposal::Earlier(wish));
    model.screens.close_where(|it| it.place() == place);
    go(model, &place);
}

/// Asks whether what nobody needs should go; each of it is named.
pub fn clean(model: &mut Model, found: Result<Sweep, String>) {
    match found {
        Err(why) => model.world.tell(Notice::Problem(why)),
        Ok(sweep) if sweep.waste.is_empty() => {
            model.world.tell(Notice::Done("nothing to clean up".to_owned()));
        }
        Ok(sweep) => {
            let question = ask::question(&model.world, vec![Operation::CleanUp(sweep)]);
            if let Some(question) = question {
                model.ask_later(None, Modal::Ask(question));
            }
        }
    }
}

fn availability(model: &mut Model) {
    let nodes: Vec<_> = model
        .subjects()
        .into_iter()
        .filter_map(|it| match it {
            Subject::Node(id) => Some((id.clone(), model.world.host(Some(&id)).to_owned())),
            _ => None,
        })
        .collect();
    let rows = [Availability::Active, Availability::Pause, Availability::Drain]
        .into_iter()
        .filter_map(|availability| {
            let operations = nodes.iter().map(|(node, hostname)| Operation::SetAvailability {
                node: node.clone(),
                hostname: hostname.clone(),
                availability,
            });
            let question = ask::question(&model.world, operations.collect())?;
            if availability != Availability::Drain {
                return Some((availability.to_string(), question));
            }
            // What it would move is read first, and asked about then.
            let text = question.text.first().cloned().unwrap_or_default();
            Some(Menu::row("drain", &text, vec![Effect::Foresee(nodes.clone())]))
        });
    let title = format!(
        "Availability of {}",
        nodes.iter().map(|it| it.1.as_str()).collect::<Vec<_>>().join(", ")
    );
    model.ask(Modal::Menu(Menu { title, rows: rows.collect(), cursor: 0 }));
}

fn targets(model: &Model) -> Vec<ServiceRef> {
    let services = model.subjects().into_iter().filter_map(|it| match it {
        Subject::Service(id) => model.world.service(&id),
        _ => None,
    });
    services.map(|it| ServiceRef { id: it.id.clone(), name: it.name.to_string() }).collect()
}

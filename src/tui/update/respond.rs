//! Response handlers: bring results of effects to the screens that asked.

use crate::{
    domain::{deployment::plan::Preview, swarm::names::StackName},
    jobs::{JobId, JobReport, News, deploy::DeployOrder},
    tui::{
        document::{Choice, Reply, Why},
        event::{Destination, Fact, Notice, Response, Ticket},
        model::{Awaited, Expected, Modal, Model},
        screens::Screen,
        tickets::ScreenId,
        update::{
            act, ask,
            editors::choose,
            navigation::{go, plan},
            outbox::Outbox,
            project, quitting, unsaved,
        },
    },
};

/// Takes a response in, where somebody waits for it.
pub fn respond(model: &mut Model, ticket: Ticket, response: Response, effects: &mut Outbox) {
    let Some((by, again)) = model.tickets.take(ticket) else { return };
    take_in(model, by, ticket, response, effects);
    if let Some(effect) = again {
        let before = effects.turn_to(by);
        effects.push(effect);
        effects.turn_to(before);
    }
}

fn take_in(
    model: &mut Model,
    by: ScreenId,
    ticket: Ticket,
    response: Response,
    effects: &mut Outbox,
) {
    match response {
        Response::Object(object, answer, names) => {
            model.world.see_object(&object, answer, names);
            read(model, by, effects);
        }
        Response::History(at, answer) => {
            model.world.recall(&at, answer);
            read(model, by, effects);
        }
        Response::Variables(stack, found) => {
            model.world.see_panel(stack, found);
            read(model, by, effects);
        }
        Response::Ready(order) => ready(model, by, &order),
        Response::Made { document, report } => project::made(model, by, &document, &report),
        Response::Source(document, stack) => {
            if model.is_free_for(by) {
                go(model, &Destination::Editor(document.clone()));
                choose(model, &document, &Choice::FileOf(stack), effects);
            } else {
                let how = document.how_to_open();
                later(model, format!("{stack} was deployed from {}; {how}", document.name()));
            }
        }
        Response::Drafts(found) => unsaved::offer_drafts(model, by, &found),
        Response::Waste(answer) => act::clean(model, answer),
        Response::Foreseen(nodes, found) => ask::drain(model, nodes, found),
        Response::LookedBack(targets, found) => ask::roll_back(model, &targets, found),
        Response::Target(stack, found) => aimed(model, by, stack, found),
        Response::Interrupted(found) => ask::interrupted(model, &found, effects),
        Response::Started(id) => {
            model.asked_on.insert(id, by);
            started(model, ticket, id);
        }
        Response::Said(notice) => model.world.tell(notice),
        Response::Lost(why) => {
            model.world.tell(Notice::Problem(why.clone()));
            answer(model, by, Response::Lost(why), effects);
        }
        response @ (Response::Document(_)
        | Response::Plan(_)
        | Response::PendingChanges(_)
        | Response::Replanned(..)) => {
            answer(model, by, response, effects);
        }
        Response::Nothing => {}
    }
}

/// Opens the plan of the rollback of a stack, where whoever asked for it still looks.
fn aimed(model: &mut Model, by: ScreenId, stack: StackName, found: Result<u32, String>) {
    match found {
        Err(why) => model.world.tell(Notice::Problem(why)),
        Ok(revision) if model.is_free_for(by) => act::go_back(model, stack, revision),
        Ok(revision) => {
            later(
                model,
                format!("{stack} can be rolled back to release {revision}: `b` shows the plan"),
            );
        }
    }
}

/// Hands a response to its screen, wherever that is.
fn answer(model: &mut Model, by: ScreenId, response: Response, effects: &mut Outbox) {
    let Some(screen) = model.screens.get_mut(by) else {
        if matches!(response, Response::Document(Reply::Differs(_, Why::Saving))) {
            let why = "the text you closed is not saved: somebody else changed the file";
            model.world.tell(Notice::Problem(why.to_owned()));
        }
        return;
    };
    let request = screen.answered(&model.world, response);
    effects.request(by, request);
}

/// Lets a screen see what the world has read for it.
fn read(model: &mut Model, by: ScreenId, effects: &mut Outbox) {
    let Some(screen) = model.screens.get_mut(by) else { return };
    let request = screen.observe(&model.world, Fact::Read);
    effects.request(by, request);
}

fn later(model: &mut Model, what: String) {
    model.world.tell(Notice::Done(what));
}

/// Shows what a deployment would do; a plan of the same stack is an older one.
fn ready(model: &mut Model, by: ScreenId, order: &DeployOrder) {
    let name = order.sources.managed.as_ref().map(|it| it.path.to_string()).unwrap_or_default();
    if !model.is_free_for(by) {
        let what = format!("{} can be planned now; `:deploy {name}` shows the plan", order.stack);
        return later(model, what);
    }
    plan(model, order);
}

/// Learns which job it is that was asked for. It may have begun already.
fn started(model: &mut Model, ticket: Ticket, id: JobId) {
    let Some(awaited) = model.awaited.filter(|it| it.job == Expected::Ticket(ticket)) else {
        return;
    };
    model.awaited = Some(Awaited { job: Expected::Job(id), ..awaited });
    if model.world.job(id).is_some() {
        begin(model, id);
    }
}

/// A job says something; its own page says more than a notice.
pub fn hear(model: &mut Model, report: JobReport, effects: &mut Outbox) {
    let id = report.job;
    if let News::Replanned(preview, differences) = report.news {
        return replanned(model, id, preview, differences, effects);
    }
    let begins = matches!(report.news, News::Started { .. });
    let ends = matches!(report.news, News::Finished(_));
    if ends {
        model.carried_out.remove(&id);
    }
    let last = model.world.hear(report);
    if ends {
        quitting::still_leaving(model);
    }
    if begins {
        begin(model, id);
    }
    if let Some(notice) = last.filter(|_| model.screen().place() != Destination::Job(id)) {
        model.world.tell_of_job(notice);
    }
}

/// Nothing was done, because the plan is another one than what was confirmed: the new one
/// is shown in the place of the job, and asked about.
fn replanned(
    model: &mut Model,
    id: JobId,
    preview: Box<Preview>,
    differences: Vec<String>,
    effects: &mut Outbox,
) {
    let Some(mut by) = model.asked_on.get(&id).copied() else { return };
    let (shown, job) = (model.screen().place(), Destination::Job(id));
    let looks = shown == job && !matches!(model.modal, Some(Modal::Prompt(_)));
    if let Some(plan) = model.carried_out.remove(&id) {
        model.screens.push(plan);
        by = model.screens.top_id();
        // Whoever looks at something else finds it below that.
        model.screens.raise(&shown);
    }
    if let Some(place) = model.screens.get(by).map(Screen::place).filter(|_| looks) {
        model.screens.close_where(|it| it.place() == job);
        go(model, &place);
    }
    answer(model, by, Response::Replanned(preview, differences), effects);
}

/// Opens the page of a job that was awaited, where it was asked for.
fn begin(model: &mut Model, id: JobId) {
    let Some(awaited) = model.awaited.take_if(|it| it.job == Expected::Job(id)) else { return };
    if model.is_free_for(awaited.by) {
        go(model, &Destination::Job(id));
        return carried_out(model, id, awaited.by);
    }
    let title = model.world.job(id).map(|it| it.title.clone()).unwrap_or_default();
    later(model, ask::began(&title));
}

/// The plan that is carried out is none any more: whoever leaves the page of the job comes
/// to where the stack was opened, not to what is done already.
fn carried_out(model: &mut Model, id: JobId, by: ScreenId) {
    let plan = model.screens.get(by).is_some_and(|it| matches!(it.place(), Destination::Plan(_)));
    if !plan {
        return;
    }
    let closed = model.close(by);
    model.carried_out.extend(closed.map(|it| (id, it)));
}

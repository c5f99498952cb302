//! What is not saved: who would lose something, and what is asked about it.

use crate::{
    domain::{
        project::draft::Draft,
        text::{age::age, count::counted},
    },
    tui::{
        document::{Choice, Document},
        event::{Destination, Effect, Menu, Notice, Question},
        model::{Leave, Modal, Model},
        screens::Screen,
        tickets::ScreenId,
    },
};

/// Asks what becomes of what is not saved; returns whether there is anything.
pub fn ask(model: &mut Model, screens: Vec<ScreenId>, how: Option<Effect>) -> bool {
    let open = screens.iter().filter_map(|it| model.screens.get(*it));
    // What is kept is lost only with skep.
    let losing = open.filter(|it| how.is_some() || it.values().is_empty());
    let losing = losing.filter_map(Screen::unsaved);
    let losses: Vec<String> = losing.collect();
    if losses.is_empty() {
        return false;
    }
    let saves = screens.iter().any(|it| may_save(model, *it).is_ok());
    model.ask(Modal::Leave(Leave { screens, losses, saves, how, unsure: false }));
    true
}

/// Asks before skep or its engine is left; returns whether there is anything to ask.
pub fn ask_about_all(model: &mut Model, how: &Effect) -> bool {
    ask(model, screens(model), Some(how.clone()))
}

/// Offers the texts that are not saved, to open one.
pub fn offer_drafts(
    model: &mut Model,
    by: ScreenId,
    found: &Result<Vec<(Document, Draft)>, String>,
) {
    let found = match found {
        Ok(found) => found,
        Err(why) => return model.world.tell(Notice::Problem(why.clone())),
    };
    if found.is_empty() {
        let text = "there is no unsaved text, and nothing was discarded in the last week";
        return model.world.tell(Notice::Done(text.to_owned()));
    }
    let now = model.world.now;
    let row = |(document, draft): &(Document, Draft)| {
        let word = if draft.discarded { "discarded" } else { "not saved," };
        let lines = counted(draft.text.lines().count() as u64, "line", "lines");
        let text = format!("{word} {} ago, {lines} · {}", age(draft.at, now), document.name());
        let offer = Effect::Choose(document.clone(), Choice::Offer(draft.clone()));
        Menu::row(&document.short_name(), &text, vec![Effect::Edit(document.clone()), offer])
    };
    let mut rows: Vec<(String, Question)> = found.iter().take(LISTED).map(row).collect();
    if found.len() > LISTED {
        let text = format!("and {} older ones: `skep drafts` lists all", found.len() - LISTED);
        rows.push(Menu::row("…", &text, Vec::new()));
    }
    let title = "Unsaved texts".to_owned();
    model.ask_later(Some(by), Modal::Menu(Menu { title, rows, cursor: 0 }));
}

/// So many texts are offered at once.
const LISTED: usize = 9;

/// Returns the screens that would lose something.
pub fn screens(model: &Model) -> Vec<ScreenId> {
    let loses = |id: &ScreenId| model.screens.get(*id).is_some_and(|it| it.unsaved().is_some());
    model.screens.ids().into_iter().filter(loses).collect()
}

/// Says whether what a screen holds can be saved, or why not.
pub fn may_save(model: &Model, id: ScreenId) -> Result<(), &'static str> {
    match model.screens.get(id).map(Screen::place) {
        Some(Destination::Editor(Document::Stack { .. })) if model.world.setting.read_only => {
            Err("read-only: projects cannot be changed here")
        }
        Some(Destination::Editor(_)) => Ok(()),
        Some(Destination::Form(..)) => Err("these values have no file yet: `f5` creates the stack"),
        _ => Err("there is nothing to save here"),
    }
}

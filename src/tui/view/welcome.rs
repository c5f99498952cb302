//! The welcome screen without a cluster: what was tried, what is wrong, and what can be done.

use crate::{
    domain::text::count::plural,
    engine::EngineError,
    jobs::watch::Link,
    tui::{
        event::Destination,
        keymap::Action,
        model::Model,
        widgets::{DrawContext, frame, text_page::wrapped},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Returns whether there is nothing to show but this.
pub fn is_due(model: &Model) -> bool {
    let lost = matches!(model.world.view.link, Link::Lost { .. });
    let elsewhere = matches!(
        model.screen().place(),
        Destination::Contexts
            | Destination::Help
            | Destination::Jobs
            | Destination::Job(_)
            | Destination::Editor(_)
    );
    lost && model.world.view.read_at.is_none() && !elsewhere
}

/// Draws what was tried and what can be done.
pub fn draw(model: &Model, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
    let Link::Lost { why, .. } = &look.world.view.link else { return };
    let inside = frame::pane(title(why), true, look.theme, area, buffer);
    let mut lines: Vec<(Style, String)> = Vec::new();
    let theme = look.theme;
    lines.push((theme.muted, format!("tried      {}", look.world.setting.address)));
    lines.push((theme.muted, format!("context    {}", look.world.setting.context)));
    lines.push((theme.text, String::new()));
    lines.push((theme.danger, why.to_string()));
    lines.extend(why.hint().map(|it| (theme.text, it)));
    lines.push((theme.text, String::new()));
    lines.push((theme.title, "What you can do".to_owned()));
    let width = usize::from(inside.width.saturating_sub(4));
    let offers = offers(why, model);
    let key = offers.iter().map(|it| it.0.chars().count()).max().unwrap_or(0);
    for (what, why) in offers {
        let mut what = format!("{what:key$}  ");
        for part in wrapped(&why, width.saturating_sub(key + 2)) {
            lines.push((theme.text, format!("{what}{part}")));
            what = " ".repeat(key + 2);
        }
    }
    let wrapped = lines.iter().flat_map(|(style, text)| {
        let whole = text.chars().count() <= width;
        let parts = if whole { vec![text.clone()] } else { wrapped(text, width) };
        parts.into_iter().map(move |it| (*style, it))
    });
    for (y, (style, text)) in (inside.y + 1..inside.bottom()).zip(wrapped) {
        buffer.set_stringn(inside.x + 2, y, text, width, style);
    }
}

/// Says what there is not: where no engine answers, nobody knows about a swarm.
fn title(why: &EngineError) -> &'static str {
    match why {
        EngineError::NotASwarm { .. } => "No swarm",
        EngineError::NotAManager { .. } => "Not a manager",
        _ => "No engine",
    }
}

/// What to type or press, and what for.
fn offers(why: &EngineError, model: &Model) -> Vec<(String, String)> {
    let context = model.screen().context();
    let key =
        |action| model.keymap.key_for(context, action).map(|it| it.to_string()).unwrap_or_default();
    let command = key(Action::Command);
    let mut offers = Vec::new();
    if matches!(why, EngineError::NotASwarm { .. }) {
        offers.push((
            "docker swarm init --advertise-addr IP",
            "make it the first manager".to_owned(),
        ));
        offers.push((
            "docker swarm join --token TOKEN IP:2377",
            "or join a swarm; a manager prints the command: docker swarm join-token manager"
                .to_owned(),
        ));
    }
    let real = model.world.setting.contexts.iter().filter(|it| it.name != "demo").count();
    let known = plural(real as u64, "docker context");
    let mut offers: Vec<(String, String)> =
        offers.into_iter().map(|it| (it.0.to_owned(), it.1)).collect();
    offers.push((
        format!("{command}contexts"),
        format!("choose another engine ({known}, and the demo)"),
    ));
    offers.push((
        format!("{command}demo"),
        "look around in a demo cluster; nothing real is touched".to_owned(),
    ));
    offers.push((key(Action::Refresh), "try again now; skep keeps trying by itself".to_owned()));
    offers
}

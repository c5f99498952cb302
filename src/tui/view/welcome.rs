//! The first screen where no cluster can be seen: what was tried, what is
//! wrong, and what can be done.

use crate::{
    engine::EngineError,
    jobs::watch::Link,
    tui::{
        event::Place,
        keymap::Action,
        model::Model,
        widgets::{Look, frame, text_page::wrapped},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Returns whether there is nothing to show but this.
pub fn is_due(model: &Model) -> bool {
    let lost = matches!(model.world.view.link, Link::Lost { .. });
    let elsewhere = matches!(
        model.screen().place(),
        Place::Contexts | Place::Help | Place::Jobs | Place::Job(_) | Place::Editor(_)
    );
    lost && model.world.view.read_at.is_none() && !elsewhere
}

/// Draws what was tried and what can be done.
pub fn draw(model: &Model, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let Link::Lost { why, .. } = &look.world.view.link else { return };
    let inside = frame::pane("No swarm to see", true, look.theme, area, buffer);
    let mut lines: Vec<(Style, String)> = Vec::new();
    let theme = look.theme;
    lines.push((theme.muted, format!("tried      {}", look.world.setting.address)));
    lines.push((theme.muted, format!("context    {}", look.world.setting.context)));
    lines.push((theme.text, String::new()));
    lines.push((theme.danger, why.to_string()));
    lines.extend(why.hint().map(|it| (theme.text, it)));
    lines.push((theme.text, String::new()));
    lines.push((theme.title, "What you can do".to_owned()));
    lines.extend(offers(why, model).into_iter().map(|it| (theme.text, it)));
    let width = usize::from(inside.width.saturating_sub(4));
    let wrapped = lines
        .iter()
        .flat_map(|(style, text)| wrapped(text, width).into_iter().map(move |it| (*style, it)));
    for (y, (style, text)) in (inside.y + 1..inside.bottom()).zip(wrapped) {
        buffer.set_stringn(inside.x + 2, y, text, width, style);
    }
}

fn offers(why: &EngineError, model: &Model) -> Vec<String> {
    let context = model.screen().context();
    let key =
        |action| model.keymap.key_for(context, action).map(|it| it.to_string()).unwrap_or_default();
    let mut offers = Vec::new();
    if matches!(why, EngineError::NotASwarm { .. }) {
        offers.push("docker swarm init --advertise-addr IP     make this engine the first manager of a swarm".to_owned());
        offers.push("docker swarm join --token TOKEN IP:2377   join one; ask a manager: docker swarm join-token manager".to_owned());
    }
    let command = key(Action::Command);
    offers.push(format!(
        "{command}contexts      choose another engine ({} docker contexts are known)",
        model.world.setting.contexts.len()
    ));
    offers.push("skep --demo    look around in a demo cluster; nothing real is touched".to_owned());
    offers.push(format!(
        "{}         try again at once; skep tries by itself all the time",
        key(Action::Refresh)
    ));
    offers
}

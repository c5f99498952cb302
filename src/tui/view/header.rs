//! The line at the top: where one is, and how the cluster fares.

use crate::{
    domain::{cluster::Node, health::Load, text::count::plural},
    jobs::watch::Link,
    tui::widgets::Look,
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

/// A part of the line; those of a higher rank go first where there is no room.
struct Part {
    text: String,
    style: Style,
    rank: u8,
}

const GAP: usize = 3;

/// Draws name, nodes, managers, services, tasks, reserved capacity and jobs.
pub fn draw(look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
    let mut parts = parts(look);
    let width = |parts: &[Part]| parts.iter().map(|it| it.text.width() + GAP).sum::<usize>();
    while width(&parts) > usize::from(area.width) {
        let Some(worst) = parts.iter().map(|it| it.rank).max().filter(|it| *it > 0) else { break };
        parts.retain(|it| it.rank != worst);
    }
    let mut x = area.x + 1;
    for part in parts {
        let room = usize::from(area.right().saturating_sub(x));
        (x, _) = buffer.set_stringn(x, area.y, &part.text, room, part.style);
        x = x.saturating_add(3);
    }
}

fn parts(look: &Look<'_>) -> Vec<Part> {
    let (world, theme) = (look.world, look.theme);
    let part = |text: String, style: Style, rank: u8| Part { text, style, rank };
    let setting = &world.setting;
    let mode = match (setting.demo, setting.read_only) {
        (false, false) if setting.production => " PRODUCTION",
        (true, _) => " DEMO",
        (false, true) => " read-only",
        (false, false) => "",
    };
    let mut parts = vec![part(
        format!("skep {} {}{mode}", theme.glyphs.folded, setting.context),
        theme.title,
        0,
    )];
    if world.view.read_at.is_none() {
        let state = if matches!(world.view.link, Link::Connecting) {
            format!("connecting to {}", setting.address)
        } else {
            "no data".to_owned()
        };
        parts.push(part(state, theme.muted, 0));
        return parts;
    }
    parts.extend(nodes(look));
    let broken = world.services().iter().filter(|it| !it.converged()).count();
    let services = world.services().len();
    parts.push(part(plural(services as u64, "service"), theme.text, 2));
    if broken > 0 {
        parts.push(part(format!("{broken} {}", theme.glyphs.bad), theme.danger, 0));
    }
    let running: u64 = world.services().iter().map(|it| it.running).sum();
    let desired: u64 = world.services().iter().map(|it| it.desired).sum();
    parts.push(part(format!("{running}/{desired} tasks"), theme.text, 3));
    let load = Load::of_cluster(world.services(), world.nodes());
    if let (Some(cpu), Some(memory)) = (load.cpu_percent(), load.memory_percent()) {
        parts.push(part(format!("reserved cpu {cpu}% mem {memory}%"), theme.muted, 5));
    }
    if world.running_jobs() > 0 {
        let jobs = plural(world.running_jobs() as u64, "job");
        parts.push(part(format!("{} {jobs}", theme.glyphs.moving), theme.warn, 0));
    }
    if let Some(system) = world.system() {
        parts.push(part(format!("engine {}", system.version), theme.muted, 6));
    }
    parts
}

fn nodes(look: &Look<'_>) -> Vec<Part> {
    let (world, theme) = (look.world, look.theme);
    let ready = world.nodes().iter().filter(|it| it.state == "ready").count();
    let total = world.nodes().len();
    let managers: Vec<&Node> = world.nodes().iter().filter(|it| it.manager.is_some()).collect();
    let reachable = managers.iter().filter(|it| reachable(it)).count();
    let at_risk = managers.len() > 1
        && reachable.saturating_sub(1) <= managers.len() / 2
        && reachable < managers.len();
    let node_style = theme.health(ready == total);
    let mut parts =
        vec![Part { text: format!("{ready}/{total} nodes"), style: node_style, rank: 1 }];
    let text = format!("{reachable}/{} managers", managers.len());
    if at_risk {
        let text = format!("{text} {} quorum at risk", theme.glyphs.warn);
        parts.push(Part { text, style: theme.danger, rank: 0 });
    } else {
        parts.push(Part { text, style: theme.health(reachable == managers.len()), rank: 4 });
    }
    parts
}

fn reachable(node: &Node) -> bool {
    node.manager.as_ref().is_some_and(|it| it.reachability == "reachable")
}

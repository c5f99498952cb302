//! Meaning does not rest on colour, on glyphs, or on much room.

use crate::cockpit::harness::Cockpit;
use ratatui::style::Color;
use skep::{
    engine::EngineError,
    tui::{event::Destination, theme::Theme},
};
use std::time::Duration;

const PAGES: &[&str] = &[
    "board",
    "overview",
    "stacks",
    "services",
    "tasks",
    "nodes",
    "events",
    "jobs",
    "contexts",
    "describe whoami",
    "spec whoami",
    "logs monitoring",
    "help",
];

fn gone() -> EngineError {
    EngineError::Unreachable { address: "unix:///x".to_owned(), why: "refused".to_owned() }
}

#[test]
fn without_colours_nothing_is_coloured() {
    for page in PAGES {
        let cockpit = Cockpit::demo().with_theme(Theme::no_color()).command(page);
        for place in [cockpit.buffer(), cockpit.lost(gone(), Duration::ZERO, 1).buffer()] {
            for cell in place.content() {
                assert!(matches!(cell.fg, Color::Reset), "{page}: {cell:?}");
                assert!(matches!(cell.bg, Color::Reset), "{page}: {cell:?}");
            }
        }
    }
}

#[test]
fn without_unicode_every_glyph_has_its_twin() {
    for page in PAGES {
        let cockpit = Cockpit::demo().with_theme(Theme::no_color().ascii()).command(page);
        let cockpit = cockpit.lost(gone(), Duration::ZERO, 1);
        for line in cockpit.screen().lines() {
            assert!(line.is_ascii(), "{page}: {line}");
        }
        let asked = cockpit.command("restart whoami").screen();
        assert!(asked.is_ascii(), "{asked}");
    }
}

#[test]
fn the_default_theme_speaks_in_the_colours_of_the_terminal() {
    for page in PAGES {
        let cockpit = Cockpit::demo().with_theme(Theme::default()).command(page);
        for cell in cockpit.buffer().content() {
            for color in [cell.fg, cell.bg] {
                assert!(!matches!(color, Color::Rgb(..)), "{page}: {cell:?}");
            }
        }
    }
}

#[test]
fn what_is_fine_is_quiet_and_what_is_not_is_red() {
    let cockpit = Cockpit::demo().with_theme(Theme::default()).command("services").press("shift-n");
    let buffer = cockpit.buffer();
    let screen = cockpit.screen();
    let color = |name: &str| {
        let y = screen.lines().position(|it| it.contains(name)).unwrap();
        let x = screen.lines().nth(y).unwrap().chars().position(char::is_alphabetic).unwrap();
        buffer.cell((u16::try_from(x).unwrap(), u16::try_from(y).unwrap())).unwrap().fg
    };
    assert_eq!(color("shop-production-search_ranker"), Color::Red);
    assert_eq!(color("monitoring_loki"), Color::Reset);
}

#[test]
fn a_terminal_that_is_too_small_is_told_so_in_one_line() {
    for (columns, rows) in [(20, 5), (59, 24), (80, 14), (1, 1), (3, 2)] {
        let screen = Cockpit::demo().at(columns, rows).screen();
        let said: String = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        if columns >= 20 {
            assert_eq!(said, format!("skep needs 60×15 cells, this is {columns}×{rows}"));
        }
    }
}

#[test]
fn every_page_can_be_drawn_at_every_size() {
    for page in PAGES {
        let mut cockpit = Cockpit::demo().command(page);
        for (columns, rows) in [(60, 15), (61, 16), (80, 24), (110, 26), (109, 25), (300, 100)] {
            cockpit = cockpit.at(columns, rows);
            assert!(!cockpit.screen().trim().is_empty(), "{page} at {columns}×{rows}");
            cockpit = cockpit.command("restart whoami");
            assert!(cockpit.screen().contains("Restart whoami?"), "{page} at {columns}×{rows}");
            cockpit = cockpit.press("n");
        }
    }
}

#[test]
fn the_focus_and_the_selection_are_seen_without_colour() {
    let cockpit = Cockpit::demo();
    assert!(cockpit.screen().contains('┏'));
    assert!(cockpit.reversed()[0].starts_with("monitoring_alertmanager"));
}

#[test]
fn no_key_in_the_footer_is_cut_in_the_middle() {
    for columns in (60..=200).step_by(3) {
        let footer = Cockpit::demo().at(columns, 24).footer();
        let open = footer.matches('<').count();
        assert_eq!(open, footer.matches('>').count(), "{footer}");
        assert!(open > 3, "{footer}");
    }
}

#[test]
fn the_footer_of_a_narrow_terminal_has_what_the_view_is_for() {
    for (page, keys) in [
        ("services monitoring", &["<l>logs", "<d>describe", "<e>edit"][..]),
        ("stacks", &["<l>logs"]),
        ("describe whoami", &["<y>spec", "<l>logs"]),
        ("logs monitoring", &["<s>pause/follow", "<ctrl-f>search"]),
    ] {
        let footer = Cockpit::demo().command(page).at(80, 24).footer();
        for key in keys {
            assert!(footer.contains(key), "{page}: no {key} in {footer}");
        }
        assert!(footer.trim_end().ends_with("<?>help"), "{page}: {footer}");
        assert!(!footer.contains("next match") || page.starts_with("logs"), "{footer}");
    }
}

#[test]
fn keys_of_stacks_work_on_the_rows_of_their_services() {
    let stack = || Cockpit::demo().with_stack("shop/live/web", "services: {}\n");
    let row = |cockpit: Cockpit| {
        let name = cockpit.model.world.projects.catalog.stacks.values().next().unwrap();
        let swarm = name.swarm.clone();
        cockpit.with_view(move |view| {
            let mut services = view.services.to_vec();
            services[0].stack = Some(swarm);
            view.services = services.into();
        })
    };
    let deployed = row(stack()).command("services").press("f5");
    assert!(matches!(deployed.model.screen().place(), Destination::Plan(_)));
    let edited = row(stack()).command("services").press("e");
    assert!(matches!(edited.model.screen().place(), Destination::Editor(_)));
    let releases = Cockpit::demo().command("services monitoring").press("v");
    assert!(matches!(releases.model.screen().place(), Destination::Releases(_)));
    // A service of no stack has none of it, and says so.
    let single = Cockpit::demo().command("services").press("/").enter("registry");
    let single = single.press("enter v");
    assert!(single.message().contains("only stacks have releases"), "{}", single.message());
}

#[test]
fn help_is_always_offered() {
    for page in PAGES {
        for columns in [60, 80, 160] {
            let footer = Cockpit::demo().command(page).at(columns, 24).footer();
            assert!(footer.contains("<?>help"), "{page}: {footer}");
        }
    }
}

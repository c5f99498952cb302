//! Opens the cockpit on what was put together, and again on another engine when
//! the operator switches.

use crate::{
    cli::{Desk, Exit, Failure, Reached, paints},
    config::{Config, values::LogColors},
    domain::logs::Window,
    jobs::{session::Session, watch::Pace},
    start,
    tui::{
        keymap::Keymap,
        run::{Ending, Start, run},
        terminal,
        theme::Theme,
        world::{ContextRow, LogSetting, Setting},
    },
};
use std::{
    collections::BTreeMap,
    env,
    io::{IsTerminal, stdin, stdout},
};

/// The name that leads to the demo cluster, where one switches contexts.
const DEMO: &str = "demo";

/// Runs the cockpit until it is left.
pub async fn open(mut desk: Desk) -> Result<Exit, Failure> {
    refuse_without_terminal()?;
    terminal::restore_on_panic();
    let mut notice = None;
    loop {
        let start = prepare(&desk, notice.take()).await?;
        match run(start).await? {
            Ending::Quit => return Ok(Exit::Done),
            Ending::Switch(context) => match start::reach_context(&desk, &context) {
                Ok(reached) => desk.engine = Ok(reached),
                // The engine at hand stays, and says why.
                Err(failure) => notice = Some(failure.to_string().replace('\n', "; ")),
            },
        }
    }
}

async fn prepare(desk: &Desk, notice: Option<String>) -> Result<Start, Failure> {
    let config = &desk.settings.config;
    let Reached { engine, context } = desk.engine.as_ref().map_err(Clone::clone)?;
    let demo = context == DEMO;
    let store = desk.store.as_ref().ok().filter(|_| !demo).cloned();
    let (history, trouble) = match &store {
        Some(store) => {
            let store = store.clone();
            match tokio::task::spawn_blocking(move || store.prompts()).await {
                Ok(Ok(history)) => (history, None),
                Ok(Err(err)) => (Vec::new(), Some(format!("{err}; {}", err.hint()))),
                Err(err) => (Vec::new(), Some(format!("bug: {err}"))),
            }
        }
        None => (Vec::new(), None),
    };
    Ok(Start {
        session: Session {
            engine: engine.clone(),
            store,
            who: desk.who.clone(),
            context: context.clone(),
        },
        setting: setting(desk, engine.address(), context),
        keymap: keymap(config)?,
        theme: theme(desk, context)?,
        pace: Pace { idle: config.ui.refresh.get(), ..Pace::default() },
        mouse: config.ui.mouse.or(!over_ssh()),
        history,
        view: Some(config.ui.view.clone()),
        notice: notice.or(trouble),
    })
}

fn setting(desk: &Desk, address: String, context: &str) -> Setting {
    let config = &desk.settings.config;
    let row = |name: &str, address: String| ContextRow { name: name.to_owned(), address };
    let known = desk.contexts.iter().map(|it| {
        let address = it.address.clone().unwrap_or_else(|bad| bad);
        row(&it.name, address)
    });
    Setting {
        context: context.to_owned(),
        address,
        demo: context == DEMO,
        read_only: config.read_only_in(context),
        refresh: config.ui.refresh.get(),
        logs: LogSetting {
            lines: config.logs.buffer.get(),
            tail: config.logs.tail,
            window: Window::Tail,
            timestamps: config.logs.timestamps,
            wrap: config.logs.wrap,
            colours: config.logs.colors == LogColors::Keep,
        },
        contexts: known.chain([row(DEMO, "a cluster that is made up".to_owned())]).collect(),
        zone: desk.zone.clone(),
    }
}

fn keymap(config: &Config) -> Result<Keymap, Failure> {
    let keys: BTreeMap<String, Vec<String>> =
        config.keys.iter().map(|(action, keys)| (action.clone(), keys.0.clone())).collect();
    Keymap::remapped(&keys).map_err(|err| Failure::usage(err.to_string(), None))
}

fn theme(desk: &Desk, context: &str) -> Result<Theme, Failure> {
    let config = &desk.settings.config;
    let variable = |name: &str| env::var(name).ok();
    let theme = if paints(desk.options.no_color, true, variable) {
        let file = desk.settings.theme(config.theme_in(context))?;
        let theme = Theme::default().without_origins().with_roles(&file.roles());
        theme.map_err(|err| Failure::usage(err.to_string(), None))?
    } else {
        Theme::no_color()
    };
    Ok(if config.ui.ascii.or(!speaks_unicode()) { theme.ascii() } else { theme })
}

fn refuse_without_terminal() -> Result<(), Failure> {
    let hint =
        || Some("commands work without one: `skep ls`, `skep services`, `skep --help`".to_owned());
    if !stdin().is_terminal() || !stdout().is_terminal() {
        return Err(Failure::usage("the cockpit needs a terminal", hint()));
    }
    if env::var("TERM").is_ok_and(|it| it == "dumb") {
        return Err(Failure::usage(
            "the cockpit cannot draw on this terminal (TERM is dumb)",
            hint(),
        ));
    }
    Ok(())
}

fn over_ssh() -> bool {
    env::var_os("SSH_CONNECTION").is_some() || env::var_os("SSH_TTY").is_some()
}

/// The first of these that is set decides (POSIX); Linux consoles have few
/// glyphs.
fn speaks_unicode() -> bool {
    let given = |name| env::var(name).ok().filter(|it: &String| !it.is_empty());
    let locale =
        given("LC_ALL").or_else(|| given("LC_CTYPE")).or_else(|| given("LANG")).unwrap_or_default();
    let locale = locale.to_lowercase();
    (locale.contains("utf-8") || locale.contains("utf8"))
        && env::var("TERM").as_deref() != Ok("linux")
}

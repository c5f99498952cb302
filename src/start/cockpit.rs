//! Starts the cockpit from settings.

use crate::{
    cli::{Asked, CANNOT_STOP, Desk, Exit, Failure, Reached, Signals, ending},
    config::{Loaded, SettingOrigin, values::LogColors},
    domain::logs::Window,
    jobs::{News, lease::holder, session::Session, watch::PollPace},
    projects::templates::Templates,
    start::{
        demo,
        reach::{DEMO, reach_context},
        speaker::Speaker,
    },
    store::Store,
    tui::{
        keymap::{Keymap, KeymapError},
        run::{Ending, Rest, Start, run},
        terminal,
        theme::Theme,
        world::{CockpitSettings, ContextRow, LogSetting},
    },
};
use signal_hook::{consts::SIGQUIT, low_level::emulate_default_handler};
use std::{
    env,
    io::{IsTerminal, stdin, stdout},
    sync::Arc,
    time::Duration,
};
use tokio::signal::unix::{SignalKind, signal};

/// Runs the cockpit, on one engine after the other, until it is left.
pub async fn cockpit(mut desk: Desk) -> Result<Exit, Failure> {
    refuse_without_terminal()?;
    terminal::restore_on_panic();
    let (mut notice, mut rests) = (None, Vec::new());
    loop {
        let start = prepared(&desk, notice.take())?;
        if start.setting.demo {
            demo::fill(&start.session).await;
        }
        let ended = run(start).await;
        let ended = ended.map_err(|err| Failure::new(format!("no terminal: {err}"), None));
        let (ending, rest) = ended?;
        rests.push(rest);
        match ending {
            Ending::Quit => return wait(rests, true).await,
            Ending::Gone => return wait(rests, false).await,
            Ending::Switch(context) => match reach_context(&desk.settings.config, &context) {
                Ok(reached) => desk.engine = Ok(reached),
                // The engine at hand stays, and the cockpit says why.
                Err(failure) => notice = Some(failure.to_string().replace('\n', "; ")),
            },
        }
    }
}

/// Waits for the ends of the jobs that cockpits left behind, asking them to `stop` first
/// or letting them go on; returns the worst end.
async fn wait(mut rests: Vec<Rest>, stop: bool) -> Result<Exit, Failure> {
    rests.retain(|it| !it.is_over());
    if rests.is_empty() {
        return Ok(Exit::Done);
    }
    let mut speaker = Speaker::new();
    let exit = hear_out(rests, stop, |words| speaker.say(words)).await;
    speaker.finish();
    exit
}

async fn hear_out(
    mut rests: Vec<Rest>,
    mut stop: bool,
    mut say: impl FnMut(String),
) -> Result<Exit, Failure> {
    let (mut signals, mut stopped, mut exit) = (Signals::listen()?, false, Exit::Done);
    // The cockpit took it; from here on it ends the process again.
    let mut quit = signal(SignalKind::quit())?;
    while let Some(rest) = rests.first_mut() {
        if stop && !stopped {
            stopped = true;
            say("waiting for running jobs; they stop at the next safe point".to_owned());
            rests.iter_mut().for_each(Rest::stop);
            continue;
        }
        tokio::select! {
            news = rest.next() => match news {
                Some(News::Finished(verdict)) => match ending(&verdict) {
                    Ok(note) => say(note.to_owned()),
                    Err(failure) => {
                        say(failure.to_string());
                        exit = exit.or_worse(failure.exit);
                    }
                },
                Some(News::Note(note)) => say(format!("  note: {note}")),
                Some(News::Step { doing, .. }) => say(format!("  {doing}")),
                Some(News::Started { title, .. }) => say(title),
                Some(
                    News::Steps(_)
                    | News::Progress(_)
                    | News::Tail(_)
                    | News::Replanned(..)
                    | News::Released(_),
                ) => {}
                None => _ = rests.remove(0),
            },
            asked = signals.next() => match asked {
                Asked::Stop if stopped => say(CANNOT_STOP.to_owned()),
                Asked::Stop => stop = true,
                Asked::Nothing => {}
            },
            _ = quit.recv() => {
                // What cannot be ended so goes on.
                let _ = emulate_default_handler(SIGQUIT);
            }
        }
    }
    Ok(exit)
}

fn refuse_without_terminal() -> Result<(), Failure> {
    let what = if !stdin().is_terminal() || !stdout().is_terminal() {
        "the cockpit needs a terminal"
    } else if env::var("TERM").is_ok_and(|it| it == "dumb") {
        "the cockpit cannot draw on this terminal (TERM is dumb)"
    } else {
        return Ok(());
    };
    let hint = "commands work without one: `skep ls`, `skep services`, `skep --help`";
    Err(Failure::usage(what, Some(hint.to_owned())))
}

fn prepared(desk: &Desk, notice: Option<String>) -> Result<Start, Failure> {
    let config = &desk.settings.config;
    let reached = desk.engine.as_ref().map_err(Clone::clone)?;
    let is_visit = reached.context == DEMO && !desk.options.demo;
    let store = if is_visit { Store::in_memory() } else { desk.store.clone() };
    let history = store.placed().and_then(Store::prompts);
    // A cockpit without its history is better than none.
    let trouble = history.as_ref().err().map(|err| format!("{err}; {}", err.hint()));
    let refresh = config.ui.refresh.get();
    let usual = PollPace::default();
    Ok(Start {
        session: Session {
            engine: reached.engine.clone(),
            store,
            who: desk.who.clone(),
            context: reached.context.clone(),
            neighbours: desk.neighbours.clone(),
        },
        setting: setting(desk, reached),
        keymap: keymap(&desk.settings)?,
        theme: theme(desk, &reached.context)?,
        pace: PollPace { idle: refresh, moving: usual.moving.min(refresh) },
        mouse: config.ui.mouse.or(!is_set("SSH_CONNECTION")),
        history: history.unwrap_or_default().into_iter().rev().collect(),
        view: Some(config.ui.view.clone()),
        notice: notice.or(trouble),
    })
}

/// Says whether a terminal is likely to have keys like f5 at hand: keyboards of those who
/// come over ssh may be laptops, and macOS wants `fn` with them.
fn has_function_keys(variable: impl Fn(&str) -> Option<String>) -> bool {
    let remote = ["SSH_CONNECTION", "SSH_TTY"].into_iter().any(|it| variable(it).is_some());
    let mac = ["Apple_Terminal", "iTerm.app"];
    let mac = variable("TERM_PROGRAM").is_some_and(|it| mac.contains(&it.as_str()));
    let old = ["vt100", "vt220", "ansi", "screen"];
    let old = variable("TERM").is_some_and(|it| old.contains(&it.as_str()));
    !remote && !mac && !old
}

fn setting(desk: &Desk, reached: &Reached) -> CockpitSettings {
    let config = &desk.settings.config;
    let row = |name: &str, address: &str| ContextRow { name: name.into(), address: address.into() };
    let reachable =
        desk.contexts.iter().filter_map(|it| Some(row(&it.name, it.address.as_ref().ok()?)));
    CockpitSettings {
        context: reached.context.clone(),
        address: reached.engine.address(),
        demo: reached.context == DEMO,
        read_only: desk.is_read_only(),
        holder: holder(&desk.who),
        recovery: config.recovery,
        production: desk.production().is_some(),
        header: config.ui.header,
        hints: config.ui.hints,
        function_keys: has_function_keys(|it| std::env::var(it).ok()),
        refresh: config.ui.refresh.get(),
        keep: config.releases.keep.get(),
        logs: LogSetting {
            lines: config.logs.buffer.get(),
            tail: config.logs.tail,
            window: config.logs.since.map_or(Window::Tail, |it| window(it.get())),
            timestamps: config.logs.timestamps,
            wrap: config.logs.wrap,
            colours: config.logs.colors == LogColors::Keep,
        },
        contexts: reachable.chain([row(DEMO, "a made-up cluster")]).collect(),
        templates: Arc::new(Templates::read(desk.places.templates().as_deref())),
        zone: desk.zone.clone(),
    }
}

/// Returns the window that reaches back that far, in whole minutes.
fn window(back: Duration) -> Window {
    let minutes = back.as_secs().div_ceil(60).max(1);
    Window::Back(u32::try_from(minutes).unwrap_or(u32::MAX))
}

/// Reads which keys mean what; what the settings say of them may make no sense.
pub(super) fn keymap(settings: &Loaded) -> Result<Keymap, Failure> {
    let keys = settings.config.keys.iter().map(|(action, keys)| (action.clone(), keys.0.clone()));
    Keymap::remapped(&keys.collect()).map_err(|err| {
        let named: Vec<&str> = match &err {
            KeymapError::UnknownAction { name, .. } => vec![name],
            KeymapError::BadKey { action, .. } => vec![action],
            KeymapError::Duplicate { first, second, .. } => vec![first, second],
        };
        let mut origins = named.iter().map(|it| settings.origin(&format!("keys.{it}")));
        let origin =
            origins.find(|it| **it != SettingOrigin::Default).unwrap_or(&SettingOrigin::Default);
        Failure::usage(format!("{origin}: {err}"), None)
    })
}

fn theme(desk: &Desk, context: &str) -> Result<Theme, Failure> {
    let settings = &desk.settings;
    let theme = if desk.options.no_color || is_set("NO_COLOR") {
        Theme::no_color()
    } else {
        let file = settings.theme(settings.config.theme_in(context))?;
        let themed = Theme::default().without_origins().with_roles(&file.roles());
        themed.map_err(|err| Failure::usage(err.to_string(), None))?
    };
    let ascii = settings.config.ui.ascii.or(!speaks_unicode(|it| env::var(it).ok()));
    Ok(if ascii { theme.ascii() } else { theme })
}

/// Reads from the locale whether the terminal takes Unicode; the first variable
/// that is set counts (POSIX).
pub fn speaks_unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    let mut set = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable);
    let locale = set.find(|it| !it.is_empty()).unwrap_or_default().to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_locale(variables: &[(&str, &str)], expected: bool) {
        let lookup =
            |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        assert_eq!(speaks_unicode(lookup), expected, "{variables:?}");
    }

    #[test]
    fn the_first_locale_that_is_set_decides_about_unicode() {
        check_locale(&[("LANG", "de_DE.UTF-8")], true);
        check_locale(&[("LANG", "C.utf8"), ("LC_ALL", "")], true);
        check_locale(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")], false);
        check_locale(&[("LANG", "de_DE.UTF-8"), ("LC_CTYPE", "POSIX")], false);
        check_locale(&[], false);
    }

    #[test]
    fn logs_reach_back_at_least_as_far_as_asked() {
        for (seconds, expected) in
            [(1, "1m"), (60, "1m"), (61, "2m"), (900, "15m"), (90_000, "25h")]
        {
            assert_eq!(window(Duration::from_secs(seconds)).label(), expected);
        }
    }

    #[track_caller]
    fn has_them(variables: &[(&str, &str)], expected: bool) {
        let value = |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        assert_eq!(has_function_keys(value), expected, "{variables:?}");
    }

    #[test]
    fn function_keys_are_at_hand_on_terminals_of_this_machine() {
        has_them(&[], true);
        has_them(&[("TERM", "xterm-256color")], true);
        has_them(&[("TERM", "screen-256color"), ("TERM_PROGRAM", "tmux")], true);
        has_them(&[("TERM", "linux")], true);
    }

    #[test]
    fn function_keys_are_not_at_hand_over_ssh_on_macs_and_on_old_terminals() {
        has_them(
            &[("TERM", "xterm-256color"), ("SSH_CONNECTION", "10.0.0.7 1 10.0.0.1 22")],
            false,
        );
        has_them(&[("TERM", "xterm-256color"), ("SSH_TTY", "/dev/pts/3")], false);
        has_them(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "Apple_Terminal")], false);
        has_them(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], false);
        for term in ["vt100", "vt220", "ansi", "screen"] {
            has_them(&[("TERM", term)], false);
        }
    }
}

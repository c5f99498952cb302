//! The entry point: parses arguments, runs the cockpit or a command, and returns the exit code.

use skep::{
    cli::{
        Cli, Command, CommandOutput, Desk, Exit, Failure, Live, Out, Sink, asked, is_working,
        paints, remark,
    },
    diagnostics,
    domain::text::escape,
    start,
    tui::terminal::{self, Unhurried, size},
};
use std::{
    env,
    fs::File,
    io::{self, BufWriter, IsTerminal, Write},
    process::ExitCode,
    time::Duration,
};
use tokio::runtime::{Builder, Runtime};

/// skep waits far more than it computes: one worker for each core would only cost
/// memory on a large machine.
const WORKERS: usize = 2;

/// How long what still writes a file may take once all is said; a read that hangs must
/// not keep anybody.
const LAST_WRITES: Duration = Duration::from_millis(200);

/// Files and sockets that are open at once, at least: the terminal, the runtime, the log,
/// the state, connections to an engine.
const FILES: usize = 24;

fn main() -> ExitCode {
    let (ended, json) = match Cli::read(env::args_os()) {
        Ok(cli) => {
            let json = cli.options.json;
            (run(cli), json)
        }
        Err(told) => (tell(&told), wants_json()),
    };
    ended.unwrap_or_else(|failure| fail(&failure, json)).into()
}

/// Says why nothing came of it where there is no page to say it on.
fn fail(failure: &Failure, json: bool) -> Exit {
    if json {
        let mut out = Out::new(io::stdout(), false, false);
        let mut remarks = Out::new(io::stderr(), false, false);
        let mut page =
            CommandOutput { out: &mut out, remarks: &mut remarks, colors: false, json, live: None };
        return page.fail(failure);
    }
    remark(&failure.to_string());
    failure.exit
}

/// Returns whether a program reads the answer, when the arguments make no sense.
fn wants_json() -> bool {
    env::args_os().take_while(|it| it != "--").any(|it| it == "--json")
}

/// Prints help, the version, or what is wrong with the arguments.
fn tell(told: &clap::Error) -> Result<Exit, Failure> {
    if told.use_stderr() && wants_json() {
        return Err(misused(told));
    }
    let foreign = env::args_os().any(|it| it.to_string_lossy().contains(escape::deceives));
    let colors = |terminal: bool| !foreign && paints(false, terminal, |it| env::var(it).ok());
    if told.use_stderr() {
        let terminal = io::stderr().is_terminal();
        print_all(Out::new(io::stderr(), terminal, false), told, colors(terminal));
        return Ok(Exit::Usage);
    }
    let terminal = io::stdout().is_terminal();
    print_all(Out::new(io::stdout(), terminal, false), told, colors(terminal));
    Ok(Exit::Done)
}

/// Returns what is wrong with the arguments, without what is shown beside.
fn misused(told: &clap::Error) -> Failure {
    let words = told.render().to_string();
    let mut lines = words.lines().map(str::trim).filter(|it| !it.is_empty());
    let what = lines.next().unwrap_or_default();
    let what = what.strip_prefix("error: ").unwrap_or(what).to_owned();
    let more: Vec<&str> =
        lines.take_while(|it| !it.starts_with("Usage:") && !it.starts_with("For more")).collect();
    let hint = if more.is_empty() {
        "`skep --help` lists all commands".to_owned()
    } else {
        more.join(" ")
    };
    Failure::usage(what, Some(hint))
}

/// Clap has styles of its own; where they are drawn, no words of others are dangerous.
fn print_all(mut out: impl Sink, told: &clap::Error, colors: bool) {
    let words = told.render();
    let printed = if colors {
        out.drawn(words.ansi().to_string().as_bytes())
    } else {
        write!(out, "{words}")
    };
    // There is no other place left to say that it failed.
    let _ = printed.and_then(|()| out.flush());
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    let colors = paints(cli.options.no_color, io::stderr().is_terminal(), |it| env::var(it).ok());
    diagnostics::install_hooks(colors).map_err(|err| Failure::new(err.to_string(), None))?;
    enough_files()?;
    let (desk, _log) = start::desk(cli.options)?;
    let runtime = Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    let runtime = runtime.map_err(|err| Failure::new(format!("skep cannot start: {err}"), None))?;
    let exit = work(&runtime, cli.command, desk);
    terminal::let_go();
    runtime.shutdown_timeout(LAST_WRITES);
    exit
}

/// Refuses to start where fewer files may be open than skep needs beside those it was
/// given: libraries panic where there is none left for them.
fn enough_files() -> Result<(), Failure> {
    let open: Result<Vec<File>, io::Error> = (0..FILES).map(|_| File::open("/dev/null")).collect();
    open.map(drop).map_err(|err| {
        let hint = "allow more, as with `ulimit -n 1024`".to_owned();
        Failure::new(format!("skep needs to open {FILES} files at once: {err}"), Some(hint))
    })
}

fn work(runtime: &Runtime, command: Option<Command>, desk: Desk) -> Result<Exit, Failure> {
    let Some(command) = command else { return runtime.block_on(start::cockpit(desk)) };
    let terminal = io::stdout().is_terminal();
    let colors = paints(desk.options.no_color, terminal, |name| env::var(name).ok());
    let opened = if terminal { terminal::words(is_working, asked) } else { None };
    let mut out = Out::new(BufWriter::new(or(opened, io::stdout())), terminal, colors);
    let terminal = io::stderr().is_terminal();
    let opened = if terminal { terminal::remarks(is_working, asked) } else { None };
    let mut remarks = Out::new(or(opened, io::stderr()), terminal, false);
    let json = desk.options.json;
    let live = live(desk.options.no_color);
    let mut page = CommandOutput { out: &mut out, remarks: &mut remarks, colors, json, live };
    Ok(runtime.block_on(command.run(&desk, &mut page)))
}

/// Prints where it was opened, else to the stream as it is.
fn or(opened: Option<Unhurried>, stream: impl Write + Send + 'static) -> Box<dyn Write + Send> {
    opened.map_or_else(|| Box::new(stream) as Box<dyn Write + Send>, |it| Box::new(it))
}

/// Remarks are drawn over where a terminal shows them that can do so.
fn live(no_color: bool) -> Option<Live> {
    let dumb = env::var("TERM").is_ok_and(|it| it == "dumb");
    let unicode = start::speaks_unicode(|it| env::var(it).ok());
    let terminal = io::stderr().is_terminal();
    let colors = paints(no_color, terminal, |it| env::var(it).ok());
    (terminal && !dumb).then_some(Live { size, unicode, colors })
}

//! Parses the arguments, picks a face, and turns the end into an exit code.

use clap::Parser;
use skep::{
    cli::{Cli, Exit, Failure, Page, paints},
    diagnostics, start,
};
use std::{
    env,
    io::{self, BufWriter, IsTerminal},
    process::ExitCode,
};
use tokio::runtime::Builder;

/// skep waits far more than it computes: one worker for each core would only cost
/// memory on a large machine.
const WORKERS: usize = 2;

fn main() -> ExitCode {
    let exit = run(Cli::parse()).unwrap_or_else(|failure| {
        eprintln!("{failure}");
        failure.exit
    });
    exit.into()
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    diagnostics::install_hooks().map_err(|err| Failure::new(err.to_string(), None))?;
    let (desk, _log) = start::desk(cli.options)?;
    let runtime = Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    let Some(command) = cli.command else { return runtime.block_on(start::cockpit(desk)) };
    let (mut out, mut remarks) = (BufWriter::new(io::stdout()), io::stderr());
    let terminal = io::stdout().is_terminal();
    let colors = paints(desk.options.no_color, terminal, |name| env::var(name).ok());
    let json = desk.options.json;
    let mut page = Page { out: &mut out, remarks: &mut remarks, colors, json };
    Ok(runtime.block_on(command.run(&desk, &mut page)))
}

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
use tokio::runtime::Runtime;

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
    let runtime = Runtime::new()?;
    let Some(command) = cli.command else { return runtime.block_on(start::cockpit(desk)) };
    let (mut out, mut remarks) = (BufWriter::new(io::stdout()), io::stderr());
    let terminal = io::stdout().is_terminal();
    let colors = paints(desk.options.no_color, terminal, |name| env::var(name).ok());
    let json = desk.options.json;
    let mut page = Page { out: &mut out, remarks: &mut remarks, colors, json };
    Ok(runtime.block_on(command.run(&desk, &mut page)))
}

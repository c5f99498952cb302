//! Parses the arguments, picks a face, and turns the end into an exit code.

use clap::{CommandFactory, Parser};
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
    let cli = Cli::parse();
    let exit = run(cli).unwrap_or_else(|failure| {
        eprintln!("{failure}");
        failure.exit
    });
    exit.into()
}

fn run(cli: Cli) -> Result<Exit, Failure> {
    diagnostics::install_hooks().map_err(|err| Failure::new(err.to_string(), None))?;
    let (desk, _log) = start::desk(cli.options)?;
    let Some(command) = cli.command else {
        Cli::command().print_help()?;
        return Ok(Exit::Usage);
    };
    let (mut out, mut remarks) = (BufWriter::new(io::stdout()), io::stderr());
    let variable = |name: &str| env::var(name).ok();
    let colors = paints(desk.options.no_color, io::stdout().is_terminal(), variable);
    let json = desk.options.json;
    let mut page = Page { out: &mut out, remarks: &mut remarks, colors, json };
    Ok(Runtime::new()?.block_on(command.run(&desk, &mut page)))
}

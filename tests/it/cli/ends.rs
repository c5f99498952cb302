//! How commands end and what they take.

use crate::cli::{Shell, now};
use clap::Parser;
use insta::assert_snapshot;
use skep::{
    cli::{Cli, Exit},
    engine::{EngineError, fake::FakeEngine},
};

#[tokio::test(start_paused = true)]
async fn an_engine_out_of_reach_is_an_error_with_a_hint() {
    let engine = FakeEngine::new(7, now());
    engine.link().cut();
    assert_snapshot!(Shell::with(Ok(engine)).refusal("ls").await, @r"
    error: no engine answers at demo: connection refused
    hint: check address, network and firewall; or name another engine with --context or --host
    ");
    let worker = FakeEngine::new(7, now()).worker();
    assert_snapshot!(Shell::with(Ok(worker)).refusal("nodes").await, @r"
    error: demo is a worker, and only managers know the cluster
    hint: managers: 10.20.0.11:2377; run skep there, or `--host ssh://…`
    ");
}

#[tokio::test(start_paused = true)]
async fn commands_that_need_no_engine_do_not_miss_it() {
    let err = EngineError::PermissionDenied { address: "unix:///x".to_owned() };
    let shell = Shell::with(Err(err));
    assert!(shell.run("config").await.exit == Exit::Done);
    assert!(shell.out("completions bash").await.contains("skep"));
    assert!(shell.refusal("ls").await.starts_with("error: no permission to use unix:///x\nhint: "));
}

fn check_usage(line: &str, expected: &str) {
    let err = Cli::try_parse_from(line.split_whitespace()).unwrap_err();
    assert!(err.to_string().contains(expected), "{line}: {err}");
    assert_eq!(err.exit_code(), 2);
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    check_usage("skep lss", "'ls'");
    check_usage("skep ps", "<STACK|SERVICE>");
    check_usage("skep ls --timeout soon", "`soon` is no duration");
    check_usage("skep --context a --host b ls", "cannot be used with");
    check_usage("skep --demo --host b", "cannot be used with");
}

#[test]
fn options_stand_before_or_behind_the_command() {
    for line in ["skep --json --context prod ls", "skep ls --json --context prod"] {
        let options = Cli::try_parse_from(line.split_whitespace()).unwrap().options;
        assert!(options.json);
        assert_eq!(options.flags().engine.context.as_deref(), Some("prod"));
    }
}

#[test]
fn the_help_lists_every_command() {
    let err = Cli::try_parse_from(["skep", "--help"]).unwrap_err();
    assert_snapshot!(err.to_string(), @r"
    The cockpit for Docker Swarm.

    Without a command it opens the cockpit.

    Usage: skep [OPTIONS] [COMMAND]

    Commands:
      deploy       Deploy a stack, and wait until its services run
      plan         Show what a deployment would do, and change nothing
      check        Say everything that is wrong with compose files
      ls           List the stacks, and what is wrong with them
      services     List the services of a stack, or all of them
      ps           List the tasks of a stack or a service
      nodes        List the nodes of the swarm
      logs         Print the logs of a service or a stack
      service      Change services, and wait until they are what they should be
      node         Change whether nodes take tasks
      contexts     List the docker contexts
      audit        List what was changed with skep from this machine, and by whom
      config       Show the settings in force, and where each comes from
      completions  Print the completions for a shell

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Options for all commands:
          --context <NAME>
              The docker context to use

      -H, --host <ADDRESS>
              The engine to use: unix:///path, tcp://host:port, ssh://user@host

          --demo
              Use a cluster that is made up

          --read-only
              Refuse everything that changes a cluster

          --config <FILE>
              The file with your settings

          --json
              Print JSON

      -y, --yes
              Do not ask

          --timeout <DURATION>
              How long to wait for an answer of the engine, as 10s

          --no-color
              Print no colours; the variable NO_COLOR says the same
    ");
}

//! How commands end and what they take.

use crate::cli::{Shell, now};
use clap::{Arg, CommandFactory, Parser};
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

#[tokio::test(start_paused = true)]
async fn what_cannot_be_done_to_a_service_is_refused_before_anybody_is_asked() {
    for (line, expected) in [
        (
            "service scale whoami=3 traefik_traefik=2",
            "error: traefik_traefik is global: it runs once on each node and cannot be scaled\n",
        ),
        ("service rollback whoami", "error: the engine keeps no previous spec of whoami\nhint: "),
    ] {
        let said = Shell::demo().refusal(line).await;
        assert!(said.starts_with(expected), "{line}: {said}");
    }
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
    check_usage("skep ls --timeout soon", "`soon` is not a duration");
    check_usage("skep audit -n 0", "`0` shows no entry: write 1 or more");
    check_usage("skep logs web --tail x", "`x` is not a number of lines");
    check_usage("skep history shop x", "`x` is not the number of a release");
    check_usage("skep rollback shop x", "`x` is not the number of a release");
    check_usage("skep drafts x", "`x` is not a number of the list");
    check_usage("skep changes shop --discard x", "`x` is not a number of the list");
    check_usage(
        "skep stack create web -c x.yml",
        "`web` is not the path of a stack: write PROJECT",
    );
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
fn every_command_and_option_is_explained_in_one_line() {
    let skep = Cli::command();
    let commands = skep.get_subcommands().map(|it| (it.get_name().to_owned(), it.get_about()));
    let options = skep.get_subcommands().chain([&skep]).flat_map(|command| {
        let name = |it: &Arg| format!("{} {}", command.get_name(), it.get_id());
        command.get_opts().map(move |it| (name(it), it.get_help()))
    });
    for (name, help) in commands.chain(options) {
        let help = help.map(ToString::to_string).unwrap_or_default();
        assert!((1..=100).contains(&help.len()) && !help.ends_with('.'), "{name}: {help}");
    }
}

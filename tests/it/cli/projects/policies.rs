//! What policies make of findings.

use crate::cli::projects::Bench;
use skep::cli::Exit;

const BUILT: &str = "services:\n  web:\n    image: nginx:1\n    build: .\n";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.does("project create shop");
    bench.does("env create shop/production");
    let file = bench.file("web.yml", BUILT);
    bench.does(&format!("stack create shop/production/web -c {}", file.display()));
    bench
}

/// Runs a command and returns whether it ended well, and whether it told of the key.
fn check(bench: &Bench, line: &str, refused: bool) {
    let printed = bench.run(&format!("{line} shop/production/web"));
    let said = format!("{}{}", printed.out, printed.remarks);
    assert_eq!(printed.exit != Exit::Done, refused, "{line}: {said}");
    assert_eq!(said.contains("[strict-build]"), refused && line == "check", "{line}: {said}");
    assert!(said.contains("build") || !refused, "{line}: {said}");
}

#[test]
fn strict_build_refuses_what_is_ignored_otherwise() {
    let bench = bench();
    let deploy = "deploy --resolve-image never --detach";
    let all = |refused: bool| {
        for line in ["check", "plan --resolve-image never", "render", deploy] {
            check(&bench, line, refused);
        }
    };
    all(false);
    bench.does("policy set shop strict.build refuse");
    all(true);
    // The innermost policy that says anything counts.
    bench.does("policy set shop/production strict.build warn");
    all(false);
    let said = bench.does("check shop/production/web");
    assert!(said.contains("warning[ignored-key]"), "{said}");
    bench.does("policy set shop/production strict.build refuse");
    bench.does("policy unset shop strict.build");
    all(true);
    let why = bench.refuses("policy set shop strict.build maybe");
    assert!(why.contains("strict.build") && why.contains("refuse"), "{why}");
}

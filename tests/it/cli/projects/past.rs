//! What was written before it became secret: sealed afterwards, wherever it was kept, and
//! nothing of it is left in the bytes of the state.

use crate::cli::projects::{Bench, FILE};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use skep::domain::{
    deployment::{audit::Operator, job::FinishedJob, release::ReleaseKey, verdict::Verdict},
    project::draft::Draft,
    swarm::names::StackName,
};
use std::path::PathBuf;

const FIRST: &str = "correct-horse-battery-8841";
const SECOND: &str = "staple/of+another=colour";
const STACK: &str = "shop/production/web";
const DEPLOY: &str = "deploy shop/production/web --resolve-image never --detach";

/// A file whose config holds the value too, in what the engine gets in base64.
const WITH_CONFIG: &str = "configs:\n  app:\n    file: ./app.conf\n";

/// The ways in which a value is written: as it is, in base64 wherever it stands, in hex.
fn forms(value: &str) -> Vec<String> {
    let hex = value.bytes().map(|it| format!("{it:02x}")).collect::<Vec<_>>().concat();
    let mut forms = vec![value.to_owned(), hex.to_uppercase(), hex];
    for before in 0..3_usize {
        let bytes = [vec![b'x'; before], value.as_bytes().to_vec()].concat();
        let whole = STANDARD.encode(&bytes);
        // The first and the last letters belong to what stands around it.
        forms.push(whole[(before * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned());
    }
    forms
}

fn holding(bench: &Bench, value: &str) -> Vec<(String, PathBuf)> {
    let found = |form: String| bench.holding(&form).into_iter().map(move |it| (form.clone(), it));
    forms(value).into_iter().flat_map(found).collect()
}

fn draft(text: String) -> Draft {
    Draft { text, base: String::new(), at: Timestamp::now(), discarded: false, by: None }
}

/// Leaves a value wherever something is remembered.
fn remember(bench: &Bench, value: &str) {
    let store = bench.store();
    let text = format!("services:\n  web:\n    environment: [P={value}]\n");
    store.keep_draft("/a.yml", &draft(text.clone())).unwrap();
    store.discard_draft("/b.yml", &draft(text)).unwrap();
    store.keep_draft("/c.yml", &draft("services: {}\n".to_owned())).unwrap();
    store.keep_prompt(&format!("var set shop DB_PASSWORD={value}")).unwrap();
    store.keep_prompt("svc shop").unwrap();
    let job = FinishedJob {
        title: "deploy shop".to_owned(),
        who: Operator { user: "ann".to_owned(), from: None, host: "h".to_owned() },
        address: "demo".to_owned(),
        started: Timestamp::now(),
        finished: Timestamp::now(),
        verdict: Verdict::Failed { why: format!("exec {value}: no such file"), hint: None },
        notes: vec![format!("the engine says {value}")],
    };
    store.keep_job(&job).unwrap();
}

#[test]
fn a_value_that_becomes_secret_stays_nowhere_in_clear() {
    let bench = Bench::new();
    bench.does("project create shop");
    bench.does("env create shop/production");
    let text = format!("{FILE}    configs: [app]\n{WITH_CONFIG}");
    bench.file("app.conf", &format!("port = 80\npassword = {FIRST}\n"));
    let file = bench.file("web.yml", &text);
    bench.does(&format!("stack create {STACK} -c {}", file.display()));
    for value in [FIRST, SECOND] {
        bench.does(&format!("var set {STACK} DB_PASSWORD={value}"));
        bench.does(&format!("{DEPLOY} -m with:{value}"));
    }
    remember(&bench, FIRST);
    for value in [FIRST, SECOND] {
        assert!(!holding(&bench, value).is_empty(), "nothing to seal of {value}");
    }
    let base64 = forms(FIRST).into_iter().skip(3).any(|it| !bench.holding(&it).is_empty());
    assert!(base64, "the config is not kept as the engine gets it");
    // The config file is the operator's own, and is named.
    bench.file("app.conf", "port = 80\n");
    bench.does(&format!("stack keep {STACK} -c {}", file.display()));

    let said = bench.does(&format!("var set --secret {STACK} DB_PASSWORD={SECOND}"));
    assert!(said.contains("2 releases and 2 drafts from before are encrypted now"), "{said}");
    assert!(!said.contains(FIRST) && !said.contains(SECOND), "{said}");
    for value in [FIRST, SECOND] {
        assert_eq!(holding(&bench, value), [], "{value}");
    }

    // All of it can still be read by who has the key, and nothing is shown.
    let store = bench.store();
    assert!(store.draft("/a.yml").unwrap().unwrap().text.contains(FIRST));
    assert!(store.discarded("/b.yml", Timestamp::now()).unwrap()[0].text.contains(FIRST));
    assert_eq!(store.draft("/c.yml").unwrap().unwrap().text, "services: {}\n");
    assert_eq!(store.prompts().unwrap(), ["svc shop"]);
    let said = [
        bench.does("history shop-production-web"),
        bench.does("history shop-production-web 1 --json"),
        bench.does("history shop-production-web --diff 1 2"),
        bench.does("audit --json"),
        bench.does(&format!("var list {STACK}")),
        bench.does(&format!("changes {STACK}")),
    ]
    .concat();
    assert!(!said.contains(FIRST) && !said.contains(SECOND), "{said}");
    // The value is what it was: nothing seems to have changed.
    assert!(!bench.does(&format!("changes {STACK}")).contains("DB_PASSWORD"), "{said}");
    let first = store.snapshot(&first_release(&bench)).unwrap().unwrap().specs;
    assert!(first.services["shop-production-web_web"].to_string().contains(FIRST));
    let config = first.configs["shop-production-web_app"].to_string();
    assert!(forms(FIRST)[3..].iter().any(|it| config.contains(it)), "{config}");
    // A draft that goes on stays sealed.
    store.keep_draft("/a.yml", &draft(format!("x: {FIRST} and more"))).unwrap();
    assert_eq!(holding(&bench, FIRST), []);
}

/// A release from before there was a project, whose file has the value itself.
fn deployed_with(value: &str) -> Bench {
    let bench = Bench::new();
    let text = format!("services:\n  web:\n    image: nginx:1\n    environment: [P={value}]\n");
    let file = bench.file("old.yml", &text);
    let files = format!("-c {}", file.display());
    bench.does(&format!("deploy {files} shop-production-web --resolve-image never --detach"));
    assert!(!holding(&bench, value).is_empty());
    bench.does("project create shop");
    bench.does("env create shop/production");
    let file = bench.file("web.yml", FILE);
    bench.does(&format!("stack create {STACK} -c {}", file.display()));
    bench
}

fn first_release(bench: &Bench) -> ReleaseKey {
    let stack: StackName = "shop-production-web".parse().unwrap();
    let rows = bench.json("history shop-production-web");
    let cluster = rows[0]["cluster"].as_str().unwrap_or_else(|| panic!("{rows:#}")).to_owned();
    ReleaseKey { cluster, stack, revision: 1 }
}

#[test]
fn a_secret_that_an_old_release_holds_is_sealed_there_with_its_files() {
    let bench = deployed_with(FIRST);
    let said = bench.does(&format!("var set --secret {STACK} DB_PASSWORD={FIRST}"));
    assert!(said.contains("1 release from before is encrypted now"), "{said}");
    assert_eq!(holding(&bench, FIRST), []);
    let key = first_release(&bench);
    let snapshot = bench.store().snapshot(&key).unwrap().unwrap();
    assert!(snapshot.sources[0].text.contains(FIRST) && snapshot.provenance.private);
    assert!(snapshot.specs.services["shop-production-web_web"].to_string().contains(FIRST));
}

#[test]
fn the_first_release_with_secrets_seals_those_before_it() {
    let bench = deployed_with(FIRST);
    let env = bench.file(".env", &format!("DB_PASSWORD={FIRST}\n"));
    let files = format!("-c {} --env-file {}", bench.path("web.yml").display(), env.display());
    bench.does(&format!("stack keep {STACK} {files}"));
    assert!(!holding(&bench, FIRST).is_empty());
    bench.does(DEPLOY);
    assert_eq!(holding(&bench, FIRST), []);
    assert!(bench.store().release(&first_release(&bench)).unwrap().unwrap().private);
}

#[test]
fn what_only_somebody_can_change_is_named() {
    let bench = Bench::with_stack();
    bench.does(&format!("var set shop DB_PASSWORD={FIRST}"));
    let said = bench.does(&format!("var set --secret {STACK} DB_PASSWORD={FIRST}"));
    let named = "the value is still in clear text in DB_PASSWORD of shop";
    assert!(said.contains(named) && !said.contains(FIRST), "{said}");
    let said = bench.does(&format!("var set --secret shop DB_PASSWORD={FIRST}"));
    assert!(!said.contains("in clear text"), "{said}");
    assert_eq!(holding(&bench, FIRST), []);
}

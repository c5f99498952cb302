//! Secret values of projects, and projects that travel: what is sealed stays so.

use crate::cli::{
    Shell,
    projects::{Bench, FILE},
};
use jiff::Timestamp;
use skep::{
    cli::Exit,
    domain::project::{Catalog, Refused, Setting, SettingName, StackPath},
    engine::fake::FakeEngine,
    projects::load,
    store::{Keeping, Shelf, Store},
};
use std::{collections::BTreeMap, fs, path::PathBuf};

#[test]
fn env_files_give_values_and_their_bad_lines_are_named() {
    let bench = Bench::new();
    bench.does("project create shop");
    bench.does("env create shop/test");
    let file = bench.file("web.yml", FILE);
    let env = bench.file(".env", "DB_PASSWORD='hunter2hunter2'\nwhat\n");
    bench.does(&format!(
        "stack create shop/test/web -c {} --env-file {}",
        file.display(),
        env.display()
    ));
    let rows = bench.json("var list shop/test/web");
    assert_eq!(rows[0]["origin"], ".env");
    assert_eq!(rows[0]["value"], "••••••");
    let checked = bench.run("check shop/test/web");
    assert!(checked.out.contains(".env: line 2"), "{}", checked.out);
    // A value that is rotated stays hidden while it is live.
    bench.does("deploy shop/test/web --resolve-image never --detach");
    let env = bench.file(".env", "DB_PASSWORD=rotated-value\n");
    let files = format!("-c {} --env-file {}", file.display(), env.display());
    bench.does(&format!("stack keep shop/test/web {files}"));
    let plan = bench.does("plan shop/test/web --resolve-image never");
    assert!(plan.contains("Env.DB_URL"), "{plan}");
    assert!(!plan.contains("hunter2") && !plan.contains("rotated"), "{plan}");
    // The file may hold passwords, so it is sealed.
    assert_eq!(bench.holding("hunter2hunter2"), Vec::<PathBuf>::new());
}

#[test]
fn a_secret_value_is_in_no_file_and_no_answer() {
    const SECRET: &str = "correct-horse-battery";
    let bench = Bench::with_stack();
    bench.does(&format!("var set shop/production/web DB_PASSWORD={SECRET} --secret"));
    let mut said = String::new();
    for line in [
        "plan shop/production/web --resolve-image never",
        "deploy shop/production/web --resolve-image never --detach",
        "deploy shop/production/web --resolve-image never --detach --json",
        "plan shop/production/web --resolve-image never --json",
        "render shop/production/web",
        "render shop/production/web --specs",
        "check shop/production/web",
        "history shop/production/web",
        "history shop/production/web 1 --json",
        "history shop/production/web --diff 1 live",
        "var list shop/production/web --json",
        "project show shop --json",
        "changes shop/production/web",
        "audit",
    ] {
        let printed = bench.run(line);
        assert_eq!(printed.exit, Exit::Done, "{line}: {}", printed.remarks);
        said.push_str(&printed.out);
        said.push_str(&printed.remarks);
    }
    assert!(!said.contains(SECRET), "{said}");
    // Another value: the old one is live, and stays hidden too.
    bench.does("var set shop/production/web DB_PASSWORD=another-value-now --secret");
    let plan = bench.does("plan shop/production/web --resolve-image never");
    assert!(plan.contains("Env.DB_URL") && !plan.contains(SECRET), "{plan}");
    for text in [SECRET, "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5"] {
        assert_eq!(bench.holding(text), Vec::<PathBuf>::new());
    }
    assert!(bench.does("render shop/production/web --reveal").contains("another-value-now"));
    // Docker has neither the values nor the policies.
    let audit = bench.does("audit --json");
    assert!(audit.contains("skep deploy --resolve-image never shop/production/web"), "{audit}");
}

#[test]
fn a_passphrase_keeps_the_secrets_of_who_does_not_have_it() {
    let bench = Bench::with_stack();
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    assert_eq!(bench.json("vault status")["key"], "key-file");
    bench.store().lock_with("correct horse").unwrap();
    let state = Store::in_dir(bench.store().path().parent().unwrap());
    assert_eq!(state.keeping().unwrap(), Keeping::Passphrase { given: false });
    let mut locked =
        Bench { shell: Shell::with(Ok(FakeEngine::new(7, Timestamp::now()))), dir: bench.dir };
    locked.shell.desk.store = state;
    let refused = locked.refuses("plan shop/production/web --resolve-image never");
    assert!(refused.contains("need the passphrase") && refused.contains("SKEP_PASSPHRASE"));
}

#[test]
fn an_exported_project_comes_back_and_has_nothing_to_do() {
    let bench = Bench::with_stack();
    bench.does("var set shop TAG=2");
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    bench.does("var set shop/production/web LEVEL=debug --service web");
    bench.does("policy recommended shop");
    bench.does("deploy shop/production/web --resolve-image never --detach");
    let folder = bench.path("export");
    bench.does(&format!("project export shop {}", folder.display()));
    let exported = fs::read_to_string(folder.join("production/web/web.yml")).unwrap();
    assert_eq!(exported, FILE);
    assert!(!fs::read_to_string(folder.join("project.toml")).unwrap().contains("hunter2"));
    let again = bench.refuses(&format!("project import {}", folder.display()));
    assert!(again.contains("exists already") && again.contains("--replace"), "{again}");

    // Another state on the same machine, with the same key.
    let mut other = Bench::new();
    fs::create_dir_all(other.path("state")).unwrap();
    fs::copy(bench.store().key_file(), other.store().key_file()).unwrap();
    other.shell.desk.engine = bench.shell.desk.engine;
    other.does(&format!("project import {}", folder.display()));
    let plan = other.json("plan shop/production/web --resolve-image never");
    assert_eq!(plan["nothing_to_do"], true, "{plan:#}");

    // Without the key, secrets are named and everything else is there.
    let bare = Bench::new();
    let said = bare.does(&format!("project import {}", folder.display()));
    assert!(
        said.contains("shop/production/web: DB_PASSWORD was encrypted with another key"),
        "{said}"
    );
    assert_eq!(bare.does("stack source shop/production/web"), FILE);
}

#[test]
fn a_sealed_value_counts_only_where_it_was_exported_from() {
    let bench = Bench::with_stack();
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    let folder = bench.path("export");
    let export = format!("project export shop {}", folder.display());
    bench.does(&export);
    let file = folder.join("project.toml");
    let exported = fs::read_to_string(&file).unwrap();
    bench.does(&export);
    assert_eq!(fs::read_to_string(&file).unwrap(), exported, "an export differs for nothing");
    let import = format!("project import {} --replace", folder.display());
    // Another project, another name, another owner; and the same with the heading forged.
    let place = "variable DB_PASSWORD of shop/production/web";
    assert!(exported.contains(place), "{exported}");
    for moved in [
        exported.replace("project = \"shop\"", "project = \"mine\""),
        exported.replace("variables.DB_PASSWORD]", "variables.HOME_PAGE]"),
        exported.replace("variables.DB_PASSWORD]", "services.web.DB_PASSWORD]"),
    ] {
        assert_ne!(moved, exported);
        fs::write(&file, &moved).unwrap();
        let refused = bench.refuses(&import);
        assert!(refused.contains(&format!("encrypted for another place: {place}")), "{refused}");
    }
    let forged = exported.replace("project = \"shop\"", "project = \"mine\"");
    let forged = forged.replace(place, "variable DB_PASSWORD of mine/production/web");
    let forged = forged.replace("swarm = \"shop", "swarm = \"mine");
    fs::write(&file, forged).unwrap();
    let said = bench.does(&import);
    assert!(
        said.contains("mine/production/web: DB_PASSWORD was encrypted with another key"),
        "{said}"
    );
    fs::write(&file, exported).unwrap();
    let said = bench.does(&import);
    assert!(!said.contains("another key"), "{said}");
}

#[test]
fn values_of_older_exports_are_asked_about_where_nothing_says_whose_they_are() {
    let mut bench = Bench::with_stack();
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    let folder = bench.path("export");
    bench.does(&format!("project export shop {}", folder.display()));
    let file = folder.join("project.toml");
    let text = fs::read_to_string(&file).unwrap();
    let start = text.find("\"at:").unwrap() + 1;
    let end = start + text[start..].find('"').unwrap();
    let sealed = bench.store().seal("DB_PASSWORD", b"hunter2hunter2").unwrap();
    let sealed = serde_json::to_string(&sealed).unwrap();
    fs::write(&file, format!("{}{}{}", &text[..start], sealed.trim_matches('"'), &text[end..]))
        .unwrap();
    let import = format!("project import {} --replace", folder.display());
    bench.shell.desk.options.yes = false;
    let asked = bench.refuses(&import);
    assert!(asked.contains("do not say where they are from"), "{asked}");
    assert!(asked.contains("shop/production/web: DB_PASSWORD"), "{asked}");
    bench.shell.desk.options.yes = true;
    bench.does(&import);
    let rendered = bench.does("render shop/production/web --reveal");
    assert!(rendered.contains("hunter2hunter2"), "{rendered}");
}

#[test]
fn an_import_reads_nothing_outside_of_its_folder() {
    let bench = Bench::new();
    let folder = bench.path("evil");
    fs::create_dir(&folder).unwrap();
    let text = "project = \"x\"\n[environments.y.stacks.z]\nswarm = \"z\"\nsource = \"kept\"\ndir = \"/\"\ncompose = [\"a\"]\n[environments.y.stacks.z.files]\na = \"../../../etc/passwd\"\n";
    fs::write(folder.join("project.toml"), text).unwrap();
    let refused = bench.refuses(&format!("project import {}", folder.display()));
    assert!(refused.contains("outside"), "{refused}");
    assert_eq!(bench.json("project list"), serde_json::json!([]));
}

#[test]
fn an_import_over_a_project_keeps_the_secrets_it_cannot_read() {
    let bench = Bench::with_stack();
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    let folder = bench.path("export");
    bench.does(&format!("project export shop {}", folder.display()));
    let other = Bench::with_stack();
    other.does("var set shop/production/web DB_PASSWORD=another-password --secret");
    let said = other.does(&format!("project import {} --replace", folder.display()));
    assert!(
        said.contains("shop/production/web: DB_PASSWORD was encrypted with another key"),
        "{said}"
    );
    let rendered = other.does("render shop/production/web --reveal");
    assert!(rendered.contains("another-password"), "{rendered}");
    assert!(other.does("audit").contains("import"));
}

#[test]
fn a_lost_key_is_not_replaced_by_another() {
    let bench = Bench::with_stack();
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    let key = bench.store().key_file();
    let aside = key.with_file_name("aside");
    fs::rename(&key, &aside).unwrap();
    let mut other = Bench { shell: Shell::with(Ok(FakeEngine::new(7, Timestamp::now()))), ..bench };
    other.shell.desk.store = Store::in_dir(aside.parent().unwrap());
    let refused = other.refuses("var set shop/production/web TOKEN=x --secret");
    assert!(refused.contains("is gone"), "{refused}");
    assert!(!key.exists());
}

/// A second stack beside the first, with the same variables.
fn twin(bench: &Bench) {
    bench.does(&format!("stack create shop/production/api -c {}", bench.path("web.yml").display()));
}

#[test]
fn a_value_of_the_state_that_was_copied_to_another_stack_does_not_open_there() {
    let bench = Bench::with_stack();
    twin(&bench);
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    let store = &bench.shell.desk.store;
    let path = |it: &str| it.parse::<StackPath>().unwrap();
    store
        .change_catalog(|catalog, _| -> Result<(), Refused> {
            let copied = catalog.stack(&path("shop/production/web"))?.settings.clone();
            catalog.stack_mut(&path("shop/production/api"))?.settings = copied;
            Ok(())
        })
        .unwrap()
        .unwrap();
    let refused = bench.refuses("render shop/production/api --reveal");
    assert!(refused.contains("DB_PASSWORD of stack shop/production/api"), "{refused}");
    assert!(!refused.contains("hunter2"), "{refused}");
    assert!(bench.does("var list shop/production/web").contains("DB_PASSWORD"));
    load(store, &path("shop/production/web"), &BTreeMap::new()).unwrap();
}

#[test]
fn what_gets_another_name_keeps_its_secrets_and_seems_not_changed() {
    let bench = Bench::with_stack();
    for owner in ["shop", "shop/production", "shop/production/web"] {
        bench.does(&format!("var set {owner} DB_PASSWORD=hunter2hunter2 --secret"));
    }
    bench.does("deploy shop/production/web --resolve-image never --detach");
    for (line, name) in [
        ("stack rename shop/production/web front", "shop/production/front"),
        ("env rename shop/production live", "shop/live/front"),
        ("project rename shop store", "store/live/front"),
    ] {
        bench.does(line);
        let path = name.parse::<StackPath>().unwrap();
        load(&bench.shell.desk.store, &path, &BTreeMap::new()).unwrap();
        let said = bench.does(&format!("changes {name}"));
        assert!(!said.contains("DB_PASSWORD"), "{line}: {said}");
    }
}

#[test]
fn a_value_of_an_older_state_opens_and_is_bound_with_the_next_write() {
    let bench = Bench::with_stack();
    let store = &bench.shell.desk.store;
    let old = store.seal("DB_PASSWORD", b"hunter2hunter2").unwrap();
    let path = "shop/production/web".parse::<StackPath>().unwrap();
    let name = SettingName::new(None, "DB_PASSWORD").unwrap();
    let set = |catalog: &mut Catalog, _: &mut Shelf| -> Result<(), Refused> {
        catalog.stack_mut(&path)?.settings.set(&name, Some(Setting::Secret(old.clone())));
        Ok(())
    };
    store.change_catalog(set).unwrap().unwrap();
    load(store, &path, &BTreeMap::new()).unwrap();
    bench.does("var set shop/production/web DB_PASSWORD=hunter2hunter2 --secret");
    let kept = store.catalog().unwrap().stacks[&path].settings.get(&name).cloned();
    let Some(Setting::Secret(kept)) = kept else { panic!("{kept:?}") };
    assert_eq!(kept.place(), Some("variable DB_PASSWORD of shop/production/web"));
    assert!(kept.is_same(&old));
}

//! Folders from elsewhere, keys that are lost or exchanged, and what was found running:
//! nothing comes in that was not meant to, and nothing secret is lost or written in clear.

use crate::cli::{
    Shell,
    projects::{Bench, FILE},
};
use jiff::Timestamp;
use skep::{cli::Exit, engine::fake::FakeEngine, store::Store};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
};

const SECRET: &str = "Zq15VarSecret";

/// Writes an export with one stack; returns its folder.
fn export(bench: &Bench, swarm: &str, more: &str, file: &str) -> PathBuf {
    let folder = bench.path("arrived");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    let text = format!(
        "project = \"x\"\n{more}\n[environments.y.stacks.z]\nswarm = {swarm}\nsource = \"kept\"\ndir = \"/\"\ncompose = [\"web.yml\"]\n[environments.y.stacks.z.files]\n\"web.yml\" = \"{file}\"\n"
    );
    fs::write(folder.join("project.toml"), text).unwrap();
    fs::write(folder.join("web.yml"), FILE).unwrap();
    folder
}

#[test]
fn an_import_follows_no_link_out_of_its_folder() {
    let bench = Bench::new();
    let outside = bench.file("outside", "root:secret-of-this-machine\n");
    for file in ["link", "folder/outside", "pipe", "/etc/passwd", "../outside"] {
        let folder = export(&bench, "\"z\"", "", file);
        symlink(&outside, folder.join("link")).unwrap();
        symlink("..", folder.join("folder")).unwrap();
        fs::create_dir(folder.join("pipe")).unwrap();
        let refused = bench.refuses(&format!("project import {}", folder.display()));
        assert!(refused.contains("arrived") || refused.contains("outside"), "{file}: {refused}");
        assert_eq!(bench.json("project list"), serde_json::json!([]));
    }
    assert!(bench.path("state").read_dir().is_err() || bench.holding("secret-of").is_empty());
    let folder = export(&bench, "\"z\"", "", "web.yml");
    fs::rename(folder.join("project.toml"), bench.path("elsewhere.toml")).unwrap();
    symlink(bench.path("elsewhere.toml"), folder.join("project.toml")).unwrap();
    assert!(bench.refuses(&format!("project import {}", folder.display())).contains("is a link"));
}

#[test]
fn an_import_takes_no_name_that_a_command_would_refuse() {
    let bench = Bench::new();
    let about = "about = \"\\u001b]52;c;RVZJTA==\\u0007\"";
    let context = "[environments.y]\ncontext = \"a\\u202eb\"";
    for (swarm, more) in [
        ("\"hps\\u001b]52;c;RVZJTA==\"", ""),
        ("\"../x\"", ""),
        ("\"-rf\"", ""),
        ("\"a b\"", ""),
        ("\"z\"", about),
        ("\"z\"", context),
    ] {
        let folder = export(&bench, swarm, more, "web.yml");
        let refused = bench.refuses(&format!("project import {}", folder.display()));
        assert!(!refused.contains(['\x1b', '\u{202e}']), "{refused:?}");
        assert_eq!(bench.json("project list"), serde_json::json!([]), "{swarm} {more}");
    }
}

#[test]
fn only_a_folder_is_imported_or_written() {
    let bench = Bench::new();
    bench.does("project create shop");
    let pipe = bench.path("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    for path in [pipe.to_str().unwrap(), "/dev/zero"] {
        for line in [format!("project import {path}"), format!("project export shop {path}")] {
            let refused = bench.refuses(&line);
            assert!(refused.contains(&format!("{path}: it is not a folder")), "{refused}");
        }
    }
}

#[test]
fn an_import_takes_no_file_without_a_name_of_its_own() {
    let bench = Bench::new();
    for name in ["", ".", "..", "a/..", "a/", "a/.", "./web.yml", "/srv/web.yml"] {
        for sealed in [false, true] {
            let folder = export(&bench, "\"z\"", "", "web.yml");
            let file = folder.join("project.toml");
            let text = fs::read_to_string(&file).unwrap().replace("\"/\"", "\"/srv\"");
            let more = if sealed {
                format!("[environments.y.stacks.z.sealed-files]\n\"{name}\" = \"x\"\n")
            } else {
                format!("\"{name}\" = \"web.yml\"\n")
            };
            fs::write(&file, text + &more).unwrap();
            let refused = bench.refuses(&format!("project import {}", folder.display()));
            assert!(refused.contains(&format!("by the name `{name}`")), "{refused}");
        }
    }
    assert_eq!(bench.json("project list"), serde_json::json!([]));
}

#[test]
fn files_elsewhere_on_this_machine_are_named_and_asked_about() {
    let mut bench = Bench::new();
    let folder = export(&bench, "\"z\"", "", "web.yml");
    let file = folder.join("project.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (text, _) = text.split_once("[environments.y.stacks.z.files]").unwrap();
    let text = text.replace("\"kept\"", "\"linked\"").replace("\"/\"", "\"/etc\"");
    fs::write(&file, text.replace("web.yml", "passwd")).unwrap();
    bench.shell.desk.options.yes = false;
    let asked = bench.refuses(&format!("project import {}", folder.display()));
    assert!(asked.contains("x/y/z is linked to passwd in /etc"), "{asked}");
    assert_eq!(bench.json("project list"), serde_json::json!([]));
    bench.shell.desk.options.yes = true;
    let said = bench.does(&format!("project import {}", folder.display()));
    assert!(said.contains("x/y/z is linked to passwd in /etc"), "{said}");
}

#[test]
fn an_export_is_for_its_owner_and_goes_through_no_link() {
    let bench = Bench::with_stack();
    let folder = bench.path("export");
    bench.does(&format!("project export shop {}", folder.display()));
    let mode = |it: &str| fs::metadata(folder.join(it)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("project.toml"), mode("production/web/web.yml")), (0o600, 0o600));
    assert_eq!(mode("production"), 0o700);
    let target = bench.file("target", "mine");
    fs::remove_file(folder.join("production/web/web.yml")).unwrap();
    symlink(&target, folder.join("production/web/web.yml")).unwrap();
    let refused = bench.refuses(&format!("project export shop {}", folder.display()));
    assert!(refused.contains("is a link"), "{refused}");
    assert_eq!(fs::read_to_string(target).unwrap(), "mine");
}

#[test]
fn a_release_of_what_was_found_is_sealed_where_its_values_are_secret() {
    let bench = Bench::with_stack();
    bench.does(&format!("var set shop/production/web DB_PASSWORD={SECRET} --secret"));
    bench.does("deploy shop/production/web --resolve-image never --detach");
    // Another machine: the same swarm, a state that has the project and no release.
    let mut other = Bench::with_stack();
    other.shell.desk.engine = bench.shell.desk.engine;
    other.does(&format!("var set shop/production/web DB_PASSWORD={SECRET} --secret"));
    other.does("deploy shop/production/web --resolve-image never --detach");
    let releases = other.json("history shop/production/web");
    assert!(releases[0]["message"].is_string());
    assert_eq!(other.holding(SECRET), Vec::<PathBuf>::new());
    let shown = other.does("history shop/production/web 1 --json");
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn a_value_that_cannot_be_unsealed_refuses_the_plan_and_is_listed() {
    let bench = Bench::with_stack();
    bench.does(&format!("var set shop/production/web DB_PASSWORD={SECRET} --secret"));
    bench.does(&format!("var set shop/production/web TOKEN={SECRET} --secret --service web"));
    let folder = bench.path("export");
    bench.does(&format!("project export shop {}", folder.display()));
    let mut other = Bench::new();
    other.shell.desk.engine = bench.shell.desk.engine;
    let said = other.does(&format!("project import {}", folder.display()));
    assert!(said.contains("skep var set --secret shop/production/web DB_PASSWORD"), "{said}");
    let stack = "shop/production/web";
    for line in ["plan", "deploy --detach"] {
        let refused = other.refuses(&format!("{line} {stack} --resolve-image never"));
        assert!(refused.contains("sealed-elsewhere"), "{refused}");
        assert!(refused.contains("DB_PASSWORD of stack shop/production/web"), "{refused}");
        assert!(refused.contains("skep var set --secret shop/production/web"), "{refused}");
    }
    let rows = other.json(&format!("var list {stack}"));
    let row = |name: &str| {
        let found = rows.as_array().unwrap().iter().find(|it| it["name"] == name);
        found.unwrap()["origin"].as_str().unwrap().to_owned()
    };
    assert!(row("DB_PASSWORD").contains("encrypted with another key"), "{rows:#}");
    assert!(row("TOKEN").contains("encrypted with another key"), "{rows:#}");
    assert_eq!(other.run("vault status").exit, Exit::Failed);
    // The way out that is told: a key of this machine, and the values again.
    other.does("vault new-key");
    other.does(&format!("var set --secret {stack} DB_PASSWORD={SECRET}"));
    let refused = other.refuses(&format!("plan {stack} --resolve-image never"));
    assert!(refused.contains("web: TOKEN of stack"), "{refused}");
    other.does(&format!("var set --secret {stack} TOKEN={SECRET} --service web"));
    assert!(other.does(&format!("plan {stack} --resolve-image never")).contains("web"));
    assert_eq!(other.json("vault status")["key"], "key-file");
}

#[test]
fn a_key_that_is_lost_or_another_is_said_and_seals_nothing() {
    let bench = Bench::with_stack();
    bench.does(&format!("var set shop/production/web DB_PASSWORD={SECRET} --secret"));
    let (key, aside) = (bench.store().key_file(), bench.path("aside"));
    fs::rename(&key, &aside).unwrap();
    let again = |bench: Bench| {
        let shell = Shell::with(Ok(FakeEngine::new(7, Timestamp::now())));
        let mut again = Bench { shell, ..bench };
        again.shell.desk.options.yes = true;
        again.shell.desk.store = Store::in_dir(key.parent().unwrap());
        again
    };
    let bench = again(bench);
    let lost = bench.run("vault status");
    assert_eq!(lost.exit, Exit::Failed);
    assert!(lost.out.contains("key lost: 1 encrypted value"), "{}", lost.out);
    fs::write(&key, [7; 32]).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let bench = again(bench);
    assert!(bench.run("vault status").out.contains("another key: 1 encrypted value"));
    let refused = bench.refuses("var set shop/production/web TOKEN=x --secret");
    assert!(refused.contains("is not the key that this state was encrypted with"), "{refused}");
    let listed = bench.does("var list shop/production/web");
    assert!(listed.contains("DB_PASSWORD") && listed.contains("encrypted with another key"));
    fs::rename(&aside, &key).unwrap();
    let bench = again(bench);
    assert_eq!(bench.json("vault status")["key"], "key-file");
    bench.does("var set shop/production/web TOKEN=x --secret");
}

#[test]
fn a_line_break_in_a_label_makes_no_line_of_a_plan() {
    let bench = Bench::with_stack();
    let file = |note: &str| {
        let text =
            format!("services:\n  web:\n    image: nginx:1\n    labels: {{note: \"{note}\"}}\n");
        let file = bench.file("web.yml", &text);
        bench.does(&format!("stack keep shop/production/web -c {}", file.display()));
    };
    file("one\\n+ service evil\\n0 to change");
    bench.does("deploy shop/production/web --resolve-image never");
    file("two\\n= service web: unchanged");
    let plan = bench.does("plan shop/production/web --resolve-image never");
    bench.does("deploy shop/production/web --resolve-image never");
    let difference = bench.does("history shop-production-web --diff 1 2");
    for said in [plan, difference] {
        let forged = |it: &&str| it.starts_with(['+', '=', '0']);
        assert!(said.contains("Labels.note: one + service evil 0 to change"), "{said}");
        assert_eq!(said.lines().find(forged), None, "{said}");
    }
}

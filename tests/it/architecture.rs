//! The code about itself: layers point downwards, crates have their owners, and
//! files stay small.

mod circles;
mod names;
mod raw_json;

use regex::Regex;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A layer, and the layers it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("files", &[]),
    ("domain", &[]),
    ("engine", &["domain", "files"]),
    ("store", &["domain", "files"]),
    ("config", &["domain", "files"]),
    ("projects", &["domain", "store", "files"]),
    ("jobs", &["domain", "engine", "store", "projects", "files"]),
    ("tui", &["domain", "jobs", "projects", "config", "store", "engine", "files"]),
    ("cli", &["domain", "jobs", "projects", "config", "store", "engine", "files"]),
    ("diagnostics", &["domain", "files", "store"]),
];

/// Modules that put everything together.
const ASSEMBLY: &[&str] = &["start", "main"];

/// A crate, and the layers that may know it.
const OWNED_CRATES: &[(&str, &[&str])] = &[
    ("bollard", &["engine"]),
    ("hyper", &["engine"]),
    ("hyper_util", &["engine"]),
    ("rustls", &["engine"]),
    ("redb", &["store"]),
    ("clap", &["cli", "main"]),
    ("clap_complete", &["cli"]),
    ("rustix", &["files", "tui", "cli"]),
    ("ratatui", &["tui"]),
    ("ratatui_textarea", &["tui"]),
    ("crossterm", &["tui"]),
    ("granit_parser", &["domain"]),
    // Settings, policies, templates and exported projects are TOML, `skep config` prints
    // it, and the demo cluster and the keys of stack files are described in it.
    ("toml", &["domain", "config", "cli", "engine", "projects"]),
];

/// What the faces may know of the engine: what it can do and what can go wrong.
const FACE_OF_ENGINE: &[&str] =
    &["Engine", "ReadEngine", "EngineError", "Answer", "LeftOut", "error"];

const WISHED: usize = 300;
const LONGEST: usize = 500;

/// A path that a file names, as `crate::domain::swarm::names::StackName`.
struct Named {
    file: String,
    path: String,
}

#[test]
fn every_module_of_the_crate_has_its_place_in_the_table() {
    let known = || LAYERS.iter().map(|it| it.0).chain(ASSEMBLY.iter().copied());
    for module in declared(Path::new("src/lib.rs")) {
        assert!(known().any(|it| it == module), "`{module}` is in no layer");
    }
}

#[test]
fn layers_point_downwards() {
    for (layer, allowed) in LAYERS {
        for Named { file, path } in named_in(&Path::new("src").join(layer)) {
            let Some(inner) = path.strip_prefix("crate::") else { continue };
            let used = inner.split("::").next().unwrap();
            let fine = used == *layer || allowed.contains(&used);
            assert!(fine, "{file}: `{layer}` must not use `{used}` ({path})");
        }
    }
}

#[test]
fn faces_know_of_the_engine_what_it_can_do_and_what_can_go_wrong() {
    for face in ["tui", "cli"] {
        for Named { file, path } in named_in(&Path::new("src").join(face)) {
            let Some(inner) = path.strip_prefix("crate::engine::") else { continue };
            let used = inner.split("::").next().unwrap();
            assert!(FACE_OF_ENGINE.contains(&used), "{file}: `{face}` must not use `{path}`");
        }
    }
}

#[test]
fn crates_are_known_to_their_owners_only() {
    for module in LAYERS.iter().map(|it| it.0).chain(ASSEMBLY.iter().copied()) {
        for Named { file, path } in named_in(&Path::new("src").join(module)) {
            let first = path.split("::").next().unwrap();
            let Some((_, owners)) = OWNED_CRATES.iter().find(|it| it.0 == first) else { continue };
            assert!(owners.contains(&module), "{file}: `{first}` belongs to {owners:?}");
        }
    }
}

/// Folders whose modules are declared in the order in which they build on each other.
const ORDERED: [&str; 17] = [
    "src/domain",
    "src/domain/text",
    "src/domain/swarm",
    "src/domain/project",
    "src/domain/deployment",
    "src/jobs",
    "src/jobs/deploy",
    "src/jobs/lease",
    "src/jobs/log_follower",
    "src/jobs/stack",
    "src/projects",
    "src/tui",
    "src/tui/screens",
    "src/tui/screens/editor",
    "src/tui/update",
    "src/tui/widgets",
    "src/tui/keymap",
];

#[test]
fn modules_use_only_those_declared_above_them() {
    for folder in ORDERED {
        let folder = Path::new(folder);
        let prefix = folder.to_str().unwrap().replace("src/", "crate::").replace('/', "::") + "::";
        let order = declared(&folder.join("mod.rs"));
        for (rank, module) in order.iter().enumerate() {
            for Named { file, path } in named_in(&folder.join(module)) {
                let used = path.strip_prefix(&prefix).and_then(|it| it.split("::").next());
                let used = used.and_then(|it| order.iter().position(|other| *other == it));
                assert!(used.unwrap_or(0) <= rank, "{file}: `{module}` must not use `{path}`");
            }
        }
    }
}

#[test]
fn paths_start_at_the_crate_and_not_at_the_parent() {
    for file in sources() {
        for (number, line) in code_lines(&fs::read_to_string(&file).unwrap()) {
            let parent = concat!("super", "::");
            let fine = !line.contains(parent) || line.trim() == format!("use {parent}*;");
            assert!(fine, "{}:{number}: {line}", file.display());
        }
    }
}

/// Who may speak to the terminal: the streams of the commands, the cockpit, and its copies.
const SPEAKERS: [&str; 5] = [
    "src/main.rs",
    "src/cli/out.rs",
    "src/tui/terminal.rs",
    "src/tui/run/perform.rs",
    "src/diagnostics.rs",
];

#[test]
fn only_what_is_cleaned_reaches_a_terminal() {
    let speaks = Regex::new(r"\b(e?print(ln)?!|dbg!|stdout\(\)\.(lock|write)|io::std(out|err)\(\)$|[ (]std(out|err)\(\)[;,)])").unwrap();
    for file in product_code() {
        if SPEAKERS.contains(&file.to_str().unwrap()) {
            continue;
        }
        for (number, line) in code_lines(&fs::read_to_string(&file).unwrap()) {
            assert!(!speaks.is_match(&line), "{}:{number}: {line}", file.display());
        }
    }
}

#[test]
fn paths_in_sentences_stay_on_one_line() {
    // As data they are `display().to_string()`; all else is `shown()`.
    let raw = Regex::new(r"\.display\(\)(\.to_string\(\))?").unwrap();
    for file in product_code() {
        let text = fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (number, line) in code_lines(product) {
            let fine = raw.captures_iter(&line).all(|it| it.get(1).is_some());
            assert!(fine, "{}:{number}: {line}", file.display());
        }
    }
}

/// Those who lock folders or count descriptors, and never read what is in a file.
const LOCKERS: [&str; 5] = [
    "src/files/mod.rs",
    "src/files/random.rs",
    "src/files/replace.rs",
    "src/store/turn.rs",
    "src/main.rs",
];

#[test]
fn files_are_read_with_a_limit_and_never_where_one_would_wait() {
    let reads = Regex::new(r"\b(fs::read|read_to_string|read_to_end|File::open)\(").unwrap();
    for file in product_code().filter(|it| !LOCKERS.contains(&it.to_str().unwrap())) {
        let text = fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (number, line) in code_lines(product) {
            assert!(!reads.is_match(&line), "{}:{number}: {line}", file.display());
        }
    }
}

/// `value["Key"]` panics on a `&mut Value` that is a text: engines and state files may have
/// one anywhere.
#[test]
fn foreign_json_is_changed_in_a_way_that_cannot_panic() {
    let writes =
        Regex::new(r#"(\["\w+"\]|\[[A-Z_]+\])(\s=\s|\.(get_mut|as_\w+_mut|take)\()|&mut \w+\[""#)
            .unwrap();
    // Its values are its own.
    let own = |it: &Path| it.starts_with("src/engine/fake") || it.starts_with("src/cli");
    for file in product_code().filter(|it| !own(it)) {
        let text = fs::read_to_string(&file).unwrap();
        let product = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (number, line) in code_lines(product) {
            assert!(!writes.is_match(&line), "{}:{number}: {line}", file.display());
        }
    }
}

/// Returns the files that are no tests.
fn product_code() -> impl Iterator<Item = PathBuf> {
    let tests = ["tests.rs", "figures.rs"];
    let of_product = move |file: &PathBuf| !tests.iter().any(|it| file.ends_with(it));
    files_below(Path::new("src")).into_iter().filter(of_product)
}

#[test]
fn files_stay_small() {
    for file in sources() {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines", file.display());
        if lines > WISHED {
            println!("{lines:4} lines, {WISHED} wished: {}", file.display());
        }
    }
}

#[test]
fn nothing_is_left_for_later() {
    // In two parts, or this file would be the first to say it.
    let later = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("todo", "!(")];
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        for word in later {
            assert!(!text.contains(word), "{} says {word}", file.display());
        }
    }
}

/// Returns what a module declares, in its order.
fn declared(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let module = Regex::new(r"(?m)^(?:pub )?mod (\w+);$").unwrap();
    module.captures_iter(&text).map(|it| it[1].to_owned()).collect()
}

/// Lists what every file of a module (a folder, a single file, or both) names.
fn named_in(module: &Path) -> Vec<Named> {
    let mut files = if module.is_dir() { files_below(module) } else { Vec::new() };
    files.extend(Some(module.with_extension("rs")).filter(|it| it.exists()));
    let imports = Regex::new(r"(?ms)^\s*(?:pub )?use ([^;]+);").unwrap();
    let inline = Regex::new(r"\b(crate(?:::\w+)+|[a-z_0-9]+::\w+)").unwrap();
    let mut found = Vec::new();
    for file in files {
        let code: String = code_lines(&fs::read_to_string(&file).unwrap())
            .flat_map(|it| [it.1, "\n".to_owned()])
            .collect();
        let file = file.display().to_string();
        let mut push = |path: String| found.push(Named { file: file.clone(), path });
        for tree in imports.captures_iter(&code) {
            let tree: String = tree[1].split_whitespace().collect();
            expand(&tree).into_iter().for_each(&mut push);
        }
        for path in inline.captures_iter(&imports.replace_all(&code, "")) {
            push(path[1].to_owned());
        }
    }
    found
}

/// Expands `a::{b,c::{d,e}}` to `a::b`, `a::c::d`, `a::c::e`.
fn expand(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let inner = rest.strip_suffix('}').unwrap_or(rest);
    let mut branches = vec![String::new()];
    let mut depth = 0;
    for c in inner.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if c == ',' && depth == 0 {
            branches.push(String::new());
        } else {
            branches.last_mut().unwrap().push(c);
        }
    }
    let branches = branches.iter().filter(|it| !it.is_empty());
    branches.flat_map(|it| expand(it)).map(|it| format!("{prefix}{it}")).collect()
}

/// Returns the numbered lines of a text, without those that are comments.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, String)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    lines.filter(|it| !it.1.trim_start().starts_with("//")).map(|it| (it.0, it.1.to_owned()))
}

fn sources() -> Vec<PathBuf> {
    let mut files = files_below(Path::new("src"));
    files.extend(files_below(Path::new("tests")));
    files.retain(|it| it.extension().is_some_and(|it| it == "rs"));
    files
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

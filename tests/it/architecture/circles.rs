//! No file uses one that uses it in turn, on whatever way: who reads a file reads those
//! below it, and never itself again. What a file uses is seen through re-exports; tests
//! may use what they like.

use crate::architecture::{code_lines, expand, files_below};
use regex::Regex;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

/// The path of a module from the crate on, as `["tui", "update"]`.
type Module = Vec<String>;

/// Which modules each one uses.
type Uses = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn no_files_use_each_other_in_a_circle() {
    let files = files_below(Path::new("src"));
    let modules =
        files.iter().map(|it| (it.display().to_string(), fs::read_to_string(it).unwrap()));
    let circles = Sources::read(modules).circles();
    assert!(circles.is_empty(), "{} circles of files:\n\n{}", circles.len(), circles.join("\n"));
}

#[test]
fn circles_are_found_through_re_exports() {
    check(&[("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c;"), ("c.rs", "")], &[]);
    check(
        &[("a.rs", "use crate::b::B;"), ("b.rs", "fn b() { crate::a::run() }")],
        &["src/a.rs uses src/b.rs\nsrc/b.rs uses src/a.rs\n"],
    );
    // What is used is in `d/e.rs`, whoever hands it on.
    check(
        &[
            ("d/mod.rs", "mod e; pub use e::{E as F};"),
            ("d/e.rs", "use crate::g::{self, h};"),
            ("g.rs", "use crate::d; fn g(it: d::F) {}"),
        ],
        &["src/d/e.rs uses src/g.rs\nsrc/g.rs uses src/d/e.rs\n"],
    );
    // The file of a folder itself is one like any other.
    check(
        &[("d/mod.rs", "mod e; struct D; fn d() { e::e() }"), ("d/e.rs", "use crate::d::D;")],
        &["src/d/mod.rs uses src/d/e.rs\nsrc/d/e.rs uses src/d/mod.rs\n"],
    );
    let test = "struct A;\n#[cfg(test)]\nmod tests {\n    use crate::b::B;\n}\n";
    check(&[("a.rs", test), ("b.rs", "use crate::a::A;")], &[]);
}

fn check(files: &[(&str, &str)], expected: &[&str]) {
    let files = files.iter().map(|it| (format!("src/{}", it.0), it.1.to_owned()));
    assert_eq!(Sources::read(files).circles(), expected);
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static VISIBLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"pub\([^)]*\)"));
static DECLARED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(#\[cfg\(test\)\]\n)?(pub )?\bmod \w+;"));
static TESTS: LazyLock<Regex> = LazyLock::new(|| pattern(r"#\[cfg\(test\)\]\n(pub )?mod \w+"));
static IMPORT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(pub )?\buse ([^;]+);"));

/// All files of the crate by their modules.
struct Sources(BTreeMap<Module, Source>);

struct Source {
    file: String,
    imports: Vec<Import>,
    /// The code without imports and tests.
    body: String,
}

struct Import {
    path: Vec<String>,
    /// What it is called here.
    name: String,
    handed_on: bool,
}

impl Sources {
    fn read(files: impl Iterator<Item = (String, String)>) -> Self {
        let files = files.filter(|it| it.0 != "src/main.rs" && it.0 != "src/lib.rs");
        Self(files.map(|(file, text)| (module_of(&file), Source::read(file, &text))).collect())
    }

    /// Tells of each circle who uses whom.
    fn circles(&self) -> Vec<String> {
        let uses = self.uses();
        let reached: BTreeMap<&Module, BTreeSet<&Module>> =
            uses.keys().map(|it| (it, reach(&uses, it))).collect();
        let both = |one: &Module, other: &Module| {
            reached[one].contains(other) && reached[other].contains(one)
        };
        let circle = |it: &Module| uses.keys().filter(|other| both(it, other)).collect();
        let found: BTreeSet<Vec<&Module>> = uses.keys().map(circle).collect();
        found.iter().filter(|it| !it.is_empty()).map(|it| self.told(it, &uses)).collect()
    }

    fn told(&self, members: &[&Module], uses: &Uses) -> String {
        let name = |it: &Module| self.0[it].file.as_str();
        let lines = members.iter().map(|it| {
            let used = uses[*it].iter().filter(|it| members.contains(it)).map(name);
            format!("{} uses {}\n", name(it), used.collect::<Vec<_>>().join(", "))
        });
        lines.collect()
    }

    fn uses(&self) -> Uses {
        let used = |module: &Module| {
            let targets = self.mentions(module).into_iter();
            let targets = targets.filter_map(|it| self.target(module, &it, &mut BTreeSet::new()));
            targets.filter(|it| it != module).collect()
        };
        self.0.keys().map(|it| (it.clone(), used(it))).collect()
    }

    /// Returns the paths that a file names. What is only handed on is no use of it.
    fn mentions(&self, module: &Module) -> Vec<Vec<String>> {
        let Source { imports, body, .. } = &self.0[module];
        let named: Vec<Vec<&str>> = body
            .split(|it: char| !it.is_alphanumeric() && !"_:".contains(it))
            .map(|it| it.trim_matches(':').split("::").collect())
            .collect();
        let words: BTreeSet<&str> = named.iter().flatten().copied().collect();
        let counts = |it: &&Import| !it.handed_on || words.contains(it.name.as_str());
        let imported = imports.iter().filter(counts).map(|it| it.path.clone());
        let inline =
            named.iter().filter(|it| it.len() > 1 && it[0].starts_with(char::is_lowercase));
        let inline = inline.map(|path| {
            let import = imports.iter().find(|it| it.name == path[0]);
            let first = import.map_or_else(|| vec![path[0].to_owned()], |it| it.path.clone());
            first.into_iter().chain(path[1..].iter().map(ToString::to_string)).collect()
        });
        imported.chain(inline).collect()
    }

    /// Returns the module whose file has what a path leads to.
    fn target(
        &self,
        from: &Module,
        path: &[String],
        seen: &mut BTreeSet<(Module, String)>,
    ) -> Option<Module> {
        let (mut at, mut rest) = match path.split_first()? {
            (first, rest) if first == "crate" => (Module::new(), rest),
            (first, rest) if first == "self" => (from.clone(), rest),
            (first, _) => {
                self.0.contains_key(&child(from, first)).then_some((from.clone(), path))?
            }
        };
        while let Some((first, more)) = rest.split_first()
            && self.0.contains_key(&child(&at, first))
        {
            (at, rest) = (child(&at, first), more);
        }
        let source = self.0.get(&at)?;
        let import =
            rest.first().and_then(|name| source.imports.iter().find(|it| it.name == *name));
        if let Some(import) = import
            && seen.insert((at.clone(), import.name.clone()))
        {
            let path: Vec<String> = import.path.iter().chain(&rest[1..]).cloned().collect();
            if let Some(found) = self.target(&at, &path, seen) {
                return Some(found);
            }
        }
        Some(at)
    }
}

impl Source {
    fn read(file: String, text: &str) -> Self {
        let code: String = code_lines(text).flat_map(|it| [it.1, "\n".to_owned()]).collect();
        let code = VISIBLE.replace_all(&code, "pub");
        let code = DECLARED.replace_all(&code, "");
        // Those of a file stand at its end.
        let code = TESTS.split(&code).next().unwrap();
        let imports = IMPORT.captures_iter(code).flat_map(|it| {
            let tree: Vec<&str> = it[2].split_whitespace().collect();
            let tree = tree.join(" ").replace(" as ", "@").replace(' ', "");
            let handed_on = it.get(1).is_some();
            expand(&tree).into_iter().map(move |it| Import::of(&it, handed_on))
        });
        Self { file, imports: imports.collect(), body: IMPORT.replace_all(code, "").into_owned() }
    }
}

impl Import {
    fn of(path: &str, handed_on: bool) -> Self {
        let (path, name) = path.split_once('@').map_or((path, None), |it| (it.0, Some(it.1)));
        let mut path: Vec<String> = path.split("::").map(ToOwned::to_owned).collect();
        path.pop_if(|it| it == "self");
        let name = name.map_or_else(|| path.last().cloned().unwrap_or_default(), ToOwned::to_owned);
        Self { path, name, handed_on }
    }
}

fn module_of(file: &str) -> Module {
    let path = file.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(ToOwned::to_owned).collect()
}

fn child(module: &Module, name: &str) -> Module {
    module.iter().map(String::as_str).chain([name]).map(ToOwned::to_owned).collect()
}

/// Returns what a module uses, and what that uses, and so on.
fn reach<'a>(uses: &'a Uses, from: &'a Module) -> BTreeSet<&'a Module> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        next.extend(uses.get(module).into_iter().flatten().filter(|it| reached.insert(*it)));
    }
    reached
}

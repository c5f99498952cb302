//! Templates in rows, and those that come along held to what they promise.

use super::*;
use crate::domain::compose::{ComposeFile, Files, Severity, Surroundings, examine};
use std::{io, path::Path};

const FRONT: &str = "name: t\ndescription: A test.\nparameters:\n";

fn given(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Renders a body with a text `a`, an optional text `b` and a boolean `c`.
#[track_caller]
fn renders(body: &str, values: &[(&str, &str)], expected: &str) {
    let parameters = "  - { name: a, type: text, description: A. }
  - { name: b, type: text, description: B. }
  - { name: c, type: bool, description: C. }
";
    // All are used, and nothing of that is seen.
    let used = "# ((if a))\n# ((end))\n# ((if b))\n# ((end))\n# ((if c))\n# ((end))\n";
    let template = Template::parse(&format!("{FRONT}{parameters}---\n{used}{body}")).unwrap();
    assert_eq!(template.render(&given(values)).as_deref(), Ok(expected), "{body}");
}

#[test]
fn values_are_put_where_their_names_stand() {
    renders("x: ((a))\n", &[("a", "1")], "x: 1\n");
    renders("x: ((a))-((a))", &[("a", "1")], "x: 1-1");
    renders("# ((a)) '((b))'\n", &[("a", "x: y"), ("b", "it's $5")], "# x: y 'it's $5'\n");
    renders("x: $((a)) (( a )) ((A)) ((a\n", &[("a", "1")], "x: $1 (( a )) ((A)) ((a\n");
    renders("x: ${A:-((a))}\n", &[("a", "1")], "x: ${A:-1}\n");
}

#[test]
fn values_in_quotes_stay_what_they_are() {
    renders("x: '((a))'\n", &[("a", "it's")], "x: 'it''s'\n");
    renders("x: \"((a))\"\n", &[("a", "a \"b\" \\c")], "x: \"a \\\"b\\\" \\\\c\"\n");
    renders("x: [\"y\", '((a))']\n", &[("a", "a, b # c")], "x: [\"y\", 'a, b # c']\n");
    renders("x: \"((a))\"\n", &[("a", "costs $5")], "x: \"costs $$5\"\n");
    renders("x: it's ((a))\n", &[("a", "b")], "x: it's b\n");
}

#[test]
fn lines_are_kept_where_there_is_a_value() {
    let body = "a:\n  # ((if b))\n  b: ((b))\n  # ((else))\n  # nothing\n  # ((end))\nz:\n";
    renders(body, &[("b", "1")], "a:\n  b: 1\nz:\n");
    renders(body, &[], "a:\n  # nothing\nz:\n");
    let body = "# ((if not c))\nn\n# ((end))\n";
    renders(body, &[("c", "true")], "");
    renders(body, &[("c", "false")], "n\n");
    let nested = "# ((if c))\n1\n# ((if b))\n2\n# ((end))\n3\n# ((end))\n";
    renders(nested, &[("c", "true"), ("b", "x")], "1\n2\n3\n");
    renders(nested, &[("c", "true")], "1\n3\n");
    renders(nested, &[("b", "x")], "");
}

#[test]
fn all_that_is_wrong_with_values_is_said_at_once() {
    let text = format!(
        "{FRONT}  - {{ name: port, type: port, description: P., required: true }}
  - {{ name: image, type: image, description: I. }}
  - {{ name: title, type: text, description: T. }}
---
a: ((port))
b: ((image))
c: ((title))
"
    );
    let template = Template::parse(&text).unwrap();
    let said = |values: &[(&str, &str)]| -> Vec<String> {
        template.render(&given(values)).unwrap_err().iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        said(&[("image", "A:1"), ("titel", "x")]),
        [
            "titel: is not a parameter; did you mean `title`?",
            "port: a value is needed",
            "image: `A:1`: invalid reference format: repository name (library/A) must be lowercase",
        ]
    );
    assert_eq!(
        said(&[("port", "80"), ("title", "a: b")]),
        ["title: may have only letters, digits and `._/:@+-`, because it is not in quotes"]
    );
}

#[test]
fn choices_stand_in_each_other_as_deep_as_anybody_needs() {
    let nested = |depth: usize| {
        let (open, end) = ("# ((if c))\n".repeat(depth), "# ((end))\n".repeat(depth));
        let front =
            "name: x\ndescription: x\nparameters: [{name: c, type: text, description: c}]\n";
        Template::parse(&format!("{front}---\n{open}x\n{end}")).map(|_| ())
    };
    assert_eq!(nested(64), Ok(()));
    let why = nested(200_000).unwrap_err();
    assert!(why.contains("line 69: more than 64 `((if …))` are nested"), "{why}");
}

#[test]
fn a_line_of_brackets_is_read_once() {
    for piece in ["((", "((c))"] {
        let body = piece.repeat(400_000);
        let front =
            "name: x\ndescription: x\nparameters: [{name: c, type: text, description: c}]\n";
        let read = Template::parse(&format!("{front}---\n{body} ((c))\n"));
        assert!(read.is_ok(), "{piece}");
    }
}

#[test]
fn values_are_held_to_their_types() {
    for (rest, good, bad) in [
        ("type: text", &["x", "a b"][..], &["a\nb", "a\u{1b}"][..]),
        ("type: text, pattern: '[a-z]+', max: 3", &["abc"], &["abcd", "A", "a1"]),
        ("type: text, min: 2", &["ab"], &["a"]),
        ("type: number", &["0", "-5"], &["x", "1.5", "99999999999999999999"]),
        ("type: number, min: 1, max: 9", &["1", "9"], &["0", "10"]),
        ("type: bool", &["true", "false"], &["yes", "1"]),
        ("type: choice, choices: [a, b]", &["a"], &["c"]),
        ("type: port", &["1", "65535"], &["0", "65536", "http"]),
        ("type: port, min: 1024", &["1024"], &["80"]),
        ("type: domain", &["a.example.com", "localhost"], &["a_b.c", "-a.b", "a..b", "a b"]),
        (
            "type: image",
            &[
                "nginx:1",
                "r.example.com:5000/a/b@sha256:\
            aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            ],
            &["A", "a:b:c"],
        ),
        ("type: size", &["512M", "1.5 GiB"], &["0", "x", "-1M", "5X"]),
        ("type: secret-name", &["db-password", "a.b_c"], &["-a", "a/b", "a b"]),
    ] {
        let text = format!("{FRONT}  - {{ name: a, description: A., {rest} }}\n---\n# ((a))\n");
        let template = Template::parse(&text).unwrap();
        let parameter = &template.parameters[0];
        for value in good {
            assert_eq!(parameter.check(value), Ok(()), "{rest}: {value}");
        }
        for value in bad {
            assert!(parameter.check(value).is_err(), "{rest}: {value}");
        }
        assert_eq!(parameter.check(""), Ok(()), "{rest}");
        assert_eq!(format!("{}", parameter.kind.word()), rest[6..].split(',').next().unwrap());
    }
}

#[test]
fn a_template_that_makes_no_sense_is_refused() {
    let one = "  - { name: a, type: text, description: A. }\n";
    for (text, expected) in [
        ("services: {}\n".to_owned(), "a template has two parts"),
        (format!("{FRONT}{one}---\nx: ((a)) ((b))\n"), "line 6: ((b)) is not a parameter"),
        (format!("{FRONT}{one}---\nx: 1\n"), "parameter a is not used"),
        (format!("{FRONT}{one}{one}---\nx: ((a))\n"), "parameter a is defined twice"),
        (format!("{FRONT}{one}---\n# ((if a))\n"), "line 6: no `((end))` follows"),
        (format!("{FRONT}{one}---\n((a))\n# ((end))\n"), "line 7: there is no `((if …))`"),
        (
            format!("{FRONT}{one}---\n# ((if a))\n# ((else))\n# ((else))\n# ((end))\n"),
            "line 8: a second",
        ),
        (
            format!("{FRONT}  - {{ name: A, type: text, description: A. }}\n---\n"),
            "`A` is not a valid parameter name",
        ),
        (
            format!("{FRONT}  - {{ name: a, type: word, description: A. }}\n---\n"),
            "unknown variant",
        ),
        (
            format!("{FRONT}  - {{ name: a, type: choice, description: A. }}\n---\n"),
            "the type choice, and only this type",
        ),
        (
            format!("{FRONT}  - {{ name: a, type: port, description: A., default: x }}\n---\n"),
            "the default of parameter a: `x` is not a whole number",
        ),
        ("nam: t\n---\n".to_owned(), "unknown field"),
    ] {
        let why = Template::parse(&text).unwrap_err();
        assert!(why.contains(expected), "{text}{why}");
    }
}

struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }

    fn exists(&self, _: &Path) -> bool {
        true
    }
}

/// Suggestions that a template may leave to those who use it, and why.
const LEFT: &[(&str, &str)] = &[
    ("local-volume", "which node keeps the data is asked, but a swarm of one node needs no answer"),
    ("docker-socket", "a proxy must know the services"),
    ("secret-in-environment", "settings of the registry about users sound secret, and are not"),
];

/// Returns what is found beyond that.
fn found(text: &str) -> Vec<String> {
    let source = ComposeFile { name: "t.yml".into(), bytes: text.as_bytes().to_vec() };
    let environment = BTreeMap::new();
    let around = Surroundings { environment: &environment, working_dir: "/", files: &NoFiles };
    let (desired, loaded) =
        examine(&[source], &around, &"t".parse().unwrap(), None, |_| Vec::new());
    let left = |it: &&str| LEFT.iter().any(|(code, _)| code == it);
    let mut found: Vec<String> = Vec::new();
    for finding in &loaded.findings {
        let left = left(&finding.code.name) && finding.severity() == Severity::Suggestion;
        if !left {
            found.push(finding.line(&loaded.files));
        }
    }
    assert!(desired.is_some() || !found.is_empty());
    found
}

#[test]
fn what_comes_along_is_sound_with_every_choice() {
    let all = builtin();
    assert_eq!(all.len(), BUILTIN.len());
    for text in BUILTIN {
        Template::parse(text).unwrap();
    }
    for template in &all {
        let name = &template.name;
        let text = template.render(&BTreeMap::new()).unwrap();
        assert_eq!(found(&text), [""; 0], "{name}");
        assert!(!text.contains("(("), "{name}");
        let mut full = BTreeMap::new();
        for parameter in &template.parameters {
            assert!(parameter.description.ends_with('.'), "{name}: {}", parameter.name);
            let other = match (parameter.kind, parameter.default.as_deref()) {
                (ParameterType::Bool, Some("true")) => "false",
                (ParameterType::Bool, _) => "true",
                (_, Some(_)) => continue,
                (_, None) if parameter.name == "email" => "ann@example.org",
                (_, None) => "node-1",
            };
            full.insert(parameter.name.clone(), other.to_owned());
            let one = given(&[(&parameter.name, other)]);
            assert_eq!(found(&template.render(&one).unwrap()), [""; 0], "{name}: {one:?}");
        }
        assert_eq!(found(&template.render(&full).unwrap()), [""; 0], "{name}: {full:?}");
    }
}

#[test]
fn what_comes_along_follows_good_habits() {
    for template in builtin() {
        let name = &template.name;
        let text = template.render(&BTreeMap::new()).unwrap();
        let tree: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        for (key, service) in tree["services"].as_object().unwrap() {
            let at = |path: &str| service.pointer(path).and_then(|it| it.as_str());
            let image = at("/image").unwrap();
            assert!(image.contains(':') && !image.ends_with(":latest"), "{name}: {key}");
            assert!(service["healthcheck"]["test"].is_array(), "{name}: {key}");
            assert!(at("/deploy/resources/limits/memory").is_some(), "{name}: {key}");
            assert!(at("/deploy/resources/limits/cpus").is_some(), "{name}: {key}");
            assert_eq!(
                at("/deploy/update_config/failure_action"),
                Some("rollback"),
                "{name}: {key}"
            );
            for (variable, _) in service["environment"].as_object().into_iter().flatten() {
                let secret = variable.contains("PASSWORD") && !variable.ends_with("_FILE");
                assert!(!secret, "{name}: {variable}");
            }
        }
    }
}

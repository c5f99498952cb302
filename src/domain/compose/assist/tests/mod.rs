//! Half-typed texts. `|` marks the cursor.

mod completion;
mod hints;

use crate::domain::compose::assist::{complete, hover, known::ClusterNames, path_at, sections};
use proptest::prelude::*;

fn cut(marked: &str) -> (String, usize) {
    let at = marked.find('|').unwrap();
    (marked.replacen('|', "", 1), at)
}

fn path(marked: &str, expected: &str) {
    let (text, at) = cut(marked);
    assert_eq!(path_at(&text, at).join("."), expected, "{marked}");
}

#[test]
fn a_place_has_a_path_by_its_indentation() {
    path("ser|vices:\n", "services");
    path("services:\n  web:\n    ima|ge: x\n", "services.web.image");
    path("services:\n  web:\n    image: ngi|nx\n", "services.web.image");
    path("services:\n  web:\n    image: nginx # wh|y\n", "services.web.image");
    path("services:\n  web:\n |   image: nginx\n", "services.web.image");
    path("services:\n  web:\n    image: nginx\n    |\n  db:\n", "services.web");
    path("services:\n  web:\n    image: nginx\n  |\n  db:\n", "services");
    path("services:\n  web:\n    image: nginx\n|\n  db:\n", "");
    path("services:\n  web:\n    depl|\n  db:\n", "services.web");
    path("services:\n  web:\n    deploy:\n      |\n", "services.web.deploy");
}

#[test]
fn items_are_counted() {
    let text = "services:\n  web:\n    ports:\n    - 80:80\n    - target: 1\n      published: 2\n    environment:\n      - A=1\n      - B=2\n";
    let at = |needle: &str| path_at(text, text.find(needle).unwrap()).join(".");
    assert_eq!(at("80:80"), "services.web.ports.0");
    assert_eq!(at("target"), "services.web.ports.1.target");
    assert_eq!(at("published"), "services.web.ports.1.published");
    assert_eq!(at("- B"), "services.web.environment.1");
}

#[test]
fn brackets_have_places_in_them() {
    path("services: {web: {image: ngi|nx}}", "services.web.image");
    path("services: {web: {image: nginx, dep|loy: {}}}", "services.web.deploy");
    path("{services: {web: {ima|", "services.web");
    path("{\n  \"services\": {\n  \"web\": {\n\"ima|ge\": 1}}}\n", "services.web.image");
    path("a: [x, [y, z|]]", "a.1.1");
    path("a:\n  b: [\n    x,\n    y|,\n  ]\n  c: 1\n", "a.b.1");
    path("a:\n  b: [x, y\n  c: |1\n", "a.c");
    path("a:\n  b: {x: 1,\n  c: |1\n", "a.c");
    path("a:\n  b: [${X:-1}, y|]\n", "a.b.1");
}

#[test]
fn blocks_of_text_and_open_quotes_hide_no_keys() {
    path("a:\n  b: |-\n", "a.b");
    let text = "a:\n  b: >-\n    c: 1\n\n    d: 2\n  e: 1\n";
    assert_eq!(path_at(text, text.find("d:").unwrap()).join("."), "a.b");
    assert_eq!(path_at(text, text.find("e:").unwrap()).join("."), "a.e");
    path("a:\n  b: \"x\n  c: |1\n", "a.c");
    path("a:\n  - 'x\n  - y|\n", "a.1");
    path("a:\n  b: \"x\n    y|\"\n  c: 1\n", "a.b");
    path("a:\n  'b c': |1\n", "a.b c");
}

#[test]
fn sections_reach_to_their_last_line() {
    let text = "# top\nservices:\n  web: &w\n    image: x\n    environment:\n      - A=1\n    # more\n\n  db:\n    command: [a,\n      b]\n";
    let found: Vec<String> = sections(text)
        .into_iter()
        .map(|it| {
            format!("{}{} {}-{}", " ".repeat(it.depth), it.path.last().unwrap(), it.line, it.last)
        })
        .collect();
    let expected = [
        "services 1-10",
        " web 2-6",
        "  image 3-3",
        "  environment 4-5",
        "   0 5-5",
        " db 8-10",
        "  command 9-10",
    ];
    assert_eq!(found, expected);
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([a-z ]{0,3}(: |:|- |\\[|\\{|\\]|\\}|\"|'|,|#|\\||\n|\n  |\n    |ü|\\$\\{))*", at in 0usize..80) {
        let at = at.min(text.len());
        complete(&text, at, &ClusterNames::default());
        hover(&text, at);
        path_at(&text, at);
        let lines = text.split('\n').count();
        for section in sections(&text) {
            prop_assert!(section.line <= section.last && section.last < lines);
        }
    }
}

//! Half-typed texts. `|` marks the cursor.

use crate::domain::compose::assist::{Known, complete, path_at, sections};
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

fn labels(marked: &str) -> Vec<String> {
    let (text, at) = cut(marked);
    complete(&text, at, &Known::default()).into_iter().map(|it| it.label).collect()
}

/// Takes the first offer; `|` is where the cursor goes.
fn taken(marked: &str, expected: &str) {
    let (text, at) = cut(marked);
    let offers = complete(&text, at, &Known::default());
    let offer = offers.first().unwrap_or_else(|| panic!("nothing is offered: {marked}"));
    let mut new = text.clone();
    new.replace_range(offer.replaces.clone(), &offer.text);
    new.insert(offer.cursor, '|');
    assert_eq!(new, expected, "{marked}");
}

#[test]
fn keys_are_offered_that_are_not_there() {
    assert_eq!(labels("|")[0], "services");
    assert_eq!(labels("services:\n  web:\n    ima|"), ["image"]);
    let others = labels("services:\n  web:\n    |\n    image: x\n");
    assert!(others.len() > 40 && !others.contains(&"image".to_owned()));
    assert_eq!(
        labels("services:\n  web:\n    deploy:\n      update_config: {order: x, mon|"),
        ["monitor"]
    );
    assert_eq!(
        labels("version: '3.3'\nservices:\n  web:\n    deploy:\n      rollb|"),
        Vec::<String>::new()
    );
}

#[test]
fn a_key_is_inserted_in_the_style_of_the_file() {
    taken("services:\n  web:\n    ima|\n", "services:\n  web:\n    image: |\n");
    taken("services:\n  web:\n    depl|\n", "services:\n  web:\n    deploy:\n      |\n");
    taken(
        "services:\n    web:\n        depl|\n",
        "services:\n    web:\n        deploy:\n            |\n",
    );
    taken(
        "services:\r\n  web:\r\n    por|\r\n",
        "services:\r\n  web:\r\n    ports:\r\n      - |\r\n",
    );
    taken("services: {web: {depl|}}", "services: {web: {deploy: {|}}}");
    taken("services:\n  web:\n    imag|: x\n", "services:\n  web:\n    image|: x\n");
    taken(
        "services:\n  web:\n    depl|\n      replicas: 1\n",
        "services:\n  web:\n    deploy:|\n      replicas: 1\n",
    );
}

#[test]
fn variables_are_offered_behind_a_brace() {
    let text = "a:\n  b: ${ONE:-1}\n  c: \"x${|\"\n  d: $${|TWO}\n";
    assert_eq!(labels(&text.replacen("${|T", "${T", 1)), ["ONE", "TWO"]);
    assert_eq!(labels("a:\n  b: $${O|\n"), Vec::<String>::new());
    taken("a:\n  b: ${ONE}\n  c: ${O|\n", "a:\n  b: ${ONE}\n  c: ${ONE}|\n");
    taken("a:\n  b: ${ONE}\n  c: ${O|:-1}\n", "a:\n  b: ${ONE}\n  c: ${ONE|:-1}\n");
}

proptest! {
    #[test]
    fn any_text_is_read(text in "([a-z ]{0,3}(: |:|- |\\[|\\{|\\]|\\}|\"|'|,|#|\\||\n|\n  |\n    |ü|\\$\\{))*", at in 0usize..80) {
        let at = at.min(text.len());
        complete(&text, at, &Known::default());
        path_at(&text, at);
        let lines = text.split('\n').count();
        for section in sections(&text) {
            prop_assert!(section.line <= section.last && section.last < lines);
        }
    }
}

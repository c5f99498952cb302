//! What is offered while somebody types, and what becomes of the text.

use crate::domain::compose::assist::{
    complete, known::ClusterNames, nodes::tests::nodes, offer::Offer, tests::cut,
};

fn known() -> ClusterNames {
    let list = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
    ClusterNames {
        networks: list(&["edge", "proxy"]),
        secrets: list(&["tls_key"]),
        configs: list(&["motd"]),
        volumes: list(&["shop_data"]),
        images: list(&["nginx:1.27", "redis:7"]),
        nodes: nodes(),
        variables: list(&["TAG"]),
    }
}

fn offers(marked: &str) -> (String, Vec<Offer>) {
    let (text, at) = cut(marked);
    let offers = complete(&text, at, &known());
    (text, offers)
}

fn labels(marked: &str) -> Vec<String> {
    offers(marked).1.into_iter().map(|it| it.label).collect()
}

/// Labels with details, of all offers.
fn details(marked: &str) -> Vec<String> {
    offers(marked).1.into_iter().map(|it| format!("{}: {}", it.label, it.detail)).collect()
}

/// Takes the first offer; `|` is where the cursor goes.
fn taken(marked: &str, expected: &str) {
    let (text, offers) = offers(marked);
    let offer = offers.first().unwrap_or_else(|| panic!("nothing is offered: {marked}"));
    let mut new = text.clone();
    new.replace_range(offer.replaces.clone(), &offer.text);
    new.insert(offer.cursor, '|');
    assert_eq!(new, expected, "{marked}");
}

/// Puts lines into a service, four columns in.
fn service(lines: &str) -> String {
    let lines = lines.replace('\n', "\n    ");
    format!(
        "services:\n  db:\n    image: pg:16\n  web:\n    {lines}\nnetworks:\n  front:\nsecrets:\n  key:\n    file: key\nvolumes:\n  data:\n"
    )
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
    assert_eq!(labels(&text.replacen("${|T", "${T", 1)), ["TAG", "ONE", "TWO"]);
    assert_eq!(labels("a:\n  b: $${O|\n"), Vec::<String>::new());
    taken("a:\n  b: ${ONE}\n  c: ${O|\n", "a:\n  b: ${ONE}\n  c: ${ONE}|\n");
    taken("a:\n  b: ${ONE}\n  c: ${O|:-1}\n", "a:\n  b: ${ONE}\n  c: ${ONE|:-1}\n");
}

#[test]
fn keys_that_matter_come_first_and_ignored_ones_last() {
    let all = labels("services:\n  web:\n    |");
    assert_eq!(all[0], "image");
    let at = |key: &str| all.iter().position(|it| it == key).unwrap();
    assert!(at("working_dir") < at("build") && at("stop_signal") < at("depends_on"));
    assert_eq!(labels("services:\n  web:\n    volumes:\n      - |")[1..3], ["type", "target"]);
    let details = details("services:\n  web:\n    shm|");
    assert_eq!(details, ["shm_size: ignored by Swarm: The size of /dev/shm"]);
}

#[test]
fn letters_in_order_are_enough() {
    assert_eq!(labels("services:\n  web:\n    hlth|"), ["healthcheck"]);
    assert_eq!(labels("services:\n  web:\n    net|"), ["networks", "network_mode"]);
}

#[test]
fn words_come_behind_a_colon() {
    let order = "deploy:\n  update_config:\n    order: |";
    assert_eq!(labels(&service(order)), ["stop-first", "start-first"]);
    assert_eq!(labels(&service("init: t|")), ["true"]);
    assert_eq!(labels(&service("deploy: {mode: glo|}")), ["global", "global-job"]);
    assert_eq!(labels(&service("healthcheck:\n  test: [\"CM|")), ["CMD", "CMD-SHELL"]);
    assert_eq!(labels(&service("healthcheck:\n  test: [CMD, N|")), Vec::<String>::new());
    assert_eq!(labels(&service("healthcheck:\n  test: C|")), Vec::<String>::new());
    assert_eq!(labels(&service("ports:\n  - target: 80\n    mode: h|")), ["host"]);
    taken(&service("init:|"), &service("init: true|"));
    taken(&service("init: tr|\ntty: true"), &service("init: true|\ntty: true"));
}

#[test]
fn names_of_the_file_come_before_those_of_the_cluster() {
    let expected = [
        "front: declared in line 8",
        "edge: in the cluster; declare it as external",
        "proxy: in the cluster; declare it as external",
    ];
    assert_eq!(details(&service("networks:\n  - |")), expected);
    assert_eq!(details(&service("networks: [|\n  ]")), expected);
    assert_eq!(labels(&service("networks: [front, |]")), ["edge", "proxy"]);
    assert_eq!(labels(&service("networks:\n  - front\n  - e|")), ["edge"]);
    assert_eq!(labels(&service("networks:\n  |\n")), ["front", "edge", "proxy"]);
    assert_eq!(labels(&service("networks:\n  front:\n  |\n")), ["edge", "proxy"]);
    assert_eq!(labels(&service("depends_on:\n  - |")), ["db"]);
    assert_eq!(labels(&service("secrets:\n  - source: |")), ["key", "tls_key"]);
    assert_eq!(labels(&service("secrets:\n  - |"))[..3], ["key", "tls_key", "source"]);
    assert_eq!(labels(&service("image: |")), ["nginx:1.27", "redis:7", "pg:16"]);
    assert_eq!(labels("networks:\n  a:\n    external: true\n    name: |"), ["edge", "proxy"]);
}

#[test]
fn items_and_names_are_put_where_they_belong() {
    taken(&service("networks:\n  - f|"), &service("networks:\n  - front|"));
    taken(&service("networks:\n  -|"), &service("networks:\n  - front|"));
    taken(&service("networks:\n  |"), &service("networks:\n  - front|"));
    taken(&service("networks: [\"f|\"]"), &service("networks: [\"front\"|]"));
    taken(&service("volumes:\n  - d|"), &service("volumes:\n  - data:|"));
    taken(&service("volumes:\n  - 'd|"), &service("volumes:\n  - 'data:|'"));
    taken(&service("ports:\n  - tar|"), &service("ports:\n  - target: |"));
    taken(
        &service("ports:\n  - target: 80\n    pub|"),
        &service("ports:\n  - target: 80\n    published: |"),
    );
    taken(&service("image: ng|inx"), &service("image: nginx:1.27|"));
}

#[test]
fn what_is_used_is_offered_for_declaring() {
    let text =
        "services:\n  web:\n    networks: [back]\n    volumes:\n      - data:/x\n      - ./y:/y\n";
    assert_eq!(details(&format!("{text}networks:\n  |")), ["back: used by web"]);
    assert_eq!(details(&format!("{text}volumes:\n  |")), ["data: used by web"]);
    taken(&format!("{text}volumes:\n  |"), &format!("{text}volumes:\n  data:|"));
}

#[test]
fn constraints_grow_step_by_step() {
    let placement = |line: &str| service(&format!("deploy:\n  placement:\n    {line}"));
    let text = placement("constraints:\n      - |");
    let all = details(&text);
    assert_eq!(all[0], "node.role==manager: 1 of 3 nodes: node1");
    assert_eq!(all[1], "node.role==worker: 2 of 3 nodes: node2, node3");
    assert_eq!(all.last().unwrap(), "node.labels.disk==: 2 values: hdd, ssd");
    let expected = [
        "node.labels.disk==hdd: 1 of 3 nodes: node2",
        "node.labels.disk==ssd: 1 of 3 nodes: node1",
    ];
    assert_eq!(details(&placement("constraints:\n      - node.labels.disk==|")), expected);
    assert_eq!(
        details(&placement("constraints: [node.labels.disk != s|]")),
        ["node.labels.disk != ssd: 2 of 3 nodes: node2, node3"]
    );
    taken(
        &placement("constraints: ['node.labels.d|']"),
        &placement("constraints: ['node.labels.disk==|']"),
    );
    taken(
        &placement("constraints: ['node.labels.disk==s|']"),
        &placement("constraints: ['node.labels.disk==ssd'|]"),
    );
    let spread = placement("preferences:\n      - spread: |");
    assert_eq!(details(&spread), ["node.labels.disk: 2 values: hdd, ssd on 2 of 3 nodes"]);
    taken(&placement("preferences:\n      - |"), &placement("preferences:\n      - spread: |"));
}

#[test]
fn nothing_is_offered_where_nobody_knows() {
    for marked in [
        "# |",
        "services:\n  |",
        "services:\n  web:\n    image: x # |",
        "services:\n  web:\n    image: x\n      |",
        "services:\n  web:\n    command: \"x\"|",
        "services:\n  web:\n    command: |-\n      im",
        "x-any:\n  im|",
        "services:\n  web:\n    nonsense:\n      im|",
    ] {
        let marked = if marked.contains("|-") {
            format!("{}|", marked.replace("|-", ">-"))
        } else {
            marked.to_owned()
        };
        assert_eq!(labels(&marked), Vec::<String>::new(), "{marked}");
    }
}

#[test]
fn what_would_change_nothing_is_not_offered() {
    assert_eq!(labels(&service("deploy:\n  mode: global-job|")), Vec::<String>::new());
}

#[test]
fn anchors_are_offered_by_their_star() {
    let text = "x-a: &one\n  tty: true\nx-b: &two {}\nservices:\n  web:\n    ";
    let expected = ["*one: in line 1", "*two: in line 3"];
    assert_eq!(details(&format!("{text}<<: |")), expected);
    assert_eq!(details(&format!("{text}<<: [*one, *|]")), expected);
    taken(&format!("{text}deploy: *t|\n"), &format!("{text}deploy: *two|\n"));
}

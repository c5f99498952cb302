//! What can be done is found: the list of commands, the help, the last keys of the footer.

use crate::cockpit::harness::{Cockpit, demo_file};
use skep::tui::{
    command::{self, Command},
    keymap::Action,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (160, 48)];

fn footer(cockpit: &Cockpit) -> String {
    cockpit.screen().lines().last().unwrap_or_default().trim_end().to_owned()
}

#[track_caller]
fn ends_with_the_way_out(what: &str, open: impl Fn(Cockpit) -> Cockpit, end: &[&str]) {
    for (columns, rows) in SIZES {
        let cockpit = open(Cockpit::demo().at(columns, rows));
        // In a narrow terminal what the view is for matters more than what every view has.
        let spared =
            |it: &&&str| ["filter", "search", "overview"].iter().any(|word| it.ends_with(word));
        let end: Vec<&str> = end.iter().filter(|it| columns > 80 || !spared(it)).copied().collect();
        let (footer, end) = (footer(&cockpit), end.join(" "));
        assert!(footer.ends_with(&end), "{what} at {columns}×{rows}: `{footer}`, not `… {end}`");
    }
}

#[test]
fn the_footer_always_ends_with_how_to_filter_command_leave_and_get_help() {
    let board = ["</>filter", "<!>overview", "<:>command", "<q>quit", "<?>help"];
    let list = ["</>filter", "<!>overview", "<:>command", "<esc>back", "<?>help"];
    let page = ["</>search", "<!>overview", "<:>command", "<esc>back", "<?>help"];
    ends_with_the_way_out("board", |it| it, &board);
    ends_with_the_way_out("board, nodes", |it| it.press("shift-tab shift-tab"), &board);
    for name in ["stacks", "services", "tasks", "nodes", "events", "jobs", "contexts", "template"] {
        ends_with_the_way_out(name, |it| it.command(name), &list);
    }
    for name in ["help", "swarm", "spec whoami", "describe whoami"] {
        ends_with_the_way_out(name, |it| it.command(name), &page);
    }
    ends_with_the_way_out("history", |it| it.command("history shop-production-web"), &list);
    ends_with_the_way_out("logs", |it| it.command("logs shop-production-web"), &list);
    let overview = ["<:>command", "<esc>back", "<?>help"];
    ends_with_the_way_out("overview", |it| it.press("!"), &overview);
    let open = |it: Cockpit| it.with_file("/a.yml", demo_file()).command("edit /a.yml");
    let editor = ["<ctrl-f>search", "<ctrl-p>command", "<ctrl-q>leave", "<f1>help"];
    ends_with_the_way_out("editor", open, &editor);
    for keys in [":", "/"] {
        ends_with_the_way_out("prompt", |it| it.press(keys), &["<enter>ok", "<esc>cancel"]);
    }
}

#[test]
fn every_command_is_in_the_list_and_in_the_help() {
    let mut listed = Cockpit::demo().press(":");
    let mut seen = String::new();
    let all = command::all(&Cockpit::demo().model.world);
    for _ in 0..=all.len() {
        seen.push_str(&listed.screen());
        listed = listed.press("down");
    }
    let mut help = Cockpit::demo().command("help");
    let mut helped = String::new();
    for _ in 0..10 {
        helped.push_str(&help.screen());
        help = help.press("pgdn");
    }
    for (names, about) in all {
        let name = names.split(',').next().unwrap();
        let about: String = about.chars().take(40).collect();
        let row = seen
            .lines()
            .find(|it| it.contains(&about) && it.split_whitespace().any(|word| word == name));
        assert!(row.is_some(), "`{name}` is not listed with `{about}`");
        assert!(helped.contains(&format!(":{name}")), "`{name}` is not in the help");
    }
}

#[test]
fn every_listed_command_is_carried_out_and_none_but_quit_leaves() {
    let world = Cockpit::demo().model.world;
    let rows = command::all(&world);
    assert!(rows.len() > 40, "{}", rows.len());
    for name in rows.iter().flat_map(|it| it.0.split(", ")) {
        for words in ["", " shop", " shop/production/web 3", " nothing", " node1 drain"] {
            let text = format!("{name}{words}");
            let leaves = match command::parse(&text, None, &world) {
                Ok(meant) => matches!(meant, Command::Act(Action::Quit)),
                Err(why) => {
                    assert!(!why.starts_with("bug:"), "`{text}`: {why}");
                    assert!(!why.contains("is not a command"), "`{text}`: {why}");
                    false
                }
            };
            let quits = matches!(text.as_str(), "quit" | "exit");
            assert_eq!(leaves, quits, "`{text}`");
        }
    }
}

#[test]
fn the_help_shows_only_what_has_the_text_that_is_sought() {
    let help = Cockpit::demo().press("? /").enter("drain").press("enter");
    let screen = help.screen();
    assert!(screen.contains(":drain") && !screen.contains(":stacks"), "{screen}");
    let all = help.press("esc g").screen();
    assert!(all.contains("Keys") && all.contains("Show a page about what is selected"), "{all}");
}

#[test]
fn a_command_is_chosen_with_tab_and_arrows() {
    let line = |it: &Cockpit| it.message();
    let cockpit = Cockpit::demo().press(": tab");
    assert!(line(&cockpit).starts_with(":board"), "{}", line(&cockpit));
    let cockpit = cockpit.press("tab down");
    assert!(line(&cockpit).starts_with(":stacks"), "{}", line(&cockpit));
    let cockpit = cockpit.press("up shift-tab");
    assert!(line(&cockpit).starts_with(":board"), "{}", line(&cockpit));
    let cockpit = cockpit.press("down enter");
    assert_eq!(cockpit.message(), "board ▸ overview");
}

#[test]
fn a_slip_is_understood_and_nothing_destructive_is_proposed() {
    let world = Cockpit::demo().model.world;
    let said = |text: &str| command::parse(text, None, &world).unwrap_err();
    for (typed, meant) in [
        ("ovreview", "overview"),
        ("servces", "services"),
        ("evnts", "events"),
        ("overv", "overview"),
    ] {
        let said = said(typed);
        assert_eq!(
            said,
            format!("`{typed}` is not a command; did you mean `{meant}`? `:help` lists them")
        );
    }
    let destructive = [
        "rm",
        "purge",
        "stop",
        "drain",
        "delete",
        "rollback",
        "restart",
        "scale",
        "gc",
        "unset",
        "availability",
        "quit",
    ];
    for word in destructive {
        let letters: Vec<char> = word.chars().collect();
        for at in 0..letters.len() {
            let mut without = letters.clone();
            without.remove(at);
            let mut swapped = letters.clone();
            swapped.swap(at, (at + 1) % letters.len());
            let mut other = letters.clone();
            other[at] = 'q';
            for slip in [without, swapped, other] {
                let slip: String = slip.into_iter().collect();
                let Err(said) = command::parse(&slip, None, &world) else { continue };
                for word in destructive {
                    assert!(!said.contains(&format!("mean `{word}`")), "{slip}: {said}");
                }
            }
        }
    }
    for nothing in ["x1", "foo", "tpo", "q?", "zzz"] {
        assert!(!said(nothing).contains("did you mean"), "{}", said(nothing));
    }
}

#[test]
fn what_is_not_here_says_where_it_is() {
    let world = Cockpit::demo().model.world;
    let said = |text: &str| command::parse(text, None, &world).unwrap_err();
    for (typed, docker) in [
        ("sec", "docker secret ls"),
        ("cfg", "docker config ls"),
        ("net", "docker network ls"),
        ("vol", "docker volume ls"),
        ("img", "docker image ls"),
        ("top", "docker stats"),
        ("xray", ":board"),
        ("aliases", ":help"),
        ("audit", "skep audit"),
    ] {
        assert!(said(typed).contains(docker), "{typed}: {}", said(typed));
    }
    assert!(command::parse("pods", None, &world).is_ok());
}

#[test]
fn what_is_typed_after_a_refused_command_is_no_key() {
    let refused = Cockpit::demo().press(":").enter("nodse").press("enter");
    let typed = refused.enter("sq");
    assert_eq!(typed.message(), ":sq");
    let left = typed.press("esc");
    assert!(left.screen().contains("Services"), "{}", left.screen());
    let again = Cockpit::demo().command("nodse").command("nodes");
    assert!(again.screen().contains("Nodes"), "{}", again.screen());
    assert_eq!(again.model.history, ["nodes"]);
}

#[test]
fn a_filter_stays_on_the_way_back_and_not_after_a_jump() {
    let filtered = Cockpit::demo().command("services").press("/").enter("whoami").press("enter");
    let back = filtered.press("enter esc");
    let _ = back.screen();
    let back = back.shows("Services [1/25] /whoami");
    let jumped = back.command("nodes").command("services");
    let _ = jumped.shows("Services [25]");
}

#[test]
fn where_nothing_is_selected_no_tasks_are_being_read() {
    let board = Cockpit::demo().press("/").enter("zzz").press("enter");
    let _ = board.hides("reading tasks").shows("no service is selected");
}

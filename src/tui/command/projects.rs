//! Commands for projects: create, rename, set and delete.

use crate::{
    domain::{
        compose::policy::Policy,
        project::{Owner, SettingName, Slug, SourcePlace, StackPath},
        swarm::{change::Confidential, names::StackName},
        text::nearest::nearest,
    },
    projects::{CatalogChange, Given, find},
    tui::{
        command::{meaning::Command, names},
        event::{Destination, Effect, PromptKind, Question},
        projects::{Chore, From, New},
        world::World,
    },
};
use std::path::PathBuf;

/// Understands `create shop`, `create shop/production [CONTEXT]` and
/// `create shop/production/web FILE`.
pub fn create(words: &[&str], place: SourcePlace, world: &World) -> Result<Command, String> {
    // Only a stack has a file that can be linked.
    let command = match place {
        SourcePlace::Kept => "create",
        SourcePlace::Linked => "link",
    };
    if place == SourcePlace::Linked && words.first().is_none_or(|it| it.matches('/').count() != 2) {
        let missing =
            if words.len() > 1 { "the path of a stack is" } else { "a path and a file are" };
        return Err(format!("{missing} missing: write `:link PROJECT/ENVIRONMENT/STACK FILE`"));
    }
    let (path, rest) = owner(words)?;
    let change = match (path, rest) {
        (Owner::Project(slug), []) => CatalogChange::CreateProject { slug, about: String::new() },
        (Owner::Environment(path), [] | [_]) => {
            let context = rest.first().map(|it| names::context(it, world)).transpose()?;
            CatalogChange::CreateEnvironment { path, context }
        }
        (Owner::Stack(path), [file]) => return stack(path, file, place, None, world),
        (Owner::Stack(path), []) => {
            return Err(format!("a file is missing: write `:{command} {path} FILE`"));
        }
        (Owner::Stack(path), [_, extra, ..]) => {
            return Err(format!("`{extra}` is an extra word: write `:{command} {path} FILE`"));
        }
        (owner, [extra, ..]) => return Err(format!("`{extra}` is an extra word for {owner}")),
    };
    Ok(amend(change))
}

/// Understands `attach shop/production/web FILE` for a stack that runs already.
pub fn attach(words: &[&str], world: &World) -> Result<Command, String> {
    let &[swarm, path, file] = words else {
        return Err("a stack, a path or a file is missing: write `:attach STACK PROJECT/ENVIRONMENT/NAME FILE`"
            .to_owned());
    };
    let path: StackPath = path.parse().map_err(|err| format!("{err}"))?;
    let swarm = names::stack(swarm, world)?;
    stack(path, file, SourcePlace::Linked, Some(swarm), world)
}

/// Understands `import shop/production/web FILE`: a project of Docker Compose.
pub fn import(words: &[&str], world: &World) -> Result<Command, String> {
    let &[path, file] = words else {
        return Err("a path or a file is missing: write `:import PROJECT/ENVIRONMENT/STACK FILE`"
            .to_owned());
    };
    let path: StackPath = path.parse().map_err(|err| format!("{err}"))?;
    let command = stack(path, file, SourcePlace::Kept, None, world)?;
    if let Command::Do(Effect::Project(Chore::Create(mut new))) = command {
        new.from = From::Compose(PathBuf::from(file));
        return Ok(Command::Do(Effect::Project(Chore::Create(new))));
    }
    Ok(command)
}

fn stack(
    path: StackPath,
    file: &str,
    place: SourcePlace,
    swarm: Option<StackName>,
    world: &World,
) -> Result<Command, String> {
    world.projects.room_for(&path)?;
    let new = New { path, from: From::File(PathBuf::from(file)), place, swarm };
    Ok(Command::Do(Effect::Project(Chore::Create(Box::new(new)))))
}

/// Understands `template shop/production/web NAME`, in either order; alone it lists them.
pub fn template(words: &[&str], world: &World) -> Result<Command, String> {
    let templates = &world.setting.templates;
    let (path, name) = match *words {
        [] => return Ok(Command::Go(Destination::Templates)),
        [path] if path.contains('/') => {
            return Err(format!(
                "a template is missing: write `:template {path} NAME`; `:template` lists them"
            ));
        }
        [name] => (None, name),
        [path, name, ..] if path.contains('/') => (Some(path), name),
        [name, path, ..] => (Some(path), name),
    };
    let Some(known) = templates.find(name) else {
        let near = nearest(name, templates.all.iter().map(|it| it.template.name.as_str()));
        let near = near.map_or_else(
            || "; `:template` lists all".to_owned(),
            |it| format!("; did you mean `{it}`?"),
        );
        return Err(format!("there is no template `{name}`{near}"));
    };
    let path = path.ok_or_else(|| {
        format!("a path is missing: write `:template PROJECT/ENVIRONMENT/STACK {name}`")
    })?;
    let path: StackPath = path.parse().map_err(|err| format!("{err}"))?;
    world.projects.room_for(&path)?;
    Ok(Command::Go(Destination::Form(path, Box::new(known.template.clone()))))
}

/// Understands `paste shop/production/web`: an empty stack, to paste a text into.
pub fn paste(words: &[&str], world: &World) -> Result<Command, String> {
    let &[path] = words else {
        return Err("one path is needed: write `:paste PROJECT/ENVIRONMENT/STACK`".to_owned());
    };
    let path: StackPath = path.parse().map_err(|err| format!("{err}"))?;
    world.projects.room_for(&path)?;
    Ok(Command::Do(Effect::Project(Chore::Create(Box::new(New::of_text(path, String::new()))))))
}

pub fn rename(words: &[&str]) -> Result<Command, String> {
    let (owner, rest) = owner(words)?;
    let &[to] = rest else {
        return Err(format!("one new name is needed: write `:rename {owner} NAME`"));
    };
    let to: Slug = to.parse().map_err(|err| format!("{err}"))?;
    Ok(amend(CatalogChange::Rename { owner, to }))
}

/// What it sets and keeps goes with it, so it is asked first.
pub fn delete(words: &[&str], world: &World) -> Result<Command, String> {
    let (owner, _) = owner(words)?;
    // What cannot be deleted is not asked about.
    world.projects.catalog.clone().delete(&owner).map_err(|err| err.to_string())?;
    let title = format!("Delete {} {owner} from skep?", owner.kind());
    let goes =
        |it: &&StackPath| it.owners().contains(&owner) && Owner::Stack((*it).clone()) != owner;
    let stacks = world.projects.catalog.stacks.keys().filter(goes);
    let mut text = vec![format!("{} {owner} will be deleted from skep", owner.kind())];
    text.extend(stacks.map(|it| format!("stack {it} will be deleted from skep")));
    text.extend([
        String::new(),
        "Its variables, its policy and the copies of its files are deleted for good.".to_owned(),
        "What runs in the swarm stays.".to_owned(),
        String::new(),
        match owner {
            Owner::Project(_) => format!("the same as: skep project delete {owner}"),
            Owner::Environment(_) => format!("the same as: skep env delete {owner}"),
            Owner::Stack(_) => format!("the same as: skep stack delete {owner}"),
        },
    ]);
    let then = vec![Effect::Project(Chore::Amend(Box::new(CatalogChange::Delete(owner))))];
    Ok(Command::Ask(Question { title, text, then }))
}

/// Understands `set [OWNER] [SERVICE:]NAME=VALUE`; the selected stack is meant where no
/// owner is named.
pub fn set(words: &[&str], selected: Option<&Owner>) -> Result<Command, String> {
    match words {
        // Several words may have the value among them, which is quoted nowhere.
        [name] if !name.contains('=') => return Err(no_value(name)),
        [_, ..] if !words.iter().any(|it| it.contains('=')) => return Err(no_value("NAME")),
        _ => {}
    }
    let (owner, pair) = target(words, selected, "set")?;
    let Some((name, value)) = pair.split_once('=') else {
        return Err(no_value("NAME"));
    };
    let name = setting(name)?;
    let given = Given { text: Confidential(value.to_owned()), secret: false };
    Ok(amend(CatalogChange::Set { owner, name, value: Some(given) }))
}

fn no_value(name: &str) -> String {
    format!("a value is missing: write `:set [PATH] {name}=VALUE`; `:secret {name}` asks for one")
}

/// Asks for a value that is not shown. A refusal quotes nothing: it may be the value.
pub fn secret(words: &[&str], selected: Option<&Owner>) -> Result<Command, String> {
    let said =
        |why: &str| format!("{why}: write `:secret PROJECT[/ENVIRONMENT[/STACK]] [SERVICE:]NAME`");
    if words.iter().any(|it| it.contains('=')) {
        return Err("name it only: the value is asked for, and not shown".to_owned());
    }
    let (owner, name) = match *words {
        [] => return Err(said("a name is missing")),
        [name] => match selected {
            Some(owner) => (owner.clone(), name),
            None => {
                return Err(format!("{}; or select a stack first", said("no stack is selected")));
            }
        },
        [owner, name] => match owner.parse() {
            Ok(owner) => (owner, name),
            Err(_) => {
                return Err(said("the first word is not a project, an environment or a stack"));
            }
        },
        _ => return Err(said("these are too many words")),
    };
    let name = setting(name).map_err(|_| said("that is not a name of a variable"))?;
    Ok(Command::Prompt(PromptKind::Value { owner, name, secret: true }))
}

pub fn unset(words: &[&str], selected: Option<&Owner>, world: &World) -> Result<Command, String> {
    let (owner, name) = target(words, selected, "unset")?;
    let name = setting(&name)?;
    let of = owner.clone();
    amend_known(&of, CatalogChange::Set { owner, name, value: None }, world)
}

/// Understands `policy OWNER recommended`, `policy OWNER KEY VALUE` and
/// `policy OWNER KEY -`, which leaves the key open.
pub fn policy(words: &[&str], world: &World) -> Result<Command, String> {
    const WHOSE: &str =
        "write `:policy PROJECT KEY VALUE` or `:policy PROJECT/ENVIRONMENT KEY VALUE`";
    if words.is_empty() {
        return Err(format!("a project or an environment is missing: {WHOSE}"));
    }
    let (owner, rest) = owner(words)?;
    if let Owner::Stack(path) = &owner {
        return Err(format!("stack {path} has no policy of its own: {WHOSE}"));
    }
    let of = owner.clone();
    let change = match rest {
        ["recommended"] => {
            CatalogChange::ReplacePolicy { owner, policy: Box::new(Policy::recommended()) }
        }
        [key, "-"] => CatalogChange::SetPolicy { owner, key: (*key).to_owned(), value: None },
        [key, value @ ..] if !value.is_empty() => {
            CatalogChange::SetPolicy { owner, key: (*key).to_owned(), value: Some(value.join(" ")) }
        }
        _ => {
            return Err(format!(
                "a key or a value is missing: write `:policy {owner} KEY VALUE`, or `:policy {owner} recommended`"
            ));
        }
    };
    amend_known(&of, change, world)
}

/// Finds the stack of a project by its path, its name in the swarm, or as the selected one.
pub fn managed(
    word: Option<&&str>,
    selected: Option<&Owner>,
    world: &World,
) -> Result<StackPath, String> {
    let Some(word) = word else {
        return match selected {
            Some(Owner::Stack(path)) => Ok(path.clone()),
            _ => Err("no stack of a project is selected; write its path or its name after the command, or put a stack into a project with `:attach`".to_owned()),
        };
    };
    let context = Some(world.setting.context.as_str());
    let found = find(&world.projects.catalog, word, context);
    let runs = || {
        world.services().iter().any(|it| it.stack.as_ref().is_some_and(|it| it.as_str() == *word))
    };
    found.ok_or_else(|| match runs() {
        true => format!(
            "stack {word} is in no project: put it into one with `:attach {word} PROJECT/ENVIRONMENT/NAME FILE`"
        ),
        false => format!("no project has a stack `{word}`; `:stacks` lists all"),
    })
}

fn loss(change: CatalogChange) -> Question {
    let (title, fact, meaning, same) = match &change {
        CatalogChange::Set { owner, name, .. } => (
            format!("Unset {name} of {owner}?"),
            format!("{owner}: {name} will no longer be set here"),
            "The value then comes from the next place that sets one.",
            format!("skep var unset {owner} {}", name.arguments()),
        ),
        CatalogChange::SetPolicy { owner, key, .. } => (
            format!("Unset {key} of {owner}?"),
            format!("{owner}: {key} will no longer be set here"),
            "The policy no longer sets this key; the next deployment of its stacks goes without it.",
            format!("skep policy unset {owner} {key}"),
        ),
        CatalogChange::ReplacePolicy { owner, .. } => (
            format!("Replace the policy of {owner}?"),
            format!("{owner}: the recommended policy will replace its policy"),
            "All its present keys are lost; the next deployment of its stacks uses the new policy.",
            format!("skep policy recommended {owner}"),
        ),
        other => (
            format!("{}?", other.action()),
            format!("{}: as it is → changed", other.object()),
            "Its present value is lost.",
            "skep help".to_owned(),
        ),
    };
    let text = vec![
        fact,
        String::new(),
        meaning.to_owned(),
        String::new(),
        format!("the same as: {same}"),
    ];
    let then = vec![Effect::Project(Chore::Amend(Box::new(change)))];
    Question { title, text, then }
}

/// The same for what belongs to a project: nothing is asked about one that is not there.
fn amend_known(owner: &Owner, change: CatalogChange, world: &World) -> Result<Command, String> {
    world.projects.catalog.settings(owner).map_err(|err| err.to_string())?;
    Ok(amend(change))
}

/// A change that loses something is asked about first.
fn amend(change: CatalogChange) -> Command {
    if change.destroys() {
        return Command::Ask(loss(change));
    }
    Command::Do(Effect::Project(Chore::Amend(Box::new(change))))
}

fn owner<'w>(words: &'w [&'w str]) -> Result<(Owner, &'w [&'w str]), String> {
    let [first, rest @ ..] = words else {
        return Err("a path is missing: PROJECT, PROJECT/ENVIRONMENT or PROJECT/ENVIRONMENT/STACK"
            .to_owned());
    };
    Ok((first.parse().map_err(|err| format!("{err}"))?, rest))
}

fn target(
    words: &[&str],
    selected: Option<&Owner>,
    command: &str,
) -> Result<(Owner, String), String> {
    match words {
        [one, rest @ ..] if rest.is_empty() || one.contains('=') => {
            let owner = selected.ok_or_else(|| {
                // A value is quoted nowhere.
                let one = one.split_inclusive('=').next().unwrap_or_default();
                format!(
                    "no stack is selected: write `:{command} PROJECT[/ENVIRONMENT[/STACK]] {one}`, or select a stack first"
                )
            })?;
            Ok((owner.clone(), words.join(" ")))
        }
        [owner, rest @ ..] => Ok((owner.parse().map_err(|err| format!("{err}"))?, rest.join(" "))),
        [] if command == "set" => {
            Err("a name and a value are missing: write `:set NAME=VALUE`".to_owned())
        }
        [] => Err(format!("a name is missing: write `:{command} NAME`")),
    }
}

/// Reads `NAME`, or `SERVICE:NAME`.
fn setting(text: &str) -> Result<SettingName, String> {
    let (service, name) = match text.split_once(':') {
        Some((service, name)) => (Some(service), name),
        None => (None, text),
    };
    SettingName::new(service, name).map_err(|err| err.to_string())
}

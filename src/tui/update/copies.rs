//! The copy menu for the selected object.

use crate::{
    domain::{
        swarm::{cluster::Object, names::StackName},
        text::{elide::without_digest, escape},
    },
    tui::{
        event::{Effect, Menu, Notice, Subject},
        model::{Modal, Model},
        world::World,
    },
};

/// Offers name, id, image and reference of what is selected.
pub fn menu(model: &mut Model) {
    let subjects = model.screen().selected(&model.world);
    let mut rows: Vec<(&str, String)> = Vec::new();
    for (label, text) in subjects.first().map(|it| parts(it, &model.world)).unwrap_or_default() {
        // What is in the menu is what is copied.
        let text = escape::shown(&text).into_owned();
        if !text.is_empty() && rows.iter().all(|it| it.1 != text) {
            rows.push((label, text));
        }
    }
    if rows.is_empty() {
        return model.world.tell(Notice::Refused("nothing with a name is selected".to_owned()));
    }
    let row =
        |(label, text): &(&str, String)| Menu::row(label, text, vec![Effect::Copy(text.clone())]);
    let rows = rows.iter().map(row).collect();
    model.ask(Modal::Menu(Menu { title: "Copy".to_owned(), rows, cursor: 0 }));
}

/// Returns what can be copied of a subject, with words for it.
fn parts(subject: &Subject, world: &World) -> Vec<(&'static str, String)> {
    match subject {
        Subject::Service(id) | Subject::Slot(id, _) => {
            let Some(service) = world.service(id) else { return vec![("id", id.to_string())] };
            let mut parts = vec![("name", service.name.to_string()), ("id", id.to_string())];
            parts.extend(image(&service.image));
            parts.extend(service.stack.as_ref().map(|it| ("stack", it.to_string())));
            parts
        }
        Subject::Task(id) => {
            let Some(task) = world.task(id) else { return vec![("id", id.to_string())] };
            let mut parts = vec![("name", world.task_name(task)), ("id", id.to_string())];
            parts.extend(image(&task.image));
            parts.extend(task.container.clone().map(|it| ("container", it)));
            parts.push(("service", world.service_name(task).to_owned()));
            let node = task.node.as_ref().and_then(|it| world.node(it));
            parts.extend(node.map(|it| ("node", it.hostname.to_string())));
            parts
        }
        Subject::Node(id) => {
            let Some(node) = world.node(id) else { return vec![("id", id.to_string())] };
            vec![
                ("name", node.hostname.to_string()),
                ("id", id.to_string()),
                ("address", node.address.clone()),
            ]
        }
        Subject::Stack(name) => {
            let path = world.managed(name).map(|it| ("path", it.path.to_string()));
            [("name", name.to_string())].into_iter().chain(path).collect()
        }
        Subject::Release(stack, revision) => release(stack, *revision, world),
        Subject::Group(group) => vec![("name", group.label().to_owned())],
        Subject::Variable(_, _, name) => vec![("name", name.clone())],
        Subject::Other(object) => named(object),
        Subject::Job(id) => {
            world.job(*id).map(|it| ("name", it.title.clone())).into_iter().collect()
        }
        Subject::Context(name) => {
            let row = world.setting.contexts.iter().find(|it| it.name == *name);
            let address = row.map(|it| ("address", it.address.clone()));
            [("name", name.clone())].into_iter().chain(address).collect()
        }
        Subject::Document(document) => vec![("name", document.name())],
        Subject::Template(name) => vec![("name", name.clone())],
    }
}

fn release(stack: &StackName, revision: u32, world: &World) -> Vec<(&'static str, String)> {
    let past = world.history.of(stack).and_then(Result::ok);
    let found = past.and_then(|it| it.releases.iter().find(|it| it.key.revision == revision));
    let id = found.map(|it| ("id", it.id.to_string()));
    let mut parts = vec![("name", format!("release {revision} of {stack}"))];
    parts.extend(id);
    parts.push(("command", format!("skep rollback {stack} {revision}")));
    parts
}

/// What has no list of its own is known by its name or id.
fn named(object: &Object) -> Vec<(&'static str, String)> {
    match object {
        Object::Service(id) => vec![("id", id.to_string())],
        Object::Task(id) => vec![("id", id.to_string())],
        Object::Node(id) => vec![("id", id.to_string())],
        Object::Network(name) | Object::Secret(name) | Object::Config(name) => {
            vec![("name", name.clone())]
        }
        Object::Swarm => Vec::new(),
    }
}

/// An image as people write it, and to the digest as the engine runs it.
fn image(image: &str) -> [(&'static str, String); 2] {
    [("image", without_digest(image).to_owned()), ("reference", image.to_owned())]
}

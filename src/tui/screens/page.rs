//! Pages of text about one thing: described, as its spec, a release, the keys.

use crate::{
    domain::{
        describe::{self, Lens},
        swarm::{
            cluster::{Object, TaskScope},
            names::{ServiceId, StackName},
            objects::{AnyObject, TaskObject},
        },
        text::mask::Secrecy,
    },
    tui::{
        event::{Destination, Fact, Request, Subject},
        keymap::{Action, Context},
        past::Lookback,
        screens::{Screen, Wants, as_crumb, body, of_panes},
        widgets::{
            DrawContext, frame,
            text_page::{TextPage, Tone, Toned, toned, wrapped},
        },
        world::World,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::Value;
use std::collections::BTreeMap;

/// A page and what it is about.
#[derive(Debug)]
pub struct PageScreen {
    topic: Topic,
    text: TextPage,
    /// Its name, kept for when nothing tells it any more.
    name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    Describe(Object),
    Spec(Object, Format),
    Release(StackName, u32),
    Help(Box<Help>),
}

/// What counts where one came from: keys, names of a text, and commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    pub keys: Vec<(String, String)>,
    pub editing: Vec<(String, String)>,
    pub commands: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Yaml,
    Json,
}

/// Long sentences of a page are broken here at the latest: they read better.
/// Lines of a spec are never broken.
const SENTENCE: usize = 100;

impl PageScreen {
    pub fn new(topic: Topic, world: &World) -> Self {
        let mut page = Self { topic, text: TextPage::default(), name: String::new() };
        page.refresh(world);
        page
    }

    fn object(&self) -> Option<&Object> {
        match &self.topic {
            Topic::Describe(object) | Topic::Spec(object, _) => Some(object),
            Topic::Release(..) | Topic::Help(_) => None,
        }
    }

    /// Returns the name of what is shown; its id until one is known.
    fn name(&self, object: &Object, world: &World) -> String {
        name(object, world).unwrap_or_else(|| match self.name.as_str() {
            "" => unnamed(object),
            known => known.to_owned(),
        })
    }

    fn refresh(&mut self, world: &World) {
        if let Some(known) = self.object().and_then(|it| name(it, world)) {
            self.name = known;
        }
        let lines = match &self.topic {
            Topic::Release(stack, revision) => release(stack, *revision, world),
            Topic::Help(it) => help(it, self.text.sought(), world),
            Topic::Describe(object) => match raw(object, world) {
                Ok(value) => described(object, value, world),
                Err(lines) => lines,
            },
            Topic::Spec(object, format) => match raw(object, world) {
                Ok(value) => spec(value, *format),
                Err(lines) => lines,
            },
        };
        self.text.set(lines);
    }

    fn title(&self, world: &World) -> String {
        match &self.topic {
            Topic::Describe(object) => format!("Describe · {}", self.name(object, world)),
            Topic::Spec(object, Format::Yaml) => {
                format!("Spec · {} · YAML", self.name(object, world))
            }
            Topic::Spec(object, Format::Json) => {
                format!("Spec · {} · JSON", self.name(object, world))
            }
            Topic::Release(stack, revision) => format!("Release · {stack} r{revision}"),
            Topic::Help(_) => "Keys and commands".to_owned(),
        }
    }
}

impl Screen for PageScreen {
    fn place(&self) -> Destination {
        match &self.topic {
            Topic::Describe(object) => Destination::Describe(object.clone()),
            Topic::Spec(object, _) => Destination::Spec(object.clone()),
            Topic::Release(stack, revision) => Destination::Release(stack.clone(), *revision),
            Topic::Help(_) => Destination::Help,
        }
    }

    fn crumb(&self, world: &World) -> String {
        as_crumb(&self.title(world))
    }

    fn context(&self) -> Context {
        Context::Page
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        let room = body(world);
        // The frame, and a blank in front of the text.
        let room = (room.width.saturating_sub(3), room.height.saturating_sub(2));
        if self.text.update(action, room) {
            return None;
        }
        match (action, &self.topic) {
            (Action::Back, _) if !self.text.sought().is_empty() => {
                self.text.search("");
                self.refresh(world);
                None
            }
            (Action::Back, _) => Some(Request::Back),
            (Action::Spec, Topic::Spec(object, format)) => {
                let other = if *format == Format::Yaml { Format::Json } else { Format::Yaml };
                self.topic = Topic::Spec(object.clone(), other);
                self.refresh(world);
                None
            }
            _ => None,
        }
    }

    fn observe(&mut self, world: &World, fact: Fact) -> Option<Request> {
        if matches!(fact, Fact::Read | Fact::View | Fact::Clock | Fact::Resized) {
            self.refresh(world);
        }
        None
    }

    fn subjects(&self, _world: &World) -> Vec<Subject> {
        match (&self.topic, self.object()) {
            (_, Some(object)) => vec![Subject::of(object)],
            (Topic::Release(stack, revision), None) => {
                vec![Subject::Release(stack.clone(), *revision)]
            }
            (_, None) => Vec::new(),
        }
    }

    fn wants(&self, world: &World) -> Wants {
        let tasks = match self.object() {
            // Its name is that of its service.
            Some(Object::Task(_)) => service_behind(world).map(|it| TaskScope::Services(vec![it])),
            Some(Object::Service(id)) => Some(TaskScope::Services(vec![id.clone()])),
            Some(Object::Node(id)) => Some(TaskScope::Node(id.clone())),
            _ => None,
        };
        let history = match &self.topic {
            Topic::Release(stack, revision) => {
                Some(Lookback { stack: stack.clone(), revision: Some(*revision) })
            }
            _ => None,
        };
        Wants { tasks, page: self.object().cloned(), history, ..Wants::default() }
    }

    fn search(&mut self, world: &World, typed: &str) -> Option<Request> {
        if matches!(self.topic, Topic::Help(_)) {
            // All is there again while it is sought; then only what has it.
            self.text.search("");
            self.refresh(world);
        }
        self.text.search(typed);
        self.refresh(world);
        None
    }

    fn filtered(&self) -> &str {
        self.text.sought()
    }

    fn takes(&self, action: Action) -> bool {
        let release = matches!(self.topic, Topic::Release(..));
        (release || action != Action::RollBack)
            && !of_panes(action)
            && !matches!(
                action,
                Action::Deploy
                    | Action::Discard
                    | Action::RerunJobs
                    | Action::Fold
                    | Action::FoldAll
                    | Action::CancelJob
                    | Action::PauseJob
            )
    }

    fn dump(&self, _look: &DrawContext<'_>) -> String {
        self.text.text()
    }

    fn copied(&self, _world: &World) -> Option<String> {
        Some(self.text.text())
    }

    fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        let title = format!("{}{}", self.title(look.world), self.text.status());
        let inside = frame::pane(&title, true, look.theme, area, buffer);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
        self.text.draw(look, inside, buffer);
    }
}

/// Returns the service of the task that is shown.
fn service_behind(world: &World) -> Option<ServiceId> {
    let read = world.page.as_ref()?.answer.as_ref()?.as_ref().ok()?;
    TaskObject(read).service().map(ServiceId::from)
}

/// Returns the raw object, or what there is to say instead.
fn raw<'w>(object: &Object, world: &'w World) -> Result<&'w Value, Vec<Toned>> {
    let waiting = || vec![vec![(Tone::Muted, "reading".to_owned())]];
    let Some(page) = world.page.as_ref().filter(|it| it.object == *object) else {
        return Err(waiting());
    };
    match &page.answer {
        None => Err(waiting()),
        Some(Ok(value)) => Ok(value),
        Some(Err(err)) => {
            let hint = err.hint().map(|it| vec![(Tone::Muted, it)]);
            Err([vec![(Tone::Danger, err.to_string())]].into_iter().chain(hint).collect())
        }
    }
}

fn described(object: &Object, value: &Value, world: &World) -> Vec<Toned> {
    let tasks: Vec<_> = world.tasks().cloned().collect();
    let known = world.page.iter().flat_map(|it| it.names.clone());
    let names: BTreeMap<String, String> = known.chain(world.names()).collect();
    let (now, nodes) = (world.now, world.nodes());
    let lens = Lens { now, secrecy: Secrecy::Mask, nodes, names: &names };
    let page = match object {
        Object::Service(_) => describe::service(value, &tasks, &lens),
        Object::Task(_) => describe::task(value, &lens),
        Object::Node(_) => describe::node(value, &tasks, world.services(), &lens),
        Object::Network(_) => describe::network(value, &lens),
        Object::Secret(_) => describe::secret(value, &lens),
        Object::Config(_) => describe::config(value, &lens),
        Object::Swarm => return spec(&describe::swarm(value), Format::Yaml),
    };
    sections(page, world)
}

fn release(stack: &StackName, revision: u32, world: &World) -> Vec<Toned> {
    let said = |tone: Tone, text: String| vec![vec![(tone, text)]];
    let past = match world.history.of(stack) {
        None => return said(Tone::Muted, "reading".to_owned()),
        Some(Err(why)) => return said(Tone::Danger, why.to_owned()),
        Some(Ok(past)) => past,
    };
    let found = past.releases.iter().find(|it| it.key.revision == revision);
    let Some(release) = found else {
        return said(Tone::Danger, format!("stack {stack} has no release {revision}"));
    };
    let zone = &world.setting.zone;
    sections(describe::release(release, &past.sources, &past.journal, past.live, zone), world)
}

fn sections(page: describe::ObjectPage, world: &World) -> Vec<Toned> {
    let mut lines = Vec::new();
    for section in page.sections {
        if !lines.is_empty() {
            lines.push(Vec::new());
        }
        lines.push(vec![(Tone::Title, section.title)]);
        let width = section.rows.iter().map(|it| it.key.chars().count()).max().unwrap_or(0).min(32);
        for row in section.rows {
            let tone = match row.tone {
                describe::FactTone::Normal => Tone::Text,
                describe::FactTone::Muted => Tone::Muted,
                describe::FactTone::Warn => Tone::Warn,
                describe::FactTone::Danger => Tone::Danger,
            };
            push_row(&mut lines, (&row.key, width), &row.value, tone, world);
        }
    }
    lines
}

/// A key in its column, and a value that may go over several lines.
fn push_row(
    lines: &mut Vec<Toned>,
    (key, width): (&str, usize),
    value: &str,
    tone: Tone,
    world: &World,
) {
    let mut key = format!("  {key:width$}  ");
    let indent = key.chars().count();
    // The border takes three columns.
    let room = usize::from(world.size.0).saturating_sub(indent + 3).clamp(20, SENTENCE);
    for paragraph in value.split('\n') {
        for part in wrapped(paragraph, room) {
            // A space at the end would be one column too many.
            lines.push(vec![(Tone::Muted, key), (tone, part.trim_end().to_owned())]);
            key = " ".repeat(indent);
        }
    }
}

fn spec(value: &Value, format: Format) -> Vec<Toned> {
    let value = Secrecy::Mask.json("", value);
    let text = match format {
        Format::Yaml => serde_yaml::to_string(&value).unwrap_or_else(|err| err.to_string()),
        Format::Json => serde_json::to_string_pretty(&value).unwrap_or_else(|err| err.to_string()),
    };
    text.lines().map(toned).collect()
}

/// Returns the keys and commands that have what is sought in them.
fn help(help: &Help, sought: &str, world: &World) -> Vec<Toned> {
    let sought = sought.to_lowercase();
    let mut lines = Vec::new();
    let parts = [
        ("Keys", "", &help.keys),
        ("Commands of the text", ":", &help.editing),
        ("Commands", ":", &help.commands),
    ];
    for (title, lead, rows) in parts {
        let rows: Vec<(String, &str)> =
            rows.iter().map(|it| (format!("{lead}{}", it.0), it.1.as_str())).collect();
        let fits = |it: &&(String, &str)| {
            it.0.to_lowercase().contains(&sought) || it.1.to_lowercase().contains(&sought)
        };
        let shown: Vec<_> = rows.iter().filter(fits).collect();
        if shown.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Vec::new());
        }
        lines.push(vec![(Tone::Title, title.to_owned())]);
        let width = rows.iter().map(|it| it.0.chars().count()).max().unwrap_or(0).min(28);
        let start = lines.len();
        for (key, text) in shown {
            push_row(&mut lines, (key, width), text, Tone::Text, world);
        }
        // Keys stand out, unlike the names of fields.
        lines[start..].iter_mut().filter_map(|it| it.first_mut()).for_each(|it| it.0 = Tone::Key);
    }
    if lines.is_empty() {
        lines.push(vec![(Tone::Muted, format!("no key and no command has `{sought}` in it"))]);
    }
    lines
}

/// Returns the name of an object as titles show it, where something tells it.
fn name(object: &Object, world: &World) -> Option<String> {
    let read = || {
        let page = world.page.as_ref().filter(|it| it.object == *object)?;
        page.answer.as_ref()?.as_ref().ok()
    };
    Some(match object {
        Object::Service(id) => world.service(id)?.in_stack(),
        Object::Task(id) => world.task_name(world.task(id)?),
        Object::Node(id) => world.host(Some(id)).to_owned(),
        Object::Network(_) | Object::Secret(_) | Object::Config(_) => {
            AnyObject(read()?).name()?.to_owned()
        }
        Object::Swarm => "swarm".to_owned(),
    })
}

fn unnamed(object: &Object) -> String {
    match object {
        Object::Service(id) => id.short().to_owned(),
        Object::Task(id) => id.short().to_owned(),
        Object::Node(id) => id.short().to_owned(),
        Object::Network(id) | Object::Secret(id) | Object::Config(id) => id.clone(),
        Object::Swarm => String::new(),
    }
}

//! A plan as an outline: one line for each object, under it what explains it.

use crate::domain::{
    compose::policy::Added,
    deployment::plan::{
        PlanLine, PlanTone,
        steps::{Effect, LiveVersion, Plan, PlanStep},
        words,
    },
    project::Secrets,
    swarm::{
        cluster::{Mode, Object, ObjectKind},
        difference::{Difference, arrow},
        objects::{NetworkObject, PortConfig, ServiceSpec},
    },
    text::count::plural,
};
use serde_json::Value;

/// The key of those that stay as they are.
pub const UNCHANGED: &str = "unchanged";

/// A plan in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanOutline {
    /// How many objects meet which fate, and what the plan is bound to.
    pub sum: PlanEntry,
    /// In the order in which they are done; what stays as it is comes last.
    pub entries: Vec<PlanEntry>,
}

/// One object, or all those that stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanEntry {
    /// Stays the same when the plan is made again, as `service shop_web`.
    pub key: String,
    pub head: PlanLine,
    /// What the details say in a few words, for where they are not shown.
    pub brief: Option<PlanLine>,
    pub details: Vec<PlanLine>,
    /// The live object, where there is one.
    pub object: Option<Object>,
}

impl PlanOutline {
    pub fn new(plan: &Plan) -> Self {
        let (quiet, loud): (Vec<&PlanStep>, Vec<&PlanStep>) =
            plan.steps.iter().partition(|it| it.effect == Effect::Unchanged);
        // What docker ignores stands on its own, though nothing is done about it.
        let (ignored, quiet): (Vec<&PlanStep>, Vec<&PlanStep>) =
            quiet.into_iter().partition(|it| !it.notices.is_empty());
        let entries = loud.into_iter().chain(ignored).map(entry).chain(unchanged(&quiet));
        let entries = entries.chain(added(&plan.added));
        let mut outline = Self { entries: entries.collect(), sum: sum(plan) };
        outline.hide(&plan.secrets);
        outline.lines_mut().for_each(PlanLine::straighten);
        outline
    }

    /// Hides what must not be shown.
    pub fn hide(&mut self, secrets: &Secrets) {
        self.lines_mut().for_each(|it| secrets.clean(&mut it.text));
    }

    fn lines_mut(&mut self) -> impl Iterator<Item = &mut PlanLine> {
        self.entries.iter_mut().chain([&mut self.sum]).flat_map(|it| {
            let lines = [&mut it.head].into_iter().chain(&mut it.brief);
            lines.chain(&mut it.details)
        })
    }
}

fn entry(step: &PlanStep) -> PlanEntry {
    let mut details = Vec::new();
    if let (Effect::Create, Some(body)) = (&step.effect, &step.body) {
        details.extend(created(step.kind, body));
    }
    for field in causes(step) {
        details.extend(cause(field));
        details.extend(reason(field));
    }
    details.extend(step.notices.iter().map(words::notice));
    if let Some(LiveVersion { version, .. }) = step.live {
        details.push(quiet(format!("planned for version {version} of this {}", step.kind.word())));
    }
    PlanEntry {
        key: format!("{} {}", step.kind.word(), step.name),
        head: words::head(step),
        brief: brief(step),
        details,
        object: object(step),
    }
}

/// Says what a new object will be.
fn created(kind: ObjectKind, body: &Value) -> Vec<PlanLine> {
    let mut lines = Vec::new();
    let mut say = |key: &str, value: String| lines.push(quiet(format!("{key}: {value}")));
    match kind {
        ObjectKind::Networks => {
            say("driver", NetworkObject(body).driver().unwrap_or("overlay").to_owned());
        }
        ObjectKind::Services => {
            let spec = ServiceSpec(body);
            let (name, digest) = pinned(spec.image().unwrap_or_default());
            say("Image", name.to_owned());
            if let Some(digest) = digest {
                say("digest", digest_in_short(digest).to_owned());
            }
            if let Some(mode) = mode(spec) {
                say("runs", mode);
            }
            for port in spec.ports() {
                say("port", published(port));
            }
        }
        ObjectKind::Secrets | ObjectKind::Configs => {}
    }
    lines
}

fn mode(spec: ServiceSpec<'_>) -> Option<String> {
    Some(match spec.mode()? {
        Mode::Replicated { replicas } => plural(replicas, "replica"),
        Mode::Global => "once on every node".to_owned(),
        Mode::ReplicatedJob { .. } => "as a job".to_owned(),
        Mode::GlobalJob => "as a job on every node".to_owned(),
    })
}

/// Fields that differ; the image is what most people look for.
fn causes(step: &PlanStep) -> impl Iterator<Item = &Difference> {
    let is_image = |it: &&Difference| short(&it.field) == "Image";
    let rest = step.fields.iter().filter(move |it| !is_image(it));
    step.fields.iter().filter(is_image).chain(rest)
}

/// A field that differs; of an image the digest on a line of its own.
pub fn cause(field: &Difference) -> Vec<PlanLine> {
    let name = short(&field.field);
    let (Some(old), Some(new)) = (&field.old, &field.new) else {
        return vec![quiet(format!("{name}: {}", arrow(field)))];
    };
    let ((old_name, old_digest), (new_name, new_digest)) = (pinned(old), pinned(new));
    if name != "Image" || (old_digest, new_digest) == (None, None) {
        return vec![quiet(format!("{name}: {}", arrow(field)))];
    }
    let image = match old_name == new_name {
        true => format!("{name}: {new_name}"),
        false => format!("{name}: {old_name} → {new_name}"),
    };
    let digest = |it: Option<&str>| it.map_or("not pinned", digest_in_short).to_owned();
    let digests = match old_digest == new_digest {
        true => format!("digest: {}", digest(new_digest)),
        false => format!("digest: {} → {}", digest(old_digest), digest(new_digest)),
    };
    vec![quiet(image), quiet(digests)]
}

/// Says where a field comes from that no file has.
fn reason(field: &Difference) -> Option<PlanLine> {
    let added = short(&field.field) == "Placement.Platforms" && field.new.is_some();
    let text = "skep adds the platforms of the image, as docker does";
    added.then(|| quiet(text.to_owned()))
}

fn brief(step: &PlanStep) -> Option<PlanLine> {
    let mut parts = Vec::new();
    if let (Effect::Create, Some(body)) = (&step.effect, &step.body) {
        let spec = ServiceSpec(body);
        parts.extend(spec.image().map(|it| pinned(it).0.to_owned()));
        parts.extend(mode(spec));
    }
    let names: Vec<&str> = causes(step).map(|it| short(&it.field)).collect();
    match names.as_slice() {
        [] => {}
        [one] => parts.push((*one).to_owned()),
        [one, two] => parts.push(format!("{one}, {two}")),
        [one, rest @ ..] => parts.push(format!("{one} and {} more fields", rest.len())),
    }
    if !step.notices.is_empty() {
        parts.push(plural(step.notices.len() as u64, "warning"));
    }
    let tone = if step.notices.is_empty() { PlanTone::Quiet } else { PlanTone::Warning };
    (!parts.is_empty()).then(|| PlanLine { text: parts.join("; "), tone })
}

fn unchanged(steps: &[&PlanStep]) -> Option<PlanEntry> {
    if steps.is_empty() {
        return None;
    }
    let line = |it: &&PlanStep| {
        let version = it.live.as_ref().map(|it| format!(", version {}", it.version));
        quiet(format!("{} {}{}", it.kind.word(), it.name, version.unwrap_or_default()))
    };
    Some(PlanEntry {
        key: UNCHANGED.to_owned(),
        head: quiet(format!("= {} unchanged", plural(steps.len() as u64, "object"))),
        brief: None,
        details: steps.iter().map(line).collect(),
        object: None,
    })
}

/// Says line by line what policies add.
fn added(added: &[Added]) -> Option<PlanEntry> {
    if added.is_empty() {
        return None;
    }
    let line = |it: &Added| {
        let service = it.service.as_ref().map(|it| format!("{it}: ")).unwrap_or_default();
        quiet(format!("{service}{}: {}, added by policy {}", it.field, it.value, it.by))
    };
    let count = plural(added.len() as u64, "field");
    Some(PlanEntry {
        key: "policies".to_owned(),
        head: quiet(format!("policies add {count} to the files")),
        brief: None,
        details: added.iter().map(line).collect(),
        object: None,
    })
}

fn sum(plan: &Plan) -> PlanEntry {
    let bound = (!plan.versions().is_empty()).then(|| {
        let text = "if somebody changes the stack before you deploy, skep plans again";
        quiet(text.to_owned())
    });
    PlanEntry {
        key: "sum".to_owned(),
        head: words::sum(plan),
        brief: None,
        details: bound.into_iter().collect(),
        object: None,
    }
}

fn object(step: &PlanStep) -> Option<Object> {
    let id = step.live.as_ref()?.id.as_str();
    Some(match step.kind {
        ObjectKind::Services => Object::Service(id.into()),
        ObjectKind::Networks => Object::Network(id.to_owned()),
        ObjectKind::Secrets => Object::Secret(id.to_owned()),
        ObjectKind::Configs => Object::Config(id.to_owned()),
    })
}

/// Fields as people know them: without the engine's wrapping.
fn short(path: &str) -> &str {
    let path = path.strip_prefix("TaskTemplate.").unwrap_or(path);
    path.strip_prefix("ContainerSpec.").unwrap_or(path)
}

fn pinned(image: &str) -> (&str, Option<&str>) {
    image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)))
}

/// Twelve digits tell any two digests apart, as they do for docker.
fn digest_in_short(digest: &str) -> &str {
    digest.get(.."sha256:".len() + 12).unwrap_or(digest)
}

fn published(port: PortConfig<'_>) -> String {
    let published = port.published().map_or("any".to_owned(), |it| it.to_string());
    let host = if port.is_host() { ", on its node alone" } else { "" };
    format!("{published} → {}/{}{host}", port.target(), port.protocol())
}

fn quiet(text: String) -> PlanLine {
    PlanLine { text, tone: PlanTone::Quiet }
}

/// Writes a plan; unchanged objects are counted, not named.
pub fn lines(plan: &Plan) -> Vec<PlanLine> {
    let outline = PlanOutline::new(plan);
    let named = outline.entries.into_iter().filter(|it| it.key != UNCHANGED);
    let mut lines = Vec::new();
    for entry in named.chain([outline.sum]) {
        lines.push(entry.head);
        let indented = |it: PlanLine| PlanLine { text: format!("    {}", it.text), ..it };
        lines.extend(entry.details.into_iter().map(indented));
    }
    lines
}

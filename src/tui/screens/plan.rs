//! The plan screen: what a deployment would do.

use crate::{
    domain::{
        deployment::plan::{Digest, PlanEntry, PlanLine, PlanTone, Preview},
        swarm::cluster::Object,
    },
    jobs::{deploy::Proposal, operations::Operation},
    projects::compose_sources::LISTED_BY,
    tui::{
        event::{Destination, Effect, Question, Request, Response, Subject},
        keymap::{Action, Context},
        screens::{Screen, body, of_panes},
        widgets::{
            DrawContext, frame,
            outline::{Heading, Outline, inside},
            text_page::Tone,
        },
        world::World,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::collections::BTreeMap;

/// The plan of one deployment.
#[derive(Debug)]
pub struct PlanScreen {
    proposal: Proposal,
    state: State,
    text: Outline,
    /// The live objects that headings stand for, by their keys.
    objects: BTreeMap<String, Object>,
    /// Jobs of which nothing changed.
    jobs: Vec<String>,
    /// There is nothing to do.
    nothing: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Unasked,
    Asked,
    /// This is what would be done.
    Ready(Digest),
    /// It cannot be deployed; the text says why.
    Refused,
}

/// So many differences from what was confirmed are named.
const NAMED: usize = 6;

impl PlanScreen {
    pub fn new(proposal: Proposal) -> Self {
        let mut text = Outline::default();
        text.set(vec![Heading::line("", Tone::Muted, "reading the cluster and the images")]);
        Self {
            proposal,
            state: State::Unasked,
            text,
            objects: BTreeMap::new(),
            jobs: Vec::new(),
            nothing: false,
        }
    }

    fn show(&mut self, preview: &Preview) {
        let planned = &preview.outline;
        let entries = || [&planned.sum].into_iter().chain(&planned.entries);
        let refused = entries().any(|it| it.head.tone == PlanTone::Refused);
        self.state = match refused {
            true => State::Refused,
            false => State::Ready(preview.digest.clone()),
        };
        self.objects =
            entries().filter_map(|it| Some((it.key.clone(), it.object.clone()?))).collect();
        self.jobs.clone_from(&preview.jobs);
        self.nothing = preview.nothing;
        let mut headings = headings(preview);
        let files = matches!(self.proposal, Proposal::Files(_));
        if files && !self.reruns() && !self.jobs.is_empty() {
            let how = format!("`{}` runs it again with this plan", Action::RerunJobs.label());
            headings.push(Heading::line("jobs", Tone::Muted, &how));
        }
        self.text.set(headings);
    }

    /// Returns whether jobs run again of which nothing changed.
    fn reruns(&self) -> bool {
        matches!(&self.proposal, Proposal::Files(order) if order.rerun_jobs)
    }

    /// Has the jobs run again of which nothing changed, or not: the plan is made anew, and
    /// only the new one can be confirmed.
    fn rerun_jobs(&mut self) -> Option<Request> {
        if self.jobs.is_empty() {
            return Some(Request::problem("every job runs anyway"));
        }
        match &mut self.proposal {
            Proposal::Files(order) => order.rerun_jobs = !order.rerun_jobs,
            Proposal::Earlier(_) => {
                return Some(Request::problem("only a plan made from files can run jobs again"));
            }
        }
        self.state = State::Unasked;
        None
    }

    fn refuse(&mut self, why: &str) {
        self.state = State::Refused;
        self.text.set(refusal(why));
    }

    /// Asks whether what is shown should be done. The order carries what was shown: where
    /// it would do anything else, nothing is done.
    fn deploy(&self, world: &World, differences: &[String]) -> Request {
        let State::Ready(digest) = &self.state else {
            return Request::problem("there is no plan to deploy");
        };
        if let Proposal::Earlier(wish) = &self.proposal
            && self.nothing
        {
            let what =
                format!("the stack already matches release {}: nothing to do", wish.revision);
            return Request::problem(what);
        }
        let leads = match &self.proposal {
            Proposal::Files(order) => world.deploys(&order.stack),
            Proposal::Earlier(wish) => world.returns(&wish.stack, wish.revision),
        };
        let mut text = vec![leads];
        if !differences.is_empty() {
            text.push("Nothing was done yet: the plan changed since it was confirmed.".to_owned());
            text.extend(differences.iter().take(NAMED).map(|it| format!("  {it}")));
            if differences.len() > NAMED {
                text.push(format!("  and {} more", differences.len() - NAMED));
            }
            text.push(String::new());
        }
        let operation = Operation::from(self.proposal.confirmed(digest));
        text.extend(self.promise());
        text.extend(self.elsewhere(world));
        if self.reruns() && !self.jobs.is_empty() {
            let jobs = self.jobs.join(", ");
            text.push(format!("Jobs that run again, though nothing of them changed: {jobs}."));
        }
        text.extend([String::new(), format!("the same as: {}", operation.docker())]);
        let title = self.title();
        Request::Ask(Question { title, text, then: vec![Effect::Start(operation)] })
    }

    fn title(&self) -> String {
        match &self.proposal {
            Proposal::Files(order) => format!("Deploy {}?", order.stack),
            Proposal::Earlier(wish) => {
                format!("Roll {} back to release {}?", wish.stack, wish.revision)
            }
        }
    }

    /// Says that a project has a stack of this name, in another cluster only.
    fn elsewhere(&self, world: &World) -> Option<String> {
        let here = &world.setting.context;
        let (path, home) = world.projects.catalog.elsewhere(self.proposal.stack(), here)?;
        Some(format!(
            "A stack of this name is {path}, which is deployed only to {home}; this is {here}."
        ))
    }

    /// Says what a yes does beside what the plan lists.
    fn promise(&self) -> Vec<String> {
        let others = match &self.proposal {
            Proposal::Files(order) if order.prune => {
                "Services of the stack that are not in the file are removed."
            }
            Proposal::Files(_) => "Services that are not in the file stay as they are.",
            Proposal::Earlier(_) => {
                "Services that came later are removed. No image is looked up again."
            }
        };
        let promise = [
            "skep deploys the plan and watches until every service runs;",
            "if one does not, everything is rolled back.",
            others,
        ];
        promise.map(str::to_owned).to_vec()
    }
}

impl Screen for PlanScreen {
    fn place(&self) -> Destination {
        Destination::Plan(self.proposal.clone())
    }

    fn crumb(&self, _world: &World) -> String {
        format!("plan · {}", self.proposal.stack())
    }

    fn context(&self) -> Context {
        Context::Page
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        let inside = inside(body(world));
        if self.text.update(action, (inside.width, inside.height)) {
            return None;
        }
        match action {
            Action::Deploy => Some(self.deploy(world, &[])),
            Action::RerunJobs => self.rerun_jobs(),
            Action::Refresh => {
                self.state = State::Unasked;
                None
            }
            Action::Back => Some(Request::Back),
            _ => None,
        }
    }

    fn begin(&mut self, _world: &World) -> Option<Request> {
        if self.state != State::Unasked {
            return None;
        }
        self.state = State::Asked;
        Some(Request::Do(Effect::Plan(self.proposal.clone())))
    }

    fn answered(&mut self, world: &World, response: Response) -> Option<Request> {
        match response {
            Response::Plan(Ok(preview)) => self.show(&preview),
            Response::Replanned(preview, differences) => {
                self.show(&preview);
                return Some(self.deploy(world, &differences));
            }
            Response::Plan(Err(why)) | Response::Lost(why) => self.refuse(&why),
            _ => {}
        }
        None
    }

    fn subjects(&self, _world: &World) -> Vec<Subject> {
        let object = self.text.selected().and_then(|it| self.objects.get(it));
        vec![object.map_or_else(|| Subject::Stack(self.proposal.stack().clone()), Subject::of)]
    }

    fn search(&mut self, _world: &World, typed: &str) -> Option<Request> {
        self.text.search(typed);
        None
    }

    fn filtered(&self) -> &str {
        self.text.sought()
    }

    fn takes(&self, action: Action) -> bool {
        let about_jobs = action == Action::RerunJobs;
        !of_panes(action)
            && (!about_jobs || !self.jobs.is_empty())
            && !matches!(
                action,
                Action::Left
                    | Action::Right
                    | Action::Wrap
                    | Action::RollBack
                    | Action::Discard
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
        let of = match &self.proposal {
            Proposal::Files(order) => order.stack.to_string(),
            Proposal::Earlier(wish) => format!("{} ▸ release {}", wish.stack, wish.revision),
        };
        let title = format!("Plan · {of}{}", self.text.status());
        frame::pane(&title, true, look.theme, area, buffer);
        self.text.draw(look, inside(area), area, true, buffer);
    }
}

/// Returns a plan, and what there is to say about it, to read and unfold.
pub fn headings(preview: &Preview) -> Vec<Heading> {
    let planned = &preview.outline;
    let entries = [&planned.sum].into_iter().chain(&planned.entries);
    let note = |it: &String| {
        let said = it.replace(LISTED_BY, "f7 in the editor lists them");
        Heading::line(it, Tone::Warn, &format!("note: {said}"))
    };
    let notes = preview.notes.iter().map(note);
    entries.map(entry).chain(notes).collect()
}

/// Returns why there is no plan, to read.
pub fn refusal(why: &str) -> Vec<Heading> {
    why.lines().map(|it| Heading::line(it, Tone::Danger, it)).collect()
}

/// What asks for attention is unfolded from the start.
fn entry(entry: &PlanEntry) -> Heading {
    let alarms = |it: &PlanLine| matches!(it.tone, PlanTone::Warning | PlanTone::Refused);
    Heading {
        brief: entry.brief.as_ref().map(|it| match it.tone {
            PlanTone::Quiet => (Tone::Muted, it.text.clone()),
            _ => said(it),
        }),
        details: entry.details.iter().map(said).collect(),
        open: alarms(&entry.head) || entry.details.iter().any(alarms),
        key: entry.key.clone(),
        text: said(&entry.head),
    }
}

fn said(line: &PlanLine) -> (Tone, String) {
    let tone = match line.tone {
        PlanTone::Create | PlanTone::Change => Tone::Title,
        PlanTone::Replace | PlanTone::Warning => Tone::Warn,
        PlanTone::Remove | PlanTone::Refused => Tone::Danger,
        PlanTone::Quiet => Tone::Text,
    };
    (tone, line.text.clone())
}

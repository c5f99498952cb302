//! The screen of pending changes: each with old and new value; each can be discarded.

use crate::{
    domain::{
        compose::difference::hunks,
        project::{StackPath, pending::Pending},
        text::mask::Secrecy,
    },
    projects::{Foreign, PendingChanges},
    tui::{
        event::{Destination, Effect, Fact, Question, Request, Response, Subject},
        keymap::{Action, Context},
        projects::{Chore, lines},
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
use std::{borrow::Cow, ops::Range};

/// The changes of one stack.
#[derive(Debug)]
pub struct Changes {
    stack: StackPath,
    asked: bool,
    standing: Option<PendingChanges>,
    text: Outline,
}

impl Changes {
    pub fn new(stack: StackPath) -> Self {
        let mut text = Outline::default();
        text.set(vec![Heading::line("", Tone::Muted, "reading")]);
        Self { stack, asked: false, standing: None, text }
    }

    fn show(&mut self, standing: &PendingChanges) {
        let foreign = standing.foreign.iter().map(foreign);
        let changes = standing.pending.iter().map(change);
        let mut headings: Vec<Heading> = foreign.chain(changes).collect();
        if headings.is_empty() {
            let text = match standing.release {
                Some(release) => {
                    format!("no changes: everything is deployed, with release {release}")
                }
                None => "it was never deployed: the first deployment deploys all of it".to_owned(),
            };
            headings.push(Heading::line("", Tone::Muted, &text));
        }
        self.text.set(headings);
        self.standing = Some(standing.clone());
    }

    fn selected(&self) -> Option<&Pending> {
        let key = self.text.selected()?;
        self.standing.as_ref()?.pending.iter().find(|it| it.title() == key)
    }

    fn discard(&self) -> Request {
        if let Some(foreign) = self.foreign() {
            return self.accept(foreign);
        }
        let (Some(change), Some(standing)) = (self.selected(), &self.standing) else {
            return Request::problem("there is no change to discard");
        };
        let title = change.title();
        let undo = Box::new(standing.undo(change));
        let chore = Chore::Discard { stack: self.stack.clone(), title: title.clone(), undo };
        let number = standing.pending.iter().position(|it| it.title() == title);
        let number = number.map_or(1, |it| it + 1);
        let text = vec![
            format!("{title}: what is deployed replaces the change"),
            String::new(),
            "It is reset to what is deployed. The other changes stay.".to_owned(),
            String::new(),
            format!("the same as: skep changes {} --discard {number}", self.stack),
        ];
        let then = vec![Effect::Project(chore)];
        Request::Ask(Question { title: format!("Discard {title}?"), text, then })
    }

    fn foreign(&self) -> Option<&Foreign> {
        let key = self.text.selected()?;
        self.standing.as_ref()?.foreign.iter().find(|it| it.file == key)
    }

    fn accept(&self, foreign: &Foreign) -> Request {
        let text = vec![
            format!("{}: skep takes it as it is now", foreign.file),
            String::new(),
            "Somebody changed the file outside of skep. It is taken as it is, and what differs"
                .to_owned(),
            "from what is deployed stays a change.".to_owned(),
            String::new(),
            format!("the same as: skep changes {} --accept", self.stack),
        ];
        let then = vec![Effect::Project(Chore::Accept(self.stack.clone()))];
        Request::Ask(Question { title: format!("Accept {} as it is?", foreign.file), text, then })
    }
}

impl Screen for Changes {
    fn place(&self) -> Destination {
        Destination::Changes(self.stack.clone())
    }

    fn crumb(&self, _world: &World) -> String {
        format!("changes · {}", self.stack)
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
            Action::Deploy => {
                Some(Request::Do(Effect::Project(Chore::Prepare(self.stack.clone()))))
            }
            Action::Discard => Some(self.discard()),
            Action::Refresh => {
                self.asked = false;
                None
            }
            Action::Back => Some(Request::Back),
            _ => None,
        }
    }

    fn begin(&mut self, _world: &World) -> Option<Request> {
        if self.asked {
            return None;
        }
        self.asked = true;
        Some(Request::Do(Effect::Project(Chore::PendingChanges(self.stack.clone()))))
    }

    fn observe(&mut self, _world: &World, fact: Fact) -> Option<Request> {
        // Something is another than it was; so may be what is shown.
        let changed = fact == Fact::Projects && self.asked;
        changed.then(|| Request::Do(Effect::Project(Chore::PendingChanges(self.stack.clone()))))
    }

    fn answered(&mut self, _world: &World, response: Response) -> Option<Request> {
        match response {
            Response::PendingChanges(Ok(standing)) => self.show(&standing),
            Response::PendingChanges(Err(why)) | Response::Lost(why) => {
                self.standing = None;
                self.text.set(vec![Heading::line("", Tone::Danger, &why)]);
            }
            _ => {}
        }
        None
    }

    fn subjects(&self, world: &World) -> Vec<Subject> {
        let stack = world.projects.catalog.stacks.get(&self.stack);
        stack.map(|it| Subject::Stack(it.swarm.clone())).into_iter().collect()
    }

    fn search(&mut self, _world: &World, typed: &str) -> Option<Request> {
        self.text.search(typed);
        None
    }

    fn filtered(&self) -> &str {
        self.text.sought()
    }

    fn takes(&self, action: Action) -> bool {
        !of_panes(action)
            && !matches!(
                action,
                Action::Left
                    | Action::Right
                    | Action::Wrap
                    | Action::RollBack
                    | Action::RerunJobs
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
        let release = self.standing.as_ref().and_then(|it| it.release);
        let since = release.map(|it| format!(" since release {it}")).unwrap_or_default();
        let title = format!("Changes · {}{since}{}", self.stack, self.text.status());
        frame::pane(&title, true, look.theme, area, buffer);
        self.text.draw(look, inside(area), area, true, buffer);
    }
}

fn change(change: &Pending) -> Heading {
    let (old, new) = lines(change);
    let old = old.into_iter().map(|it| (Tone::Danger, format!("- {it}")));
    let new = new.into_iter().map(|it| (Tone::Title, format!("+ {it}")));
    Heading {
        key: change.title(),
        text: (Tone::Warn, format!("{} {}", change.kind.word(), change.title())),
        details: old.chain(new).collect(),
        open: true,
        ..Heading::default()
    }
}

fn foreign(foreign: &Foreign) -> Heading {
    let what = match foreign.now {
        Some(_) => "was changed outside of skep; ctrl-d accepts it as it is",
        None => "cannot be read any more",
    };
    let now = foreign.now.as_deref().unwrap_or_default();
    let differ = hunks(&foreign.seen, now);
    let details = differ.iter().flat_map(|hunk| {
        let gone = part(&foreign.seen, &hunk.old).map(|it| (Tone::Danger, format!("- {it}")));
        let new = part(now, &hunk.new).map(|it| (Tone::Title, format!("+ {it}")));
        gone.chain(new).collect::<Vec<_>>()
    });
    Heading {
        details: details.collect(),
        open: true,
        ..Heading::line(&foreign.file, Tone::Danger, &format!("{} {what}", foreign.file))
    }
}

/// Returns some lines of a text; what of them looks secret is hidden.
fn part<'a>(text: &'a str, lines: &Range<usize>) -> impl Iterator<Item = Cow<'a, str>> {
    text.lines().skip(lines.start).take(lines.len()).map(|it| Secrecy::Mask.text(it))
}

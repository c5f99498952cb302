//! What a deployment would do, before anything happens.

use crate::{
    domain::plan::{PlanLine, PlanTone},
    jobs::{deploy::Order, work::Work},
    tui::{
        event::{Effect, Event, Place, Question, Request, Subject},
        keymap::{Action, Context},
        screens::Screen,
        widgets::{
            Look, frame,
            text_page::{TextPage, Tone, Toned},
        },
        world::World,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The plan of one deployment.
#[derive(Debug)]
pub struct Plan {
    order: Order,
    state: State,
    text: TextPage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unasked,
    Asked,
    Ready,
    /// It cannot be deployed; the text says why.
    Refused,
}

impl Plan {
    pub fn new(order: Order) -> Self {
        let mut text = TextPage::default();
        text.set(vec![vec![(Tone::Muted, "reading the cluster and the images".to_owned())]]);
        Self { order, state: State::Unasked, text }
    }

    fn show(&mut self, lines: &[PlanLine]) {
        let refused = lines.iter().any(|it| it.tone == PlanTone::Refused);
        self.state = if refused { State::Refused } else { State::Ready };
        self.text.set(lines.iter().map(toned).collect());
    }

    fn deploy(&self) -> Request {
        if self.state != State::Ready {
            return Request::problem("there is no plan that could be deployed");
        }
        let text = vec![
            "What the plan says is done, and watched until every service runs.".to_owned(),
            "Services that the file does not name stay as they are.".to_owned(),
            String::new(),
            format!("the same as: {}", self.order.docker()),
        ];
        let title = format!("Deploy {}?", self.order.stack);
        let then = vec![Effect::Start(Work::Deploy(Box::new(self.order.clone())))];
        Request::Ask(Question { title, text, then })
    }
}

impl Screen for Plan {
    fn place(&self) -> Place {
        Place::Plan(Box::new(self.order.clone()))
    }

    fn crumb(&self, _world: &World) -> String {
        format!("plan · {}", self.order.stack)
    }

    fn context(&self) -> Context {
        Context::Page
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        if self.text.update(world, action) {
            return None;
        }
        match action {
            Action::Deploy => Some(self.deploy()),
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
        Some(Request::Do(Effect::Plan(Box::new(self.order.clone()))))
    }

    fn observe(&mut self, _world: &World, event: &Event) -> Option<Request> {
        match event {
            Event::Planned(stack, answer) if *stack == self.order.stack => {
                match answer {
                    Ok(lines) => self.show(lines),
                    Err(why) => {
                        self.state = State::Refused;
                        self.text.set(
                            why.lines().map(|it| vec![(Tone::Danger, it.to_owned())]).collect(),
                        );
                    }
                }
                None
            }
            _ => None,
        }
    }

    fn subjects(&self, _world: &World) -> Vec<Subject> {
        vec![Subject::Stack(self.order.stack.clone())]
    }

    fn search(&mut self, _world: &World, typed: &str) -> Option<Request> {
        self.text.search(typed);
        None
    }

    fn filtered(&self) -> &str {
        self.text.sought()
    }

    fn takes(&self, action: Action) -> bool {
        !matches!(action, Action::Zoom | Action::FocusNext | Action::FocusPrev | Action::Filter)
    }

    fn dump(&self, _look: &Look<'_>) -> String {
        self.text.text()
    }

    fn copied(&self, _world: &World) -> Option<String> {
        Some(self.text.text())
    }

    fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
        let title = format!("Plan · {}{}", self.order.stack, self.text.status());
        let inside = frame::pane(&title, true, look.theme, area, buffer);
        let inside = Rect { x: inside.x + 1, width: inside.width.saturating_sub(1), ..inside };
        self.text.draw(look, inside, buffer);
    }
}

fn toned(line: &PlanLine) -> Toned {
    let tone = match line.tone {
        PlanTone::Create | PlanTone::Change => Tone::Title,
        PlanTone::Replace | PlanTone::Warning => Tone::Warn,
        PlanTone::Remove | PlanTone::Refused => Tone::Danger,
        PlanTone::Quiet => Tone::Text,
    };
    vec![(tone, line.text.clone())]
}

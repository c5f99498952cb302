//! A new stack of a template: what it asks for, and the text that comes of it.

mod view;

use crate::{
    domain::{
        project::StackPath,
        template::{Parameter, Problem, Template},
    },
    tui::{
        event::{Effect, Place, PromptKind, Question, Request, Subject},
        keymap::{Action, Context},
        projects::{Chore, New},
        screens::{Screen, form::view::Row},
        widgets::{
            Look,
            text_page::{TextPage, toned},
        },
        world::World,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::collections::BTreeMap;

/// What no parameter takes.
const NO_VALUE: &str = "\n";

/// The values of one stack to be.
#[derive(Debug)]
pub struct Form {
    stack: StackPath,
    template: Template,
    /// What is not left to the defaults.
    given: BTreeMap<String, String>,
    rows: Vec<Row>,
    cursor: usize,
    /// Whether the keys move the text.
    in_text: bool,
    zoomed: bool,
    text: TextPage,
}

impl Form {
    pub fn new(stack: StackPath, template: Template) -> Self {
        let mut form = Self {
            stack,
            template,
            given: BTreeMap::new(),
            rows: Vec::new(),
            cursor: 0,
            in_text: false,
            zoomed: false,
            text: TextPage::default(),
        };
        form.refresh();
        form
    }

    /// Works out what is wrong, and the text, after a value changed.
    fn refresh(&mut self) {
        let problems = self.problems();
        let row = |it: &Parameter| {
            let why = problems.iter().find(|problem| problem.parameter == it.name);
            Row::of(it, &self.given, why.map(|it| it.why.clone()))
        };
        self.rows = self.template.parameters.iter().map(row).collect();
        let text = self.template.draft(&self.given);
        self.text.set(text.lines().map(toned).collect());
        self.follow(&text);
    }

    /// Shows where the selected parameter counts: what would be another text without it.
    fn follow(&mut self, text: &str) {
        let Some(name) = self.selected().map(|it| it.name.clone()) else { return };
        let mut without = self.given.clone();
        without.insert(name, NO_VALUE.to_owned());
        let other = self.template.draft(&without);
        let at = text.lines().zip(other.lines()).position(|(one, other)| one != other);
        self.text.show(at.unwrap_or_default());
    }

    fn problems(&self) -> Vec<Problem> {
        self.template.render(&self.given).err().unwrap_or_default()
    }

    fn selected(&self) -> Option<&Parameter> {
        self.template.parameters.get(self.cursor)
    }

    fn change(&self) -> Option<Request> {
        let parameter = Box::new(self.selected()?.clone());
        let proposed = parameter.value(&self.given).to_owned();
        Some(Request::Prompt(PromptKind::Parameter { parameter, proposed }))
    }

    fn take_default(&mut self) -> Option<Request> {
        let name = self.selected()?.name.clone();
        if self.given.remove(&name).is_none() {
            return Some(Request::problem(format!("{name} has no value of its own")));
        }
        self.refresh();
        None
    }

    fn make(&self, world: &World) -> Request {
        let text = match self.template.render(&self.given) {
            Ok(text) => text,
            Err(problems) => return refusal(&problems),
        };
        match world.projects.room_for(&self.stack) {
            Ok(()) => {
                let new = New::of_text(self.stack.clone(), text);
                Request::Do(Effect::Project(Chore::Create(Box::new(new))))
            }
            Err(why) => Request::problem(why),
        }
    }

    /// Moves the cursor, or the text where the keys are there.
    fn go(&mut self, world: &World, action: Action) {
        let page = usize::from(world.size.1 / 4).max(1);
        if self.in_text {
            let (step, times) = match action {
                Action::PageDown => (Action::SelectNext, page),
                Action::PageUp => (Action::SelectPrev, page),
                action => (action, 1),
            };
            for _ in 0..times {
                self.text.update(step, (world.size.0, world.size.1 / 3));
            }
            return;
        }
        let last = self.rows.len().saturating_sub(1);
        let to = match action {
            Action::SelectNext => self.cursor + 1,
            Action::SelectPrev => self.cursor.saturating_sub(1),
            Action::PageDown => self.cursor + page,
            Action::PageUp => self.cursor.saturating_sub(page),
            Action::First => 0,
            Action::Last => last,
            _ => return,
        };
        self.cursor = to.min(last);
        self.follow(&self.template.draft(&self.given));
    }
}

impl Screen for Form {
    fn place(&self) -> Place {
        Place::Form(self.stack.clone(), Box::new(self.template.clone()))
    }

    fn crumb(&self, _world: &World) -> String {
        format!("new stack · {}", self.stack)
    }

    fn context(&self) -> Context {
        Context::Form
    }

    fn update(&mut self, world: &World, action: Action) -> Option<Request> {
        match action {
            Action::ChangeValue => return self.change(),
            Action::TakeDefault => return self.take_default(),
            Action::MakeStack => return Some(self.make(world)),
            Action::Back if self.zoomed => self.zoomed = false,
            Action::Back => return Some(Request::Back),
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::FocusNext | Action::FocusPrev => self.in_text = !self.in_text,
            action => self.go(world, action),
        }
        None
    }

    fn fill(&mut self, name: &str, value: String) {
        // What the default says anyway is left to it.
        let parameter = self.template.parameter(name);
        if parameter.is_some_and(|it| it.default.as_deref().unwrap_or_default() == value) {
            self.given.remove(name);
        } else {
            self.given.insert(name.to_owned(), value);
        }
        self.refresh();
    }

    fn subjects(&self, _world: &World) -> Vec<Subject> {
        Vec::new()
    }

    fn takes(&self, action: Action) -> bool {
        match action {
            Action::Filter | Action::Search | Action::Refresh => false,
            Action::Left | Action::Right => self.in_text,
            Action::ChangeValue | Action::TakeDefault => !self.in_text,
            _ => true,
        }
    }

    fn unsaved(&self) -> Option<String> {
        let what = format!("The values for {} were not made a stack yet.", self.stack);
        (!self.given.is_empty()).then_some(what)
    }

    fn dump(&self, _look: &Look<'_>) -> String {
        self.text.text()
    }

    fn copied(&self, _world: &World) -> Option<String> {
        if self.in_text {
            return Some(self.text.text());
        }
        Some(self.selected()?.value(&self.given).to_owned())
    }

    fn draw(&self, look: &Look<'_>, area: Rect, buffer: &mut Buffer) {
        view::draw(self, look, area, buffer);
    }
}

/// Says everything that is wrong, at once.
fn refusal(problems: &[Problem]) -> Request {
    let title = match problems.len() {
        1 => "Not yet: one value is missing or wrong".to_owned(),
        some => format!("Not yet: {some} values are missing or wrong"),
    };
    let text = problems.iter().map(ToString::to_string).collect();
    Request::Ask(Question { title, text, then: Vec::new() })
}

//! The template form: parameters of a new stack, and the resulting text.

mod view;

use crate::{
    domain::{
        compose::template::{Parameter, Problem, Template},
        project::StackPath,
    },
    tui::{
        event::{Destination, Effect, PromptKind, Question, Request, Subject},
        keymap::{Action, Context},
        projects::{Chore, New},
        screens::{
            Screen, body,
            form::view::{ParameterRow, Shown},
        },
        widgets::{
            DrawContext,
            text_page::{TextPage, Tone, toned},
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
pub struct FormScreen {
    stack: StackPath,
    template: Template,
    /// What is not left to the defaults.
    given: BTreeMap<String, String>,
    shown: Shown,
}

impl FormScreen {
    pub fn new(stack: StackPath, template: Template) -> Self {
        let shown = Shown {
            title: format!("New stack {stack} · {}", template.name),
            rows: Vec::new(),
            cursor: 0,
            in_text: false,
            zoomed: false,
            text: TextPage::default(),
        };
        let mut form = Self { stack, template, given: BTreeMap::new(), shown };
        form.refresh();
        form
    }

    /// Works out what is wrong, and the text, after a value changed.
    fn refresh(&mut self) {
        let problems = self.problems();
        let row = |it: &Parameter| {
            let why = problems.iter().find(|problem| problem.parameter == it.name);
            ParameterRow::of(it, &self.given, why.map(|it| it.why.clone()))
        };
        self.shown.rows = self.template.parameters.iter().map(row).collect();
        self.follow();
    }

    /// Shows the text where the selected parameter counts: what would be another without
    /// it stands out.
    fn follow(&mut self) {
        let text = self.template.draft(&self.given);
        let mut without = self.given.clone();
        without.extend(self.selected().map(|it| (it.name.clone(), NO_VALUE.to_owned())));
        let other = self.template.draft(&without);
        let (lines, others): (Vec<&str>, Vec<&str>) =
            (text.lines().collect(), other.lines().collect());
        let differs = |at: usize| others.get(at) != lines.get(at);
        let first = (0..lines.len()).find(|at| differs(*at)).unwrap_or_default();
        // Where lines come and go, those below are only in another place.
        let stands_out = |at: usize| differs(at) && (at == first || lines.len() == others.len());
        let toned = |(at, line): (usize, &&str)| match stands_out(at) {
            true => vec![(Tone::Title, (*line).to_owned())],
            false => toned(line),
        };
        self.shown.text.set(lines.iter().enumerate().map(toned).collect());
        self.shown.text.show(first);
    }

    fn problems(&self) -> Vec<Problem> {
        self.template.render(&self.given).err().unwrap_or_default()
    }

    fn selected(&self) -> Option<&Parameter> {
        self.template.parameters.get(self.shown.cursor)
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
        if self.shown.in_text {
            self.shown.text.update(action, view::text_room(&self.shown, body(world)));
            return;
        }
        let last = self.shown.rows.len().saturating_sub(1);
        let to = match action {
            Action::SelectNext => self.shown.cursor + 1,
            Action::SelectPrev => self.shown.cursor.saturating_sub(1),
            Action::PageDown => self.shown.cursor + page,
            Action::PageUp => self.shown.cursor.saturating_sub(page),
            Action::First => 0,
            Action::Last => last,
            _ => return,
        };
        self.shown.cursor = to.min(last);
        self.follow();
    }
}

impl Screen for FormScreen {
    fn place(&self) -> Destination {
        Destination::Form(self.stack.clone(), Box::new(self.template.clone()))
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
            Action::Back if self.shown.zoomed => self.shown.zoomed = false,
            Action::Back => return Some(Request::Back),
            Action::Zoom => self.shown.zoomed = !self.shown.zoomed,
            Action::FocusNext | Action::FocusPrev => self.shown.in_text = !self.shown.in_text,
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
            Action::Left | Action::Right => self.shown.in_text,
            Action::ChangeValue | Action::TakeDefault => !self.shown.in_text,
            _ => true,
        }
    }

    fn unsaved(&self) -> Option<String> {
        let what = format!("The values for {} did not become a stack yet.", self.stack);
        (!self.given.is_empty()).then_some(what)
    }

    fn values(&self) -> BTreeMap<String, String> {
        self.given.clone()
    }

    fn resume(&mut self, values: &BTreeMap<String, String>) {
        self.given = values.clone();
        self.given.retain(|name, _| self.template.parameter(name).is_some());
        self.refresh();
    }

    fn dump(&self, _look: &DrawContext<'_>) -> String {
        self.shown.text.text()
    }

    fn copied(&self, _world: &World) -> Option<String> {
        if self.shown.in_text {
            return Some(self.shown.text.text());
        }
        Some(self.selected()?.value(&self.given).to_owned())
    }

    fn draw(&self, look: &DrawContext<'_>, area: Rect, buffer: &mut Buffer) {
        view::draw(&self.shown, look, area, buffer);
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

//! The plan beside the text: what deploying it as it is would do.

use crate::{
    domain::{compose::Severity, names::StackName, plan::Preview, text::count::counted},
    jobs::deploy::Proposal,
    tui::{
        document::Document,
        event::{Effect, PromptKind, Request},
        keymap::Action,
        projects::Chore,
        screens::{
            editor::{Editor, leaving::After, panel::Shown},
            plan,
        },
        widgets::outline::Outline,
    },
};
use crossterm::event::KeyCode;

/// The newest plan, and which text it is of.
#[derive(Debug, Default)]
pub struct Beside {
    pub text: Outline,
    /// The version that a plan was asked for.
    asked: Option<u64>,
    /// The version that the text is of.
    of: Option<u64>,
}

impl Editor {
    /// Asks for the stack that the text becomes; it is deployed from its plan.
    ///
    /// It is saved first: what is deployed is what the file says.
    pub(super) fn deploy(&mut self) -> Request {
        if let Some(why) = self.refusal().filter(|_| self.checked == self.version) {
            return Request::problem(format!("not deployed, {why} (f8 goes there)"));
        }
        if self.changed() {
            return self.save_then(After::Deploy);
        }
        if let Document::Stack { stack, .. } = &self.document {
            return Request::Do(Effect::Project(Chore::Prepare(stack.clone())));
        }
        let name = self.stack_name().map(|it| it.to_string()).unwrap_or_default();
        Request::Prompt(PromptKind::Deploy {
            document: self.document.clone(),
            text: self.writing.text().as_str().to_owned(),
            proposed: name,
        })
    }

    /// A stack that was never deployed is named after the folder or the file, as people
    /// do it.
    pub(super) fn stack_name(&self) -> Option<StackName> {
        if self.stack.is_some() {
            return self.stack.clone();
        }
        let path = self.document.path();
        let stem = path.file_stem()?.to_str()?;
        let generic = ["compose", "docker-compose", "stack", "docker-stack"].contains(&stem);
        let folder = path.parent().and_then(|it| it.file_name()).and_then(|it| it.to_str());
        let name = if generic { folder.unwrap_or(stem) } else { stem };
        let name: String = name
            .chars()
            .map(|it| if it.is_ascii_alphanumeric() || it == '-' || it == '_' { it } else { '-' })
            .collect();
        name.trim_matches(['-', '_']).parse().ok()
    }

    /// Asks for the plan of the text as it is, where it is looked at and not known.
    pub(super) fn plan(&mut self) -> Option<Request> {
        let known = self.beside.of == Some(self.version) || self.beside.asked.is_some();
        if self.panel.shown != Shown::Plan || known {
            return None;
        }
        let Some(stack) = self.stack_name() else {
            self.beside.text.set(plan::refusal("the stack has no name yet: deploying asks for it"));
            return None;
        };
        if let Some(why) = self.refusal().filter(|_| self.checked == self.version) {
            self.beside.of = Some(self.version);
            self.beside.text.set(plan::refusal(&why));
            return None;
        }
        self.beside.asked = Some(self.version);
        let order = self.document.order(
            stack,
            self.writing.text().as_str().to_owned(),
            self.stack_of.as_deref(),
        );
        let proposal = Proposal::Files(Box::new(order.asking_little()));
        Some(Request::Do(Effect::Plan(proposal)))
    }

    /// Shows a plan. While one is asked for no other is: it is of the version that asked,
    /// and where that is not the text any more the next one is asked for now.
    pub(super) fn planned(&mut self, answer: Result<Preview, String>) -> Option<Request> {
        self.beside.of = Some(self.beside.asked.take()?);
        self.beside.text.set(match answer {
            Ok(preview) => plan::headings(&preview),
            Err(why) => plan::refusal(&why),
        });
        self.plan()
    }

    /// Reads the plan again, though the text is the same.
    pub(super) fn plan_again(&mut self) -> Option<Request> {
        self.beside.of = None;
        self.beside.asked = None;
        self.plan()
    }

    /// Returns what the plan is of, and whether it will be another soon.
    pub(super) fn plan_title(&self) -> String {
        let name = self.stack_name().map(|it| it.to_string()).unwrap_or_default();
        let state = match self.beside.of {
            _ if self.beside.asked.is_some() => " · reading",
            Some(of) if of != self.version => " · of the text before",
            _ => "",
        };
        format!("Plan · {name}{state}")
    }

    /// Moves in the plan; returns whether the key was for that.
    pub(super) fn press_plan(&mut self, key: KeyCode, room: (u16, u16)) -> bool {
        let action = match key {
            KeyCode::Up => Action::SelectPrev,
            KeyCode::Down => Action::SelectNext,
            KeyCode::PageUp => Action::PageUp,
            KeyCode::PageDown => Action::PageDown,
            KeyCode::Home => Action::First,
            KeyCode::End => Action::Last,
            KeyCode::Enter | KeyCode::Char(' ') => Action::Fold,
            _ => return false,
        };
        self.beside.text.update(action, room)
    }

    /// Says why the text cannot be deployed. What the cluster lacks depends on the name
    /// of the stack: the plan knows it.
    fn refusal(&self) -> Option<String> {
        let own = self.remarks.iter().filter(|it| !it.is_about_cluster());
        let errors: Vec<_> = own.filter(|it| it.severity == Severity::Error).collect();
        let first = errors.first()?.full();
        let errors = counted(errors.len() as u64, "error", "errors");
        Some(format!("{errors} to fix: {first}"))
    }
}

//! The plan of the text, and deploying it.

use crate::{
    domain::deployment::plan::Preview,
    jobs::deploy::Proposal,
    tui::{
        document::Document,
        event::{Effect, PromptKind, Request},
        projects::Chore,
        screens::editor::{leaving::After, panel::PanelContent, parts::Editor},
    },
};

impl Editor {
    /// Asks for the stack that the text becomes; it is deployed from its plan.
    ///
    /// It is saved first: what is deployed is what the file says.
    pub(super) fn deploy(&mut self) -> Request {
        if let Some(why) = self.findings.refusal(self.version) {
            return Request::problem(format!("not deployed, {why} (f8 goes there)"));
        }
        if self.changed() {
            return self.save_then(After::Deploy);
        }
        if let Document::Stack { stack, .. } = &self.document {
            return Request::Do(Effect::Project(Chore::Prepare(stack.clone())));
        }
        if let Some(stack) = &self.opened_from {
            let text = self.writing.text().as_str().to_owned();
            return Request::Plan(Box::new(self.document.order(stack.clone(), text, None)));
        }
        let name = self.stack_name().map(|it| it.to_string()).unwrap_or_default();
        Request::Prompt(PromptKind::Deploy {
            document: self.document.clone(),
            text: self.writing.text().as_str().to_owned(),
            proposed: name,
        })
    }

    /// Asks for the plan of the text as it is, where it is looked at and not known.
    pub(super) fn plan(&mut self) -> Option<Request> {
        if self.panel.shown != PanelContent::Plan || self.beside.has(self.version) {
            return None;
        }
        let Some(stack) = self.stack_name() else {
            self.beside.refuse("the stack has no name yet: deploying asks for it");
            return None;
        };
        if let Some(why) = self.findings.refusal(self.version) {
            self.beside.refuse_for(self.version, &why);
            return None;
        }
        self.beside.wait(self.version);
        let order = self.document.order(
            stack,
            self.writing.text().as_str().to_owned(),
            self.stack_of.as_deref(),
        );
        let proposal = Proposal::Files(Box::new(order.asking_little()));
        Some(Request::Do(Effect::Plan(proposal)))
    }

    /// Shows a plan; where it is not of the text any more the next one is asked for now.
    pub(super) fn planned(&mut self, answer: Result<Preview, String>) -> Option<Request> {
        if self.beside.show(answer) { self.plan() } else { None }
    }

    /// Reads the plan again, though the text is the same.
    pub(super) fn plan_again(&mut self) -> Option<Request> {
        self.beside.forget();
        self.plan()
    }
}

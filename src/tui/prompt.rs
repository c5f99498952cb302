//! Prompts: a line that is being typed, and abandoned input that is offered again. Nothing that
//! may be secret is kept.

use crate::{
    domain::{project::StackPath, text::mask::is_secret_name},
    tui::{
        event::{Destination, PromptKind},
        widgets::input::Input,
    },
};
use std::collections::BTreeMap;

/// A line being typed.
#[derive(Debug)]
pub struct Prompt {
    pub kind: PromptKind,
    pub input: Input,
    /// What `tab` may make of it.
    pub offers: Vec<String>,
    /// Which of these stands in the line, as it was chosen from the list.
    pub chosen: Option<usize>,
    /// How far back in the history `up` went.
    pub back: usize,
    /// Why what was typed is not taken.
    pub refused: Option<String>,
    /// The text before the prompt, for `esc`.
    pub before: String,
    /// It begins with what was typed here before, and left.
    pub resumed: bool,
}

impl Prompt {
    pub fn new(kind: PromptKind, text: &str) -> Self {
        Self {
            // What is proposed is replaced by what is typed.
            input: match kind {
                PromptKind::Command => Input::with(text),
                _ => Input::selected(text),
            },
            kind,
            offers: Vec::new(),
            chosen: None,
            back: 0,
            refused: None,
            before: text.to_owned(),
            resumed: false,
        }
    }
}

impl Prompt {
    /// Makes a line that says why no secret value is asked for. Who did not look types it all
    /// the same: it is not shown, not kept, and no key.
    pub fn dropped(why: String) -> Self {
        Self { refused: Some(why), ..Self::new(PromptKind::Dropped, "") }
    }
}

/// The values of a form by the names of its parameters.
pub type Values = BTreeMap<String, String>;

/// What was typed and left.
#[derive(Debug, Default)]
pub struct Kept {
    lines: BTreeMap<String, String>,
    /// By the stack to be made, and its template.
    forms: BTreeMap<(StackPath, String), Values>,
}

impl Kept {
    /// Keeps what was typed in a prompt that is left, on a screen with that crumb.
    pub fn keep(&mut self, prompt: &Prompt, crumb: &str) {
        let (Some(key), text) = (key(&prompt.kind, crumb), prompt.input.text()) else { return };
        if text.is_empty() {
            self.lines.remove(&key);
        } else if text != prompt.before {
            self.lines.insert(key, text.to_owned());
        }
    }

    /// What was typed was taken.
    pub fn forget(&mut self, kind: &PromptKind, crumb: &str) {
        key(kind, crumb).and_then(|it| self.lines.remove(&it));
    }

    /// Begins a prompt with what was typed there before.
    pub fn resume(&self, prompt: &mut Prompt, crumb: &str) {
        let fresh = prompt.refused.is_none() && prompt.input.text() == prompt.before;
        let kept = key(&prompt.kind, crumb).and_then(|it| self.lines.get(&it));
        if let Some(text) = kept.filter(|it| fresh && **it != prompt.before) {
            prompt.input = Input::selected(text.as_str());
            prompt.resumed = true;
        }
    }

    /// Keeps the values of a form that is left.
    pub fn keep_form(&mut self, form: &Destination, mut values: Values) {
        let Destination::Form(stack, template) = form else { return };
        values.retain(|name, _| !is_secret_name(name));
        self.forms.insert((stack.clone(), template.name.clone()), values);
    }

    /// A stack was made: nobody goes on with its forms.
    pub fn forget_forms(&mut self, stack: &StackPath) {
        self.forms.retain(|it, _| it.0 != *stack);
    }

    /// Returns the values that were typed in a form before, where there are any.
    pub fn form(&self, form: &Destination) -> Option<&Values> {
        let Destination::Form(stack, template) = form else { return None };
        let kept = self.forms.get(&(stack.clone(), template.name.clone()));
        kept.filter(|it| !it.is_empty())
    }
}

/// Returns what tells a question from all others; nothing where the answer is not kept.
fn key(kind: &PromptKind, crumb: &str) -> Option<String> {
    Some(match kind {
        // Commands are in the history. A filter left is taken back, and a name that
        // confirms something is typed each time.
        PromptKind::Command
        | PromptKind::Filter
        | PromptKind::Dropped
        | PromptKind::Name { .. }
        // A name that was given up would make another stack.
        | PromptKind::Deploy { .. }
        | PromptKind::Value { secret: true, .. } => return None,
        PromptKind::Parameter { parameter, .. } if is_secret_name(&parameter.name) => return None,
        PromptKind::Search => format!("search {crumb}"),
        PromptKind::Replicas(services) => {
            let ids: Vec<&str> = services.iter().map(|it| it.0.as_str()).collect();
            format!("replicas {}", ids.join(" "))
        }
        PromptKind::Line { document, ask, .. } => format!("{ask:?} {}", document.key()),
        PromptKind::Value { owner, name, .. } => format!("value {owner} {name}"),
        PromptKind::Parameter { parameter, .. } => format!("{} of {crumb}", parameter.name),
    })
}

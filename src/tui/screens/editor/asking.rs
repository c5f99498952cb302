//! Lines that the editor asks for: what is replaced, and which service to go to.

use crate::tui::{
    document::Ask,
    event::{PromptKind, Request},
    screens::editor::{
        parts::Editor,
        replace::{Decision, Replacing},
        seek::Sought,
    },
};
use crossterm::event::KeyCode;

impl Editor {
    pub(super) fn ask_what_to_replace(&self) -> Request {
        let selected = self.writing.selection().filter(|it| !it.contains('\n'));
        let sought = self.search.sought.as_ref().map(|it| it.typed.as_str());
        self.prompt(Ask::Replace, selected.or(sought).unwrap_or_default(), Vec::new())
    }

    /// Asks for a service to go to.
    pub(super) fn ask_where_to_go(&self) -> Request {
        let among: Vec<String> = self.folds.services().map(|it| it.0.to_owned()).collect();
        if among.is_empty() {
            return Request::problem("there is no service in this text");
        }
        self.prompt(Ask::Service, "", among)
    }

    fn prompt(&self, ask: Ask, proposed: &str, among: Vec<String>) -> Request {
        let (document, proposed) = (self.document.clone(), proposed.to_owned());
        Request::Prompt(PromptKind::Line { document, ask, proposed, among })
    }

    /// Takes the line that was asked for.
    pub(super) fn answered(&mut self, ask: &Ask, typed: &str) -> Option<Request> {
        match ask {
            Ask::Replace if typed.is_empty() => None,
            Ask::Replace => match Sought::new(typed) {
                Err(why) => Some(Request::problem(why)),
                Ok(sought) => {
                    let any = sought.next(self.writing.text(), 0).is_some();
                    self.search.sought = Some(sought);
                    Some(match any {
                        true => self.prompt(Ask::With(typed.to_owned()), "", Vec::new()),
                        false => Request::problem(format!("`{typed}` is not in this text")),
                    })
                }
            },
            Ask::Service => self.go_to_service(typed),
            Ask::With(_) => {
                // What was selected to be replaced comes first.
                let from = self.writing.selected().map_or(self.writing.at(), |it| it.start);
                self.replacing = Some(Replacing::by(typed));
                self.search.go_to_match(&mut self.writing, from);
                None
            }
        }
    }

    /// Takes what is decided about the place at the cursor.
    pub(super) fn decide(&mut self, key: KeyCode) -> Option<Request> {
        let at = self.writing.at();
        match Decision::of(key)? {
            Decision::This => self.replace(Some(at)),
            Decision::All => self.replace(None),
            Decision::Next => {
                self.search.go_to_match(&mut self.writing, at + 1);
                None
            }
        }
    }

    fn replace(&mut self, only: Option<usize>) -> Option<Request> {
        let sought = self.search.sought.as_ref()?;
        let mut replacing = self.replacing.take()?;
        let changes = replacing.replace(sought, self.writing.text(), only);
        let behind = changes.first().map_or(self.writing.at(), |it| it.range.start + it.text.len());
        let changed = self.write(|it| match only {
            Some(_) => it.change_and_jump(changes, behind),
            None => it.change(changes),
        });
        let left = self.search.sought.as_ref()?.next(self.writing.text(), 0).is_some();
        if only.is_some() && left {
            self.search.go_to_match(&mut self.writing, behind);
            self.replacing = Some(replacing);
            return changed;
        }
        Some(Request::All(changed.into_iter().chain([replacing.said()]).collect()))
    }

    fn go_to_service(&mut self, typed: &str) -> Option<Request> {
        let typed = typed.trim();
        let exact = self.folds.services().find(|it| it.0 == typed);
        let begun = || self.folds.services().find(|it| it.0.contains(typed));
        let Some((_, line)) = exact.or_else(begun) else {
            return Some(Request::problem(format!("there is no service `{typed}` in this text")));
        };
        self.go_to_line(line);
        None
    }
}

//! Replacing what was found: here, here not, or everywhere at once.

use crate::{
    domain::text::count::counted,
    tui::{
        document::Ask,
        event::{Notice, PromptKind, Request},
        screens::editor::{Editor, seek::Sought, writing::indentation},
    },
};
use crossterm::event::{KeyCode, KeyEvent};

/// What comes in the place of what is sought; each place is asked about.
#[derive(Debug)]
pub struct Replacing {
    with: String,
    done: usize,
}

impl Editor {
    pub(super) fn ask_what_to_replace(&self) -> Request {
        let selected = self.writing.selection().filter(|it| !it.contains('\n'));
        let sought = self.sought.as_ref().map(|it| it.typed.as_str());
        self.prompt(Ask::Replace, selected.or(sought).unwrap_or_default())
    }

    pub(super) fn answered(&mut self, ask: &Ask, typed: &str) -> Option<Request> {
        match ask {
            Ask::Replace if typed.is_empty() => None,
            Ask::Replace => match Sought::new(typed) {
                Err(why) => Some(Request::problem(why)),
                Ok(sought) => {
                    let any = sought.next(self.writing.text(), 0).is_some();
                    self.sought = Some(sought);
                    Some(match any {
                        true => self.prompt(Ask::With(typed.to_owned()), ""),
                        false => Request::problem(format!("`{typed}` is not in this text")),
                    })
                }
            },
            Ask::Service => self.go_to_service(typed),
            Ask::With(_) => {
                // What was selected to be replaced comes first.
                let from = self.writing.selected().map_or(self.writing.at(), |it| it.start);
                self.replacing = Some(Replacing { with: typed.to_owned(), done: 0 });
                self.go_to_match(from);
                None
            }
        }
    }

    /// Says what is asked while texts are replaced.
    pub(super) fn replacement(&self) -> Option<String> {
        let (replacing, sought) = (self.replacing.as_ref()?, self.sought.as_ref()?);
        let (count, nth) = sought.count(self.writing.text(), self.writing.at());
        let nth = nth.map_or(String::new(), |it| format!(" ({it} of {count})"));
        let with = match replacing.with.as_str() {
            "" => "nothing".to_owned(),
            with => format!("`{with}`"),
        };
        Some(format!(
            "replace this `{}` by {with}?{nth}  <y>yes  <n>next  <a>all {count}  <esc>done",
            sought.typed
        ))
    }

    /// Takes the answer for the place at the cursor.
    pub(super) fn decide(&mut self, key: KeyEvent) -> Option<Request> {
        let at = self.writing.at();
        match key.code {
            KeyCode::Char('y') | KeyCode::Enter => self.replace(Some(at)),
            KeyCode::Char('n') | KeyCode::Down => {
                self.go_to_match(at + 1);
                None
            }
            KeyCode::Char('a') => self.replace(None),
            _ => None,
        }
    }

    fn replace(&mut self, only: Option<usize>) -> Option<Request> {
        let (replacing, sought) = (self.replacing.as_mut()?, self.sought.as_ref()?);
        let changes = sought.replaced(self.writing.text(), &replacing.with, only);
        replacing.done += changes.len();
        let done = replacing.done;
        let behind = changes.first().map_or(self.writing.at(), |it| it.range.start + it.text.len());
        let changed = self.write(|it| match only {
            Some(_) => it.change_and_jump(changes, behind),
            None => it.change(changes),
        });
        let left = self.sought.as_ref()?.next(self.writing.text(), 0).is_some();
        if only.is_some() && left {
            self.go_to_match(behind);
            return changed;
        }
        self.replacing = None;
        let said = format!("{} replaced", counted(done as u64, "place", "places"));
        let said = Request::Say(Notice::Done(said));
        Some(Request::All(changed.into_iter().chain([said]).collect()))
    }

    /// Goes to the next place from a byte on, around the end.
    fn go_to_match(&mut self, from: usize) {
        let found = self.sought.as_ref().and_then(|it| it.next(self.writing.text(), from));
        if let Some(range) = found {
            self.writing.jump(range.start);
        }
    }

    /// Asks for a service to go to.
    pub(super) fn ask_where_to_go(&self) -> Request {
        let among: Vec<String> = self.folds.services().map(|it| it.0.to_owned()).collect();
        if among.is_empty() {
            return Request::problem("there is no service in this text");
        }
        let (document, proposed) = (self.document.clone(), String::new());
        Request::Prompt(PromptKind::Line { document, ask: Ask::Service, proposed, among })
    }

    fn go_to_service(&mut self, typed: &str) -> Option<Request> {
        let typed = typed.trim();
        let exact = self.folds.services().find(|it| it.0 == typed);
        let begun = || self.folds.services().find(|it| it.0.contains(typed));
        let Some((_, line)) = exact.or_else(begun) else {
            return Some(Request::problem(format!("there is no service `{typed}` in this text")));
        };
        let text = self.writing.text();
        self.writing.jump(text.start(line) + indentation(text.line(line)).len());
        None
    }

    fn prompt(&self, ask: Ask, proposed: &str) -> Request {
        let (document, proposed) = (self.document.clone(), proposed.to_owned());
        Request::Prompt(PromptKind::Line { document, ask, proposed, among: Vec::new() })
    }
}

//! The way of a document in and out: loading, saving, and what others do to it
//! meanwhile.

use crate::{
    domain::{draft::Draft, text::age},
    projects::Sources,
    tui::{
        document::{Against, Choice, Content, Errand, Opened, Reply, Stamp, Why},
        event::{Effect, Menu, Notice, Question, Request},
        screens::editor::{
            Editor, State,
            writing::{Change, Writing},
        },
        world::World,
    },
};
use std::{mem, sync::Arc};

/// What is outside, as far as the editor knows.
#[derive(Debug, Default)]
pub struct Outside {
    /// As it was read or last written.
    pub content: Arc<Content>,
    pub stamp: Stamp,
    /// What somebody else put there, and nobody has decided about.
    other: Option<Opened>,
    /// What was written before and not saved, and nobody has decided about.
    draft: Option<Draft>,
    /// What was taken of it, until it is saved or taken back.
    taken: Option<Taken>,
    /// Clock ticks since it was looked at.
    ticks: u32,
}

/// A text of before that was taken.
#[derive(Debug)]
struct Taken {
    draft: Draft,
    /// The steps in force after it: with fewer it was taken back.
    steps: usize,
}

/// So many seconds pass before the editor looks again whether somebody else wrote.
const PATIENCE: u32 = 2;

impl Outside {
    /// Returns what was written before, where nobody has decided about it.
    pub fn draft(&self) -> Option<&Draft> {
        self.draft.as_ref()
    }

    /// Returns what somebody else wrote, where nobody has decided about it.
    pub fn other(&self) -> Option<&Opened> {
        self.other.as_ref()
    }
}

impl Editor {
    /// Returns the text as it would be saved.
    pub(super) fn content(&self) -> Content {
        let text = self.writing.text().as_str().to_owned();
        Content { text, mark: self.outside.content.mark }
    }

    pub(super) fn changed(&self) -> bool {
        self.state == State::Ready && self.writing.text().as_str() != self.outside.content.text
    }

    pub(super) fn errand(&self, errand: Errand) -> Request {
        Request::Do(Effect::Document(self.document.clone(), errand))
    }

    pub(super) fn save(&self) -> Request {
        let over = Some(self.outside.stamp.clone());
        self.errand(Errand::Save { content: Arc::new(self.content()), over })
    }

    /// Looks now and then whether somebody else wrote.
    pub(super) fn tick(&mut self) -> Option<Request> {
        self.outside.ticks += 1;
        if self.state != State::Ready || self.outside.ticks < PATIENCE {
            return None;
        }
        self.outside.ticks = 0;
        let known = self.outside.other.as_ref().map_or(&self.outside.stamp, |it| &it.stamp);
        Some(self.errand(Errand::Look(known.clone())))
    }

    pub(super) fn hear(&mut self, world: &World, reply: &Reply) -> Option<Request> {
        match reply {
            Reply::Loaded(Ok(opened)) if self.state == State::Reading => {
                return Some(self.load(opened));
            }
            Reply::Loaded(Err(why)) if self.state == State::Reading => {
                self.state = State::Refused(why.clone());
            }
            Reply::Loaded(answer) if mem::take(&mut self.reloads) => {
                return Some(match answer {
                    Ok(opened) => self.take(opened),
                    Err(why) => Request::problem(format!("not read again: {why}")),
                });
            }
            Reply::Saved(content, stamp) => return Some(self.was_saved(content, stamp)),
            // Why is told to everybody.
            Reply::NotSaved => return self.not_saved(),
            Reply::Beside(Ok(sources)) => return self.beside_is(sources),
            Reply::Beside(Err(why)) => {
                return Some(Request::problem(format!("checked without its project: {why}")));
            }
            Reply::Differs(Ok(other), why) => return Some(self.differs(other, *why)),
            Reply::Differs(Err(why), Why::Saving) => {
                let stays = self.not_saved();
                let told = Request::problem(format!("not saved: {why}"));
                return Some(Request::All(stays.into_iter().chain([told]).collect()));
            }
            Reply::Facts(facts) => {
                self.facts = Some(Arc::clone(facts));
                return (self.state == State::Ready).then(|| self.check());
            }
            Reply::HandedBack(Ok(text)) => {
                let change = Change::between(self.writing.text().as_str(), text);
                return self.write(|it| it.change(change.into_iter().collect()));
            }
            Reply::HandedBack(Err(why)) => return Some(Request::problem(why.clone())),
            Reply::Deployed(Ok((revision, text))) => {
                return self.release_is(world, *revision, text.clone());
            }
            Reply::Deployed(Err(why)) => return Some(Request::problem(why.clone())),
            Reply::Checked(number, remarks) if *number == self.version => {
                self.remarks.clone_from(remarks);
                self.checked = *number;
                self.offer_by_itself();
                return self.plan();
            }
            Reply::Loaded(_) | Reply::Differs(..) | Reply::Checked(..) => {}
        }
        None
    }

    fn was_saved(&mut self, content: &Arc<Content>, stamp: &Stamp) -> Request {
        self.outside.content = Arc::clone(content);
        self.outside.stamp = stamp.clone();
        self.outside.other = None;
        let taken = self.outside.taken.take().filter(|it| it.draft.discarded);
        let forgotten = taken.map(|it| self.errand(Errand::Forget(it.draft.at)));
        let kept = self.keep();
        Request::All([kept].into_iter().chain(forgotten).chain(self.saved()).collect())
    }

    /// Has the text checked with what else its stack is made of.
    fn beside_is(&mut self, sources: &Arc<Sources>) -> Option<Request> {
        self.stack = sources.managed.as_ref().map(|it| it.swarm.clone());
        self.stack_of = Some(Arc::clone(sources));
        (self.state == State::Ready).then(|| self.check())
    }

    pub(super) fn chosen(&mut self, choice: &Choice) -> Option<Request> {
        match choice {
            Choice::Offer(draft) if self.state == State::Ready => {
                let asked = self.ask_about(draft, &self.outside.stamp);
                self.outside.draft = Some(draft.clone());
                Some(asked)
            }
            Choice::Offer(draft) => {
                self.offered = Some(draft.clone());
                None
            }
            Choice::TakeDraft => {
                let draft = self.outside.draft.take()?;
                let change = Change::between(self.writing.text().as_str(), &draft.text)?;
                let steps = self.writing.steps() + 1;
                self.outside.taken = Some(Taken { draft, steps });
                self.write(|it| it.change(vec![change]))
            }
            Choice::DropDraft => {
                let draft = self.outside.draft.take()?;
                Some(self.errand(Errand::Discard(Draft { at: self.now, ..draft })))
            }
            Choice::ForgetDraft => {
                let draft = self.outside.draft.take()?;
                Some(self.errand(Errand::Forget(draft.at)))
            }
            Choice::Compare(against) => self.compare(*against),
            Choice::Stack(stack) if self.stack.as_ref() == Some(stack) => None,
            Choice::Stack(stack) => {
                self.stack = Some(stack.clone());
                (self.state == State::Ready).then(|| self.check())
            }
            Choice::Typed(ask, typed) => self.answered(ask, typed),
            Choice::Reload => {
                let other = self.outside.other.take()?;
                Some(self.take(&other))
            }
            Choice::Overwrite => self.overwrite(),
        }
    }

    fn load(&mut self, opened: &Opened) -> Request {
        self.outside = Outside {
            content: Arc::new(opened.content.clone()),
            stamp: opened.stamp.clone(),
            ..Outside::default()
        };
        self.writing = Writing::new(opened.content.text.clone());
        if let Some((line, byte)) = self.returns_to.take() {
            let text = self.writing.text();
            let line = line.min(text.lines() - 1);
            self.writing.jump((text.start(line) + byte).min(text.end(line)));
        }
        self.state = State::Ready;
        let offered = self.offered.take().or_else(|| opened.draft.clone());
        self.outside.draft = offered.filter(|it| it.text != opened.content.text);
        let asked = self.outside.draft.as_ref().map(|it| self.ask_about(it, &opened.stamp));
        let touched = self.touched();
        Request::All([touched].into_iter().chain(asked).collect())
    }

    /// Writes over what was seen of somebody else, which stays for a week. What they wrote
    /// after that is asked about again.
    fn overwrite(&mut self) -> Option<Request> {
        let other = self.outside.other.as_ref()?;
        let (stamp, text) = (other.stamp.clone(), other.content.text.clone());
        let gone =
            Draft { text, base: stamp.print.clone(), at: self.now, discarded: true, by: None };
        let aside = (!gone.text.is_empty()).then(|| self.errand(Errand::Discard(gone)));
        // That takes the place of what is kept of the text.
        let kept = self.keep();
        let save =
            self.errand(Errand::Save { content: Arc::new(self.content()), over: Some(stamp) });
        Some(Request::All(aside.into_iter().chain([kept, save]).collect()))
    }

    /// Has what is not saved kept outside, or forgotten where there is nothing.
    pub(super) fn keep(&mut self) -> Request {
        let aside = self.put_aside();
        let kept = self.keep_text();
        Request::All(aside.into_iter().chain(kept).collect())
    }

    /// Puts a text of before aside that was taken and taken back: it is not lost for that.
    fn put_aside(&mut self) -> Option<Request> {
        let steps = self.writing.steps();
        let draft = self.outside.taken.take_if(|it| steps < it.steps)?.draft;
        // What was given up before is there still.
        (!draft.discarded).then(|| self.errand(Errand::Discard(Draft { at: self.now, ..draft })))
    }

    fn keep_text(&mut self) -> Option<Request> {
        let draft = self.changed().then(|| self.draft());
        let undecided = self.outside.draft.as_mut().filter(|it| !it.discarded);
        let Some(undecided) = undecided else { return Some(self.errand(Errand::Keep(draft))) };
        // What nobody has decided about is not lost for what is written now.
        draft.as_ref()?;
        undecided.discarded = true;
        let aside = Errand::Discard(undecided.clone());
        Some(Request::All(vec![self.errand(aside), self.errand(Errand::Keep(draft))]))
    }

    fn ask_about(&self, draft: &Draft, stamp: &Stamp) -> Request {
        let row = |label: &str, text: &str, choice| self.decision(label, text, choice);
        let since = match draft.base == stamp.print {
            true => "",
            false => "; it was changed outside since",
        };
        let age = age::age(draft.at, self.now);
        let name = self.document.short_name();
        let gives_up = "give it up; it stays in `:drafts` for a week";
        let (title, take, drop) = match (draft.discarded, &draft.by) {
            (false, Some(who)) => (
                format!("{name}: {who} edits it too; its text of {age} ago{since}"),
                "take it",
                row("put it away", gives_up, Choice::DropDraft),
            ),
            (false, None) => (
                format!("{name}: text of {age} ago is not saved{since}"),
                "take it",
                row("drop it", gives_up, Choice::DropDraft),
            ),
            (true, _) => (
                format!("{name}: discarded {age} ago: take it back?{since}"),
                "take it back",
                self.loss("forget it", "forget that text for good", Choice::ForgetDraft),
            ),
        };
        let rows = vec![
            row(take, "go on with that text; undo leads back", Choice::TakeDraft),
            row("compare", "show what differs first", Choice::Compare(Against::Draft)),
            drop,
            Menu::row("later", "leave it where it is", Vec::new()),
        ];
        Request::Menu(Menu { title, rows, cursor: 0 })
    }

    /// Somebody else wrote: what nobody has edited here follows, anything else is asked.
    fn differs(&mut self, other: &Opened, why: Why) -> Request {
        let gone = other.stamp.print.is_empty();
        if why == Why::Looking && other.stamp.print == self.outside.stamp.print {
            // It is as it was read, after all.
            self.outside.stamp = other.stamp.clone();
            self.outside.other = None;
            return Request::All(Vec::new());
        }
        if other.content == self.content() {
            // Both wrote the same, or it was the editor itself a moment ago.
            self.outside.content = Arc::new(other.content.clone());
            self.outside.stamp = other.stamp.clone();
            self.outside.other = None;
            let saved = (why == Why::Saving).then(|| self.saved()).flatten();
            return Request::All([self.keep()].into_iter().chain(saved).collect());
        }
        let stays = (why == Why::Saving).then(|| self.not_saved()).flatten();
        if gone && why == Why::Looking {
            // Who puts a file in the place of another may remove it first.
            self.outside.other = Some(other.clone());
            let text = format!("{} was removed; saving writes it again", self.document.name());
            return Request::Say(Notice::Problem(text));
        }
        if !self.changed() && !gone {
            let name = self.document.short_name();
            let told = Notice::Done(format!("{name} was changed outside, and read again"));
            let taken = [self.take(other), Request::Say(told)];
            return Request::All(stays.into_iter().chain(taken).collect());
        }
        self.outside.other = Some(other.clone());
        let name = self.document.short_name();
        if why == Why::Looking {
            // Nobody pressed a key for this: what is typed now is text, and no answer.
            let text = format!("{name} was changed by somebody else: alt-d decides, saving asks");
            return Request::Say(Notice::Problem(text));
        }
        let title = match gone {
            true => format!("{name}: Not saved: it was removed"),
            false => format!("{name}: Not saved: somebody else changed it"),
        };
        let stay = Menu::row("go on", "leave both as they are; saving asks again", Vec::new());
        let rows = [stay].into_iter().chain(self.decisions()).collect();
        let menu = Request::Menu(Menu { title, rows, cursor: 0 });
        Request::All(stays.into_iter().chain([menu]).collect())
    }

    /// Returns what can be done about what somebody else wrote.
    pub(super) fn decisions(&self) -> Vec<(String, Question)> {
        let Some(other) = &self.outside.other else { return Vec::new() };
        let row = |label: &str, text: &str, choice| self.decision(label, text, choice);
        let difference = Choice::Compare(Against::Other);
        let write = match other.stamp.print.is_empty() {
            true => row("write it", "write the file again", Choice::Overwrite),
            false => self.loss(
                "overwrite",
                "write this text; what is there stays in `:drafts` for a week",
                Choice::Overwrite,
            ),
        };
        vec![
            row("compare", "show what differs from theirs first", difference),
            row("reload", "take what is there; this text stays in `:drafts`", Choice::Reload),
            write,
        ]
    }

    /// Makes a row that is done as it is chosen.
    fn decision(&self, label: &str, text: &str, choice: Choice) -> (String, Question) {
        Menu::row(label, text, vec![Effect::Choose(self.document.clone(), choice)])
    }

    /// Makes a row that asks once more, because something is lost by it.
    fn loss(&self, label: &str, text: &str, choice: Choice) -> (String, Question) {
        let name = self.document.short_name();
        let title = match choice {
            Choice::Overwrite => format!("Overwrite what somebody else wrote in {name}?"),
            _ => format!("Forget the text of {name} that was given up?"),
        };
        let then = vec![Effect::Choose(self.document.clone(), choice)];
        Menu::asks(label, title, text, then)
    }

    /// Says what waits for a decision, with the key that leads to it.
    pub(super) fn undecided(&self) -> Option<&'static str> {
        match (&self.outside.other, &self.outside.draft) {
            (Some(other), _) if other.stamp.print.is_empty() => {
                Some("the file was removed: alt-d decides")
            }
            (Some(_), _) => Some("somebody else changed this file: alt-d decides"),
            (None, Some(draft)) if !draft.discarded => {
                Some("a text of before is not saved: alt-d decides")
            }
            _ => None,
        }
    }

    /// Takes what is outside, as a step that can be taken back.
    fn take(&mut self, other: &Opened) -> Request {
        let given_up = self.given_up().map(|it| self.errand(Errand::Discard(it)));
        let change = Change::between(self.writing.text().as_str(), &other.content.text);
        let at = self.writing.at();
        self.writing.change_and_jump(change.into_iter().collect(), at);
        self.outside.content = Arc::new(other.content.clone());
        self.outside.stamp = other.stamp.clone();
        self.outside.other = None;
        Request::All(given_up.into_iter().chain([self.touched()]).collect())
    }
}

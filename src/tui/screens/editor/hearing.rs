//! What the editor hears of its document: loading, saving, what others do to it
//! meanwhile, and what somebody decided about that.

use crate::{
    domain::project::draft::Draft,
    projects::Sources,
    tui::{
        document::{Choice, Content, Errand, Opened, Reply, Stamp, Why},
        event::{Menu, Notice, Request},
        screens::editor::{
            decisions::about_draft,
            leaving::After,
            outside::Outside,
            parts::Editor,
            state::State,
            writing::{Change, Writing},
        },
        world::World,
    },
};
use std::{mem, sync::Arc};

impl Editor {
    /// Looks now and then whether somebody else wrote.
    pub(super) fn tick(&mut self) -> Option<Request> {
        let looks = self.outside.tick(self.state == State::Ready)?;
        Some(self.errand(Errand::Look(looks)))
    }

    pub(super) fn hear(&mut self, world: &World, reply: &Reply) -> Option<Request> {
        match reply {
            Reply::Loaded(answer) => self.loaded(answer),
            Reply::Saved(content, stamp) => Some(self.was_saved(content, stamp)),
            // Why is told to everybody.
            Reply::NotSaved => self.not_saved(),
            Reply::Beside(Ok(sources)) => self.beside_is(sources),
            Reply::Beside(Err(why)) => {
                Some(Request::problem(format!("checked without its project: {why}")))
            }
            Reply::Differs(Ok(other), why) => Some(self.differs(other, *why)),
            Reply::Differs(Err(why), Why::Saving) => {
                let stays = self.not_saved();
                let told = Request::problem(format!("not saved: {why}"));
                Some(Request::All(stays.into_iter().chain([told]).collect()))
            }
            Reply::Facts(facts) => {
                self.facts = Some(Arc::clone(facts));
                (self.state == State::Ready).then(|| self.check())
            }
            Reply::HandedBack(Ok(text)) => self.rewrite(text),
            Reply::Deployed(Ok((revision, text))) => {
                self.release_is(world, *revision, text.clone())
            }
            Reply::HandedBack(Err(why)) | Reply::Deployed(Err(why)) => {
                Some(Request::problem(why.clone()))
            }
            Reply::Checked(number, remarks) if *number == self.version => {
                self.findings.remarks.clone_from(remarks);
                self.findings.checked = *number;
                self.offer_by_itself();
                self.plan()
            }
            Reply::Differs(..) | Reply::Checked(..) => None,
        }
    }

    fn loaded(&mut self, answer: &Result<Opened, String>) -> Option<Request> {
        match answer {
            Ok(opened) if self.state == State::Reading => return Some(self.load(opened)),
            Err(why) if self.state == State::Reading => self.state = State::Refused(why.clone()),
            Ok(opened) if mem::take(&mut self.reloads) => return Some(self.take(opened)),
            Err(why) if mem::take(&mut self.reloads) => {
                return Some(Request::problem(format!("not read again: {why}")));
            }
            _ => {}
        }
        None
    }

    fn load(&mut self, opened: &Opened) -> Request {
        let offered = self.offered.take().or_else(|| opened.draft.clone());
        self.outside = Outside::of(opened, offered);
        self.writing = Writing::new(opened.content.text.clone());
        if let Some((line, byte)) = self.returns_to.take() {
            let text = self.writing.text();
            let line = line.min(text.lines() - 1);
            self.writing.jump((text.start(line) + byte).min(text.end(line)));
        }
        self.state = State::Ready;
        let draft = self.outside.draft.as_ref();
        let asked = draft.map(|it| about_draft(&self.document, it, &opened.stamp, self.now));
        let touched = self.touched();
        Request::All([touched].into_iter().chain(asked).collect())
    }

    /// Has the text checked with what else its stack is made of.
    fn beside_is(&mut self, sources: &Arc<Sources>) -> Option<Request> {
        self.stack = sources.managed.as_ref().map(|it| it.swarm.clone());
        self.stack_of = Some(Arc::clone(sources));
        (self.state == State::Ready).then(|| self.check())
    }

    fn was_saved(&mut self, content: &Arc<Content>, stamp: &Stamp) -> Request {
        let forgotten = self.outside.was_saved(content, stamp).map(|it| self.errand(it));
        let kept = self.keep();
        Request::All([kept].into_iter().chain(forgotten).chain(self.saved()).collect())
    }

    /// Does what was to be done once the text was saved; not where somebody wrote on.
    fn saved(&mut self) -> Option<Request> {
        match mem::take(&mut self.after) {
            After::Nothing => None,
            _ if self.changed() => Some(Request::Left { saved: false }),
            After::Deploy => Some(self.deploy()),
            After::Leave => Some(Request::Left { saved: true }),
        }
    }

    /// It could not be saved: whoever waits for that stays.
    fn not_saved(&mut self) -> Option<Request> {
        (mem::take(&mut self.after) == After::Leave).then_some(Request::Left { saved: false })
    }

    /// Somebody else wrote: what nobody has edited here follows, anything else is asked.
    fn differs(&mut self, other: &Opened, why: Why) -> Request {
        let gone = other.stamp.print.is_empty();
        if why == Why::Looking && other.stamp.print == self.outside.stamp.print {
            // It is as it was read, after all.
            let content = Arc::clone(&self.outside.content);
            self.outside.settle(content, &other.stamp);
            return Request::All(Vec::new());
        }
        if other.content == self.outside.to_save(self.writing.text()) {
            // Both wrote the same, or it was the editor itself a moment ago.
            self.outside.settle(Arc::new(other.content.clone()), &other.stamp);
            let saved = (why == Why::Saving).then(|| self.saved()).flatten();
            return Request::All([self.keep()].into_iter().chain(saved).collect());
        }
        let stays = (why == Why::Saving).then(|| self.not_saved()).flatten();
        let name = self.document.short_name();
        let mut answer: Vec<Request> = stays.into_iter().collect();
        if !self.changed() && !gone {
            let told = Notice::Done(format!("{name} was changed outside, and read again"));
            answer.extend([self.take(other), Request::Say(told)]);
            return Request::All(answer);
        }
        self.outside.other = Some(other.clone());
        let problem = |text: String| Request::Say(Notice::Problem(text));
        answer.push(match (why, gone) {
            // Who puts a file in the place of another may remove it first.
            (Why::Looking, true) => {
                let name = self.document.name();
                problem(format!("{name} was removed; saving writes it again"))
            }
            // Nobody pressed a key for this: what is typed now is text, and no answer.
            (Why::Looking, false) => {
                let name = format!("{name} was changed by somebody else");
                problem(format!("{name}: alt-d decides, saving asks"))
            }
            (Why::Saving, true) => {
                self.ask_what_stays(format!("{name}: Not saved: it was removed"))
            }
            (Why::Saving, false) => {
                self.ask_what_stays(format!("{name}: Not saved: somebody else changed it"))
            }
        });
        Request::All(answer)
    }

    fn ask_what_stays(&self, title: String) -> Request {
        let stay = Menu::row("go on", "leave both as they are; saving asks again", Vec::new());
        let rows = [stay].into_iter().chain(self.decisions()).collect();
        Request::Menu(Menu { title, rows, cursor: 0 })
    }

    /// Takes what is outside, as a step that can be taken back.
    fn take(&mut self, other: &Opened) -> Request {
        let given_up = self.given_up().map(|it| self.errand(Errand::Discard(it)));
        let change = Change::between(self.writing.text().as_str(), &other.content.text);
        let at = self.writing.at();
        self.writing.change_and_jump(change.into_iter().collect(), at);
        self.outside.settle(Arc::new(other.content.clone()), &other.stamp);
        Request::All(given_up.into_iter().chain([self.touched()]).collect())
    }

    /// Does what somebody decided.
    pub(super) fn chosen(&mut self, choice: &Choice) -> Option<Request> {
        match choice {
            Choice::Offer(draft) if self.state == State::Ready => {
                let stamp = &self.outside.stamp;
                let asked = about_draft(&self.document, draft, stamp, self.now);
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
                self.outside.take(draft, self.writing.steps() + 1);
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
            Choice::FileOf(stack) => {
                self.opened_from = Some(stack.clone());
                self.chosen(&Choice::Stack(stack.clone()))
            }
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
        let content = Arc::new(self.outside.to_save(self.writing.text()));
        let save = self.errand(Errand::Save { content, over: Some(stamp) });
        Some(Request::All(aside.into_iter().chain([kept, save]).collect()))
    }
}

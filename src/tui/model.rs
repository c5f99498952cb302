//! The model of the cockpit. Written by `update`, read by `view`.

pub use crate::tui::asked::{Awaited, Expected, Leave, Modal, Parting, Waiting};

use crate::{
    domain::swarm::{cluster::Mode, names::ServiceId},
    jobs::JobId,
    tui::{
        command::{self, Command},
        document::Document,
        event::{Destination, Notice, Stroke, Subject},
        keymap::{Action, Context, Keymap},
        open_screens::OpenScreens,
        prompt::Kept,
        screens::{
            Screen, Wants,
            board::Board,
            changes::Changes,
            editor::Editor,
            form::FormScreen,
            job::JobPage,
            lists::{
                ListScreen, contexts::Contexts, events::Events, jobs::Jobs, nodes::Nodes,
                releases::Releases, services::Services, stacks::Stacks, tasks::TaskList,
                templates::Offers, variables::Variables,
            },
            logs::Logs,
            overview::Overview,
            page::{Format, Help, PageScreen, Topic},
            plan::PlanScreen,
            reach::subscription,
        },
        showing::Showing,
        tickets::{ScreenId, Tickets},
        world::{Job, NotRead, Source, World},
    },
};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

/// The cockpit as a value.
#[derive(Debug)]
pub struct Model {
    pub world: World,
    pub keymap: Keymap,
    pub modal: Option<Modal>,
    /// How what is asked came.
    pub showing: Showing,
    /// What is taken in now is a key, or was pasted.
    pub pressed: bool,
    /// How the key that is taken in was typed; nothing where nobody reads a terminal.
    pub stroke: Option<Stroke>,
    /// How many lines of the question are above those shown.
    pub scrolled: usize,
    /// Somebody leaves skep once what is not saved is.
    pub parting: Option<Parting>,
    /// The last key left an editor: the next may be meant for it.
    pub left_editor: bool,
    /// A file was edited, and nobody said yet that ctrl-f finds nothing elsewhere.
    pub finds_with_ctrl_f: bool,
    /// What was to be asked while something else was, oldest first.
    pub waiting: VecDeque<Waiting>,
    /// The effects that no response came of yet.
    pub tickets: Tickets,
    /// The job whose page opens when it begins.
    pub awaited: Option<Awaited>,
    /// Where the jobs of this session were asked for.
    pub asked_on: BTreeMap<JobId, ScreenId>,
    /// The plans that jobs carry out, until those end: one that does nothing gives its plan
    /// back.
    pub carried_out: BTreeMap<JobId, Box<dyn Screen>>,
    /// The way here; the last one is shown.
    pub screens: OpenScreens,
    /// Where somebody wrote in files that were left, by the keys of the documents.
    pub spots: BTreeMap<String, (usize, usize)>,
    /// The versions of services that the question whether they go back is of.
    pub looked_back: BTreeMap<ServiceId, u64>,
    /// What was typed and left.
    pub kept: Kept,
    /// Where `-` leads.
    pub previous: Option<Destination>,
    /// Commands typed before, oldest first.
    pub history: Vec<String>,
    /// What is being read for the screen.
    pub wants: Wants,
    /// The view to begin with, until what it names was read.
    opening: Option<String>,
    /// Raised to have everything read again.
    pub again: u64,
    /// Tells the log that is followed now from those before.
    pub feed: u64,
}

/// Said of actions that need a stack of a project.
const NEEDS_PROJECT: &str = "needs a stack of a project; `:attach` puts a running stack into one";

/// Why nothing is changed where nothing may be.
pub const READ_ONLY: &str = "read-only: nothing can be changed here";

impl Model {
    pub fn new(world: World, keymap: Keymap, history: Vec<String>) -> Self {
        let board: Box<dyn Screen> = Box::new(Board::new(&world));
        Self {
            world,
            keymap,
            modal: None,
            showing: Showing::default(),
            pressed: false,
            stroke: None,
            scrolled: 0,
            parting: None,
            left_editor: false,
            finds_with_ctrl_f: false,
            waiting: VecDeque::new(),
            tickets: Tickets::default(),
            awaited: None,
            asked_on: BTreeMap::new(),
            carried_out: BTreeMap::new(),
            screens: OpenScreens::new(board),
            spots: BTreeMap::new(),
            looked_back: BTreeMap::new(),
            kept: Kept::default(),
            previous: None,
            history,
            wants: Wants::default(),
            opening: None,
            again: 0,
            feed: 0,
        }
    }

    /// Opens the view a configuration names, as one types it after `:`.
    pub fn show(&mut self, view: Option<&str>) {
        self.opening = view.map(str::to_owned);
        self.show_opening();
    }

    /// Opens it once what it names was read, where nobody went elsewhere meanwhile.
    pub fn show_opening(&mut self) {
        let free = self.screens.count() == 1 && self.modal.is_none();
        let Some(view) = self.opening.take_if(|_| free) else { return };
        match command::parse(&view, None, &self.world) {
            Ok(Command::Go(place)) if place != Destination::Board => {
                let screen = self.open(&place);
                self.screens.push(screen);
            }
            Err(_) if command::not_read(&view, &self.world).is_some() => self.opening = Some(view),
            Err(why) => self.world.tell(Notice::Problem(format!("view {view}: {why}"))),
            Ok(_) => {}
        }
    }

    /// Returns the screen that is shown.
    pub fn screen(&self) -> &dyn Screen {
        self.screens.top()
    }

    /// Returns the screen to change, and the world it may look at.
    pub fn screen_mut(&mut self) -> (&mut dyn Screen, &World) {
        (self.screens.top_mut(), &self.world)
    }

    /// Asks what the operator did just now calls for, or lets it wait behind what is being
    /// asked.
    pub fn ask(&mut self, modal: Modal) {
        let on = Some(self.screens.top_id());
        self.waiting.push_front(Waiting { on, modal, by_itself: !self.pressed });
        self.ask_next();
    }

    /// Asks what a response calls for, once nothing else is asked, on its screen or on any.
    pub fn ask_later(&mut self, on: Option<ScreenId>, modal: Modal) {
        self.waiting.push_back(Waiting { on, modal, by_itself: !self.pressed });
        self.ask_next();
    }

    /// Asks the next question where none is open. The only place that opens one.
    pub fn ask_next(&mut self) {
        let screens = &self.screens;
        self.waiting.retain(|it| it.on.is_none_or(|id| screens.get(id).is_some()));
        if self.modal.is_some() {
            return;
        }
        let writes = self.screen().context() == Context::Editor;
        let fits = |it: &Waiting| it.on.map_or(!writes, |id| id == self.screens.top_id());
        let next = self.waiting.iter().position(fits);
        let next = next.and_then(|at| self.waiting.remove(at));
        self.showing = Showing::new(next.as_ref().is_some_and(|it| it.by_itself));
        (self.modal, self.scrolled) = (next.map(|it| it.modal), 0);
        let crumb = self.screen().crumb(&self.world);
        if let Some(Modal::Prompt(prompt)) = &mut self.modal {
            self.kept.resume(prompt, &crumb);
        }
    }

    /// Takes in that what is asked is on the screen.
    pub fn show_asked(&mut self, now: Instant) {
        if self.modal.is_some() {
            self.showing.appear(now);
        }
    }

    /// Returns whether what is asked could be read before the key was pressed, and whether
    /// somebody pressed that key alone: bursts are pasted, or sent by a terminal.
    pub fn is_read(&self, destroys: bool) -> bool {
        let alone = self.stroke.is_none_or(|it| it.alone);
        alone && self.showing.is_read(self.stroke, destroys)
    }

    /// Returns whether what is asked came by itself over a text: letters go into that.
    pub fn interrupts_a_text(&self) -> bool {
        let asked = match &self.modal {
            Some(Modal::Ask(question)) => question.then.is_empty(),
            modal => matches!(modal, Some(Modal::Menu(_))),
        };
        asked && self.showing.by_itself && self.screen().context() == Context::Editor
    }

    /// Returns the keys that confirm and dismiss what is asked; nothing where one has none.
    pub fn answers(&self) -> Option<[String; 2]> {
        if self.interrupts_a_text() {
            return Some(["enter", "esc"].map(str::to_owned));
        }
        let key = |action| self.keymap.key_for(Context::Dialog, action).map(|it| it.to_string());
        Some([key(Action::Confirm)?, key(Action::Dismiss)?])
    }

    /// Says whether another screen may open for one that asked: it is still looked at, and
    /// nothing is typed or asked over it.
    pub fn is_free_for(&self, by: ScreenId) -> bool {
        self.screens.top_id() == by && self.modal.is_none()
    }

    /// Returns where the next key counts.
    pub fn context(&self) -> Context {
        match self.modal {
            Some(_) => Context::Dialog,
            None => self.screen().context(),
        }
    }

    /// Returns what the actions count for.
    pub fn subjects(&self) -> Vec<Subject> {
        self.screen().subjects(&self.world)
    }

    /// Returns what an action counts for: what is opened to be looked at or edited is what
    /// is selected, also where other rows are marked.
    pub fn subjects_of(&self, action: Action) -> Vec<Subject> {
        let selected = || self.screen().selected(&self.world);
        match action {
            Action::Open | Action::Describe | Action::Spec | Action::Logs => selected(),
            Action::Edit | Action::Releases | Action::Variables | Action::Changes => {
                selected().into_iter().map(|it| self.stack_behind(it)).collect()
            }
            Action::Deploy => self.subjects().into_iter().map(|it| self.stack_behind(it)).collect(),
            _ => self.subjects(),
        }
    }

    /// Returns the stack of a service: what is for stacks is for that on its row.
    fn stack_behind(&self, subject: Subject) -> Subject {
        let Subject::Service(id) = &subject else { return subject };
        let stack = self.world.service(id).and_then(|it| it.stack.clone());
        stack.map_or(subject, Subject::Stack)
    }

    /// Closes a screen, and remembers where somebody wrote in it, or what.
    pub fn close(&mut self, id: ScreenId) -> Option<Box<dyn Screen>> {
        let closed = self.screens.close(id)?;
        if let (Destination::Editor(document), Some(spot)) = (closed.place(), closed.spot()) {
            self.spots.insert(document.key(), spot);
        }
        self.kept.keep_form(&closed.place(), closed.values());
        Some(closed)
    }

    /// Makes a screen.
    pub fn open(&self, place: &Destination) -> Box<dyn Screen> {
        let world = &self.world;
        match place.clone() {
            Destination::Board => Box::new(Board::new(world)),
            Destination::Overview => Box::new(Overview::new(world)),
            Destination::Stacks => Box::new(ListScreen::new(Stacks::default())),
            Destination::Services(scope) => Box::new(ListScreen::new(Services { scope })),
            Destination::Tasks(scope) => Box::new(ListScreen::new(TaskList::of(scope))),
            Destination::Nodes => Box::new(ListScreen::new(Nodes)),
            Destination::Events => Box::new(ListScreen::new(Events)),
            Destination::Jobs => Box::new(ListScreen::new(Jobs)),
            Destination::Contexts => Box::new(ListScreen::new(Contexts)),
            Destination::Templates => Box::new(ListScreen::new(Offers)),
            Destination::Form(stack, template) => Box::new(FormScreen::new(stack, *template)),
            Destination::Releases(stack) => Box::new(ListScreen::new(Releases { stack })),
            Destination::Release(stack, revision) => {
                Box::new(PageScreen::new(Topic::Release(stack, revision), world))
            }
            Destination::Job(id) => Box::new(JobPage::new(id, world)),
            Destination::Variables(stack) => Box::new(ListScreen::new(Variables { stack })),
            Destination::Changes(stack) => Box::new(Changes::new(stack)),
            Destination::Describe(object) => {
                Box::new(PageScreen::new(Topic::Describe(object), world))
            }
            Destination::Spec(object) => {
                Box::new(PageScreen::new(Topic::Spec(object, Format::Yaml), world))
            }
            Destination::Logs(subject) => Box::new(Logs::new(subject, world)),
            Destination::Editor(document) => Box::new(Editor::new(document)),
            Destination::Plan(proposal) => Box::new(PlanScreen::new(proposal)),
            Destination::Help => {
                let editing = command::editing::all(self.screen().context());
                let commands = command::all(world);
                let help = Help { keys: self.keys(), editing, commands };
                Box::new(PageScreen::new(Topic::Help(Box::new(help)), world))
            }
        }
    }

    /// Says whether an action can be done here and now, or why not. Dispatch,
    /// footer and help all ask this.
    pub fn availability(&self, action: Action) -> Result<(), String> {
        if self.world.setting.read_only && self.changes(action) {
            return Err(READ_ONLY.to_owned());
        }
        if !self.screen().takes(action) {
            return Err(format!("{}: not in this view", action.label()));
        }
        let subjects = self.subjects_of(action);
        let judged = self.judge(action, &subjects);
        match self.not_read(action, &subjects) {
            Some(unread) if judged.is_err() || action == Action::Edit => {
                Err(unread.press_again("the key"))
            }
            _ => judged,
        }
    }

    /// Returns what must be read before anybody can say that an action is for nothing here.
    fn not_read(&self, action: Action, subjects: &[Subject]) -> Option<NotRead> {
        let source = match action {
            Action::CancelJob | Action::PauseJob => return None,
            Action::Variables | Action::Changes | Action::Deploy | Action::Edit
                if subjects.iter().all(is_stack) =>
            {
                Source::Projects
            }
            _ if subjects.is_empty() => Source::Cluster,
            _ => return None,
        };
        self.world.not_read(source)
    }

    fn has_nothing_selected(&self) -> bool {
        self.context() == Context::List && self.screen().selected(&self.world).is_empty()
    }

    /// Says whether an action can be done with what is selected, or why not.
    fn judge(&self, action: Action, subjects: &[Subject]) -> Result<(), String> {
        let wrong = |what: &str| Err(what.to_owned());
        let all = |is: fn(&Subject) -> bool| !subjects.is_empty() && subjects.iter().all(is);
        match action {
            Action::Open | Action::Mark if self.has_nothing_selected() => {
                wrong("nothing is selected")
            }
            Action::Scale if !all(is_service) => wrong("only services can be scaled"),
            Action::Scale if !subjects.iter().all(|it| self.scalable(it)) => {
                wrong("global services run once per node and cannot be scaled")
            }
            Action::RollBack if is_one_to_go_back(subjects) => Ok(()),
            Action::RollBack if !all(is_service) => wrong(
                "nothing to roll back is selected: select services, one stack or one release, or write `:rollback SERVICE`",
            ),
            Action::Restart if !all(is_service) => wrong("only services can do this"),
            Action::Releases if !matches!(subjects, [Subject::Stack(_)]) => {
                wrong("only stacks have releases")
            }
            Action::Remove | Action::Edit if matches!(subjects, [Subject::Variable(..)]) => Ok(()),
            Action::Variables | Action::Changes | Action::Deploy
                if !self.has_project(action, subjects) =>
            {
                wrong(NEEDS_PROJECT)
            }
            Action::Remove if !all(is_service) && !all(is_stack) => {
                wrong("only services and stacks can be removed")
            }
            Action::Availability if !all(is_node) => wrong("only nodes have an availability"),
            Action::CancelJob => self.steerable(subjects, Job::can_stop),
            Action::PauseJob => self.steerable(subjects, Job::can_pause),
            Action::Describe | Action::Spec if !subjects.iter().any(|it| it.object().is_some()) => {
                wrong("there is no page for this")
            }
            Action::Logs if !subjects.iter().any(|it| self.has_logs(it)) => {
                wrong("this has no logs")
            }
            Action::Edit if !matches!(subjects, [Subject::Stack(_)]) => {
                wrong("only stacks can be edited")
            }
            _ => Ok(()),
        }
    }

    /// Returns the keys that count here with what they do, for the help screen.
    pub fn keys(&self) -> Vec<(String, String)> {
        let context = self.screen().context();
        let mut rows: Vec<(String, String)> = Vec::new();
        for binding in self.keymap.reachable(context) {
            let action = binding.action;
            let hidden = action.dangerous() && self.world.setting.read_only;
            if hidden
                || !self.screen().takes(action)
                || self.keymap.resolve(context, binding.key) != Some(action)
            {
                continue;
            }
            let why = match self.availability(binding.action) {
                Ok(()) => String::new(),
                Err(why) => format!("  ({why})"),
            };
            let text = format!("{}{why}", binding.action.help());
            match rows.iter_mut().find(|it| it.1 == text) {
                Some(row) => row.0 = format!("{}, {}", row.0, binding.key),
                None => rows.push((binding.key.to_string(), text)),
            }
        }
        rows
    }

    /// Says whether an action changes the cluster, or what projects are made of.
    fn changes(&self, action: Action) -> bool {
        let kept = matches!(self.screen().place(), Destination::Editor(Document::Stack { .. }));
        action.dangerous() || (action == Action::Save && kept)
    }

    /// Says whether there is a project behind what an action needs one for; an editor and
    /// a plan know what they deploy.
    fn has_project(&self, action: Action, subjects: &[Subject]) -> bool {
        if action == Action::Deploy && self.screen().context() != Context::List {
            return true;
        }
        match subjects {
            [Subject::Stack(name)] => self.world.managed(name).is_some(),
            [Subject::Variable(..)] => true,
            _ => false,
        }
    }

    fn scalable(&self, subject: &Subject) -> bool {
        let Subject::Service(id) = subject else { return false };
        let mode = self.world.service(id).map(|it| it.mode);
        matches!(mode, Some(Mode::Replicated { .. } | Mode::ReplicatedJob { .. }))
    }

    /// Says whether one of the jobs can be steered so, or why the first one cannot.
    fn steerable(
        &self,
        subjects: &[Subject],
        can: impl Fn(&Job) -> Result<(), &'static str>,
    ) -> Result<(), String> {
        let mut whys = Vec::new();
        for subject in subjects {
            let Subject::Job(id) = subject else { continue };
            match self.world.job(*id).map(&can) {
                Some(Ok(())) => return Ok(()),
                other => whys.extend(other.and_then(Result::err)),
            }
        }
        Err(whys.first().map_or("no running job is selected", |it| it).to_owned())
    }

    fn has_logs(&self, subject: &Subject) -> bool {
        subscription(subject, self.world.setting.logs.window, &self.world).is_some()
    }
}

/// Whether a stack is meant, or one of its releases: of several nobody says which is first.
fn is_one_to_go_back(subjects: &[Subject]) -> bool {
    matches!(subjects, [Subject::Release(..) | Subject::Stack(_)])
}

fn is_service(subject: &Subject) -> bool {
    matches!(subject, Subject::Service(_))
}

fn is_stack(subject: &Subject) -> bool {
    matches!(subject, Subject::Stack(_))
}

fn is_node(subject: &Subject) -> bool {
    matches!(subject, Subject::Node(_))
}

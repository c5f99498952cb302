//! What the outside of a cockpit in memory does and answers.

use crate::cockpit::{
    harness::{Cockpit, late::Held},
    outside::{lines, occupied, past, plan, survey, tasks, words},
};
use skep::{
    domain::swarm::cluster::ObjectKind,
    engine::ReadEngine,
    jobs::{
        JobId,
        log_follower::FeedNews,
        node::foresee,
        rollback_preview::preview_rollback,
        watch::{Link, View},
    },
    store::Store,
    tui::{
        document::{Content, Document, Errand, Opened, Reply, Stamp, Why},
        event::{Dispatch, Effect, Event, Response, Ticket},
        run::{facts, remarks},
    },
};
use std::{collections::VecDeque, sync::Arc};

impl Cockpit {
    /// Reads the cluster as the watcher does.
    pub fn look(&mut self) {
        let (engine, scope) = (self.engine.clone(), self.interest.tasks.clone());
        let now = self.model.world.now;
        let surveyor = &mut self.surveyor;
        let view = self.runtime.block_on(async {
            let (services, nodes) = (engine.services().await?, engine.nodes().await?);
            let survey = surveyor.judge(&engine, &services, nodes, now).await?;
            Ok(View {
                system: Some(engine.system().await?),
                services: survey.services,
                surveyed: true,
                nodes: survey.nodes,
                evidence: survey.evidence,
                networks: survey.networks,
                tasks: tasks(&engine, scope).await?,
                occupied: occupied(&engine).await,
                link: Link::Up,
                left_out: skep::engine::LeftOut::default(),
                read_at: Some(self.model.world.now),
            })
        });
        match view {
            Ok(view) => self.event(Event::View(Box::new(view))),
            Err(why) => {
                let link = Link::Lost { since: self.model.world.now, why, attempts: 1 };
                let view = View { link, ..self.model.world.view.clone() };
                self.event(Event::View(Box::new(view)));
            }
        }
    }

    pub fn perform(&mut self, mut dispatches: VecDeque<Dispatch>) {
        while let Some(Dispatch { ticket, effect }) = dispatches.pop_front() {
            let answer = self.answer(ticket, &effect);
            if answer.is_none() || matches!(effect, Effect::Start(_)) {
                self.tickets.push((ticket, effect.clone()));
                self.wanted.extend(words(&effect));
                self.effects.push(effect.clone());
            }
            let Some(answer) = answer else { continue };
            if self.holding && matches!(answer, Event::Response(..)) {
                self.held.push(Held { ticket, effect, answer: Some(answer) });
            } else {
                dispatches.extend(self.fact(answer));
            }
        }
    }

    /// Answers what the cockpit reads.
    #[allow(clippy::too_many_lines, reason = "a table, an effect each")]
    pub fn answer(&mut self, ticket: Ticket, effect: &Effect) -> Option<Event> {
        let engine = self.engine.clone();
        let response = match effect {
            Effect::Watch(interest) => {
                self.interest = interest.clone();
                if !self.model.world.is_up() {
                    return None;
                }
                let read = self.runtime.block_on(tasks(&engine, interest.tasks.clone())).ok()?;
                let view = View { tasks: read, ..self.model.world.view.clone() };
                return Some(Event::View(Box::new(view)));
            }
            Effect::Follow(Some((feed, subscription))) => {
                let lines = self.runtime.block_on(lines(&engine, subscription));
                return Some(Event::Log(*feed, FeedNews::Lines(lines)));
            }
            Effect::Read(object) => {
                let (answer, networks) = self.runtime.block_on(async {
                    (engine.inspect(object).await, engine.list(ObjectKind::Networks, None).await)
                });
                let text = |it: &serde_json::Value| it.as_str().unwrap_or_default().to_owned();
                let networks = networks.unwrap_or_default();
                let names = networks.iter().map(|it| (text(&it["Id"]), text(&it["Name"])));
                Response::Object(object.clone(), answer, names.collect())
            }
            Effect::Document(document, errand) => {
                Response::Document(self.errand(document, errand)?)
            }
            Effect::ListDrafts => self.all_drafts(),
            Effect::Recall(at) => Response::History(at.clone(), Ok(past(at))),
            Effect::Plan(proposal) => self.runtime.block_on(plan(&engine, proposal)),
            Effect::Foresee(nodes) => {
                let ids: Vec<_> = nodes.iter().map(|it| it.0.clone()).collect();
                let found = self.runtime.block_on(foresee(&engine, &ids));
                Response::Foreseen(nodes.clone(), found.map_err(|it| it.to_string()))
            }
            Effect::LookBack(targets) => {
                let found =
                    self.runtime.block_on(preview_rollback(&engine, &Store::in_memory(), targets));
                Response::LookedBack(targets.clone(), found.map_err(|it| it.to_string()))
            }
            // Of the demo only the shop has releases.
            Effect::GoBack(stack) => {
                let none = || format!("stack `{stack}` was not deployed with skep");
                let shop = stack.as_str() == "shop-production-web";
                Response::Target(stack.clone(), shop.then_some(2).ok_or_else(none))
            }
            Effect::Survey(bounds) => match self.waste.clone() {
                Some(sweep) => Response::Waste(Ok(sweep)),
                None => self.runtime.block_on(survey(&engine, *bounds)),
            },
            Effect::Project(chore) => self.desk.answer(chore)?,
            Effect::Start(_) => {
                self.started += 1;
                Response::Started(JobId(self.started))
            }
            _ => return None,
        };
        Some(Event::Response(ticket, response))
    }

    fn all_drafts(&self) -> Response {
        let kept = self.drafts.iter().map(|it| (it.0.clone(), it.1.clone()));
        let given_up = self.discarded.iter();
        let given_up =
            given_up.flat_map(|it| it.1.iter().map(|draft| (it.0.clone(), draft.clone())));
        Response::Drafts(Ok(kept.chain(given_up).collect()))
    }

    /// Does what a document needs with the files at hand.
    fn errand(&mut self, document: &Document, errand: &Errand) -> Option<Reply> {
        let name = document.name();
        Some(match errand {
            Errand::Load => Reply::Loaded(Ok(self.opened(document))),
            Errand::Save { content, over } => {
                let found = self.opened(document);
                if over.as_ref().is_some_and(|it| *it != found.stamp) {
                    return Some(Reply::Differs(Ok(found), Why::Saving));
                }
                self.wanted.push(format!("save {name}"));
                let text = String::from_utf8(content.encode()).unwrap();
                self.files.insert(name, text);
                Reply::Saved(content.clone(), self.opened(document).stamp)
            }
            Errand::Look(known) => {
                let found = self.opened(document);
                if found.stamp == *known {
                    return None;
                }
                Reply::Differs(Ok(found), Why::Looking)
            }
            Errand::Beside => return None,
            Errand::Facts => {
                let engine = self.engine.clone();
                Reply::Facts(Arc::new(self.runtime.block_on(facts(&engine)).ok()?))
            }
            Errand::Keep(_) | Errand::Discard(_) | Errand::Forget(_) | Errand::WriteTo { .. } => {
                self.keep(document, errand);
                return None;
            }
            Errand::Deployed(stack) => Reply::Deployed(match self.deployed.get(stack.as_str()) {
                Some(text) => Ok((4, text.clone())),
                None => Err(format!("{stack} was never deployed from this machine")),
            }),
            Errand::Check(check) => Reply::Checked(check.number, remarks(document, check)),
        })
    }

    /// Does what nobody waits for.
    fn keep(&mut self, document: &Document, errand: &Errand) {
        let given_up = self.discarded.entry(document.clone()).or_default();
        match errand {
            Errand::Keep(Some(draft)) => _ = self.drafts.insert(document.clone(), draft.clone()),
            Errand::Keep(None) => _ = self.drafts.remove(document),
            Errand::Discard(draft) => {
                self.drafts.remove(document);
                given_up.insert(0, draft.clone());
            }
            Errand::Forget(at) => given_up.retain(|it| it.at != *at),
            Errand::WriteTo { path, content, over } => {
                let name = path.display().to_string();
                if *over || !self.files.contains_key(&name) {
                    self.files.insert(name, String::from_utf8(content.encode()).unwrap());
                }
            }
            _ => {}
        }
    }

    fn opened(&self, document: &Document) -> Opened {
        let text = self.files.get(&document.name()).cloned().unwrap_or_default();
        let stamp = Stamp { print: text.clone(), modified: None };
        let given_up = self.discarded.get(document).and_then(|it| it.first());
        let draft = self.drafts.get(document).or(given_up).cloned();
        Opened { content: Content::decode(text.into_bytes()).unwrap(), stamp, draft }
    }
}

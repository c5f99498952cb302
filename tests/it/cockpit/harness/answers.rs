//! What the outside of a cockpit in memory does and answers.

use crate::cockpit::{
    harness::Cockpit,
    outside::{lines, past, plan, remarks, survey, tasks, words},
};
use skep::{
    domain::cluster::Kind,
    engine::Engine,
    jobs::{
        feed::FeedNews,
        watch::{Link, View},
    },
    tui::event::{Effect, Event},
};
use std::collections::VecDeque;

impl Cockpit {
    /// Reads the cluster as the watcher does.
    pub fn look(&mut self) {
        let (engine, scope) = (self.engine.clone(), self.interest.tasks.clone());
        let view = self.runtime.block_on(async {
            Ok(View {
                system: Some(engine.system().await?),
                services: engine.services().await?,
                nodes: engine.nodes().await?,
                tasks: tasks(&engine, scope).await?,
                link: Link::Up,
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

    pub fn perform(&mut self, mut effects: VecDeque<Effect>) {
        while let Some(effect) = effects.pop_front() {
            if let Some(answer) = self.answer(&effect) {
                effects.extend(self.fact(answer));
            } else {
                self.wanted.extend(words(&effect));
                self.effects.push(effect);
            }
        }
    }

    /// Answers what the cockpit reads.
    fn answer(&mut self, effect: &Effect) -> Option<Event> {
        let engine = self.engine.clone();
        Some(match effect {
            Effect::Watch(interest) => {
                self.interest = interest.clone();
                if !self.model.world.is_up() {
                    return None;
                }
                let read = self.runtime.block_on(tasks(&engine, interest.tasks.clone())).ok()?;
                Event::View(Box::new(View { tasks: read, ..self.model.world.view.clone() }))
            }
            Effect::Follow(Some((feed, subscription))) => {
                let lines = self.runtime.block_on(lines(&engine, subscription));
                Event::Log(*feed, FeedNews::Lines(lines))
            }
            Effect::Read(object) => {
                let (answer, networks) = self.runtime.block_on(async {
                    (engine.inspect(object).await, engine.list(Kind::Networks, None).await)
                });
                let text = |it: &serde_json::Value| it.as_str().unwrap_or_default().to_owned();
                let networks = networks.unwrap_or_default();
                let names = networks.iter().map(|it| (text(&it["Id"]), text(&it["Name"])));
                Event::Page(object.clone(), answer, names.collect())
            }
            Effect::Load(path) => {
                let text = self.files.get(path.to_str().unwrap()).cloned();
                Event::Loaded(path.clone(), Ok(text.unwrap_or_default()))
            }
            Effect::Save { path, text } => {
                self.files.insert(path.to_str().unwrap().to_owned(), text.clone());
                self.wanted.push(format!("save {}", path.display()));
                Event::Saved(path.clone(), text.clone())
            }
            Effect::Check { number, path, text } => {
                Event::Checked(*number, remarks(path, text.clone()))
            }
            Effect::Recall(at) => Event::Recalled(at.clone(), Ok(past(at))),
            Effect::Plan(order) => self.runtime.block_on(plan(&engine, order)),
            Effect::Survey(bounds) => self.runtime.block_on(survey(&engine, *bounds)),
            _ => return None,
        })
    }
}

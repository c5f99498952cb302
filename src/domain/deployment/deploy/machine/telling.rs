//! Queries of the state machine: where a deployment stands, and why.

use crate::domain::deployment::deploy::{
    Act, Aim, Mode, Outcome, Track,
    machine::{Deployment, Direction, Position, Way},
};
use std::time::Duration;

impl Deployment {
    /// Returns why it turns back, while it does.
    pub fn because(&self) -> Option<&str> {
        match &self.way {
            Way::Back { because, .. } => Some(because),
            _ => None,
        }
    }

    /// Returns whether nobody looks at what is sent.
    pub fn is_detached(&self) -> bool {
        self.mode == Mode::Detached
    }

    pub fn aims(&self) -> impl Iterator<Item = &Aim> {
        self.aims.iter()
    }

    /// Returns the services that are watched in the present direction.
    pub fn tracks(&self) -> impl Iterator<Item = (&Aim, &Track)> {
        self.tracks.iter().map(|it| (&self.aims[*it.0], it.1))
    }

    /// Returns the services that were lost on the way there, and why.
    pub fn lost(&self) -> impl Iterator<Item = (&Aim, &str)> {
        self.lost.iter().map(|it| (&self.aims[*it.0], it.1.as_str()))
    }

    /// Returns whether it came to an end.
    pub fn is_over(&self) -> bool {
        matches!(self.way, Way::Over(_))
    }

    /// Returns whether it ended, and everything is as it should be.
    pub fn is_deployed(&self) -> bool {
        matches!(self.way, Way::Over(Outcome::Deployed))
    }

    /// Returns whether it ended, and is neither here nor there.
    pub fn needs_person(&self) -> bool {
        matches!(self.way, Way::Over(Outcome::NeedsPerson { .. }))
    }

    /// Returns why and when it turned back, also once it is over.
    pub fn turned(&self) -> Option<(&str, Duration)> {
        self.turned.as_ref().map(|it| (it.because.as_str(), it.at))
    }

    pub fn direction(&self) -> Direction {
        if self.turned.is_some() { Direction::Back } else { Direction::There }
    }

    /// Returns for how long the engine was out of sight, in which nothing counts.
    pub fn unseen(&self) -> Duration {
        self.clock.unseen()
    }

    /// Returns how far each aim has come, or came before it turned back.
    pub fn positions(&self, direction: Direction) -> impl Iterator<Item = (&Aim, Position<'_>)> {
        let left = self.turned.as_ref().filter(|_| direction == Direction::There);
        let (todo, tracks) = left.map_or((&self.todo, &self.tracks), |it| (&it.todo, &it.tracks));
        self.aims.iter().enumerate().map(move |(index, aim)| {
            let position = match tracks.get(&index) {
                Some(track) => Position::Watched(track),
                None if todo.contains(&index) => Position::Waiting,
                None if self.sent.contains(&index) => Position::Written,
                None => Position::Alone,
            };
            (aim, position)
        })
    }

    /// Returns how a service stood when the deployment turned back.
    pub fn was(&self, aim: &Aim) -> Option<&Track> {
        let index = self.aims.iter().position(|it| it.object == aim.object)?;
        self.turned.as_ref()?.tracks.get(&index)
    }

    /// Returns what is written of an aim in the present direction, if anything is.
    pub fn act_of(&self, aim: &Aim) -> Option<Act> {
        let index = self.aims.iter().position(|it| it.object == aim.object)?;
        match self.direction() {
            Direction::There => aim.act,
            Direction::Back => {
                let undo = aim.owed.or(aim.act.map(Act::inverse));
                undo.filter(|_| self.sent.contains(&index))
            }
        }
    }
}

//! A task as `GET /tasks` tells it.

use crate::domain::swarm::objects::TaskTemplate;
use serde_json::Value;

/// A task of a service.
#[derive(Debug, Clone, Copy)]
pub struct TaskObject<'a>(pub &'a Value);

impl<'a> TaskObject<'a> {
    pub fn id(self) -> Option<&'a str> {
        self.0["ID"].as_str()
    }

    /// Returns the template that it was made from.
    pub fn template(self) -> TaskTemplate<'a> {
        TaskTemplate(&self.0["Spec"])
    }

    pub fn service(self) -> Option<&'a str> {
        self.0["ServiceID"].as_str()
    }
}

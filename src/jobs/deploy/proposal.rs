//! A deployment before it is confirmed: its plan is made, looked at, and confirmed by
//! its digest.

use crate::{
    domain::{
        names::StackName,
        plan::{Digest, Preview},
    },
    engine::Engine,
    jobs::{
        Verdict,
        deploy::{
            Order, Prepared,
            again::{self, Return},
            known::compare,
            prepare,
        },
    },
    store::Store,
};

/// What may be deployed: files, or an earlier release.
#[derive(Debug, Clone)]
pub enum Proposal {
    Files(Box<Order>),
    Earlier(Return),
}

impl Proposal {
    /// Returns the stack that it changes.
    pub fn stack(&self) -> &StackName {
        match self {
            Self::Files(order) => &order.stack,
            Self::Earlier(wish) => &wish.stack,
        }
    }

    /// Returns it with its plan confirmed: nothing else may be done than what has this digest.
    #[must_use]
    pub fn confirmed(&self, digest: &Digest) -> Self {
        let confirmed = Some(digest.clone());
        match self.clone() {
            Self::Files(order) => Self::Files(Box::new(Order { confirmed, ..*order })),
            Self::Earlier(wish) => Self::Earlier(Return { confirmed, ..wish }),
        }
    }

    async fn prepare(&self, engine: &dyn Engine, store: &Store) -> Result<Prepared, Verdict> {
        match self {
            Self::Files(order) => prepare(engine, order).await,
            Self::Earlier(wish) => Ok(again::prepare(engine, store, wish).await?.1),
        }
    }
}

/// Prepares a deployment to be looked at: the plan and what there is to know about it,
/// or why there can be none.
pub async fn outline(
    engine: &dyn Engine,
    store: &Store,
    proposal: &Proposal,
) -> Result<Preview, String> {
    let mut prepared = match proposal.prepare(engine, store).await {
        Ok(prepared) => prepared,
        Err(Verdict::Failed { why, hint }) => {
            return Err(format!("{why}\n{}", hint.unwrap_or_default()));
        }
        Err(other) => return Err(other.to_string()),
    };
    compare(engine, store, &mut prepared).await;
    let errors = prepared.preflight.errors();
    if errors.is_empty() {
        return Ok(prepared.preview());
    }
    Err(errors.join("\n"))
}

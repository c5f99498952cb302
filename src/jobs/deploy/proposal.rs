//! Proposals: a planned deployment that is confirmed by the digest of its plan.

use crate::{
    domain::deployment::plan::Preview,
    engine::Engine,
    jobs::{
        Verdict,
        deploy::{Prepared, Proposal, prepare, rollback, secret_fingerprints::compare},
    },
    store::Store,
};

/// Prepares a deployment to be looked at: the plan and what there is to know about it,
/// or why there can be none.
pub async fn outline(
    engine: &dyn Engine,
    store: &Store,
    proposal: &Proposal,
) -> Result<Preview, String> {
    let mut prepared = match prepare_it(engine, store, proposal).await {
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

async fn prepare_it(
    engine: &dyn Engine,
    store: &Store,
    proposal: &Proposal,
) -> Result<Prepared, Verdict> {
    match proposal {
        Proposal::Files(order) => prepare(engine, order).await,
        Proposal::Earlier(request) => Ok(rollback::prepare(engine, store, request).await?.1),
    }
}

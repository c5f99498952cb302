//! Calls to an engine in the version of the API that both sides speak.

use crate::engine::{
    Answer, EngineError,
    context::Endpoint,
    docker::{
        call::{AnswerTime, Call},
        fault::ended,
        limits::Limits,
        refusal::{garbage, refusal, refuses_version},
        transport::Transport,
        version::{Agreed, agree},
    },
};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use serde_json::Value;
use std::sync::Arc;
use tokio::{sync::Mutex, time::Instant};

/// Calls to one engine.
pub struct Wire {
    transport: Transport,
    /// The version both sides speak; forgotten when the engine may be another.
    agreed: Mutex<Option<Arc<Agreed>>>,
}

impl Wire {
    /// Does nothing yet.
    pub fn new(endpoint: Endpoint, limits: Limits) -> Self {
        Self { transport: Transport::new(endpoint, limits), agreed: Mutex::new(None) }
    }

    /// Returns how many streams may be open at once.
    pub fn streams(&self) -> usize {
        self.transport.streams()
    }

    pub fn address(&self) -> &str {
        self.transport.address()
    }

    /// What any failure of the connection means.
    pub fn fault(&self, call: &Call, err: &(dyn std::error::Error + 'static)) -> EngineError {
        self.transport.fault(call, err)
    }

    /// Sends a call and returns the body of a success.
    ///
    /// A look is repeated once: where an engine that was replaced by an older one while
    /// we were connected refuses the version before it reads on, and where a connection ends
    /// before the answer, as one does that the engine closes at the moment it is used again.
    pub async fn send(&self, call: &Call) -> Answer<Bytes> {
        match self.send_once(call).await {
            Err(err) if call.pace == AnswerTime::Read && (refuses_version(&err) || ended(&err)) => {
                self.send_once(call).await
            }
            answer => answer,
        }
    }

    /// Sends a call and returns the JSON of a success.
    pub async fn json(&self, call: &Call) -> Answer<Value> {
        let body = self.send(call).await?;
        serde_json::from_slice(&body).map_err(|err| garbage(call, &err.to_string(), &body))
    }

    /// Starts a stream; it has no time limit once it has begun.
    pub async fn open(&self, call: &Call) -> Answer<Response<Incoming>> {
        self.guarded(call, async {
            let response = self.transport.exchange(call, self.versioned(call).await?).await?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            let body = self.transport.body(call, response).await?;
            Err(refusal(status, &body, self.address(), call))
        })
        .await
    }

    /// Returns the version both sides speak; asks once per engine.
    pub async fn agreed(&self) -> Answer<Arc<Agreed>> {
        let mut agreed = self.agreed.lock().await;
        if let Some(agreed) = &*agreed {
            return Ok(Arc::clone(agreed));
        }
        let new = Arc::new(agree(&self.transport).await?);
        *agreed = Some(Arc::clone(&new));
        Ok(new)
    }

    async fn send_once(&self, call: &Call) -> Answer<Bytes> {
        self.guarded(call, async {
            let request = self.versioned(call).await?;
            let response = self.transport.exchange(call, request).await?;
            let status = response.status();
            let body = self.transport.body(call, response).await?;
            if status.is_success() {
                return Ok(body);
            }
            Err(refusal(status, &body, self.address(), call))
        })
        .await
    }

    /// Ends `work` in time, and forgets the agreed version where another
    /// engine may answer the next call.
    async fn guarded<T>(&self, call: &Call, work: impl Future<Output = Answer<T>>) -> Answer<T> {
        let start = Instant::now();
        let answer = self.transport.within(call, work).await;
        // What went wrong is said where somebody waits for it; it may quote names.
        let end = if answer.is_ok() { "took" } else { "failed after" };
        tracing::debug!("{} {end} {:?}", call.logged(), start.elapsed());
        if answer.as_ref().is_err_and(|err| err.is_transient() || refuses_version(err))
            && let Ok(mut agreed) = self.agreed.try_lock()
        {
            *agreed = None;
        }
        answer
    }

    async fn versioned(&self, call: &Call) -> Answer<Request<Full<Bytes>>> {
        let agreed = self.agreed().await?;
        self.transport.request(call, &format!("/v{}{}", agreed.api, call.path))
    }
}

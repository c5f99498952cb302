//! Raw requests to an engine: every one with its time limit, every failure
//! with its reason.

use crate::{
    domain::text::size,
    engine::{
        Answer, EngineError,
        context::Endpoint,
        docker::{
            call::{Call, Pace},
            dial::Dial,
            fault::Place,
            refusal::{excerpt, refusal, refuses_version},
            version::{Agreed, agree},
        },
    },
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Collected, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

/// Bytes of an answer that says why something is refused.
const REASON: usize = 64 << 10;
/// Bytes and number of the headers of an answer; engines send some ten.
pub const HEAD: usize = 64 << 10;
pub const HEADERS: usize = 100;

/// How much patience there is with an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection is there.
    pub connect: Duration,
    /// Until the answer to a look is complete, or a stream has begun.
    pub read: Duration,
    /// Until the answer to a write, or of a registry, is complete.
    pub slow: Duration,
    /// Bytes of one answer.
    pub body: usize,
}

/// Requests to one engine, over connections that are kept.
pub struct Wire {
    client: Client<Dial, Full<Bytes>>,
    place: Place,
    /// What stands in front of every path.
    base: String,
    limits: Limits,
    /// The version both sides speak; forgotten when the engine may be another.
    agreed: Mutex<Option<Arc<Agreed>>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(20),
            slow: Duration::from_secs(60),
            body: 256 << 20,
        }
    }
}

impl Wire {
    /// Does nothing yet.
    pub fn new(endpoint: Endpoint, limits: Limits) -> Self {
        let place = Place::of(&endpoint);
        let base = match &endpoint {
            Endpoint::Tcp { base, .. } => base.clone(),
            Endpoint::Unix(_) | Endpoint::Ssh { .. } => String::new(),
        };
        // A new ssh connection costs a handshake of its own and a process.
        let idle = match &endpoint {
            Endpoint::Ssh { .. } => Duration::from_secs(300),
            Endpoint::Unix(_) | Endpoint::Tcp { .. } => Duration::from_secs(30),
        };
        let client = Client::builder(TokioExecutor::new())
            .pool_idle_timeout(idle)
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(8)
            .http1_max_buf_size(HEAD)
            .http1_max_headers(HEADERS)
            .build(Dial::new(endpoint, limits.connect));
        Self { client, place, base, limits, agreed: Mutex::new(None) }
    }

    /// Returns how many streams may be open at once: over ssh, each is a
    /// process here and a login there.
    pub fn streams(&self) -> usize {
        if self.place.is_ssh() { 24 } else { 256 }
    }

    pub fn address(&self) -> &str {
        &self.place.address
    }

    /// Sends a call and returns the body of a success.
    ///
    /// An engine that was replaced by an older one while we were connected
    /// refuses the version before it reads on; then a look is repeated once.
    pub async fn send(&self, call: &Call) -> Answer<Bytes> {
        match self.send_once(call).await {
            Err(err) if refuses_version(&err) && call.pace == Pace::Read => {
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
            let response = self.exchange(call, self.versioned(call).await?).await?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            let body = self.body(call, response).await?;
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
        let new = Arc::new(agree(self).await?);
        *agreed = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Sends a call that has no version in its path.
    pub async fn unversioned(&self, call: &Call) -> Answer<(HeaderMap, Bytes)> {
        let request = self.request(call, &call.path)?;
        self.within(call, async {
            let response = self.exchange(call, request).await?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = self.body(call, response).await?;
            if status.is_success() {
                return Ok((headers, body));
            }
            Err(refusal(status, &body, self.address(), call))
        })
        .await
    }

    /// What any failure of the connection means.
    pub fn fault(&self, call: &Call, err: &(dyn std::error::Error + 'static)) -> EngineError {
        self.place.fault(&call.doing, err)
    }

    async fn send_once(&self, call: &Call) -> Answer<Bytes> {
        self.guarded(call, async {
            let request = self.versioned(call).await?;
            let response = self.exchange(call, request).await?;
            let status = response.status();
            let body = self.body(call, response).await?;
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
        let answer = self.within(call, work).await;
        match &answer {
            Ok(_) => tracing::debug!("{} took {:?}", call.line(), start.elapsed()),
            Err(err) => tracing::debug!("{} after {:?}: {err}", call.line(), start.elapsed()),
        }
        if answer.as_ref().is_err_and(|err| err.is_transient() || refuses_version(err))
            && let Ok(mut agreed) = self.agreed.try_lock()
        {
            *agreed = None;
        }
        answer
    }

    async fn versioned(&self, call: &Call) -> Answer<Request<Full<Bytes>>> {
        let agreed = self.agreed().await?;
        self.request(call, &format!("/v{}{}", agreed.api, call.path))
    }

    async fn exchange(
        &self,
        call: &Call,
        request: Request<Full<Bytes>>,
    ) -> Answer<Response<Incoming>> {
        self.client.request(request).await.map_err(|err| self.fault(call, &err))
    }

    async fn body(&self, call: &Call, response: Response<Incoming>) -> Answer<Bytes> {
        if !response.status().is_success() {
            return self.reason(call, response).await;
        }
        let most = self.limits.body.min(call.most);
        let body = Limited::new(response.into_body(), most).collect().await;
        body.map(Collected::to_bytes).map_err(|err| {
            if !err.is::<LengthLimitError>() {
                return self.fault(call, &*err);
            }
            let most = size::bytes(most as u64);
            let why = format!("its answer is longer than {most}, which is as much as skep reads");
            EngineError::Failed { what: call.doing.clone(), why }
        })
    }

    /// Reads why a call was refused; nobody reads more than the beginning.
    async fn reason(&self, call: &Call, response: Response<Incoming>) -> Answer<Bytes> {
        let (mut body, mut head) = (response.into_body(), Vec::new());
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|err| self.fault(call, &err))?;
            let data = frame.into_data().unwrap_or_default();
            let room = REASON - head.len();
            head.extend_from_slice(data.get(..room).unwrap_or(&data));
            if head.len() == REASON {
                break;
            }
        }
        Ok(head.into())
    }

    async fn within<T>(&self, call: &Call, work: impl Future<Output = Answer<T>>) -> Answer<T> {
        let after = match call.pace {
            Pace::Read => self.limits.read,
            Pace::Slow => self.limits.slow,
        };
        timeout(after, work).await.unwrap_or_else(|_| {
            Err(EngineError::TimedOut {
                address: self.address().to_owned(),
                call: call.line(),
                after,
            })
        })
    }

    fn request(&self, call: &Call, path: &str) -> Answer<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(format!("http://docker{}{path}", self.base))
            .header("User-Agent", concat!("skep/", env!("CARGO_PKG_VERSION")));
        if call.body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        if let Some(auth) = &call.auth {
            request = request.header("X-Registry-Auth", auth);
        }
        // The message of this error does not contain the header's value.
        request
            .body(Full::new(call.body.clone().unwrap_or_default()))
            .map_err(|err| EngineError::Invalid { what: call.doing.clone(), why: err.to_string() })
    }
}

/// An answer that is not what the API promises.
pub fn garbage(call: &Call, why: &str, body: &[u8]) -> EngineError {
    EngineError::Failed {
        what: call.doing.clone(),
        why: format!("its answer makes no sense ({why}): {}", excerpt(body)),
    }
}

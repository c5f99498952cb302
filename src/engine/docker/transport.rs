//! Requests over connections that are kept: every one with its time limit, every failure
//! with its reason.

use crate::{
    domain::text::size,
    engine::{
        Answer, EngineError,
        context::Endpoint,
        docker::{
            call::{AnswerTime, Call},
            dial::Dial,
            fault::EngineAddress,
            limits::{HEAD, HEADERS, Limits, REASON},
            refusal::refusal,
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
use std::time::Duration;
use tokio::time::timeout;

/// Connections to one engine; which version of the API is spoken over them is no matter
/// of theirs.
pub struct Transport {
    client: Client<Dial, Full<Bytes>>,
    place: EngineAddress,
    /// What stands in front of every path.
    base: String,
    limits: Limits,
}

impl Transport {
    /// Does nothing yet.
    pub fn new(endpoint: Endpoint, limits: Limits) -> Self {
        let place = EngineAddress::of(&endpoint);
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
        Self { client, place, base, limits }
    }

    /// Returns how many streams may be open at once: over ssh, each is a
    /// process here and a login there.
    pub fn streams(&self) -> usize {
        if self.place.is_ssh() { 24 } else { 256 }
    }

    pub fn address(&self) -> &str {
        &self.place.address
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

    /// Sends a request and returns the answer as it begins.
    pub async fn exchange(
        &self,
        call: &Call,
        request: Request<Full<Bytes>>,
    ) -> Answer<Response<Incoming>> {
        self.client.request(request).await.map_err(|err| self.fault(call, &err))
    }

    /// Reads an answer: all of a success, the beginning of a refusal.
    pub async fn body(&self, call: &Call, response: Response<Incoming>) -> Answer<Bytes> {
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

    /// Ends what a call waits for in time.
    pub async fn within<T>(&self, call: &Call, work: impl Future<Output = Answer<T>>) -> Answer<T> {
        let after = match call.pace {
            AnswerTime::Read => self.limits.read,
            AnswerTime::Slow => self.limits.slow,
        };
        timeout(after, work).await.unwrap_or_else(|_| {
            Err(EngineError::TimedOut {
                address: self.address().to_owned(),
                call: call.line(),
                after,
            })
        })
    }

    /// Makes the request of a call to a path.
    pub fn request(&self, call: &Call, path: &str) -> Answer<Request<Full<Bytes>>> {
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

    /// What any failure of the connection means.
    pub fn fault(&self, call: &Call, err: &(dyn std::error::Error + 'static)) -> EngineError {
        self.place.fault(&call.doing, err)
    }
}

//! Connection errors: what a broken connection means, found in the layers that report it.

use crate::{
    domain::text::size,
    engine::{
        EngineError,
        context::Endpoint,
        docker::limits::{HEAD, HEADERS},
    },
};
use std::{error::Error, io, iter::successors};

/// Where an engine is, for the words of errors.
#[derive(Debug, Clone)]
pub struct EngineAddress {
    pub address: String,
    /// The host, where ssh leads there.
    ssh: Option<String>,
}

impl EngineAddress {
    pub fn of(endpoint: &Endpoint) -> Self {
        let address = endpoint.to_string();
        let ssh = address.strip_prefix("ssh://").map(str::to_owned);
        Self { address, ssh }
    }

    pub fn is_ssh(&self) -> bool {
        self.ssh.is_some()
    }

    /// Explains what broke off `doing`.
    pub fn fault(&self, doing: &str, err: &(dyn Error + 'static)) -> EngineError {
        let failed = |why: String| EngineError::Failed { what: doing.to_owned(), why };
        for layer in layers(err) {
            if let Some(known) = self.known(layer) {
                return known;
            }
            if layer.downcast_ref::<hyper::Error>().is_some_and(too_many_headers) {
                return failed(format!(
                    "its answer has more headers than skep reads: {HEADERS}, or {}",
                    size::bytes(HEAD as u64)
                ));
            }
        }
        let closed = layers(err).any(closes);
        match (&self.ssh, closed) {
            // Only ssh itself knows more, and it has ended without a word.
            (Some(host), true) => EngineError::Ssh { host: host.clone(), why: ENDED.to_owned() },
            (None, true) => failed(ENDED.to_owned()),
            (_, false) => failed(innermost(err)),
        }
    }

    /// Layers that already say it all.
    fn known(&self, layer: &(dyn Error + 'static)) -> Option<EngineError> {
        if let Some(known) = layer.downcast_ref::<EngineError>() {
            return Some(known.clone());
        }
        let inner = layer.downcast_ref::<io::Error>()?.get_ref()?;
        if let Some(known) = inner.downcast_ref::<EngineError>() {
            return Some(known.clone());
        }
        // An engine refuses a client's certificate after the handshake (TLS 1.3).
        inner
            .downcast_ref::<rustls::Error>()
            .map(|err| EngineError::Tls { address: self.address.clone(), why: err.to_string() })
    }
}

const ENDED: &str = "the connection ended before the answer";

/// Returns whether the other side hung up before it had answered.
pub fn ended(error: &EngineError) -> bool {
    matches!(error, EngineError::Failed { why, .. } if why == ENDED)
}

/// What the system says, without its number.
pub fn plain(err: &dyn Error) -> String {
    let text = err.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

/// Hyper keeps the question to servers; a client has the words only.
fn too_many_headers(err: &hyper::Error) -> bool {
    err.is_parse() && layers(err).any(|it| it.to_string().contains("head is too large"))
}

/// The other side hung up.
fn closes(layer: &(dyn Error + 'static)) -> bool {
    if let Some(err) = layer.downcast_ref::<hyper::Error>() {
        // A body that breaks off says no more than that.
        return !err.is_parse() && !err.is_user() && !err.is_timeout();
    }
    layer.downcast_ref::<io::Error>().is_some_and(|err| {
        matches!(
            err.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof
        )
    })
}

fn innermost(err: &(dyn Error + 'static)) -> String {
    layers(err).last().map(plain).unwrap_or_default()
}

/// The error and what caused it, from the outside in.
fn layers<'a>(err: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(err), |it: &&'a (dyn Error + 'static)| {
        let layer: &'a (dyn Error + 'static) = *it;
        layer.source()
    })
}

//! Connections to an engine: unix, tcp, tcp with TLS, ssh; all in one pool.

use crate::engine::{
    EngineError,
    context::{Endpoint, Tls},
    docker::{
        fault::plain,
        ssh::{self, SshPipe},
        tls,
    },
};
use futures_util::future::BoxFuture;
use http::Uri;
use hyper_util::{
    client::legacy::connect::{Connected, Connection, HttpConnector},
    rt::TokioIo,
};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use std::{
    error::Error,
    io,
    path::Path,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
    process::Command,
    sync::{Mutex, OnceCell},
    time::{sleep, timeout},
};
use tokio_rustls::TlsConnector;
use tower_service::Service;

/// An sshd drops clients at random where more than ten knock at once
/// (`MaxStartups 10:30:100`): ours keep this distance.
const APART: Duration = Duration::from_millis(100);

/// Bytes both ways.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl Connection for Box<dyn Duplex> {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// Opens connections to one engine.
#[derive(Clone)]
pub struct Dial {
    endpoint: Arc<Endpoint>,
    address: Arc<str>,
    patience: Duration,
    tls: Arc<OnceCell<Arc<ClientConfig>>>,
    turn: Arc<Mutex<()>>,
}

impl Dial {
    /// Does nothing yet. A connection that is not there within `patience` is
    /// given up.
    pub fn new(endpoint: Endpoint, patience: Duration) -> Self {
        let address = endpoint.to_string().into();
        Self {
            endpoint: Arc::new(endpoint),
            address,
            patience,
            tls: Arc::default(),
            turn: Arc::default(),
        }
    }

    async fn open(&self) -> Result<Box<dyn Duplex>, EngineError> {
        match &*self.endpoint {
            Endpoint::Unix(path) => self.unix(path).await,
            Endpoint::Tcp { host, port, tls: None, .. } => {
                Ok(Box::new(self.tcp(host, *port).await?.into_inner()))
            }
            Endpoint::Tcp { host, port, tls: Some(tls), .. } => self.tls(host, *port, tls).await,
            Endpoint::Ssh { user, host, port, socket } => {
                let command = ssh::command(user.as_deref(), host, *port, socket.as_deref());
                self.ssh(command).await
            }
        }
    }

    async fn ssh(&self, command: Command) -> Result<Box<dyn Duplex>, EngineError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let pipe = SshPipe::spawn(command, &self.address)?;
        tokio::spawn(async move {
            sleep(APART).await;
            drop(turn);
        });
        Ok(Box::new(pipe))
    }

    async fn unix(&self, path: &Path) -> Result<Box<dyn Duplex>, EngineError> {
        match patiently(|| UnixStream::connect(path)).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(err) if err.kind() == io::ErrorKind::PermissionDenied => {
                Err(EngineError::PermissionDenied { address: self.address.to_string() })
            }
            Err(err) => Err(self.unreachable(plain(&err))),
        }
    }

    /// Notices within a minute when the other end has gone without a word:
    /// an event stream may be silent for hours and must not be dead for hours.
    async fn tcp(&self, host: &str, port: u16) -> Result<TokioIo<TcpStream>, EngineError> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_keepalive(Some(Duration::from_secs(30)));
        connector.set_keepalive_interval(Some(Duration::from_secs(10)));
        connector.set_keepalive_retries(Some(3));
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let uri: Uri = format!("http://{host}:{port}")
            .parse()
            .map_err(|err| self.unreachable(format!("`{host}` is not a host name: {err}")))?;
        connector.call(uri).await.map_err(|err| self.unreachable(root(&err)))
    }

    async fn tls(&self, host: &str, port: u16, tls: &Tls) -> Result<Box<dyn Duplex>, EngineError> {
        let refused = |why: String| EngineError::Tls { address: self.address.to_string(), why };
        let config = self
            .tls
            .get_or_try_init(|| async { tls::client_config(tls).map(Arc::new) })
            .await
            .map_err(refused)?;
        let name = ServerName::try_from(host.to_owned())
            .map_err(|err| refused(format!("`{host}` is not a host name: {err}")))?;
        let stream = self.tcp(host, port).await?.into_inner();
        let connector = TlsConnector::from(Arc::clone(config));
        let stream =
            connector.connect(name, stream).await.map_err(|err| refused(err.to_string()))?;
        Ok(Box::new(stream))
    }

    fn unreachable(&self, why: String) -> EngineError {
        EngineError::Unreachable { address: self.address.to_string(), why }
    }
}

impl Service<Uri> for Dial {
    type Response = TokioIo<Box<dyn Duplex>>;
    type Error = EngineError;
    type Future = BoxFuture<'static, Result<Self::Response, EngineError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), EngineError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let dial = self.clone();
        Box::pin(async move {
            let late = format!("no connection within {}s", dial.patience.as_secs());
            let opened = timeout(dial.patience, dial.open()).await;
            opened.map_err(|_| dial.unreachable(late))?.map(TokioIo::new)
        })
    }
}

/// How often a socket is tried again that takes nobody in right now, and when.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(25);

/// Connects, and tries again for half a second where as many wait already as the
/// socket lets wait (EAGAIN, unix(7)), or where its engine is about to start.
async fn patiently<T, F>(mut connect: impl FnMut() -> F) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let busy = [io::ErrorKind::WouldBlock, io::ErrorKind::ConnectionRefused];
    for _ in 1..TRIES {
        match connect().await {
            Err(err) if busy.contains(&err.kind()) => sleep(PAUSE).await,
            other => return other,
        }
    }
    connect().await
}

/// The innermost reason; what is around it says only that connecting failed.
fn root(err: &dyn Error) -> String {
    let mut inner = err;
    while let Some(source) = inner.source() {
        inner = source;
    }
    plain(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(kind: io::ErrorKind, failures: usize, expected: usize, good: bool) {
        let mut tried = 0;
        let ended = patiently(|| {
            tried += 1;
            let ended = if tried > failures { Ok(()) } else { Err(io::Error::from(kind)) };
            async { ended }
        });
        assert_eq!((ended.await.is_ok(), tried), (good, expected), "{kind}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_socket_that_is_busy_is_tried_again_and_not_for_ever() {
        check(io::ErrorKind::WouldBlock, 3, 4, true).await;
        check(io::ErrorKind::ConnectionRefused, 1, 2, true).await;
        check(io::ErrorKind::WouldBlock, usize::MAX, TRIES, false).await;
        check(io::ErrorKind::NotFound, usize::MAX, 1, false).await;
    }
}

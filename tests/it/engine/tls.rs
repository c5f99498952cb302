//! Engines over tcp, plain and with TLS: who is trusted, and by whom.

use crate::engine::stand_in::{Asked, PATIENT, StandIn, ok, pinged};
use rustls::{
    RootCertStore, ServerConfig, crypto::ring::default_provider, server::WebPkiClientVerifier,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use skep::engine::{
    EngineError, ReadEngine,
    context::{Endpoint, Identity, Tls},
    docker::connect_within,
};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    sync::Arc,
};
use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
};
use tokio_rustls::TlsAcceptor;

/// Keys and certificates: two authorities, an engine at 127.0.0.1, a client.
struct Keys(TempDir);

impl Keys {
    /// `None` where there is no openssl to make them.
    fn make() -> Option<Self> {
        let keys = Self(TempDir::new().unwrap());
        if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
            eprintln!("skipped: no openssl to make certificates with");
            return None;
        }
        for authority in ["ca", "other"] {
            keys.openssl(&format!(
                "req -x509 -subj /CN={authority} -days 2 -keyout {authority}.key -out {authority}.pem"
            ));
        }
        let san = "subjectAltName=IP:127.0.0.1,DNS:localhost";
        keys.openssl(&format!(
            "req -x509 -CA ca.pem -CAkey ca.key -subj /CN=engine -days 2 -addext {san} \
             -addext basicConstraints=critical,CA:FALSE -keyout engine.key -out engine.pem"
        ));
        keys.openssl(
            "req -x509 -CA ca.pem -CAkey ca.key -subj /CN=client -days 2 \
             -addext basicConstraints=critical,CA:FALSE -keyout key.pem -out cert.pem",
        );
        Some(keys)
    }

    fn openssl(&self, args: &str) {
        let new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let mut command = Command::new("openssl");
        command.current_dir(self.0.path()).args(args.split_whitespace()).args(new);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn identity(&self) -> Identity {
        Identity { cert: self.file("cert.pem"), key: self.file("key.pem") }
    }

    /// What an engine with `--tlsverify` uses.
    fn server(&self) -> TlsAcceptor {
        let certs = |name: &str| CertificateDer::from_pem_file(self.file(name)).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certs("ca.pem")).unwrap();
        let provider = Arc::new(default_provider());
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(
                vec![certs("engine.pem")],
                PrivateKeyDer::from_pem_file(self.file("engine.key")).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Leads a tcp port to a socket; returns the port.
async fn lead_to(socket: PathBuf, tls: Option<TlsAcceptor>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut outside, _)) = listener.accept().await {
            let (tls, socket) = (tls.clone(), socket.clone());
            tokio::spawn(async move {
                let mut inside = UnixStream::connect(&socket).await.unwrap();
                // Whoever hangs up is looked at from the other side.
                let _ = match tls {
                    None => copy_bidirectional(&mut outside, &mut inside).await,
                    Some(tls) => match tls.accept(outside).await {
                        Ok(mut outside) => copy_bidirectional(&mut outside, &mut inside).await,
                        Err(err) => Err(err),
                    },
                };
            });
        }
    });
    port
}

async fn ask(address: &str, tls: Option<Tls>) -> Result<usize, EngineError> {
    let endpoint = Endpoint::parse(address, tls).unwrap();
    connect_within(endpoint, PATIENT).nodes().await.map(|it| it.len())
}

async fn refused(address: &str, tls: Tls, because: &str) {
    let err = ask(address, Some(tls)).await.unwrap_err();
    let EngineError::Tls { why, .. } = &err else { panic!("{err}") };
    assert!(why.contains(because), "{why}");
}

#[tokio::test]
async fn both_sides_must_be_trusted() {
    let Some(keys) = Keys::make() else { return };
    let engine = StandIn::answering(pinged(ok("[{\"ID\":\"n1\"}]")));
    let port = lead_to(engine.socket(), Some(keys.server())).await;
    let address = format!("tcp://127.0.0.1:{port}");
    let ca = |name: &str| Some(keys.file(name));
    let tls = |ca, identity, verify| Tls { ca, identity, verify };

    assert_eq!(ask(&address, Some(tls(ca("ca.pem"), Some(keys.identity()), true))).await, Ok(1));
    assert_eq!(ask(&address, Some(tls(None, Some(keys.identity()), false))).await, Ok(1));
    let named = format!("https://localhost:{port}");
    assert_eq!(ask(&named, Some(tls(ca("ca.pem"), Some(keys.identity()), true))).await, Ok(1));

    refused(&address, tls(ca("other.pem"), Some(keys.identity()), true), "UnknownIssuer").await;
    refused(&address, tls(ca("ca.pem"), None, true), "CertificateRequired").await;
    refused(&address, tls(ca("gone.pem"), None, true), "gone.pem: No such file").await;
    refused(&address, tls(ca("key.pem"), None, true), "holds no certificate").await;
    let swapped = Identity { cert: keys.file("key.pem"), key: keys.file("cert.pem") };
    refused(&address, tls(ca("ca.pem"), Some(swapped), true), "is not a private key").await;
}

#[tokio::test]
async fn plain_tcp_works_and_is_no_tls() {
    let Some(keys) = Keys::make() else { return };
    let engine = StandIn::answering(pinged(ok("[]")));
    let port = lead_to(engine.socket(), None).await;
    assert_eq!(ask(&format!("tcp://127.0.0.1:{port}"), None).await, Ok(0));
    let tls = Tls { ca: Some(keys.file("ca.pem")), ..Tls::default() };
    refused(&format!("tcp://127.0.0.1:{port}"), tls, "handshake eof").await;
}

#[tokio::test]
async fn a_path_in_the_address_stands_in_front_of_every_call() {
    let engine = StandIn::answering(|asked| match asked.line.as_str() {
        "GET /docker/_ping" => {
            pinged(ok(""))(&Asked { line: "GET /_ping".to_owned(), ..asked.clone() })
        }
        _ => ok("[]"),
    });
    let port = lead_to(engine.socket(), None).await;
    assert_eq!(ask(&format!("http://127.0.0.1:{port}/docker/"), None).await, Ok(0));
    assert_eq!(engine.last().line, "GET /docker/v1.41/nodes");
}

#[tokio::test]
async fn hosts_that_do_not_answer_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let unreachable = async |address: &str, because: &str| {
        let err = ask(address, None).await.unwrap_err();
        let EngineError::Unreachable { why, .. } = &err else { panic!("{err}") };
        assert!(why.contains(because), "{why}");
    };
    unreachable(&format!("tcp://{closed}"), "Connection refused").await;
    unreachable("tcp://no.such.host.invalid:1", "failed to lookup address").await;
}

#[test]
fn errors_about_keys_do_not_repeat_them() {
    let Some(keys) = Keys::make() else { return };
    let secret = fs::read_to_string(keys.file("key.pem")).unwrap();
    let line = secret.lines().nth(1).unwrap();
    let broken = secret.replace("-----END", "-----DNE");
    fs::write(keys.file("broken.pem"), &broken).unwrap();
    let identity = Identity { cert: keys.file("cert.pem"), key: keys.file("broken.pem") };
    let tls = Tls { ca: Some(keys.file("ca.pem")), identity: Some(identity), verify: true };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let err = runtime.block_on(ask("tcp://127.0.0.1:1", Some(tls))).unwrap_err();
    assert!(err.to_string().contains("broken.pem"), "{err}");
    assert!(!format!("{err:?}").contains(line));
}

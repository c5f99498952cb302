//! TLS as docker contexts describe it: an authority, a client certificate, or
//! no verification at all.

use crate::{
    domain::text::path::ShownPath,
    engine::context::{Identity, Tls},
    files,
};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{
        CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature,
        verify_tls13_signature,
    },
};
use rustls_pki_types::{
    CertificateDer, PrivateKeyDer, ServerName, UnixTime,
    pem::{self, PemObject},
};
use std::{path::Path, sync::Arc};

/// Where Linux distributions keep the authorities they trust (Debian and
/// Alpine, Red Hat, SUSE).
const SYSTEM_AUTHORITIES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
];

/// Reads the files and makes of them what a handshake needs.
pub fn client_config(tls: &Tls) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|err| err.to_string())?;
    let builder = if tls.verify {
        builder.with_root_certificates(authorities(tls.ca.as_deref())?)
    } else {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate::of(&provider)))
    };
    match &tls.identity {
        None => Ok(builder.with_no_client_auth()),
        Some(Identity { cert, key }) => {
            let read_key = PrivateKeyDer::from_pem_slice(&read(key)?)
                .map_err(|err| format!("{} is not a private key: {}", key.shown(), plain(&err)))?;
            builder.with_client_auth_cert(certificates(cert)?, read_key).map_err(|err| {
                format!("{} does not belong to {}: {err}", key.shown(), cert.shown())
            })
        }
    }
}

fn authorities(ca: Option<&Path>) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    let path = ca
        .or_else(|| SYSTEM_AUTHORITIES.iter().map(Path::new).find(|it| it.exists()))
        .ok_or("this system has no list of certificate authorities; name one in ca.pem")?;
    let (added, _) = store.add_parsable_certificates(certificates(path)?);
    if added == 0 {
        return Err(format!("{} holds no certificate authority", path.shown()));
    }
    Ok(store)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    CertificateDer::pem_slice_iter(&read(path)?)
        .collect::<Result<_, _>>()
        .map_err(|err| format!("{} is not a certificate: {}", path.shown(), plain(&err)))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    files::read(path, files::SETTINGS).map_err(|err| format!("cannot read {}: {err}", path.shown()))
}

/// Some of these errors carry pieces of the file, and the file may be a key.
fn plain(err: &pem::Error) -> &'static str {
    match err {
        pem::Error::NoItemsFound => "the file has none",
        _ => "broken PEM",
    }
}

/// Takes whatever certificate the engine shows, as `SkipTLSVerify` asks; that
/// the engine holds the key to it is still checked.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl AnyCertificate {
    fn of(provider: &CryptoProvider) -> Self {
        Self(provider.signature_verification_algorithms)
    }
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

//! TLS with the certificate checks of `sslmode`.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address_error::AddressError;

/// The certificates that are accepted. `None` for a file stands for Mozilla's list of authorities.
pub(crate) enum Trust {
    /// Any certificate: the connection is encrypted, but the server may be an impostor.
    Anybody,
    /// A certificate signed by an authority in the file.
    SignedBy(Option<PathBuf>),
    /// A certificate signed by an authority in the file, for the host name of the URL.
    SignedForHostBy(Option<PathBuf>),
}

/// Returns a connector that accepts the certificates of `trust`.
pub(crate) fn connector(trust: Trust) -> Result<MakeRustlsConnect, AddressError> {
    let provider = Arc::new(ring::default_provider());
    let (chain, any_host) = match trust {
        Trust::Anybody => (None, true),
        Trust::SignedBy(root) => (Some(chain(root, &provider)?), true),
        Trust::SignedForHostBy(root) => (Some(chain(root, &provider)?), false),
    };
    let verifier = Verifier { chain, any_host, provider: Arc::clone(&provider) };
    // This fails only for a provider without TLS 1.2 and 1.3, which this one has.
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| AddressError::Malformed)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn chain(
    root: Option<PathBuf>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, AddressError> {
    let mut roots = RootCertStore::empty();
    let Some(path) = root else {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return build(roots, provider).ok_or(AddressError::Malformed);
    };
    let unreadable = || AddressError::UnreadableRootCertificate(path.clone());
    let certificates = CertificateDer::pem_file_iter(&path).map_err(|_| unreadable())?;
    for certificate in certificates {
        let added = certificate.ok().and_then(|it| roots.add(it).ok());
        added.ok_or_else(unreadable)?;
    }
    build(roots, provider).ok_or_else(unreadable)
}

/// Returns an error if there is no root certificate.
fn build(
    roots: RootCertStore,
    provider: &Arc<CryptoProvider>,
) -> Option<Arc<WebPkiServerVerifier>> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build().ok()
}

/// Checks a server's certificate as far as `sslmode` demands.
#[derive(Debug)]
struct Verifier {
    chain: Option<Arc<WebPkiServerVerifier>>,
    any_host: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        // The name is checked last: if it is the only error, the chain is valid.
        match chain.verify_server_cert(certificate, intermediates, host, ocsp_response, now) {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.any_host => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

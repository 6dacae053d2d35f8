//! Who a TLS server must be: an authority of the system, one of the account, or one pinned certificate.

use super::{ConnectError, TlsPeer};
use crate::account::TlsPolicy;
use crate::config::TlsListen;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use subtle::ConstantTimeEq as _;
use tokio::net::TcpStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, ServerConfig,
    SignatureScheme,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream};

/// Client configurations by policy. There are as many as policies in use, mostly one.
#[derive(Default)]
pub(super) struct Identities {
    configs: Mutex<HashMap<TlsPolicy, Arc<ClientConfig>>>,
}

impl Identities {
    pub(super) async fn connect(
        &self,
        io: TcpStream,
        peer: &TlsPeer,
    ) -> Result<TlsStream<TcpStream>, ConnectError> {
        let config = self.config(&peer.policy)?;
        let bare = peer.name.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(bare).map_err(|_| ConnectError::Tls("no server name".into()))?;
        let connected = TlsConnector::from(config).connect(name, io).await;
        connected.map_err(|e| ConnectError::Tls(words(&e)))
    }

    fn config(&self, policy: &TlsPolicy) -> Result<Arc<ClientConfig>, ConnectError> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = configs.get(policy) {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(client(policy).map_err(|e| ConnectError::Tls(e.to_string()))?);
        configs.insert(policy.clone(), Arc::clone(&config));
        Ok(config)
    }
}

/// What a person can do something about, without the library's wrapping.
fn words(error: &io::Error) -> String {
    match error.get_ref().and_then(|e| e.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(CertificateError::NotValidForName))
        | Some(Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. })) => {
            "the server's certificate is for another name".into()
        }
        Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "the server's certificate comes from an unknown authority".into()
        }
        Some(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)) => {
            "the server's certificate is not the pinned one".into()
        }
        Some(other) => other.to_string(),
        None => error.to_string(),
    }
}

fn client(policy: &TlsPolicy) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions()?;
    Ok(match policy {
        TlsPolicy::System => builder.with_root_certificates(system_roots().clone()).with_no_client_auth(),
        TlsPolicy::Authority(pem) => {
            let mut roots = system_roots().clone();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|e| Error::General(format!("authority: {e}")))?;
                roots.add(certificate)?;
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        TlsPolicy::Pinned(fingerprint) => {
            let verifier = Pin { fingerprint: *fingerprint, provider };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
        }
    })
}

/// The authorities of this machine, read once: it costs milliseconds.
fn system_roots() -> &'static RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    ROOTS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots
    })
}

/// Trusts one certificate, whatever name and issuer it bears.
#[derive(Debug)]
struct Pin {
    fingerprint: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown: [u8; 32] = Sha256::digest(end_entity.as_ref()).into();
        match bool::from(shown.ct_eq(&self.fingerprint)) {
            true => Ok(ServerCertVerified::assertion()),
            false => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Our own identity for a listener.
pub(super) fn acceptor(identity: &TlsListen) -> io::Result<TlsAcceptor> {
    let bad =
        |e: &dyn std::fmt::Display| io::Error::new(io::ErrorKind::InvalidInput, format!("TLS identity: {e}"));
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&identity.certificate).collect();
    let chain = chain.map_err(|e| bad(&e))?;
    let key = PrivateKeyDer::from_pem_slice(&identity.key).map_err(|e| bad(&e))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|e| bad(&e))?;
    let config = builder.with_no_client_auth().with_single_cert(chain, key).map_err(|e| bad(&e))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

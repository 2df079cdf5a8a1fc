//! TLS of the embedded server: its certificate, and whose clients it takes.

use std::{io, path::Path, sync::Arc, time::Duration};

use rustls::{RootCertStore, ServerConfig, server::WebPkiClientVerifier};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::certs::{self, FileError, SelfSigned};

/// A peer that does not come to the end of its handshake is let go of.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How connections are protected.
#[derive(Clone)]
pub struct ServerTls {
    acceptor: TlsAcceptor,
}

/// What is in it is for nobody to see.
impl std::fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerTls").finish_non_exhaustive()
    }
}

/// Why a server cannot speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not what it should be.
    #[error(transparent)]
    File(#[from] FileError),
    /// rustls does not take what is in the files.
    #[error("cannot speak TLS with these files")]
    Refused(#[from] rustls::Error),
    /// No authority in the file is one that can be used.
    #[error("no authority for clients can be used")]
    Clients(#[from] rustls::server::VerifierBuilderError),
}

impl ServerTls {
    /// With a certificate and its key, both PEM files. Where `clients` is given, a file of authorities, only
    /// clients with a certificate of theirs are taken.
    pub fn from_files(certificate: &Path, key: &Path, clients: Option<&Path>) -> Result<Self, TlsError> {
        let (chain, key) = certs::identity(certificate, key)?;
        let builder = builder()?;
        let config = match clients {
            None => builder.with_no_client_auth(),
            Some(file) => {
                let mut roots = RootCertStore::empty();
                let _read_and_not = roots.add_parsable_certificates(certs::certificates(file)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider());
                builder.with_client_cert_verifier(verifier.build()?)
            }
        };
        Ok(Self::new(config.with_single_cert(chain, key)?))
    }

    /// With a certificate of its own making.
    pub fn self_signed(own: &SelfSigned) -> Result<Self, TlsError> {
        let config = builder()?.with_no_client_auth();
        Ok(Self::new(config.with_single_cert(vec![own.certificate.clone()], own.key.clone_key())?))
    }

    fn new(mut config: ServerConfig) -> Self {
        config.alpn_protocols = vec![b"h2".to_vec()];
        Self { acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    /// The handshake. How it failed is the peer's business.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        timeout(HANDSHAKE, self.acceptor.accept(stream)).await?
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn builder() -> Result<rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier>, rustls::Error> {
    ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()
}

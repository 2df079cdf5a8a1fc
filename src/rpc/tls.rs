//! TLS in our own connector: whom it trusts, who it says it is, and what it saw.
//!
//! One crypto provider (ring), TLS 1.2 and 1.3, ALPN `h2` and nothing else. Sessions are not resumed: every
//! connection shows its whole chain.

mod faults;
mod verifier;

use std::{
    env,
    error::Error as _,
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use rustls::{
    ClientConfig, RootCertStore, SignatureScheme,
    client::{ResolvesClientCert, Resumption},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName},
    sign::CertifiedKey,
};
use tokio::task::spawn_blocking;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Fault, fault::TlsFault, raw::Raw};
use crate::{
    certs::{self, Certificate, FileError},
    held::lock,
    text,
    wire::{Opening, Tap},
};
use verifier::Verifier;

/// Where the user names other authorities than the system's, as OpenSSL has it.
const CERT_FILE: &str = "SSL_CERT_FILE";
/// The one protocol that is spoken within (RFC 7301; RFC 9113, section 3.2).
const H2: &[u8] = b"h2";
/// Certificates of a peer's chain that are kept.
const MAX_CHAIN: usize = 10;

/// How TLS is spoken: whom to trust, who we are, and what the server is called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsSettings {
    /// Whose certificates are believed.
    pub trust: Trust,
    /// The client's certificate, for a server that asks for one.
    pub identity: Option<Arc<Identity>>,
    /// The name that the server's certificate is to have, and that is asked for by SNI; where there is none,
    /// the authority's, else the address'.
    pub server_name: Option<String>,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Trust {
    /// The system's authorities, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. They are read when the
    /// first connection needs them.
    #[default]
    System,
    /// These authorities, and these certificates themselves.
    Only(Authorities),
    /// Everybody's: the connection is encrypted, and nobody knows to whom.
    Anybody,
}

impl Trust {
    /// The authorities of a PEM file.
    pub fn from_file(path: &Path) -> Result<Self, FileError> {
        Ok(Self::Only(Authorities {
            certificates: certs::certificates(path)?.into(),
            file: Some(absolute(path)),
        }))
    }
}

/// Certificates that are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorities {
    certificates: Arc<[CertificateDer<'static>]>,
    file: Option<PathBuf>,
}

impl Authorities {
    /// The file that they were read from, if any: its name from the root.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

impl From<Vec<CertificateDer<'static>>> for Authorities {
    fn from(certificates: Vec<CertificateDer<'static>>) -> Self {
        Self { certificates: certificates.into(), file: None }
    }
}

/// A certificate with its chain, and its key.
#[derive(PartialEq, Eq)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    files: [PathBuf; 2],
}

impl Identity {
    /// Reads both from PEM files, which may be the same.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, FileError> {
        let files = [absolute(certificate), absolute(key)];
        let (chain, key) = certs::identity(certificate, key)?;
        Ok(Self { chain, key, files })
    }

    /// The files that certificate and key were read from: their names from the root.
    pub fn files(&self) -> [&Path; 2] {
        self.files.each_ref().map(PathBuf::as_path)
    }
}

/// A file's name from the root, which is its name in every folder.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The key is nobody's to see.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("chain", &self.chain.len()).finish_non_exhaustive()
    }
}

/// What is known of a connection's TLS. Names in it are foreign: sanitise them before showing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFacts {
    /// `TLS 1.3`.
    pub version: &'static str,
    /// The cipher suite by its name in the registry: `TLS_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The name that was asked for.
    pub server_name: String,
    /// Whether anybody vouches for the peer.
    pub verified: Verified,
    /// Whether a certificate of ours was asked for.
    pub client: ClientCertificate,
    /// The peer's certificates, its own first; at most 10, those that can be read.
    pub chain: Vec<Certificate>,
}

/// Whether anybody vouches for the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// An authority that is trusted does.
    Yes,
    /// Nobody was asked: `--insecure`.
    No,
}

/// What became of the client's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientCertificate {
    /// The server did not ask for one.
    NotAsked,
    /// It asked, and none was there to give.
    Withheld,
    /// It asked, and got one.
    Given,
}

/// `TLS 1.3, TLS_AES_256_GCM_SHA384, certificate of greeter.example until 2027-01-02 00:00 UTC`.
impl fmt::Display for TlsFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.version, self.cipher)?;
        if let Some(own) = self.chain.first() {
            let name = own.names.first().unwrap_or(&own.subject);
            write!(f, ", certificate of {} until {}", text::safe(name), own.not_after)?;
        }
        if self.verified == Verified::No { f.write_str(", NOT VERIFIED") } else { Ok(()) }
    }
}

/// Whether a server's certificate can be for this name: a host name, or an IP address.
pub fn is_server_name(name: &str) -> bool {
    ServerName::try_from(name).is_ok()
}

/// Makes the TLS of a channel's connections.
#[derive(Debug)]
pub(super) struct Connector {
    roots: Option<Arc<RootCertStore>>,
    pinned: Arc<[CertificateDer<'static>]>,
    identity: Option<Arc<CertifiedKey>>,
    name: ServerName<'static>,
}

impl Connector {
    /// Reads whom to trust. `host` is the server's name where the settings have none.
    pub(super) async fn prepare(settings: &TlsSettings, host: String) -> Result<Self, Fault> {
        let name = settings.server_name.clone().unwrap_or(host);
        let server_name = ServerName::try_from(name.clone()).map_err(|_| TlsFault::BadName(name))?;
        let identity = match settings.identity.clone() {
            Some(identity) => Some(Arc::new(certified(&identity)?)),
            None => None,
        };
        let (roots, pinned) = match &settings.trust {
            Trust::Anybody => (None, Arc::default()),
            Trust::Only(Authorities { certificates, .. }) => {
                (Some(store(certificates.iter().cloned())), Arc::clone(certificates))
            }
            Trust::System => {
                let read = spawn_blocking(system_roots).await;
                (Some(read.unwrap_or_else(|_| Err(TlsFault::NoAuthorities(String::new())))?), Arc::default())
            }
        };
        Ok(Self { roots: roots.map(Arc::new), pinned, identity, name: server_name })
    }

    /// The handshake, up to ALPN's answer.
    pub(super) async fn handshake(
        &self,
        raw: Raw,
        opening: Opening,
        handshake: &Arc<Handshake>,
    ) -> Result<TlsStream<Tap<Raw, Opening>>, Fault> {
        let config = self.config(handshake).map_err(|error| TlsFault::Other(error.to_string()))?;
        let connector = TlsConnector::from(Arc::new(config));
        let connecting = connector.connect(self.name.clone(), Tap::new(raw, opening.clone()));
        let stream = connecting.await.map_err(|error| {
            handshake.failed(&error);
            let heard = opening.first_words();
            handshake.fault(&heard).unwrap_or_else(|| handshake.fault_of_io(&error, &heard).into())
        })?;
        Ok(stream)
    }

    /// What is known of a handshake that came to its end.
    pub(super) fn facts(
        &self,
        stream: &TlsStream<Tap<Raw, Opening>>,
        handshake: &Handshake,
    ) -> Result<TlsFacts, Fault> {
        let (_, connection) = stream.get_ref();
        match connection.alpn_protocol() {
            Some(H2) => {}
            other => return Err(TlsFault::NoH2(other.map(|name| name.escape_ascii().to_string())).into()),
        }
        let version = match connection.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS 1.3",
        };
        let suite = connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
        Ok(TlsFacts {
            version,
            // The name in the registry has one word less than rustls' own.
            cipher: suite.unwrap_or_default().replace("TLS13_", "TLS_"),
            server_name: self.name.to_str().into_owned(),
            verified: if self.roots.is_some() { Verified::Yes } else { Verified::No },
            client: handshake.client(),
            chain: handshake.chain(),
        })
    }

    fn config(&self, handshake: &Arc<Handshake>) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier {
            roots: self.roots.clone(),
            pinned: Arc::clone(&self.pinned),
            algorithms: provider.signature_verification_algorithms,
            handshake: Arc::clone(handshake),
        };
        let client = Client { identity: self.identity.clone(), handshake: Arc::clone(handshake) };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_client_cert_resolver(Arc::new(client));
        config.alpn_protocols = vec![H2.to_vec()];
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

/// What is heard during a handshake and cannot be asked for afterwards, least of all when it failed.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    /// The peer's certificates as they came.
    chain: Mutex<Vec<CertificateDer<'static>>>,
    asked: AtomicBool,
    given: AtomicBool,
    /// The certificate was believed; what fails behind that is not its authority's doing.
    believed: AtomicBool,
    error: OnceLock<rustls::Error>,
}

impl Handshake {
    /// Keeps the first error of TLS itself.
    pub(super) fn failed(&self, error: &io::Error) {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(inner) = inner {
            let _kept_already = self.error.set(inner.clone());
        }
    }

    fn chain(&self) -> Vec<Certificate> {
        let chain = lock(&self.chain);
        chain.iter().filter_map(|der| Certificate::read(der)).collect()
    }

    fn saw(&self, own: &CertificateDer<'_>, others: &[CertificateDer<'_>]) {
        let all = std::iter::once(own).chain(others).take(MAX_CHAIN);
        let all = all.map(|der| der.clone().into_owned()).collect();
        *lock(&self.chain) = all;
    }

    fn believes(&self) {
        self.believed.store(true, Ordering::Relaxed);
    }

    fn trusts_chain(&self) -> bool {
        self.believed.load(Ordering::Relaxed)
    }

    fn client(&self) -> ClientCertificate {
        match (self.asked.load(Ordering::Relaxed), self.given.load(Ordering::Relaxed)) {
            (false, _) => ClientCertificate::NotAsked,
            (true, false) => ClientCertificate::Withheld,
            (true, true) => ClientCertificate::Given,
        }
    }
}

/// Gives the client's certificate, and notes that it was asked for.
#[derive(Debug)]
struct Client {
    identity: Option<Arc<CertifiedKey>>,
    handshake: Arc<Handshake>,
}

impl ResolvesClientCert for Client {
    fn resolve(&self, _authorities: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.handshake.asked.store(true, Ordering::Relaxed);
        let identity = self.identity.clone().filter(|own| own.key.choose_scheme(schemes).is_some())?;
        self.handshake.given.store(true, Ordering::Relaxed);
        Some(identity)
    }

    fn has_certs(&self) -> bool {
        // The server's question is to be heard, whether there is an answer to it or not.
        true
    }
}

fn certified(identity: &Identity) -> Result<CertifiedKey, TlsFault> {
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(identity.chain.clone(), identity.key.clone_key(), &provider)
        .map_err(|error| TlsFault::Other(error.to_string()))
}

fn store(authorities: impl IntoIterator<Item = CertificateDer<'static>>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    // Of many, some are always too old to be understood; the others do.
    let _read_and_not = store.add_parsable_certificates(authorities);
    store
}

fn system_roots() -> Result<RootCertStore, TlsFault> {
    // Whoever names a file that says nothing means another one.
    if let Some(file) = env::var_os(CERT_FILE).filter(|file| !file.is_empty())
        && let Err(error @ (FileError::Read { .. } | FileError::NoCertificate(_))) =
            certs::certificates(Path::new(&file))
    {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        return Err(TlsFault::NoAuthorities(format!("{CERT_FILE}: {error}{cause}")));
    }
    let found = rustls_native_certs::load_native_certs();
    let store = store(found.certs);
    if store.is_empty() {
        let why = found.errors.first().map(ToString::to_string).unwrap_or_default();
        return Err(TlsFault::NoAuthorities(text::safe(&why).into_owned()));
    }
    Ok(store)
}

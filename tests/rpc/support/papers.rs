//! Authorities, certificates and keys, made anew for each test.

use std::{path::PathBuf, sync::Arc};

use greeter::rpc::{Identity, TlsSettings, Trust};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};

/// An authority that signs what it is given.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) certificate: CertificateDer<'static>,
}

/// A certificate and its key.
pub(crate) struct Paper {
    pub(crate) certificate: CertificateDer<'static>,
    key: KeyPair,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("Test Authority")
    }

    pub(crate) fn named(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// Signs for these names, for a time that is now.
    pub(crate) fn sign(&self, names: &[&str]) -> Paper {
        self.sign_for(names, (2020, 2090))
    }

    pub(crate) fn sign_for(&self, names: &[&str], (from, until): (i32, i32)) -> Paper {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        Paper { certificate, key }
    }

    /// Makes another authority, which this one vouches for so long.
    pub(crate) fn sign_authority(&self, name: &str, (from, until): (i32, i32)) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.not_before = rcgen::date_time_ymd(from, 1, 1);
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// A server for these names, vouched for by an authority that this one vouches for so long.
    pub(crate) fn sign_through(&self, name: &str, years: (i32, i32), names: &[&str]) -> ServerConfig {
        let between = self.sign_authority(name, years);
        between.sign(names).server_with(vec![between.certificate])
    }

    /// TLS that trusts this authority alone.
    pub(crate) fn trusted(&self) -> TlsSettings {
        trusting(&self.certificate)
    }
}

/// TLS that trusts this certificate alone.
pub(crate) fn trusting(certificate: &CertificateDer<'static>) -> TlsSettings {
    TlsSettings { trust: Trust::Only(vec![certificate.clone()].into()), ..TlsSettings::default() }
}

/// A certificate as `openssl req -x509` makes it: signed by itself, and that of an authority.
pub(crate) fn self_signed(names: &[&str]) -> Paper {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    Paper { certificate: params.self_signed(&key).unwrap().der().clone(), key }
}

impl Paper {
    fn key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }

    /// A server with this certificate, that speaks these protocols.
    pub(crate) fn server(&self, alpn: &[&str]) -> ServerConfig {
        let config = builder(rustls::ALL_VERSIONS)
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone()], self.key());
        with_alpn(config.unwrap(), alpn)
    }

    /// A server with this certificate and those that vouch for it.
    pub(crate) fn server_with(&self, above: Vec<CertificateDer<'static>>) -> ServerConfig {
        let chain = std::iter::once(self.certificate.clone()).chain(above).collect();
        let config = builder(rustls::ALL_VERSIONS).with_no_client_auth();
        with_alpn(config.with_single_cert(chain, self.key()).unwrap(), &["h2"])
    }

    /// A server with this certificate, of one version, that wants a certificate of its clients.
    pub(crate) fn server_for(
        &self,
        clients: &Authority,
        version: &'static SupportedProtocolVersion,
    ) -> ServerConfig {
        let mut roots = RootCertStore::empty();
        roots.add(clients.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        let config = builder(&[version]).with_client_cert_verifier(verifier);
        with_alpn(config.with_single_cert(vec![self.certificate.clone()], self.key()).unwrap(), &["h2"])
    }

    /// This certificate and its key as files, which live as long as the directory.
    pub(crate) fn files(&self) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let (certificate, key) = (directory.path().join("cert.pem"), directory.path().join("key.pem"));
        std::fs::write(&certificate, greeter::certs::pem("CERTIFICATE", &self.certificate)).unwrap();
        std::fs::write(&key, greeter::certs::pem("PRIVATE KEY", &self.key.serialize_der())).unwrap();
        (directory, certificate, key)
    }

    /// This certificate as a client's.
    pub(crate) fn identity(&self) -> Arc<Identity> {
        let (_directory, certificate, key) = self.files();
        Arc::new(Identity::from_files(&certificate, &key).unwrap())
    }
}

fn builder(
    versions: &[&'static SupportedProtocolVersion],
) -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap()
}

fn with_alpn(mut config: ServerConfig, alpn: &[&str]) -> ServerConfig {
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    config
}

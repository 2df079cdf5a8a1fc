//! Whether a server's certificate is to be believed. rustls' own checks, with three things beside them: the
//! chain is kept for showing also where it is refused; a certificate that the user named is believed
//! itself, whatever its extensions say (`openssl req -x509` makes such ones); and nobody is asked where the
//! user wishes so.

use std::sync::Arc;

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::Handshake;
use crate::certs::{Certificate, Moment};

#[derive(Debug)]
pub(super) struct Verifier {
    /// `None` believes everybody.
    pub(super) roots: Option<Arc<RootCertStore>>,
    /// Certificates that are believed themselves.
    pub(super) pinned: Arc<[CertificateDer<'static>]>,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
    pub(super) handshake: Arc<Handshake>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.handshake.saw(own, others);
        let Some(roots) = &self.roots else {
            self.handshake.believes();
            return Ok(ServerCertVerified::assertion());
        };
        let parsed = ParsedCertificate::try_from(own)?;
        if self.pinned.iter().any(|pinned| pinned == own) {
            holds(own, now)?;
        } else {
            let algorithms = self.algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, roots, others, now, algorithms)?;
        }
        verify_server_name(&parsed, name)?;
        self.handshake.believes();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Whether a certificate that is believed itself holds now.
fn holds(own: &CertificateDer<'_>, time: UnixTime) -> Result<(), Error> {
    let (not_before, not_after) = Certificate::validity(own).ok_or(CertificateError::BadEncoding)?;
    let now = Moment(i64::try_from(time.as_secs()).unwrap_or(i64::MAX));
    if now < not_before {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > not_after {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}

//! From rustls' errors to what is wrong, as far as a user can do something about it.

use std::io;

use rustls::{AlertDescription, CertificateError, Error};

use super::{ClientCertificate, Handshake};
use crate::{
    certs::{Certificate, Moment},
    rpc::{
        Fault,
        fault::{Spoken, TlsFault},
        words,
    },
    wire::FirstWords,
};

impl Handshake {
    /// What the error of TLS means, if there was one. `heard` is what the peer said first, beneath TLS.
    pub(in crate::rpc) fn fault(&self, heard: &FirstWords) -> Option<Fault> {
        if let Some(spoken) = Spoken::of(heard) {
            return Some(TlsFault::NotTls(spoken).into());
        }
        Some(match self.error.get()? {
            Error::InvalidCertificate(error) => self.of_certificate(error).into(),
            Error::AlertReceived(alert) => self.of_alert(*alert).into(),
            Error::InvalidMessage(_) => TlsFault::NotTls(Spoken::Unknown(Vec::new())).into(),
            Error::PeerIncompatible(why) => TlsFault::Incompatible(format!("{why:?}")).into(),
            Error::NoApplicationProtocol => TlsFault::NoH2(None).into(),
            other => TlsFault::Other(other.to_string()).into(),
        })
    }

    /// What it means that the connection ended when the handshake had come to its end here. Of a client's
    /// certificate TLS 1.3 says nothing before.
    pub(in crate::rpc) fn fault_behind(&self, fault: Fault) -> Fault {
        let closed = matches!(fault, Fault::Broke(_) | Fault::ClosedSilently);
        match (self.fault(&FirstWords::Nothing), self.client()) {
            (Some(told), _) => told,
            (None, ClientCertificate::Withheld) if closed => TlsFault::ClientWanted.into(),
            (None, ClientCertificate::Given) if closed => {
                TlsFault::ClientRefused("it closed the connection".to_owned()).into()
            }
            _ => fault,
        }
    }

    fn of_certificate(&self, error: &CertificateError) -> TlsFault {
        use CertificateError as E;
        let own = self.chain().into_iter().next();
        match error {
            E::UnknownIssuer => TlsFault::UnknownAuthority(Box::new(own)),
            E::Expired | E::ExpiredContext { .. } => {
                TlsFault::Expired { on: own.map(|own| own.not_after), now: Moment::now() }
            }
            E::NotValidYet | E::NotValidYetContext { .. } => {
                TlsFault::NotYet { from: own.map(|own| own.not_before), now: Moment::now() }
            }
            E::NotValidForName => wrong_name(String::new(), own),
            E::NotValidForNameContext { expected, .. } => wrong_name(expected.to_str().into_owned(), own),
            E::Revoked => TlsFault::Certificate("it was revoked".to_owned()),
            E::BadEncoding => TlsFault::Certificate("it cannot be read".to_owned()),
            E::BadSignature => TlsFault::OtherAuthority(own.map(|own| own.issuer).unwrap_or_default()),
            E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
                TlsFault::Certificate("it is not for servers".to_owned())
            }
            // It is an authority's own, and none that is trusted.
            E::Other(_) if own.as_ref().is_some_and(|own| own.is_self_issued) => {
                TlsFault::UnknownAuthority(Box::new(own))
            }
            other => TlsFault::Certificate(other.to_string()),
        }
    }

    fn of_alert(&self, alert: AlertDescription) -> TlsFault {
        use AlertDescription as A;
        match (alert, self.client()) {
            (A::NoApplicationProtocol, _) => TlsFault::NoH2(None),
            (A::UnrecognisedName, _) => TlsFault::UnknownName,
            (A::ProtocolVersion | A::InsufficientSecurity, _) => TlsFault::Incompatible(name(alert)),
            (A::CertificateRequired, _) => TlsFault::ClientWanted,
            // TLS 1.2 has no alert of its own for it.
            (A::HandshakeFailure | A::BadCertificate | A::NoCertificate, ClientCertificate::Withheld) => {
                TlsFault::ClientWanted
            }
            (
                A::BadCertificate
                | A::UnsupportedCertificate
                | A::CertificateRevoked
                | A::CertificateExpired
                | A::CertificateUnknown
                | A::UnknownCA
                | A::AccessDenied
                | A::DecryptError,
                ClientCertificate::Given,
            ) => TlsFault::ClientRefused(name(alert)),
            _ => TlsFault::Alert(name(alert)),
        }
    }
}

impl TlsFault {
    /// The connection broke under the handshake.
    pub(super) fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                Self::Closed
            }
            _ => Self::Other(words::of_io(error)),
        }
    }
}

fn wrong_name(wanted: String, own: Option<Certificate>) -> TlsFault {
    TlsFault::WrongName { wanted, names: own.map(|own| own.names).unwrap_or_default() }
}

/// An alert as its registry spells it (RFC 8446, section 6): `handshake_failure`.
fn name(alert: AlertDescription) -> String {
    let mut name = String::new();
    for c in format!("{alert:?}").replace("CA", "Ca").chars() {
        if c.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}

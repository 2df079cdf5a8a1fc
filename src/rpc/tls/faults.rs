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
            // What cannot be read and began as TLS was TLS, or what is left of it.
            other @ Error::InvalidMessage(_) if *heard == FirstWords::Tls => {
                TlsFault::Other(other.to_string()).into()
            }
            Error::InvalidMessage(_) => TlsFault::NotTls(Spoken::Unknown(Vec::new())).into(),
            Error::PeerIncompatible(why) => TlsFault::Incompatible(format!("{why:?}")).into(),
            Error::NoApplicationProtocol => TlsFault::NoH2(None).into(),
            other => TlsFault::Other(other.to_string()).into(),
        })
    }

    /// What it means that the connection ended when the handshake had come to its end here. Of a client's
    /// certificate TLS 1.3 says nothing before.
    pub(in crate::rpc) fn fault_behind(&self, fault: Fault) -> Fault {
        if let Some(told) = self.fault(&FirstWords::Nothing) {
            return told;
        }
        match (&fault, self.of_closing()) {
            (Fault::Broke(_) | Fault::ClosedSilently, Some(told)) => told.into(),
            // What a server does that waits for TLS is no riddle within it.
            (Fault::ClosedSilently, None) => Fault::Broke(fault.to_string()),
            _ => fault,
        }
    }

    /// The connection broke under the handshake. `heard` is what the peer said first, beneath TLS.
    pub(super) fn fault_of_io(&self, error: &io::Error, heard: &FirstWords) -> TlsFault {
        match (TlsFault::of_io(error), heard) {
            // Its alert may have been lost on the way.
            (TlsFault::Closed, FirstWords::Tls) => self.of_closing().unwrap_or(TlsFault::BrokenOff),
            (TlsFault::Closed, _) => self.of_closing().unwrap_or(TlsFault::Closed),
            (other, _) => other,
        }
    }

    /// What it means that the server closes the connection, where it had asked who we are.
    fn of_closing(&self) -> Option<TlsFault> {
        match self.client() {
            ClientCertificate::NotAsked => None,
            ClientCertificate::Withheld => Some(TlsFault::ClientWanted),
            ClientCertificate::Given => Some(TlsFault::ClientRefused("it closed the connection".to_owned())),
        }
    }

    fn of_certificate(&self, error: &CertificateError) -> TlsFault {
        use CertificateError as E;
        let now = Moment::now();
        let (own, others) = match self.chain().as_slice() {
            [own, others @ ..] => (Some(own.clone()), others.to_vec()),
            [] => (None, Vec::new()),
        };
        match error {
            E::UnknownIssuer => TlsFault::UnknownAuthority(Box::new(own)),
            E::Expired | E::ExpiredContext { .. } => {
                match others.into_iter().find(|other| other.not_after < now) {
                    Some(above) if own.as_ref().is_some_and(|own| own.not_after >= now) => {
                        let (subject, on) = (above.subject, above.not_after);
                        TlsFault::Chain(format!("that of {subject} above it expired on {on}"))
                    }
                    _ => TlsFault::Expired { on: own.map(|own| own.not_after), now },
                }
            }
            E::NotValidYet | E::NotValidYetContext { .. } => {
                TlsFault::NotYet { from: own.map(|own| own.not_before), now }
            }
            E::NotValidForName => wrong_name(String::new(), own),
            E::NotValidForNameContext { expected, .. } => wrong_name(expected.to_str().into_owned(), own),
            E::Revoked => TlsFault::Certificate("it was revoked".to_owned()),
            E::BadEncoding => TlsFault::Certificate("it cannot be read".to_owned()),
            E::BadSignature if self.trusts_chain() => TlsFault::Certificate(
                "its key did not sign the handshake, or is too weak to be accepted".to_owned(),
            ),
            E::BadSignature => TlsFault::OtherAuthority(own.map(|own| own.issuer).unwrap_or_default()),
            E::InvalidPurpose | E::InvalidPurposeContext { .. } => {
                TlsFault::Certificate("it is not for servers".to_owned())
            }
            // It is an authority's own, and none that is trusted.
            E::Other(_) if own.as_ref().is_some_and(|own| own.is_self_issued) => {
                TlsFault::UnknownAuthority(Box::new(own))
            }
            E::Other(inner) => of_webpki(&inner.to_string()),
            other => TlsFault::Certificate(other.to_string()),
        }
    }

    fn of_alert(&self, alert: AlertDescription) -> TlsFault {
        use AlertDescription as A;
        match (alert, self.client()) {
            (A::NoApplicationProtocol, _) => TlsFault::NoH2(None),
            (A::UnrecognisedName, _) => TlsFault::UnknownName,
            (A::ProtocolVersion | A::InsufficientSecurity, _)
            | (A::HandshakeFailure, ClientCertificate::NotAsked) => TlsFault::Incompatible(name(alert)),
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

/// What rustls has no word of its own for is told by the name of webpki's error.
fn of_webpki(name: &str) -> TlsFault {
    match name {
        "MaximumPathDepthExceeded" => TlsFault::Chain("it is too long".to_owned()),
        "PathLenConstraintViolated" => {
            TlsFault::Chain("it is longer than one of its authorities allows".to_owned())
        }
        "UnsupportedCertVersion" => {
            TlsFault::Certificate("it is not of X.509's version 3, which has the server's names".to_owned())
        }
        other => TlsFault::Certificate(spaced(other, ' ')),
    }
}

fn wrong_name(wanted: String, own: Option<Certificate>) -> TlsFault {
    TlsFault::WrongName { wanted, names: own.map(|own| own.names).unwrap_or_default() }
}

/// An alert as its registry spells it (RFC 8446, section 6): `handshake_failure`.
fn name(alert: AlertDescription) -> String {
    spaced(&format!("{alert:?}").replace("CA", "Ca"), '_')
}

/// `SuchAName` with something between its words, which begin small.
fn spaced(name: &str, between: char) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(between);
        }
        words.extend(c.to_lowercase());
    }
    words
}

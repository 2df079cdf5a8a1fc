//! A certificate that vouches for itself, for the names of this machine: so that TLS can be looked at with
//! nothing prepared.

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{Moment, fingerprint, pem};

/// How long it holds, in days. It begins a day ago, for clocks that are behind.
const DAYS: i64 = 365;

/// A certificate and its key, which is kept nowhere else.
#[derive(Debug)]
pub struct SelfSigned {
    /// The certificate.
    pub certificate: CertificateDer<'static>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

impl SelfSigned {
    /// Makes one for `localhost`, `127.0.0.1`, `::1` and such other names or addresses. The error is the random
    /// number generator's, or a name that can be in no certificate.
    pub fn for_loopback(others: impl IntoIterator<Item = String>) -> Result<Self, rcgen::Error> {
        let mut names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        names.extend(others);
        names.sort();
        names.dedup();
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "greeter, self-signed");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let midnight = |moment: Moment| {
            let (year, month, day) = moment.date();
            rcgen::date_time_ymd(i32::try_from(year).unwrap_or(i32::MAX), month, day)
        };
        let now = Moment::now();
        params.not_before = midnight(now.plus_days(-1));
        params.not_after = midnight(now.plus_days(DAYS));
        let key = KeyPair::generate()?;
        let certificate = params.self_signed(&key)?.der().clone();
        Ok(Self { certificate, key: PrivatePkcs8KeyDer::from(key.serialize_der()).into() })
    }

    /// The certificate as a PEM file.
    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    /// The certificate's SHA-256.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.certificate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certs::Certificate;

    #[test]
    fn it_is_for_this_machine_and_holds_now_and_for_a_year() {
        let made = SelfSigned::for_loopback(["10.0.0.7".to_owned(), "localhost".to_owned()]).unwrap();
        let certificate = Certificate::read(&made.certificate).unwrap();
        let mut names = certificate.names;
        names.sort();
        assert_eq!(names, ["10.0.0.7", "127.0.0.1", "::1", "localhost"]);
        let now = Moment::now();
        assert!(certificate.not_before < now && now.plus_days(300) < certificate.not_after);
        assert_eq!(certificate.fingerprint, made.fingerprint());
    }
}

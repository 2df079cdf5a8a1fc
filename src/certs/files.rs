//! PEM files of certificates and keys (RFC 7468), and the other way.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject};
use thiserror::Error;

/// A file of certificates is not larger: all authorities that systems know fit in a quarter of a MiB.
const MAX_FILE: u64 = 8 << 20;

/// Why a file gives no certificate or key: one sentence, which says what to do where that is known.
#[derive(Debug, Error)]
pub enum FileError {
    /// The system does not give it.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It is no file of certificates.
    #[error("{0} is larger than a file of certificates can be (8 MiB)")]
    TooLarge(String),
    /// It has a section that is broken.
    #[error("{path} is no sound PEM file: {how}")]
    Broken {
        /// The file.
        path: String,
        /// What is wrong with it.
        how: String,
    },
    /// It has no certificate.
    #[error("{0} has no certificate: a PEM file with BEGIN CERTIFICATE is needed")]
    NoCertificate(String),
    /// It has no key.
    #[error("{0} has no private key: a PEM file with BEGIN PRIVATE KEY is needed")]
    NoKey(String),
    /// Its key needs a password.
    #[error(
        "the key in {0} is encrypted: `openssl pkey -in {0} -out plain.pem` writes it without a password"
    )]
    Encrypted(String),
    /// The certificate is of a version that TLS libraries of today do not take.
    #[error(
        "{0} is a certificate of X.509 version 1, and version 3 is needed: `openssl x509 -req` makes one where it is \
         given extensions (-extfile)"
    )]
    OldVersion(String),
    /// The key is not the certificate's, or of a kind that cannot be used.
    #[error("{key} does not go with {certificate}: {how}")]
    Mismatch {
        /// The file of the certificate.
        certificate: String,
        /// The file of the key.
        key: String,
        /// What is wrong with them.
        how: String,
    },
}

/// The certificates of a file, in its order: one at least.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, FileError> {
    let text = read(path)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let all = all.map_err(|error| broken(path, &error))?;
    if all.is_empty() { Err(FileError::NoCertificate(shown(path))) } else { Ok(all) }
}

/// The first private key of a file.
pub fn key(path: &Path) -> Result<PrivateKeyDer<'static>, FileError> {
    let text = read(path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
        pem::Error::NoItemsFound if is_encrypted(&text) => FileError::Encrypted(shown(path)),
        pem::Error::NoItemsFound => FileError::NoKey(shown(path)),
        error => broken(path, &error),
    })
}

/// A certificate with its chain, and the key that goes with it. Both may stand in one file.
pub fn identity(
    certificate: &Path,
    key: &Path,
) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), FileError> {
    let (chain, secret) = (certificates(certificate)?, self::key(key)?);
    let provider = rustls::crypto::ring::default_provider();
    match rustls::sign::CertifiedKey::from_der(chain.clone(), secret.clone_key(), &provider) {
        Ok(_) => Ok((chain, secret)),
        // It is told in these words alone, and read before it is held against its key.
        Err(error) if error.to_string().contains("UnsupportedCertVersion") => {
            Err(FileError::OldVersion(shown(certificate)))
        }
        Err(error) => Err(FileError::Mismatch {
            certificate: shown(certificate),
            key: shown(key),
            how: match error {
                rustls::Error::InconsistentKeys(_) => "it is the key of another certificate".to_owned(),
                other => other.to_string(),
            },
        }),
    }
}

/// A section of a PEM file: `CERTIFICATE`, and its bytes.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|byte| char::from(*byte)));
        pem.push('\n');
    }
    pem + "-----END " + label + "-----\n"
}

fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let failed = |source| FileError::Read { path: shown(path), source };
    let mut text = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_FILE + 1).read_to_end(&mut text).map_err(failed)?;
    if text.len() as u64 > MAX_FILE { Err(FileError::TooLarge(shown(path))) } else { Ok(text) }
}

/// PKCS #8 says it in the label, the older forms in a header (RFC 1421).
fn is_encrypted(text: &[u8]) -> bool {
    [&b"BEGIN ENCRYPTED PRIVATE KEY"[..], b"Proc-Type: 4,ENCRYPTED"]
        .iter()
        .any(|mark| text.windows(mark.len()).any(|window| window == *mark))
}

fn broken(path: &Path, error: &pem::Error) -> FileError {
    FileError::Broken { path: shown(path), how: error.to_string() }
}

fn shown(path: &Path) -> String {
    crate::text::safe(&path.display().to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    fn made() -> (String, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (pem("CERTIFICATE", certificate.der()), pem("PRIVATE KEY", &key.serialize_der()))
    }

    #[test]
    fn a_certificate_and_its_key_are_read_back_from_one_file_or_two() {
        let (certificate, key) = made();
        let both = file(&format!("# a comment\n{certificate}{key}"));
        assert_eq!(identity(both.path(), both.path()).unwrap().0.len(), 1);
        assert!(identity(file(&certificate).path(), file(&key).path()).is_ok());
    }

    #[test]
    fn a_file_that_does_not_do_says_why() {
        let (certificate, secret) = made();
        let said = |found: Result<(), FileError>, path: &Path| {
            found.unwrap_err().to_string().replace(&path.display().to_string(), "FILE")
        };
        let keyless = file(&certificate);
        assert_eq!(
            said(key(keyless.path()).map(drop), keyless.path()),
            "FILE has no private key: a PEM file with BEGIN PRIVATE KEY is needed"
        );
        let keys = file(&secret);
        assert_eq!(
            said(certificates(keys.path()).map(drop), keys.path()),
            "FILE has no certificate: a PEM file with BEGIN CERTIFICATE is needed"
        );
        let locked = file(&secret.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
        assert!(
            said(key(locked.path()).map(drop), locked.path()).starts_with("the key in FILE is encrypted")
        );
        let cut = file(&certificate[..certificate.len() - 40]);
        assert!(
            said(certificates(cut.path()).map(drop), cut.path()).starts_with("FILE is no sound PEM file")
        );
        let other = file(&made().1);
        let wrong = identity(keyless.path(), other.path()).unwrap_err().to_string();
        assert!(wrong.ends_with("it is the key of another certificate"), "{wrong}");
        assert!(matches!(key(Path::new("/nowhere/key.pem")), Err(FileError::Read { .. })));
        assert!(matches!(certificates(Path::new("/dev/zero")), Err(FileError::TooLarge(_))));
    }
}

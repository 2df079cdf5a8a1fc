//! `serve` in TLS: the user's files read, or a certificate made and put where clients can read it.

use std::{
    env, fs,
    io::{self, Write},
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use super::talk;
use crate::{certs::SelfSigned, cli::Protection, commands::Failure, server::ServerTls};

/// The server's TLS, and what must be there as long as it serves.
pub(super) struct Tls {
    pub(super) server: ServerTls,
    made: Option<Made>,
}

/// A certificate that was made, in a file of its own. The key is in no file.
struct Made {
    file: PathBuf,
    fingerprint: String,
}

impl Drop for Made {
    fn drop(&mut self) {
        // The directory is one for things that are left lying.
        let _ = fs::remove_file(&self.file);
    }
}

#[derive(Debug, thiserror::Error)]
#[error("cannot write the certificate to {file}")]
struct NotWritten {
    file: String,
    source: io::Error,
}

/// Reads or makes what a server at this address needs; nothing for plaintext.
pub(super) fn prepare(protection: &Protection, address: SocketAddr) -> Result<Option<Tls>, Failure> {
    match protection {
        Protection::Plaintext => Ok(None),
        Protection::Files { certificate, key, clients } => {
            let server = ServerTls::from_files(certificate, key, clients.as_deref());
            Ok(Some(Tls { server: server.map_err(Failure::usage)?, made: None }))
        }
        Protection::SelfSigned => {
            let own = SelfSigned::for_loopback(named(address.ip())).map_err(Failure::undone)?;
            let server = ServerTls::self_signed(&own).map_err(Failure::undone)?;
            let file = write(&own).map_err(Failure::undone)?;
            let made = Some(Made { file, fingerprint: own.fingerprint() });
            Ok(Some(Tls { server, made }))
        }
    }
}

/// The address itself, where it is one that clients can write.
fn named(ip: IpAddr) -> Option<String> {
    (!ip.is_unspecified()).then(|| ip.to_string())
}

/// A new file for each certificate; its name is the fingerprint's beginning.
fn write(own: &SelfSigned) -> Result<PathBuf, NotWritten> {
    let short: String = own.fingerprint().chars().filter(|c| *c != ':').take(16).collect();
    let path = env::temp_dir().join(format!("greeter-{}.pem", short.to_lowercase()));
    let written = fs::File::create_new(&path).and_then(|mut file| file.write_all(own.pem().as_bytes()));
    match written {
        Ok(()) => Ok(path),
        Err(source) => Err(NotWritten { file: path.display().to_string(), source }),
    }
}

impl Tls {
    /// Says where the certificate is that was made, and how a client uses it.
    pub(super) fn announce(&self, address: SocketAddr) {
        let Some(Made { file, fingerprint }) = &self.made else { return };
        let file = file.display();
        talk(&format!("certificate {file}"));
        talk(&format!("SHA-256 {fingerprint}"));
        let host = if address.ip().is_unspecified() {
            SocketAddr::new(IpAddr::from([127, 0, 0, 1]), address.port())
        } else {
            address
        };
        talk(&format!("try `greeter connect --cacert {file} {host}`"));
    }
}

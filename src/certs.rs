//! Certificates and keys: read from PEM files, and told in words. Both sides of a connection need them,
//! the client's and the embedded server's, so they stand on the ground.

mod facts;
mod files;
mod moment;
mod self_signed;

pub use facts::{Certificate, fingerprint};
pub use files::{FileError, certificates, identity, key, pem};
pub use moment::Moment;
pub use self_signed::SelfSigned;

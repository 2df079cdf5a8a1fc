//! Where a connection leads.

use std::{fmt, net::SocketAddr};

use super::target::Socket;

/// Where a connection leads, the address in use. `Display` is as addresses are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// An IP address and a port.
    Ip(SocketAddr),
    /// A socket of this machine.
    Socket(Socket),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Socket(socket) => socket.fmt(f),
        }
    }
}

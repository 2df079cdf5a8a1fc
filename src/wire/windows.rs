//! Flow control as it stands, for a connection and for each stream (RFC 9113, section 5.2).

/// Both directions, said from the user's side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// What you may still send.
    pub you_may_send: Window,
    /// What the server may still send you.
    pub server_may_send: Window,
}

/// What one side may still send, in bytes of DATA with its padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Now. Below 0 where SETTINGS took back what was allowed.
    pub left: i64,
    /// The most that it ever was.
    pub most: i64,
}

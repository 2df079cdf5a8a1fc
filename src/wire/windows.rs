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

/// Every window's size at first (RFC 9113, section 6.9.2).
pub const DEFAULT_WINDOW: u32 = 65_535;

/// What was given and used of a window beside what it began with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Balance {
    granted: i64,
    highest: i64,
}

impl Balance {
    pub(super) fn spend(&mut self, bytes: i64) {
        self.granted -= bytes;
    }

    pub(super) fn grant(&mut self, bytes: u32) {
        self.granted += i64::from(bytes);
        self.highest = self.highest.max(self.granted);
    }

    /// The window, if it began with `initial`. SETTINGS change that for open streams, too.
    pub(super) fn window(self, initial: u32) -> Window {
        let initial = i64::from(initial);
        Window { left: initial + self.granted, most: initial + self.highest }
    }
}

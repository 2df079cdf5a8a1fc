//! Which metadata is secret, and what is shown in its place.

/// What stands for a secret.
pub const MASK: &str = "••••";

/// Whether secrets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Secrets {
    /// [`MASK`] stands for them.
    #[default]
    Masked,
    /// They were asked for.
    Shown,
}

impl Secrets {
    /// The other way.
    #[must_use]
    pub fn toggled(self) -> Self {
        match self {
            Self::Masked => Self::Shown,
            Self::Shown => Self::Masked,
        }
    }
}

/// Keys whose values are secrets.
const SECRET: [&str; 6] =
    ["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key", "x-goog-api-key"];

/// Whether the value of metadata with this key, in lower case, is not to be shown.
pub fn is_secret(key: &str) -> bool {
    SECRET.contains(&key)
}

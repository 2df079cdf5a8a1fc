//! Which metadata is secret, and what is shown in its place.

/// What stands for a secret.
pub const MASK: &str = "••••";

/// Keys whose values are secrets.
const SECRET: [&str; 6] =
    ["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key", "x-goog-api-key"];

/// Whether the value of metadata with this key, in lower case, is not to be shown.
pub fn is_secret(key: &str) -> bool {
    SECRET.contains(&key)
}

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

/// Words that make a key's value a secret wherever they stand in it: `proxy-authorization`, `set-cookie`.
const SECRET: [&str; 21] = [
    "auth",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "credentials",
    "jwt",
    "passwd",
    "password",
    "pwd",
    "session",
    "sid",
    "signature",
    "secret",
    "accesskey",
    "apikey",
    "dpop",
    "pass",
    "passphrase",
    "sessionid",
];
/// What a key is for where it is a secret: `x-api-key`, but not `idempotency-key`.
const OF_A_SECRET_KEY: [&str; 4] = ["access", "api", "auth", "private"];

/// Whether the value of metadata with this key, in lower case, is not to be shown. Keys are not standardised:
/// the words in them tell. What is masked without need can be asked for.
pub fn is_secret(key: &str) -> bool {
    let mut words: Vec<&str> = key.split(['-', '_', '.']).collect();
    if words.iter().any(|word| SECRET.contains(word)) {
        return true;
    }
    words.pop_if(|word| *word == "bin");
    match words[..] {
        // The place in a list (AIP-158).
        [.., "page", "token"] => false,
        [.., "token"] => true,
        [.., whose, "key"] => OF_A_SECRET_KEY.contains(&whose),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn a_key_is_known_by_its_words() {
        for key in [
            "authorization",
            "authorization-bin",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "x-api-key",
            "x-goog-api-key",
            "accesskey",
            "apikey",
            "dpop",
            "pass",
            "x-auth-token",
            "x-auth-token-bin",
            "x_access_token",
            "private-token",
            "token",
            "x-client-secret",
            "db.password",
            "x-auth",
            "bearer",
            "x-session-id",
            "x-hub-signature",
        ] {
            assert!(is_secret(key), "{key}");
        }
        for key in
            ["trace", "bin", "", "idempotency-key", "next-page-token", "x-tokens-left", "authority", "x-key"]
        {
            assert!(!is_secret(key), "{key}");
        }
    }
}

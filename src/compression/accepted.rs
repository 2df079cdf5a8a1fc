//! Which encodings a peer says that it takes.

use std::fmt;

use http::HeaderMap;

use super::{Encoding, IDENTITY};
use crate::text;

/// Where a peer says so.
const ACCEPT_ENCODING: &str = "grpc-accept-encoding";
/// The most names that are kept.
const MAX_NAMES: usize = 16;
/// The most bytes of a name.
const MAX_NAME: usize = 32;

/// The encodings that a peer takes, `identity` apart, which is none. `Display` says them in words, safe for a
/// terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted(Vec<String>);

impl Accepted {
    /// What headers or trailers say of it, where they do.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut names = Vec::new();
        let mut is_told = false;
        for list in headers.get_all(ACCEPT_ENCODING) {
            is_told = true;
            let list = String::from_utf8_lossy(list.as_bytes());
            let listed = list.split(',').map(str::trim).filter(|name| !matches!(*name, "" | IDENTITY));
            let room = MAX_NAMES - names.len();
            names.extend(listed.take(room).map(|name| text::Safe::cut(name, MAX_NAME).as_str().to_owned()));
        }
        is_told.then_some(Self(names))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an encoding is one of them.
    pub fn has(&self, encoding: Encoding) -> bool {
        self.0.iter().any(|name| name == encoding.name())
    }
}

/// `gzip, deflate`, or `no compression`.
impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("no compression") } else { f.write_str(&self.0.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(values: &[&str]) -> Option<Accepted> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT_ENCODING, value.parse().unwrap());
        }
        Accepted::of(&headers)
    }

    #[test]
    fn a_list_is_told_however_it_is_written() {
        for values in
            [&["identity,deflate,gzip"][..], &[" deflate , gzip,"], &["deflate", "identity", "gzip"]]
        {
            let accepted = accepted(values).unwrap();
            assert_eq!(accepted.to_string(), "deflate, gzip");
            assert!(accepted.has(Encoding::Gzip) && !accepted.has(Encoding::Zstd));
        }
        assert_eq!(accepted(&["identity"]).unwrap().to_string(), "no compression");
        assert_eq!(accepted(&[""]).unwrap().to_string(), "no compression");
        assert_eq!(accepted(&[]), None);
    }

    #[test]
    fn what_a_peer_lists_is_bounded() {
        let names = vec!["x".repeat(1_000); 1_000].join(",");
        let shown = accepted(&[&names, &names]).unwrap().to_string();
        assert!(shown.len() < MAX_NAMES * (MAX_NAME + 8), "{}", shown.len());
    }
}

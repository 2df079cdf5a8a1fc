//! Metadata as people write it, `key: value`, and as it may be seen.
//!
//! "gRPC over HTTP/2" says what a key and a value are (Custom-Metadata): a key in `-bin` has any bytes for its
//! value, written in base64, and any other key visible ASCII.

use std::borrow::Cow;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use http::{HeaderName, HeaderValue};
use thiserror::Error;

use super::words;
use crate::text::{self, Secrets};

/// What is kept for the protocol itself, and what HTTP/2 forbids (RFC 9113, section 8.2.2).
const RESERVED: [&str; 9] = [
    "te",
    "content-type",
    "content-length",
    "host",
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];
/// With padding or without ("gRPC over HTTP/2", Binary-Header); without is how it is sent.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a text is no metadata. Each is one sentence, safe for a terminal, and shows nothing of a value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MetadataError {
    /// There is no colon. What there is may be a value.
    #[error("metadata is written key: value, and this has no colon")]
    NoColon,
    /// The key has characters that no key has.
    #[error("\"{0}\" is no key: it has lower-case letters, digits, -, _ and .")]
    Key(text::Safe),
    /// The key is the protocol's own.
    #[error("{0} is not for metadata: the protocol keeps it for itself")]
    Reserved(text::Safe),
    /// The value has characters that no value has.
    #[error(
        "the value of {0} has a character other than printable ASCII: a key in -bin takes any bytes, as base64"
    )]
    Value(text::Safe),
    /// The value of a key in `-bin` is no base64.
    #[error("the value of {0} is not base64 ({1}), nor hex behind hex:")]
    Base64(text::Safe, String),
    /// What stands behind `hex:` is none.
    #[error("the value of {0} is not hex behind hex:, {1}")]
    Hex(text::Safe, &'static str),
    /// There is no key before the colon.
    #[error("metadata is written key: value, and this has no key")]
    NoKey,
    /// The key begins with a colon, as those of HTTP/2 itself do (RFC 9113, section 8.3).
    #[error("a key that begins with a colon is HTTP/2's own; --authority sets :authority")]
    Pseudo,
    /// A variable cannot be put in.
    #[error(transparent)]
    Variable(#[from] text::VariableError),
}

/// Reads `key: value`; the space is not part of it. Upper case in a key is lowered, as HTTP/2 has it. The
/// value of a key in `-bin` is base64, or hex behind `hex:`, which base64 never is. `${VARIABLE}` in the value is
/// looked up.
pub fn parse(
    text: &str,
    look_up: impl Fn(&str) -> Option<String>,
) -> Result<(HeaderName, HeaderValue), MetadataError> {
    let shown = |text: &str| text::Safe::cut(text, 60);
    let (key, written) = text.split_once(':').ok_or(MetadataError::NoColon)?;
    if key.trim().is_empty() && written.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(MetadataError::Pseudo);
    }
    let (key, value) = (key.trim().to_ascii_lowercase(), text::expand(written, look_up)?);
    let is_from_environment = value != written;
    let value = value.trim();
    let is_key = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    if key.is_empty() {
        return Err(MetadataError::NoKey);
    }
    let name = HeaderName::from_bytes(key.as_bytes()).ok().filter(|_| key.bytes().all(is_key));
    let name = name.ok_or_else(|| MetadataError::Key(shown(&key)))?;
    if key.starts_with("grpc-") || RESERVED.contains(&key.as_str()) {
        return Err(MetadataError::Reserved(shown(&key)));
    }
    let value = if key.ends_with("-bin") {
        let wrong = |error| MetadataError::Base64(shown(&key), words::of_base64(&error));
        let bytes = match value.strip_prefix("hex:") {
            Some(digits) => hex(digits).map_err(|why| MetadataError::Hex(shown(&key), why))?,
            None => BASE64.decode(value).map_err(wrong)?,
        };
        Cow::Owned(BASE64.encode(bytes))
    } else if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Cow::Borrowed(value)
    } else {
        return Err(MetadataError::Value(shown(&key)));
    };
    let mut value = HeaderValue::from_str(&value).map_err(|_| MetadataError::Value(shown(&key)))?;
    // HPACK then keeps it out of every table (RFC 7541, section 7.1.3). Whoever puts a value into the environment does
    // not want it seen, whatever its key is called.
    value.set_sensitive(is_from_environment || text::is_secret(name.as_str()));
    Ok((name, value))
}

/// The bytes that `48656c6c6f` stands for, or why it stands for none.
fn hex(digits: &str) -> Result<Vec<u8>, &'static str> {
    const NOT_HEX: &str = "which has 0-9 and a-f alone";
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(NOT_HEX);
    }
    if !digits.len().is_multiple_of(2) {
        return Err("which has two digits for each byte");
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.as_bytes().chunks(2).map(byte).collect::<Option<_>>().ok_or(NOT_HEX)
}

/// Whether a value is not to be shown: by its key, because it came from the environment, or because its sender said so.
pub fn is_secret(key: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || text::is_secret(key.as_str())
}

/// A value's beginning, at most so many bytes, as it may be seen: a secret is masked, unless it was asked for.
/// Foreign text still.
pub fn seen<'a>(
    key: &HeaderName,
    value: &'a HeaderValue,
    max_bytes: usize,
    secrets: Secrets,
) -> Cow<'a, str> {
    if secrets == Secrets::Masked && is_secret(key, value) {
        return Cow::Borrowed(text::MASK);
    }
    String::from_utf8_lossy(&value.as_bytes()[..value.len().min(max_bytes)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, String), MetadataError> {
        parse(text, |name| (name == "TOKEN").then(|| "s3cret".to_owned()))
            .map(|(key, value)| (key.to_string(), value.to_str().unwrap().to_owned()))
    }

    #[test]
    fn a_key_and_a_value_stand_around_the_first_colon() {
        for (text, key, value) in [
            ("a: b", "a", "b"),
            ("X-Trace:1:2", "x-trace", "1:2"),
            ("empty:", "empty", ""),
            ("a: <${TOKEN}>", "a", "<s3cret>"),
            ("user-agent: me", "user-agent", "me"),
            ("data-bin: aGk=", "data-bin", "aGk"),
            ("data-bin: aGk", "data-bin", "aGk"),
            ("data-bin: hex:6869", "data-bin", "aGk"),
            ("data-bin: hex:", "data-bin", ""),
        ] {
            assert_eq!(read(text), Ok((key.to_owned(), value.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_metadata_is_told_in_a_sentence() {
        for (text, words) in [
            ("no colon", "metadata is written key: value, and this has no colon"),
            ("${TOKEN}", "metadata is written key: value, and this has no colon"),
            ("${TOKEN}: x", "\"${token}\" is no key: it has lower-case letters, digits, -, _ and ."),
            ("a: ${OTHER}", "the environment has no OTHER"),
            ("a: ${TOKEN", "${ has no } behind it"),
            (": x", "metadata is written key: value, and this has no key"),
            (":path: /", "a key that begins with a colon is HTTP/2's own; --authority sets :authority"),
            (
                "a-bin: hex:0f0",
                "the value of a-bin is not hex behind hex:, which has two digits for each byte",
            ),
            ("a-bin: hex:00 ff", "the value of a-bin is not hex behind hex:, which has 0-9 and a-f alone"),
            ("a b: x", "\"a b\" is no key: it has lower-case letters, digits, -, _ and ."),
            ("\u{1b}: x", "\"␛\" is no key: it has lower-case letters, digits, -, _ and ."),
            ("grpc-status: 0", "grpc-status is not for metadata: the protocol keeps it for itself"),
            ("TE: trailers", "te is not for metadata: the protocol keeps it for itself"),
            (
                "a: ü",
                "the value of a has a character other than printable ASCII: a key in -bin takes any bytes, as base64",
            ),
            (
                "a: x\ny",
                "the value of a has a character other than printable ASCII: a key in -bin takes any bytes, as base64",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), words, "{text}");
        }
        for (text, words) in [
            (
                "a-bin: AA?A",
                "the value of a-bin is not base64 ('?' at 3 is none of its characters), nor hex behind hex:",
            ),
            ("a-bin: AAAAA", "the value of a-bin is not base64 (it ends in the middle), nor hex behind hex:"),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), words, "{text}");
        }
    }

    #[test]
    fn secrets_are_masked_and_kept_out_of_hpacks_tables() {
        let (key, value) = parse("Authorization: Bearer secret", |_| None).unwrap();
        assert!(value.is_sensitive());
        assert_eq!(seen(&key, &value, 100, Secrets::Masked), text::MASK);
        assert_ne!(seen(&key, &value, 100, Secrets::Shown), text::MASK);
        let (key, value) = parse("x-plain: before ${TOKEN}", |_| Some("s3cret".to_owned())).unwrap();
        assert!(value.is_sensitive(), "what the environment has is nobody's to see");
        assert_eq!(seen(&key, &value, 100, Secrets::Masked), text::MASK);
        let (key, value) = parse("trace: visible", |_| None).unwrap();
        assert_eq!((value.is_sensitive(), seen(&key, &value, 4, Secrets::Masked).as_ref()), (false, "visi"));
    }
}

//! `grpc-status-details-bin`: a `google.rpc.Status`, whose details say more than code and message.
//!
//! See <https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto>. The usual
//! kinds of detail are known; of any other its type and bytes are shown.

use std::{fmt::Write as _, sync::LazyLock};

use prost::Message;
use prost_reflect::DescriptorPool;

use super::MessageType;
use crate::rpc::{Details, Status};

/// The details known by name. Built in, so a failure to read them is a test's business.
static KNOWN: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/details.binpb"));
    DescriptorPool::decode(&bytes[..]).unwrap_or_default()
});

/// The most details that are told of a status.
pub const MAX_DETAILS: usize = 8;
/// The most text of one detail.
const MAX_TEXT: usize = 2_000;
/// The bytes shown of a detail of an unknown type.
const SHOWN_BYTES: usize = 32;

/// As much of `google.rpc.Status` as is not said elsewhere.
#[derive(Clone, PartialEq, Message)]
struct StatusDetails {
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

/// What a status's details say, a line each: `google.rpc.RetryInfo {"retryDelay": "3s"}`. Foreign text.
pub fn status_details(bytes: &[u8]) -> Vec<String> {
    let details = match StatusDetails::decode(bytes) {
        Ok(status) => status.details,
        Err(error) => return vec![format!("its details cannot be read: {error}")],
    };
    let more = details.len().saturating_sub(MAX_DETAILS);
    let mut lines: Vec<String> = details.iter().take(MAX_DETAILS).map(line).collect();
    if let (Some(last), 1..) = (lines.last_mut(), more) {
        let _ = write!(last, " … and {more} more");
    }
    lines
}

/// What the details of a status say, a line each; none where it has none. Foreign text.
pub fn details_of(status: &Status) -> Vec<String> {
    match &status.details {
        Some(Details::Bytes(bytes)) => status_details(bytes),
        Some(Details::Malformed(why)) => vec![format!("its details cannot be read: {why}")],
        None => Vec::new(),
    }
}

fn line(detail: &prost_types::Any) -> String {
    let name = detail.type_url.rsplit('/').next().unwrap_or_default();
    let name = &name[..name.floor_char_boundary(200)];
    if let Some(known) = KNOWN.get_message_by_name(name) {
        format!("{name} {}", MessageType::new(&known).json(&detail.value, MAX_TEXT))
    } else {
        let mut line = format!("{name} {} bytes", detail.value.len());
        for byte in detail.value.iter().take(SHOWN_BYTES) {
            let _ = write!(line, " {byte:02x}");
        }
        if detail.value.len() > SHOWN_BYTES {
            line.push('…');
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(details: &[(&str, &[u8])]) -> Vec<u8> {
        let any = |(name, value): &(&str, &[u8])| prost_types::Any {
            type_url: format!("type.googleapis.com/{name}"),
            value: value.to_vec(),
        };
        StatusDetails { details: details.iter().map(any).collect() }.encode_to_vec()
    }

    #[test]
    fn known_details_are_told_field_by_field() {
        // reason = "GONE", domain = "greeter"
        let info = b"\x0a\x04GONE\x12\x07greeter";
        let retry = b"\x0a\x02\x08\x03";
        let bytes = status(&[("google.rpc.ErrorInfo", info), ("google.rpc.RetryInfo", retry)]);
        assert_eq!(
            status_details(&bytes),
            [
                r#"google.rpc.ErrorInfo {"reason": "GONE", "domain": "greeter"}"#,
                r#"google.rpc.RetryInfo {"retryDelay": "3s"}"#,
            ]
        );
    }

    #[test]
    fn an_unknown_detail_is_its_type_and_bytes() {
        let bytes = status(&[("acme.Reason", b"\x08\x01")]);
        assert_eq!(status_details(&bytes), ["acme.Reason 2 bytes 08 01"]);
    }

    #[test]
    fn many_details_are_counted_and_nonsense_is_told() {
        let bytes = status(&vec![("acme.Reason", &b""[..]); 20]);
        let lines = status_details(&bytes);
        assert_eq!(lines.len(), MAX_DETAILS);
        assert!(lines[MAX_DETAILS - 1].ends_with("… and 12 more"));
        assert!(status_details(b"\x1a\xff")[0].starts_with("its details cannot be read"));
    }

    #[test]
    fn all_built_in_details_are_there() {
        for name in ["ErrorInfo", "RetryInfo", "DebugInfo", "QuotaFailure", "PreconditionFailure"] {
            assert!(KNOWN.get_message_by_name(&format!("google.rpc.{name}")).is_some(), "{name}");
        }
        for name in ["BadRequest", "RequestInfo", "ResourceInfo", "Help", "LocalizedMessage"] {
            assert!(KNOWN.get_message_by_name(&format!("google.rpc.{name}")).is_some(), "{name}");
        }
    }
}

//! How a call ended, read from what the peer said or did.
//!
//! "gRPC over HTTP/2" is the page that says which status follows from which end; the table for HTTP
//! statuses is gRPC's "HTTP to gRPC Status Code Mapping".

use std::{fmt, sync::Arc};

use base64::Engine;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use tonic::Code;

use super::{
    Cause, Origin, Status,
    connection::{self, Connection, MAX_HEADERS},
    metadata::BASE64,
    status::{Details, reset_name},
    words,
};
use crate::{text, wire::codes::status_number};

const GRPC_STATUS: &str = "grpc-status";
const GRPC_MESSAGE: &str = "grpc-message";
const GRPC_DETAILS: &str = "grpc-status-details-bin";
/// Different names that a map of headers has room for. h2 drops what comes behind them, and of headers, but not of
/// trailers, says so.
const MAX_NAMES: usize = 24_576;
/// A longer message, decoded, is cut here, in bytes.
const MAX_MESSAGE: usize = 16 << 10;
/// Longer details, encoded, are not decoded, in bytes.
const MAX_DETAILS: usize = 512 << 10;

/// The end of a call. It is the one way out of the transport, for good ends too, and passes through
/// tonic as an error.
#[derive(Debug, Clone)]
pub(super) struct Ending {
    /// How it ended.
    pub(super) status: Status,
    /// The trailers, where any came.
    pub(super) trailers: Option<Arc<HeaderMap>>,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.status.origin)
    }
}

impl std::error::Error for Ending {}

impl From<Status> for Ending {
    fn from(status: Status) -> Self {
        Self { status, trailers: None }
    }
}

impl Ending {
    /// Finds the ending in the error that tonic made of it.
    pub(super) fn from_tonic(error: &tonic::Status) -> Self {
        let source = std::error::Error::source(error);
        source.and_then(|source| source.downcast_ref::<Self>()).cloned().unwrap_or_else(|| {
            let message = error.message().to_owned();
            Status::by(error.code(), Cause::BadResponse(message)).into()
        })
    }

    /// The same, where the connection knows more of its end than its streams do.
    pub(super) fn on(self, connection: &Connection) -> Self {
        match (&self.status.origin, connection.cause()) {
            (Origin::ConnectionLost(_), Some(cause)) => Self::connection_lost(cause.to_owned()),
            _ => self,
        }
    }

    fn connection_lost(cause: String) -> Self {
        let origin = Origin::ConnectionLost(cause.clone());
        Status { code: Code::Unavailable, message: cause, origin, details: None }.into()
    }

    /// The response broke the protocol.
    pub(super) fn bad_response(how: impl Into<String>) -> Self {
        Status::by(Code::Internal, Cause::BadResponse(how.into())).into()
    }

    /// The one request is over the limit; nothing was sent. Both in bytes.
    pub(super) fn request_too_large(size: u64, limit: u64) -> Self {
        let cause = Cause::RequestTooLarge { size, limit };
        Status::by(Code::ResourceExhausted, cause).into()
    }

    /// There was no connection.
    pub(super) fn not_connected(cause: &str) -> Self {
        Status::by(Code::Unavailable, Cause::NotConnected(cause.to_owned())).into()
    }

    /// The channel was closed under the call.
    pub(super) fn channel_closed() -> Self {
        Status::by(Code::Unavailable, Cause::ChannelClosed).into()
    }

    /// h2 gave up the stream.
    pub(super) fn of_h2(error: &h2::Error) -> Self {
        match error.reason() {
            Some(reason) if error.is_reset() && error.is_remote() => Self::of_reset(reason),
            Some(reason @ h2::Reason::PROTOCOL_ERROR) if error.is_reset() => {
                let size = MAX_HEADERS >> 20;
                let reason = reset_name(reason);
                Self::bad_response(format!(
                    "the response broke HTTP/2 ({reason}), or has more headers than are taken: {size} MiB, with 32 B \
                         for each, and {} names",
                    text::count(MAX_NAMES as u64)
                ))
            }
            Some(reason) if error.is_reset() => {
                let reason = reset_name(reason);
                Self::bad_response(format!("the response broke HTTP/2 ({reason})"))
            }
            _ if error.is_io() || error.is_go_away() => Self::connection_lost(connection::in_words(error)),
            _ => {
                let how = connection::in_words(error);
                Status::by(Code::Internal, Cause::BadRequest(how)).into()
            }
        }
    }

    fn of_reset(reason: h2::Reason) -> Self {
        let origin = Origin::Reset(reason);
        Status { code: code_of_reset(reason), message: origin.to_string(), origin, details: None }.into()
    }

    /// The response's headers already are the end: `Trailers-Only`.
    pub(super) fn of_trailers_only(http: StatusCode, headers: &HeaderMap) -> Self {
        status_in(headers).unwrap_or_else(|| without_status(http, headers)).into()
    }

    /// Headers that no gRPC server sends, in a response that goes on. `None`: all is well so far.
    pub(super) fn of_headers(http: StatusCode, headers: &HeaderMap) -> Option<Self> {
        (!is_grpc(headers)).then(|| without_status(http, headers).into())
    }

    /// The response ended, with trailers or without. `missing` says what its last message lacks.
    pub(super) fn of_end(
        http: StatusCode,
        headers: &HeaderMap,
        trailers: Option<HeaderMap>,
        missing: Option<String>,
    ) -> Self {
        let status = trailers.as_ref().and_then(status_in).or_else(|| status_in(headers));
        let status = match (status, missing) {
            (Some(status), Some(missing)) if status.is_ok() => {
                Status::by(Code::Internal, Cause::BadResponse(missing))
            }
            (Some(status), _) => status,
            (None, _) if trailers.as_ref().is_some_and(|trailers| trailers.keys_len() >= MAX_NAMES) => {
                let how = format!(
                    "the response ended with more trailers than are taken, {} names, and its status is not among them",
                    text::count(MAX_NAMES as u64)
                );
                Status::by(Code::Internal, Cause::BadResponse(how))
            }
            (None, _) => without_status(http, headers),
        };
        Self { status, trailers: trailers.map(Arc::new) }
    }
}

/// Whether headers are those of gRPC, by their content-type.
pub fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| text::is_grpc(value.as_bytes()))
}

/// The status of a response that has no `grpc-status`.
fn without_status(http: StatusCode, headers: &HeaderMap) -> Status {
    let message = match headers.get(CONTENT_TYPE) {
        _ if is_grpc(headers) => "the response ended without grpc-status".to_owned(),
        None => "the response has no content-type, where application/grpc was due".to_owned(),
        Some(found) => {
            let found: String = String::from_utf8_lossy(found.as_bytes()).chars().take(100).collect();
            format!("the response is {found}, not application/grpc")
        }
    };
    let origin = Origin::Http { status: http.as_u16() };
    Status { code: code_of_http(http), message, origin, details: None }
}

/// The status in trailers, or in headers that stand for them.
fn status_in(trailers: &HeaderMap) -> Option<Status> {
    let said = trailers.get(GRPC_STATUS)?.as_bytes();
    let mut message =
        trailers.get(GRPC_MESSAGE).map(|value| text::percent_decoded(value.as_bytes())).unwrap_or_default();
    let code = code_of_number(said);
    if code.is_none() {
        let shown: String = String::from_utf8_lossy(said).chars().take(100).collect();
        let colon = if message.is_empty() { "" } else { ": " };
        message = format!("\"{shown}\" is no grpc-status{colon}{message}");
    }
    Some(Status {
        code: code.unwrap_or(Code::Unknown),
        message: cut(message),
        origin: Origin::Trailers,
        details: trailers.get(GRPC_DETAILS).map(|value| details(value.as_bytes())),
    })
}

fn code_of_number(said: &[u8]) -> Option<Code> {
    status_number(said).map(|number| Code::from_i32(number.into()))
}

fn code_of_http(status: StatusCode) -> Code {
    match status.as_u16() {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502 | 503 | 504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

/// "gRPC over HTTP/2", Errors. The two codes that the table leaves out are errors of the peer too.
fn code_of_reset(reason: h2::Reason) -> Code {
    match u32::from(reason) {
        7 => Code::Unavailable,        // REFUSED_STREAM
        8 => Code::Cancelled,          // CANCEL
        11 => Code::ResourceExhausted, // ENHANCE_YOUR_CALM
        12 => Code::PermissionDenied,  // INADEQUATE_SECURITY
        0..=13 => Code::Internal,
        _ => Code::Unknown,
    }
}

fn cut(mut message: String) -> String {
    if message.len() > MAX_MESSAGE {
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        message.push('…');
    }
    message
}

/// Binary metadata is base64, padded or not ("gRPC over HTTP/2", Binary-Header).
fn details(value: &[u8]) -> Details {
    if value.len() > MAX_DETAILS {
        return Details::Malformed(format!("{} bytes are too many", value.len()));
    }
    match BASE64.decode(value) {
        Ok(bytes) => Details::Bytes(Bytes::from(bytes)),
        Err(error) => Details::Malformed(format!("not base64: {}", words::of_base64(&error))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trailers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn status(pairs: &[(&'static str, &str)]) -> Status {
        status_in(&trailers(pairs)).unwrap()
    }

    #[test]
    fn a_status_is_one_of_seventeen_numbers_or_unknown() {
        for number in 0..=16 {
            assert_eq!(status(&[("grpc-status", &number.to_string())]).code as i32, number);
        }
        for said in ["17", "-1", "+5", "", "5 ", "0x5", "99999999999999999999", "OK"] {
            let status = status(&[("grpc-status", said), ("grpc-message", "why")]);
            assert_eq!(status.code, Code::Unknown, "{said}");
            assert_eq!(status.message, format!("\"{said}\" is no grpc-status: why"));
        }
    }

    #[test]
    fn messages_are_percent_decoded_and_malformed_ones_stay_as_they_came() {
        for (raw, decoded) in [
            ("plain", "plain"),
            ("%E4%BD%A0%e5%a5%bd%25", "你好%"),
            ("100%", "100%"),
            ("%zz%2", "%zz%2"),
            ("%ff%41", "%ff%41"),
        ] {
            assert_eq!(status(&[("grpc-status", "5"), ("grpc-message", raw)]).message, decoded);
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let long = "%E4%BD%A0".repeat(MAX_MESSAGE);
        let message = status(&[("grpc-status", "5"), ("grpc-message", &long)]).message;
        assert!(message.len() <= MAX_MESSAGE + '…'.len_utf8() && message.ends_with("你…"));
    }

    #[test]
    fn details_may_be_padded_or_not_and_malformed_ones_are_told() {
        let of = |raw: &str| status(&[("grpc-status", "5"), ("grpc-status-details-bin", raw)]).details;
        assert_eq!(of("aGk="), Some(Details::Bytes(Bytes::from_static(b"hi"))));
        assert_eq!(of("aGk"), Some(Details::Bytes(Bytes::from_static(b"hi"))));
        assert!(matches!(of("!!!"), Some(Details::Malformed(_))));
        assert!(matches!(of(&"A".repeat(MAX_DETAILS + 1)), Some(Details::Malformed(_))));
    }

    #[test]
    fn http_statuses_map_by_the_table() {
        for (http, code) in [
            (200, Code::Unknown),
            (400, Code::Internal),
            (401, Code::Unauthenticated),
            (403, Code::PermissionDenied),
            (404, Code::Unimplemented),
            (429, Code::Unavailable),
            (500, Code::Unknown),
            (502, Code::Unavailable),
            (503, Code::Unavailable),
            (504, Code::Unavailable),
        ] {
            assert_eq!(code_of_http(StatusCode::from_u16(http).unwrap()), code, "{http}");
        }
    }

    #[test]
    fn resets_map_by_the_table() {
        for (reason, code) in [
            (0, Code::Internal),
            (1, Code::Internal),
            (7, Code::Unavailable),
            (8, Code::Cancelled),
            (11, Code::ResourceExhausted),
            (12, Code::PermissionDenied),
            (77, Code::Unknown),
        ] {
            assert_eq!(code_of_reset(reason.into()), code, "{reason}");
        }
    }

    #[test]
    fn a_message_cut_off_before_ok_is_an_error() {
        let http = StatusCode::OK;
        let grpc = trailers(&[("content-type", "application/grpc")]);
        let missing = || Some("cut off".to_owned());
        let ok = Ending::of_end(http, &grpc, Some(trailers(&[("grpc-status", "0")])), missing());
        assert_eq!(ok.status.code, Code::Internal);
        assert!(ok.trailers.is_some());
        let failed = Ending::of_end(http, &grpc, Some(trailers(&[("grpc-status", "5")])), missing());
        assert_eq!(failed.status.code, Code::NotFound);
    }
}

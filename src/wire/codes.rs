//! The numbers of HTTP/2 by name, and what they mean for a call.

use std::fmt;

/// Why a stream or a connection was ended (RFC 9113, section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// Nothing went wrong.
    pub const NO_ERROR: Self = Self(0);
    /// The stream is not wanted any more.
    pub const CANCEL: Self = Self(8);

    /// As in the RFC: `CANCEL`; `None` for a number that has no name.
    pub fn name(self) -> Option<&'static str> {
        Some(self.known()?.0)
    }

    /// A few plain words: `the call was given up`.
    pub fn meaning(self) -> &'static str {
        self.known().map_or("a reason that HTTP/2 does not know", |(_, meaning)| meaning)
    }

    fn known(self) -> Option<(&'static str, &'static str)> {
        Some(match self.0 {
            0 => ("NO_ERROR", "nothing went wrong"),
            1 => ("PROTOCOL_ERROR", "the other side broke a rule of HTTP/2"),
            2 => ("INTERNAL_ERROR", "something went wrong inside"),
            3 => ("FLOW_CONTROL_ERROR", "more was sent than the window allowed"),
            4 => ("SETTINGS_TIMEOUT", "SETTINGS were not acknowledged in time"),
            5 => ("STREAM_CLOSED", "a frame came for a stream that was closed"),
            6 => ("FRAME_SIZE_ERROR", "a frame had a size that it must not have"),
            7 => ("REFUSED_STREAM", "the call was not begun and may be tried again"),
            8 => ("CANCEL", "the call was given up"),
            9 => ("COMPRESSION_ERROR", "the headers could not be decompressed"),
            10 => ("CONNECT_ERROR", "a tunnelled connection broke"),
            11 => ("ENHANCE_YOUR_CALM", "too much was asked for"),
            12 => ("INADEQUATE_SECURITY", "the connection is not secure enough"),
            13 => ("HTTP_1_1_REQUIRED", "HTTP/1.1 is wanted instead"),
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("code {}", self.0)),
        }
    }
}

/// One setting of a SETTINGS frame (RFC 9113, section 6.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Which.
    pub id: SettingId,
    /// How much; its unit is the setting's.
    pub value: u32,
}

/// A setting's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SettingId(pub u16);

impl SettingId {
    /// Bytes of header fields that may be remembered.
    pub const HEADER_TABLE_SIZE: Self = Self(1);
    /// Streams that may be open at once.
    pub const MAX_CONCURRENT_STREAMS: Self = Self(3);
    /// The window with which each stream begins, in bytes.
    pub const INITIAL_WINDOW_SIZE: Self = Self(4);
    /// The longest payload of a frame, in bytes.
    pub const MAX_FRAME_SIZE: Self = Self(5);

    /// As in the RFC without `SETTINGS_`: `INITIAL_WINDOW_SIZE`; `None` for a number that has no name.
    pub fn name(self) -> Option<&'static str> {
        Some(self.known()?.0)
    }

    /// What its value says of who sent it: `bytes that may be sent on a stream before a WINDOW_UPDATE`.
    pub fn meaning(self) -> &'static str {
        self.known().map_or("a setting that HTTP/2 does not know", |(_, meaning)| meaning)
    }

    fn known(self) -> Option<(&'static str, &'static str)> {
        Some(match self.0 {
            1 => ("HEADER_TABLE_SIZE", "bytes of header fields that it remembers"),
            2 => ("ENABLE_PUSH", "1 where it takes pushed responses, 0 where not"),
            3 => ("MAX_CONCURRENT_STREAMS", "calls that it allows at once"),
            4 => ("INITIAL_WINDOW_SIZE", "bytes that it takes on a new stream before a WINDOW_UPDATE"),
            5 => ("MAX_FRAME_SIZE", "bytes of the longest frame that it takes"),
            6 => ("MAX_HEADER_LIST_SIZE", "bytes of headers that it takes"),
            8 => ("ENABLE_CONNECT_PROTOCOL", "1 where it takes extended CONNECT"),
            9 => ("NO_RFC7540_PRIORITIES", "1 where it ignores the old priorities"),
            _ => return None,
        })
    }
}

impl fmt::Display for SettingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => f.pad(&format!("setting {}", self.0)),
        }
    }
}

/// The number in a `grpc-status`, one of the seventeen: ASCII decimals without anything around them
/// ("gRPC over HTTP/2", Status).
pub fn status_number(said: &[u8]) -> Option<u8> {
    let digits =
        std::str::from_utf8(said).ok().filter(|said| said.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|number| status_name(*number).is_some())
}

/// The name of gRPC's status of that number ("Status codes and their use in gRPC").
pub fn status_name(number: u8) -> Option<&'static str> {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    NAMES.get(usize::from(number)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_written_in_digits_alone() {
        for (said, number) in
            [("0", Some(0)), ("16", Some(16)), ("05", Some(5)), ("17", None), ("+5", None), ("", None)]
        {
            assert_eq!(status_number(said.as_bytes()), number, "{said}");
        }
    }
}

//! Failures of the network in short words, without the operating system's numbers.

use std::{
    io::{self, ErrorKind},
    time::Duration,
};

use base64::DecodeError;

use crate::text;

/// What went wrong with a socket.
pub(super) fn of_io(error: &io::Error) -> String {
    let words = match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset => "connection reset by the server",
        ErrorKind::ConnectionAborted => "connection aborted",
        ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof | ErrorKind::NotConnected => {
            "the server closed the connection"
        }
        ErrorKind::TimedOut => "the server did not answer in time",
        ErrorKind::HostUnreachable => "host unreachable",
        ErrorKind::NetworkUnreachable => "network unreachable",
        ErrorKind::NetworkDown => "network down",
        ErrorKind::AddrNotAvailable => "address not available",
        ErrorKind::PermissionDenied => "permission denied",
        _ => match error.to_string().as_str() {
            // Who cuts the bytes into frames says so.
            "bytes remaining on stream" => "the server closed the connection within a frame",
            other => return without_number(other),
        },
    };
    words.to_owned()
}

/// Why a text is no base64.
pub(super) fn of_base64(error: &DecodeError) -> String {
    match *error {
        DecodeError::InvalidByte(at, byte) => {
            format!("'{}' at {} is none of its characters", byte.escape_ascii(), at + 1)
        }
        DecodeError::InvalidLength(_) | DecodeError::InvalidLastSymbol(..) => {
            "it ends in the middle".to_owned()
        }
        DecodeError::InvalidPadding => "its end is padded wrongly".to_owned(),
    }
}

/// Why a name was not resolved, of what the standard library says about it.
pub(super) fn of_resolving(text: &str, host: &str) -> String {
    let reason = text.rsplit_once(": ").map_or(text, |(_, reason)| reason);
    format!("{host} was not resolved: {}", without_number(reason))
}

/// A message over the limit, in words.
pub(super) fn of_size(size: u64, limit: u64) -> String {
    let (size, limit) = text::sizes_apart(size, limit);
    format!("a message of {size}, the limit is {limit} (--max-send-sz)")
}

/// `5 s`, `250 ms`.
pub(super) fn of_duration(duration: Duration) -> String {
    match duration.as_millis() {
        ms if ms >= 1000 && ms % 1000 == 0 => format!("{} s", ms / 1000),
        ms if ms >= 1000 => format!("{:.1} s", duration.as_secs_f64()),
        0 => text::limit(duration),
        ms => format!("{ms} ms"),
    }
}

fn without_number(text: &str) -> String {
    text.split(" (os error").next().unwrap_or(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_words_have_the_numbers_of_the_operating_system() {
        for number in 1..200 {
            let words = of_io(&io::Error::from_raw_os_error(number));
            assert!(!words.contains("os error") && !words.is_empty(), "{number}: {words}");
        }
        assert_eq!(of_io(&io::Error::from_raw_os_error(111)), "connection refused");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(of_duration(Duration::from_secs(5)), "5 s");
        assert_eq!(of_duration(Duration::from_millis(2500)), "2.5 s");
        assert_eq!(of_duration(Duration::from_millis(250)), "250 ms");
    }
}

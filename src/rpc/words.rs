//! Failures of the network in short words, without the operating system's numbers.

use std::{
    io::{self, ErrorKind},
    time::Duration,
};

use crate::{rpc::status::reset_name, wire::FirstWords};

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
        _ => return without_number(&error.to_string()),
    };
    words.to_owned()
}

/// Why a name was not resolved. The standard library gives these no kind of their own.
pub(super) fn of_resolving(error: &io::Error, host: &str) -> String {
    let text = error.to_string();
    let is = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if is(&["not known", "No address associated", "nodename nor servname", "No such host"]) {
        return format!("no such host: {host}");
    }
    if is(&["Temporary failure", "Try again"]) {
        return format!("no answer from the name server about {host}");
    }
    let reason = text.rsplit_once(": ").map_or(text.as_str(), |(_, reason)| reason);
    format!("{host} was not resolved: {}", without_number(reason))
}

/// How an HTTP/2 connection ended.
pub(super) fn of_connection(error: &h2::Error) -> String {
    if let Some(io) = error.get_io() {
        return of_io(io);
    }
    match error.reason() {
        Some(reason) if error.is_remote() => {
            format!("the server is going away: GOAWAY {}", reset_name(reason))
        }
        Some(reason) => format!("the server broke HTTP/2: {}", reset_name(reason)),
        None => error.to_string(),
    }
}

/// Why a peer that began with these bytes, and then ended or fell silent, is no gRPC server.
/// None where its words were those of one.
pub(super) fn of_first_words(words: &FirstWords) -> Option<String> {
    match words {
        FirstWords::Nothing | FirstWords::SettingsBegun | FirstWords::Settings => None,
        FirstWords::Http1 => Some("the peer speaks HTTP/1.1, not HTTP/2".to_owned()),
        FirstWords::Tls => Some("the peer speaks TLS, and this connection is plaintext".to_owned()),
        FirstWords::Unclear(bytes) | FirstWords::Other(bytes) => {
            Some(format!("the peer does not speak HTTP/2: it began with \"{}\"", bytes.escape_ascii()))
        }
    }
}

/// `5 s`, `250 ms`.
pub(super) fn of_duration(duration: Duration) -> String {
    match duration.as_millis() {
        ms if ms >= 1000 && ms % 1000 == 0 => format!("{} s", ms / 1000),
        ms if ms >= 1000 => format!("{:.1} s", duration.as_secs_f64()),
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

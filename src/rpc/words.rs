//! Failures of the network in short words, without the operating system's numbers.

use std::{
    io::{self, ErrorKind},
    time::Duration,
};

use crate::rpc::status::reset_name;

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

/// Why a name was not resolved, of what the standard library says about it.
pub(super) fn of_resolving(text: &str, host: &str) -> String {
    let reason = text.rsplit_once(": ").map_or(text, |(_, reason)| reason);
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

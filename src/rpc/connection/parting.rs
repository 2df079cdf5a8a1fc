//! Why a connection ended, of what h2 says about it.

use std::fmt;

use super::MAX_HEADERS;
use crate::rpc::{keepalive::Silence, status::reset_name, words};

/// Why no new stream begins on a connection. `Display` says it in words.
#[derive(Debug)]
pub(in crate::rpc) enum Parting {
    /// The peer was asked too often whether it is still there.
    TooManyPings(String),
    /// It did not answer when it was asked.
    Silence(Silence),
    /// The peer goes away for reasons of its own, and finishes what it was asked: GOAWAY `NO_ERROR`.
    InGoodOrder(String),
    /// Another reason.
    Other(String),
}

impl Parting {
    pub(super) fn of(error: &h2::Error) -> Self {
        let words = in_words(error);
        if wants_fewer_pings(error) {
            Self::TooManyPings(words)
        } else if is_peers_go_away(error) && error.reason() == Some(h2::Reason::NO_ERROR) {
            Self::InGoodOrder(words)
        } else {
            Self::Other(words)
        }
    }
}

pub(super) fn is_peers_go_away(error: &h2::Error) -> bool {
    error.is_go_away() && error.is_remote()
}

impl Default for Parting {
    fn default() -> Self {
        Self::Other("the connection ended".to_owned())
    }
}

impl fmt::Display for Parting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyPings(words) | Self::InGoodOrder(words) | Self::Other(words) => f.write_str(words),
            Self::Silence(silence) => silence.fmt(f),
        }
    }
}

/// How an HTTP/2 connection ended.
pub(in crate::rpc) fn in_words(error: &h2::Error) -> String {
    if let Some(io) = error.get_io() {
        return words::of_io(io);
    }
    if wants_fewer_pings(error) {
        return "too many PINGs for the server (GOAWAY too_many_pings): give a longer --keepalive-time"
            .to_owned();
    }
    match error.reason() {
        Some(reason) if error.is_remote() => {
            let said = said_beside(error).map(|said| format!(", \"{said}\"")).unwrap_or_default();
            format!("the server is going away: GOAWAY {}{said}", reset_name(reason))
        }
        Some(_) if has_large_headers(error) => {
            format!("the server sent headers of more than {} MiB, and no more are taken", MAX_HEADERS >> 20)
        }
        Some(reason) => format!("the server broke HTTP/2: {}", reset_name(reason)),
        None => error.to_string(),
    }
}

/// What a peer says beside the code of its GOAWAY, with escapes where it is no ASCII: `max_age`, `graceful_stop`. h2 tells
/// it in its error's words alone, behind the code's.
fn said_beside(error: &h2::Error) -> Option<String> {
    const MOST: usize = 100;
    let words = error.to_string();
    let said = words.split_once(" (b\"")?.1.strip_suffix("\")")?;
    let cut = said.char_indices().nth(MOST).map(|(at, _)| format!("{}…", &said[..at]));
    Some(cut.unwrap_or_else(|| said.to_owned()))
}

/// Whether a peer ended the connection because it was asked too often whether it is there (gRFC A8). Of what it
/// says beside the code, h2 tells in its error's words alone.
fn wants_fewer_pings(error: &h2::Error) -> bool {
    error.is_go_away()
        && error.is_remote()
        && error.reason() == Some(h2::Reason::ENHANCE_YOUR_CALM)
        && error.to_string().contains("too_many_pings")
}

/// Whether the connection was given up here because headers did not end. h2 tells it in its error's words alone.
fn has_large_headers(error: &h2::Error) -> bool {
    let text = error.to_string();
    error.is_library()
        && ["too_many_continuations", "header_list_way_too_large"].iter().any(|why| text.contains(why))
}

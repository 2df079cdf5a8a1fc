//! What a peer says first. An HTTP/2 server begins with a SETTINGS frame (RFC 9113, section 3.4);
//! that it came is what "connected" means, and what came instead is why a connection failed.

use std::sync::{Arc, Mutex, MutexGuard};

use super::{
    codes::SettingId,
    frame::{HEAD, Head, Kind},
    tap::Watch,
    windows::DEFAULT_WINDOW,
};
use crate::held::lock;

/// A setting: its number in two bytes and its value in four (RFC 9113, section 6.5.1).
const SETTING: usize = 6;
/// The largest frame that may come before our SETTINGS are known (RFC 9113, section 4.2).
const MAX_FRAME: u32 = 16_384;
/// TLS content types (RFC 8446, section 5.1), and the first byte of every version from SSL 3.0 on.
const TLS_ALERT: u8 = 21;
const TLS_HANDSHAKE: u8 = 22;
const TLS_MAJOR: u8 = 3;
/// How many of the first bytes are kept.
const MAX_KEPT: usize = 32;

/// What the peer's first bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstWords {
    /// No byte came.
    Nothing,
    /// Too few bytes came to tell; they could still become anything.
    Unclear(Vec<u8>),
    /// A SETTINGS frame began, and is not whole yet.
    SettingsBegun,
    /// The peer's SETTINGS came, the whole frame.
    Settings,
    /// A GOAWAY, where SETTINGS were due: the peer speaks HTTP/2, and not with us.
    GoAway,
    /// An HTTP/1 answer.
    Http1,
    /// A TLS record.
    Tls,
    /// Something else; its first bytes, at most 32.
    Other(Vec<u8>),
}

/// Watches for the peer's first words. Clones see the same connection.
#[derive(Debug, Clone, Default)]
pub struct Opening {
    heard: Arc<Mutex<Heard>>,
    /// The peer's first words are known; nothing more is to be looked at.
    settled: bool,
}

#[derive(Debug, Default)]
struct Heard {
    first: Vec<u8>,
    count: usize,
    /// The setting that is being heard.
    setting: [u8; SETTING],
    window: Option<u32>,
}

impl Opening {
    /// Nothing was heard yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the peer said first, as far as it is known.
    pub fn first_words(&self) -> FirstWords {
        let heard = self.lock();
        tell(&heard.first, heard.count)
    }

    /// How much a stream may send before the peer says more: `SETTINGS_INITIAL_WINDOW_SIZE`, in bytes. It
    /// is known when the first words are [`FirstWords::Settings`].
    pub fn initial_window(&self) -> u32 {
        self.lock().window.unwrap_or(DEFAULT_WINDOW)
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        lock(&self.heard)
    }
}

impl Watch for Opening {
    fn received(&mut self, bytes: &[u8]) {
        if self.settled {
            return;
        }
        let mut heard = self.lock();
        let room = MAX_KEPT - heard.first.len();
        heard.first.extend_from_slice(&bytes[..bytes.len().min(room)]);
        heard.settings(bytes);
        heard.count += bytes.len();
        let open = match tell(&heard.first, heard.count) {
            FirstWords::Nothing | FirstWords::Unclear(_) | FirstWords::SettingsBegun => true,
            FirstWords::Other(_) | FirstWords::Http1 => heard.first.len() < MAX_KEPT,
            FirstWords::Settings | FirstWords::GoAway | FirstWords::Tls => false,
        };
        drop(heard);
        self.settled = !open;
    }

    fn sent(&mut self, _bytes: &[u8]) {}
}

impl Heard {
    /// Reads what of a SETTINGS frame lies in these bytes, the ones behind `count`.
    fn settings(&mut self, bytes: &[u8]) {
        let Some(head) = self.first.first_chunk().map(|head| Head::read(*head)) else { return };
        if head.kind != Kind::Settings {
            return;
        }
        let end = HEAD + head.length as usize;
        for (at, byte) in (self.count..end).zip(bytes) {
            let Some(at) = at.checked_sub(HEAD) else { continue };
            self.setting[at % SETTING] = *byte;
            if at % SETTING == SETTING - 1
                && let [a, b, value @ ..] = self.setting
                && SettingId(u16::from_be_bytes([a, b])) == SettingId::INITIAL_WINDOW_SIZE
            {
                self.window = Some(u32::from_be_bytes(value));
            }
        }
    }
}

fn tell(first: &[u8], count: usize) -> FirstWords {
    /// The last two are what the oldest of web servers answer, and those that take our preface for an old request:
    /// a page alone.
    const HTTP1: [&[u8]; 3] = [b"http/1.", b"<!doctype html", b"<html"];
    /// Behind so many bytes an HTTP/2 peer is lost: they are a frame's length, and none so long may come first.
    const TOLD: usize = 3;
    let begins_as = |words: &&[u8]| {
        let length = first.len().min(words.len());
        length >= TOLD && first[..length].eq_ignore_ascii_case(&words[..length])
    };
    match first {
        [] => FirstWords::Nothing,
        [TLS_ALERT | TLS_HANDSHAKE, TLS_MAJOR, ..] => FirstWords::Tls,
        _ if HTTP1.iter().any(begins_as) => FirstWords::Http1,
        _ => match first.first_chunk().map(|head| Head::read(*head)) {
            // A length that fits, and the type of SETTINGS.
            None if matches!(first, [0, 0..0x40, _, 4, ..]) => FirstWords::SettingsBegun,
            None => FirstWords::Unclear(first.to_vec()),
            Some(head) if head.kind == Kind::GoAway && head.stream == 0 && head.length <= MAX_FRAME => {
                FirstWords::GoAway
            }
            Some(head) if !begins(head) => FirstWords::Other(first.to_vec()),
            Some(head) if count < HEAD + head.length as usize => FirstWords::SettingsBegun,
            Some(_) => FirstWords::Settings,
        },
    }
}

/// Whether a peer of HTTP/2 begins with such a frame.
fn begins(head: Head) -> bool {
    head.kind == Kind::Settings && !head.is_ack() && head.stream == 0 && head.length <= MAX_FRAME
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict must not depend on how the bytes were cut.
    fn heard(bytes: &[u8]) -> FirstWords {
        let verdicts: Vec<_> = [1, 2, 7, bytes.len().max(1)]
            .into_iter()
            .map(|size| {
                let mut opening = Opening::new();
                bytes.chunks(size).for_each(|chunk| opening.received(chunk));
                opening.first_words()
            })
            .collect();
        assert!(verdicts.windows(2).all(|pair| pair[0] == pair[1]), "{verdicts:?}");
        verdicts[0].clone()
    }

    #[test]
    fn settings_count_when_the_frame_is_whole() {
        let empty = [0, 0, 0, 4, 0, 0, 0, 0, 0];
        let one = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1];
        assert_eq!(heard(&empty), FirstWords::Settings);
        assert_eq!(heard(&one), FirstWords::Settings);
        assert_eq!(heard(&one[..14]), FirstWords::SettingsBegun);
        assert_eq!(heard(&one[..8]), FirstWords::SettingsBegun);
        assert_eq!(heard(&one[..3]), FirstWords::Unclear(one[..3].to_vec()));
    }

    #[test]
    fn the_first_window_of_a_stream_is_heard_wherever_it_stands_in_the_settings() {
        let setting = |number: u8, value: u32| [&[0, number][..], &value.to_be_bytes()].concat();
        let frame = |settings: &[Vec<u8>]| {
            let settings = settings.concat();
            [&[0, 0, settings.len() as u8, 4, 0, 0, 0, 0, 0][..], &settings].concat()
        };
        let many: Vec<_> = (10..30).map(|number| setting(number, 4)).collect();
        let late = [many.clone(), vec![setting(4, 7)], many.clone()].concat();
        let twice = [setting(4, 1), setting(4, 0)];
        for (bytes, window) in [
            (frame(&[]), 65_535),
            (frame(&many), 65_535),
            (frame(&late), 7),
            (frame(&twice), 0),
            // A WINDOW_UPDATE behind the SETTINGS is none of them.
            ([frame(&[]), vec![0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1]].concat(), 65_535),
        ] {
            for size in [1, 5, bytes.len()] {
                let mut opening = Opening::new();
                bytes.chunks(size).for_each(|chunk| opening.received(chunk));
                assert_eq!(opening.initial_window(), window, "in pieces of {size}");
            }
        }
    }

    #[test]
    fn other_protocols_are_known_by_their_first_bytes() {
        assert_eq!(heard(b""), FirstWords::Nothing);
        assert_eq!(heard(b"HTTP/1.1 400 Bad Request\r\n\r\n"), FirstWords::Http1);
        assert_eq!(heard(b"HTT"), FirstWords::Http1);
        assert_eq!(heard(b"HT"), FirstWords::Unclear(b"HT".to_vec()));
        assert_eq!(heard(b"HTTPS is due"), FirstWords::Other(b"HTTPS is due".to_vec()));
        assert_eq!(heard(b"<!DOCTYPE HTML>\n<html>"), FirstWords::Http1);
        assert_eq!(heard(&[21, 3, 1, 0, 2, 2, 70]), FirstWords::Tls);
        assert_eq!(heard(&[22, 3, 3, 0, 2, 2, 70]), FirstWords::Tls);
        assert_eq!(heard(b"SSH-2.0-OpenSSH_9"), FirstWords::Other(b"SSH-2.0-OpenSSH_9".to_vec()));
        assert_eq!(heard(&[0, 0, 8, 7, 0, 0, 0, 0, 0]), FirstWords::GoAway);
        // The answer to SETTINGS is a frame, but none to begin with.
        assert!(matches!(heard(&[0, 0, 0, 4, 1, 0, 0, 0, 0]), FirstWords::Other(_)));
    }

    #[test]
    fn what_follows_the_first_words_changes_nothing() {
        let mut bytes = vec![0, 0, 0, 4, 0, 0, 0, 0, 0];
        bytes.extend(std::iter::repeat_n(0xff, 100_000));
        assert_eq!(heard(&bytes), FirstWords::Settings);
    }
}

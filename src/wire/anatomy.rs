//! A frame's bytes beside what they mean, part by part.

use std::ops::Range;

use super::{
    codes::{ErrorCode, Setting, SettingId},
    entry::{Content, Entry},
    frame::{HEAD, Head, Kind},
    headers::{Coding, Field, Headers},
    ladder,
    messages::{Data, Flag, PREFIX},
};
use crate::text::Secrets;

/// A part of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it lies in the frame, its header included.
    pub bytes: Range<usize>,
    /// What it is, in a few words. It may quote foreign text.
    pub meaning: Meaning,
}

/// What a part of a frame is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// This, in words.
    Words(String),
    /// Bytes of a gRPC message; of a whole one where `is_whole`.
    Message {
        /// Its number on its stream and direction, counted from 1.
        number: u64,
        /// What its prefix says of compression.
        flag: Flag,
        /// Whether all of it lies here.
        is_whole: bool,
    },
}

/// The parts of a frame in their order, as far as its bytes are kept: the nine bytes that every frame
/// begins with (RFC 9113, section 4.1), then what its type says. `payload` is what is kept behind them.
/// Secrets have neither bytes nor value, unless they were asked for. Empty for an entry that is no frame.
pub fn anatomy(entry: &Entry, payload: &[u8], secrets: Secrets) -> Vec<Part> {
    let (Some(head), Some(content)) = (entry.head(), entry.content()) else { return Vec::new() };
    let mut parts = Dissection { parts: Vec::new(), kept: HEAD + payload.len(), secrets };
    parts.head(head);
    parts.content(head, content, payload);
    parts.parts
}

struct Dissection {
    parts: Vec<Part>,
    kept: usize,
    secrets: Secrets,
}

impl Dissection {
    fn words(&mut self, bytes: Range<usize>, words: impl Into<String>) {
        self.put(bytes, Meaning::Words(words.into()));
    }

    fn put(&mut self, bytes: Range<usize>, meaning: Meaning) {
        let bytes = bytes.start.min(self.kept)..bytes.end.min(self.kept);
        self.parts.push(Part { bytes, meaning });
    }

    fn head(&mut self, head: Head) {
        let flags: Vec<&str> = head.flag_names().collect();
        let flags = if flags.is_empty() { "no flag".to_owned() } else { flags.join(" ") };
        let stream = match head.stream {
            0 => "stream 0: the connection as a whole".to_owned(),
            stream => format!("stream {stream}"),
        };
        self.words(0..3, format!("length {}", head.length));
        self.words(3..4, format!("type {}", head.kind));
        self.words(4..5, flags);
        self.words(5..HEAD, stream);
    }

    fn content(&mut self, head: Head, content: &Content, payload: &[u8]) {
        let all = HEAD..HEAD + head.length as usize;
        match content {
            Content::Data(data) => self.data(head, data, payload),
            Content::Headers(headers) => self.headers(head, headers, payload),
            Content::HeadersBegun => {
                let words = "a part of a header block; CONTINUATION goes on with it";
                self.unread(all, words);
            }
            Content::Priority => self.words(all, "a priority, which means nothing any more"),
            Content::Reset(code) => self.words(all, code_words(*code)),
            Content::Settings(settings) => self.settings(settings),
            Content::SettingsAck => {}
            Content::PushPromise { promised } => {
                let from = HEAD + usize::from(head.is_padded());
                self.words(from..from + 4, format!("promises stream {promised}"));
            }
            Content::Ping | Content::PingAck(_) => self.words(all, "eight bytes that come back as they are"),
            Content::GoAway { last, code, debug } => {
                self.words(HEAD..HEAD + 4, format!("the last stream that it looks at: {last}"));
                self.words(HEAD + 4..HEAD + 8, code_words(*code));
                if !debug.is_empty() {
                    let words = String::from_utf8_lossy(debug);
                    self.words(HEAD + 8..all.end, format!("in its own words: {words}"));
                }
            }
            Content::WindowUpdate { increment, .. } => {
                self.words(all, format!("{increment} bytes more may be sent"));
            }
            Content::Unknown => self.words(all, "a type that HTTP/2 does not know, and ignores"),
            Content::Malformed(fault) if head.carries_headers() => {
                self.unread(all, format!("malformed: {fault}"));
            }
            Content::Malformed(fault) => self.words(all, format!("malformed: {fault}")),
        }
    }

    /// Headers that were not read: any of their bytes may belong to a secret.
    fn unread(&mut self, bytes: Range<usize>, words: impl Into<String>) {
        let is_hidden = self.secrets == Secrets::Masked;
        self.words(if is_hidden { bytes.start..bytes.start } else { bytes }, words);
    }

    fn settings(&mut self, settings: &[Setting]) {
        for (nth, Setting { id, value }) in settings.iter().enumerate() {
            let from = HEAD + 6 * nth;
            let words = format!("{id} {value}: {}", SettingId::meaning(*id));
            self.words(from..from + 6, words);
        }
    }

    fn data(&mut self, head: Head, data: &Data, payload: &[u8]) {
        let padded = usize::from(head.is_padded());
        if padded == 1 {
            self.words(
                HEAD..HEAD + 1,
                format!("{} bytes of padding at the end", payload.first().unwrap_or(&0)),
            );
        }
        for piece in data.pieces(payload) {
            let from = HEAD + piece.bytes.start;
            if !piece.continued {
                let prefix = from.saturating_sub(PREFIX);
                let flag = match piece.flag {
                    Flag::Plain => "not compressed".to_owned(),
                    Flag::Compressed => "compressed".to_owned(),
                    Flag::Invalid(flag) => format!("flag {flag}: gRPC has no other than 0 and 1"),
                };
                self.words(prefix..prefix + 1, format!("message {}, {flag}", piece.number));
                let length = piece.size.map_or_else(
                    || "its length goes on in the next frame".to_owned(),
                    |size| format!("{size} bytes long"),
                );
                self.words(prefix + 1..from, length);
            }
            if !piece.bytes.is_empty() {
                let (number, flag, is_whole) = (piece.number, piece.flag, piece.is_whole());
                self.put(from..HEAD + piece.bytes.end, Meaning::Message { number, flag, is_whole });
            }
        }
        let end = HEAD + head.length as usize;
        let padding = usize::from(data.padding).saturating_sub(padded);
        if padding > 0 {
            self.words(end - padding.min(end)..end, "padding");
        }
    }

    /// Fields of a block that began in an earlier frame have no place here.
    fn headers(&mut self, head: Head, headers: &Headers, payload: &[u8]) {
        let mut block = HEAD;
        if head.is_padded() {
            let words = format!("{} bytes of padding at the end", payload.first().unwrap_or(&0));
            self.words(block..block + 1, words);
            block += 1;
        }
        if head.has_priority() {
            self.words(block..block + 5, "a priority, which means nothing any more");
            block += 5;
        }
        let is_whole = head.kind == Kind::Headers;
        let mut at = block;
        if is_whole && headers.resizing() > 0 {
            at += headers.resizing();
            self.words(block..at, "the table of remembered headers is resized");
        }
        for field in headers.fields() {
            let from = block + field.at;
            at = from + field.cost.wire as usize;
            let is_hidden = !is_whole || (self.secrets == Secrets::Masked && ladder::is_secret(&field));
            let place = if is_hidden { from..from } else { from..at };
            self.words(place, field_words(field, self.secrets));
        }
        if headers.left_out() > 0 {
            self.words(at..at, format!("… {} fields more", headers.left_out()));
        }
        if !headers.is_readable() {
            self.unread(block..HEAD + head.length as usize, "headers that cannot be read any more");
        }
    }
}

fn field_words(field: Field<'_>, secrets: Secrets) -> String {
    let name = String::from_utf8_lossy(field.name);
    let value = ladder::value(&field, secrets);
    let how = match field.coding {
        Coding::Indexed => "known, by its number",
        Coding::Remembered => "spelt out, and remembered",
        Coding::Literal => "spelt out, this once",
        Coding::NeverIndexed => "spelt out, never to be remembered",
    };
    format!("{name}: {value}  ({how})")
}

fn code_words(code: ErrorCode) -> String {
    format!("{code}: {}", code.meaning())
}

//! What stands in the payload of one frame, as far as that alone tells.

use super::{
    codes::{ErrorCode, Setting, SettingId},
    entry::{Content, Fault},
    frame::{Head, Kind},
};

/// Settings of one frame that are told.
const MAX_SETTINGS: usize = 32;
/// Bytes that are told of what a GOAWAY adds to its code.
const MAX_DEBUG: usize = 128;
const SETTING: usize = 6;
const PRIORITY: usize = 5;

/// The padding of a frame, its length byte included, by the beginning of its payload.
pub(super) fn padding(head: Head, payload: &[u8]) -> u16 {
    match payload.first() {
        Some(length) if head.is_padded() => u16::from(*length) + 1,
        // PADDED without room for the length byte: longer than the frame.
        None if head.is_padded() => 1,
        _ => 0,
    }
}

/// What of a piece of a payload, `at` bytes behind its beginning, is neither padding nor its length byte.
pub(super) fn body(head: Head, padding: u16, at: u32, piece: &[u8]) -> &[u8] {
    let from = u32::from(padding.min(1));
    let end = (from + head.length).saturating_sub(u32::from(padding));
    let within = |place: u32| (place.saturating_sub(at) as usize).min(piece.len());
    piece.get(within(from)..within(end)).unwrap_or_default()
}

/// The part of a header block in a HEADERS, `PUSH_PROMISE` or CONTINUATION frame; `None` where it has none.
pub(super) fn fragment(head: Head, payload: &[u8]) -> Option<&[u8]> {
    let padding = padding(head, payload);
    if usize::from(padding) > payload.len() {
        return None;
    }
    let body = body(head, padding, 0, payload);
    let before = if head.has_priority() { PRIORITY } else { 0 } + promise(head).unwrap_or(0);
    body.get(before..)
}

fn promise(head: Head) -> Option<usize> {
    (head.kind == Kind::PushPromise).then_some(4)
}

/// The stream that a `PUSH_PROMISE` promises.
pub(super) fn promised(head: Head, payload: &[u8]) -> Option<u32> {
    if head.kind != Kind::PushPromise {
        return None;
    }
    let body = body(head, padding(head, payload), 0, payload);
    body.first_chunk().map(|number| stream(*number))
}

/// The settings of a frame, all of them.
pub(super) fn settings(payload: &[u8]) -> impl Iterator<Item = Setting> {
    payload.as_chunks::<SETTING>().0.iter().map(|[a, b, value @ ..]| Setting {
        id: SettingId(u16::from_be_bytes([*a, *b])),
        value: u32::from_be_bytes(*value),
    })
}

/// What is in a frame that is neither DATA nor headers.
pub(super) fn content(head: Head, payload: &[u8]) -> Content {
    let is_of_a_stream = head.stream != 0;
    let stream_is_right = match head.kind {
        Kind::Priority | Kind::RstStream => is_of_a_stream,
        Kind::Settings | Kind::Ping | Kind::GoAway => !is_of_a_stream,
        _ => true,
    };
    if !stream_is_right {
        return Content::Malformed(Fault::Stream);
    }
    known(head, payload).unwrap_or(Content::Malformed(Fault::Length))
}

/// `None` where the payload has not the length that its type has.
fn known(head: Head, payload: &[u8]) -> Option<Content> {
    Some(match head.kind {
        Kind::Priority => {
            <[u8; PRIORITY]>::try_from(payload).ok()?;
            Content::Priority
        }
        Kind::RstStream => Content::Reset(ErrorCode(u32::from_be_bytes(payload.try_into().ok()?))),
        Kind::Settings if head.is_ack() => payload.is_empty().then_some(Content::SettingsAck)?,
        Kind::Settings => {
            let settings = payload.len().is_multiple_of(SETTING).then(|| settings(payload))?;
            Content::Settings(settings.take(MAX_SETTINGS).collect())
        }
        Kind::Ping => {
            <[u8; 8]>::try_from(payload).ok()?;
            if head.is_ack() { Content::PingAck(None) } else { Content::Ping }
        }
        Kind::GoAway => {
            let (last, rest) = payload.split_first_chunk()?;
            let (code, debug) = rest.split_first_chunk()?;
            Content::GoAway {
                last: stream(*last),
                code: ErrorCode(u32::from_be_bytes(*code)),
                debug: debug[..debug.len().min(MAX_DEBUG)].into(),
            }
        }
        Kind::WindowUpdate => match stream(payload.try_into().ok()?) {
            0 => Content::Malformed(Fault::Nothing),
            increment => Content::WindowUpdate { increment, left: None },
        },
        _ => Content::Unknown,
    })
}

/// A number of 31 bits behind a reserved one.
fn stream(number: [u8; 4]) -> u32 {
    u32::from_be_bytes(number) & (u32::MAX >> 1)
}

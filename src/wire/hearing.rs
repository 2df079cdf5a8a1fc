//! What the frames of one direction say and change: streams, windows, headers. DATA is in `data.rs`.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::{
    codes::{Setting, SettingId},
    entry::{Content, Fault, Lost, LostHeaders, What},
    frame::{Direction, Head, Kind},
    headers::{Block, Cost, Headers, Role},
    hpack::Decoder,
    payload,
    repeated::Repeated,
    state::{OpenBlock, Said, Side, State},
    walk::{Frames, PREFACE},
    windows::DEFAULT_WINDOW,
};

/// Bytes of one header block; who sends more is not followed.
const MAX_BLOCK: usize = 4 << 20;
/// SETTINGS and PINGs of one side that wait for their answers.
const MAX_UNANSWERED: usize = 16;

/// One direction's frames.
pub(super) struct Hearing<'a> {
    pub(super) state: &'a mut State,
    pub(super) direction: Direction,
}

impl Frames for Hearing<'_> {
    fn preface(&mut self) {
        self.state.push(self.direction, None, What::Preface, PREFACE);
    }

    fn data(&mut self, head: Head, at: u32, piece: &[u8]) {
        if at == 0 && piece.len() == head.length as usize {
            self.whole_data(head, piece);
        } else {
            self.part_of_data(head, at, piece);
        }
    }

    fn alike(&mut self, head: Head, frames: &[u8]) -> usize {
        self.data_alike(head, frames)
    }

    fn frame(&mut self, head: Head, payload: &[u8]) {
        self.state.tell_unseen(self.direction);
        self.side().totals.count(head.kind, 1);
        if head.kind != Kind::Continuation {
            self.interrupt();
        }
        let content = match head.kind {
            Kind::Headers | Kind::Continuation => self.block(head, payload),
            Kind::PushPromise => {
                let content = self.block(head, payload);
                payload::promised(head, payload).map_or(content, |promised| Content::PushPromise { promised })
            }
            _ => self.control(head, payload),
        };
        let call = self.state.streams.call(head.stream);
        self.state.push(self.direction, call, What::Frame(head, content), payload);
        if head.ends_stream() {
            self.state.streams.end(head.stream, self.direction);
        }
    }

    fn lost(&mut self, why: &'static str) {
        self.is_lost(Lost::Frames(why));
    }
}

impl Hearing<'_> {
    pub(super) fn side(&mut self) -> &mut Side {
        self.state.sides.of(self.direction)
    }

    fn other(&mut self) -> &mut Side {
        self.state.sides.of(self.direction.opposite())
    }

    fn is_lost(&mut self, lost: Lost) {
        let side = self.side();
        side.block = None;
        (side.hpack, side.repeated) = (Decoder::default(), Repeated::default());
        // Out of step with the frames is the worse.
        if side.totals.lost.is_none() || matches!(lost, Lost::Frames(_)) {
            side.totals.lost = Some(lost);
            self.state.push(self.direction, None, What::Lost(lost), &[]);
        }
    }

    /// A block of headers must not be interrupted (RFC 9113, section 4.3).
    pub(super) fn interrupt(&mut self) {
        if self.side().block.is_some() {
            self.is_lost(Lost::Headers(LostHeaders::NotEnded));
        }
    }

    /// A part of a header block, or the whole.
    fn block(&mut self, head: Head, payload: &[u8]) -> Content {
        if self.direction == Direction::Sent && head.kind == Kind::Headers {
            self.state.streams.request(head.stream);
        }
        let Some(fragment) = payload::fragment(head, payload) else {
            self.is_lost(Lost::Headers(LostHeaders::Malformed));
            return Content::Malformed(Fault::Padding);
        };
        let (first, mut bytes) = match (head.kind, self.side().block.take()) {
            (Kind::Continuation, Some(begun)) if begun.head.stream == head.stream => {
                (begun.head, begun.bytes)
            }
            (Kind::Continuation, other) => {
                let why = other.map_or(LostHeaders::NotBegun, |_| LostHeaders::NotEnded);
                self.is_lost(Lost::Headers(why));
                return Content::Malformed(Fault::NotBegun);
            }
            _ if head.ends_headers() => return self.headers(head, fragment),
            _ => (head, Vec::new()),
        };
        if bytes.len() + fragment.len() > MAX_BLOCK {
            self.is_lost(Lost::Headers(LostHeaders::TooLong));
            return Content::HeadersBegun;
        }
        bytes.extend_from_slice(fragment);
        if head.ends_headers() {
            return self.headers(first, &bytes);
        }
        self.side().block = Some(OpenBlock { head: first, bytes });
        Content::HeadersBegun
    }

    /// A whole block, which began with that frame.
    fn headers(&mut self, first: Head, bytes: &[u8]) -> Content {
        let (block, cost) = self.read(bytes);
        self.side().totals.headers.add(cost);
        let role = self.role(first, &block);
        Content::Headers(Arc::new(Headers { role, ends_stream: first.ends_stream(), cost, block }))
    }

    fn read(&mut self, bytes: &[u8]) -> (Arc<Block>, Cost) {
        let wire = bytes.len() as u64;
        let side = self.side();
        let unreadable = || (Arc::default(), Cost { wire, text: wire });
        if side.totals.lost.is_some() {
            return unreadable();
        }
        if let Some(known) = side.repeated.get(bytes) {
            return known;
        }
        let (mut block, mut text, before) = (Block::readable(), 0, side.hpack.changes());
        let read = side.hpack.decode(bytes, |field| {
            text += field.cost.text;
            block.push(&field);
        });
        match read {
            Ok(()) => {
                let (block, cost) = (Arc::new(block), Cost { wire, text });
                if side.hpack.changes() == before {
                    side.repeated.put(bytes, &block, cost);
                } else {
                    side.repeated.forget();
                }
                (block, cost)
            }
            Err(error) => {
                self.is_lost(Lost::Headers(error.into()));
                unreadable()
            }
        }
    }

    fn role(&mut self, head: Head, block: &Block) -> Role {
        let stream = self.state.streams.get_mut(head.stream).filter(|_| head.kind == Kind::Headers);
        let Some(stream) = stream else { return Role::Stray };
        let half = stream.halves.of(self.direction);
        let is_first = !half.has_headers;
        if self.direction == Direction::Sent {
            half.has_headers = true;
            return if is_first { Role::Request } else { Role::RequestTrailers };
        }
        let is_informational = block.get(":status").is_some_and(|status| status.starts_with(b"1"));
        if is_first && is_informational {
            return Role::Informational;
        }
        half.has_headers = true;
        match (is_first, head.ends_stream()) {
            (true, true) => Role::TrailersOnly,
            (true, false) => Role::Response,
            (false, _) => Role::Trailers,
        }
    }

    /// A frame that is neither DATA nor headers, and what it changes.
    fn control(&mut self, head: Head, payload: &[u8]) -> Content {
        let mut content = payload::content(head, payload);
        match &mut content {
            Content::Settings(_) => self.settings(payload),
            Content::SettingsAck => self.settings_hold(),
            Content::Ping => {
                let asked = (payload.to_vec(), self.state.at);
                put(&mut self.side().pings, asked);
            }
            Content::PingAck(round_trip) => *round_trip = self.answered(payload),
            Content::Reset(_) => self.state.streams.close(head.stream),
            Content::GoAway { last, .. } if self.direction == Direction::Received => {
                self.state.streams.close_behind(*last);
            }
            Content::WindowUpdate { increment, left } => *left = self.grant(head.stream, *increment),
            _ => {}
        }
        content
    }

    fn settings(&mut self, payload: &[u8]) {
        let mut said = Said::default();
        for Setting { id, value } in payload::settings(payload) {
            match id {
                SettingId::HEADER_TABLE_SIZE => said.table = Some(value),
                SettingId::INITIAL_WINDOW_SIZE => said.initial_window = Some(value),
                SettingId::MAX_FRAME_SIZE => self.other().longest = value,
                _ => {}
            }
        }
        put(&mut self.side().said, said);
    }

    /// What the other side said holds for this side from here on (RFC 9113, section 6.5.3).
    fn settings_hold(&mut self) {
        let Some(said) = self.other().said.pop_front() else { return };
        let side = self.side();
        if let Some(table) = said.table {
            side.hpack.allow(table);
        }
        side.initial_window = said.initial_window.unwrap_or(side.initial_window);
    }

    fn answered(&mut self, payload: &[u8]) -> Option<Duration> {
        let pings = &mut self.other().pings;
        let place = pings.iter().position(|(asked, _)| asked == payload)?;
        let (_, asked_at) = pings.remove(place)?;
        let after = self.state.at.saturating_sub(asked_at);
        // What this side answers went no way at all.
        if self.direction == Direction::Received {
            self.state.round_trip = Some(after);
        }
        Some(after)
    }

    /// Lets the other side send more. What it may send then.
    fn grant(&mut self, stream: u32, increment: u32) -> Option<i64> {
        let other = self.direction.opposite();
        let side = self.state.sides.of(other);
        let (balance, initial) = if stream == 0 {
            (&mut side.balance, DEFAULT_WINDOW)
        } else {
            let initial = side.initial_window;
            (&mut self.state.streams.get_mut(stream)?.halves.of(other).balance, initial)
        };
        balance.grant(increment);
        Some(balance.window(initial).left)
    }
}

/// Puts something behind what waits for an answer. Where too many wait, the oldest is let go.
fn put<T>(waiting: &mut VecDeque<T>, last: T) {
    if waiting.len() == MAX_UNANSWERED {
        waiting.pop_front();
    }
    waiting.push_back(last);
}

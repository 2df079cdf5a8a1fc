//! How far the messages of a stream and direction are.
//!
//! Where a message begins is known only behind the one before it, so each must be looked at to know the next.
//! That is cheap for a frame and dear for a flood: of full frames, each with hundreds of small messages. So it
//! has a bound, and behind it the place is not known any more, until somebody who knows it says it.

use super::messages::{Messages, PREFIX};

/// Messages of a frame that are always counted. So a stream of which each frame has few is always followed.
const FEW: u32 = 8;
/// Messages of a direction that are counted in a span of time; see [`Effort`].
const MANY: u32 = 1 << 14;

/// How far a response is, by who takes its messages.
#[derive(Debug, Clone, Copy)]
pub struct Reached<'a> {
    /// Bytes that were taken from the stream's beginning on, padding apart.
    pub bytes: u64,
    /// Messages that were whole in these.
    pub messages: u64,
    /// What came of the next one, its prefix included.
    pub begun: &'a [u8],
}

/// How much is counted before the next span of time begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    left: u32,
}

impl Default for Effort {
    fn default() -> Self {
        Self { left: MANY }
    }
}

impl Effort {
    /// Whether there is enough to be worth a beginning.
    pub(super) fn is_left(self) -> bool {
        self.left > FEW
    }

    /// How many messages of a frame may be counted.
    pub(super) fn most(self) -> u32 {
        self.left.max(FEW)
    }

    /// A frame is over.
    pub(super) fn spend(&mut self, found: Messages) {
        self.left = self.left.saturating_sub(found.count.saturating_sub(FEW));
    }

    /// A frame had more than could be counted.
    fn is_spent(&mut self) {
        self.left = 0;
    }
}

/// How far the messages of a stream and direction are, where that is known.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Known(Progress),
    Unknown,
}

impl Default for Place {
    fn default() -> Self {
        Self::Known(Progress::default())
    }
}

impl Place {
    /// Takes the first bytes of a frame's messages, or all of them. Where there are more messages than the
    /// effort allows, none is told and the place is unknown.
    #[inline]
    pub(super) fn begin(&mut self, bytes: &[u8], effort: Option<&mut Effort>) -> Messages {
        let Self::Known(progress) = self else { return Messages::default() };
        let most = effort.as_ref().map_or(u32::MAX, |effort| effort.most());
        match progress.begin(bytes, most) {
            Ok(messages) => messages,
            Err(TooMany) => self.lose(effort),
        }
    }

    /// Takes the next bytes of the same frame's messages, in pieces of any size.
    pub(super) fn take(&mut self, bytes: &[u8], found: &mut Messages, effort: Option<&mut Effort>) {
        let Self::Known(progress) = self else { return };
        let most = effort.as_ref().map_or(u32::MAX, |effort| effort.most());
        if let Err(TooMany) = progress.take(bytes, found, most) {
            *found = self.lose(effort);
        }
    }

    /// How many of the payloads, one behind the other and all of one size, are one message each, as far as is
    /// known; these are counted. `payloads` are the first bytes of each, as many as a prefix has.
    pub(super) fn one_each(&mut self, size: usize, payloads: impl Iterator<Item = [u8; PREFIX]>) -> usize {
        let Self::Known(progress) = self else { return payloads.count() };
        let Some(length) = size.checked_sub(PREFIX).filter(|_| progress.have == 0) else { return 0 };
        let length = (length as u32).to_be_bytes();
        let count = payloads.take_while(|[_, said @ ..]| *said == length).count();
        progress.begun += count as u64;
        count
    }

    fn lose(&mut self, effort: Option<&mut Effort>) -> Messages {
        *self = Self::Unknown;
        if let Some(effort) = effort {
            effort.is_spent();
        }
        Messages::default()
    }
}

/// A frame has more messages than are to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMany;

/// How far the messages of a stream and direction are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// Messages that have begun.
    begun: u64,
    /// The present one's prefix, as far as it came; none where the next message has not begun.
    prefix: [u8; PREFIX],
    have: u8,
    /// Bytes of the present one that are still to come, once the prefix is whole.
    left: u32,
}

impl Progress {
    /// Behind so many whole messages and the first bytes of the next.
    pub(super) fn behind(messages: u64, begun: &[u8]) -> Self {
        let mut progress = Self { begun: messages, ..Self::default() };
        let mut found = Messages { first: messages + 1, ..Messages::default() };
        // One message's first bytes are not too many.
        let _one = progress.take(begun, &mut found, u32::MAX);
        progress
    }

    /// Takes the first bytes of a frame's messages, or all of them.
    #[inline]
    fn begin(&mut self, bytes: &[u8], most: u32) -> Result<Messages, TooMany> {
        if self.have == 0 && is_one(bytes) {
            // Nearly every frame that is no part of a flood. All else takes its time.
            self.begun += 1;
            return Ok(Messages { first: self.begun, count: 1, ended: 1, ..Messages::default() });
        }
        self.begin_within(bytes, most)
    }

    #[inline(never)]
    fn begin_within(&mut self, bytes: &[u8], most: u32) -> Result<Messages, TooMany> {
        let (size, flag) = self.known();
        let first = if self.have == 0 { self.begun + 1 } else { self.begun };
        let mut found = Messages { first, size, flag, ..Messages::default() };
        self.take(bytes, &mut found, most)?;
        Ok(found)
    }

    /// The present message's size, and the flag before it; 0 where they did not come yet.
    fn known(&self) -> (Option<u32>, u8) {
        let [flag, length @ ..] = self.prefix;
        let is_whole = usize::from(self.have) == PREFIX;
        (is_whole.then(|| u32::from_be_bytes(length)), if is_whole { flag } else { 0 })
    }

    /// Takes the next bytes of the same frame's messages, in pieces of any size. What is told is the same
    /// however the frame is cut, also where it is too many.
    fn take(&mut self, mut bytes: &[u8], found: &mut Messages, most: u32) -> Result<(), TooMany> {
        while !bytes.is_empty() {
            if self.have == 0 {
                let (count, rest) = whole_messages(bytes, most.saturating_sub(found.count));
                self.begun += u64::from(count);
                found.count += count;
                found.ended += count;
                if rest.is_empty() {
                    return Ok(());
                }
                if found.count >= most {
                    return Err(TooMany);
                }
                bytes = rest;
                self.begun += 1;
                found.count += 1;
            }
            bytes = self.go_on(bytes, found);
        }
        Ok(())
    }

    /// Takes what is there of the present message.
    fn go_on<'a>(&mut self, bytes: &'a [u8], found: &mut Messages) -> &'a [u8] {
        // Either nothing of this frame was seen yet, or nothing but this message.
        let is_continued = found.first == self.begun && (found.count == 0 || found.continued > 0);
        let in_prefix = bytes.len().min(PREFIX - usize::from(self.have));
        let (prefix, body) = bytes.split_at(in_prefix);
        let have = usize::from(self.have);
        self.prefix[have..have + in_prefix].copy_from_slice(prefix);
        self.have += in_prefix as u8;
        let (size, flag) = self.known();
        if in_prefix > 0 {
            self.left = size.unwrap_or_default();
        }
        let (here, rest) = body.split_at(body.len().min(self.left as usize));
        self.left -= here.len() as u32;
        if size.is_some() && self.left == 0 {
            self.have = 0;
            found.ended += 1;
        }
        if is_continued {
            (found.count, found.size, found.flag) = (1, size, flag);
            found.prefix += in_prefix as u8;
            found.continued += (bytes.len() - rest.len()) as u32;
        }
        rest
    }
}

/// Whether the bytes are one message, and nothing else.
fn is_one(bytes: &[u8]) -> bool {
    let prefix = bytes.first_chunk::<PREFIX>();
    prefix.is_some_and(|[_, length @ ..]| u32::from_be_bytes(*length) as usize == bytes.len() - PREFIX)
}

/// How many whole messages the bytes begin with, up to `most`, and what is behind them.
fn whole_messages(mut bytes: &[u8], most: u32) -> (u32, &[u8]) {
    let mut count = 0;
    while let Some([_, length @ ..]) = bytes.first_chunk::<PREFIX>().filter(|_| count < most) {
        let size = PREFIX + u32::from_be_bytes(*length) as usize;
        // Most have the size of the one before. Where that is guessed, and then seen to be so, no length need
        // be awaited to find the next.
        let alike = bytes.chunks_exact(size).take((most - count) as usize);
        let same = alike.take_while(|message| message[1..PREFIX] == *length).count();
        if same == 0 {
            break;
        }
        count += same as u32;
        bytes = &bytes[same * size..];
    }
    (count, bytes)
}

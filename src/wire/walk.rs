//! Where each frame begins and ends, however the bytes were cut.

use super::frame::{Direction, HEAD, Head, Kind};

/// The first words of a client (RFC 9113, section 3.4).
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The longest payload that anybody takes without having said so (RFC 9113, section 6.5.2).
pub const DEFAULT_MAX_FRAME: u32 = 16_384;
/// Bytes of a frame that are gathered where it comes in pieces. DATA never is.
pub const MAX_GATHERED: usize = 1 << 20;

/// Takes the frames of one direction.
pub trait Frames {
    /// The preface passed.
    fn preface(&mut self);
    /// The next piece of a DATA frame's payload, which begins `at` bytes behind the payload's beginning. A
    /// frame without a payload has one empty piece.
    fn data(&mut self, head: Head, at: u32, piece: &[u8]);
    /// Whole DATA frames, and whatever is behind them; the first one's header is that one. So many of the first
    /// may be taken at once, if they have the same header. The rest is told frame by frame.
    fn alike(&mut self, _head: Head, _frames: &[u8]) -> usize {
        0
    }
    /// Any other frame, with its whole payload, or the first [`MAX_GATHERED`] bytes of it.
    fn frame(&mut self, head: Head, payload: &[u8]);
    /// No frame can be told any more. Why, in words.
    fn lost(&mut self, why: &'static str);
}

/// Finds the frames of one direction in its bytes.
#[derive(Debug)]
pub struct Walker {
    at: Place,
    gathered: Vec<u8>,
    longest: u32,
}

/// Where the next byte belongs.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Into the preface, of which so many bytes came.
    Preface(usize),
    /// Into the header of a frame, of which so many bytes came.
    Head { due: Due, begun: [u8; HEAD], have: usize },
    /// Into a payload, of which so many bytes came.
    Payload(Head, u32),
    /// Nowhere that is known.
    Lost,
}

/// Which frame is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// The first of a side (RFC 9113, section 3.4).
    Settings,
    /// Any other.
    Any,
}

const BEHIND_A_FRAME: Place = Place::Head { due: Due::Any, begun: [0; HEAD], have: 0 };
const BEFORE_SETTINGS: Place = Place::Head { due: Due::Settings, begun: [0; HEAD], have: 0 };

impl Walker {
    /// At the beginning of a direction.
    pub fn new(direction: Direction) -> Self {
        let at = match direction {
            Direction::Sent => Place::Preface(0),
            Direction::Received => BEFORE_SETTINGS,
        };
        Self { at, gathered: Vec::new(), longest: DEFAULT_MAX_FRAME }
    }

    /// Takes what the receiver of this direction allows (`SETTINGS_MAX_FRAME_SIZE`).
    pub fn allow(&mut self, longest: u32) {
        self.longest = self.longest.max(longest);
    }

    /// Takes the next bytes, in pieces of any size.
    pub fn walk(&mut self, mut bytes: &[u8], frames: &mut impl Frames) {
        while !bytes.is_empty() {
            if let Place::Head { due: Due::Any, have: 0, .. } = self.at {
                bytes = self.whole_frames(bytes, frames);
            }
            bytes = match self.at {
                Place::Head { due, mut begun, have } => {
                    let (piece, rest) = bytes.split_at(bytes.len().min(HEAD - have));
                    let now = have + piece.len();
                    begun[have..now].copy_from_slice(piece);
                    if now == HEAD {
                        self.head(Head::read(begun), due, frames);
                        self.whole(rest, frames)
                    } else {
                        self.at = Place::Head { due, begun, have: now };
                        rest
                    }
                }
                Place::Payload(head, have) => self.piece(head, have, bytes, frames),
                Place::Preface(have) => self.preface(have, bytes, frames),
                Place::Lost => return,
            };
        }
    }

    /// Frames that lie there whole, as nearly all do: for these, nothing is to be remembered.
    fn whole_frames<'a>(&self, mut bytes: &'a [u8], frames: &mut impl Frames) -> &'a [u8] {
        while let Some((head, behind)) = bytes.split_first_chunk() {
            let head = Head::read(*head);
            let Some((payload, rest)) = behind.split_at_checked(head.length as usize) else { break };
            if head.length > self.longest {
                break;
            }
            if head.kind != Kind::Data {
                frames.frame(head, payload);
                bytes = rest;
                continue;
            }
            match frames.alike(head, bytes) {
                0 => {
                    frames.data(head, 0, payload);
                    bytes = rest;
                }
                taken => bytes = bytes.get(taken * (HEAD + payload.len())..).unwrap_or_default(),
            }
        }
        bytes
    }

    fn preface<'a>(&mut self, have: usize, bytes: &'a [u8], frames: &mut impl Frames) -> &'a [u8] {
        let (piece, rest) = bytes.split_at(bytes.len().min(PREFACE.len() - have));
        if !PREFACE[have..].starts_with(piece) {
            self.lost("the connection does not begin with the preface of HTTP/2", frames);
        } else if have + piece.len() == PREFACE.len() {
            frames.preface();
            self.at = BEFORE_SETTINGS;
        } else {
            self.at = Place::Preface(have + piece.len());
        }
        rest
    }

    fn head(&mut self, head: Head, due: Due, frames: &mut impl Frames) {
        if head.length > self.longest {
            self.lost("a frame is longer than was allowed", frames);
        } else if due == Due::Settings && (head.kind != Kind::Settings || head.is_ack()) {
            self.lost("the first frame is not SETTINGS", frames);
        } else {
            self.at = Place::Payload(head, 0);
        }
    }

    /// Behind a header: a payload that is there, or that is empty.
    fn whole<'a>(&mut self, bytes: &'a [u8], frames: &mut impl Frames) -> &'a [u8] {
        match self.at {
            Place::Payload(head, 0) => self.piece(head, 0, bytes, frames),
            _ => bytes,
        }
    }

    fn piece<'a>(&mut self, head: Head, have: u32, bytes: &'a [u8], frames: &mut impl Frames) -> &'a [u8] {
        let missing = (head.length - have) as usize;
        let (piece, rest) = bytes.split_at(bytes.len().min(missing));
        let is_whole = piece.len() == missing;
        self.at = if is_whole { BEHIND_A_FRAME } else { Place::Payload(head, have + piece.len() as u32) };
        if head.kind == Kind::Data {
            if is_whole || !piece.is_empty() {
                frames.data(head, have, piece);
            }
        } else if is_whole && have == 0 {
            frames.frame(head, piece);
        } else {
            let room = MAX_GATHERED - self.gathered.len().min(MAX_GATHERED);
            self.gathered.extend_from_slice(&piece[..piece.len().min(room)]);
            if is_whole {
                frames.frame(head, &self.gathered);
                self.gathered.clear();
                self.gathered.shrink_to(DEFAULT_MAX_FRAME as usize);
            }
        }
        rest
    }

    fn lost(&mut self, why: &'static str, frames: &mut impl Frames) {
        self.at = Place::Lost;
        self.gathered = Vec::new();
        frames.lost(why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::frame::Flags;

    /// What came, as lines.
    #[derive(Default)]
    struct Lines {
        lines: Vec<String>,
        data: Vec<u8>,
    }

    impl Frames for Lines {
        fn preface(&mut self) {
            self.lines.push("preface".to_owned());
        }

        fn data(&mut self, head: Head, at: u32, piece: &[u8]) {
            assert_eq!(self.data.len(), at as usize);
            self.data.extend_from_slice(piece);
            if self.data.len() == head.length as usize {
                let data = std::mem::take(&mut self.data);
                self.frame(head, &data);
            }
        }

        fn frame(&mut self, head: Head, payload: &[u8]) {
            let flags: Vec<_> = head.flag_names().collect();
            let payload = payload.escape_ascii();
            self.lines.push(format!("{} {} {} {payload}", head.stream, head.kind, flags.join("+")));
        }

        fn lost(&mut self, why: &'static str) {
            self.lines.push(format!("lost: {why}"));
        }
    }

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let head = Head { length: payload.len() as u32, kind: Kind::of(kind), flags: Flags(flags), stream };
        [&head.bytes()[..], payload].concat()
    }

    /// What was told must not depend on how the bytes were cut.
    fn told(direction: Direction, bytes: &[u8]) -> Vec<String> {
        let walk = |pieces: &mut dyn Iterator<Item = &[u8]>| {
            let (mut walker, mut lines) = (Walker::new(direction), Lines::default());
            pieces.for_each(|piece| walker.walk(piece, &mut lines));
            lines.lines
        };
        let whole = walk(&mut std::iter::once(bytes));
        assert_eq!(walk(&mut bytes.chunks(1)), whole);
        for cut in 0..bytes.len() {
            assert_eq!(walk(&mut [&bytes[..cut], &bytes[cut..]].into_iter()), whole, "cut at {cut}");
        }
        whole
    }

    #[test]
    fn frames_are_told_by_type_and_flags() {
        let bytes = [
            PREFACE.to_vec(),
            frame(4, 0, 0, &[]),
            frame(1, 0x2d, 1, b"headers"),
            frame(0, 0x09, 1, b"\0data"),
            frame(0, 1, 1, b""),
            frame(6, 1, 0, b"8 bytes!"),
            frame(0xbe, 0xff, 1 << 31 | 3, b"?"),
        ];
        let lines = told(Direction::Sent, &bytes.concat());
        assert_eq!(
            lines,
            [
                "preface",
                "0 SETTINGS  ",
                "1 HEADERS END_STREAM+END_HEADERS+PADDED+PRIORITY headers",
                "1 DATA END_STREAM+PADDED \\x00data",
                "1 DATA END_STREAM ",
                "0 PING ACK 8 bytes!",
                "3 type 0xbe  ?",
            ]
        );
    }

    #[test]
    fn every_kind_has_its_number_and_a_head_is_written_as_it_was_read() {
        for number in 0..=u8::MAX {
            assert_eq!(Kind::of(number).number(), number);
            let bytes = [1, 2, 3, number, 0xa5, 0x7f, 0xff, 0xff, 0xff];
            assert_eq!(Head::read(bytes).bytes(), bytes);
        }
    }

    #[test]
    fn who_does_not_speak_http2_is_out_of_step_once() {
        let http1 = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        assert_eq!(told(Direction::Received, http1), ["lost: a frame is longer than was allowed"]);
        let ping = frame(6, 0, 0, b"8 bytes!");
        assert_eq!(told(Direction::Received, &ping), ["lost: the first frame is not SETTINGS"]);
        let why = "lost: the connection does not begin with the preface of HTTP/2";
        assert_eq!(told(Direction::Sent, http1), [why]);
    }

    #[test]
    fn a_longer_frame_is_one_where_it_was_allowed() {
        let bytes = [frame(4, 0, 0, &[]), frame(1, 0, 1, &vec![b'x'; 16_385])].concat();
        let (mut walker, mut lines) = (Walker::new(Direction::Received), Lines::default());
        walker.walk(&bytes, &mut lines);
        assert_eq!(lines.lines.last().unwrap(), "lost: a frame is longer than was allowed");
        let (mut walker, mut lines) = (Walker::new(Direction::Received), Lines::default());
        walker.allow(16_385);
        bytes.chunks(1000).for_each(|piece| walker.walk(piece, &mut lines));
        assert_eq!(lines.lines[1].len(), "1 HEADERS  ".len() + 16_385);
    }

    #[test]
    fn what_is_gathered_of_a_frame_is_bounded() {
        let bytes = [frame(4, 0, 0, &[]), frame(1, 0, 1, &vec![b'x'; 3 * MAX_GATHERED])].concat();
        let (mut walker, mut lines) = (Walker::new(Direction::Received), Lines::default());
        walker.allow(u32::MAX);
        for piece in bytes.chunks(4096) {
            walker.walk(piece, &mut lines);
            assert!(walker.gathered.capacity() <= 2 * MAX_GATHERED);
        }
        assert_eq!(lines.lines[1].len(), "1 HEADERS  ".len() + MAX_GATHERED);
        assert!(walker.gathered.capacity() <= DEFAULT_MAX_FRAME as usize);
    }
}

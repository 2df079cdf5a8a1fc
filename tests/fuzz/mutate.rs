//! Inputs made of other inputs: changed, cut, put together.

/// No input is longer, in bytes.
pub(crate) const MAX_INPUT: usize = 4 << 10;

/// Numbers by chance, always the same for the same seed (`SplitMix64`).
pub(crate) struct Chance {
    seed: u64,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What readers stumble over: the ends of numbers, of lengths, of UTF-8, of the text formats.
const PIECES: [&[u8]; 28] = [
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff\xff\xff\x0f",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
    b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
    b"\x0a\x00",
    b"\x0b",
    b"\x0c",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x80\xae",
    b"\xe2\x80\x8d",
    b"\xcc\x81",
    b"\xef\xb8\x8f",
    b"\x1b[2J",
    b"\r\n",
    b"%",
    b"%ff",
    b"://",
    b":",
    b"[",
    b"{",
    b"\"",
    b"\\u0000",
    b"1e999",
    b"-9223372036854775808",
];

/// A new input from one of `pool`: a few changes, now and then with a piece of another.
pub(crate) fn mutated(pool: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut input = chance.one(pool).clone();
    for _ in 0..=chance.below(4) {
        let other = chance.one(pool);
        change(&mut input, other, chance);
    }
    input.truncate(MAX_INPUT);
    input
}

fn change(input: &mut Vec<u8>, other: &[u8], chance: &mut Chance) {
    let at = chance.below(input.len() + 1);
    match chance.below(10) {
        0 => input.truncate(at),
        1 => drop(input.drain(some(input.len(), chance))),
        2 => {
            let again = input[some(input.len(), chance)].to_vec();
            insert(input, at, &again);
        }
        3 => insert(input, at, PIECES[chance.below(PIECES.len())]),
        4 => insert(input, at, &other[some(other.len(), chance)]),
        5 => {
            input.truncate(at);
            input.extend_from_slice(&other[chance.below(other.len() + 1)..]);
        }
        _ => {
            let Some(byte) = input.get_mut(at) else { return };
            match chance.below(4) {
                0 => *byte ^= 1 << chance.below(8),
                1 => *byte = byte.wrapping_add(1),
                2 => *byte = byte.wrapping_sub(1),
                _ => *byte = chance.next() as u8,
            }
        }
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

/// A range of something so long: often short, at times all of it.
fn some(length: usize, chance: &mut Chance) -> std::ops::Range<usize> {
    let from = chance.below(length + 1);
    let left = length - from;
    let most = if chance.below(3) == 0 { left } else { left.min(16) };
    from..from + chance.below(most + 1)
}

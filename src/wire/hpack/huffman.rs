//! HPACK's Huffman code (RFC 7541, section 5.2 and appendix B).
//!
//! The code is canonical: shorter codes come first, and codes of one length stand in the order of their
//! symbols. So the lengths say it all, and the tables here are made of them when this is compiled.

/// The length of each byte's code, in bits.
const LENGTHS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6,
    6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7,
    8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7,
    15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24,
    23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23,
    23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26,
    26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20,
    21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27,
    27, 27, 26,
];

const SHORTEST: usize = 5;
const LONGEST: usize = 30;
/// Codes of up to so many bits are looked up at once.
const QUICK: usize = 8;

/// The bytes of one length's codes.
#[derive(Clone, Copy)]
struct Run {
    /// The run's first code, and the first one behind the run, from the highest of 32 bits on.
    first: u32,
    end: u64,
    /// Where its bytes stand in [`SORTED`].
    at: usize,
}

/// All bytes in the order of their codes.
const SORTED: [u8; 256] = sorted();
const RUNS: [Run; LONGEST + 1] = runs();
/// For the next eight bits: the byte and its code's length; 0 where that is longer.
const QUICKLY: [(u8, u8); 1 << QUICK] = quickly();

const fn sorted() -> [u8; 256] {
    let (mut sorted, mut at, mut length) = ([0; 256], 0, SHORTEST);
    while length <= LONGEST {
        let mut byte = 0;
        while byte < 256 {
            if LENGTHS[byte] as usize == length {
                sorted[at] = byte as u8;
                at += 1;
            }
            byte += 1;
        }
        length += 1;
    }
    sorted
}

const fn runs() -> [Run; LONGEST + 1] {
    let mut runs = [Run { first: 0, end: 0, at: 0 }; LONGEST + 1];
    let (mut code, mut at, mut length) = (0_u64, 0, SHORTEST);
    while length <= LONGEST {
        runs[length] = Run { first: code as u32, end: code, at };
        while at < 256 && LENGTHS[SORTED[at] as usize] as usize == length {
            code += 1 << (32 - length);
            at += 1;
        }
        runs[length].end = code;
        length += 1;
    }
    runs
}

const fn quickly() -> [(u8, u8); 1 << QUICK] {
    let mut quickly = [(0, 0); 1 << QUICK];
    let (mut bits, mut at) = (0, 0);
    while LENGTHS[SORTED[at] as usize] as usize <= QUICK {
        let length = LENGTHS[SORTED[at] as usize];
        let mut times = 1 << (QUICK - length as usize);
        while times > 0 {
            quickly[bits] = (SORTED[at], length);
            bits += 1;
            times -= 1;
        }
        at += 1;
    }
    quickly
}

/// Puts what `coded` stands for behind `text`. `None` where it is not Huffman code: the end-of-string
/// symbol, or padding other than the beginning of it, at most seven bits.
pub(super) fn decode(coded: &[u8], text: &mut Vec<u8>) -> Option<()> {
    let (mut bits, mut have, mut coded) = (0_u64, 0_u32, coded.iter());
    loop {
        while have <= 56
            && let Some(byte) = coded.next()
        {
            bits |= u64::from(*byte) << (56 - have);
            have += 8;
        }
        if have == 0 {
            return Some(());
        }
        // Behind the end stand zeros, which are no padding.
        let (byte, length) = symbol((bits >> 32) as u32).filter(|(_, length)| *length <= have).unzip();
        let (Some(byte), Some(length)) = (byte, length) else {
            return (have < 8 && bits.leading_ones() == have).then_some(());
        };
        text.push(byte);
        bits <<= length;
        have -= length;
    }
}

/// The byte whose code the bits begin with, and its length.
fn symbol(bits: u32) -> Option<(u8, u32)> {
    if let (byte, length @ 1..) = QUICKLY[(bits >> (32 - QUICK)) as usize] {
        return Some((byte, u32::from(length)));
    }
    let length = (QUICK + 1..=LONGEST).find(|length| u64::from(bits) < RUNS[*length].end)?;
    let Run { first, at, .. } = RUNS[length];
    let byte = SORTED.get(at + (bits.checked_sub(first)? >> (32 - length)) as usize)?;
    Some((*byte, length as u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(coded: &[u8]) -> Option<String> {
        let mut text = Vec::new();
        decode(coded, &mut text)?;
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    #[test]
    fn the_codes_of_the_rfc_stand_at_their_places() {
        // Appendix B: the first and last of some lengths.
        for (byte, code, length) in [
            (b'0', 0x0, 5),
            (b't', 0x9, 5),
            (b' ', 0x14, 6),
            (b'u', 0x2d, 6),
            (b'z', 0x7b, 7),
            (b'&', 0xf8, 8),
            (b'Z', 0xfd, 8),
            (b'!', 0x3f8, 10),
            (b'{', 0x7ffe, 15),
            (b'\\', 0x7fff0, 19),
            (0xff, 0x3ff_ffee, 26),
            (0x02, 0xfff_ffe2, 28),
            (0x16, 0x3fff_fffe, 30),
        ] {
            assert_eq!(symbol(code << (32 - length)), Some((byte, length)), "{byte:#x}");
        }
        assert_eq!(symbol(u32::MAX), None, "the end of a string");
    }

    #[test]
    fn padding_is_ones_and_less_than_a_byte() {
        assert_eq!(decoded(&[]).as_deref(), Some(""));
        assert_eq!(decoded(&[0b0000_0111]).as_deref(), Some("0"));
        assert_eq!(decoded(&[0b0000_0000]), None, "zeros");
        assert_eq!(decoded(&[0b0000_0111, 0xff]), None, "a byte of padding");
        assert_eq!(decoded(&[0xff; 4]), None, "the end of a string");
    }
}

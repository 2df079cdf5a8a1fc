//! Floating-point numbers that JSON has none for, in words.
//!
//! `NaN`, `Infinity` and `-Infinity` are protobuf's (<https://protobuf.dev/programming-guides/json/>). There are many
//! NaNs, and servers send others than that one: x86 makes a negative one of 0/0. So that a message is the same when it is
//! read back, these have words of their own: `-NaN`, and `NaN(0x7ff8000000000001)` with all its bits for the rest.

use std::borrow::Cow;

/// How numbers lie in their bits. Source: IEEE 754.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    sign: u64,
    infinity: u64,
    nan: u64,
}

/// 64 bits.
pub(super) const DOUBLE: Format = Format { sign: 1 << 63, infinity: 0x7ff << 52, nan: 0xfff << 51 };
/// 32 bits.
pub(super) const FLOAT: Format = Format { sign: 1 << 31, infinity: 0xff << 23, nan: 0x1ff << 22 };

impl Format {
    /// The word of a number that is not finite, by its bits.
    pub(super) fn word(self, bits: u64) -> Option<Cow<'static, str>> {
        let Self { sign, infinity, nan } = self;
        Some(match bits {
            finite if finite & infinity != infinity => return None,
            bits if bits == infinity => Cow::Borrowed("Infinity"),
            bits if bits == infinity | sign => Cow::Borrowed("-Infinity"),
            bits if bits == nan => Cow::Borrowed("NaN"),
            bits if bits == nan | sign => Cow::Borrowed("-NaN"),
            other => Cow::Owned(format!("NaN({other:#x})")),
        })
    }

    /// The bits of a number by its word.
    pub(super) fn bits(self, word: &str) -> Option<u64> {
        let Self { sign, infinity, nan } = self;
        match word {
            "Infinity" => Some(infinity),
            "-Infinity" => Some(infinity | sign),
            "NaN" => Some(nan),
            "-NaN" => Some(nan | sign),
            other => {
                let digits = other.strip_prefix("NaN(0x")?.strip_suffix(')')?;
                let digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(digits)?;
                let bits = u64::from_str_radix(digits, 16).ok()?;
                let is_in_width = bits & !(sign | (sign - 1)) == 0;
                (is_in_width && bits & !sign > infinity).then_some(bits)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_that_is_not_finite_has_a_word_and_the_word_has_its_bits() {
        for (format, bits, word) in [
            (DOUBLE, f64::INFINITY.to_bits(), "Infinity"),
            (DOUBLE, f64::NEG_INFINITY.to_bits(), "-Infinity"),
            (DOUBLE, f64::NAN.to_bits(), "NaN"),
            (DOUBLE, (-f64::NAN).to_bits(), "-NaN"),
            (DOUBLE, 0x7ff0_0000_0000_0001, "NaN(0x7ff0000000000001)"),
            (DOUBLE, u64::MAX, "NaN(0xffffffffffffffff)"),
            (FLOAT, f32::INFINITY.to_bits().into(), "Infinity"),
            (FLOAT, f32::NEG_INFINITY.to_bits().into(), "-Infinity"),
            (FLOAT, f32::NAN.to_bits().into(), "NaN"),
            (FLOAT, (-f32::NAN).to_bits().into(), "-NaN"),
            (FLOAT, 0x7f80_0001, "NaN(0x7f800001)"),
            (FLOAT, u32::MAX.into(), "NaN(0xffffffff)"),
        ] {
            assert_eq!(format.word(bits).as_deref(), Some(word));
            assert_eq!(format.bits(word), Some(bits), "{word}");
        }
    }

    #[test]
    fn a_finite_number_has_no_word_and_other_words_no_number() {
        for number in [0.0, -0.0, f64::MAX, f64::MIN_POSITIVE] {
            assert_eq!(DOUBLE.word(number.to_bits()), None);
        }
        for word in
            ["", "nan", "NaN()", "NaN(0x)", "NaN(1)", "NaN(0x1)", "NaN(0x7ff0000000000000)", "NaN(0x+7ff8)"]
        {
            assert_eq!(DOUBLE.bits(word), None, "{word}");
        }
        for word in ["NaN(0x17fc00001)", "NaN(0x7f800000)", "NaN(0xff800000)"] {
            assert_eq!(FLOAT.bits(word), None, "{word}");
        }
    }
}

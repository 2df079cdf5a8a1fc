//! The text of a `.proto` source, as far as it must be known before it is compiled.
//!
//! Source: <https://protobuf.dev/reference/protobuf/proto2-spec/>. What `protoc` takes and the compiler does not,
//! and what can be written in a way that both take: options behind a single number of `extensions`, as in Google's own
//! `descriptor.proto`; comments that are no UTF-8, as in older sources; and numbers that only a float has,
//! `-inf`, `-nan` and integers of more than 64 bits. What has no such way is [mended](super::mended) later.

use std::str;

/// A part of a source that stands for itself, space left out. Together with the space they are the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Comment(&'a [u8]),
    /// A name, a keyword or a number.
    Word(&'a [u8]),
    /// A quoted text, or any other sign.
    Other(&'a [u8]),
}

/// The source as the compiler takes it.
///
/// The error is the place, in bytes, of what is no UTF-8 outside comments.
pub(super) fn compilable(source: &[u8]) -> Result<String, usize> {
    // Some editors of Windows begin a file with a byte order mark.
    let mark = "\u{feff}".as_bytes();
    match source.strip_prefix(mark) {
        Some(rest) => rewritten(rest).map_err(|at| mark.len() + at),
        None => rewritten(source),
    }
}

/// Where a source says that it is in an edition, in bytes: its first statement.
pub(super) fn edition(source: &str) -> Option<usize> {
    let mut pieces = pieces(source.as_bytes()).filter(|(_, piece)| !matches!(piece, Piece::Comment(_)));
    let (at, first) = pieces.next()?;
    let (_, second) = pieces.next()?;
    (first == Piece::Word(b"edition") && second == Piece::Other(b"=")).then_some(at)
}

fn rewritten(source: &[u8]) -> Result<String, usize> {
    let mut text = String::with_capacity(source.len() + 64);
    let mut numbers = Numbers::Outside;
    // The sign before this piece, where there is one.
    let mut minus = None;
    let mut copied = 0;
    for (at, piece) in pieces(source) {
        text.push_str(utf8(source, copied, at)?);
        let (Piece::Comment(bytes) | Piece::Word(bytes) | Piece::Other(bytes)) = piece;
        copied = at + bytes.len();
        if let Piece::Comment(bytes) = piece {
            text.push_str(&String::from_utf8_lossy(bytes));
            continue;
        }
        if let (Numbers::Single(number), Piece::Other(b"[")) = (numbers, piece) {
            text.push_str(" to ");
            text.push_str(&String::from_utf8_lossy(number));
            text.push(' ');
        }
        match (piece, minus) {
            // A float that is larger than any.
            (Piece::Word(b"inf"), Some(_)) => text.push_str("1e999"),
            // Its sign says nothing.
            (Piece::Word(b"nan"), Some(minus)) => {
                text.replace_range(minus..=minus, " ");
                text.push_str("nan");
            }
            _ => text.push_str(utf8(source, at, copied)?),
        }
        if is_above_64_bits(piece) {
            text.push_str(".0");
        }
        minus = (piece == Piece::Other(b"-")).then(|| text.len() - 1);
        numbers = numbers.then(piece);
    }
    text.push_str(utf8(source, copied, source.len())?);
    Ok(text)
}

/// Whether a piece is an integer that is written in decimal and larger than any that protobuf has.
fn is_above_64_bits(piece: Piece<'_>) -> bool {
    match piece {
        Piece::Word(digits @ [b'1'..=b'9', ..]) if digits.iter().all(u8::is_ascii_digit) => {
            str::from_utf8(digits).is_ok_and(|digits| digits.parse::<u64>().is_err())
        }
        _ => false,
    }
}

fn utf8(source: &[u8], from: usize, to: usize) -> Result<&str, usize> {
    str::from_utf8(&source[from..to]).map_err(|error| from + error.valid_up_to())
}

/// Where in the numbers of an `extensions` statement one is.
#[derive(Debug, Clone, Copy)]
enum Numbers<'a> {
    /// Between two statements, or before the first.
    Outside,
    /// In any other statement, and behind the brackets of one of these.
    Elsewhere,
    /// A number may come: behind `extensions` or a comma.
    Expected,
    /// Behind a number that began a range, maybe of itself alone.
    Single(&'a [u8]),
    /// Behind `to`.
    Range,
}

impl<'a> Numbers<'a> {
    fn then(self, piece: Piece<'a>) -> Self {
        match (self, piece) {
            (_, Piece::Comment(_)) => self,
            (_, Piece::Other(b";" | b"{" | b"}")) => Self::Outside,
            (Self::Outside, Piece::Word(b"extensions"))
            | (Self::Single(_) | Self::Range, Piece::Other(b",")) => Self::Expected,
            (Self::Expected, Piece::Word(number)) => Self::Single(number),
            (Self::Single(_), Piece::Word(b"to")) | (Self::Range, Piece::Word(_)) => Self::Range,
            _ => Self::Elsewhere,
        }
    }
}

/// The pieces of a source, each with its place in bytes.
pub(super) fn pieces(source: &[u8]) -> impl Iterator<Item = (usize, Piece<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += source[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let rest = &source[at..];
        let piece = first(rest)?;
        let (Piece::Comment(bytes) | Piece::Word(bytes) | Piece::Other(bytes)) = piece;
        let begins = at;
        at += bytes.len();
        Some((begins, piece))
    })
}

/// The piece that a text without space before it begins with.
fn first(text: &[u8]) -> Option<Piece<'_>> {
    let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    Some(match text {
        [] => return None,
        [b'/', b'/', ..] => {
            Piece::Comment(&text[..text.iter().position(|&byte| byte == b'\n').unwrap_or(text.len())])
        }
        [b'/', b'*', rest @ ..] => {
            let ends = rest.windows(2).position(|pair| pair == b"*/").map_or(text.len(), |at| at + 4);
            Piece::Comment(&text[..ends])
        }
        [quote @ (b'"' | b'\''), rest @ ..] => Piece::Other(&text[..=quoted(rest, *quote)]),
        [byte, ..] if in_word(byte) => {
            Piece::Word(&text[..text.iter().take_while(|byte| in_word(byte)).count()])
        }
        _ => Piece::Other(&text[..text.iter().take_while(|byte| !byte.is_ascii()).count().max(1)]),
    })
}

/// How long a quoted text is behind its first quotation mark, the last one with it. It ends with its line.
fn quoted(text: &[u8], quote: u8) -> usize {
    let mut is_escaped = false;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'\n' => return at,
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            _ if byte == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &[u8]) -> String {
        compilable(source).unwrap()
    }

    #[test]
    fn a_single_number_with_options_becomes_a_range() {
        assert_eq!(
            text(b"message M { extensions 4 /* a */ [verification = UNVERIFIED]; }"),
            "message M { extensions 4 /* a */  to 4 [verification = UNVERIFIED]; }"
        );
        assert_eq!(text(b"extensions 1 to 3, 0x10 [a = 1];"), "extensions 1 to 3, 0x10  to 0x10 [a = 1];");
        for unchanged in [
            "extensions 4;",
            "extensions 4 to max [a = 1];",
            "extensions 1, 4 to 5 [a = 1];",
            "// extensions 4 [a = 1]",
            "option (extensions) = \"extensions 4 [\";",
            "optional int32 extensions = 4 [default = 1];",
            "extensions",
            "extensions 4 [",
        ] {
            let expected = if unchanged == "extensions 4 [" { "extensions 4  to 4 [" } else { unchanged };
            assert_eq!(text(unchanged.as_bytes()), expected);
        }
    }

    #[test]
    fn a_number_that_only_a_float_has_is_written_as_one() {
        assert_eq!(text(b"[default = -inf, a = - /* b */ inf]"), "[default = -1e999, a = - /* b */ 1e999]");
        assert_eq!(text(b"a = -nan, b = nan"), "a =  nan, b = nan");
        assert_eq!(
            text(b"18446744073709551616 -18446744073709551616"),
            "18446744073709551616.0 -18446744073709551616.0"
        );
        for unchanged in
            ["18446744073709551615", "a = inf", "-info", "\"-inf 18446744073709551616\"", "// -inf", "0777"]
        {
            assert_eq!(text(unchanged.as_bytes()), unchanged);
        }
    }

    #[test]
    fn only_a_comment_may_be_no_utf8() {
        assert_eq!(text(b"// caf\xe9\nmessage M {}"), "// caf\u{fffd}\nmessage M {}");
        assert_eq!(text(b"/* \xe9 */ message M {}"), "/* \u{fffd} */ message M {}");
        assert_eq!(compilable(b"a = \"// \xe9\";"), Err(8));
        assert_eq!(compilable(b"\xef\xbb\xbfm\xe9"), Err(4));
        assert_eq!(text(b"\xef\xbb\xbfmessage M {}"), "message M {}");
    }

    #[test]
    fn an_edition_is_found_behind_comments() {
        assert_eq!(edition("// a\n/* b */ edition = \"2023\";"), Some(13));
        assert_eq!(edition("edition=\"2023\";"), Some(0));
        assert_eq!(edition("syntax = \"proto3\"; // edition = 1"), None);
        assert_eq!(edition("editions = 1"), None);
        assert_eq!(edition("/* edition = 1"), None);
    }

    #[test]
    fn any_text_is_given_back_as_it_was() {
        for source in ["", "\"", "'a\\", "a\n \"b\nc\" /", "/*", "/* */ /", "é €", "1.5e-3;{}[]"] {
            let changed = rewritten(source.as_bytes());
            assert_eq!(changed.as_deref(), Ok(source));
        }
    }
}

//! The text of a `.proto` source, as far as it must be known before it is compiled.
//!
//! Source: <https://protobuf.dev/reference/protobuf/proto2-spec/>. Two things that `protoc` takes the compiler
//! does not: options behind a single number of `extensions`, as in Google's own `descriptor.proto`, and
//! comments that are no UTF-8, as in older sources. Both can be written in a way that both take.

use std::{borrow::Cow, str};

/// A part of a source that stands for itself, space left out. Together with the space they are the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'a> {
    Comment(&'a [u8]),
    /// A name, a keyword or a number.
    Word(&'a [u8]),
    /// A quoted text, or any other sign.
    Other(&'a [u8]),
}

/// The source as the compiler takes it. Where nothing is to be changed, nothing is copied.
///
/// The error is the place, in bytes, of what is no UTF-8 outside comments.
pub(super) fn compilable(source: &[u8]) -> Result<Cow<'_, str>, usize> {
    // Some editors of Windows begin a file with a byte order mark.
    let mark = "\u{feff}".as_bytes();
    let (skipped, source) = match source.strip_prefix(mark) {
        Some(rest) => (mark.len(), rest),
        None => (0, source),
    };
    match str::from_utf8(source) {
        Ok(text) if !text.contains("extensions") => Ok(Cow::Borrowed(text)),
        _ => rewritten(source).map(Cow::Owned).map_err(|at| skipped + at),
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
        text.push_str(utf8(source, at, copied)?);
        numbers = numbers.then(piece);
    }
    text.push_str(utf8(source, copied, source.len())?);
    Ok(text)
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
fn pieces(source: &[u8]) -> impl Iterator<Item = (usize, Piece<'_>)> {
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
        compilable(source).unwrap().into_owned()
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

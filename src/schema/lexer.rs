//! JSON text, read one value at a time from front to back, with the place of everything.
//!
//! Source: RFC 8259. Nothing is built and nothing recurses: who reads decides what is kept. Places
//! are bytes from the beginning of the text.

use std::borrow::Cow;

/// Values inside each other that are passed. A message may take three: a list of groups that no type knows.
pub(super) const MAX_DEPTH: usize = 1024;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) cause: String,
}

impl Fault {
    pub(super) fn new(at: usize, cause: impl Into<String>) -> Self {
        Self { at, cause: cause.into() }
    }
}

/// What a value begins as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

impl Start {
    /// `an object`, `a text`, for an error.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "a list",
            Self::String => "a text",
            Self::Number => "a number",
            Self::True => "true",
            Self::False => "false",
            Self::Null => "null",
        }
    }
}

/// The members of an object or the elements of an array, as far as they were read.
#[derive(Debug)]
pub(super) struct Items {
    close: u8,
    is_first: bool,
}

/// A place in a text.
#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

type Read<T> = Result<T, Fault>;

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the next token begins.
    pub(super) fn place(&mut self) -> usize {
        self.skip_space();
        self.at
    }

    /// Whether nothing but space is left.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.place() == self.text.len()
    }

    /// Nothing but space may be left.
    pub(super) fn end(&mut self) -> Read<()> {
        if self.is_at_end() { Ok(()) } else { Err(self.fault("something stands behind the value")) }
    }

    /// What the next value is, without reading it.
    pub(super) fn start(&mut self) -> Read<Start> {
        Ok(match self.peek() {
            Some(b'{') => Start::Object,
            Some(b'[') => Start::Array,
            Some(b'"') => Start::String,
            Some(b'-' | b'0'..=b'9') => Start::Number,
            Some(b't') => Start::True,
            Some(b'f') => Start::False,
            Some(b'n') => Start::Null,
            Some(b',' | b':' | b'}' | b']') => return Err(self.fault("a value is missing here")),
            Some(_) => return Err(self.fault("no JSON value begins so: a text stands in quotation marks")),
            None => return Err(self.fault("the text ends where a value should be")),
        })
    }

    /// Reads the `{` of an object.
    pub(super) fn object(&mut self) -> Read<Items> {
        self.expect(b'{', "a `{` is missing here")?;
        Ok(Items { close: b'}', is_first: true })
    }

    /// Reads the `[` of an array.
    pub(super) fn array(&mut self) -> Read<Items> {
        self.expect(b'[', "a `[` is missing here")?;
        Ok(Items { close: b']', is_first: true })
    }

    /// Goes to the next member or element; `false` behind the last, when the end is read.
    pub(super) fn next(&mut self, items: &mut Items) -> Read<bool> {
        let next = self.peek();
        if next == Some(items.close) {
            self.at += 1;
            return Ok(false);
        }
        let close = char::from(items.close);
        let Some(next) = next else {
            return Err(self.fault(&format!("the text ends where a `{close}` should be")));
        };
        if std::mem::replace(&mut items.is_first, false) {
            return Ok(true);
        }
        if next != b',' {
            return Err(self.fault(&format!("a `,` or `{close}` is missing here")));
        }
        self.at += 1;
        if self.peek() == Some(items.close) {
            return Err(self.fault("nothing stands behind the `,`"));
        }
        Ok(true)
    }

    /// A member's key and its colon.
    pub(super) fn key(&mut self) -> Read<Cow<'a, str>> {
        if self.peek() != Some(b'"') {
            return Err(self.fault("a name in quotation marks is missing here"));
        }
        let key = self.string()?;
        self.expect(b':', "a `:` is missing here")?;
        Ok(key)
    }

    /// A text; without escapes it is a part of what is read.
    pub(super) fn string(&mut self) -> Read<Cow<'a, str>> {
        let begins = self.place();
        self.expect(b'"', "a text in quotation marks is missing here")?;
        let mut built: Option<String> = None;
        loop {
            let from = self.at;
            let rest = self.text.as_bytes().get(from..).unwrap_or_default();
            let Some(length) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F)) else {
                return Err(Fault::new(begins, "the text that begins here does not end"));
            };
            let plain = self.text.get(from..from + length).unwrap_or_default();
            self.at += length;
            match rest[length] {
                b'"' => {
                    self.at += 1;
                    return Ok(match built {
                        None => Cow::Borrowed(plain),
                        Some(text) => Cow::Owned(text + plain),
                    });
                }
                b'\\' => {
                    let text = built.get_or_insert_default();
                    text.push_str(plain);
                    text.push(self.escape()?);
                }
                _ => {
                    return Err(self
                        .fault("a line break or control character inside a text: write it as \\n or \\u…"));
                }
            }
        }
    }

    /// A number as it is written.
    pub(super) fn number(&mut self) -> Read<&'a str> {
        let begins = self.place();
        let rest = self.text.get(begins..).unwrap_or_default();
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.bytes().take_while(|byte| is_part(byte)).count();
        let number = &rest[..length];
        if !is_number(number) {
            return Err(self.fault("this is not a number"));
        }
        self.at += length;
        Ok(number)
    }

    /// One of the words `true`, `false` and `null`.
    pub(super) fn word(&mut self, word: &str) -> Read<()> {
        let begins = self.place();
        let rest = self.text.get(begins..).unwrap_or_default();
        let ends_there = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        match rest.strip_prefix(word) {
            Some(behind) if ends_there(behind) => {
                self.at += word.len();
                Ok(())
            }
            _ => Err(self.fault("a text is written in quotation marks")),
        }
    }

    /// Goes behind the next value, whatever it is.
    pub(super) fn skip(&mut self) -> Read<()> {
        let mut open: Vec<Items> = Vec::new();
        loop {
            match self.start()? {
                Start::Object => open.push(self.object()?),
                Start::Array => open.push(self.array()?),
                Start::String => drop(self.string()?),
                Start::Number => drop(self.number()?),
                Start::True => self.word("true")?,
                Start::False => self.word("false")?,
                Start::Null => self.word("null")?,
            }
            if open.len() > MAX_DEPTH {
                return Err(Fault::new(self.at, format!("more than {MAX_DEPTH} values inside each other")));
            }
            loop {
                let Some(items) = open.last_mut() else { return Ok(()) };
                if self.next(items)? {
                    if items.close == b'}' {
                        self.key()?;
                    }
                    break;
                }
                open.pop();
            }
        }
    }

    pub(super) fn fault(&mut self, cause: &str) -> Fault {
        Fault::new(self.place(), cause)
    }

    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    fn expect(&mut self, byte: u8, otherwise: &str) -> Read<()> {
        if self.peek() != Some(byte) {
            return Err(self.fault(otherwise));
        }
        self.at += 1;
        Ok(())
    }

    /// Behind a backslash.
    fn escape(&mut self) -> Read<char> {
        let begins = self.at;
        let wrong = || Fault::new(begins, "this is not an escape: write \\\\ for a backslash");
        let byte = self.text.as_bytes().get(begins + 1).copied().ok_or_else(wrong)?;
        self.at += 2;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex().ok_or_else(wrong)?;
                if let Some(c) = char::from_u32(first) {
                    return Ok(c);
                }
                // The first half of a pair: the other must follow.
                let follows = self.text.get(self.at..self.at + 2) == Some("\\u");
                self.at += 2;
                let second = if follows { self.hex() } else { None };
                let pair = second.and_then(|second| {
                    let decoded = char::decode_utf16([first as u16, second as u16]).next();
                    decoded.and_then(Result::ok)
                });
                pair.ok_or_else(|| Fault::new(begins, "half of a surrogate pair"))?
            }
            _ => return Err(wrong()),
        })
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex { u32::from_str_radix(digits, 16).ok() } else { None }
    }
}

/// `-0.1e+5`, by the grammar of RFC 8259.
pub(super) fn is_number(text: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return false;
    }
    let mut rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        if length == 0 {
            return false;
        }
        rest = &fraction[length..];
    }
    match rest.strip_prefix(['e', 'E']) {
        None => rest.is_empty(),
        Some(exponent) => {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
    }
}

/// The line and the column of a place, counted from 1; the column in characters.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(at)];
    let line_begins = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_begins..].chars().count() + 1)
}

/// The JSON values that stand one after the other in a text, where it is made of such and of nothing else.
/// A comma or a line break may stand between two.
pub fn split(text: &str) -> Option<Vec<&str>> {
    let mut lexer = Lexer::new(text);
    let mut values = Vec::new();
    while !lexer.is_at_end() {
        let begins = lexer.place();
        lexer.skip().ok()?;
        values.push(text.get(begins..lexer.at)?);
        if lexer.peek() == Some(b',') {
            lexer.at += 1;
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_what_json_says() {
        for number in ["0", "-0", "10", "1.5", "1e5", "1E+5", "-1.25e-3"] {
            assert!(is_number(number), "{number}");
        }
        for number in ["", "-", "01", "1.", ".5", "1e", "+1", "1e+", "0x1", "1.2.3", "--1"] {
            assert!(!is_number(number), "{number}");
        }
    }

    #[test]
    fn escapes_are_what_they_stand_for() {
        let read = |text: &str| Lexer::new(text).string().map(Cow::into_owned);
        assert_eq!(read(r#""a\n\"\\\/\u00e9\ud83d\ude00b""#).unwrap(), "a\n\"\\/é😀b");
        for broken in
            [r#""\ud83d""#, r#""\ud83dx""#, r#""\ude00""#, r#""\q""#, r#""\u12""#, r#""a"#, "\"a\nb\""]
        {
            assert!(read(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn values_behind_each_other_are_cut_apart() {
        assert_eq!(split("{\"a\": [1]}\n{} {}").unwrap(), ["{\"a\": [1]}", "{}", "{}"]);
        assert_eq!(split("{},\n{},\n").unwrap(), ["{}", "{}"]);
        assert_eq!(split(" ").unwrap(), [""; 0]);
        assert_eq!(split("{} World"), None);
        assert_eq!(split("{"), None);
    }

    #[test]
    fn a_place_is_a_line_and_a_column_of_characters() {
        assert_eq!(line_and_column("äöü\n  x", 9), (2, 3));
        assert_eq!(line_and_column("", 0), (1, 1));
    }

    proptest! {
        #[test]
        fn what_is_skipped_is_what_serde_reads(text in r#"[\[\]{}:,"a1\\ent.ulrs -]{0,12}"#) {
            let mut lexer = Lexer::new(&text);
            let skipped = lexer.skip().and_then(|()| lexer.end());
            let read = serde_json::from_str::<serde::de::IgnoredAny>(&text);
            prop_assert_eq!(skipped.is_ok(), read.is_ok(), "{:?} {:?}", skipped, read);
        }
    }
}

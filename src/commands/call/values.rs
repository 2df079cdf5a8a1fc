//! JSON values that stand one after the other, cut apart as their bytes come.
//!
//! Only where a value ends is found here. What is wrong inside of one, whoever reads it says, with its place.

/// A value's text, and where it begins, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: Vec<u8>,
    pub(super) line: usize,
    /// In characters.
    pub(super) column: usize,
    /// The column in bytes.
    pub(super) byte: usize,
}

/// Cuts values apart. Bytes may come in pieces of any size.
#[derive(Debug)]
pub(super) struct Splitter {
    value: Value,
    state: State,
    depth: usize,
    /// Where the next byte stands.
    line: usize,
    column: usize,
    byte: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between values.
    Between,
    /// In a number or a word, which has no end of its own.
    Bare,
    /// Between brackets.
    Within,
    /// Between quotation marks, and whether the next byte is escaped.
    Quoted { is_escaped: bool },
}

impl Splitter {
    pub(super) fn new() -> Self {
        let value = Value { text: Vec::new(), line: 1, column: 1, byte: 1 };
        Self { value, state: State::Between, depth: 0, line: 1, column: 1, byte: 1 }
    }

    /// How much there is of a value that is not at its end.
    pub(super) fn pending(&self) -> usize {
        self.value.text.len()
    }

    /// Where it begins.
    pub(super) fn line(&self) -> usize {
        self.value.line
    }

    /// Takes the next bytes, and appends the values of which these hold the end.
    pub(super) fn push(&mut self, bytes: &[u8], values: &mut Vec<Value>) {
        for &byte in bytes {
            self.take(byte, values);
            self.step(byte);
        }
    }

    /// What was begun when the bytes ended.
    pub(super) fn end(mut self) -> Option<Value> {
        self.cut()
    }

    /// Goes on to the place of the next byte.
    fn step(&mut self, byte: u8) {
        if byte == b'\n' {
            (self.line, self.column, self.byte) = (self.line + 1, 1, 1);
            return;
        }
        // The bytes of a character behind its first.
        let goes_on = byte & 0b1100_0000 == 0b1000_0000;
        self.column += usize::from(!goes_on);
        self.byte += 1;
    }

    fn take(&mut self, byte: u8, values: &mut Vec<Value>) {
        if self.state == State::Bare && matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'{' | b'[' | b'"') {
            values.extend(self.cut());
        }
        match (self.state, byte) {
            (State::Between, b' ' | b'\t' | b'\r' | b'\n') => return,
            (State::Between, _) => {
                (self.value.line, self.value.column, self.value.byte) = (self.line, self.column, self.byte);
                self.value.text.push(byte);
                self.begin(byte);
                return;
            }
            (State::Within, b'{' | b'[') => self.depth += 1,
            (State::Within, b'}' | b']') => self.depth -= 1,
            (State::Within, b'"') | (State::Quoted { is_escaped: true }, _) => {
                self.state = State::Quoted { is_escaped: false };
            }
            (State::Quoted { is_escaped: false }, b'\\') => self.state = State::Quoted { is_escaped: true },
            (State::Quoted { .. }, b'"') => self.state = State::Within,
            _ => {}
        }
        self.value.text.push(byte);
        if self.state == State::Within && self.depth == 0 {
            values.extend(self.cut());
        }
    }

    fn begin(&mut self, byte: u8) {
        self.state = match byte {
            b'{' | b'[' => {
                self.depth = 1;
                State::Within
            }
            b'"' => State::Quoted { is_escaped: false },
            _ => State::Bare,
        };
    }

    fn cut(&mut self) -> Option<Value> {
        (self.state, self.depth) = (State::Between, 0);
        let text = std::mem::take(&mut self.value.text);
        let Value { line, column, byte, .. } = self.value;
        (!text.is_empty()).then_some(Value { text, line, column, byte })
    }
}

/// The values of a text.
pub(super) fn split(text: &str) -> Vec<Value> {
    let (mut splitter, mut values) = (Splitter::new(), Vec::new());
    splitter.push(text.as_bytes(), &mut values);
    values.extend(splitter.end());
    values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(values: &[Value]) -> Vec<&str> {
        values.iter().map(|value| std::str::from_utf8(&value.text).unwrap()).collect()
    }

    #[test]
    fn values_may_stand_close_together_or_apart() {
        for (text, values) in [
            ("", vec![]),
            (" \n\t", vec![]),
            ("{}", vec!["{}"]),
            ("{}{}", vec!["{}", "{}"]),
            (r#"{"a":"}"} [1,[2]] "x\"y" 5 true"#, vec![r#"{"a":"}"}"#, "[1,[2]]", r#""x\"y""#, "5", "true"]),
            (r#""a""b"1{}"#, vec![r#""a""#, r#""b""#, "1", "{}"]),
            (r#"{"a": {"b": []}}"#, vec![r#"{"a": {"b": []}}"#]),
        ] {
            assert_eq!(texts(&split(text)), values, "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_handed_on_as_it_is() {
        assert_eq!(texts(&split("{\"a\": ")), ["{\"a\": "]);
        assert_eq!(texts(&split("} x")), ["}", "x"]);
        assert_eq!(texts(&split("{]")), ["{]"]);
    }

    #[test]
    fn each_value_knows_where_it_begins() {
        let places: Vec<_> = split("{}\n  {\n}5").iter().map(|value| (value.line, value.column)).collect();
        assert_eq!(places, [(1, 1), (2, 3), (3, 2)]);
    }

    #[test]
    fn a_column_is_counted_in_characters_and_a_byte_in_bytes() {
        let values = split("{\"name\":\"世界世界\"} {}");
        assert_eq!((values[1].line, values[1].column, values[1].byte), (1, 17, 25));
    }

    proptest! {
        #[test]
        fn values_do_not_care_how_their_bytes_come(text in "[{}\\[\\]\"\\\\a1, \n]{0,60}", cut in 1usize..9) {
            let (mut splitter, mut values) = (Splitter::new(), Vec::new());
            for piece in text.as_bytes().chunks(cut) {
                splitter.push(piece, &mut values);
            }
            values.extend(splitter.end());
            prop_assert_eq!(&values, &split(&text));
            let bytes = |byte: &u8| !byte.is_ascii_whitespace();
            let kept: Vec<u8> = values.iter().flat_map(|value| value.text.clone()).filter(bytes).collect();
            let all: Vec<u8> = text.bytes().filter(bytes).collect();
            prop_assert_eq!(kept, all);
        }
    }
}

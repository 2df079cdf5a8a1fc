//! The well-known types in the JSON forms of their own.
//!
//! Where an object stands and the form is none, it is the plain message: so the writer shows what the
//! form has no room for.

use prost_reflect::MessageDescriptor;
use prost_types::{Duration, Timestamp};

use super::{Reader, Step, put_bytes, scalar, shortened};
use crate::schema::{
    field::Field,
    json::well_known::{Form, MOST_SECONDS, YEARS},
    lexer::{Fault, Start},
};

impl Reader<'_> {
    pub(super) fn well_known(
        &mut self,
        form: Form,
        descriptor: &MessageDescriptor,
        out: &mut Vec<u8>,
    ) -> Step {
        let start = self.lexer.start()?;
        match (form, start) {
            (Form::Any, _) => self.any(descriptor, out),
            (Form::Value, _) => self.value(descriptor, out),
            (Form::Timestamp | Form::Duration | Form::FieldMask | Form::Wrapper, Start::Object) => {
                self.object(descriptor, out)
            }
            (Form::Struct | Form::List | Form::Wrapper, _) => self.only_field(descriptor, out),
            (Form::Timestamp, _) => {
                let (seconds, nanos) = self.time("a time like \"2024-01-02T03:04:05Z\"", timestamp)?;
                put_time(seconds, nanos, out);
                Ok(())
            }
            (Form::Duration, _) => {
                let (seconds, nanos) = self.time("a duration like \"1.5s\"", duration)?;
                put_time(seconds, nanos, out);
                Ok(())
            }
            (Form::FieldMask, _) => self.field_mask(out),
        }
    }

    fn time(&mut self, wanted: &str, read: fn(&str) -> Option<(i64, i32)>) -> Step<(i64, i32)> {
        let at = self.lexer.place();
        let start = self.lexer.start()?;
        if start != Start::String {
            return Err(Fault::new(at, format!("{wanted} is wanted, not {}", start.words())));
        }
        let text = self.lexer.string()?;
        read(&text).ok_or_else(|| Fault::new(at, format!("{:?} is not {wanted}", shortened(&text))))
    }

    /// Paths with commas between them, in camel case.
    fn field_mask(&mut self, out: &mut Vec<u8>) -> Step {
        let at = self.lexer.place();
        self.expect(Start::String, "a field mask")?;
        let mask = self.lexer.string()?;
        for path in mask.split(',').filter(|path| !path.is_empty()) {
            if path.contains('_') {
                return Err(Fault::new(at, format!("write `{}` in camel case: `fooBar`", shortened(path))));
            }
            put_bytes(1, snake_case(path).as_bytes(), out);
        }
        Ok(())
    }

    /// The message's one field stands for it.
    fn only_field(&mut self, descriptor: &MessageDescriptor, out: &mut Vec<u8>) -> Step {
        match descriptor.get_field(1) {
            Some(field) => self.field(&Field::Own(field), out),
            None => self.lexer.skip(),
        }
    }

    /// `google.protobuf.Value`: any JSON.
    fn value(&mut self, descriptor: &MessageDescriptor, out: &mut Vec<u8>) -> Step {
        let number = match self.lexer.start()? {
            Start::Null => 1,
            Start::Number => 2,
            Start::String => 3,
            Start::True | Start::False => 4,
            Start::Object => 5,
            Start::Array => 6,
        };
        match descriptor.get_field(number) {
            Some(field) => self.single(&Field::Own(field), out),
            None => self.lexer.skip(),
        }
    }
}

fn put_time(seconds: i64, nanos: i32, out: &mut Vec<u8>) {
    for (number, part) in [(1, seconds), (2, i64::from(nanos))] {
        let part = scalar::Scalar::Varint(part.cast_unsigned());
        if !part.is_zero() {
            part.put(number, out);
        }
    }
}

fn timestamp(text: &str) -> Option<(i64, i32)> {
    let is_plain =
        text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b':' | b'.' | b'+' | b'T' | b'Z'));
    let Timestamp { seconds, nanos } =
        text.parse().ok().filter(|_| is_plain && text.get(10..11) == Some("T"))?;
    YEARS.contains(&seconds).then_some((seconds, nanos))
}

fn duration(text: &str) -> Option<(i64, i32)> {
    let Duration { seconds, nanos } = text.parse().ok()?;
    (seconds.unsigned_abs() <= MOST_SECONDS).then_some((seconds, nanos))
}

fn snake_case(path: &str) -> String {
    let mut snake = String::with_capacity(path.len() + 4);
    for c in path.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

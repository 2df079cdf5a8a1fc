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
    names,
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
                return Err(Fault::new(
                    at,
                    format!(
                        "write `{}` as it is in JSON: `{}`",
                        shortened(path),
                        shortened(&names::json_name(path))
                    ),
                ));
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
    let Timestamp { seconds, nanos } = is_timestamp(text).then(|| text.parse().ok())??;
    YEARS.contains(&seconds).then_some((seconds, nanos))
}

/// Whether a text is laid out as a time (RFC 3339): whoever reads it takes much that is none, and changes it. The
/// days of a month are its business.
fn is_timestamp(text: &str) -> bool {
    // A leap second has no place in a `Timestamp`.
    const SHAPE: &str = "dddd-dd-ddThh:mm:mm";
    let Some((moment, rest)) = text.split_at_checked(SHAPE.len()) else { return false };
    let Some(zone) = without_fraction(rest) else { return false };
    let is_zone = match zone.strip_prefix(['+', '-']) {
        Some(offset) => has_shape(offset, "hh:mm"),
        None => zone == "Z",
    };
    is_zone && has_shape(moment, SHAPE)
}

/// Whether a text is laid out like `shape`, in which `dd` are digits, `hh` hours, `mm` minutes or seconds.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).enumerate().all(|(at, (byte, wanted))| match wanted {
            b'd' => byte.is_ascii_digit(),
            b'h' | b'm' if at > 0 && shape.as_bytes()[at - 1] == wanted => byte.is_ascii_digit(),
            b'h' => text.get(at..at + 2).is_some_and(|hours| ("00".."24").contains(&hours)),
            b'm' => text.get(at..at + 2).is_some_and(|minutes| ("00".."60").contains(&minutes)),
            wanted => byte == wanted,
        })
}

fn duration(text: &str) -> Option<(i64, i32)> {
    let Duration { seconds, nanos } = is_duration(text).then(|| text.parse().ok())??;
    (seconds.unsigned_abs() <= MOST_SECONDS).then_some((seconds, nanos))
}

/// `-1.5s`: whoever reads it drops what is smaller than a nanosecond.
fn is_duration(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).trim_start_matches(|c: char| c.is_ascii_digit());
    let begins_with_digit = text.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
    begins_with_digit && without_fraction(digits) == Some("s")
}

/// What stands behind a point and up to nine digits, which need not be there. `None` where they are others.
fn without_fraction(text: &str) -> Option<&str> {
    const NANOSECONDS: usize = 9;
    let Some(fraction) = text.strip_prefix('.') else { return Some(text) };
    let behind = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (1..=NANOSECONDS).contains(&(fraction.len() - behind.len())).then_some(behind)
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

//! The well-known types, which have JSON forms of their own.
//!
//! Their descriptors are always the canonical ones: a peer cannot exchange them. Values outside a
//! form's range are written as the plain message that they are.

use prost_reflect::MessageDescriptor;
use prost_types::{Duration, Timestamp};

use super::{
    super::{
        field::Field,
        not_finite::DOUBLE,
        protobuf::{Raw, Span},
    },
    form::Purpose,
    gather::Fields,
    stop::Stop,
    writer::{Separator, Step, Writer, spans},
};

/// The seconds of the years 1 to 9999, which a `Timestamp` may have.
pub(in crate::schema) const YEARS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
/// About 10 000 years, which a `Duration` may have either way.
pub(in crate::schema) const MOST_SECONDS: u64 = 315_576_000_000;

/// The key of the type in an `Any`.
pub(in crate::schema) const TYPE: &str = "@type";

/// The JSON form of a well-known type.
#[derive(Debug, Clone, Copy)]
pub(in crate::schema) enum Form {
    Any,
    Timestamp,
    Duration,
    FieldMask,
    /// A single value in a message: its one field stands for it.
    Wrapper,
    /// An object: its one field stands for it.
    Struct,
    /// An array: its one field stands for it.
    List,
    Value,
}

impl Form {
    /// Whether JSON of it may be other than an object.
    pub(in crate::schema) fn may_be_no_object(self) -> bool {
        !matches!(self, Self::Any | Self::Struct)
    }

    /// What it looks like: the names of its fields would not say it.
    pub(in crate::schema) fn example(self) -> &'static str {
        match self {
            Self::Timestamp => "\"2024-01-02T03:04:05Z\"",
            Self::Duration => "\"1.5s\"",
            Self::FieldMask => "\"user.name,email\"",
            Self::List => "[…]",
            Self::Value => "\"…\", 1, true, null, […] or {…}",
            Self::Struct => "{…} with keys and values of any kind",
            Self::Any => "{\"@type\": \"type.googleapis.com/…\", …} with the fields of that type",
            Self::Wrapper => "the value alone",
        }
    }
}

/// The form of a type; `None` where it is an object like any other.
pub(in crate::schema) fn of(descriptor: &MessageDescriptor) -> Option<Form> {
    Some(match descriptor.full_name().strip_prefix("google.protobuf.")? {
        "Any" => Form::Any,
        "Timestamp" => Form::Timestamp,
        "Duration" => Form::Duration,
        "FieldMask" => Form::FieldMask,
        "DoubleValue" | "FloatValue" | "Int64Value" | "UInt64Value" | "Int32Value" | "UInt32Value"
        | "BoolValue" | "StringValue" | "BytesValue" => Form::Wrapper,
        "Struct" => Form::Struct,
        "ListValue" => Form::List,
        "Value" => Form::Value,
        _ => return None,
    })
}

impl Writer {
    pub(super) fn well_known(
        &mut self,
        form: Form,
        descriptor: &MessageDescriptor,
        parts: &[Span<'_>],
    ) -> Step {
        let fields = Fields::gather(Some(descriptor), parts, &mut self.steps)?;
        let text = match form {
            // The forms have no place for what the type does not know. Where any JSON is a `Value`, no other form
            // may stand for one.
            Form::Struct | Form::List | Form::Value
                if fields.has_unknown() && matches!(self.purpose, Purpose::Whole) =>
            {
                return Err(Stop::Formless);
            }
            _ if fields.has_unknown() => None,
            Form::Any => return self.any(descriptor, fields, parts),
            Form::Value => return self.value(&fields),
            Form::Wrapper | Form::Struct | Form::List => return self.only_field(descriptor, fields),
            Form::Timestamp => timestamp(seconds_and_nanos(fields)),
            Form::Duration => duration(seconds_and_nanos(fields)),
            Form::FieldMask => self.field_mask(fields)?,
        };
        if let Some(text) = text {
            return self.string(&text);
        }
        self.has_own_forms = true;
        self.object(Some(descriptor), parts)
    }

    /// What it holds, where the type is known and the bytes are such a message; else the bytes: those of an
    /// unknown type beside `@type`, those of a known one in the plain message, where nothing else is meant by them.
    fn any(&mut self, descriptor: &MessageDescriptor, mut fields: Fields<'_>, parts: &[Span<'_>]) -> Step {
        let none = Span { bytes: &[], offset: 0 };
        let Some(url) = spans(&fields.take(1)).pop().filter(|url| !url.bytes.is_empty()) else {
            return self.plain_any(descriptor, parts);
        };
        let value = spans(&fields.take(2)).pop().unwrap_or(none);
        let url = self.text_of(url).map_err(|stop| stop.inside(1, "type_url"))?;
        let before = self.text.len();
        self.put("{")?;
        self.key(TYPE)?;
        self.string(url)?;
        let name = url.rsplit('/').next().unwrap_or_default();
        let known = descriptor.parent_pool().get_message_by_name(name);
        match known.map(|inner| self.any_value(&inner, value)) {
            Some(Ok(())) => {}
            Some(Err(Stop::Broken(_) | Stop::Formless)) => {
                self.text.truncate(before);
                return self.plain_any(descriptor, parts);
            }
            Some(Err(stop)) => return Err(stop),
            None => {
                self.has_own_forms = true;
                self.put(self.purpose.comma())?;
                self.key("value")?;
                self.base64(value.bytes)?;
            }
        }
        self.put("}")
    }

    /// An `Any` as the message that it is. Others take none without `@type` but an empty one.
    fn plain_any(&mut self, descriptor: &MessageDescriptor, parts: &[Span<'_>]) -> Step {
        self.has_own_forms |= parts.iter().any(|part| !part.bytes.is_empty());
        self.object(Some(descriptor), parts)
    }

    fn key(&mut self, key: &str) -> Step {
        self.string(key)?;
        self.put(self.purpose.colon())
    }

    fn any_value(&mut self, inner: &MessageDescriptor, value: Span<'_>) -> Step {
        // `Empty` has no form of its own but here.
        if of(inner).is_some() || inner.full_name() == "google.protobuf.Empty" {
            self.put(self.purpose.comma())?;
            self.key("value")?;
            return self.message(inner, &[value]);
        }
        self.members(Some(inner), &[value], Separator::behind_one(), Some(TYPE))
    }

    /// The one member that is set. JSON has no form for a number that is none, for another null than null, and for
    /// nothing at all.
    fn value(&mut self, fields: &Fields<'_>) -> Step {
        let Some((field, values)) = fields.known().next() else { return self.formless("null") };
        match values.last() {
            Some(Raw::Fixed64(bits)) if let Some(word) = DOUBLE.word(*bits) => {
                self.formless(&format!("\"{word}\""))
            }
            Some(Raw::Varint(null)) if is_null(field) && *null as i32 != 0 => self.formless("null"),
            _ => self.field(field, values).map_err(|stop| stop.inside(field.number(), field.name())),
        }
    }

    fn only_field(&mut self, descriptor: &MessageDescriptor, mut fields: Fields<'_>) -> Step {
        let Some(field) = descriptor.get_field(1) else { return self.put("{}") };
        let field = Field::Own(field);
        self.field(&field, &fields.take(1)).map_err(|stop| stop.inside(1, field.name()))
    }

    fn field_mask(&mut self, mut fields: Fields<'_>) -> Result<Option<String>, Stop> {
        let mut mask = String::new();
        for span in spans(&fields.take(1)) {
            let path = self.text_of(span).map_err(|stop| stop.inside(1, "paths"))?;
            let Some(path) = camel_case(path).filter(|path| !path.is_empty()) else { return Ok(None) };
            if !mask.is_empty() {
                mask.push(',');
            }
            mask.push_str(&path);
            if mask.len() > self.room() {
                break;
            }
        }
        Ok(Some(mask))
    }
}

/// Whether a member of a `Value` is its null.
fn is_null(field: &Field) -> bool {
    field.name() == "null_value"
}

fn seconds_and_nanos(mut fields: Fields<'_>) -> (i64, i32) {
    let mut number = |field| match fields.take(field).last() {
        Some(Raw::Varint(number)) => number.cast_signed(),
        _ => 0,
    };
    (number(1), number(2) as i32)
}

/// `2024-01-02T03:04:05.678Z`, for the years 1 to 9999.
fn timestamp((seconds, nanos): (i64, i32)) -> Option<String> {
    let is_valid = YEARS.contains(&seconds) && (0..1_000_000_000).contains(&nanos);
    is_valid.then(|| Timestamp { seconds, nanos }.to_string())
}

/// `1.5s`, for about 10 000 years either way; both parts have one sign.
fn duration((seconds, nanos): (i64, i32)) -> Option<String> {
    let is_valid = seconds.unsigned_abs() <= MOST_SECONDS
        && nanos.unsigned_abs() < 1_000_000_000
        && (seconds == 0 || nanos == 0 || (seconds > 0) == (nanos > 0));
    is_valid.then(|| Duration { seconds, nanos }.to_string())
}

/// `None` where it could not be read back.
fn camel_case(path: &str) -> Option<String> {
    let mut camel = String::with_capacity(path.len());
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        match c {
            '_' => camel.push(chars.next().filter(char::is_ascii_lowercase)?.to_ascii_uppercase()),
            'A'..='Z' | ',' => return None,
            c => camel.push(c),
        }
    }
    Some(camel)
}

//! Encoded bytes as JSON in one line, for people to read.
//!
//! Follows <https://protobuf.dev/programming-guides/json/>, but for what is meant to be *seen*: fields
//! that are on the wire are written even where they hold a default, and a field that the type does not
//! know has its number as key, and so has, where nothing may be lost, a field whose value JSON has no
//! form for. Written straight from the wire, because a peer chooses what is in it: depth, work and text
//! are bounded, what an `Any` holds is only written as JSON where that is known, and text that stops
//! early says so rather than failing.

mod gather;
mod map;
mod scalar;
pub(super) mod well_known;

use std::collections::BTreeMap;

use prost_reflect::{Kind, MessageDescriptor};

pub(super) use self::scalar::text_prefix;

use self::gather::Fields;
use super::{
    field::{Field, left_out, number_key},
    protobuf::{Raw, Reader, Span, WireError, WireType},
};

/// JSON, or its beginning.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: String,
    /// Whether there is more.
    pub(super) cut: bool,
}

/// JSON that says all of a message.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) text: String,
    /// Whether every reader of protobuf's JSON takes it, not this program alone.
    pub(super) is_for_all: bool,
}

/// Where the bytes are no such message, and why.
#[derive(Debug)]
pub(super) struct Broken(pub(super) String);

/// Why a message is not written whole.
#[derive(Debug)]
pub(super) enum NotWhole {
    /// It takes more bytes of text than there may be.
    TooLong,
    /// More messages are inside each other than this.
    TooDeep(usize),
    /// JSON has no form for a value, and there is no field around it that could stand under its number.
    Formless,
    Broken(Broken),
}

/// Messages inside each other that a row shows; what is deeper is a `…`.
const MAX_ROW_DEPTH: usize = 64;
/// Messages inside each other that are written whole, and read. A `Value` takes two for each of its objects or
/// lists.
pub(super) const MAX_WHOLE_DEPTH: usize = 256;

/// Writes a message as JSON of at most `max_bytes`, and looks at no more of it than that takes.
pub(super) fn write(
    descriptor: &MessageDescriptor,
    bytes: &[u8],
    max_bytes: usize,
) -> Result<Written, Broken> {
    let mut writer = Writer::new(max_bytes, Form::Row);
    match writer.message(descriptor, &[Span { bytes, offset: 0 }]) {
        Ok(()) => Ok(Written { text: writer.text, cut: writer.is_shortened || writer.steps == 0 }),
        Err(Stop::Full | Stop::TooDeep | Stop::Formless) => Ok(Written { text: writer.text, cut: true }),
        Err(Stop::Broken(fault)) => Err(Broken(fault.to_string())),
    }
}

/// Writes a message as JSON without spaces and without leaving anything out.
pub(super) fn write_whole(
    descriptor: &MessageDescriptor,
    bytes: &[u8],
    max_bytes: usize,
) -> Result<Whole, NotWhole> {
    let mut writer = Writer::new(max_bytes, Form::Whole);
    match writer.message(descriptor, &[Span { bytes, offset: 0 }]) {
        Ok(()) => Ok(Whole { text: writer.text, is_for_all: !writer.has_own_forms }),
        Err(Stop::Full) => Err(NotWhole::TooLong),
        Err(Stop::TooDeep) => Err(NotWhole::TooDeep(MAX_WHOLE_DEPTH)),
        Err(Stop::Formless) => Err(NotWhole::Formless),
        Err(Stop::Broken(fault)) => Err(NotWhole::Broken(Broken(fault.to_string()))),
    }
}

/// What the JSON is for.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// A row for people: a space behind commas and colons, what is too deep is left out, and what JSON has no
    /// form for is written as what it looks like.
    Row,
    /// A program: no spaces, all of it or nothing, and so that it is the same message when it is read.
    Whole,
}

impl Form {
    fn comma(self) -> &'static str {
        match self {
            Self::Row => ", ",
            Self::Whole => ",",
        }
    }

    fn colon(self) -> &'static str {
        match self {
            Self::Row => ": ",
            Self::Whole => ":",
        }
    }

    fn max_depth(self) -> usize {
        match self {
            Self::Row => MAX_ROW_DEPTH,
            Self::Whole => MAX_WHOLE_DEPTH,
        }
    }
}

/// Why writing ended early.
enum Stop {
    /// The text or the work reached its bound.
    Full,
    /// What must be whole is too deep.
    TooDeep,
    /// JSON has no form for a value that must be whole.
    Formless,
    Broken(Fault),
}

/// What is wrong with the bytes. Its path grows from the inside out.
struct Fault {
    path: Vec<(u32, String)>,
    cause: String,
}

impl Stop {
    fn broken(cause: &impl ToString) -> Self {
        Self::Broken(Fault { path: Vec::new(), cause: cause.to_string() })
    }

    fn inside(mut self, number: u32, name: &str) -> Self {
        if let Self::Broken(fault) = &mut self {
            fault.path.push((number, name.to_owned()));
        }
        self
    }
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Self {
        match error {
            WireError::OutOfSteps => Self::Full,
            error => Self::broken(&error),
        }
    }
}

/// `invalid UTF-8 at byte 9, field 3.1 (inner.name)`: the cause first, for a row that is cut.
impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.path.is_empty() {
            let numbers: Vec<String> = self.path.iter().rev().map(|(number, _)| number.to_string()).collect();
            let names: Vec<&str> = self.path.iter().rev().map(|(_, name)| name.as_str()).collect();
            return write!(f, "{}, field {} ({})", self.cause, numbers.join("."), names.join("."));
        }
        f.write_str(&self.cause)
    }
}

/// How a value of which only the wire is known is laid out, where JSON does not tell: a bare number is a
/// varint, a bare text is length-delimited, anything else says what it is, as `{"fixed32": 7}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Fixed32,
    Fixed64,
    Bytes,
    Group,
}

impl Layout {
    pub(super) const ALL: [Self; 4] = [Self::Fixed32, Self::Fixed64, Self::Bytes, Self::Group];

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Fixed32 => "fixed32",
            Self::Fixed64 => "fixed64",
            Self::Bytes => "bytes",
            Self::Group => "group",
        }
    }

    pub(super) fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.key() == key)
    }
}

type Step = Result<(), Stop>;

struct Writer {
    text: String,
    max_bytes: usize,
    steps: usize,
    depth: usize,
    /// Whether something inside was left out.
    is_shortened: bool,
    /// Whether something was written that others do not read.
    has_own_forms: bool,
    form: Form,
}

impl Writer {
    fn new(max_bytes: usize, form: Form) -> Self {
        Self {
            text: String::new(),
            max_bytes,
            // A field takes a byte or more of text; some for fields that later ones replace.
            steps: max_bytes.saturating_mul(2).saturating_add(256),
            depth: 0,
            is_shortened: false,
            has_own_forms: false,
            form,
        }
    }

    /// A message of which the bytes may lie in several places: together they are one message.
    fn message(&mut self, descriptor: &MessageDescriptor, parts: &[Span<'_>]) -> Step {
        self.deeper(|writer| match well_known::of(descriptor) {
            Some(form) => writer.well_known(form, descriptor, parts),
            None => writer.object(Some(descriptor), parts),
        })
    }

    /// In place of a value that JSON has no form for.
    fn formless(&mut self, looks_like: &str) -> Step {
        match self.form {
            Form::Row => self.put(looks_like),
            Form::Whole => Err(Stop::Formless),
        }
    }

    /// Writes a member. Where JSON has no form for it, what was written of it is taken back, and that is `None`.
    fn unless_formless<T>(
        &mut self,
        separator: &mut Separator,
        write: impl FnOnce(&mut Self, &mut Separator) -> Result<T, Stop>,
    ) -> Result<Option<T>, Stop> {
        let before = (self.text.len(), *separator);
        match write(self, separator) {
            Err(Stop::Formless) => {
                self.text.truncate(before.0);
                *separator = before.1;
                Ok(None)
            }
            written => written.map(Some),
        }
    }

    fn deeper(&mut self, write: impl FnOnce(&mut Self) -> Step) -> Step {
        if self.depth == self.form.max_depth() {
            return self.leave_out();
        }
        self.depth += 1;
        let written = write(self);
        self.depth -= 1;
        written
    }

    /// In place of a message that is too deep.
    fn leave_out(&mut self) -> Step {
        match self.form {
            Form::Row => {
                self.is_shortened = true;
                self.put("\"…\"")
            }
            Form::Whole => Err(Stop::TooDeep),
        }
    }

    fn object(&mut self, descriptor: Option<&MessageDescriptor>, parts: &[Span<'_>]) -> Step {
        self.put("{")?;
        self.members(descriptor, parts, Separator::default(), None)?;
        self.put("}")
    }

    /// The fields of a message, without the braces and without the one name that is taken.
    fn members(
        &mut self,
        descriptor: Option<&MessageDescriptor>,
        parts: &[Span<'_>],
        mut separator: Separator,
        taken: Option<&str>,
    ) -> Step {
        let fields = Fields::gather(descriptor, parts, &mut self.steps)?;
        let mut by_number: BTreeMap<u32, Vec<Raw<'_>>> = BTreeMap::new();
        for (field, values) in fields.known() {
            let is_free =
                descriptor.is_some_and(|message| field.has_key(message)) && taken != Some(field.json_name());
            let named = if is_free {
                self.unless_formless(&mut separator, |writer, at| writer.named(field, values, at))
            } else {
                Ok(None)
            };
            let left = named.map_err(|stop| stop.inside(field.number(), field.name()))?;
            let left = left.unwrap_or_else(|| values.to_vec());
            if !left.is_empty() {
                by_number.insert(field.number(), left);
            }
        }
        for (number, values) in fields.unknown() {
            by_number.entry(number).or_default().extend(values);
        }
        self.has_own_forms |= !by_number.is_empty();
        for (number, values) in by_number {
            self.separate(&mut separator)?;
            self.string(&number_key(descriptor, number))?;
            self.put(self.form.colon())?;
            self.unknown(&values)?;
        }
        match descriptor {
            // Of what was not looked at to its end nothing is known to be missing.
            Some(message) if self.steps > 0 => self.left_out(message, &fields, &mut separator),
            _ => Ok(()),
        }
    }

    /// Required fields that are not there: others refuse such a message, and here it is seen why.
    fn left_out(
        &mut self,
        message: &MessageDescriptor,
        fields: &Fields<'_>,
        separator: &mut Separator,
    ) -> Step {
        for field in Field::required(message).filter(|field| !fields.has(field.number())) {
            let (key, nothing) = left_out(message, &field);
            self.has_own_forms = true;
            self.separate(separator)?;
            self.string(&key)?;
            self.put(self.form.colon())?;
            self.put(nothing)?;
        }
        Ok(())
    }

    /// A field under its name. What is returned has no place there: entries of a map.
    fn named<'a>(
        &mut self,
        field: &Field,
        values: &[Raw<'a>],
        separator: &mut Separator,
    ) -> Result<Vec<Raw<'a>>, Stop> {
        self.separate(separator)?;
        self.string(field.json_name())?;
        self.put(self.form.colon())?;
        if field.is_map() { self.map(field, values) } else { self.field(field, values).map(|()| Vec::new()) }
    }

    fn field(&mut self, field: &Field, values: &[Raw<'_>]) -> Step {
        if field.is_map() {
            let left = self.map(field, values)?;
            if left.is_empty() { Ok(()) } else { self.formless("") }
        } else if field.is_list() {
            self.list(field, values)
        } else {
            self.single(field, values)
        }
    }

    /// A field that holds one value: the last one, or all parts of a message.
    fn single(&mut self, field: &Field, values: &[Raw<'_>]) -> Step {
        match (field.kind(), values.last()) {
            (Kind::Message(descriptor), _) => self.message(&descriptor, &spans(values)),
            (_, Some(value)) => self.scalar(field, value),
            (_, None) => self.default_value(field),
        }
    }

    fn list(&mut self, field: &Field, values: &[Raw<'_>]) -> Step {
        self.put("[")?;
        let mut separator = Separator::default();
        for value in values {
            match (field.wire_type(), value) {
                (WireType::Length | WireType::Group, _) => {
                    self.separate(&mut separator)?;
                    self.single(field, &[*value])?;
                }
                (element, Raw::Length(packed)) => {
                    let mut reader = Reader::within(*packed);
                    while !reader.rest().is_empty() {
                        self.separate(&mut separator)?;
                        self.scalar(field, &reader.value(element)?)?;
                    }
                }
                _ => {
                    self.separate(&mut separator)?;
                    self.scalar(field, value)?;
                }
            }
        }
        self.put("]")
    }

    /// A value of which only the wire is known, as it is on the wire.
    fn unknown(&mut self, values: &[Raw<'_>]) -> Step {
        if let [value] = values {
            return self.unknown_value(value);
        }
        self.put("[")?;
        let mut separator = Separator::default();
        for value in values {
            self.separate(&mut separator)?;
            self.unknown_value(value)?;
        }
        self.put("]")
    }

    fn unknown_value(&mut self, value: &Raw<'_>) -> Step {
        match value {
            Raw::Varint(number) => self.put(&number.to_string()),
            Raw::Fixed64(number) => self.laid_out(Layout::Fixed64, |writer| writer.put(&number.to_string())),
            Raw::Fixed32(number) => self.laid_out(Layout::Fixed32, |writer| writer.put(&number.to_string())),
            Raw::Group(span) => {
                self.laid_out(Layout::Group, |writer| writer.deeper(|writer| writer.object(None, &[*span])))
            }
            Raw::Length(span) => match self.text_of(*span) {
                Ok(text) if !text.chars().any(char::is_control) => self.string(text),
                _ => self.laid_out(Layout::Bytes, |writer| writer.base64(span.bytes)),
            },
        }
    }

    fn laid_out(&mut self, layout: Layout, write: impl FnOnce(&mut Self) -> Step) -> Step {
        self.put("{")?;
        self.string(layout.key())?;
        self.put(self.form.colon())?;
        write(self)?;
        self.put("}")
    }

    /// Appends; what does not fit is cut.
    fn put(&mut self, text: &str) -> Step {
        let room = self.room();
        if text.len() <= room {
            self.text.push_str(text);
            return Ok(());
        }
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
        Err(Stop::Full)
    }

    fn separate(&mut self, separator: &mut Separator) -> Step {
        if separator.next() { self.put(self.form.comma()) } else { Ok(()) }
    }

    fn room(&self) -> usize {
        self.max_bytes.saturating_sub(self.text.len())
    }
}

/// Nothing before the first member, a comma before the others.
#[derive(Default, Clone, Copy)]
struct Separator {
    is_behind_one: bool,
}

impl Separator {
    fn behind_one() -> Self {
        Self { is_behind_one: true }
    }

    /// Whether nothing was written yet.
    fn is_at_first(self) -> bool {
        !self.is_behind_one
    }

    /// Whether there is one before this.
    fn next(&mut self) -> bool {
        std::mem::replace(&mut self.is_behind_one, true)
    }
}

fn spans<'a>(values: &[Raw<'a>]) -> Vec<Span<'a>> {
    let span = |value: &Raw<'a>| match value {
        Raw::Length(span) | Raw::Group(span) => Some(*span),
        _ => None,
    };
    values.iter().filter_map(span).collect()
}

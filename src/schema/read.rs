//! JSON into encoded bytes, straight from the text to the wire.
//!
//! Follows <https://protobuf.dev/programming-guides/json/>, and takes back all that
//! [the writer](super::json) says: fields by their numbers, an `Any` of an unknown type by its bytes, a well-known type out of its range as the message that it is. Every
//! error knows its place, its field and what was likely meant, which is why this is no `Deserialize`.

mod any;
mod scalar;
mod unknown;
mod well_known;

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{Kind, MessageDescriptor};

use self::scalar::Scalar;
use super::{
    field::{Field, is_null_value, left_out},
    json::{MAX_WHOLE_DEPTH, well_known as forms},
    lexer::{Fault, Lexer, Start},
    message_set, names,
    nearest::nearest,
    protobuf::MAX_FIELD_NUMBER,
};

/// Why a text is no such message: what is wrong, where in the text, in which field.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) fault: Fault,
    /// `inner.numbers[2]`; empty where it is the message itself.
    pub(super) path: String,
}

/// Encodes the message that `text` is.
pub(super) fn read(descriptor: &MessageDescriptor, text: &str) -> Result<Vec<u8>, Wrong> {
    let mut reader = Reader { lexer: Lexer::new(text), path: Vec::new(), depth: 0 };
    let mut bytes = Vec::new();
    let read = reader.message(descriptor, &mut bytes).and_then(|()| reader.lexer.end());
    // Where something is wrong, nobody went back up the path.
    read.map(|()| bytes).map_err(|fault| Wrong { fault, path: path(&reader.path) })
}

/// One step down from a message.
enum Part {
    Field(String),
    Element(usize),
    Entry(String),
}

fn path(parts: &[Part]) -> String {
    use fmt::Write as _;
    let mut path = String::new();
    for part in parts {
        // A text takes what is written.
        let _ = match part {
            Part::Field(name) if path.is_empty() => write!(path, "{name}"),
            Part::Field(name) => write!(path, ".{name}"),
            Part::Element(index) => write!(path, "[{index}]"),
            Part::Entry(key) => write!(path, "[{key:?}]"),
        };
    }
    path
}

/// The innermost field, with its element or entry: `numbers[2]`. Empty where it is the message itself.
fn innermost(parts: &[Part]) -> String {
    let begins = parts.iter().rposition(|part| matches!(part, Part::Field(_)));
    path(&parts[begins.unwrap_or_default()..])
}

type Step<T = ()> = Result<T, Fault>;

struct Reader<'a> {
    lexer: Lexer<'a>,
    path: Vec<Part>,
    depth: usize,
}

impl Reader<'_> {
    fn message(&mut self, descriptor: &MessageDescriptor, out: &mut Vec<u8>) -> Step {
        self.deeper(|reader| match forms::of(descriptor) {
            Some(form) => reader.well_known(form, descriptor, out),
            None => reader.object(descriptor, out),
        })
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Step<T>) -> Step<T> {
        if self.depth == MAX_WHOLE_DEPTH {
            let cause = format!("more than {MAX_WHOLE_DEPTH} messages inside each other");
            return Err(self.lexer.fault(&cause));
        }
        self.depth += 1;
        let read = read(self)?;
        self.depth -= 1;
        Ok(read)
    }

    fn object(&mut self, descriptor: &MessageDescriptor, out: &mut Vec<u8>) -> Step {
        self.members(descriptor, None, out)
    }

    /// The fields of an object, but for one that is there for another reason.
    fn members(&mut self, descriptor: &MessageDescriptor, but_for: Option<&str>, out: &mut Vec<u8>) -> Step {
        let begins = self.expect(Start::Object, descriptor.full_name())?;
        let mut seen = Seen::default();
        let mut items = self.lexer.object()?;
        while self.lexer.next(&mut items)? {
            let at = self.lexer.place();
            let key = self.lexer.key()?;
            if but_for == Some(&*key) {
                self.lexer.skip()?;
                continue;
            }
            match Field::by_key(descriptor, &key) {
                Some(field) => self.member(&field, at, &mut seen, out)?,
                None => match unknown::number(Some(descriptor), &key) {
                    Some(number) => {
                        if !seen.by_number.insert(number) {
                            return Err(twice(at, &key));
                        }
                        self.inside(Part::Field(key.into_owned()), |reader| reader.unknown(number, out))?;
                    }
                    None => return Err(Fault::new(at, unknown_field(descriptor, &key))),
                },
            }
        }
        match Field::required(descriptor).find(|field| !seen.has(field)) {
            Some(missing) => Err(Fault::new(begins, missing_field(descriptor, &missing))),
            None => Ok(()),
        }
    }

    fn member(&mut self, field: &Field, at: usize, seen: &mut Seen, out: &mut Vec<u8>) -> Step {
        if self.lexer.start()? == Start::Null && !field.takes_null() {
            seen.left_out.insert(field.number());
            return self.lexer.word("null");
        }
        if !seen.fields.insert(field.number()) {
            return Err(twice(at, field.json_name()));
        }
        if let Some(oneof) = field.oneof() {
            let other = seen.oneofs.insert(oneof.name().to_owned(), field.json_name().to_owned());
            if let Some(other) = other {
                let name = field.json_name();
                return Err(Fault::new(
                    at,
                    format!("`{other}` and `{name}` exclude each other (oneof {})", oneof.name()),
                ));
            }
        }
        self.inside(Part::Field(field.json_name().to_owned()), |reader| reader.field(field, out))
    }

    fn inside(&mut self, part: Part, read: impl FnOnce(&mut Self) -> Step) -> Step {
        self.path.push(part);
        read(self)?;
        self.path.pop();
        Ok(())
    }

    fn field(&mut self, field: &Field, out: &mut Vec<u8>) -> Step {
        if field.is_map() {
            self.map(field, out)
        } else if field.is_list() {
            self.list(field, out)
        } else {
            self.single(field, out)
        }
    }

    fn single(&mut self, field: &Field, out: &mut Vec<u8>) -> Step {
        match field.kind() {
            Kind::Message(descriptor) => self.nested(field, &descriptor, out),
            kind => {
                let scalar = self.scalar(&kind)?;
                if field.has_presence() || !scalar.is_zero() {
                    scalar.put(field.number(), out);
                }
                Ok(())
            }
        }
    }

    fn nested(&mut self, field: &Field, descriptor: &MessageDescriptor, out: &mut Vec<u8>) -> Step {
        if field.is_group() {
            encode_key(field.number(), WireType::StartGroup, out);
            self.message(descriptor, out)?;
            encode_key(field.number(), WireType::EndGroup, out);
            return Ok(());
        }
        let mut bytes = Vec::new();
        self.message(descriptor, &mut bytes)?;
        if message_set::is_item(field) {
            message_set::put_item(field.number(), &bytes, out);
        } else {
            put_bytes(field.number(), &bytes, out);
        }
        Ok(())
    }

    fn list(&mut self, field: &Field, out: &mut Vec<u8>) -> Step {
        self.expect(Start::Array, "a repeated field")?;
        let mut packed = Vec::new();
        let mut items = self.lexer.array()?;
        let mut index = 0;
        while self.lexer.next(&mut items)? {
            self.inside(Part::Element(index), |reader| {
                reader.no_null(field)?;
                match field.kind() {
                    Kind::Message(descriptor) => reader.nested(field, &descriptor, out),
                    kind if field.is_packed() => {
                        reader.scalar(&kind).map(|scalar| scalar.put_value(&mut packed))
                    }
                    kind => reader.scalar(&kind).map(|scalar| scalar.put(field.number(), out)),
                }
            })?;
            index += 1;
        }
        if !packed.is_empty() {
            put_bytes(field.number(), &packed, out);
        }
        Ok(())
    }

    fn map(&mut self, field: &Field, out: &mut Vec<u8>) -> Step {
        self.expect(Start::Object, "a map")?;
        let Kind::Message(entry) = field.kind() else { return self.lexer.skip() };
        let key_kind = entry.map_entry_key_field().kind();
        let value_field = Field::Own(entry.map_entry_value_field());
        let mut keys = HashSet::new();
        let mut items = self.lexer.object()?;
        while self.lexer.next(&mut items)? {
            let at = self.lexer.place();
            let key = self.lexer.key()?;
            let mut bytes = Vec::new();
            scalar::of_key(&key_kind, &key).map_err(|cause| Fault::new(at, cause))?.put(1, &mut bytes);
            // As bytes: a key may be written in several ways.
            if !keys.insert(bytes.clone()) {
                return Err(twice(at, &key));
            }
            self.inside(Part::Entry(key.into_owned()), |reader| {
                reader.no_null(&value_field)?;
                match value_field.kind() {
                    Kind::Message(descriptor) => reader.nested(&value_field, &descriptor, &mut bytes),
                    kind => reader.scalar(&kind).map(|scalar| scalar.put(2, &mut bytes)),
                }
            })?;
            put_bytes(field.number(), &bytes, out);
        }
        Ok(())
    }

    fn scalar(&mut self, kind: &Kind) -> Step<Scalar> {
        scalar::read(&mut self.lexer, kind, &self.path)
    }

    fn no_null(&mut self, field: &Field) -> Step {
        if self.lexer.start()? == Start::Null && !is_null_value(&field.kind()) {
            return Err(self.lexer.fault("null means no value, and one is needed here"));
        }
        Ok(())
    }

    /// Where the next value begins, if it is what is wanted.
    fn expect(&mut self, wanted: Start, of: &str) -> Step<usize> {
        let found = self.lexer.start()?;
        let at = self.lexer.place();
        if found == wanted {
            return Ok(at);
        }
        Err(Fault::new(at, format!("{of} is written as {}, not {}", wanted.words(), found.words())))
    }
}

/// What an object has had so far.
#[derive(Default)]
struct Seen {
    fields: HashSet<u32>,
    /// Fields under their numbers: those that the type does not know, or whose values JSON has no form for.
    by_number: HashSet<u32>,
    /// Fields that are null, which says that they are not there.
    left_out: HashSet<u32>,
    /// The member that was set, by the oneof's name.
    oneofs: BTreeMap<String, String>,
}

impl Seen {
    fn has(&self, field: &Field) -> bool {
        [&self.fields, &self.by_number, &self.left_out].iter().any(|seen| seen.contains(&field.number()))
    }
}

/// What may be there once is there again.
fn twice(at: usize, key: &str) -> Fault {
    Fault::new(at, format!("`{}` is here twice", shortened(key)))
}

fn missing_field(descriptor: &MessageDescriptor, field: &Field) -> String {
    let (name, message) = (field.json_name(), descriptor.full_name());
    let (key, nothing) = left_out(descriptor, field);
    format!("`{name}` is required in {message} and is missing: `\"{key}\": {nothing}` leaves it out")
}

fn unknown_field(descriptor: &MessageDescriptor, key: &str) -> String {
    let names: Vec<Field> = Field::declared(descriptor).chain(Field::extensions(descriptor)).collect();
    let near = nearest(key, names.iter().map(Field::json_name));
    let hint = near.map(|name| format!(": did you mean `{name}`?")).unwrap_or_default();
    format!("unknown field `{}` in {}{hint}", shortened(key), descriptor.full_name())
}

/// What was typed, as much of it as an error can show.
fn shortened(text: &str) -> String {
    const READABLE: usize = 60;
    names::shortened(text, READABLE)
}

/// A length-delimited field.
fn put_bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Whether a number can be a field's.
fn is_field_number(number: u64) -> bool {
    (1..=MAX_FIELD_NUMBER).contains(&number)
}

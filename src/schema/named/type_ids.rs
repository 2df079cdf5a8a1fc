//! Numbers of a source that only an extension of a message set has, and the compiler takes from none.
//!
//! Others [stand for them](StandIns) from the source's text on, until it is compiled. In the text they stand behind
//! `extensions` and `reserved`, and in an `extend` behind a field's name.

use std::{
    collections::{HashMap, HashSet},
    str,
};

use prost::Message as _;
use prost_reflect::{DynamicMessage, ExtensionDescriptor, ReflectMessage, Value};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto,
    descriptor_proto::{ExtensionRange, ReservedRange},
};

use super::{
    super::{
        SchemaError,
        message_set::{MAX_TYPE_ID, STAND_INS, StandIns},
        names::join,
        protobuf::MAX_FIELD_NUMBER,
    },
    source_text::{Piece, pieces},
};

/// What became of such numbers in one file.
#[derive(Debug, Default)]
pub(super) struct TypeIds {
    /// The numbers, by those that stand for them.
    own: HashMap<i32, i32>,
    /// The messages, by their full names, that were given room for those, and what they say is reserved.
    roomy: HashMap<String, Vec<ReservedRange>>,
}

/// The source with numbers that the compiler takes.
pub(super) fn stood_in(source: &str) -> (String, TypeIds) {
    let mut place = Place::default();
    let (mut plain, mut large) = (HashSet::new(), Vec::new());
    for (at, piece) in pieces(source.as_bytes()) {
        let is_number = place.takes_number(piece);
        let Some((number, length)) = number(piece) else { continue };
        if is_number && u64::from(number) > MAX_FIELD_NUMBER {
            large.push((at, length, number));
        } else {
            plain.insert(number);
        }
    }
    let mut stand_ins = StandIns::beside(plain.into_iter());
    let (mut text, mut copied) = (String::with_capacity(source.len()), 0);
    let mut ids = TypeIds::default();
    for (at, length, number) in large {
        let Some(stand_in) = stand_ins.next() else { break };
        text.push_str(&source[copied..at]);
        // No shorter than these are those that are too large: what follows stays at its place.
        let digits = stand_in.to_string();
        text.push_str(&digits);
        text.extend(std::iter::repeat_n(' ', length - digits.len()));
        copied = at + length;
        ids.own.insert(stand_in.cast_signed(), number.cast_signed());
    }
    text.push_str(&source[copied..]);
    (text, ids)
}

/// A number that a message set may have, and how long it is where it stands: decimal, hexadecimal or octal.
fn number(piece: Piece<'_>) -> Option<(u32, usize)> {
    let Piece::Word(word) = piece else { return None };
    let text = str::from_utf8(word).ok()?;
    let number = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => u32::from_str_radix(&text[2..], 16),
        [b'0', _, ..] => u32::from_str_radix(text, 8),
        _ => text.parse(),
    };
    number.ok().filter(|number| *number <= MAX_TYPE_ID).map(|number| (number, word.len()))
}

/// Where in a source one is.
#[derive(Debug, Default)]
struct Place {
    statement: Statement,
    /// How many braces are open inside an `extend`.
    in_extend: Option<usize>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Statement {
    #[default]
    Begins,
    /// Behind `extensions` or `reserved`.
    Ranges,
    /// Behind `extend`, before its brace.
    Extend,
    /// In the type and name of a field of an `extend`.
    Field,
    /// Behind the sign that its number follows.
    Numbered,
    Elsewhere,
}

impl Place {
    /// Whether a number may be that of an extension here. Goes on behind the piece.
    fn takes_number(&mut self, piece: Piece<'_>) -> bool {
        let before = self.statement;
        self.statement = match (before, piece) {
            (_, Piece::Comment(_)) => return false,
            (_, Piece::Other(b"{")) => {
                let is_in = |braces: usize| braces + 1;
                self.in_extend =
                    if before == Statement::Extend { Some(0) } else { self.in_extend.map(is_in) };
                Statement::Begins
            }
            (_, Piece::Other(b"}")) => {
                self.in_extend = self.in_extend.and_then(|braces| braces.checked_sub(1));
                Statement::Begins
            }
            (_, Piece::Other(b";")) => Statement::Begins,
            (Statement::Begins | Statement::Field, Piece::Word(_)) if self.in_extend == Some(0) => {
                Statement::Field
            }
            (Statement::Field, Piece::Other(b"=")) => Statement::Numbered,
            (Statement::Begins, Piece::Word(b"extend")) | (Statement::Extend, Piece::Word(_)) => {
                Statement::Extend
            }
            (Statement::Begins, Piece::Word(b"extensions" | b"reserved"))
            | (Statement::Ranges, Piece::Word(_) | Piece::Other(b",")) => Statement::Ranges,
            _ => Statement::Elsewhere,
        };
        matches!(before, Statement::Ranges | Statement::Numbered)
    }
}

impl TypeIds {
    /// Gives ranges their own numbers again in what was read of the source, and their messages room for those that
    /// stand for the numbers of extensions.
    pub(super) fn make_room(&mut self, file: &mut FileDescriptorProto) {
        let scope = file.package().to_owned();
        file.message_type.iter_mut().for_each(|message| self.make_room_in(message, &scope));
        file.enum_type.iter_mut().for_each(|an_enum| self.in_enum(an_enum));
    }

    fn make_room_in(&mut self, message: &mut DescriptorProto, scope: &str) {
        for range in &mut message.extension_range {
            (range.start, range.end) = (self.own(range.start), self.end(range.end));
        }
        for range in &mut message.reserved_range {
            (range.start, range.end) = (self.own(range.start), self.end(range.end));
        }
        let name = join(scope, message.name());
        message.nested_type.iter_mut().for_each(|nested| self.make_room_in(nested, &name));
        message.enum_type.iter_mut().for_each(|an_enum| self.in_enum(an_enum));
        if message.extension_range.is_empty() {
            return;
        }
        let room = ExtensionRange {
            start: Some(STAND_INS.start.cast_signed()),
            end: Some(STAND_INS.end.cast_signed()),
            options: None,
        };
        message.extension_range.push(room);
        let is_in_the_way =
            message.reserved_range.iter().any(|range| range.end() > STAND_INS.start.cast_signed());
        let reserved = if is_in_the_way { std::mem::take(&mut message.reserved_range) } else { Vec::new() };
        self.roomy.insert(name, reserved);
    }

    fn in_enum(&self, an_enum: &mut EnumDescriptorProto) {
        for range in &mut an_enum.reserved_range {
            (range.start, range.end) = (self.own(range.start), self.own(range.end));
        }
    }

    fn own(&self, number: Option<i32>) -> Option<i32> {
        number.map(|number| self.own.get(&number).copied().unwrap_or(number))
    }

    /// The end of a range, which is behind it.
    fn end(&self, end: Option<i32>) -> Option<i32> {
        self.own(end.map(|end| end - 1)).map(|last| last + 1)
    }

    /// Whether a message has a range more than it declares, behind all others.
    pub(super) fn gave_room_to(&self, message: &str) -> bool {
        self.roomy.contains_key(message)
    }

    /// What the compiler says of a number, of the one that was written.
    pub(super) fn as_written(&self, words: &str) -> String {
        let quoted = |number: i32| format!("'{number}'");
        let all = self.own.iter();
        all.fold(words.to_owned(), |words, (stand_in, own)| words.replace(&quoted(*stand_in), &quoted(*own)))
    }

    /// The compiled file with its own numbers.
    pub(super) fn restored(&self, compiled: &[u8]) -> Result<Vec<u8>, SchemaError> {
        let descriptor = FileDescriptorProto::default().descriptor();
        let mut file = DynamicMessage::decode(descriptor, compiled)?;
        let package = text(&file, "package");
        self.restore(&mut file, "message_type", &package);
        Ok(file.encode_to_vec())
    }

    fn restore(&self, holder: &mut DynamicMessage, messages: &str, scope: &str) {
        for extension in elements(holder, "extension") {
            let number = extension.get_field_by_name("number").and_then(|number| number.as_i32());
            if let Some(own) = number.and_then(|number| self.own.get(&number)) {
                extension.set_field_by_name("number", Value::I32(*own));
            }
        }
        for message in elements(holder, messages) {
            let name = join(scope, &text(message, "name"));
            self.restore(message, "nested_type", &name);
            let Some(reserved) = self.roomy.get(&name) else { continue };
            if let Some(ranges) = list(message, "extension_range") {
                ranges.pop();
            }
            if let Some(ranges) = list(message, "reserved_range") {
                ranges.extend(reserved.iter().map(|range| Value::Message(range.transcode_to_dynamic())));
            }
        }
    }
}

/// The number that an extension has in its source.
pub(super) fn own_number(of: &HashMap<String, TypeIds>, extension: &ExtensionDescriptor) -> i32 {
    let given = extension.number().cast_signed();
    of.get(extension.parent_file().name()).and_then(|ids| ids.own.get(&given)).copied().unwrap_or(given)
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The messages in a repeated field of a descriptor.
fn elements<'a>(
    message: &'a mut DynamicMessage,
    field: &str,
) -> impl Iterator<Item = &'a mut DynamicMessage> {
    list(message, field).into_iter().flatten().filter_map(Value::as_message_mut)
}

fn list<'a>(message: &'a mut DynamicMessage, field: &str) -> Option<&'a mut Vec<Value>> {
    let field = message.descriptor().get_field_by_name(field)?;
    message.get_field_mut(&field).as_list_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(source: &str) -> Vec<i32> {
        let mut numbers: Vec<i32> = stood_in(source).1.own.into_values().collect();
        numbers.sort_unstable();
        numbers
    }

    #[test]
    fn a_number_stands_for_a_large_one_of_an_extension_and_no_other() {
        let (text, ids) = stood_in("extend a.Set { optional M m = /* 1 */ 2147483646 [deprecated = true]; }");
        assert_eq!(text, "extend a.Set { optional M m = /* 1 */ 268435456  [deprecated = true]; }");
        assert_eq!(ids.own, HashMap::from([(268_435_456, 2_147_483_646)]));
        // One that is there already stands for itself.
        let (text, _) = stood_in("extensions 268435456, 0x20000000 to max;");
        assert_eq!(text, "extensions 268435456, 268435457  to max;");
        assert_eq!(numbers("reserved 536870911, 536870912 to 04000000001;"), [1 << 29, (1 << 29) + 1]);
        assert_eq!(numbers("extend S { optional group G = 1 { optional int32 a = 600000000; } }"), [0; 0]);
        for unchanged in [
            "enum E { A = 1073741824; B = 2147483646; }",
            "option a = 1073741824;",
            "extensions 4 [a = 1073741824];",
            "extend S { optional M m = 1 [(a) = { b: 1073741824 }, (c) = 1073741824]; }",
            "optional M m = 1073741824;",
            "extend S { optional M m = 2147483647; }",
            "extend S { optional M m = 99999999999; }",
            "extensions 536870911 to max;",
            "// extensions 1073741824;",
        ] {
            assert_eq!(stood_in(unchanged).0, unchanged);
            assert_eq!(numbers(unchanged), [0; 0], "{unchanged}");
        }
    }
}

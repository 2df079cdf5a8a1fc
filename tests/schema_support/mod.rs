//! The test schema, as the program sees it and as prost-reflect does.

#![allow(dead_code, clippy::unwrap_used)]

use std::{collections::HashMap, sync::LazyLock};

use greeter::schema::{Contract, MessageType, Shown, Source};
use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Syntax,
    Value,
};
use prost_types::FileDescriptorSet;

pub(crate) fn files() -> FileDescriptorSet {
    static FILES: LazyLock<FileDescriptorSet> = LazyLock::new(|| {
        let protos = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protos");
        protox::compile(["everything.proto", "older.proto", "proto2.proto"], [protos]).unwrap()
    });
    FILES.clone()
}

/// The message type of this name, as it is the request of a method.
pub(crate) fn message(full_name: &str) -> MessageType {
    static CONTRACTS: LazyLock<Vec<Contract>> =
        LazyLock::new(|| Contract::from_descriptor_set(&files().encode_to_vec(), Source::File).unwrap());
    let mut methods = CONTRACTS.iter().flat_map(Contract::methods);
    methods.find(|method| method.request().full_name() == full_name).unwrap().request().clone()
}

pub(crate) fn everything() -> MessageType {
    message("test.Everything")
}

/// The same type, independent of ours.
pub(crate) fn reference() -> MessageDescriptor {
    reference_of("test.Everything")
}

/// A type of the test schema, independent of ours.
pub(crate) fn reference_of(full_name: &str) -> MessageDescriptor {
    static POOL: LazyLock<DescriptorPool> =
        LazyLock::new(|| DescriptorPool::from_file_descriptor_set(files()).unwrap());
    POOL.get_message_by_name(full_name).unwrap()
}

/// A field of bytes: any message, any text.
pub(crate) fn length_delimited(number: u32, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::bytes::encode(number, &value.to_vec(), &mut bytes);
    bytes
}

pub(crate) fn varint(number: u32, value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    prost::encoding::uint64::encode(number, &value, &mut bytes);
    bytes
}

/// A row that must be JSON, whole.
pub(crate) fn json(message: &MessageType, bytes: &[u8]) -> String {
    match message.show(bytes, 1 << 20) {
        Shown::Json { text, cut: false } => text,
        other => panic!("{other:?}"),
    }
}

/// Why a row is broken.
pub(crate) fn error(message: &MessageType, bytes: &[u8]) -> String {
    match message.show(bytes, 1 << 20) {
        Shown::Broken { error, .. } => error,
        other => panic!("{other:?}"),
    }
}

/// Makes messages from a seed: as many fields as `size` allows, each within what JSON can say.
pub(crate) struct Maker {
    pub(crate) seed: u64,
}

impl Maker {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn message(&mut self, descriptor: &MessageDescriptor, size: u64) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        let mut set = |name: &str, value| message.set_field_by_name(name, value);
        match descriptor.full_name() {
            "google.protobuf.Timestamp" => {
                set("seconds", Value::I64(self.below(100_000_000_000).cast_signed() - 50_000_000_000));
                set("nanos", Value::I32(self.below(1_000_000_000) as i32));
            }
            "google.protobuf.Duration" => {
                let sign = if self.below(2) == 0 { 1 } else { -1 };
                set("seconds", Value::I64(sign * self.below(1_000_000).cast_signed()));
                set("nanos", Value::I32(sign as i32 * self.below(1_000_000_000) as i32));
            }
            "google.protobuf.FieldMask" => {
                let paths = ["a", "a_b.c", "foo_bar_baz"].map(|path| Value::String(path.to_owned()));
                set("paths", Value::List(paths[..self.below(4) as usize].to_vec()));
            }
            "google.protobuf.Any" => {
                let inner =
                    ["test.Everything", "old.Whole", "google.protobuf.Duration", "google.protobuf.Empty"];
                let pool = descriptor.parent_pool();
                let known: Vec<_> = inner.iter().filter_map(|name| pool.get_message_by_name(name)).collect();
                let inner = known[self.below(known.len() as u64) as usize].clone();
                let name = inner.full_name().to_owned();
                let value = self.message(&inner, size / 2);
                set("type_url", Value::String(format!("type.googleapis.com/{name}")));
                set("value", Value::Bytes(value.encode_to_vec().into()));
            }
            _ => self.fields(&mut message, size),
        }
        message
    }

    /// Bytes as a careless server makes them: mostly fields of the type, and values that it has no place for. What
    /// is not told from nothing is not there, nor is NaN, which is not even itself and has a test of its own.
    pub(crate) fn wire(&mut self, descriptor: &MessageDescriptor, depth: u32) -> Vec<u8> {
        let own = descriptor.fields().map(|field| {
            let may_be_zero = field.supports_presence() || field.is_list();
            (field.number(), field.kind(), field.is_group(), may_be_zero)
        });
        let extensions = descriptor.extensions();
        let extensions = extensions.map(|field| (field.number(), field.kind(), field.is_group(), true));
        let fields: Vec<_> = own.chain(extensions).collect();
        let required = descriptor.fields().filter(FieldDescriptor::is_required).map(|field| field.number());
        let mut numbers: Vec<u32> = required.filter(|_| self.below(4) > 0).collect();
        for _ in 0..self.below(6) {
            let any = fields.get(self.below(fields.len().max(1) as u64) as usize).map(|field| field.0);
            numbers.push(any.filter(|_| self.below(8) > 0).unwrap_or(1 + self.below(70) as u32));
        }
        let mut bytes = Vec::new();
        for number in numbers {
            match fields.iter().find(|field| field.0 == number) {
                Some((_, kind, is_group, may_be_zero)) => {
                    let least = usize::from(!may_be_zero);
                    self.on_the_wire(number, kind, *is_group, least, depth, &mut bytes);
                }
                None => bytes.extend(varint(number, self.next())),
            }
        }
        bytes
    }

    /// One of these values, not before the `least`.
    fn one_of<T: Copy>(&mut self, values: &[T], least: usize) -> T {
        values[least + self.below((values.len() - least) as u64) as usize]
    }

    fn on_the_wire(
        &mut self,
        number: u32,
        kind: &Kind,
        is_group: bool,
        least: usize,
        depth: u32,
        out: &mut Vec<u8>,
    ) {
        let tag = |wire_type: u64| u64::from(number) << 3 | wire_type;
        let put = |number: u64, out: &mut Vec<u8>| prost::encoding::encode_varint(number, out);
        let any = self.next();
        match kind {
            Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => {
                put(tag(1), out);
                out.extend(self.one_of(&[0, 1 << 63, 0x7ff0 << 48, any >> 12], least).to_le_bytes());
            }
            Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => {
                put(tag(5), out);
                out.extend(self.one_of(&[0, any as u32 >> 10], least).to_le_bytes());
            }
            Kind::String | Kind::Bytes => {
                let texts: [&[u8]; 5] = [b"", b"World", "世界".as_bytes(), b"a\xff", b"a"];
                out.extend(length_delimited(number, self.one_of(&texts, least)));
            }
            Kind::Message(inner) => {
                let inner = if depth == 0 { Vec::new() } else { self.wire(inner, depth - 1) };
                if is_group {
                    put(tag(3), out);
                    out.extend(inner);
                    put(tag(4), out);
                } else {
                    out.extend(length_delimited(number, &inner));
                }
            }
            Kind::Enum(descriptor) if descriptor.parent_file().syntax() == Syntax::Proto2 => {
                let numbers: Vec<i32> = descriptor.values().map(|value| value.number()).collect();
                out.extend(varint(number, i64::from(self.one_of(&numbers, 0)).cast_unsigned()));
            }
            _ => out.extend(varint(number, self.one_of(&[0, 1, 7, any], least))),
        }
    }

    fn fields(&mut self, message: &mut DynamicMessage, size: u64) {
        let descriptor = message.descriptor();
        let fields: Vec<_> = descriptor.fields().collect();
        let most = if fields.is_empty() { 0 } else { size };
        for _ in 0..self.below(most + 1) {
            let field = &fields[self.below(fields.len() as u64) as usize];
            let value = self.field(field, size / 3);
            message.set_field(field, value);
        }
        for field in fields.iter().filter(|field| field.is_required()) {
            let value = self.field(field, size / 3);
            message.set_field(field, value);
        }
        let extensions: Vec<_> = descriptor.extensions().collect();
        for extension in extensions.iter().filter(|_| size > 0) {
            if self.below(3) == 0 {
                let value = self.value_or_list(extension.is_list(), &extension.kind(), size / 3);
                message.set_extension(extension, value);
            }
        }
    }

    fn field(&mut self, field: &FieldDescriptor, size: u64) -> Value {
        let kind = field.kind();
        let Kind::Message(entry) = kind.clone() else {
            return self.value_or_list(field.is_list(), &kind, size);
        };
        if !field.is_map() {
            return self.value_or_list(field.is_list(), &kind, size);
        }
        let mut map = HashMap::new();
        for _ in 0..self.below(4) {
            let key = match self.value(&entry.map_entry_key_field().kind(), size) {
                Value::Bool(key) => MapKey::Bool(key),
                Value::I32(key) => MapKey::I32(key),
                Value::String(key) => MapKey::String(key),
                other => panic!("{other:?}"),
            };
            map.insert(key, self.value(&entry.map_entry_value_field().kind(), size));
        }
        Value::Map(map)
    }

    fn value_or_list(&mut self, is_list: bool, kind: &Kind, size: u64) -> Value {
        if is_list {
            Value::List((0..self.below(4)).map(|_| self.value(kind, size)).collect())
        } else {
            self.value(kind, size)
        }
    }

    fn value(&mut self, kind: &Kind, size: u64) -> Value {
        // Small, extreme and any numbers.
        let bits = match self.below(3) {
            0 => self.below(3),
            1 => self.next() | 1 << 63 | 1 << 31,
            _ => self.next(),
        };
        match kind {
            Kind::Double => Value::F64(Some(f64::from_bits(bits)).filter(|f| f.is_finite()).unwrap_or(0.1)),
            // Of other numbers there may be two shortest texts.
            Kind::Float => Value::F32(f32::from(bits as i16) / 8.0),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(bits as i32),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(bits.cast_signed()),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(bits as u32),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(bits),
            Kind::Bool => Value::Bool(bits & 1 == 1),
            Kind::String => Value::String(
                ["", "World", "\"\\/\n\t\u{0}\u{7f}", "世界 👩‍👩‍👧", "\u{202e}"][self.below(5) as usize]
                    .to_owned(),
            ),
            Kind::Bytes => Value::Bytes(bits.to_le_bytes()[..self.below(8) as usize].to_vec().into()),
            Kind::Enum(descriptor) if descriptor.full_name() == "google.protobuf.NullValue" => {
                Value::EnumNumber(0)
            }
            // For the reference all enums are open.
            Kind::Enum(descriptor) if descriptor.parent_file().syntax() == Syntax::Proto2 => {
                let numbers: Vec<i32> = descriptor.values().map(|value| value.number()).collect();
                Value::EnumNumber(numbers[self.below(numbers.len() as u64) as usize])
            }
            Kind::Enum(_) => Value::EnumNumber([0, 1, -2, 77][self.below(4) as usize]),
            Kind::Message(descriptor) => Value::Message(self.message(descriptor, size)),
        }
    }
}

/// In the smallest message that is one.
pub(crate) fn with(members: &str) -> String {
    format!(r#"{{"name": "n", "inner": {{}}, {members}}}"#)
}

/// What a program gets, and that it is the same message when it comes back.
pub(crate) fn kept(message: &MessageType, bytes: &[u8]) -> String {
    let text = message.whole_json(bytes).unwrap();
    assert_eq!(message.encode_json(&text).unwrap(), bytes, "{text}");
    text
}

//! Rows against prost-reflect's own JSON: for any valid message they say the same.

#![allow(clippy::unwrap_used)]

mod schema_support;

use std::collections::HashMap;

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Value,
};
use schema_support::{everything, json, reference};

/// Makes messages from a seed: as many fields as `size` allows, each within what JSON can say.
struct Maker {
    seed: u64,
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

    fn message(&mut self, descriptor: &MessageDescriptor, size: u64) -> DynamicMessage {
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
                let inner = ["test.Everything", "google.protobuf.Duration", "google.protobuf.Empty"];
                let name = inner[self.below(3) as usize];
                let inner = descriptor.parent_pool().get_message_by_name(name).unwrap();
                let value = self.message(&inner, size / 2);
                set("type_url", Value::String(format!("type.googleapis.com/{name}")));
                set("value", Value::Bytes(value.encode_to_vec().into()));
            }
            _ => self.fields(&mut message, size),
        }
        message
    }

    fn fields(&mut self, message: &mut DynamicMessage, size: u64) {
        let fields: Vec<_> = message.descriptor().fields().collect();
        let most = if fields.is_empty() { 0 } else { size };
        for _ in 0..self.below(most + 1) {
            let field = &fields[self.below(fields.len() as u64) as usize];
            let value = self.field(field, size / 3);
            message.set_field(field, value);
        }
    }

    fn field(&mut self, field: &FieldDescriptor, size: u64) -> Value {
        let Kind::Message(entry) = field.kind() else {
            return self.maybe_list(field, size);
        };
        if !field.is_map() {
            return self.maybe_list(field, size);
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

    fn maybe_list(&mut self, field: &FieldDescriptor, size: u64) -> Value {
        if field.is_list() {
            Value::List((0..self.below(4)).map(|_| self.value(&field.kind(), size)).collect())
        } else {
            self.value(&field.kind(), size)
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
            Kind::Enum(_) => Value::EnumNumber([0, 1, -2, 77][self.below(4) as usize]),
            Kind::Message(descriptor) => Value::Message(self.message(descriptor, size)),
        }
    }
}

proptest! {
    #[test]
    fn a_row_says_what_prost_reflect_says(seed: u64) {
        let message = Maker { seed }.message(&reference(), 30);
        let ours = json(&everything(), &message.encode_to_vec());
        let theirs = serde_json::to_string(&message).unwrap();
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        prop_assert_eq!(parsed(&ours), parsed(&theirs));
    }

    #[test]
    fn a_row_can_be_typed_again(seed: u64) {
        let message = Maker { seed }.message(&reference(), 30);
        let row = json(&everything(), &message.encode_to_vec());
        let again = everything().encode(&row).unwrap();
        prop_assert_eq!(json(&everything(), &again), row);
    }
}

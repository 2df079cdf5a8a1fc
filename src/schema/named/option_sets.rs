//! Message sets in the options of compiled files: with items, as they are everywhere, where the compiler writes plain fields.

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, ExtensionDescriptor, ReflectMessage, Value};

use super::super::message_set::{is_set, put_item};

/// The compiled file with such items; `None` where nothing is to be done. `number` is an extension's own.
pub(super) fn with_items(
    compiled: &[u8],
    pool: &DescriptorPool,
    number: impl Fn(&ExtensionDescriptor) -> u32,
) -> Option<Vec<u8>> {
    if !pool.all_messages().any(|message| is_set(message.descriptor_proto())) {
        return None;
    }
    // Who has options of their own imports what they extend.
    let descriptor = pool.get_message_by_name("google.protobuf.FileDescriptorProto")?;
    let mut file = DynamicMessage::decode(descriptor, compiled).ok()?;
    let mut rewriting = Rewriting { number, sets: 0 };
    rewriting.message(&mut file);
    (rewriting.sets > 0).then(|| file.encode_to_vec())
}

struct Rewriting<N> {
    number: N,
    /// How many were found.
    sets: usize,
}

impl<N: Fn(&ExtensionDescriptor) -> u32> Rewriting<N> {
    fn message(&mut self, message: &mut DynamicMessage) {
        message.fields_mut().for_each(|(_, value)| self.value(value));
        message.extensions_mut().for_each(|(_, value)| self.value(value));
        let descriptor = message.descriptor();
        if descriptor.full_name() == "google.protobuf.Any" {
            self.any(message);
        } else if is_set(descriptor.descriptor_proto()) {
            self.set(message);
        }
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Message(message) => self.message(message),
            Value::List(all) => all.iter_mut().for_each(|value| self.value(value)),
            Value::Map(all) => all.values_mut().for_each(|value| self.value(value)),
            _ => {}
        }
    }

    fn set(&mut self, set: &mut DynamicMessage) {
        let mut items = Vec::new();
        for (extension, value) in set.extensions() {
            if let Some(message) = value.as_message() {
                put_item((self.number)(&extension), &message.encode_to_vec(), &mut items);
            }
        }
        // To the compiler they are fields that it does not know, and keeps.
        if let Ok(with_items) = DynamicMessage::decode(set.descriptor(), items.as_slice()) {
            *set = with_items;
            self.sets += 1;
        }
    }

    fn any(&mut self, any: &mut DynamicMessage) {
        let Some(mut inner) = inside(any) else { return };
        let before = self.sets;
        self.message(&mut inner);
        if self.sets > before {
            any.set_field_by_name("value", Value::Bytes(inner.encode_to_vec().into()));
        }
    }
}

/// The message in an `Any` of a known type.
fn inside(any: &DynamicMessage) -> Option<DynamicMessage> {
    let (url, value) = (any.get_field_by_name("type_url")?, any.get_field_by_name("value")?);
    let name = url.as_str()?.rsplit('/').next()?;
    let descriptor = any.descriptor().parent_pool().get_message_by_name(name)?;
    DynamicMessage::decode(descriptor, value.as_bytes()?.clone()).ok()
}

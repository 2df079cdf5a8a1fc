//! Extensions, added when all files are there.
//!
//! When a file cannot be added, prost-reflect may leave its extensions behind as indices that point
//! nowhere. So all files are added without theirs first, which also tells what can be called; then the
//! sound ones are added to a second pool. Should that fail, the first stays: who calls a service
//! misses an extension least.

use std::collections::HashSet;

use prost_reflect::DescriptorPool;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto, field_descriptor_proto::Type};

use super::super::{
    field::marks,
    message_set::{MAX_TYPE_ID, StandIns, is_set},
    names::join,
    protobuf::MAX_FIELD_NUMBER,
};

/// What protobuf keeps for itself. Source: the language guide, "Assigning Field Numbers".
const RESERVED: std::ops::Range<u32> = 19_000..20_000;

/// A file without its extensions.
pub(super) fn without(file: &FileDescriptorProto) -> FileDescriptorProto {
    let mut plain = file.clone();
    plain.extension.clear();
    plain.message_type.iter_mut().for_each(clear);
    plain
}

fn clear(message: &mut DescriptorProto) {
    message.extension.clear();
    message.nested_type.iter_mut().for_each(clear);
}

/// A pool of all files on top of `base`, with their sound extensions; `None` where there is none. `known`
/// has the files without any.
pub(super) fn extended(
    base: DescriptorPool,
    files: Vec<FileDescriptorProto>,
    known: &DescriptorPool,
) -> Option<DescriptorPool> {
    let numbers: Vec<u32> = files.iter().flat_map(numbers).collect();
    if numbers.is_empty() {
        return None;
    }
    let (mut names, mut stand_ins) = (HashSet::new(), StandIns::beside(numbers.into_iter()));
    let mut pool = base;
    for mut file in files {
        let visible: HashSet<String> =
            file.dependency.iter().cloned().chain([file.name().to_owned()]).collect();
        let mut keep = Keep { known, visible: &visible, names: &mut names, stand_ins: &mut stand_ins };
        let scope = file.package().to_owned();
        keep.sound(&mut file.extension, &scope);
        file.message_type.iter_mut().for_each(|message| keep.inside(message, &scope));
        pool.add_file_descriptor_proto(file).ok()?;
    }
    Some(pool)
}

/// The numbers of all extensions in a file; of one that is wrong, 0.
fn numbers(file: &FileDescriptorProto) -> Vec<u32> {
    let number = |extension: &FieldDescriptorProto| u32::try_from(extension.number()).unwrap_or_default();
    let mut numbers: Vec<u32> = file.extension.iter().map(number).collect();
    let mut open: Vec<&DescriptorProto> = file.message_type.iter().collect();
    while let Some(message) = open.pop() {
        numbers.extend(message.extension.iter().map(number));
        open.extend(&message.nested_type);
    }
    numbers
}

struct Keep<'a> {
    known: &'a DescriptorPool,
    /// Files of which this one sees the names.
    visible: &'a HashSet<String>,
    /// The full names of the extensions so far.
    names: &'a mut HashSet<String>,
    stand_ins: &'a mut StandIns,
}

impl Keep<'_> {
    fn inside(&mut self, message: &mut DescriptorProto, scope: &str) {
        let scope = join(scope, message.name());
        self.sound(&mut message.extension, &scope);
        message.nested_type.iter_mut().for_each(|nested| self.inside(nested, &scope));
    }

    fn sound(&mut self, extensions: &mut Vec<FieldDescriptorProto>, scope: &str) {
        extensions.retain_mut(|extension| {
            let is_sound = self.extends(extension) && self.has_type(extension);
            is_sound && self.names.insert(join(scope, extension.name())) && self.has_number(extension)
        });
    }

    /// Whether it has a number that prost-reflect takes for one, maybe in place of another.
    fn has_number(&mut self, extension: &mut FieldDescriptorProto) -> bool {
        let number = extension.number().cast_unsigned();
        if u64::from(number) <= MAX_FIELD_NUMBER {
            return true;
        }
        extension.number = self.stand_ins.next().map(u32::cast_signed);
        marks::set_number(extension.options.get_or_insert_default(), number);
        extension.number.is_some()
    }

    /// Whether the message is there and has room for it. Options of descriptors are nobody's message.
    fn extends(&self, extension: &FieldDescriptorProto) -> bool {
        let Some(name) = extension.extendee().strip_prefix('.') else { return false };
        let Some(extended) = self.known.get_message_by_name(name) else { return false };
        let Ok(number) = u32::try_from(extension.number()) else { return false };
        let largest = if is_set(extended.descriptor_proto()) { MAX_TYPE_ID.into() } else { MAX_FIELD_NUMBER };
        self.visible.contains(extended.parent_file().name())
            && !name.starts_with("google.protobuf.")
            && !RESERVED.contains(&number)
            && u64::from(number) <= largest
            && extended.extension_ranges().any(|range| range.contains(&number))
    }

    fn has_type(&self, extension: &FieldDescriptorProto) -> bool {
        let name = extension.type_name();
        if name.is_empty() {
            return !matches!(extension.r#type(), Type::Message | Type::Group | Type::Enum);
        }
        let Some(name) = name.strip_prefix('.') else { return false };
        let message = self.known.get_message_by_name(name).map(|message| message.parent_file());
        let file = message.or_else(|| self.known.get_enum_by_name(name).map(|an_enum| an_enum.parent_file()));
        file.is_some_and(|file| self.visible.contains(file.name()))
    }
}

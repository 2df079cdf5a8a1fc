//! Numbers that stood in for others when a source was compiled, looked at as what they are: what the compiler says of
//! numbers it said of those.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, ExtensionDescriptor, FileDescriptor, MessageDescriptor};

use super::{
    super::{
        message_set::{MAX_TYPE_ID, is_set},
        protobuf::MAX_FIELD_NUMBER,
    },
    type_ids::{TypeIds, own_number},
};

/// What is wrong with such a number in the compiled files, with its place: `protoc` takes them in message sets alone. `of`
/// is what became of them by the names of the files.
pub(super) fn misplaced(of: &HashMap<String, TypeIds>, pool: &DescriptorPool) -> Option<String> {
    let in_ranges = || pool.all_messages().find_map(|message| misplaced_range(&message));
    let of_extension = || pool.all_extensions().find_map(|extension| misplaced_number(of, &extension));
    in_ranges().or_else(of_extension)
}

/// `extensions` up to where only those of a set go, and ranges that end before they begin.
fn misplaced_range(message: &MessageDescriptor) -> Option<String> {
    const EXTENSIONS: i32 = 5;
    const RESERVED: i32 = 9;
    const END: i32 = 2;
    let (proto, all) = (message.descriptor_proto(), MAX_TYPE_ID.cast_signed());
    let most = if is_set(proto) { all } else { MAX_FIELD_NUMBER as i32 };
    let extensions = proto.extension_range.iter().zip(0..);
    let extensions = extensions.map(|(range, at)| (EXTENSIONS, at, range.start(), range.end(), most));
    let reserved = proto.reserved_range.iter().zip(0..);
    let reserved = reserved.map(|(range, at)| (RESERVED, at, range.start(), range.end(), all));
    extensions.chain(reserved).find_map(|(list, at, start, end, most)| {
        let name = message.full_name();
        let why = match end - 1 {
            last if last < start => "a range ends before it begins".to_owned(),
            last if last > most => format!("{name} has no numbers above {most}"),
            _ => return None,
        };
        Some(format!("{}: {why}", place(&message.parent_file(), message.path(), &[list, at, END])))
    })
}

fn misplaced_number(of: &HashMap<String, TypeIds>, extension: &ExtensionDescriptor) -> Option<String> {
    const NUMBER: i32 = 3;
    let (file, extended) = (extension.parent_file(), extension.containing_message());
    let (number, name) = (own_number(of, extension), extended.full_name());
    let ids = of.get(extended.parent_file().name());
    // The room is behind all that is declared.
    let room = usize::from(ids.is_some_and(|ids| ids.gave_room_to(name)));
    let ranges = &extended.descriptor_proto().extension_range;
    let mut declared = ranges.iter().take(ranges.len() - room);
    let why = if number > MAX_FIELD_NUMBER as i32 && !is_set(extended.descriptor_proto()) {
        format!("{name} has no numbers above {MAX_FIELD_NUMBER}")
    } else if declared.any(|range| (range.start()..range.end()).contains(&number)) {
        return None;
    } else {
        format!("{number} is not among the extensions of {name}")
    };
    Some(format!("{}: {why}", place(&file, extension.path(), &[NUMBER])))
}

/// `a.proto:3:1`: where a part of a definition stands.
fn place(file: &FileDescriptor, path: &[i32], part: &[i32]) -> String {
    let (name, path) = (file.name(), [path, part].concat());
    let locations = file.file_descriptor_proto().source_code_info.iter().flat_map(|info| &info.location);
    let span = locations.into_iter().find(|location| location.path == path).map(|location| &location.span);
    match span.map(Vec::as_slice) {
        Some([line, column, ..]) => format!("{name}:{}:{}", line + 1, column + 1),
        _ => name.to_owned(),
    }
}

//! Messages and their fields.

use std::collections::HashSet;

use super::{
    Printer, Share,
    order::{List, Part, ordered},
    path, range,
};
use crate::schema::{
    SchemaError, descriptors,
    files::{raw, symbols::Sort},
    message_set::MAX_TYPE_ID,
    names::join,
};

/// Field numbers of `DescriptorProto`.
const FIELDS: i32 = 2;
const NESTED: i32 = 3;
const ENUMS: i32 = 4;
const EXTENSIONS: i32 = 6;
const ONEOFS: i32 = 8;

/// What a message is made of, by the places in its lists.
enum Member {
    Field(usize),
    Oneof(usize, Vec<usize>),
    Message(usize),
    Enum(usize),
    Extensions(Vec<usize>),
}

/// Where fields stand: the scope of their names, and the messages there, which those of groups and the
/// entries of maps are among.
#[derive(Clone, Copy)]
pub(super) struct Home<'a> {
    pub(super) scope: &'a str,
    pub(super) messages: &'a [raw::Structure],
    /// The place of the list of these messages.
    pub(super) list: &'a [i32],
}

/// A message with its full name and its place.
#[derive(Clone, Copy)]
struct Body<'a> {
    message: &'a raw::Structure,
    home: Home<'a>,
    at: &'a [i32],
}

impl Printer<'_> {
    pub(super) fn message(
        &mut self,
        message: &raw::Structure,
        scope: &str,
        at: &[i32],
    ) -> Result<(), SchemaError> {
        descriptors::check_name(&message.name)?;
        self.leading(at)?;
        self.out.open(&format!("{}message {} {{", message.visibility_word(), message.name))?;
        self.body(message, scope, at)
    }

    /// What stands between a message's braces, and the second one.
    pub(super) fn body(
        &mut self,
        message: &raw::Structure,
        scope: &str,
        at: &[i32],
    ) -> Result<(), SchemaError> {
        let (full_name, list) = (join(scope, &message.name), [at, &[NESTED]].concat());
        let home = Home { scope: &full_name, messages: &message.nested, list: &list };
        let body = Body { message, home, at };
        let is_whole = self.share(&full_name) == Share::All;
        self.trailing(at)?;
        if is_whole {
            self.option_lines(&message.options, "MessageOptions", &full_name)?;
        }
        let members = self.members(body);
        let (shown, left_out): (Vec<_>, Vec<_>) = members.iter().partition(|member| self.shows(body, member));
        shown.into_iter().try_for_each(|member| self.member(body, member))?;
        if is_whole {
            self.extension_ranges(message, &full_name)?;
            let ranges =
                message.reserved_ranges.iter().map(|range| (range.start, range.end.saturating_sub(1)));
            self.reserved(ranges, &message.reserved_names, max_number(message))?;
        }
        self.tell_left_out(left_out.len(), "part")?;
        self.out.close()
    }

    /// All parts of a message in the order in which they are printed.
    fn members(&self, body: Body<'_>) -> Vec<Member> {
        let mut parts = self.field_parts(body);
        parts.extend(self.extension_parts(body));
        let makes = parts.iter().flat_map(|part| &part.makes);
        let made: HashSet<usize> =
            makes.filter(|(list, _)| *list == List::Messages).map(|(_, index)| *index).collect();
        let nested = body.message.nested.iter().enumerate();
        for (index, _) in nested.filter(|(index, nested)| !made.contains(index) && !nested.is_map_entry()) {
            let starts = self.comments.start(&path(body.at, NESTED, index));
            parts.push(Part { what: Member::Message(index), makes: vec![(List::Messages, index)], starts });
        }
        for index in 0..body.message.enums.len() {
            let starts = self.comments.start(&path(body.at, ENUMS, index));
            parts.push(Part { what: Member::Enum(index), makes: vec![(List::Enums, index)], starts });
        }
        ordered(parts)
    }

    /// The fields; those of a oneof where its first one is.
    fn field_parts(&self, body: Body<'_>) -> Vec<Part<Member>> {
        let fields = &body.message.fields;
        let mut oneofs: Vec<Vec<usize>> = vec![Vec::new(); body.message.oneofs.len()];
        for (index, field) in fields.iter().enumerate() {
            if let Some(oneof) = oneof_of(field).and_then(|oneof| oneofs.get_mut(oneof)) {
                oneof.push(index);
            }
        }
        let mut parts = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let Some((oneof, in_it)) = oneof_of(field).and_then(|oneof| Some((oneof, oneofs.get(oneof)?)))
            else {
                let makes = self.makes(field, List::Fields, index, body.home);
                let starts = self.comments.start(&path(body.at, FIELDS, index));
                parts.push(Part { what: Member::Field(index), makes, starts });
                continue;
            };
            if in_it.first() == Some(&index) {
                let fields = in_it.iter().filter_map(|index| Some((*index, fields.get(*index)?)));
                let makes =
                    fields.flat_map(|(index, field)| self.makes(field, List::Fields, index, body.home));
                let makes = [(List::Oneofs, oneof)].into_iter().chain(makes).collect();
                let starts = self.comments.start(&path(body.at, ONEOFS, oneof));
                parts.push(Part { what: Member::Oneof(oneof, in_it.clone()), makes, starts });
            }
        }
        parts
    }

    fn extension_parts(&self, body: Body<'_>) -> Vec<Part<Member>> {
        let all: Vec<(usize, &raw::Field)> = body.message.extensions.iter().enumerate().collect();
        let part = |group: &[(usize, &raw::Field)]| {
            let first = group.first().map(|(index, _)| *index).unwrap_or_default();
            let makes =
                group.iter().flat_map(|(at, field)| self.makes(field, List::Extensions, *at, body.home));
            Part {
                makes: makes.collect(),
                what: Member::Extensions(group.iter().map(|(index, _)| *index).collect()),
                starts: self.comments.start(&path(body.at, EXTENSIONS, first)),
            }
        };
        all.chunk_by(|(_, one), (_, other)| one.extendee == other.extendee).map(part).collect()
    }

    /// The places that a field takes in its list and, as a map or a group, in that of the messages.
    pub(super) fn makes(
        &self,
        field: &raw::Field,
        list: List,
        index: usize,
        home: Home<'_>,
    ) -> Vec<(List, usize)> {
        let own = self.own_message(field, home).map(|(index, _)| (List::Messages, index));
        [(list, index)].into_iter().chain(own).collect()
    }

    /// The message of a group or the entry of a map: it stands beside the field and is printed with it.
    pub(super) fn own_message<'h>(
        &self,
        field: &raw::Field,
        home: Home<'h>,
    ) -> Option<(usize, &'h raw::Structure)> {
        let full_name = field.type_name.strip_prefix('.')?;
        let name = match home.scope {
            "" => full_name,
            scope => full_name.strip_prefix(scope)?.strip_prefix('.')?,
        };
        let symbol = self.files.symbols.get(full_name).filter(|symbol| symbol.sort == Sort::Message)?;
        let message = home.messages.get(symbol.index).filter(|message| message.name == name)?;
        (field.is_group() || (field.is_repeated() && message.is_map_entry()))
            .then_some((symbol.index, message))
    }

    fn shows(&self, body: Body<'_>, member: &Member) -> bool {
        let message = body.message;
        let scope = body.home.scope;
        let is_shown = |name: &str| self.share(&join(scope, name)) != Share::Nothing;
        match member {
            Member::Field(index) => self.shows_field(&message.fields[*index], body.home),
            Member::Oneof(index, fields) => {
                is_shown(&message.oneofs[*index].name)
                    || fields.iter().any(|index| self.shows_field(&message.fields[*index], body.home))
            }
            Member::Message(index) => is_shown(&message.nested[*index].name),
            Member::Enum(index) => {
                let an_enum = &message.enums[*index];
                is_shown(&an_enum.name) || an_enum.values.iter().any(|value| is_shown(&value.name))
            }
            Member::Extensions(fields) => {
                fields.iter().any(|index| self.shows_field(&message.extensions[*index], body.home))
            }
        }
    }

    fn shows_field(&self, field: &raw::Field, home: Home<'_>) -> bool {
        let own = self.own_message(field, home).map(|(_, message)| &message.name);
        [Some(&field.name), own]
            .into_iter()
            .flatten()
            .any(|name| self.share(&join(home.scope, name)) != Share::Nothing)
    }

    fn member(&mut self, body: Body<'_>, member: &Member) -> Result<(), SchemaError> {
        let Body { message, home, at } = body;
        match member {
            Member::Field(index) => self.field(&message.fields[*index], home, &path(at, FIELDS, *index)),
            Member::Oneof(index, fields) => self.oneof(body, *index, fields),
            Member::Message(index) => {
                self.out.separate();
                self.message(&message.nested[*index], home.scope, &path(at, NESTED, *index))
            }
            Member::Enum(index) => {
                self.out.separate();
                self.enumeration(&message.enums[*index], home.scope, &path(at, ENUMS, *index))
            }
            Member::Extensions(group) => {
                let group: Vec<_> = group.iter().map(|index| (*index, &message.extensions[*index])).collect();
                self.extend(&group, home, &[at, &[EXTENSIONS]].concat())
            }
        }
    }

    fn oneof(&mut self, body: Body<'_>, index: usize, fields: &[usize]) -> Result<(), SchemaError> {
        let oneof = &body.message.oneofs[index];
        let at = path(body.at, ONEOFS, index);
        let full_name = join(body.home.scope, &oneof.name);
        let is_whole = self.share(&full_name) == Share::All;
        descriptors::check_name(&oneof.name)?;
        self.out.separate();
        self.leading(&at)?;
        self.out.open(&format!("oneof {} {{", oneof.name))?;
        self.trailing(&at)?;
        self.option_lines(&oneof.options, "OneofOptions", &full_name)?;
        for index in fields {
            let field = &body.message.fields[*index];
            if is_whole || self.shows_field(field, body.home) {
                self.field(field, body.home, &path(body.at, FIELDS, *index))?;
            }
        }
        self.out.close()
    }

    /// Extensions of one message; `list` is the place of the list that they are in.
    pub(super) fn extend(
        &mut self,
        extensions: &[(usize, &raw::Field)],
        home: Home<'_>,
        list: &[i32],
    ) -> Result<(), SchemaError> {
        let element = |index: usize| [list, &[i32::try_from(index).unwrap_or(-1)]].concat();
        let Some((first, field)) = extensions.first() else { return Ok(()) };
        let extendee = self.reference(&field.extendee, home.scope)?;
        let statement = self.comments.around(list, &element(*first));
        self.out.separate();
        self.tell_leading(statement)?;
        self.out.open(&format!("extend {extendee} {{"))?;
        self.tell_trailing(statement)?;
        for (index, field) in extensions {
            if self.shows_field(field, home) {
                self.field(field, home, &element(*index))?;
            }
        }
        self.out.close()
    }

    fn extension_ranges(&mut self, message: &raw::Structure, scope: &str) -> Result<(), SchemaError> {
        if !message.extension_ranges.is_empty() {
            self.out.separate();
        }
        for extensions in &message.extension_ranges {
            let settings = self.settings(&extensions.options, "ExtensionRangeOptions", scope)?;
            let last = extensions.end.saturating_sub(1);
            let numbers = range(extensions.start, last, max_number(message));
            self.with_settings(&format!("extensions {numbers}"), &settings, ";")?;
        }
        Ok(())
    }
}

/// The oneof that a field is written in: one that only says that it is optional is not written.
pub(super) fn oneof_of(field: &raw::Field) -> Option<usize> {
    field.oneof_index.filter(|_| !field.proto3_optional).and_then(|index| usize::try_from(index).ok())
}

/// The last number that a field of the message can have: in a message set they go further.
fn max_number(message: &raw::Structure) -> i32 {
    if message.is_set() { MAX_TYPE_ID.cast_signed() } else { (1 << 29) - 1 }
}

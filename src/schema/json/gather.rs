//! A message's fields by number, as a parser would have them in the end: of a single scalar the last,
//! of a oneof the last member, of a repeated field all, however they lie on the wire.

use std::collections::{BTreeMap, HashMap};

use prost_reflect::{EnumDescriptor, Kind, MessageDescriptor};

use super::{
    super::{
        field::{Field, is_closed},
        message_set,
        protobuf::{Raw, RawField, Reader, Span, WireError, WireType},
    },
    stop::Stop,
};

/// The fields of one message.
#[derive(Default)]
pub(super) struct Fields<'a> {
    known: BTreeMap<u32, (Field, Vec<Raw<'a>>)>,
    unknown: BTreeMap<u32, Vec<Raw<'a>>>,
    /// The member that was set last, by the oneof's name.
    oneofs: HashMap<String, u32>,
}

impl<'a> Fields<'a> {
    /// Reads the fields of a message that lies in `parts`.
    pub(super) fn gather(
        descriptor: Option<&MessageDescriptor>,
        parts: &[Span<'a>],
        steps: &mut usize,
    ) -> Result<Self, Stop> {
        let mut fields = Self::default();
        for part in parts {
            let mut reader = Reader::within(*part);
            loop {
                match reader.field(steps) {
                    Ok(Some(field)) => {
                        let added = fields.add(descriptor, &field, steps);
                        added.map_err(|error| at_field(descriptor, &reader, error))?;
                    }
                    Ok(None) => break,
                    // What is known so far can be shown; the writer ends at its own bound.
                    Err(WireError::OutOfSteps) if !fields.is_empty() => return Ok(fields),
                    Err(error) => return Err(at_field(descriptor, &reader, error)),
                }
            }
        }
        Ok(fields)
    }

    /// Known fields in the order of their numbers.
    pub(super) fn known(&self) -> impl Iterator<Item = (&Field, &[Raw<'a>])> {
        self.known.values().map(|(field, values)| (field, values.as_slice()))
    }

    /// Fields that the type does not know, or not with this wire type.
    pub(super) fn unknown(&self) -> impl Iterator<Item = (u32, &[Raw<'a>])> {
        self.unknown.iter().map(|(number, values)| (*number, values.as_slice()))
    }

    /// Whether a number has a value, of its field or of another type.
    pub(super) fn has(&self, number: u32) -> bool {
        self.known.contains_key(&number) || self.unknown.contains_key(&number)
    }

    /// Whether there are such fields.
    pub(super) fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    /// Takes the values of one known field; none where it is not on the wire.
    pub(super) fn take(&mut self, number: u32) -> Vec<Raw<'a>> {
        self.known.remove(&number).map(|(_, values)| values).unwrap_or_default()
    }

    fn is_empty(&self) -> bool {
        self.known.is_empty() && self.unknown.is_empty()
    }

    fn add(
        &mut self,
        descriptor: Option<&MessageDescriptor>,
        found: &RawField<'a>,
        steps: &mut usize,
    ) -> Result<(), WireError> {
        let item = descriptor.and_then(|set| Some((set, message_set::item_in(set, found)?)));
        let opened = match item {
            Some((set, item)) => message_set::open(set, item, steps)?,
            None => None,
        };
        if let Some((field, message)) = opened {
            self.put(field, Raw::Length(message));
            return Ok(());
        }
        let known = descriptor.and_then(|descriptor| Field::by_number(descriptor, found.number));
        match known.filter(|field| fits(field, &found.raw)) {
            Some(field) => match field.kind() {
                Kind::Enum(closed) if is_closed(&closed) => self.put_closed(&field, &closed, found, steps)?,
                _ => self.put(field, found.raw),
            },
            None => self.put_unknown(found.number, found.raw),
        }
        Ok(())
    }

    /// A value of a closed enum, or several; those that it does not have are unknown fields.
    fn put_closed(
        &mut self,
        field: &Field,
        closed: &EnumDescriptor,
        found: &RawField<'a>,
        steps: &mut usize,
    ) -> Result<(), WireError> {
        let has = |number: u64| closed.get_value(number as i32).is_some();
        let Raw::Length(packed) = found.raw else {
            match found.raw {
                Raw::Varint(number) if has(number) => self.put(field.clone(), found.raw),
                _ => self.put_unknown(found.number, found.raw),
            }
            return Ok(());
        };
        let mut reader = Reader::within(packed);
        while !reader.rest().is_empty() && *steps > 0 {
            *steps -= 1;
            match reader.value(WireType::Varint)? {
                value @ Raw::Varint(number) if has(number) => self.put(field.clone(), value),
                value => self.put_unknown(found.number, value),
            }
        }
        Ok(())
    }

    fn put_unknown(&mut self, number: u32, value: Raw<'a>) {
        self.unknown.entry(number).or_default().push(value);
    }

    fn put(&mut self, field: Field, value: Raw<'a>) {
        let number = field.number();
        if let Some(oneof) = field.oneof() {
            let before = self.oneofs.insert(oneof.name().to_owned(), number);
            if let Some(before) = before.filter(|before| *before != number) {
                self.known.remove(&before);
            }
        }
        let is_kept_whole = field.is_list() || field.is_map() || matches!(field.kind(), Kind::Message(_));
        let (_, values) = self.known.entry(number).or_insert((field, Vec::new()));
        if !is_kept_whole {
            values.clear();
        }
        values.push(value);
    }
}

/// Repeated numbers are read packed or not, whatever was declared.
fn fits(field: &Field, raw: &Raw<'_>) -> bool {
    let declared = field.wire_type();
    let can_be_packed = field.is_list() && !matches!(declared, WireType::Length | WireType::Group);
    raw.wire_type() == declared || (can_be_packed && raw.wire_type() == WireType::Length)
}

fn at_field(descriptor: Option<&MessageDescriptor>, reader: &Reader<'_>, error: WireError) -> Stop {
    let stop = Stop::from(error);
    let Some(number) = reader.last_number() else { return stop };
    let field = descriptor.and_then(|descriptor| Field::by_number(descriptor, number));
    stop.inside(number, field.as_ref().map_or("unknown", Field::name))
}

//! Maps: on the wire a message for each entry, of which the last of a key counts; in JSON an object.
//!
//! An entry may hold more than an object has a place for: fields of its own, a key that is no text, a value without a
//! form. Such an entry is left to the field's number, as Google's upb leaves it to the unknown fields.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::Kind;

use super::{
    super::{field::Field, protobuf::Raw},
    form::Purpose,
    gather::Fields,
    stop::Stop,
    writer::{Separator, Step, Writer, spans},
};

/// An entry of a map.
struct Entry<'a> {
    whole: Raw<'a>,
    value: Vec<Raw<'a>>,
    /// Whether its key can be written.
    is_plain: bool,
}

/// The last entry of each key.
type Last<'a> = BTreeMap<(String, &'a [u8]), Entry<'a>>;

impl Writer {
    /// A map, and its entries that have no place in an object: those with fields of their own.
    pub(super) fn map<'a>(&mut self, field: &Field, entries: &[Raw<'a>]) -> Result<Vec<Raw<'a>>, Stop> {
        let (last, mut left) = self.entries(field, entries)?;
        let Kind::Message(entry) = field.kind() else { return Err(Stop::Formless) };
        let value_field = Field::Own(entry.map_entry_value_field());
        let mut separator = Separator::default();
        self.put("{")?;
        for ((key, _), entry) in &last {
            let written =
                self.unless_formless(&mut separator, |writer, at| writer.entry(key, entry, &value_field, at));
            if written.map_err(|stop| stop.inside(2, "value"))?.is_none() {
                left.push(entry.whole);
            }
        }
        if !left.is_empty() && separator.is_at_first() {
            return Err(Stop::Formless);
        }
        self.put("}")?;
        Ok(left)
    }

    fn entry(&mut self, key: &str, entry: &Entry<'_>, value: &Field, separator: &mut Separator) -> Step {
        if !entry.is_plain {
            return Err(Stop::Formless);
        }
        self.separate(separator)?;
        self.string(key)?;
        self.put(self.purpose.colon())?;
        self.single(value, &entry.value)
    }

    /// The last entry of each key, and those that are none of the map's. Keys that are no UTF-8 may look the same and
    /// are not.
    fn entries<'a>(&mut self, field: &Field, entries: &[Raw<'a>]) -> Result<(Last<'a>, Vec<Raw<'a>>), Stop> {
        let (mut last, mut left, mut keys_left) = (Last::new(), Vec::new(), BTreeSet::new());
        let Kind::Message(entry) = field.kind() else { return Ok((last, left)) };
        let key_field = Field::Own(entry.map_entry_key_field());
        for (whole, span) in entries.iter().zip(spans(entries)) {
            let mut fields = Fields::gather(Some(&entry), &[span], &mut self.steps)?;
            let key = fields.take(1).pop();
            let text = self.map_key(&key_field, key.as_ref()).map_err(|stop| stop.inside(1, "key"))?;
            let bytes = spans(key.as_slice()).first().map_or(&[][..], |span| span.bytes);
            if fields.has_unknown() {
                left.push(*whole);
                keys_left.insert((text, bytes));
                continue;
            }
            let is_plain = matches!(self.purpose, Purpose::Row)
                || key_field.kind() != Kind::String
                || text.as_bytes() == bytes;
            last.insert((text, bytes), Entry { whole: *whole, value: fields.take(2), is_plain });
        }
        // Whether such an entry takes the place of another is told by their order, and differently by every library.
        if keys_left.iter().any(|key| last.contains_key(key)) {
            Err(Stop::Formless)
        } else {
            Ok((last, left))
        }
    }
}

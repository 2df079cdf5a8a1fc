//! Encoded bytes as JSON in one line, for people to read.
//!
//! Follows <https://protobuf.dev/programming-guides/json/>, but for what is meant to be *seen*: fields
//! that are on the wire are written even where they hold a default, and a field that the type does not
//! know has its number as key, and so has, where nothing may be lost, a field whose value JSON has no
//! form for. Written straight from the wire, because a peer chooses what is in it: depth, work and text
//! are bounded, what an `Any` holds is only written as JSON where that is known, and text that stops
//! early says so rather than failing.

mod form;
mod gather;
mod map;
mod scalar;
mod stop;
pub(super) mod well_known;
mod writer;

use prost_reflect::MessageDescriptor;

use self::{form::Purpose, stop::Stop, writer::Writer};
pub(super) use self::{
    form::{Layout, MAX_WHOLE_DEPTH},
    scalar::text_prefix,
};
use super::protobuf::Span;

/// JSON, or its beginning.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: String,
    /// Whether there is more.
    pub(super) cut: bool,
}

/// JSON that says all of a message.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) text: String,
    /// Whether every reader of protobuf's JSON takes it, not this program alone.
    pub(super) is_for_all: bool,
}

/// Where the bytes are no such message, and why.
#[derive(Debug)]
pub(super) struct Broken(pub(super) String);

/// Why a message is not written whole.
#[derive(Debug)]
pub(super) enum NotWhole {
    /// It takes more bytes of text than there may be.
    TooLong,
    /// More messages are inside each other than this.
    TooDeep(usize),
    /// JSON has no form for a value, and there is no field around it that could stand under its number.
    Formless,
    Broken(Broken),
}

/// Writes a message as JSON of at most `max_bytes`, and looks at no more of it than that takes.
pub(super) fn write(
    descriptor: &MessageDescriptor,
    bytes: &[u8],
    max_bytes: usize,
) -> Result<Written, Broken> {
    let mut writer = Writer::new(max_bytes, Purpose::Row);
    match writer.message(descriptor, &[Span { bytes, offset: 0 }]) {
        Ok(()) => Ok(Written { text: writer.text, cut: writer.is_shortened || writer.steps == 0 }),
        Err(Stop::Full | Stop::TooDeep | Stop::Formless) => Ok(Written { text: writer.text, cut: true }),
        Err(Stop::Broken(fault)) => Err(Broken(fault.to_string())),
    }
}

/// Writes a message as JSON without spaces and without leaving anything out.
pub(super) fn write_whole(
    descriptor: &MessageDescriptor,
    bytes: &[u8],
    max_bytes: usize,
) -> Result<Whole, NotWhole> {
    let mut writer = Writer::new(max_bytes, Purpose::Whole);
    match writer.message(descriptor, &[Span { bytes, offset: 0 }]) {
        Ok(()) => Ok(Whole { text: writer.text, is_for_all: !writer.has_own_forms }),
        Err(Stop::Full) => Err(NotWhole::TooLong),
        Err(Stop::TooDeep) => Err(NotWhole::TooDeep(MAX_WHOLE_DEPTH)),
        Err(Stop::Formless) => Err(NotWhole::Formless),
        Err(Stop::Broken(fault)) => Err(NotWhole::Broken(Broken(fault.to_string()))),
    }
}

//! What the JSON is for, and how it says what JSON has no word for.

/// Messages inside each other that a row shows; what is deeper is a `…`.
const MAX_ROW_DEPTH: usize = 64;
/// Messages inside each other that are written whole, and read. A `Value` takes two for each of its objects or
/// lists.
pub(in crate::schema) const MAX_WHOLE_DEPTH: usize = 256;

/// What the JSON is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// A row for people: a space behind commas and colons, what is too deep is left out, and what JSON has no
    /// form for is written as what it looks like.
    Row,
    /// A program: no spaces, all of it or nothing, and so that it is the same message when it is read.
    Whole,
}

impl Purpose {
    pub(super) fn comma(self) -> &'static str {
        match self {
            Self::Row => ", ",
            Self::Whole => ",",
        }
    }

    pub(super) fn colon(self) -> &'static str {
        match self {
            Self::Row => ": ",
            Self::Whole => ":",
        }
    }

    pub(super) fn max_depth(self) -> usize {
        match self {
            Self::Row => MAX_ROW_DEPTH,
            Self::Whole => MAX_WHOLE_DEPTH,
        }
    }
}

/// How a value of which only the wire is known is laid out, where JSON does not tell: a bare number is a
/// varint, a bare text is length-delimited, anything else says what it is, as `{"fixed32": 7}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema) enum Layout {
    Fixed32,
    Fixed64,
    Bytes,
    Group,
}

impl Layout {
    pub(in crate::schema) const ALL: [Self; 4] = [Self::Fixed32, Self::Fixed64, Self::Bytes, Self::Group];

    pub(in crate::schema) fn key(self) -> &'static str {
        match self {
            Self::Fixed32 => "fixed32",
            Self::Fixed64 => "fixed64",
            Self::Bytes => "bytes",
            Self::Group => "group",
        }
    }

    pub(in crate::schema) fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.key() == key)
    }
}

//! Comments, and where things stood: source info, where a descriptor has it.

use std::collections::HashMap;

use super::super::raw;

/// What source info says of each place.
#[derive(Default)]
pub(super) struct Comments<'a> {
    /// Those of a path in the order in which they begin.
    locations: HashMap<&'a [i32], Vec<&'a raw::Location>>,
}

impl<'a> Comments<'a> {
    pub(super) fn of(file: &'a raw::File) -> Self {
        let mut locations: HashMap<&[i32], Vec<&raw::Location>> = HashMap::new();
        for location in file.source_info.iter().flat_map(|info| &info.locations) {
            locations.entry(&location.path).or_default().push(location);
        }
        for same in locations.values_mut() {
            same.sort_by_key(|location| start_of(location));
        }
        Self { locations }
    }

    pub(super) fn at(&self, path: &[i32]) -> Option<&'a raw::Location> {
        self.locations.get(path)?.first().copied()
    }

    /// Line and column where something begins.
    pub(super) fn start(&self, path: &[i32]) -> Option<(i32, i32)> {
        self.at(path).and_then(start_of)
    }

    /// Of several statements that add to one list, the one that this element stands in.
    pub(super) fn around(&self, list: &[i32], element: &[i32]) -> Option<&'a raw::Location> {
        let start = self.start(element)?;
        let statements = self.locations.get(list)?;
        // They do not overlap: only the last that begins before it can hold it. There may be very many.
        let behind = statements.partition_point(|statement| start_of(statement) <= Some(start));
        let statement = *statements.get(behind.checked_sub(1)?)?;
        end_of(statement).is_some_and(|end| start < end).then_some(statement)
    }
}

fn start_of(location: &raw::Location) -> Option<(i32, i32)> {
    match location.span.as_slice() {
        [line, column, ..] => Some((*line, *column)),
        _ => None,
    }
}

fn end_of(location: &raw::Location) -> Option<(i32, i32)> {
    match location.span.as_slice() {
        [line, _, end] | [_, _, line, end] => Some((*line, *end)),
        _ => None,
    }
}

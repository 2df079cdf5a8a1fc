//! Comments, and where things stood: source info, where a descriptor has it.

use std::collections::HashMap;

use super::super::raw;

/// What source info says of each place.
#[derive(Default)]
pub(super) struct Comments<'a> {
    locations: HashMap<&'a [i32], Vec<&'a raw::Location>>,
}

impl<'a> Comments<'a> {
    pub(super) fn of(file: &'a raw::File) -> Self {
        let mut locations: HashMap<&[i32], Vec<&raw::Location>> = HashMap::new();
        for location in file.source_info.iter().flat_map(|info| &info.locations) {
            locations.entry(&location.path).or_default().push(location);
        }
        Self { locations }
    }

    pub(super) fn at(&self, path: &[i32]) -> Option<&'a raw::Location> {
        self.locations.get(path)?.first().copied()
    }

    /// Line and column where something begins.
    pub(super) fn start(&self, path: &[i32]) -> Option<(i32, i32)> {
        match self.at(path)?.span.as_slice() {
            [line, column, ..] => Some((*line, *column)),
            _ => None,
        }
    }

    /// Of several statements that add to one list, the one that this element stands in.
    pub(super) fn around(&self, list: &[i32], element: &[i32]) -> Option<&'a raw::Location> {
        let start = self.start(element)?;
        let holds = |location: &&&raw::Location| match location.span.as_slice() {
            [line, column, end] => (*line, *column) <= start && start < (*line, *end),
            [line, column, end_line, end] => (*line, *column) <= start && start < (*end_line, *end),
            _ => false,
        };
        self.locations.get(list)?.iter().find(holds).copied()
    }
}

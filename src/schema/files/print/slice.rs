//! A definition alone: what it needs of its own file, and the imports that lead to the rest.

use std::collections::{BTreeSet, HashSet};

use super::{Comments, Printer, is_in};
use crate::schema::{
    SchemaError,
    files::{
        Files, raw,
        symbols::{Place, Top},
    },
};

/// A definition, and of its file what it needs. Where `name` is only a part of what stands at `place`,
/// as much of that as the part needs and stands in.
pub(in crate::schema::files) fn definition(
    files: &Files,
    place: Place,
    name: &str,
) -> Result<String, SchemaError> {
    const MOST_PARTS: usize = 64;
    let Some(file) = files.all.get(place.file) else { return Ok(String::new()) };
    let mut only = vec![name.to_owned()];
    loop {
        match definition_of(files, file, place, &only)? {
            Sliced::Source(source) => return Ok(source),
            Sliced::Lacks(more) if only.len() + more.len() <= MOST_PARTS => only.extend(more),
            // No names are all names.
            Sliced::Lacks(_) => only.clear(),
        }
    }
}

/// What comes of printing parts of a definition.
enum Sliced {
    Source(String),
    /// They need other parts of it.
    Lacks(Vec<String>),
}

fn definition_of(
    files: &Files,
    file: &raw::File,
    place: Place,
    only: &[String],
) -> Result<Sliced, SchemaError> {
    let mut options = Printer::new(files, file);
    options.option_lines(&file.options, "FileOptions", &file.package)?;
    let mut printer = Printer::new(files, file);
    printer.only = only;
    printer.needed = options.needed;
    let of_groups = printer.messages_of_groups();
    let statement = |top| match top {
        Top::Message(at) => of_groups.get(&at).copied().unwrap_or(top),
        other => other,
    };
    let first = statement(place.top);
    printer.tops(&[first])?;
    let mut printed = HashSet::from([first]);
    let (mut seen, mut abroad, mut lacks) = (HashSet::new(), BTreeSet::new(), Vec::new());
    while let Some(needed) = printer.needed.pop_front() {
        if !seen.insert(needed.clone()) {
            continue;
        }
        let Some(found) = files.symbols.get(&needed).and_then(|symbol| symbol.place) else { continue };
        if found.file != place.file {
            abroad.insert(found.file);
        } else if statement(found.top) == first {
            if !only.is_empty() && !only.iter().any(|only| is_in(&needed, only)) {
                lacks.push(needed);
            }
        } else if printed.insert(statement(found.top)) {
            printer.only = &[];
            printer.tops(&[statement(found.top)])?;
        }
    }
    if !lacks.is_empty() {
        return Ok(Sliced::Lacks(lacks));
    }
    let mut header = Printer::new(files, file);
    header.comments = Comments::default();
    header.header()?;
    for import in files.leading(&file.dependency, &abroad) {
        header.import("", import)?;
    }
    for import in files.leading(&file.option_dependency, &abroad) {
        header.import("option ", import)?;
    }
    let parts = [header.out.finish(), options.out.finish(), printer.out.finish()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(Sliced::Source(parts.join("\n")))
}

impl Files {
    /// The imports that lead to these files, and those that nobody knows.
    fn leading<'a>(&self, imports: &'a [String], needed: &BTreeSet<usize>) -> Vec<&'a String> {
        let leads = |import: &&String| {
            let Some(index) = self.by_name.get(*import) else { return true };
            let (mut open, mut seen) = (vec![*index], HashSet::new());
            while let Some(index) = open.pop() {
                let Some(file) = self.all.get(index).filter(|_| seen.insert(index)) else { continue };
                if needed.contains(&index) {
                    return true;
                }
                let public = file.public_dependency.iter().filter_map(|at| usize::try_from(*at).ok());
                let names = public.filter_map(|at| file.dependency.get(at));
                open.extend(names.filter_map(|name| self.by_name.get(name)));
            }
            false
        };
        imports.iter().filter(leads).collect()
    }
}

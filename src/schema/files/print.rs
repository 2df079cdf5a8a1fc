//! Descriptors become proto source.
//!
//! Sources: <https://protobuf.dev/reference/protobuf/proto3-spec/> and its neighbours for proto2 and
//! editions.

mod comments;
mod field;
mod literal;
mod message;
mod names;
mod options;
mod order;
mod slice;
mod tops;
mod writer;

use std::collections::VecDeque;

use self::{comments::Comments, message::Home, options::MAX_STEPS, writer::Writer};
use super::{
    super::{SchemaError, descriptors},
    Files, raw,
};

pub(super) use self::slice::definition;

/// A whole file.
pub(super) fn file(files: &Files, index: usize) -> Result<String, SchemaError> {
    let Some(file) = files.all.get(index) else { return Ok(String::new()) };
    let mut printer = Printer::new(files, file);
    printer.header()?;
    for (at, import) in file.dependency.iter().enumerate() {
        let at = i32::try_from(at).unwrap_or(-1);
        let how = match () {
            () if file.public_dependency.contains(&at) => "public ",
            () if file.weak_dependency.contains(&at) => "weak ",
            () => "",
        };
        printer.import(how, import)?;
    }
    file.option_dependency.iter().try_for_each(|import| printer.import("option ", import))?;
    printer.out.separate();
    printer.option_lines(&file.options, "FileOptions", &file.package)?;
    printer.all_tops().iter().try_for_each(|tops| printer.tops(tops))?;
    Ok(printer.out.finish())
}

/// Whether a name is another one, or of something in it.
fn is_in(name: &str, of: &str) -> bool {
    name.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What a file is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Proto2,
    Proto3,
    Edition,
}

/// How much of a definition is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    All,
    /// What stands in it, so far as that is printed.
    Inside,
    Nothing,
}

/// Prints definitions of one file.
struct Printer<'a> {
    files: &'a Files,
    file: &'a raw::File,
    syntax: Syntax,
    comments: Comments<'a>,
    /// What alone is printed of a definition, with what it stands in; where nothing is named, all.
    only: &'a [String],
    out: Writer,
    /// Full names of what was referred to, and is not looked at yet.
    needed: VecDeque<String>,
    /// What reading options may still cost.
    steps: usize,
}

impl<'a> Printer<'a> {
    fn new(files: &'a Files, file: &'a raw::File) -> Self {
        let syntax = match file.syntax.as_str() {
            "proto3" => Syntax::Proto3,
            "editions" => Syntax::Edition,
            _ => Syntax::Proto2,
        };
        Self {
            files,
            file,
            syntax,
            comments: Comments::of(file),
            only: &[],
            out: Writer::default(),
            needed: VecDeque::new(),
            steps: MAX_STEPS,
        }
    }

    fn share(&self, full_name: &str) -> Share {
        if self.only.is_empty() || self.only.iter().any(|only| is_in(full_name, only)) {
            Share::All
        } else if self.only.iter().any(|only| is_in(only, full_name)) {
            Share::Inside
        } else {
            Share::Nothing
        }
    }

    fn header(&mut self) -> Result<(), SchemaError> {
        const SYNTAX: i32 = 12;
        const PACKAGE: i32 = 2;
        self.leading(&[SYNTAX])?;
        self.out.line(&match (self.syntax, self.file.edition) {
            (Syntax::Proto2, _) => "syntax = \"proto2\";".to_owned(),
            (Syntax::Proto3, _) => "syntax = \"proto3\";".to_owned(),
            // `Edition` of descriptor.proto: a year with a place for more behind it, here 1000 is 2023.
            (Syntax::Edition, year @ 1000..=1999) => format!("edition = \"{}\";", year + 1023),
            (Syntax::Edition, other) => {
                return Err(SchemaError::invalid(&format!("edition {other} is not known")));
            }
        })?;
        self.trailing(&[SYNTAX])?;
        self.out.separate();
        if !self.file.package.is_empty() {
            descriptors::check_full_name(&self.file.package)?;
            self.leading(&[PACKAGE])?;
            self.out.line(&format!("package {};", self.file.package))?;
            self.trailing(&[PACKAGE])?;
            self.out.separate();
        }
        Ok(())
    }

    fn import(&mut self, how: &str, name: &str) -> Result<(), SchemaError> {
        self.out.line(&format!("import {how}{};", literal::quoted(name.as_bytes())))
    }

    fn home(&self) -> Home<'a> {
        Home { scope: &self.file.package, messages: &self.file.messages, list: &[MESSAGES] }
    }

    /// `reserved 2, 9 to 11;` and `reserved "a", "b";`. The ends are in the ranges.
    fn reserved(
        &mut self,
        ranges: impl Iterator<Item = (i32, i32)>,
        names: &[String],
        max: i32,
    ) -> Result<(), SchemaError> {
        let ranges: Vec<String> = ranges.map(|(start, end)| range(start, end, max)).collect();
        if !ranges.is_empty() || !names.is_empty() {
            self.out.separate();
        }
        if !ranges.is_empty() {
            self.out.line(&format!("reserved {};", ranges.join(", ")))?;
        }
        if names.is_empty() {
            return Ok(());
        }
        let names = names.iter().map(|name| match self.syntax {
            Syntax::Edition => descriptors::check_name(name).map(|()| name.clone()),
            Syntax::Proto2 | Syntax::Proto3 => Ok(literal::quoted(name.as_bytes())),
        });
        let names = names.collect::<Result<Vec<_>, _>>()?;
        self.out.line(&format!("reserved {};", names.join(", ")))
    }

    fn tell_left_out(&mut self, count: usize, what: &str) -> Result<(), SchemaError> {
        match count {
            0 => Ok(()),
            1 => self.out.comment(&format!(" 1 more {what} is left out here.")),
            _ => self.out.comment(&format!(" {count} more {what}s are left out here.")),
        }
    }

    /// The comments in front of what stands at a place.
    fn leading(&mut self, at: &[i32]) -> Result<(), SchemaError> {
        self.tell_leading(self.comments.at(at))
    }

    /// The comment behind it.
    fn trailing(&mut self, at: &[i32]) -> Result<(), SchemaError> {
        self.tell_trailing(self.comments.at(at))
    }

    fn tell_leading(&mut self, location: Option<&raw::Location>) -> Result<(), SchemaError> {
        let Some(location) = location else { return Ok(()) };
        for detached in &location.detached {
            self.out.separate();
            self.out.comment(detached)?;
            self.out.separate();
        }
        if !location.leading.is_empty() {
            self.out.separate();
            self.out.comment(&location.leading)?;
        }
        Ok(())
    }

    fn tell_trailing(&mut self, location: Option<&raw::Location>) -> Result<(), SchemaError> {
        match location.map(|location| location.trailing.as_str()) {
            None | Some("") => Ok(()),
            Some(trailing) => self.out.comment_behind(trailing),
        }
    }
}

/// Field numbers of `FileDescriptorProto`.
const MESSAGES: i32 = 4;
const ENUMS: i32 = 5;
const SERVICES: i32 = 6;
const EXTENSIONS: i32 = 7;

/// The place of an element of a list, as source info has it.
fn path(parent: &[i32], list: i32, index: usize) -> Vec<i32> {
    parent.iter().copied().chain([list, i32::try_from(index).unwrap_or(-1)]).collect()
}

/// A range with both ends in it.
fn range(start: i32, end: i32, max: i32) -> String {
    match end {
        _ if start == end => start.to_string(),
        _ if end == max => format!("{start} to max"),
        _ => format!("{start} to {end}"),
    }
}

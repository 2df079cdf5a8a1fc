//! Descriptors become proto source.
//!
//! Sources: <https://protobuf.dev/reference/protobuf/proto3-spec/> and its neighbours for proto2 and
//! editions.

mod comments;
mod literal;
mod message;
mod names;
mod options;
mod order;
mod writer;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use self::{
    comments::Comments,
    message::Home,
    options::MAX_STEPS,
    order::{List, Part, ordered},
    writer::Writer,
};
use super::{
    super::{SchemaError, descriptors},
    Files, raw,
    symbols::{Place, Top, join},
};

/// A whole file.
pub(super) fn file(files: &Files, index: usize) -> Result<String, SchemaError> {
    let Some(file) = files.files.get(index) else { return Ok(String::new()) };
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
    printer.out.separate();
    printer.option_lines(&file.options, "FileOptions", &file.package)?;
    printer.all_tops().iter().try_for_each(|tops| printer.tops(tops))?;
    Ok(printer.out.finish())
}

/// A definition, and of its file what it needs. Where `name` is only a part of what stands at `place`,
/// as much of that as the part needs and stands in.
pub(super) fn definition(files: &Files, place: Place, name: &str) -> Result<String, SchemaError> {
    const MOST_PARTS: usize = 64;
    let Some(file) = files.files.get(place.file) else { return Ok(String::new()) };
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
    for import in files.imports_for(file, &abroad) {
        header.import("", import)?;
    }
    let parts = [header.out.finish(), options.out.finish(), printer.out.finish()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Ok(Sliced::Source(parts.join("\n")))
}

/// Whether a name is another one, or of something in it.
fn is_in(name: &str, of: &str) -> bool {
    name.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Files {
    /// The imports of a file that lead to these others, and those that nobody knows.
    fn imports_for<'a>(&self, file: &'a raw::File, needed: &BTreeSet<usize>) -> Vec<&'a String> {
        let leads = |import: &&String| {
            let Some(index) = self.by_name.get(*import) else { return true };
            let (mut open, mut seen) = (vec![*index], HashSet::new());
            while let Some(index) = open.pop() {
                let Some(file) = self.files.get(index).filter(|_| seen.insert(index)) else { continue };
                if needed.contains(&index) {
                    return true;
                }
                let public = file.public_dependency.iter().filter_map(|at| usize::try_from(*at).ok());
                let names = public.filter_map(|at| file.dependency.get(at));
                open.extend(names.filter_map(|name| self.by_name.get(name)));
            }
            false
        };
        file.dependency.iter().filter(leads).collect()
    }
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

    /// All that stands in the file directly, in the order in which it is printed; extensions of one
    /// message together.
    fn all_tops(&self) -> Vec<Vec<Top>> {
        let file = self.file;
        let mut parts = Vec::new();
        let mut one = |top, list, tag, index| {
            let starts = self.comments.start(&path(&[], tag, index));
            parts.push(Part { what: vec![top], makes: vec![(list, index)], starts });
        };
        (0..file.services.len()).for_each(|at| one(Top::Service(at), List::Services, SERVICES, at));
        let of_groups = self.messages_of_groups();
        let messages = (0..file.messages.len()).filter(|at| !of_groups.contains_key(at));
        messages.for_each(|at| one(Top::Message(at), List::Messages, MESSAGES, at));
        (0..file.enums.len()).for_each(|at| one(Top::Enum(at), List::Enums, ENUMS, at));
        let extensions: Vec<_> = file.extensions.iter().enumerate().collect();
        for group in extensions.chunk_by(|(_, one), (_, other)| one.extendee == other.extendee) {
            let first = group.first().map(|(at, _)| *at).unwrap_or_default();
            let makes =
                group.iter().flat_map(|(at, field)| self.makes(field, List::Extensions, *at, self.home()));
            parts.push(Part {
                makes: makes.collect(),
                what: group.iter().map(|(at, _)| Top::Extension(*at)).collect(),
                starts: self.comments.start(&path(&[], EXTENSIONS, first)),
            });
        }
        ordered(parts)
    }

    /// Messages that are those of groups, by the extensions that these groups are.
    fn messages_of_groups(&self) -> HashMap<usize, Top> {
        let groups = self.file.extensions.iter().enumerate().filter(|(_, field)| field.is_group());
        let makes = groups.map(|(at, field)| (at, self.makes(field, List::Extensions, at, self.home())));
        let messages = makes.filter_map(|(at, makes)| Some((makes.get(1)?.1, Top::Extension(at))));
        messages.collect()
    }

    fn home(&self) -> Home<'a> {
        Home { scope: &self.file.package, messages: &self.file.messages, list: &[MESSAGES] }
    }

    /// One definition, or extensions of one message that stand together.
    fn tops(&mut self, tops: &[Top]) -> Result<(), SchemaError> {
        let file = self.file;
        let scope = file.package.as_str();
        self.out.separate();
        let mut extensions = Vec::new();
        for top in tops {
            match *top {
                Top::Message(at) => {
                    if let Some(message) = file.messages.get(at) {
                        self.message(message, scope, &path(&[], MESSAGES, at))?;
                    }
                }
                Top::Enum(at) => {
                    if let Some(an_enum) = file.enums.get(at) {
                        self.enumeration(an_enum, scope, &path(&[], ENUMS, at))?;
                    }
                }
                Top::Service(at) => {
                    if let Some(service) = file.services.get(at) {
                        self.service(service, &path(&[], SERVICES, at))?;
                    }
                }
                Top::Extension(at) => extensions.extend(file.extensions.get(at).map(|field| (at, field))),
            }
        }
        self.extend(&extensions, self.home(), &[EXTENSIONS])?;
        self.out.separate();
        Ok(())
    }

    fn service(&mut self, service: &raw::Service, at: &[i32]) -> Result<(), SchemaError> {
        const METHODS: i32 = 2;
        descriptors::check_name(&service.name)?;
        let full_name = join(&self.file.package, &service.name);
        let is_whole = self.share(&full_name) == Share::All;
        self.leading(at)?;
        self.out.open(&format!("service {} {{", service.name))?;
        self.trailing(at)?;
        if is_whole {
            self.option_lines(&service.options, "ServiceOptions", &full_name)?;
        }
        let mut left_out = 0;
        for (index, method) in service.methods.iter().enumerate() {
            if self.share(&join(&full_name, &method.name)) == Share::Nothing {
                left_out += 1;
            } else {
                self.method(method, &full_name, &path(at, METHODS, index))?;
            }
        }
        self.tell_left_out(left_out, "method")?;
        self.out.close()
    }

    fn method(&mut self, method: &raw::Method, scope: &str, at: &[i32]) -> Result<(), SchemaError> {
        descriptors::check_name(&method.name)?;
        let side = |is_stream: bool, name: String| if is_stream { format!("stream {name}") } else { name };
        let input = side(method.client_streaming, self.reference(&method.input_type, scope)?);
        let output = side(method.server_streaming, self.reference(&method.output_type, scope)?);
        let line = format!("rpc {}({input}) returns ({output})", method.name);
        self.leading(at)?;
        match method.options.as_deref() {
            None => self.out.line(&format!("{line};"))?,
            Some([]) => self.out.line(&format!("{line} {{}}"))?,
            Some(options) => {
                self.out.open(&format!("{line} {{"))?;
                self.trailing(at)?;
                self.option_lines(options, "MethodOptions", &join(scope, &method.name))?;
                return self.out.close();
            }
        }
        self.trailing(at)
    }

    fn enumeration(&mut self, an_enum: &raw::Enum, scope: &str, at: &[i32]) -> Result<(), SchemaError> {
        const VALUES: i32 = 2;
        descriptors::check_name(&an_enum.name)?;
        self.leading(at)?;
        self.out.open(&format!("enum {} {{", an_enum.name))?;
        self.trailing(at)?;
        self.option_lines(&an_enum.options, "EnumOptions", &join(scope, &an_enum.name))?;
        for (index, value) in an_enum.values.iter().enumerate() {
            descriptors::check_name(&value.name)?;
            let at = path(at, VALUES, index);
            let settings = self.settings(&value.options, "EnumValueOptions", scope)?;
            self.leading(&at)?;
            self.with_settings(&format!("{} = {}", value.name, value.number), &settings, ";")?;
            self.trailing(&at)?;
        }
        // The end is in an enum's range.
        let ranges = an_enum.reserved_ranges.iter().map(|range| (range.start, range.end));
        self.reserved(ranges, &an_enum.reserved_names, i32::MAX)?;
        self.out.close()
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

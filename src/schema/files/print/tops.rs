//! What stands in a file directly: services, enums, and messages and extensions in their order.

use std::collections::HashMap;

use super::{
    ENUMS, EXTENSIONS, MESSAGES, Printer, SERVICES, Share,
    order::{List, Part, ordered},
    path,
};
use crate::schema::{
    SchemaError, descriptors,
    files::{raw, symbols::Top},
    names::join,
};

impl Printer<'_> {
    /// All that stands in the file directly, in the order in which it is printed; extensions of one
    /// message together.
    pub(super) fn all_tops(&self) -> Vec<Vec<Top>> {
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
    pub(super) fn messages_of_groups(&self) -> HashMap<usize, Top> {
        let groups = self.file.extensions.iter().enumerate().filter(|(_, field)| field.is_group());
        let makes = groups.map(|(at, field)| (at, self.makes(field, List::Extensions, at, self.home())));
        let messages = makes.filter_map(|(at, makes)| Some((makes.get(1)?.1, Top::Extension(at))));
        messages.collect()
    }

    /// One definition, or extensions of one message that stand together.
    pub(super) fn tops(&mut self, tops: &[Top]) -> Result<(), SchemaError> {
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

    pub(super) fn enumeration(
        &mut self,
        an_enum: &raw::Enum,
        scope: &str,
        at: &[i32],
    ) -> Result<(), SchemaError> {
        const VALUES: i32 = 2;
        descriptors::check_name(&an_enum.name)?;
        self.leading(at)?;
        self.out.open(&format!("{}enum {} {{", an_enum.visibility_word(), an_enum.name))?;
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
}

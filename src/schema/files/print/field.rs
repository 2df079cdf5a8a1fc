//! A field or an extension: one line, or a group's block.

use prost_types::field_descriptor_proto::Label;

use super::{
    Printer, Syntax, literal,
    message::{Home, oneof_of},
    options::{Setting, Settings},
};
use crate::schema::{SchemaError, descriptors, files::raw, names::json_name};

impl Printer<'_> {
    pub(super) fn field(
        &mut self,
        field: &raw::Field,
        home: Home<'_>,
        at: &[i32],
    ) -> Result<(), SchemaError> {
        descriptors::check_name(&field.name)?;
        let settings = self.field_settings(field, home.scope)?;
        let (label, number) = (self.label(field), field.number);
        self.leading(at)?;
        match self.own_message(field, home) {
            Some((index, group)) if field.is_group() => {
                if !group.name.eq_ignore_ascii_case(&field.name) {
                    let cause = format!("{} and its group {} have different names", field.name, group.name);
                    return Err(SchemaError::invalid(&cause));
                }
                descriptors::check_name(&group.name)?;
                self.with_settings(&format!("{label}group {} = {number}", group.name), &settings, " {")?;
                self.out.enter();
                let at = [home.list, &[i32::try_from(index).unwrap_or(-1)]].concat();
                self.body(group, home.scope, &at)
            }
            Some((_, entry)) => {
                let [key, value] = self.entry_types(entry, home.scope)?;
                let line = format!("map<{key}, {value}> {} = {number}", field.name);
                self.with_settings(&line, &settings, ";")?;
                self.trailing(at)
            }
            None if field.is_group() => {
                Err(SchemaError::invalid(&format!("{} is a group without its message", field.name)))
            }
            None => {
                let type_name = self.type_word(field, home.scope)?;
                let line = format!("{label}{type_name} {} = {number}", field.name);
                self.with_settings(&line, &settings, ";")?;
                self.trailing(at)
            }
        }
    }

    fn label(&self, field: &raw::Field) -> &'static str {
        let is_required = field.label == Some(Label::Required as i32);
        match self.syntax {
            _ if oneof_of(field).is_some() => "",
            _ if field.is_repeated() => "repeated ",
            Syntax::Proto2 | Syntax::Proto3 if is_required => "required ",
            Syntax::Proto2 => "optional ",
            Syntax::Proto3 if field.proto3_optional => "optional ",
            Syntax::Proto3 | Syntax::Edition => "",
        }
    }

    fn type_word(&mut self, field: &raw::Field, scope: &str) -> Result<String, SchemaError> {
        match field.scalar_word() {
            Some(word) => Ok(word.to_owned()),
            None => self.reference(&field.type_name, scope),
        }
    }

    /// The types of a map's keys and values.
    fn entry_types(&mut self, entry: &raw::Structure, scope: &str) -> Result<[String; 2], SchemaError> {
        let field = |number| entry.fields.iter().find(|field| field.number == number);
        let (Some(key), Some(value)) = (field(1), field(2)) else {
            return Err(SchemaError::invalid(&format!("{} is an entry without key or value", entry.name)));
        };
        Ok([self.type_word(key, scope)?, self.type_word(value, scope)?])
    }

    /// A field's options, and what is written as one: its default and its name in JSON.
    fn field_settings(&mut self, field: &raw::Field, scope: &str) -> Result<Settings, SchemaError> {
        let mut settings = self.settings(&field.options, "FieldOptions", scope)?;
        let mut first = Vec::new();
        if let Some(value) = &field.default_value {
            first.push(Setting::word("default", literal::default_value(field, value)?));
        }
        let own_json_name = field.json_name.as_ref().filter(|name| **name != json_name(&field.name));
        // Of an extension it follows from its name and cannot be said.
        if let Some(name) = own_json_name.filter(|_| field.extendee.is_empty()) {
            first.push(Setting::word("json_name", literal::quoted(name.as_bytes())));
        }
        settings.known.splice(0..0, first);
        Ok(settings)
    }
}

//! `google.protobuf.Any`: a message that says its own type.

use prost_reflect::MessageDescriptor;

use super::{Reader, Step, put_bytes, twice};
use crate::{
    schema::{
        json::well_known::{self as forms, TYPE},
        lexer::{Fault, Lexer, Start},
    },
    text::Safe,
};

const VALUE: &str = "value";
/// The most of a type's name that is shown, in bytes.
const MAX_NAME: usize = 100;

impl Reader<'_> {
    /// `{"@type": …}` with the fields of that type; with its JSON form as `value`, where it has one; with
    /// its bytes as `value`, where it is not known. Without `@type`, it is the message that it is.
    pub(super) fn any(&mut self, descriptor: &MessageDescriptor, out: &mut Vec<u8>) -> Step {
        self.expect(Start::Object, descriptor.full_name())?;
        // The type may stand behind what it explains.
        let Some(url) = type_url(self.lexer.clone())? else { return self.object(descriptor, out) };
        let name = url.rsplit('/').next().unwrap_or_default();
        let mut value = Vec::new();
        match descriptor.parent_pool().get_message_by_name(name) {
            Some(inner) if has_form(&inner) => {
                let only = "of this type there is only `value`";
                self.value_alone(only, |reader| reader.message(&inner, &mut value))?;
            }
            Some(inner) => self.members(&inner, Some(TYPE), &mut value)?,
            None => {
                let only = if name.is_empty() {
                    "`@type` names no type: there is only `value`, its bytes in base64".to_owned()
                } else {
                    let name = Safe::cut(name, MAX_NAME);
                    format!("the type {name} is not known here: there is only `value`, its bytes in base64")
                };
                self.value_alone(&only, |reader| {
                    value = reader.base64()?;
                    Ok(())
                })?;
            }
        }
        put_bytes(1, url.as_bytes(), out);
        if !value.is_empty() {
            put_bytes(2, &value, out);
        }
        Ok(())
    }

    /// An object of the type and `value`; `only` is what is said of anything else.
    fn value_alone(&mut self, only: &str, read: impl FnOnce(&mut Self) -> Step) -> Step {
        let mut read = Some(read);
        let mut items = self.lexer.object()?;
        while self.lexer.next(&mut items)? {
            let at = self.lexer.place();
            let key = self.lexer.key()?;
            match (&*key, read.take()) {
                (TYPE, waiting) => {
                    read = waiting;
                    self.lexer.skip()?;
                }
                (VALUE, Some(read)) => read(self)?,
                _ => return Err(Fault::new(at, only)),
            }
        }
        Ok(())
    }
}

/// Whether a message of this type stands as `value` in an `Any`.
fn has_form(descriptor: &MessageDescriptor) -> bool {
    forms::of(descriptor).is_some() || descriptor.full_name() == "google.protobuf.Empty"
}

fn type_url(mut lexer: Lexer<'_>) -> Step<Option<String>> {
    let mut url = None;
    let mut items = lexer.object()?;
    while lexer.next(&mut items)? {
        let at = lexer.place();
        if lexer.key()? != TYPE {
            lexer.skip()?;
        } else if url.replace(lexer.string()?.into_owned()).is_some() {
            return Err(twice(at, TYPE));
        }
    }
    Ok(url)
}

//! Fields by their numbers: those that the type does not know, or whose values JSON has no form for, as [the writer](crate::schema::json) has them.

use std::borrow::Cow;

use prost::encoding::{WireType, encode_key};
use prost_reflect::MessageDescriptor;

use super::{
    Part, Reader, Step, is_field_number, put_bytes,
    scalar::{Scalar, base64, whole},
};
use crate::schema::{
    field::number_key,
    json::Layout,
    lexer::{Fault, Start},
};

/// The field number that a key of a message is.
pub(super) fn number(message: Option<&MessageDescriptor>, key: &str) -> Option<u32> {
    let digits = key.trim_start_matches('0');
    let is_plain = digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_plain.then(|| digits.parse().ok())??;
    (is_field_number(number) && number_key(message, number as u32) == key).then_some(number as u32)
}

impl Reader<'_> {
    /// One value, or a list of them.
    pub(super) fn unknown(&mut self, number: u32, out: &mut Vec<u8>) -> Step {
        if self.lexer.start()? != Start::Array {
            return self.unknown_value(number, out);
        }
        let mut items = self.lexer.array()?;
        let mut index = 0;
        while self.lexer.next(&mut items)? {
            self.inside(Part::Element(index), |reader| reader.unknown_value(number, out))?;
            index += 1;
        }
        Ok(())
    }

    fn unknown_value(&mut self, number: u32, out: &mut Vec<u8>) -> Step {
        let (start, at) = (self.lexer.start()?, self.lexer.place());
        match start {
            Start::Number => self.bits::<u64>().map(|bits| Scalar::Varint(bits).put(number, out)),
            Start::String => {
                let text = self.lexer.string()?;
                put_bytes(number, text.as_bytes(), out);
                Ok(())
            }
            Start::Object => {
                let mut items = self.lexer.object()?;
                let has_one = self.lexer.next(&mut items)?;
                let layout = if has_one { Layout::of_key(&self.lexer.key()?) } else { None };
                let layout = layout.ok_or_else(|| wrong(at))?;
                self.laid_out(layout, number, out)?;
                if self.lexer.next(&mut items)? { Err(wrong(at)) } else { Ok(()) }
            }
            _ => Err(wrong(at)),
        }
    }

    fn laid_out(&mut self, layout: Layout, number: u32, out: &mut Vec<u8>) -> Step {
        match layout {
            Layout::Fixed32 => self.bits::<u32>().map(|bits| Scalar::Fixed32(bits).put(number, out)),
            Layout::Fixed64 => self.bits::<u64>().map(|bits| Scalar::Fixed64(bits).put(number, out)),
            Layout::Bytes => {
                let bytes = self.base64()?;
                put_bytes(number, &bytes, out);
                Ok(())
            }
            Layout::Group => self.deeper(|reader| {
                encode_key(number, WireType::StartGroup, out);
                reader.expect(Start::Object, "a group")?;
                let mut items = reader.lexer.object()?;
                while reader.lexer.next(&mut items)? {
                    let at = reader.lexer.place();
                    let key = reader.lexer.key()?;
                    let inner = self::number(None, &key)
                        .ok_or_else(|| Fault::new(at, "a field of an unknown group is a number"))?;
                    reader.inside(Part::Field(key.into_owned()), |reader| reader.unknown(inner, out))?;
                }
                encode_key(number, WireType::EndGroup, out);
                Ok(())
            }),
        }
    }

    /// A text of base64.
    pub(super) fn base64(&mut self) -> Step<Vec<u8>> {
        let at = self.lexer.place();
        let text: Cow<'_, str> = self.lexer.string()?;
        base64(&text).ok_or_else(|| Fault::new(at, "this is not base64"))
    }

    fn bits<T: TryFrom<i128>>(&mut self) -> Step<T> {
        let at = self.lexer.place();
        let number = whole(self.lexer.number()?).and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| {
            Fault::new(
                at,
                format!("this is not a whole number of {} bits without a sign", 8 * size_of::<T>()),
            )
        })
    }
}

fn wrong(at: usize) -> Fault {
    let forms = Layout::ALL.map(|layout| format!("{{\"{}\": …}}", layout.key())).join(", ");
    Fault::new(
        at,
        format!("a field that the type does not know is a number, a text, {forms}, or a list of these"),
    )
}

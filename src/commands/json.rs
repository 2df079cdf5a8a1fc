//! The lines of `--json`: one object a line, whole and printable whatever a peer says.

use std::fmt::Write as _;

use http::HeaderMap;

use crate::{
    rpc::metadata,
    text::{self, Secrets},
};

/// One line, field by field, in the order in which they are put.
pub(super) struct Line {
    text: String,
}

impl Line {
    /// A line that says itself what it tells of.
    pub(super) fn new() -> Self {
        Self { text: String::from("{") }
    }

    /// A line that begins with the kind of event that it tells of.
    pub(super) fn of_event(event: &str) -> Self {
        let mut line = Self::new();
        line.text("event", event);
        line
    }

    /// A field that holds a text.
    pub(super) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        push_text(&mut self.text, value);
        self
    }

    /// A field that holds a number.
    pub(super) fn number(&mut self, key: &str, value: u64) -> &mut Self {
        self.key(key);
        let _ = write!(self.text, "{value}");
        self
    }

    /// A field that holds texts.
    pub(super) fn texts<'a>(&mut self, key: &str, values: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.key(key);
        push_texts(&mut self.text, values);
        self
    }

    /// A field that holds what is JSON already, without a line break.
    pub(super) fn json(&mut self, key: &str, json: &str) -> &mut Self {
        self.key(key);
        self.text.push_str(&text::safe_json(json));
        self
    }

    /// A field that holds metadata: an object of lists, since a key may come several times. Secrets are masked,
    /// unless they were asked for.
    pub(super) fn metadata(&mut self, key: &str, headers: &HeaderMap, secrets: Secrets) -> &mut Self {
        self.key(key);
        self.text.push('{');
        for (at, name) in headers.keys().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            push_text(&mut self.text, name.as_str());
            self.text.push(':');
            let seen = |value| metadata::seen(name, value, usize::MAX, secrets);
            let values = headers.get_all(name).iter().map(seen);
            push_texts(&mut self.text, values);
        }
        self.text.push('}');
        self
    }

    /// The line, without a line break.
    pub(super) fn end(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn key(&mut self, key: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        push_text(&mut self.text, key);
        self.text.push(':');
    }
}

fn push_text(out: &mut String, text: &str) {
    // A string as JSON cannot fail; where it did, the line would still be one.
    let json = serde_json::to_string(text).unwrap_or_else(|_| "null".to_owned());
    out.push_str(&text::safe_json(&json));
}

fn push_texts(out: &mut String, texts: impl IntoIterator<Item: AsRef<str>>) {
    out.push('[');
    for (at, text) in texts.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        push_text(out, text.as_ref());
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_line_is_one_object_in_one_line_whatever_is_in_it() {
        let hostile = "a\n\r\u{1b}[2J\u{2028}\u{9b}\"\\{\0";
        let mut headers = HeaderMap::new();
        for value in [&b"one"[..], b"tw\x80o"] {
            headers.append("key", HeaderValue::from_bytes(value).unwrap());
        }
        headers.append(HeaderName::from_static("cookie"), HeaderValue::from_static("secret"));
        let mut line = Line::of_event("message");
        line.number("size", 3).text("text", hostile).texts("list", [hostile, ""]);
        line.json("message", "{\"a\":\"\u{9b}\"}").metadata("metadata", &headers, Secrets::Masked);
        let line = line.end();
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["text"], hostile);
        assert_eq!(value["list"][0], hostile);
        assert_eq!(value["message"]["a"], "\u{9b}");
        assert_eq!(value["metadata"]["key"][1], "tw\u{fffd}o");
        assert!(!line.contains("secret"));
    }
}

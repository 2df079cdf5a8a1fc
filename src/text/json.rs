//! JSON that means the same and does nothing to a terminal: lines of it are printed, too.

use std::{borrow::Cow, fmt::Write as _};

/// JSON with escapes for what a terminal would obey or turn around, and for what some readers take for the end of
/// a line. C0 controls are escaped in any JSON, and outside of its strings it is ASCII.
pub fn safe_json(json: &str) -> Cow<'_, str> {
    if !json.chars().any(is_unsafe) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if is_unsafe(c) {
            // None of them is beyond the first plane.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_unsafe(c: char) -> bool {
    matches!(c,
        '\u{7f}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_is_read_back_as_it_was() {
        let text = "a\u{9b}31m b\u{202e}c\u{2028}d \u{1F600} ü";
        let json = serde_json::to_string(text).unwrap();
        let safe = safe_json(&json);
        assert_eq!(safe, "\"a\\u009b31m b\\u202ec\\u2028d \u{1F600} ü\"");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), text);
        assert!(matches!(safe_json("{\"a\":1}"), Cow::Borrowed(_)));
    }
}

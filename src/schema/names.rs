//! Names as every compiler makes them: of what is within a scope, and of fields in JSON.

/// A name inside of a scope; the outermost scope is empty.
pub(super) fn join(scope: &str, name: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

/// The name in JSON that a field has of itself: its words joined, each but the first with a capital.
pub(super) fn json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut begins_word = false;
    for c in name.chars() {
        if c != '_' {
            json.push(if begins_word { c.to_ascii_uppercase() } else { c });
        }
        begins_word = c == '_';
    }
    json
}

/// The beginning of a foreign text, of at most `max_bytes`; a `…` says that there is more.
pub(super) fn shortened(text: &str, max_bytes: usize) -> String {
    let end = text.floor_char_boundary(max_bytes);
    if end < text.len() { format!("{}…", &text[..end]) } else { text.to_owned() }
}

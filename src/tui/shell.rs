//! A call as a command for a shell, so that it can be made again elsewhere: grpcurl's, and greeter's own.
//! Secrets are not in it: variables of the environment stand for them.

use super::{
    action::Tool,
    model::{Call, Link, Metadata, Protection},
};
use crate::{
    rpc::{DEFAULT_MAX_REPLY, Readiness, What},
    text,
};

/// The command that makes the same call, in one line. `None` where a message of it cannot be written as JSON.
///
/// What lies beside call and address, such as the files of certificates, is not known here.
pub fn command(tool: Tool, call: &Call, link: &Link) -> Option<String> {
    let messages = messages(call)?;
    let method = call.method.path();
    let method = quoted(method.as_str().trim_start_matches('/'));
    let mut words = Vec::new();
    match tool {
        Tool::Greeter => {
            words.extend(["greeter call".to_owned(), method]);
            words.extend(messages.iter().map(|message| quoted(message)));
            words.extend(["--addr".to_owned(), quoted(&link.address)]);
            let names = Names { dash: "--", tls: Some("--tls") };
            words.extend(flags(call, names, link.protection));
            if let Some(encoding) = call.compression {
                words.push(format!("--compress {encoding}"));
            }
            if let Some(request) = call.sizes.request {
                words.extend(["--max-send-sz".to_owned(), request.to_string()]);
            }
            if call.readiness == Readiness::WaitForReady {
                words.push("--wait-for-ready".to_owned());
            }
        }
        Tool::Grpcurl => {
            words.push("grpcurl".to_owned());
            // TLS is what it does where nothing is said. It compresses nothing that it sends.
            words.extend(flags(call, Names { dash: "-", tls: None }, link.protection));
            words.extend(["-d".to_owned(), quoted(&messages.join(" "))]);
            match link.address.strip_prefix("unix:") {
                Some(path) => words.extend(["-unix".to_owned(), quoted(path)]),
                None => words.push(quoted(&link.address)),
            }
            words.push(method);
        }
    }
    Some(words.join(" "))
}

/// What was sent, each message as JSON, as far as it is kept.
fn messages(call: &Call) -> Option<Vec<String>> {
    let json = |bytes: &bytes::Bytes| call.method.request().whole_json(bytes).ok();
    if let Some(request) = &call.request {
        return Some(vec![json(request)?]);
    }
    let sent = call.record.entries().filter_map(|entry| match entry.what {
        What::Sent(bytes) => Some(bytes),
        _ => None,
    });
    sent.map(|bytes| json(&bytes)).collect()
}

/// What differs between the tools in flags that both have.
#[derive(Clone, Copy)]
struct Names {
    dash: &'static str,
    tls: Option<&'static str>,
}

fn flags(call: &Call, Names { dash, tls }: Names, protection: Protection) -> Vec<String> {
    let mut flags = Vec::new();
    match protection {
        Protection::Plaintext => flags.push(format!("{dash}plaintext")),
        Protection::Tls => flags.extend(tls.map(str::to_owned)),
        Protection::NotVerified => flags.push(format!("{dash}insecure")),
    }
    if let Some(deadline) = call.deadline {
        flags.extend([format!("{dash}max-time"), deadline.as_secs_f64().to_string()]);
    }
    if call.sizes.reply != DEFAULT_MAX_REPLY {
        flags.extend([format!("{dash}max-msg-sz"), call.sizes.reply.to_string()]);
    }
    for metadata in &call.metadata {
        flags.extend(["-H".to_owned(), header(metadata)]);
    }
    flags
}

/// As it was typed, variables and all. A secret that was typed itself becomes a variable named after its key.
fn header(metadata: &Metadata) -> String {
    let key = metadata.key.as_str();
    if metadata.written.contains("${") {
        return expanding(&metadata.written);
    }
    if text::is_secret(key) {
        return expanding(&format!("{key}: ${{{}}}", key.to_ascii_uppercase().replace(['-', '.'], "_")));
    }
    quoted(&metadata.written)
}

/// One word for a POSIX shell, nothing in it looked at.
fn quoted(word: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | ',');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// One word for a POSIX shell, in which `${VARIABLE}` is put in and nothing else is looked at.
fn expanding(word: &str) -> String {
    let mut quoted = String::from("\"");
    for (at, c) in word.char_indices() {
        let is_variable = c == '$' && word[at..].starts_with("${");
        if matches!(c, '"' | '\\' | '`') || (c == '$' && !is_variable) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

//! Transcripts as text for people, or as JSON lines for programs. Pure; writing them is an effect.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{action::Saved, model::Call};
use crate::{
    rpc::{Entry, What, status::code_name},
    schema::{MessageType, Shown},
    text,
    tui::model::{State, Waiting, not_sent},
};

/// The most text of one message, in bytes.
const MAX_MESSAGE: usize = 16 << 20;

/// Text, or the beginning of a longer one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, or its beginning.
    pub text: String,
    /// Whether there is more.
    pub cut: bool,
}

impl Excerpt {
    /// All of a text.
    pub fn whole(text: String) -> Self {
        Self { text, cut: false }
    }

    /// A message in words, cut at about `most` bytes. Foreign text.
    pub fn of_message(message: &MessageType, bytes: &[u8], most: usize) -> Self {
        match message.show(bytes, most) {
            Shown::Text { text, cut } | Shown::Json { text, cut } => Self { text, cut },
            Shown::Broken { error, hex } => {
                Self { cut: hex.ends_with('…'), text: format!("{hex} ({error})") }
            }
        }
    }

    /// The transcript of a call as text: all of it, or little more than `bytes`. What follows is not looked at.
    pub fn of_transcript(call: &Call, bytes: usize) -> Self {
        let mut all = Self::whole(String::new());
        for row in rows(call, bytes) {
            all.text.push_str(&row.text);
            all.cut = row.cut || all.text.len() > bytes;
            if all.cut {
                break;
            }
        }
        all
    }
}

/// The calls in the wanted form.
pub fn transcript(calls: &[Call], form: Saved) -> String {
    let mut out = String::new();
    for call in calls {
        match form {
            Saved::Text => out.extend(rows(call, MAX_MESSAGE).map(|row| row.text)),
            Saved::JsonLines => as_json_lines(call, &mut out),
        }
    }
    out
}

/// The rows of a call's transcript, written one by one, the text of a message cut at `most` bytes.
fn rows(call: &Call, most: usize) -> impl Iterator<Item = Excerpt> {
    let entries = call.record.entries().enumerate();
    let entries = entries.flat_map(move |(number, entry)| {
        let let_go = call.record.let_go();
        let gap = (number == 0 && let_go > 0)
            .then(|| Excerpt::whole(format!("  … {} counted, no longer kept\n", text::count(let_go))));
        [entry_row(call, &entry, most)].into_iter().chain(gap)
    });
    let unsent = not_sent(call)
        .filter(|_| !call.is_live())
        .map(|words| Excerpt::whole(format!("  {}\n", text::safe(&words))));
    let waiting = (0..call.waiting_rows(usize::MAX)).filter_map(move |nth| {
        let waiting = call.waiting_row(usize::MAX, nth)?;
        Some(waiting_row(call, waiting, most))
    });
    let end = std::iter::once_with(|| Excerpt::whole(end_row(call)));
    let begin = std::iter::once_with(move || heading_row(call, most));
    begin.chain(entries).chain(waiting).chain(unsent).chain(end)
}

fn heading_row(call: &Call, most: usize) -> Excerpt {
    let begin = format!("#{} {}", call.id.0, text::safe(call.method.full_name()));
    match &call.request {
        Some(request) => row(&format!("{begin} → "), call.method.request(), request, most),
        None => Excerpt::whole(format!("{begin}\n")),
    }
}

fn entry_row(call: &Call, entry: &Entry, most: usize) -> Excerpt {
    let at = text::elapsed(entry.at);
    match &entry.what {
        What::Sent(bytes) => row(&format!("  +{at:<9} → "), call.method.request(), bytes, most),
        What::EndOfStream => Excerpt::whole(format!("  +{at:<9} → end of stream\n")),
        What::Received(bytes) => row(&format!("  +{at:<9} ← "), call.method.reply(), bytes, most),
    }
}

fn waiting_row(call: &Call, waiting: Waiting<'_>, most: usize) -> Excerpt {
    match waiting {
        Waiting::More(more) => Excerpt::whole(format!("  … {} more waiting\n", text::count(more))),
        Waiting::Message(bytes) => row("  waiting    → ", call.method.request(), bytes, most),
        Waiting::EndOfStream => Excerpt::whole("  waiting    → end of stream\n".to_owned()),
    }
}

/// A message in the words of its row, controls and line breaks as marks.
fn row(before: &str, message: &MessageType, bytes: &[u8], most: usize) -> Excerpt {
    let Excerpt { text: words, cut } = Excerpt::of_message(message, bytes, most);
    Excerpt { text: format!("{before}{}\n", text::safe(&words)), cut }
}

/// How the call ended, and an empty row.
fn end_row(call: &Call) -> String {
    match &call.state {
        State::Live(_) => "  live\n\n".to_owned(),
        State::Ended { status, after, .. } if status.is_ok() => {
            format!("  OK {}\n\n", text::elapsed(*after))
        }
        State::Ended { status, after, .. } => {
            let (message, origin) = (text::safe(&status.message), status.origin.to_string());
            format!("  {status} {} · {message} · {}\n\n", text::elapsed(*after), text::safe(&origin))
        }
    }
}

fn as_json_lines(call: &Call, out: &mut String) {
    let mut line = |value: Value| {
        let _ = writeln!(out, "{}", text::safe_json(&value.to_string()));
    };
    let path = call.method.path().to_string();
    let request = call.request.as_ref().map(|bytes| message(call.method.request(), bytes));
    line(json!({ "event": "start", "call": call.id.0, "method": path, "message": request }));
    for (number, entry) in call.record.entries().enumerate() {
        line(entry_json(call, &entry));
        if number == 0 && call.record.let_go() > 0 {
            line(json!({ "event": "let go", "call": call.id.0, "entries": call.record.let_go() }));
        }
    }
    if let State::Ended { status, after, .. } = &call.state {
        line(json!({
            "event": "status", "call": call.id.0, "at_us": after.as_micros() as u64,
            "code": status.code as i32, "name": code_name(status.code),
            "message": status.message, "origin": status.origin.to_string(), "not_sent": call.unsent(),
        }));
    }
}

fn entry_json(call: &Call, entry: &Entry) -> Value {
    let (event, content) = match &entry.what {
        What::Sent(bytes) => ("sent", message(call.method.request(), bytes)),
        What::Received(bytes) => ("received", message(call.method.reply(), bytes)),
        What::EndOfStream => ("end of stream", Value::Null),
    };
    json!({ "event": event, "call": call.id.0, "at_us": entry.at.as_micros() as u64, "message": content })
}

/// A message as JSON; if it is broken, its bytes in hex.
fn message(message: &MessageType, bytes: &[u8]) -> Value {
    let written = message.json(bytes, MAX_MESSAGE);
    serde_json::from_str(&written).unwrap_or_else(|_| match message.show(bytes, MAX_MESSAGE) {
        Shown::Broken { error, hex } => json!({ "hex": hex, "error": error }),
        Shown::Text { text, .. } | Shown::Json { text, .. } => Value::String(text),
    })
}

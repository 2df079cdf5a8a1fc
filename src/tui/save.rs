//! Transcripts as text for people, or as JSON lines for programs. Pure; writing them is an effect.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{action::Saved, model::Call};
use crate::{
    rpc::{Entry, What, status::code_name},
    schema::{MessageType, Shown},
    text,
    tui::model::State,
};

/// The most text of one message. More than any message that is kept.
const MAX_MESSAGE: usize = 16 << 20;

/// The calls in the wanted form.
pub fn transcript(calls: &[Call], form: Saved) -> String {
    let mut out = String::new();
    for call in calls {
        match form {
            Saved::Text => as_text(call, &mut out),
            Saved::JsonLines => as_json_lines(call, &mut out),
        }
    }
    out
}

/// A message in the words of its row, controls and line breaks as marks.
fn words(message: &MessageType, bytes: &[u8]) -> String {
    let shown = match message.show(bytes, MAX_MESSAGE) {
        Shown::Text { text, .. } | Shown::Json { text, .. } => text,
        Shown::Broken { error, hex } => format!("{hex} ({error})"),
    };
    text::safe(&shown).into_owned()
}

fn as_text(call: &Call, out: &mut String) {
    let _ = write!(out, "#{} {}", call.id.0, text::safe(call.method.full_name()));
    if let Some(request) = &call.request {
        let _ = write!(out, " → {}", words(call.method.request(), request));
    }
    out.push('\n');
    for (number, entry) in call.record.entries().enumerate() {
        let at = text::elapsed(entry.at);
        let _ = match &entry.what {
            What::Sent(bytes) => writeln!(out, "  +{at:<9} → {}", words(call.method.request(), bytes)),
            What::EndOfStream => writeln!(out, "  +{at:<9} → end of stream"),
            What::Received(bytes) => writeln!(out, "  +{at:<9} ← {}", words(call.method.reply(), bytes)),
        };
        if number == 0 && call.record.let_go() > 0 {
            let _ = writeln!(out, "  … {} counted, no longer kept", text::count(call.record.let_go()));
        }
    }
    let _ = match &call.state {
        State::Live(_) => writeln!(out, "  live"),
        State::Ended { status, after, .. } if status.is_ok() => {
            writeln!(out, "  OK {}", text::elapsed(*after))
        }
        State::Ended { status, after, .. } => {
            let (message, origin) = (text::safe(&status.message), status.origin.to_string());
            writeln!(out, "  {status} {} · {message} · {}", text::elapsed(*after), text::safe(&origin))
        }
    };
    out.push('\n');
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
            "message": status.message, "origin": status.origin.to_string(),
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

/// A message as JSON; its bytes in hex where it is none.
fn message(message: &MessageType, bytes: &[u8]) -> Value {
    let written = message.json(bytes, MAX_MESSAGE);
    serde_json::from_str(&written).unwrap_or_else(|_| match message.show(bytes, MAX_MESSAGE) {
        Shown::Broken { error, hex } => json!({ "hex": hex, "error": error }),
        Shown::Text { text, .. } | Shown::Json { text, .. } => Value::String(text),
    })
}

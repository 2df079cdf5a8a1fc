//! The form of `--json`: a line for every event, as `docs/json.md` describes it field by field.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{Style, Subject};
use crate::{
    commands::{json::Line, output::Output},
    rpc::{CallEvent, Counts, What, status::code_name},
    schema::{MessageType, Unreadable, details_of},
};

/// What a call begins with.
pub(super) fn start(subject: &Subject) -> String {
    let Subject { method, source, target, .. } = subject;
    let mut line = event("start", subject, Duration::ZERO);
    line.text("method", method.path().as_str());
    line.text("kind", method.kind().word()).text("schema", &source.to_string()).text("target", target);
    line.end()
}

/// Prints a reply. Its line is there even where it is unreadable.
pub(super) fn reply(
    subject: &Subject,
    at: Duration,
    bytes: &[u8],
    output: &mut Output,
) -> Result<(), Unreadable> {
    let mut line = event("message", subject, at);
    let written = message(&mut line, subject.method.reply(), bytes);
    output.data(&line.end());
    written
}

/// Tells what was sent.
pub(super) fn sent(subject: &Subject, what: &What, at: Duration, output: &mut Output) {
    let line = match what {
        What::Sent(bytes) => {
            let mut line = event("sent", subject, at);
            // That what was written here can be read is not the server's business.
            let _readable = message(&mut line, subject.method.request(), bytes);
            line
        }
        What::EndOfStream => event("half-close", subject, at),
        What::Received(_) => return,
    };
    output.data(&line.end());
}

/// Tells something in the call's life. `fault` is what is wrong with a call that ended well.
pub(super) fn life(
    subject: &Subject,
    style: Style,
    happened: &CallEvent,
    counts: Counts,
    fault: Option<&str>,
    output: &mut Output,
) {
    match happened {
        CallEvent::Waiting { at, cause } => {
            let mut line = event("waiting", subject, *at);
            line.text("cause", cause);
            output.data(&line.end());
        }
        CallEvent::Queued { at } if style.is_verbose => output.data(&event("queued", subject, *at).end()),
        CallEvent::Started { at, stream_id, headers } if style.is_verbose => {
            let mut line = event("request", subject, *at);
            line.number("stream", u64::from(*stream_id)).metadata("metadata", headers, style.secrets);
            output.data(&line.end());
        }
        CallEvent::Queued { .. } | CallEvent::Started { .. } | CallEvent::RequestSent { .. } => {}
        CallEvent::Headers { at, http_status, headers } => {
            let mut line = event("headers", subject, *at);
            line.number("http_status", u64::from(*http_status)).metadata("metadata", headers, style.secrets);
            output.data(&line.end());
        }
        CallEvent::Ended { at, status, trailers } => {
            if let Some(trailers) = trailers {
                let mut line = event("trailers", subject, *at);
                line.metadata("metadata", trailers, style.secrets);
                output.data(&line.end());
            }
            let mut line = event("status", subject, *at);
            line.number("code", status.code as u64).text("name", code_name(status.code));
            line.text("message", &status.message).text("origin", &status.origin.to_string());
            if let Some(heard) = status.heard() {
                line.text("heard", &heard);
            }
            line.texts("details", details_of(status).iter().map(String::as_str));
            line.number("sent", counts.sent).number("sent_bytes", counts.sent_bytes);
            line.number("received", counts.received).number("received_bytes", counts.received_bytes);
            if let Some(fault) = fault.filter(|_| status.is_ok()) {
                line.text("fault", fault);
            }
            output.data(&line.end());
        }
    }
}

fn event(name: &str, subject: &Subject, at: Duration) -> Line {
    let mut line = Line::of_event(name);
    line.number("call", u64::from(subject.id.0)).number("at_us", at.as_micros() as u64);
    line
}

/// A message's size and content; where it cannot be read, why, and its bytes.
fn message(line: &mut Line, message: &MessageType, bytes: &[u8]) -> Result<(), Unreadable> {
    line.number("size", bytes.len() as u64);
    match message.whole_json(bytes) {
        Ok(json) => {
            line.json("message", &json);
            Ok(())
        }
        Err(why) => {
            line.json("message", "null").text("error", &why.to_string());
            line.text("bytes", &BASE64_STANDARD.encode(bytes));
            Err(why)
        }
    }
}

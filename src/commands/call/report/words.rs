//! The plain form: replies on stdout, and with `-v` what lies around them on stderr, arrows saying whose it is.

use std::time::Duration;

use http::HeaderMap;

use super::{Style, Subject};
use crate::{
    commands::output::Output,
    rpc::{CallEvent, Counts, What, metadata},
    schema::{Unreadable, Whole},
    text::{self, Secrets},
};

/// The most bytes of a value of metadata that are shown.
const MAX_VALUE: usize = 1_000;
/// The most pairs of metadata that are shown.
const MAX_PAIRS: usize = 100;

/// Prints a reply.
pub(super) fn reply(
    subject: &Subject,
    style: Style,
    at: Duration,
    bytes: &[u8],
    output: &mut Output,
) -> Result<(), Unreadable> {
    if style.is_verbose {
        output.talk(&format!("← message, {} +{}", text::size(bytes.len() as u64), text::elapsed(at)));
    }
    match subject.method.reply().whole(bytes)? {
        Whole::Text(text) => output.foreign(&text),
        Whole::Json(json) => output.data(&text::safe_json(&json)),
    }
    Ok(())
}

/// Tells what was sent.
pub(super) fn sent(what: &What, at: Duration, output: &mut Output) {
    let what = match what {
        What::Sent(bytes) => format!("message, {}", text::size(bytes.len() as u64)),
        What::EndOfStream => "end of stream".to_owned(),
        What::Received(_) => return,
    };
    output.talk(&format!("→ {what} +{}", text::elapsed(at)));
}

/// Tells something in the call's life.
pub(super) fn life(
    subject: &Subject,
    style: Style,
    happened: &CallEvent,
    counts: Counts,
    output: &mut Output,
) {
    match happened {
        CallEvent::Queued { at } => {
            output.talk(&format!("queued: the server takes no further stream now +{}", text::elapsed(*at)));
        }
        CallEvent::Started { at, stream_id, headers } => {
            let Subject { method, source, target, .. } = subject;
            let (path, kind) = (method.path(), method.kind().word());
            let at = text::elapsed(*at);
            output.talk(&format!("→ {path} · {kind} · {source} · {target} · stream {stream_id} +{at}"));
            pairs('→', headers, style.secrets, output);
        }
        // Of waiting is told when it begins, whatever is known of the method.
        CallEvent::Waiting { .. } | CallEvent::RequestSent { .. } => {}
        CallEvent::Headers { at, http_status, headers } => {
            output.talk(&format!("← headers, HTTP {http_status} +{}", text::elapsed(*at)));
            pairs('←', headers, style.secrets, output);
        }
        CallEvent::Ended { at, status, trailers } => {
            if let Some(trailers) = trailers {
                output.talk(&format!("← trailers +{}", text::elapsed(*at)));
                pairs('←', trailers, style.secrets, output);
            }
            let total = |count, what, bytes| format!("{} {what} ({})", text::count(count), text::size(bytes));
            let sent = total(counts.sent, "sent", counts.sent_bytes);
            let received = total(counts.received, "received", counts.received_bytes);
            let at = text::elapsed(*at);
            output.talk(&format!("{status} · {sent} · {received} · {at}"));
        }
    }
}

fn pairs(arrow: char, headers: &HeaderMap, secrets: Secrets, output: &mut Output) {
    for (key, value) in headers.iter().take(MAX_PAIRS) {
        output.talk(&format!("{arrow} {key}: {}", metadata::seen(key, value, MAX_VALUE, secrets)));
    }
    let more = headers.len().saturating_sub(MAX_PAIRS);
    if more > 0 {
        output.talk(&format!("{arrow} … and {more} more"));
    }
}

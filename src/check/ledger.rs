//! What was seen of every response, and whether gRPC prescribes it so.
//!
//! Source: <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>, Responses. A fault is told
//! under one rule, the first that explains it: an HTML page has no trailers either.

use std::sync::{Arc, Mutex, MutexGuard};

use http::HeaderMap;

use super::{
    Unmet, Verdict,
    table::{Rule, counted},
};
use crate::{
    held::lock,
    rpc::{Cause, Origin, Status, is_grpc},
};

/// Clones are the same ledger.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    inner: Arc<Mutex<Seen>>,
}

/// Whether a response keeps the rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Keeping {
    #[default]
    Kept,
    Broken,
}

#[derive(Debug, Default)]
struct Seen {
    responses: usize,
    messages: usize,
    content_type: Option<String>,
    /// The first of each rule.
    faults: Vec<(Rule, String)>,
}

impl Ledger {
    /// A response's headers came. The method is told of where something is wrong.
    pub(super) fn headers(&self, method: &str, http_status: u16, headers: &HeaderMap) -> Keeping {
        let mut seen = self.lock();
        seen.responses += 1;
        let found = headers.get("content-type").map(|value| shown(value.as_bytes()));
        if http_status != 200 {
            seen.fault(Rule::HttpStatus, format!("HTTP {http_status} from {method}"));
        } else if !is_grpc(headers) {
            let found = found.as_deref().unwrap_or("none");
            seen.fault(Rule::ContentType, format!("{found} from {method}"));
        } else if seen.content_type.is_none() {
            seen.content_type = found;
        }
        // Headers that are the end hold the status.
        seen.status(method, headers)
    }

    /// A message came.
    pub(super) fn message(&self) {
        self.lock().messages += 1;
    }

    /// A response ended. Tells whether it did as gRPC prescribes.
    pub(super) fn ended(&self, method: &str, status: &Status, trailers: Option<&HeaderMap>) -> Keeping {
        let mut seen = self.lock();
        match &status.origin {
            Origin::Http { .. } => {
                if !seen.explains(&[Rule::HttpStatus, Rule::ContentType]) {
                    seen.fault(Rule::Trailers, format!("no grpc-status from {method}"));
                }
                Keeping::Broken
            }
            Origin::Here(Cause::BadResponse(how)) => {
                seen.fault(Rule::Framing, format!("{method}: {how}"));
                Keeping::Broken
            }
            _ => trailers.map_or(Keeping::Kept, |trailers| seen.status(method, trailers)),
        }
    }

    /// Whether a rule was kept in all that was seen.
    pub(super) fn verdict(&self, rule: Rule) -> Verdict {
        let seen = self.lock();
        if let Some((_, fault)) = seen.faults.iter().find(|(broken, _)| *broken == rule) {
            return Err(Unmet::Wrong(fault.clone()));
        }
        let responses = counted(seen.responses, "response", "responses");
        match rule {
            _ if seen.responses == 0 => Err(Unmet::Untold("no response came".to_owned())),
            Rule::HttpStatus => Ok(format!("200 in {responses}")),
            // Whether what lies beneath a wrong response would be right cannot be told.
            Rule::ContentType => {
                seen.content_type.clone().ok_or_else(|| Unmet::Untold("no gRPC response came".to_owned()))
            }
            Rule::Trailers if seen.content_type.is_none() => {
                Err(Unmet::Untold("no gRPC response came".to_owned()))
            }
            Rule::Trailers => Ok("grpc-status in each".to_owned()),
            Rule::Framing if seen.messages == 0 => Err(Unmet::Untold("no message came".to_owned())),
            Rule::Framing => Ok(counted(seen.messages, "message", "messages")),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        lock(&self.inner)
    }
}

impl Seen {
    fn fault(&mut self, rule: Rule, words: String) {
        if !self.explains(&[rule]) {
            self.faults.push((rule, words));
        }
    }

    fn status(&mut self, method: &str, trailers: &HeaderMap) -> Keeping {
        let said = trailers.get("grpc-status").map(http::HeaderValue::as_bytes);
        let Some(said) = said.filter(|said| !is_code(said)) else { return Keeping::Kept };
        self.fault(Rule::Trailers, format!("grpc-status: {} from {method}", shown(said)));
        Keeping::Broken
    }

    fn explains(&self, rules: &[Rule]) -> bool {
        self.faults.iter().any(|(broken, _)| rules.contains(broken))
    }
}

/// The beginning of a header's value.
fn shown(value: &[u8]) -> String {
    String::from_utf8_lossy(value).chars().take(60).collect()
}

/// The seventeen codes, in ASCII digits.
fn is_code(said: &[u8]) -> bool {
    let digits = said.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(said).ok().and_then(|said| said.parse::<u8>().ok());
    digits && number.is_some_and(|number| number <= 16)
}

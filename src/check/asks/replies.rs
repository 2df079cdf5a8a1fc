//! What is said to names that are sent together.

use std::time::Duration;

use crate::{
    check::{
        Unmet, Verdict, expected,
        session::Session,
        table::{LARGE, counted},
        talk::{Heard, says as reply_says, told},
    },
    schema::Method,
    text,
};

/// The replies, one by one, as far as they come: their number is another check's.
pub(super) async fn says(session: &Session, method: &Method, names: &[&str]) -> Verdict {
    let expected = expected::replies(method.kind(), names);
    let limit = session.patience();
    let heard = session.ask(method, names, expected.len())?.over(limit).await;
    compare(method, &heard, &expected, limit)?;
    Ok(heard.replies.first().map(|first| told(method.reply(), first)).unwrap_or_default())
}

pub(super) async fn says_large(session: &Session, method: &Method) -> Verdict {
    let name = "n".repeat(LARGE);
    let expected = expected::replies(method.kind(), &[&name]);
    let limit = session.patience();
    let heard = session.ask(method, &[&name], expected.len())?.over(limit).await;
    compare(method, &heard, &expected, limit)?;
    Ok(text::size(LARGE as u64))
}

/// How many replies come, and that the call ends with OK.
pub(super) async fn counts(session: &Session, method: &Method, names: &[&str]) -> Verdict {
    let due = expected::replies(method.kind(), names).len();
    let limit = session.patience();
    let heard = session.ask(method, names, due)?.over(limit).await;
    count(&heard, due, limit)?;
    Ok(format!("{}, then OK", counted(due, "reply", "replies")))
}

/// Whether the replies are these, as far as they came; at least one came where one was due.
pub(super) fn compare(
    method: &Method,
    heard: &Heard,
    expected: &[String],
    limit: Duration,
) -> Result<(), Unmet> {
    for (at, (bytes, expected)) in heard.replies.iter().zip(expected).enumerate() {
        if !reply_says(method.reply(), bytes, expected) {
            let came = told(method.reply(), bytes);
            let is_only = heard.count() == 1;
            return Err(Unmet::Wrong(if is_only { came } else { format!("{came} as reply {}", at + 1) }));
        }
    }
    if heard.count() == 0 && !expected.is_empty() { Err(heard.why(limit)) } else { Ok(()) }
}

/// Whether so many replies came, and nothing was wrong with their end but what another check tells.
fn count(heard: &Heard, due: usize, limit: Duration) -> Result<(), Unmet> {
    let is_as_due = heard.count() == due;
    match heard.why(limit) {
        _ if heard.is_ok() && is_as_due => Ok(()),
        // The replies are there; that their end is not as gRPC has it, the protocol's checks tell.
        Unmet::Untold(_) if is_as_due => Ok(()),
        why => Err(why),
    }
}

/// Whether as many replies came as were due, or more, however the call ended.
pub(super) fn all_came(heard: &Heard, due: usize, limit: Duration) -> Result<(), Unmet> {
    if heard.end.is_some() && heard.count() >= due { Ok(()) } else { Err(heard.why(limit)) }
}

//! The life of calls beside each other, and calls of what is not there.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use http::uri::PathAndQuery;

use super::replies::{all_came, compare};
use crate::{
    check::{
        Unmet, Verdict, expected,
        session::{Session, request},
        table::{AT_ONCE, DEADLINE_MS, counted},
        talk::{Talk, in_words},
    },
    rpc::{Code, Origin},
    schema::{Kind, Method},
    text,
};

/// Two calls are open, one is cancelled, the other goes on to its end.
pub(super) async fn cancel(session: &Session, method: &Method) -> Verdict {
    let limit = session.patience();
    let names = ["Eve", "Frank"];
    let expected = expected::replies(method.kind(), &names);
    let (mut cancelled, mut other) = (session.open_stream(method), session.open_stream(method));
    for talk in [&mut cancelled, &mut other] {
        let _taken = talk.send(request(method, names[0])?, 1);
        // The middle of a bidi call is behind its first reply; whether that comes at once is another check.
        talk.until(session.limits.quiet, |heard| heard.count() > 0).await;
    }
    cancelled.call.cancel();
    cancelled.over(limit).await;
    let _taken = other.send(request(method, names[1])?, expected.len());
    other.call.half_close();
    let heard = other.over(limit).await;
    all_came(&heard, expected.len(), limit).map_err(|why| still(why, "from the other call"))?;
    compare(method, &heard, &expected, limit)?;
    Ok("the other goes on".to_owned())
}

fn still(why: Unmet, when: &str) -> Unmet {
    match why {
        Unmet::Wrong(why) => Unmet::Wrong(format!("{why}, {when}")),
        Unmet::Silent(why) => Unmet::Silent(format!("{why}, {when}")),
        why => why,
    }
}

/// A call that nobody ends is ended by the server when its deadline is over.
pub(super) async fn deadline(session: &Session, method: &Method) -> Verdict {
    let deadline = Duration::from_millis(DEADLINE_MS.into());
    let limit = deadline + session.patience();
    let began = Instant::now();
    let heard = session.open_until(method, DEADLINE_MS).over(limit).await;
    let took = began.elapsed();
    let Some(status) = &heard.end else {
        return Err(Unmet::Silent(format!("a call that is still open after {}", text::elapsed(took))));
    };
    let after = format!("{} after {}", in_words(status), text::elapsed(took));
    match (&status.origin, status.code) {
        // Some implementations of gRPC say CANCELLED, some only reset the stream.
        (Origin::Trailers, Code::DeadlineExceeded | Code::Cancelled) | (Origin::Reset(_), _)
            if took * 2 > deadline =>
        {
            Ok(status.to_string())
        }
        (Origin::Trailers | Origin::Reset(_), _) => Err(match heard.why(limit) {
            Unmet::Missing => Unmet::Missing,
            _ => Unmet::Wrong(after),
        }),
        _ => Err(heard.why(limit)),
    }
}

/// Many calls on one connection, each with a name of its own.
pub(super) async fn at_once(session: &Session) -> Verdict {
    let method = session.method(&[Kind::Unary])?;
    let limit = session.limits.long.min(session.patience() * 2);
    let names: Vec<String> = (1..=AT_ONCE).map(|number| format!("caller {number}")).collect();
    let talks: Result<Vec<Talk>, Unmet> = names.iter().map(|name| session.ask(&method, &[name], 1)).collect();
    let heard = join_all(talks?.into_iter().map(|talk| talk.over(limit))).await;
    let mut answered = 0;
    let mut fault = None;
    for (name, heard) in names.iter().zip(&heard) {
        let expected = expected::replies(method.kind(), &[name]);
        match compare(&method, heard, &expected, limit) {
            Ok(()) => answered += 1,
            Err(why) => drop(fault.get_or_insert(why)),
        }
    }
    match fault {
        None => Ok(counted(answered, "reply", "replies")),
        Some(Unmet::Wrong(why) | Unmet::Silent(why)) => {
            Err(Unmet::Wrong(format!("{answered} of {AT_ONCE}; one got {why}")))
        }
        Some(why) => Err(why),
    }
}

/// A method that the service does not have.
pub(super) async fn no_method(session: &Session) -> Verdict {
    unimplemented(session, &format!("/{}/NobodyHasThisMethod", session.contract.name())).await
}

/// A service that the server does not have.
pub(super) async fn no_service(session: &Session) -> Verdict {
    unimplemented(session, "/nobody.HasThisService/Method").await
}

async fn unimplemented(session: &Session, path: &str) -> Verdict {
    let path = PathAndQuery::try_from(path).map_err(|error| Unmet::Untold(error.to_string()))?;
    let limit = session.patience();
    let heard = session.ask_path(path).over(limit).await;
    match heard.why(limit) {
        Unmet::Missing => Ok("UNIMPLEMENTED (12)".to_owned()),
        why => Err(why),
    }
}

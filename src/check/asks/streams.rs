//! Names sent one after the other: who waits for whom, and very many of them.

use super::replies::{all_came, compare};
use crate::{
    check::{
        Unmet, Verdict, expected,
        session::{Session, request},
        table::{MANY, counted},
        talk::{short, told},
    },
    schema::{Kind, Method},
    text,
};

/// Each name is answered before the next is sent.
pub(super) async fn in_turn(session: &Session, method: &Method, names: &[&str]) -> Verdict {
    let limit = session.patience();
    let expected = expected::replies(method.kind(), names);
    let mut talk = session.open_stream(method);
    for (at, name) in names.iter().enumerate() {
        let due = at + 1;
        // What is not taken any more, the call's end explains.
        let _taken = talk.send(request(method, name)?, due);
        let heard = talk.until(limit, |heard| heard.count() >= due).await;
        if heard.count() < due {
            return Err(match heard.why(limit) {
                Unmet::Silent(_) => Unmet::Silent(format!("nothing for {} after {name}", short(limit))),
                why => why,
            });
        }
        compare(method, heard, &expected, limit)?;
    }
    talk.call.half_close();
    // How it ends is another check.
    talk.over(limit).await;
    Ok(format!("{} in turn", counted(names.len(), "reply", "replies")))
}

/// A call that is not over before half-close, and then is.
pub(super) async fn waits(session: &Session, method: &Method, names: &[&str]) -> Verdict {
    let limit = session.patience();
    let expected = expected::replies(method.kind(), names);
    let replies_early = method.kind() == Kind::Bidi;
    let mut talk = session.open_stream(method);
    for name in names {
        let _taken = talk.send(request(method, name)?, expected.len());
    }
    let is_early = |count: usize| count > 0 && !replies_early;
    let heard = talk.until(session.limits.quiet, |heard| is_early(heard.count())).await;
    if let Some(early) = heard.replies.first().filter(|_| is_early(heard.count())) {
        return Err(Unmet::Wrong(format!("{} before half-close", told(method.reply(), early))));
    }
    if heard.is_over() {
        return Err(match heard.why(limit) {
            Unmet::Wrong(why) => Unmet::Wrong(format!("{why} before half-close")),
            why => why,
        });
    }
    talk.call.half_close();
    let heard = talk.over(limit).await;
    all_came(&heard, expected.len(), limit)?;
    Ok("ended by half-close".to_owned())
}

/// Ten thousand names at once.
pub(super) async fn many(session: &Session, method: &Method) -> Verdict {
    let limit = session.limits.long;
    // In any order that a server may sort them, they are in this one.
    let names: Vec<String> = (1..=MANY).map(|number| format!("{number:05}")).collect();
    let expected = expected::replies(method.kind(), &names);
    let heard = session.ask(method, &names, expected.len())?.over(limit).await;
    compare(method, &heard, &expected, limit)?;
    all_came(&heard, expected.len(), limit)?;
    Ok(match method.kind() {
        Kind::Bidi => format!("{} replies", text::count(MANY as u64)),
        _ => "one greeting for all".to_owned(),
    })
}

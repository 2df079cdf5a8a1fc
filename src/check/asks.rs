//! How each check is made. What comes of it is what came, or why what was expected did not.

mod calls;
mod offers;
mod replies;
mod streams;

use super::{
    Verdict,
    session::Session,
    table::{Ask, Check, Group},
};
use crate::schema::Kind;

/// Makes one check.
pub(super) async fn make(session: &Session, check: &Check) -> Verdict {
    let kinds: &[Kind] = match check.group {
        Group::Method(Kind::Unary) => &[Kind::Unary],
        Group::Method(Kind::ServerStream) => &[Kind::ServerStream],
        Group::Method(Kind::ClientStream) => &[Kind::ClientStream],
        Group::Method(Kind::Bidi) => &[Kind::Bidi],
        // A call that stays open.
        _ => &[Kind::ClientStream, Kind::Bidi],
    };
    let method = || session.method(kinds);
    match &check.ask {
        Ask::Says(names) => replies::says(session, &method()?, names).await,
        Ask::SaysLarge => replies::says_large(session, &method()?).await,
        Ask::Counts(names) => replies::counts(session, &method()?, names).await,
        Ask::InTurn(names) => streams::in_turn(session, &method()?, names).await,
        Ask::Waits(names) => streams::waits(session, &method()?, names).await,
        Ask::Many => streams::many(session, &method()?).await,
        Ask::Cancel => calls::cancel(session, &session.method(&[Kind::Bidi, Kind::ClientStream])?).await,
        Ask::Deadline => calls::deadline(session, &method()?).await,
        Ask::AtOnce => calls::at_once(session).await,
        Ask::NoMethod => calls::no_method(session).await,
        Ask::NoService => calls::no_service(session).await,
        Ask::Seen(rule) => session.ledger.verdict(*rule),
        Ask::Reflection => offers::reflection(session).await,
        Ask::Health => offers::health(session).await,
    }
}

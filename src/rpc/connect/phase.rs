//! Where a channel stands, and what a call that wants a connection does about it.

use std::sync::Arc;

use super::{super::connection::Connection, NoConnection, Readiness};

/// Where the channel stands, as its calls need to know it.
#[derive(Debug)]
pub(super) enum Phase<C = Connection> {
    /// `last` is why the attempt before failed; `None` where none did: at first, and after a good connection.
    Connecting { attempt: u64, last: Option<Arc<str>> },
    /// Streams begin on this connection.
    Ready(Arc<C>),
    /// A pause before the next attempt. The attempts up to `failed` have failed. The latest is not among them if it
    /// led to a connection that the server then ended in good order.
    Lost { failed: u64, cause: Arc<str> },
    /// For good.
    Closed,
}

/// What a call does next.
#[derive(Debug)]
pub(super) enum Step<C = Connection> {
    /// It has its connection.
    Use(Arc<C>),
    /// It gets none.
    Over(NoConnection),
    /// It waits for the next phase. `why` is what keeps it waiting, where something failed; `kick` asks for the
    /// next attempt now.
    Wait { why: Option<Arc<str>>, kick: bool },
}

impl<C> Phase<C> {
    /// The attempt that a call waits for if it comes now.
    pub(super) fn awaited(&self) -> Option<u64> {
        match self {
            Self::Connecting { attempt, .. } => Some(*attempt),
            Self::Lost { failed, .. } => Some(failed + 1),
            Self::Ready(_) | Self::Closed => None,
        }
    }

    /// What a call does that wants a connection other than `not`, which turned out to be over. `ours` is the
    /// first attempt that it waited for: its failure is the call's, that of an earlier one is not.
    pub(super) fn step(&self, not: Option<&Arc<C>>, ours: Option<u64>, readiness: Readiness) -> Step<C> {
        match self {
            Self::Closed => Step::Over(NoConnection::Closed),
            Self::Ready(connection) if not.is_none_or(|not| !Arc::ptr_eq(not, connection)) => {
                Step::Use(Arc::clone(connection))
            }
            // The channel does not know yet that it is over.
            Self::Ready(_) => Step::Wait { why: None, kick: false },
            Self::Connecting { last, .. } => Step::Wait { why: last.clone(), kick: false },
            Self::Lost { failed, cause } => match readiness {
                Readiness::FailFast if ours.is_some_and(|ours| ours <= *failed) => {
                    Step::Over(NoConnection::Lost(Arc::clone(cause)))
                }
                Readiness::FailFast => Step::Wait { why: Some(Arc::clone(cause)), kick: true },
                // Once: a call that waits longer leaves the pauses between the attempts as they are.
                Readiness::WaitForReady => Step::Wait { why: Some(Arc::clone(cause)), kick: ours.is_none() },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAIL_FAST: Readiness = Readiness::FailFast;
    const WAIT: Readiness = Readiness::WaitForReady;

    fn connecting(attempt: u64, last: Option<&str>) -> Phase<()> {
        Phase::Connecting { attempt, last: last.map(Into::into) }
    }

    fn lost(failed: u64) -> Phase<()> {
        Phase::Lost { failed, cause: "refused".into() }
    }

    /// The step in a word or two.
    fn words(step: &Step<()>) -> String {
        match step {
            Step::Use(_) => "use".to_owned(),
            Step::Over(NoConnection::Lost(cause)) => format!("over: {cause}"),
            Step::Over(NoConnection::Closed) => "over".to_owned(),
            Step::Wait { why, kick } => {
                let verb = if *kick { "kick" } else { "wait" };
                why.as_ref().map_or_else(|| verb.to_owned(), |why| format!("{verb}: {why}"))
            }
        }
    }

    #[test]
    fn a_call_waits_for_an_attempt_of_its_own_and_fails_with_that() {
        for (phase, ours, readiness, expected) in [
            (Phase::Closed, None, FAIL_FAST, "over"),
            (Phase::Closed, None, WAIT, "over"),
            // In the first attempt and after a good connection, nothing failed.
            (connecting(1, None), None, FAIL_FAST, "wait"),
            (connecting(2, Some("refused")), None, FAIL_FAST, "wait: refused"),
            (connecting(2, Some("refused")), Some(1), WAIT, "wait: refused"),
            // What failed before the call came is not its own.
            (lost(1), None, FAIL_FAST, "kick: refused"),
            (lost(1), Some(1), FAIL_FAST, "over: refused"),
            (lost(2), Some(1), FAIL_FAST, "over: refused"),
            // The second attempt led to a connection that went away in good order.
            (lost(1), Some(2), FAIL_FAST, "kick: refused"),
            (lost(1), None, WAIT, "kick: refused"),
            (lost(1), Some(1), WAIT, "wait: refused"),
            (lost(9), Some(1), WAIT, "wait: refused"),
        ] {
            assert_eq!(
                words(&phase.step(None, ours, readiness)),
                expected,
                "{phase:?} {ours:?} {readiness:?}"
            );
        }
    }

    #[test]
    fn a_connection_is_used_until_it_turns_out_to_be_over() {
        let (old, new) = (Arc::new(()), Arc::new(()));
        let ready = Phase::Ready(Arc::clone(&old));
        assert_eq!(words(&ready.step(None, None, FAIL_FAST)), "use");
        assert_eq!(words(&ready.step(Some(&new), None, FAIL_FAST)), "use");
        assert_eq!(words(&ready.step(Some(&old), None, FAIL_FAST)), "wait");
    }

    #[test]
    fn a_call_waits_for_the_attempt_that_is_under_way_or_comes_next() {
        assert_eq!(connecting(3, None).awaited(), Some(3));
        assert_eq!(lost(3).awaited(), Some(4));
        assert_eq!(Phase::Ready(Arc::new(())).awaited(), None);
        assert_eq!(Phase::<()>::Closed.awaited(), None);
    }
}

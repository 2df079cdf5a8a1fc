//! The queue before a connection that allows only so many streams at once.
//!
//! HTTP/2 lets the server limit the streams (`SETTINGS_MAX_CONCURRENT_STREAMS`, RFC 9113, section
//! 5.1.2). h2 has a queue for that too, but what waits there is sent even if it was cancelled.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::sync::oneshot;

use crate::held::lock;

/// Lets calls pass in the order of their coming, as many at a time as the peer allows.
#[derive(Debug, Default)]
pub(super) struct Gate {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    limit: usize,
    passed: usize,
    waiting: BTreeMap<u64, oneshot::Sender<()>>,
    next: u64,
    closed: bool,
}

/// The right to one stream, until it is dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    gate: Arc<Gate>,
}

/// A place in the queue. Dropping it leaves the queue.
#[derive(Debug)]
pub(super) struct Place {
    gate: Arc<Gate>,
    number: u64,
    turn: oneshot::Receiver<()>,
}

/// What came of asking for a stream.
#[derive(Debug)]
pub(super) enum Admission {
    /// Now.
    Passed(Ticket),
    /// Not now.
    Queued(Place),
    /// Never: no new stream begins on this connection.
    Closed,
}

impl Gate {
    /// Asks for a stream.
    pub(super) fn enter(self: &Arc<Self>) -> Admission {
        let mut inner = self.lock();
        if inner.closed {
            return Admission::Closed;
        }
        if inner.passed < inner.limit && inner.waiting.is_empty() {
            inner.passed += 1;
            return Admission::Passed(Ticket { gate: Arc::clone(self) });
        }
        let (call_up, turn) = oneshot::channel();
        let number = inner.next;
        inner.next += 1;
        inner.waiting.insert(number, call_up);
        Admission::Queued(Place { gate: Arc::clone(self), number, turn })
    }

    /// How many streams there are.
    pub(super) fn streams(&self) -> usize {
        self.lock().passed
    }

    /// Takes the limit that the peer set last.
    pub(super) fn set_limit(&self, limit: usize) {
        let mut inner = self.lock();
        if inner.limit != limit {
            inner.limit = limit;
            inner.admit();
        }
    }

    /// Sends everybody away who waits or comes from now on.
    pub(super) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        inner.waiting.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }
}

impl Inner {
    fn admit(&mut self) {
        while self.passed < self.limit
            && let Some((_, call_up)) = self.waiting.pop_first()
        {
            if call_up.send(()).is_ok() {
                self.passed += 1;
            }
        }
    }

    fn give_back(&mut self) {
        self.passed -= 1;
        self.admit();
    }
}

impl Place {
    /// Waits for its turn; `None` when the gate was closed.
    pub(super) async fn called(mut self) -> Option<Ticket> {
        (&mut self.turn).await.ok()?;
        let ticket = Ticket { gate: Arc::clone(&self.gate) };
        // The gate may have closed since then. It is unlocked before the ticket can be dropped, which locks it again.
        let is_closed = self.gate.lock().closed;
        (!is_closed).then_some(ticket)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inner = self.gate.lock();
        inner.waiting.remove(&self.number);
        if self.turn.try_recv().is_ok() {
            // Its turn came, and nobody took it.
            inner.give_back();
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.gate.lock().give_back();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn gate(limit: usize) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        gate.set_limit(limit);
        gate
    }

    fn passed(gate: &Arc<Gate>) -> Ticket {
        match gate.enter() {
            Admission::Passed(ticket) => ticket,
            other => panic!("{other:?}"),
        }
    }

    fn queued(gate: &Arc<Gate>) -> Place {
        match gate.enter() {
            Admission::Queued(place) => place,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn turns_come_in_the_order_of_coming() {
        let gate = gate(1);
        let first = passed(&gate);
        let (mut second, mut third) = (Box::pin(queued(&gate).called()), Box::pin(queued(&gate).called()));
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert!(third.as_mut().now_or_never().is_none());
        let ticket = second.now_or_never().flatten().unwrap();
        drop(ticket);
        assert!(third.now_or_never().flatten().is_some());
    }

    #[test]
    fn who_leaves_the_queue_is_passed_over_even_when_called_up() {
        let gate = gate(1);
        let first = passed(&gate);
        let (leaves, called_up, last) = (queued(&gate), queued(&gate), queued(&gate));
        drop(leaves);
        drop(first);
        drop(called_up);
        assert!(last.called().now_or_never().flatten().is_some());
    }

    #[test]
    fn a_raised_limit_calls_up_and_a_lowered_one_holds_back() {
        let gate = gate(0);
        let place = queued(&gate);
        gate.set_limit(1);
        let ticket = place.called().now_or_never().flatten().unwrap();
        gate.set_limit(0);
        let place = queued(&gate);
        drop(ticket);
        gate.set_limit(1);
        assert!(place.called().now_or_never().flatten().is_some());
    }

    #[test]
    fn a_closed_gate_sends_everybody_away() {
        let gate = gate(0);
        let place = queued(&gate);
        gate.close();
        assert!(place.called().now_or_never().unwrap().is_none());
        assert!(matches!(gate.enter(), Admission::Closed));
    }

    #[test]
    fn who_was_called_up_just_before_the_gate_closed_is_sent_away_as_well() {
        let gate = gate(0);
        let place = queued(&gate);
        gate.set_limit(1);
        gate.close();
        assert!(place.called().now_or_never().unwrap().is_none());
        assert_eq!(gate.streams(), 0);
    }
}

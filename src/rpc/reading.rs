//! Whether a call's replies are read on.
//!
//! The screen always reads, however slow it is: what it cannot look at is counted and let go. So nobody would ever see
//! a server wait. Whoever stops reading keeps the stream's window shut (RFC 9113, section 5.2): what the peer may still
//! send arrives, and then it has to wait, as it does for a client that is too slow.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    task::Context,
};

use futures_util::task::AtomicWaker;

/// Shared by who wishes and by the call, which alone waits for it.
#[derive(Debug, Default)]
pub(super) struct Reading {
    is_stopped: AtomicBool,
    call: AtomicWaker,
}

impl Reading {
    /// From now on the window is not opened for what comes.
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Release);
    }

    /// The window is opened for all that came, and stays open.
    pub(super) fn go_on(&self) {
        self.is_stopped.store(false, Ordering::Release);
        self.call.wake();
    }

    /// Whether it was stopped. Where it was, the call is woken when it goes on.
    pub(super) fn is_stopped(&self, cx: &Context<'_>) -> bool {
        if !self.is_stopped.load(Ordering::Acquire) {
            return false;
        }
        self.call.register(cx.waker());
        // It may have gone on just before the waker was there.
        self.is_stopped.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::{Context, Wake, Waker},
    };

    use super::Reading;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn who_found_it_stopped_is_woken_when_it_goes_on() {
        let (reading, wakes) = (Reading::default(), Arc::new(Wakes::default()));
        let waker = Waker::from(Arc::clone(&wakes));
        let cx = Context::from_waker(&waker);
        assert!(!reading.is_stopped(&cx));
        reading.stop();
        assert!(reading.is_stopped(&cx));
        assert_eq!(wakes.0.load(Ordering::Relaxed), 0);
        reading.go_on();
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        assert!(!reading.is_stopped(&cx));
    }
}

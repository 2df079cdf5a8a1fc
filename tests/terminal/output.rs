//! What comes out of a pty, as bytes and as the screen that they make, and the waiting for it.

use std::{
    io::{self, Read},
    mem,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use vt100::{Parser, Screen};

/// No condition is waited for longer.
pub(crate) const GUARD: Duration = Duration::from_secs(20);
/// How a synchronised update begins and ends.
const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";

/// Filled by one thread, looked at by another.
pub(crate) struct Output {
    so_far: Mutex<SoFar>,
    news: Condvar,
    hang_up: AtomicBool,
}

/// What came out until now.
pub(crate) struct SoFar {
    pub(crate) parser: Parser,
    pub(crate) raw: Vec<u8>,
    /// A synchronised update began and did not end: nobody is to see the screen like this.
    mid_frame: bool,
    /// Nothing comes any more.
    pub(crate) closed: bool,
}

impl Output {
    pub(crate) fn new((columns, rows): (u16, u16)) -> Self {
        let parser = Parser::new(rows, columns, 0);
        let so_far = SoFar { parser, raw: Vec::new(), mid_frame: false, closed: false };
        Self { so_far: Mutex::new(so_far), news: Condvar::new(), hang_up: AtomicBool::new(false) }
    }

    /// Takes in what comes until nobody has the terminal open any more, or this side hangs up.
    pub(crate) fn fill(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let length = reader.read(&mut buffer).unwrap_or(0);
            let over = length == 0 || self.hang_up.load(Ordering::SeqCst);
            if over {
                drop(mem::replace(&mut reader, Box::new(io::empty())));
            }
            let mut so_far = self.lock();
            so_far.take(&buffer[..length]);
            so_far.closed = over;
            drop(so_far);
            self.news.notify_all();
            if over {
                return;
            }
        }
    }

    /// Does something while nothing is taken in.
    pub(crate) fn hold(&self, then: impl FnOnce()) {
        let _held = self.lock();
        then();
    }

    /// Lets go of the terminal with the next that comes.
    pub(crate) fn hang_up(&self) {
        self.hang_up.store(true, Ordering::SeqCst);
    }

    /// Looks at a whole frame.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut SoFar) -> T) -> T {
        look(&mut self.when("the end of a frame", |_| true))
    }

    /// Waits for something that holds behind a whole frame.
    pub(crate) fn wait(&self, what: &str, holds: impl Fn(&SoFar) -> bool) {
        drop(self.when(what, holds));
    }

    fn when(&self, what: &str, holds: impl Fn(&SoFar) -> bool) -> MutexGuard<'_, SoFar> {
        let began = Instant::now();
        let mut so_far = self.lock();
        while so_far.is_mid_frame() || !holds(&so_far) {
            let left = GUARD.saturating_sub(began.elapsed());
            if left.is_zero() {
                let text = so_far.text();
                // Else the poisoned lock would hide this failure behind another.
                drop(so_far);
                panic!("waited in vain for {what}:\n{text}");
            }
            so_far = self.sleep(so_far, left);
        }
        so_far
    }

    /// Waits until nothing came for so long.
    pub(crate) fn wait_quiet(&self, quiet: Duration) {
        let began = Instant::now();
        let (mut since, mut so_far) = (began, self.lock());
        while since.elapsed() < quiet {
            assert!(began.elapsed() < GUARD, "it writes and writes:\n{}", so_far.text());
            let before = so_far.raw.len();
            so_far = self.sleep(so_far, quiet.saturating_sub(since.elapsed()));
            if so_far.raw.len() != before {
                since = Instant::now();
            }
        }
    }

    fn sleep<'a>(&self, so_far: MutexGuard<'a, SoFar>, limit: Duration) -> MutexGuard<'a, SoFar> {
        self.news.wait_timeout(so_far, limit).unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, SoFar> {
        self.so_far.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SoFar {
    fn take(&mut self, bytes: &[u8]) {
        // A sequence may be cut in two.
        let from = self.raw.len().saturating_sub(BEGIN_FRAME.len() - 1);
        self.raw.extend_from_slice(bytes);
        self.parser.process(bytes);
        let last = |wanted: &[u8]| self.raw[from..].windows(wanted.len()).rposition(|seen| seen == wanted);
        match (last(BEGIN_FRAME), last(END_FRAME)) {
            (None, None) => {}
            (began, ended) => self.mid_frame = began > ended,
        }
    }

    fn is_mid_frame(&self) -> bool {
        self.mid_frame && !self.closed
    }

    pub(crate) fn screen(&self) -> &Screen {
        self.parser.screen()
    }

    /// What the screen says, row by row.
    pub(crate) fn text(&self) -> String {
        self.screen().contents()
    }
}

/// Whether these bytes stand in those.
pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

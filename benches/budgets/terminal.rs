//! The real program in a real pseudo-terminal, with the time at which each frame came out.
//!
//! The thread that reads does nothing else: what came is made a screen by whoever looks at it, so that the
//! harness is not a part of what it measures.

use std::{
    env,
    io::{Read, Write},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;
use vt100::{Parser, Screen};

use crate::figure::Trouble;

/// Nothing is waited for longer, but the end of a long stream.
pub(crate) const GUARD: Duration = Duration::from_secs(20);
/// How a synchronised update ends: with it the frame is on the screen.
const END_FRAME: &[u8] = b"\x1b[?2026l";

/// Columns and rows.
pub(crate) type Size = (u16, u16);

/// A program in a terminal. Dropping it ends the program.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    output: Arc<Output>,
    /// When it was started.
    pub(crate) born: Instant,
    _master: Box<dyn MasterPty + Send>,
    /// Nobody else's history.
    _state: TempDir,
}

struct Output {
    seen: Mutex<Seen>,
    news: Condvar,
    written: AtomicU64,
}

struct Seen {
    parser: Parser,
    /// What came and nobody looked at.
    fresh: Vec<u8>,
    awaited: Option<Awaited>,
    /// When the newest whole frame had come, and how many came.
    frame: Instant,
    frames: u64,
    /// A whole frame is on the screen, and nothing of the next.
    is_whole: bool,
    closed: bool,
}

/// Bytes that are waited for, and when they came.
struct Awaited {
    bytes: Vec<u8>,
    came: Option<Instant>,
}

impl Seen {
    fn screen(&mut self) -> &Screen {
        self.parser.process(&self.fresh);
        self.fresh.clear();
        self.parser.screen()
    }

    /// Takes what came now. Whether somebody may have waited for it.
    fn take(&mut self, bytes: &[u8], now: Instant) -> bool {
        let before = self.fresh.len();
        self.fresh.extend_from_slice(bytes);
        // A frame goes out in one write, but the terminal hands on 4 KiB at a time.
        self.is_whole = self.fresh.ends_with(END_FRAME);
        if self.is_whole {
            self.frame = now;
            self.frames += 1;
        }
        self.closed = bytes.is_empty();
        let Some(awaited) = &mut self.awaited else { return true };
        let from = before.saturating_sub(awaited.bytes.len());
        if awaited.came.is_none()
            && self.fresh[from..].windows(awaited.bytes.len()).any(|bytes| bytes == awaited.bytes)
        {
            awaited.came = Some(now);
        }
        awaited.came.is_some() || self.closed
    }
}

impl Terminal {
    /// `greeter` with these arguments.
    pub(crate) fn greeter(size: Size, args: &[&str]) -> Result<Self, Trouble> {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_greeter"));
        command.args(args);
        Self::run(size, command)
    }

    /// Any program.
    pub(crate) fn run((cols, rows): Size, mut command: CommandBuilder) -> Result<Self, Trouble> {
        let state = tempfile::tempdir()?;
        command.cwd(env::temp_dir());
        command.env("XDG_STATE_HOME", state.path());
        for name in ["NO_COLOR", "COLORFGBG", "GREETER_ADDR", "LC_ALL"] {
            command.env_remove(name);
        }
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() })?;
        let (reader, writer) = (pair.master.try_clone_reader()?, pair.master.take_writer()?);
        let seen = Seen {
            parser: Parser::new(rows, cols, 0),
            fresh: Vec::new(),
            awaited: None,
            frame: Instant::now(),
            frames: 0,
            is_whole: false,
            closed: false,
        };
        let output =
            Arc::new(Output { seen: Mutex::new(seen), news: Condvar::new(), written: AtomicU64::new(0) });
        let filled = Arc::clone(&output);
        thread::spawn(move || filled.fill(reader));
        let born = Instant::now();
        let child = pair.slave.spawn_command(command)?;
        Ok(Self { child, writer, output, born, _master: pair.master, _state: state })
    }

    /// `greeter` on a server elsewhere, ready.
    pub(crate) fn connected(size: Size, address: &str) -> Result<Self, Trouble> {
        // Large enough for all that is sent here.
        let terminal = Self::greeter(size, &["connect", address, "--max-msg-sz", "100000000"])?;
        terminal.wait_for("● ready")?;
        Ok(terminal)
    }

    /// Types. Returns when the keys were handed to the terminal.
    pub(crate) fn keys(&mut self, keys: &str) -> Result<(), Trouble> {
        Ok(self.writer.write_all(keys.as_bytes())?)
    }

    /// Waits until this stands somewhere on the screen; says when the frame came that holds it.
    pub(crate) fn wait_for(&self, text: &str) -> Result<Instant, Trouble> {
        self.wait(&format!("{text:?}"), GUARD, |screen| screen.contents().contains(text))
    }

    /// Waits for a screen on which this holds; says when its frame had come.
    pub(crate) fn wait(
        &self,
        what: &str,
        limit: Duration,
        holds: impl Fn(&Screen) -> bool,
    ) -> Result<Instant, Trouble> {
        let (began, mut seen) = (Instant::now(), self.output.lock());
        loop {
            if seen.is_whole && holds(seen.screen()) {
                return Ok(seen.frame);
            }
            let left = limit.saturating_sub(began.elapsed());
            if left.is_zero() || seen.closed {
                return Err(format!("waited in vain for {what}:\n{}", seen.screen().contents()).into());
            }
            let woken = self.output.news.wait_timeout(seen, left);
            seen = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Types, and waits for bytes that come of it; says how long that took.
    pub(crate) fn echo(&mut self, keys: &str, bytes: &str) -> Result<Duration, Trouble> {
        self.output.lock().awaited = Some(Awaited { bytes: bytes.as_bytes().to_vec(), came: None });
        let pressed = Instant::now();
        self.keys(keys)?;
        let mut seen = self.output.lock();
        loop {
            if let Some(came) = seen.awaited.as_ref().and_then(|awaited| awaited.came) {
                seen.awaited = None;
                return Ok(came.saturating_duration_since(pressed));
            }
            let left = GUARD.saturating_sub(pressed.elapsed());
            if left.is_zero() || seen.closed {
                return Err(format!("{keys:?} is not echoed:\n{}", seen.screen().contents()).into());
            }
            let woken = self.output.news.wait_timeout(seen, left);
            seen = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the program and its terminal are gone; says when.
    pub(crate) fn wait_end(&mut self) -> Result<Instant, Trouble> {
        self.child.wait()?;
        Ok(Instant::now())
    }

    /// Something of the screen.
    pub(crate) fn see<T>(&self, look: impl FnOnce(&Screen) -> T) -> T {
        look(self.output.lock().screen())
    }

    /// How many bytes came out, and in how many frames.
    pub(crate) fn written(&self) -> (u64, u64) {
        (self.output.written.load(Ordering::Relaxed), self.output.lock().frames)
    }

    pub(crate) fn pid(&self) -> Result<u32, Trouble> {
        self.child.process_id().ok_or_else(|| "the program is gone".into())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Output {
    fn fill(&self, mut reader: Box<dyn Read + Send>) {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let length = reader.read(&mut buffer).unwrap_or(0);
            let now = Instant::now();
            self.written.fetch_add(length as u64, Ordering::Relaxed);
            if self.lock().take(&buffer[..length], now) {
                self.news.notify_all();
            }
            if length == 0 {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

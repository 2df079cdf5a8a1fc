//! The terminal: entered once, restored once, whatever happens.
//!
//! A frame goes out in one write, as a synchronised update. Nothing here ever waits for an answer from the terminal,
//! which can take seconds or never come.

use std::{
    cell::RefCell,
    fs::OpenOptions,
    io::{self, Write, stdin},
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode, size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport, backend::CrosstermBackend, layout::Rect};
use rustix::{
    process::{Signal, kill_current_process_group},
    termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr},
};

use super::{background::QUESTION, model::Mouse};

/// Alternate screen, bracketed paste, cursor as a bar.
const ENTER: &str = "\x1b[?1049h\x1b[2J\x1b[?2004h\x1b[5 q";
/// Clicks, drags with a button, and the wheel, in the encoding for wide screens; not every movement.
const TAKE_MOUSE: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const FREE_MOUSE: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Undoes all of it. The alternate screen is left last, and the cursor is shown on the main one.
const LEAVE: &str =
    "\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[0m\x1b[0 q\x1b[?1049l\x1b[?25h";
const BEGIN_FRAME: &str = "\x1b[?2026h\x1b[?25l";
const END_FRAME: &str = "\x1b[?2026l";

/// Whether there is something to restore.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// What a frame is drawn into before it goes out.
#[derive(Debug, Clone)]
struct Pending(Rc<RefCell<Vec<u8>>>);

impl Default for Pending {
    fn default() -> Self {
        Self(Rc::new(RefCell::new(BEGIN_FRAME.into())))
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// The frame is not whole yet.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The terminal while the program has it. Dropping it gives it back.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Pending>>,
    pending: Pending,
    mouse: Mouse,
}

impl Screen {
    /// Takes the terminal.
    pub fn enter(mouse: Mouse) -> io::Result<Self> {
        let pending = Pending::default();
        take(mouse)?;
        let (width, height) = size().inspect_err(|_| restore())?;
        let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
        let backend = CrosstermBackend::new(pending.clone());
        let terminal =
            Terminal::with_options(backend, TerminalOptions { viewport }).inspect_err(|_| restore())?;
        Ok(Self { terminal, pending, mouse })
    }

    /// Columns and rows, as the terminal has them now.
    pub fn size() -> io::Result<(u16, u16)> {
        size()
    }

    /// Draws a frame of this size.
    pub fn draw(&mut self, (width, height): (u16, u16), view: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let area = Rect::new(0, 0, width, height);
        if self.terminal.get_frame().area() != area {
            self.terminal.resize(area)?;
        }
        self.terminal.draw(view)?;
        let mut pending = self.pending.0.borrow_mut();
        pending.extend_from_slice(END_FRAME.as_bytes());
        let mut out = io::stdout().lock();
        out.write_all(&pending)?;
        out.flush()?;
        // The memory is used again for the next frame.
        pending.clear();
        pending.extend_from_slice(BEGIN_FRAME.as_bytes());
        Ok(())
    }

    /// Forgets what is on the screen: the next frame draws all of it.
    pub fn forget(&mut self) -> io::Result<()> {
        let area = self.terminal.get_frame().area();
        self.terminal.resize(area)
    }

    /// Puts text on the terminal's clipboard (OSC 52).
    pub fn copy(&self, text: &str) -> io::Result<()> {
        put(&format!("\x1b]52;c;{}\x07", STANDARD.encode(text)))
    }

    /// Asks for the background. The answer comes among the keys, if it comes.
    pub(super) fn ask_background() -> io::Result<()> {
        put(QUESTION)
    }

    /// Takes the mouse or lets it go.
    pub fn mouse(&mut self, mouse: Mouse) -> io::Result<()> {
        self.mouse = mouse;
        put(match mouse {
            Mouse::Taken => TAKE_MOUSE,
            Mouse::Free => FREE_MOUSE,
        })
    }

    /// Takes the terminal again after another program used it: the shell, while this one was stopped from outside.
    pub fn retake(&mut self) -> io::Result<()> {
        // The line settings may be the shell's now, so ours are set again.
        disable_raw_mode()?;
        take(self.mouse)?;
        self.forget()
    }

    /// Gives the terminal back, stops the program until it is continued, and takes it again.
    ///
    /// The whole job is stopped, as the terminal itself would do it: also `cargo run`, or whatever else is between the
    /// shell and this program. If no shell could continue it, nothing stops.
    pub fn suspend(&mut self, words: &str) -> io::Result<()> {
        restore();
        put(words)?;
        kill_current_process_group(Signal::TSTP)?;
        take(self.mouse)?;
        self.forget()
    }
}

impl Screen {
    /// Gives the terminal to another program, as it was before this one had it.
    pub fn lend(&mut self) -> io::Result<Lent> {
        restore();
        Ok(Lent { settings: tcgetattr(stdin())? })
    }

    /// Takes the terminal again. However the other program left the line settings, a shell gets its own back.
    pub fn take_back(&mut self, lent: &Lent) -> io::Result<()> {
        tcsetattr(stdin(), OptionalActions::Now, &lent.settings)?;
        take(self.mouse)?;
        self.forget()
    }
}

/// The line settings that the terminal was lent with.
#[derive(Debug)]
pub struct Lent {
    settings: Termios,
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

fn take(mouse: Mouse) -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    put(ENTER)?;
    if mouse == Mouse::Taken { put(TAKE_MOUSE) } else { Ok(()) }
}

fn put(sequence: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(sequence.as_bytes())?;
    out.flush()
}

/// Gives a terminal back that reads no more. What is on its way there is let go of: it would hold up what follows.
pub fn abandon() {
    // The settings first: they wait for nobody.
    let _ = disable_raw_mode();
    let _ = tcflush(stdin(), QueueSelector::OFlush);
    restore();
}

/// Gives the terminal back. Only the first call does anything.
///
/// Also called when the program is broken, so it takes no lock that a drawing thread could hold.
pub fn restore() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    if let Ok(mut tty) = OpenOptions::new().write(true).open("/dev/tty") {
        let _ = tty.write_all(LEAVE.as_bytes());
    } else {
        let _ = io::stderr().write_all(LEAVE.as_bytes());
    }
    let _ = disable_raw_mode();
}

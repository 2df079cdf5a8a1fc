//! A real terminal, as far as a program can tell: a pty, and a screen that is made of what comes
//! out of it. Nothing here sleeps; everything waits for a condition.

use std::{
    fs::File,
    io::Write,
    process::Command,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use tempfile::TempDir;
use vt100::{MouseProtocolMode, Screen};

use crate::output::{GUARD, Output, find};

/// Columns and rows that show everything.
pub(crate) const ROOMY: (u16, u16) = (120, 36);

pub(crate) const ENTER: &str = "\r";
pub(crate) const TAB: &str = "\t";
pub(crate) const ESC: &str = "\x1b";
pub(crate) const UP: &str = "\x1b[A";
pub(crate) const PAGE_UP: &str = "\x1b[5~";
pub(crate) const END: &str = "\x1b[F";
pub(crate) const F1: &str = "\x1bOP";
pub(crate) const F2: &str = "\x1bOQ";
pub(crate) const F3: &str = "\x1bOR";

/// What a terminal sends for `Ctrl-` and a letter.
pub(crate) fn ctrl(letter: char) -> String {
    char::from(letter.to_ascii_uppercase() as u8 - b'@').to_string()
}

/// A process that is born while another pty is half made would keep it open: one birth at a time.
static BIRTHS: Mutex<()> = Mutex::new(());

pub(crate) fn one_birth_at_a_time() -> MutexGuard<'static, ()> {
    BIRTHS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program in a terminal. Dropping it kills the program.
pub(crate) struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    output: Arc<Output>,
    /// The line discipline's settings before the program began.
    before: String,
    /// Where the program keeps what it remembers: nobody else's, and nothing from before.
    _state: TempDir,
}

/// `greeter` with these arguments in an environment that says nothing but what a terminal says.
pub(crate) fn greeter(args: &[&str]) -> CommandBuilder {
    command(env!("CARGO_BIN_EXE_greeter"), args)
}

pub(crate) fn command(program: &str, args: &[&str]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(args);
    command.cwd(env!("CARGO_TARGET_TMPDIR"));
    for name in ["NO_COLOR", "COLORFGBG", "GREETER_ADDR", "ENV", "LC_ALL", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    command
}

fn size((cols, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols, ..PtySize::default() }
}

impl Terminal {
    /// `greeter` with the embedded server, ready.
    pub(crate) fn ready(size: (u16, u16)) -> Self {
        let terminal = Self::start(size, &[]);
        terminal.wait_for("● ready");
        terminal
    }

    /// `greeter` with these arguments.
    pub(crate) fn start(size: (u16, u16), args: &[&str]) -> Self {
        Self::run(size, greeter(args))
    }

    /// Any command.
    pub(crate) fn run(at: (u16, u16), mut command: CommandBuilder) -> Self {
        let state = tempfile::tempdir().unwrap();
        command.env("XDG_STATE_HOME", state.path());
        let (pair, child, before) = {
            let _alone = one_birth_at_a_time();
            let pair = native_pty_system().openpty(size(at)).unwrap();
            keep_output_behind_ctrl_c(pair.master.as_ref());
            let before = line_settings(pair.master.as_ref());
            let child = pair.slave.spawn_command(command).unwrap();
            (pair, child, before)
        };
        drop(pair.slave);
        let output = Arc::new(Output::new(at));
        let (reader, filled) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&output));
        thread::spawn(move || filled.fill(reader));
        let writer = Some(pair.master.take_writer().unwrap());
        Self { master: Some(pair.master), writer, child, output, before, _state: state }
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.writer.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    /// Types a line and `Enter`.
    pub(crate) fn line(&mut self, text: &str) {
        self.keys(&format!("{text}{ENTER}"));
    }

    /// `Ctrl-` and a letter.
    pub(crate) fn ctrl(&mut self, letter: char) {
        self.keys(&ctrl(letter));
    }

    /// Pastes, as a terminal does that was asked to bracket its pastes.
    pub(crate) fn paste(&mut self, text: &str) {
        assert!(self.see(Screen::bracketed_paste), "it did not ask for bracketed pastes");
        self.keys(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Clicks with the left button; column and row from 0.
    pub(crate) fn click(&mut self, (column, row): (u16, u16)) {
        let (column, row) = (column + 1, row + 1);
        self.keys(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"));
    }

    /// Turns the wheel by one notch, backwards.
    pub(crate) fn wheel_up(&mut self, (column, row): (u16, u16)) {
        self.keys(&format!("\x1b[<64;{};{}M", column + 1, row + 1));
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, (cols, rows): (u16, u16)) {
        // A screen without a cell is nothing that vt100 can be.
        self.output.look(|so_far| so_far.parser.screen_mut().set_size(rows.max(1), cols.max(1)));
        self.master.as_ref().unwrap().resize(size((cols, rows))).unwrap();
    }

    /// Sends a signal: `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        let kill = Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap();
        assert!(kill.success(), "kill -{name} {pid}");
    }

    /// Does something while the terminal takes nothing any more, and the program, which has more to show, stands still
    /// for that.
    pub(crate) fn unread(&self, then: impl FnOnce()) {
        // A thread that draws gives way all the time.
        let pid = self.child.process_id().unwrap();
        let steps = || {
            let status = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/status")).unwrap();
            status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).unwrap().to_owned()
        };
        self.output.hold(|| {
            let began = Instant::now();
            let mut before = String::new();
            while before != steps() {
                assert!(began.elapsed() < GUARD, "it does not stand still");
                before = steps();
                thread::sleep(Duration::from_millis(500));
            }
            then();
        });
    }

    /// Whether the program is over, its exit code not yet taken.
    pub(crate) fn is_over(&self) -> bool {
        let pid = self.child.process_id().unwrap();
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_none_or(|behind_name| behind_name.starts_with('Z'))
    }

    /// The terminal goes away under the program.
    pub(crate) fn vanish(&mut self) {
        self.output.hang_up();
        // What this draws wakes the reader, which then closes its end; the others follow here.
        self.keys("x");
        self.output.wait("the reader to hang up", |so_far| so_far.closed);
        self.writer = None;
        self.master = None;
    }

    /// Waits until this stands somewhere on the screen.
    pub(crate) fn wait_for(&self, text: &str) {
        self.output.wait(&format!("{text:?}"), |so_far| so_far.text().contains(text));
    }

    /// Waits until this stands nowhere on the screen.
    pub(crate) fn wait_gone(&self, text: &str) {
        self.output.wait(&format!("no {text:?}"), |so_far| !so_far.text().contains(text));
    }

    /// Waits for anything else; `what` is for the failure.
    pub(crate) fn wait_until(&self, what: &str, holds: impl Fn(&Screen) -> bool) {
        self.output.wait(what, |so_far| holds(so_far.screen()));
    }

    /// Waits until these bytes came out, wherever on the way; what came until then is returned.
    pub(crate) fn wait_for_bytes(&self, bytes: &str) -> Vec<u8> {
        let bytes = bytes.as_bytes();
        self.output.wait(&format!("{bytes:?}"), |so_far| find(&so_far.raw, bytes));
        self.raw()
    }

    /// Waits until nothing came out for so long.
    pub(crate) fn wait_quiet(&self, quiet: Duration) {
        self.output.wait_quiet(quiet);
    }

    /// Waits for the program's end. Whatever it still wrote was taken in.
    pub(crate) fn wait_exit(&mut self) -> u32 {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < GUARD, "it does not end:\n{}", self.text());
            thread::yield_now();
            thread::park_timeout(Duration::from_millis(2));
        };
        self.output.wait("the end of what was written", |so_far| so_far.closed);
        assert_eq!(status.signal(), None, "it did not end by itself:\n{}", self.text());
        status.exit_code()
    }

    /// What the screen says, row by row.
    pub(crate) fn text(&self) -> String {
        self.output.look(|so_far| so_far.text())
    }

    /// A pane of four in a screen of the size [`ROOMY`], by its number.
    pub(crate) fn pane(&self, number: usize) -> String {
        self.see(|screen| pane(screen, number))
    }

    /// Waits until this stands in a pane.
    pub(crate) fn wait_in_pane(&self, number: usize, text: &str) {
        let what = format!("{text:?} in pane {number}");
        self.output.wait(&what, |so_far| pane(so_far.screen(), number).contains(text));
    }

    /// The row with this text.
    pub(crate) fn row_with(&self, text: &str) -> String {
        let screen = self.text();
        let found = screen.lines().find(|row| row.contains(text));
        found.unwrap_or_else(|| panic!("no row with {text:?}:\n{screen}")).to_owned()
    }

    /// Where this text stands: column and row from 0.
    pub(crate) fn place_of(&self, text: &str) -> (u16, u16) {
        let screen = self.text();
        let found = screen.lines().enumerate().find_map(|(row, line)| {
            let at = line.find(text)?;
            Some((line[..at].chars().count() as u16, row as u16))
        });
        found.unwrap_or_else(|| panic!("{text:?} is not on the screen:\n{screen}"))
    }

    /// Something of the screen.
    pub(crate) fn see<T>(&self, look: impl FnOnce(&Screen) -> T) -> T {
        self.output.look(|so_far| look(so_far.screen()))
    }

    /// Every byte that came out.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.output.look(|so_far| so_far.raw.clone())
    }

    /// How many bytes came out.
    pub(crate) fn written(&self) -> usize {
        self.output.look(|so_far| so_far.raw.len())
    }

    /// The terminal is as it was before the program began.
    pub(crate) fn assert_given_back(&self) {
        self.see(|screen| {
            let text = screen.contents();
            assert!(!screen.alternate_screen(), "still on the alternate screen:\n{text}");
            assert!(!screen.hide_cursor(), "the cursor is hidden:\n{text}");
            assert!(!screen.bracketed_paste(), "pastes are bracketed:\n{text}");
            assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::None, "the mouse is taken:\n{text}");
        });
        assert_eq!(self.line_settings(), self.before, "the line's settings");
    }

    /// The line discipline's settings as they are now.
    pub(crate) fn line_settings(&self) -> String {
        line_settings(self.master.as_deref().unwrap())
    }

    /// The line discipline's settings before the program began.
    pub(crate) fn settings_before(&self) -> &str {
        &self.before
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pane(screen: &Screen, number: usize) -> String {
    let (rows, columns) = screen.size();
    assert_eq!((columns, rows), ROOMY, "panes are known by their place");
    let left = if number % 2 == 1 { 0 } else { columns / 2 };
    let top = if number <= 2 { 1 } else { usize::from(rows) / 2 };
    let height = usize::from(rows) / 2 - 1;
    let text: Vec<String> = screen.rows(left, columns / 2).skip(top).take(height).collect();
    text.join("\n")
}

/// A terminal that is sent `Ctrl-C` lets go of what is on its way to the screen, and that a moment after the signal: what
/// the program says of the signal would be lost now and then, on a busy machine.
fn keep_output_behind_ctrl_c(master: &(dyn MasterPty + Send)) {
    let terminal = File::options().read(true).write(true).open(master.tty_name().unwrap()).unwrap();
    let mut settings = tcgetattr(&terminal).unwrap();
    settings.local_modes |= LocalModes::NOFLSH;
    tcsetattr(&terminal, OptionalActions::Now, &settings).unwrap();
}

fn line_settings(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().unwrap())
}

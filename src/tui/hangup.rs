//! A terminal that goes away ends the program, whatever its threads are doing.
//!
//! crossterm reads a terminal that is gone again and again and never comes back from it, in the
//! thread that asks for events: SIGHUP, and a frame that cannot be written, may find nobody. So may any signal
//! where the terminal reads no more: it holds the screen's thread in the middle of a frame.

use std::{
    io::{self, stdin},
    process, thread,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::Signal,
};

use tokio::{runtime::Handle, time::sleep};

use super::{
    scratch,
    signals::{self, Heard, Signals},
    terminal,
};

/// How long the screen may take to hear a signal. A frame takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long what gives the terminal back may take to go out.
const GIVING_BACK: Duration = Duration::from_millis(200);

/// What a terminal that goes away sends to the processes it controls.
pub(super) const SIGNAL: i32 = Signal::HUP.as_raw();

/// From now on the program ends when its terminal goes away. There is nothing left to give back.
pub(super) fn watch() -> io::Result<()> {
    let wait = || {
        if poll_gone(None).is_ok_and(|gone| gone) {
            scratch::sweep();
            // The exit code that a shell reports for a program that the signal ended.
            process::exit(128 + SIGNAL);
        }
    };
    thread::Builder::new().name("greeter-hangup".to_owned()).spawn(wait)?;
    Ok(())
}

/// From now on a signal that ends the program does so on this runtime where the screen does not hear it.
pub(super) fn watch_signals(elsewhere: &Handle) -> io::Result<()> {
    let _inside = elsewhere.enter();
    let mut signals = Signals::listen()?;
    elsewhere.spawn(async move {
        loop {
            let Heard::End(number) = signals.next_of_all().await else { continue };
            sleep(PATIENCE).await;
            if !signals::was_heard() {
                // The terminal may take nothing of this either.
                thread::spawn(terminal::abandon);
                sleep(GIVING_BACK).await;
                scratch::sweep();
                process::exit(128 + number);
            }
        }
    });
    Ok(())
}

/// Whether the terminal is gone, which explains an error in reading or writing it.
pub(super) fn is_gone() -> bool {
    poll_gone(Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|gone| gone)
}

/// Waits for the terminal to go away, as long as this; for ever without a limit.
fn poll_gone(limit: Option<&Timespec>) -> io::Result<bool> {
    let stdin = stdin();
    // No event is asked for: a hang-up is always reported.
    let mut terminal = [PollFd::new(&stdin, PollFlags::empty())];
    loop {
        match poll(&mut terminal, limit) {
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(terminal[0].revents().intersects(PollFlags::HUP | PollFlags::ERR)),
        }
    }
}

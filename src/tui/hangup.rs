//! A terminal that goes away ends the program, whatever its threads are doing.
//!
//! crossterm reads a terminal that is gone again and again and never comes back from it, in the
//! thread that asks for events: SIGHUP, and a frame that cannot be written, may find nobody.

use std::{
    io::{self, stdin},
    process, thread,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::Signal,
};

use super::scratch;

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

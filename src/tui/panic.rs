//! A panic on any thread ends the program with the terminal given back and the report readable.

use std::{
    panic,
    sync::{Mutex, OnceLock},
    thread::{self, ThreadId},
};

use tokio::sync::Notify;

use super::terminal;
use crate::held::lock;

static UI_THREAD: OnceLock<ThreadId> = OnceLock::new();
static REPORT: Mutex<Option<String>> = Mutex::new(None);
static REPORTED: Notify = Notify::const_new();

/// From now on a panic of this thread restores the terminal before it is printed. A panic of another thread is
/// reported to this one, since it alone knows what it is doing to the terminal.
pub(super) fn watch() {
    let _ = UI_THREAD.set(thread::current().id());
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if UI_THREAD.get() == Some(&thread::current().id()) {
            terminal::restore();
            tell(info);
            return;
        }
        let name = thread::current().name().unwrap_or("unnamed").to_owned();
        let mut report = lock(&REPORT);
        report.get_or_insert_with(|| format!("thread '{name}' {info}").replace('\n', " "));
        REPORTED.notify_one();
    }));
}

/// Waits for a panic of another thread and says what it was.
pub(super) async fn elsewhere() -> String {
    loop {
        if let Some(report) = lock(&REPORT).take() {
            return report;
        }
        REPORTED.notified().await;
    }
}

/// Panics on the thread that `GREETER_TEST_PANIC` names, `ui` or `rpc`. Only debug builds call it, for the tests of
/// the real program: nothing that a user can do is known to panic, but the terminal must survive a panic anyway.
pub(super) fn rehearse(runtime: &tokio::runtime::Handle) {
    match std::env::var("GREETER_TEST_PANIC").as_deref() {
        Ok("ui") => panic!("rehearsed on the UI thread"),
        Ok("rpc") => drop(runtime.spawn(async { panic!("rehearsed on the rpc thread") })),
        _ => {}
    }
}

//! Keeps sent lines for the next time: one writer, so that they keep their order.

use std::{sync::mpsc as blocking, time::Duration};

use tokio::{runtime::Handle, sync::mpsc, task::spawn_blocking};

use crate::tui::{history::HistoryFile, model::Sent, update::Msg};

/// How long leaving waits for the last lines.
const LAST_LINES: Duration = Duration::from_millis(200);
/// The most sent lines that wait to be written.
const WAITING_LINES: usize = 256;

/// Writes sent lines as they come, one after the other. The first failure is reported, and ends it.
#[derive(Debug)]
pub(super) struct Keeper {
    file: HistoryFile,
    /// None when it is told to end.
    lines: Option<mpsc::Sender<Sent>>,
    /// Closed when all of them are written.
    done: blocking::Receiver<()>,
}

impl Keeper {
    /// Begins, as a task of this runtime.
    pub(super) fn start(runtime: &Handle, file: HistoryFile, results: mpsc::Sender<Msg>) -> Self {
        let (lines, mut waiting) = mpsc::channel::<Sent>(WAITING_LINES);
        let (writing, done) = blocking::channel();
        let kept = file.clone();
        runtime.spawn(async move {
            let _writing: blocking::Sender<()> = writing;
            while let Some(sent) = waiting.recv().await {
                let file = kept.clone();
                let appended = spawn_blocking(move || file.append(&sent)).await;
                if let Ok(Err(error)) = appended {
                    let _gone = results.send(Msg::Say(format!("the history is not kept: {error}"))).await;
                    return;
                }
            }
        });
        Self { file, lines: Some(lines), done }
    }

    /// The file.
    pub(super) fn file(&self) -> &HistoryFile {
        &self.file
    }

    /// Keeps a line. It is dropped if too many wait.
    pub(super) fn keep(&self, sent: Sent) {
        if let Some(lines) = &self.lines {
            let _dropped = lines.try_send(sent);
        }
    }
}

/// What was sent just before leaving is still written, if the disk is fast enough.
impl Drop for Keeper {
    fn drop(&mut self) {
        self.lines = None;
        let _all_or_late = self.done.recv_timeout(LAST_LINES);
    }
}

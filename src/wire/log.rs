//! What is known of the connections of a channel, and how a face gets it.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use tokio::sync::Notify;

use super::{
    entry::End, frame::Direction, kept::Attention, progress::Reached, recorder::Recorder,
    summary::ConnectionLog, tap::Watch,
};
use crate::held::lock;

/// Connections of a channel that are kept, the newest of them.
pub const MAX_CONNECTIONS: usize = 8;

/// The connections of a channel, written down on the rpc side and taken by a face. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct WireLog {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    connections: Mutex<Connections>,
    is_open: AtomicBool,
    has_news: AtomicBool,
    news: Notify,
}

#[derive(Debug, Default)]
struct Connections {
    newest: u32,
    recorders: VecDeque<Arc<Mutex<Recorder>>>,
}

impl WireLog {
    /// Without a connection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whether a face looks from now on.
    pub fn look(&self, attention: Attention) {
        self.shared.is_open.store(attention == Attention::Open, Ordering::Relaxed);
        if attention == Attention::Open {
            // Of what came before, nobody was told.
            self.shared.tell();
        }
    }

    /// What is new of each connection since this was asked last, the oldest connection first.
    pub fn take(&self) -> Vec<ConnectionLog> {
        self.shared.has_news.store(false, Ordering::SeqCst);
        let recorders = lock(&self.shared.connections).recorders.clone();
        recorders.iter().filter_map(|recorder| lock(recorder).take()).collect()
    }

    /// Waits until something passed since [`WireLog::take`]. Never while nobody looks. Cancel-safe.
    pub async fn changed(&self) {
        loop {
            let notified = self.shared.news.notified();
            if self.shared.has_news.load(Ordering::SeqCst) {
                return;
            }
            notified.await;
        }
    }

    /// Begins the next connection: what listens to it, and who says which calls its streams are.
    pub fn connection(&self) -> (Ear, Labels) {
        let mut connections = lock(&self.shared.connections);
        connections.newest += 1;
        let recorder = Arc::new(Mutex::new(Recorder::new(connections.newest)));
        connections.recorders.push_back(Arc::clone(&recorder));
        if connections.recorders.len() > MAX_CONNECTIONS {
            connections.recorders.pop_front();
        }
        let asked = lock(&recorder).asked();
        let ear = Ear { recorder: Arc::clone(&recorder), shared: Arc::clone(&self.shared) };
        (ear, Labels { recorder, asked })
    }
}

impl Shared {
    fn attention(&self) -> Attention {
        if self.is_open.load(Ordering::Relaxed) { Attention::Open } else { Attention::Closed }
    }

    /// Wakes who waits, once until the news are taken.
    fn tell(&self) {
        // Who takes them first says so, and then looks into the recorders: what is put there later finds it said.
        if !self.has_news.load(Ordering::SeqCst) && !self.has_news.swap(true, Ordering::SeqCst) {
            self.news.notify_one();
        }
    }
}

/// Listens to one connection. The connection is over when this is dropped.
#[derive(Debug)]
pub struct Ear {
    recorder: Arc<Mutex<Recorder>>,
    shared: Arc<Shared>,
}

impl Ear {
    fn hear(&self, what: impl FnOnce(&mut Recorder, Attention)) {
        let attention = self.shared.attention();
        what(&mut lock(&self.recorder), attention);
        if attention == Attention::Open {
            self.shared.tell();
        }
    }
}

impl Watch for Ear {
    fn received(&mut self, bytes: &[u8]) {
        self.hear(|recorder, attention| recorder.passed(Direction::Received, bytes, attention));
    }

    fn sent(&mut self, bytes: &[u8]) {
        self.hear(|recorder, attention| recorder.passed(Direction::Sent, bytes, attention));
    }

    fn ended(&mut self, direction: Direction, how: End) {
        self.hear(|recorder, _| recorder.ended(direction, how));
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.hear(|recorder, _| recorder.closed());
    }
}

/// Says of a connection's streams what their bytes do not tell: which call each belongs to, and how far its
/// messages are where they are not followed. Clones are of the same connection.
#[derive(Debug, Clone)]
pub struct Labels {
    recorder: Arc<Mutex<Recorder>>,
    asked: Arc<AtomicU32>,
}

impl Labels {
    /// The stream, whose first frame did not pass yet, is that call's.
    pub fn label(&self, stream: u32, call: u32) {
        lock(&self.recorder).label(stream, call);
    }

    /// Whether it is asked how far a stream's response is. Costs nothing to ask.
    pub fn asks(&self, stream: u32) -> bool {
        self.asked.load(Ordering::Relaxed) == stream
    }

    /// How far a stream's response is. It is of use where all was taken that was heard: when nothing more
    /// waits to be taken, said on the thread of the connection. Where it is not, nothing happens.
    pub fn reached(&self, stream: u32, reached: Reached<'_>) {
        lock(&self.recorder).reached(stream, reached);
    }
}

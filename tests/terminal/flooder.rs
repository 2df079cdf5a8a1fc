//! A peer that floods the connection with frames, and reads what comes back so that nothing holds it.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

/// Nothing is waited for longer.
const GUARD: Duration = Duration::from_secs(20);

const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

const ENHANCE_YOUR_CALM: u32 = 11;
/// What a stream may have unread before its first `WINDOW_UPDATE` (`STREAM_WINDOW` of the client).
const STREAM_WINDOW: u64 = 1 << 20;
/// Frames of one write.
const BURST: u64 = 500;

/// What the peer does once a call of the user's came. Reflection gets UNIMPLEMENTED before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flood {
    /// Replies of a few bytes, as many as flow control lets through.
    SmallFrames,
    /// DATA without a byte, which no flow control holds.
    EmptyFrames,
    /// `RST_STREAM` of the call's stream, again and again.
    Resets,
    /// Informational HEADERS, again and again.
    Headers,
    /// HEADERS that never end.
    Continuations,
    /// GOAWAY, again and again.
    GoAways,
    /// PINGs, each of which wants an answer.
    Pings,
    /// SETTINGS, each of which wants an answer.
    Settings,
    /// Nothing.
    Silence,
}

/// A flood takes a whole core: two at a time would measure each other, and keep the other tests waiting.
static FLOODS: Mutex<()> = Mutex::new(());

/// A peer on a thread of its own. It stops, and its connections with it, when this is dropped.
pub(crate) struct Flooder {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    _alone: MutexGuard<'static, ()>,
}

struct Shared {
    flood: Flood,
    over: AtomicBool,
    /// Frames of the flood that were handed to the system.
    frames: AtomicU64,
}

impl Flooder {
    pub(crate) fn start(flood: Flood) -> Self {
        let alone = FLOODS.lock().unwrap_or_else(PoisonError::into_inner);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { flood, over: AtomicBool::new(false), frames: AtomicU64::new(0) });
        let theirs = Arc::clone(&shared);
        thread::spawn(move || {
            for tcp in listener.incoming() {
                let shared = Arc::clone(&theirs);
                if shared.is_over() {
                    return;
                }
                // A client that had enough of it is what this is for.
                thread::spawn(move || shared.connection(&tcp.unwrap()));
            }
        });
        Self { address, shared, _alone: alone }
    }

    /// How many frames of the flood went out so far.
    pub(crate) fn frames(&self) -> u64 {
        self.shared.frames.load(Ordering::Relaxed)
    }

    /// Waits until the flood is on.
    pub(crate) fn wait_for_frames(&self, count: u64) {
        let began = Instant::now();
        while self.frames() < count {
            assert!(began.elapsed() < GUARD, "{:?}: {} frames", self.shared.flood, self.frames());
            thread::park_timeout(Duration::from_millis(2));
        }
    }
}

impl Drop for Flooder {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::Relaxed);
        // Wakes the listener, which then goes.
        drop(TcpStream::connect(self.address));
    }
}

/// What the reader of a connection heard.
enum Heard {
    /// A request that goes on: reflection.
    Begun(u32),
    /// A request that is whole: the user's.
    Whole(u32),
}

impl Shared {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    fn connection(&self, tcp: &TcpStream) -> Option<()> {
        tcp.set_nodelay(true).ok()?;
        let window = Arc::new(AtomicU64::new(STREAM_WINDOW));
        let (tell, heard) = channel();
        let (reader, opened) = (tcp.try_clone().ok()?, Arc::clone(&window));
        thread::spawn(move || read(reader, &tell, &opened));
        say(tcp, &frame(SETTINGS, 0, 0, &[]))?;
        say(tcp, &frame(SETTINGS, ACK, 0, &[]))?;
        let flooded = self.flooded(tcp, &heard, &window);
        // The client is to hear our end, not a reset on account of what we did not read.
        let _ = tcp.shutdown(Shutdown::Both);
        flooded
    }

    fn flooded(&self, tcp: &TcpStream, heard: &Receiver<Heard>, window: &AtomicU64) -> Option<()> {
        let stream = self.users_call(tcp, heard)?;
        match self.flood {
            Flood::SmallFrames | Flood::EmptyFrames => {
                let fields = [(":status", "200"), ("content-type", "application/grpc")];
                say(tcp, &frame(HEADERS, END_HEADERS, stream, &block(&fields)))?;
            }
            Flood::Continuations => say(tcp, &frame(HEADERS, 0, stream, &block(&[(":status", "200")])))?,
            _ => {}
        }
        let (one, cost) = self.one(stream);
        let many = one.repeat(BURST as usize);
        let cost = cost * BURST;
        while !self.is_over() {
            if many.is_empty() || window.load(Ordering::Relaxed) < cost {
                thread::park_timeout(Duration::from_millis(1));
                continue;
            }
            window.fetch_sub(cost, Ordering::Relaxed);
            say(tcp, &many)?;
            self.frames.fetch_add(BURST, Ordering::Relaxed);
        }
        Some(())
    }

    /// Waits for a call of the user's, answering reflection meanwhile.
    fn users_call(&self, tcp: &TcpStream, heard: &Receiver<Heard>) -> Option<u32> {
        loop {
            match heard.recv_timeout(Duration::from_millis(10)) {
                Ok(Heard::Begun(stream)) => {
                    let fields =
                        [(":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "12")];
                    say(tcp, &frame(HEADERS, END_HEADERS | END_STREAM, stream, &block(&fields)))?;
                }
                Ok(Heard::Whole(stream)) => return Some(stream),
                Err(RecvTimeoutError::Timeout) if self.is_over() => return None,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// One frame of the flood, and what it takes of the stream's window.
    fn one(&self, stream: u32) -> (Vec<u8>, u64) {
        const REPLY: &[u8] = b"\0\0\0\0\x07\x0a\x05flood";
        let calm = ENHANCE_YOUR_CALM.to_be_bytes();
        let one = match self.flood {
            Flood::SmallFrames => return (frame(DATA, 0, stream, REPLY), REPLY.len() as u64),
            Flood::EmptyFrames => frame(DATA, 0, stream, &[]),
            Flood::Resets => frame(RST_STREAM, 0, stream, &calm),
            Flood::Headers => frame(HEADERS, END_HEADERS, stream, &block(&[(":status", "103")])),
            Flood::Continuations => frame(CONTINUATION, 0, stream, &block(&[("x", "flood")])),
            Flood::GoAways => frame(GOAWAY, 0, 0, &[&[0; 4][..], &calm].concat()),
            Flood::Pings => frame(PING, 0, 0, b"flooding"),
            Flood::Settings => frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100]),
            Flood::Silence => Vec::new(),
        };
        (one, 0)
    }
}

/// Reads all that the client says, to its end.
fn read(mut tcp: TcpStream, tell: &Sender<Heard>, window: &AtomicU64) -> Option<()> {
    const PREFACE: usize = 24;
    tcp.read_exact(&mut [0; PREFACE]).ok()?;
    loop {
        let mut head = [0; 9];
        tcp.read_exact(&mut head).ok()?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        tcp.read_exact(&mut payload).ok()?;
        let stream = u32::from_be_bytes(stream);
        match kind {
            DATA => {
                let heard = if flags & END_STREAM == 0 { Heard::Begun(stream) } else { Heard::Whole(stream) };
                // The flood has begun: the rest of what is asked does not matter.
                let _ = tell.send(heard);
            }
            WINDOW_UPDATE if stream != 0 => {
                let more = u32::from_be_bytes(payload.try_into().ok()?);
                window.fetch_add(u64::from(more), Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

/// None where the client is gone.
fn say(mut tcp: &TcpStream, bytes: &[u8]) -> Option<()> {
    match tcp.write_all(bytes) {
        Ok(()) => Some(()),
        Err(error) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => None,
        Err(error) => panic!("{error}"),
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, length @ ..] = (payload.len() as u32).to_be_bytes();
    [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header block of literals (RFC 7541, section 6.2.2); names and values are short.
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    fields.iter().flat_map(|(name, value)| [vec![0], text(name), text(value)].concat()).collect()
}

//! What a peer counts of the windows of its connection, which has one stream, of itself.

use super::peer::{DATA, Frame, INITIAL_WINDOW_SIZE, PING, Peer, SETTINGS, WINDOW_UPDATE};

const DEFAULT: i64 = 65_535;

#[derive(Debug)]
pub(crate) struct Account {
    /// DATA, with its padding.
    pub(crate) client_sent: i64,
    pub(crate) peer_sent: i64,
    /// PINGs that the client answered.
    pub(crate) pings: usize,
    /// What the peer allows a stream at first, once the client acknowledged it.
    initial: i64,
    allowed: Vec<i64>,
    client_initial: i64,
    /// What was granted beyond that, to the stream and to the connection.
    granted: [i64; 2],
    client_granted: [i64; 2],
}

impl Account {
    /// Of a peer that allowed so much in its first SETTINGS.
    pub(crate) fn new(initial: i64) -> Self {
        Self {
            client_sent: 0,
            peer_sent: 0,
            pings: 0,
            initial: DEFAULT,
            allowed: vec![initial],
            client_initial: DEFAULT,
            granted: [0; 2],
            client_granted: [0; 2],
        }
    }

    /// On the stream, or for 0 on the connection.
    pub(crate) fn you_may_send(&self, stream: u32) -> i64 {
        let initial = if stream == 0 { DEFAULT } else { self.initial };
        initial + self.granted[place(stream)] - self.client_sent
    }

    /// On the stream, or for 0 on the connection.
    pub(crate) fn server_may_send(&self, stream: u32) -> i64 {
        let initial = if stream == 0 { DEFAULT } else { self.client_initial };
        initial + self.client_granted[place(stream)] - self.peer_sent
    }

    pub(crate) async fn grant(&mut self, peer: &mut Peer, stream: u32, bytes: u32) {
        peer.send(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes()).await;
        self.granted[place(stream)] += i64::from(bytes);
    }

    pub(crate) async fn allow(&mut self, peer: &mut Peer, initial: u32) {
        peer.settings(&[(INITIAL_WINDOW_SIZE, initial)]).await;
        self.allowed.push(i64::from(initial));
    }

    /// Sends padded DATA when the client's windows take it.
    pub(crate) async fn send(&mut self, peer: &mut Peer, payload: &[u8]) {
        const PADDED: u8 = 8;
        let length = i64::try_from(payload.len()).unwrap();
        while self.server_may_send(0).min(self.server_may_send(1)) < length {
            let frame = peer.frame().await.expect("a window update");
            self.heard(&frame);
        }
        peer.send(DATA, PADDED, 1, payload).await;
        self.peer_sent += length;
    }

    /// Reads all that the client has sent.
    pub(crate) async fn settle(&mut self, peer: &mut Peer) {
        // h2 answers a PING before it sends what waits, so what waited is there with the second answer.
        for _ in 0..2 {
            peer.send(PING, 0, 0, &(self.pings as u64).to_be_bytes()).await;
            let answered = self.pings + 1;
            while self.pings < answered {
                let frame = peer.frame().await.expect("the answer to a PING");
                self.heard(&frame);
            }
        }
    }

    fn heard(&mut self, frame: &Frame) {
        match frame.kind {
            DATA => self.client_sent += i64::try_from(frame.payload.len()).unwrap(),
            PING => self.pings += 1,
            WINDOW_UPDATE => {
                let bytes = u32::from_be_bytes(frame.payload[..4].try_into().unwrap());
                self.client_granted[place(frame.stream)] += i64::from(bytes);
            }
            SETTINGS if frame.payload.is_empty() => self.initial = self.allowed.remove(0),
            SETTINGS => self.client_initial = i64::from(frame.setting(INITIAL_WINDOW_SIZE).unwrap()),
            _ => {}
        }
    }
}

fn place(stream: u32) -> usize {
    usize::from(stream == 0)
}

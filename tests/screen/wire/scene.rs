//! A connection that says what it is told to, and the screen that looks at it.

use greeter::{
    tui::{
        model::{Panel, WirePanel},
        update::Msg,
    },
    wire::{Attention, Ear, Labels, Watch, WireLog},
};

use crate::stage::Stage;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const CONTINUATION: u8 = 9;
pub(super) const ACK: u8 = 1;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// A connection as a tap hears it, and the screen that looks at it.
pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) log: WireLog,
    pub(super) ear: Ear,
    pub(super) labels: Labels,
}

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Fields spelt out, none remembered (RFC 7541, section 6.2.2).
pub(super) fn fields(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in pairs {
        block.push(0);
        for text in [name, value] {
            block.push(text.len() as u8);
            block.extend(text.as_bytes());
        }
    }
    block
}

pub(super) fn message(text: &str) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 0, text.len() as u8 + 2, 0x0a, text.len() as u8];
    bytes.extend(text.as_bytes());
    bytes
}

impl Scene {
    pub(super) fn new(width: u16, height: u16) -> Self {
        let log = WireLog::new();
        log.look(Attention::Open);
        let (ear, labels) = log.connection();
        let mut scene = Self { stage: Stage::new(width, height), log, ear, labels };
        scene.sent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        scene.sent(&frame(SETTINGS, 0, 0, &[0, 4, 0, 1, 0, 0]));
        scene.received(&frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 100]));
        scene
    }

    pub(super) fn sent(&mut self, bytes: &[u8]) {
        self.ear.sent(bytes);
        self.look();
    }

    pub(super) fn received(&mut self, bytes: &[u8]) {
        self.ear.received(bytes);
        self.look();
    }

    pub(super) fn look(&mut self) {
        self.stage.send(Msg::Wire(self.log.take()));
    }

    /// A name goes out on a stream of its own, as the call of that number, and its request ends.
    pub(super) fn request(&mut self, call: u32, name: &str) -> u32 {
        let stream = 2 * call - 1;
        self.labels.label(stream, call);
        let headers =
            [(":method", "POST"), (":path", "/helloworld.Greeter/SayHello"), ("authorization", "hush")];
        self.sent(&frame(HEADERS, END_HEADERS, stream, &fields(&headers)));
        self.sent(&frame(DATA, END_STREAM, stream, &message(name)));
        stream
    }

    pub(super) fn reply(&mut self, stream: u32, text: &str) {
        let headers = [(":status", "200"), ("content-type", "application/grpc")];
        self.received(&frame(HEADERS, END_HEADERS, stream, &fields(&headers)));
        self.received(&frame(DATA, 0, stream, &message(text)));
        self.received(&frame(HEADERS, END_HEADERS | END_STREAM, stream, &fields(&[("grpc-status", "0")])));
    }

    /// The screen, its times made equal.
    pub(super) fn picture(&self) -> String {
        let picture = self.stage.picture();
        let mut rows = Vec::new();
        for row in picture.lines() {
            let mut row: Vec<char> = row.chars().collect();
            for at in 4..row.len().min(14) {
                let is_time = row[at] == '.'
                    && row[at - 1].is_ascii_digit()
                    && row[at + 1..at + 4].iter().all(char::is_ascii_digit);
                if is_time {
                    row.splice(at - 1..at + 4, "0.000".chars());
                }
            }
            rows.push(row.into_iter().collect::<String>());
        }
        rows.join("\n")
    }

    pub(super) fn panel(&self) -> WirePanel {
        match self.stage.model.panel {
            Some(Panel::Wire(panel)) => panel,
            ref other => panic!("{other:?}"),
        }
    }
}

/// Two unary calls, the first answered, the second cancelled.
pub(super) fn two_calls(width: u16, height: u16) -> Scene {
    let mut scene = Scene::new(width, height);
    scene.stage.keys("World Enter");
    let stream = scene.request(1, "World");
    scene.stage.started(1);
    scene.reply(stream, "Hello, World!");
    scene.stage.keys("Zoe Enter");
    let stream = scene.request(2, "Zoe");
    scene.stage.started(2);
    scene.sent(&frame(RST_STREAM, 0, stream, &[0, 0, 0, 8]));
    scene.stage.keys("F3");
    scene
}

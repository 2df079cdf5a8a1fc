//! How calls are made, beside their messages: metadata, deadline, compression and waiting for a server, for all panes
//! or for one.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Choice, Line, Model};
use crate::{
    compression::Encoding,
    rpc::{DEFAULT_MAX_REPLY, Readiness, Target},
    schema::Kind,
    text::{self, Secrets},
};

/// How calls are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallOptions {
    /// What is sent beside gRPC's own headers, in its order.
    pub metadata: Vec<Metadata>,
    /// How long a call may take.
    pub deadline: Option<Duration>,
    /// How sent messages are compressed.
    pub compression: Option<Encoding>,
    /// What a call does where there is no connection.
    pub readiness: Option<Readiness>,
}

/// A piece of metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// As it was typed: `authorization: Bearer ${TOKEN}`.
    pub written: String,
    /// Its key.
    pub key: HeaderName,
    /// Its value, variables of the environment put in.
    pub value: HeaderValue,
}

impl Metadata {
    /// Whether what was typed contains a secret. One that comes from variables alone is not in it.
    pub fn tells_a_secret(&self) -> bool {
        let value = self.written.split_once(':').map_or("", |(_, value)| value);
        let value = value.trim_start();
        let bytes = value.strip_prefix("hex:").unwrap_or(value);
        text::is_secret(self.key.as_str()) && !text::is_variables(bytes)
    }

    /// Whether it is not sent to another host than it was set for: a secret, by its key or as what a variable holds.
    fn is_for_one_host(&self) -> bool {
        text::is_secret(self.key.as_str()) || text::variables(&self.written).next().is_some()
    }
}

/// What the options apply to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Every pane.
    All,
    /// One pane, in addition to what applies to every pane.
    Pane(Kind),
}

impl Whose {
    /// All panes together, and each.
    const EVERY: [Self; 5] = [
        Self::All,
        Self::Pane(Kind::Unary),
        Self::Pane(Kind::ServerStream),
        Self::Pane(Kind::ClientStream),
        Self::Pane(Kind::Bidi),
    ];
}

/// The options of all panes, and of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    all: CallOptions,
    panes: [CallOptions; 4],
    /// The server that is called: secrets are for its host.
    server: Option<Target>,
    /// Secrets for other hosts, each with a server on its host.
    aside: Vec<(Target, Whose, Metadata)>,
    /// How large messages may be, in every pane.
    pub sizes: Sizes,
}

/// How large messages may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// A reply.
    pub reply: usize,
    /// A message that is sent; `None` is any size.
    pub request: Option<usize>,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { reply: DEFAULT_MAX_REPLY, request: None }
    }
}

impl Options {
    /// The most pieces of metadata that are kept in one place.
    pub const MAX_METADATA: usize = 1_000;
    /// What is said when there is one too many.
    pub const FULL: &str = "1,000 pieces of metadata are the most on the screen";

    /// Options that apply to every pane from the beginning.
    pub fn of_all(all: CallOptions, sizes: Sizes) -> Self {
        Self { all, sizes, ..Self::default() }
    }

    /// Another server is called from now on. Secrets for another host are put aside, and come back when that is
    /// called again. Tells whose they are and their keys, where there are any.
    pub fn turn_to(&mut self, server: &Target) -> Option<(Target, Vec<String>)> {
        let before = self.server.replace(server.clone()).filter(|before| !before.is_on_host_of(server))?;
        let back = self.aside.extract_if(.., |(of, ..)| of.is_on_host_of(server)).collect::<Vec<_>>();
        let mut keys = Vec::new();
        for whose in Whose::EVERY {
            let secrets = self.of_mut(whose).metadata.extract_if(.., |piece| piece.is_for_one_host());
            for secret in secrets.collect::<Vec<_>>() {
                keys.push(secret.key.to_string());
                self.aside.push((before.clone(), whose, secret));
            }
        }
        let too_many = self.aside.len().saturating_sub(Self::MAX_METADATA);
        self.aside.drain(..too_many);
        for (_, whose, secret) in back {
            self.of_mut(whose).metadata.push(secret);
        }
        (!keys.is_empty()).then_some((before, keys))
    }

    /// How many pieces of metadata are put aside for other hosts.
    pub fn put_aside(&self) -> usize {
        self.aside.len()
    }

    /// Those of one place.
    pub fn of(&self, whose: Whose) -> &CallOptions {
        match whose {
            Whose::All => &self.all,
            Whose::Pane(kind) => &self.panes[kind.index()],
        }
    }

    /// Those of one place, to be changed.
    pub fn of_mut(&mut self, whose: Whose) -> &mut CallOptions {
        match whose {
            Whose::All => &mut self.all,
            Whose::Pane(kind) => &mut self.panes[kind.index()],
        }
    }

    /// The deadline of a pane's calls: its own, else that of all panes.
    pub fn deadline(&self, kind: Kind) -> Option<Duration> {
        self.of(Whose::Pane(kind)).deadline.or(self.all.deadline)
    }

    /// How a pane's calls compress what they send: its own setting, else that of all panes.
    pub fn compression(&self, kind: Kind) -> Option<Encoding> {
        self.of(Whose::Pane(kind)).compression.or(self.all.compression)
    }

    /// What a pane's calls do without a connection: its own setting, else that of all panes.
    pub fn readiness(&self, kind: Kind) -> Readiness {
        self.of(Whose::Pane(kind)).readiness.or(self.all.readiness).unwrap_or_default()
    }

    /// The metadata of a pane's calls: that of all panes, then its own.
    pub fn metadata(&self, kind: Kind) -> impl Iterator<Item = &Metadata> {
        self.all.metadata.iter().chain(&self.of(Whose::Pane(kind)).metadata)
    }

    /// What a pane's calls are made with.
    pub fn terms(&self, kind: Kind) -> Terms {
        Terms {
            metadata: map(self.metadata(kind)),
            deadline: self.deadline(kind),
            compression: self.compression(kind),
            readiness: self.readiness(kind),
            sizes: self.sizes,
        }
    }

    /// What a pane's calls are made with, where it is anything that the user asked for: `2.00 s · gzip · 1 metadata`.
    pub fn in_few_words(&self, kind: Kind) -> Option<String> {
        let metadata = Some(self.metadata(kind).count()).filter(|count| *count > 0);
        let waits = (self.readiness(kind) == Readiness::WaitForReady).then(|| "waits".to_owned());
        let words = [
            self.deadline(kind).map(text::limit),
            self.compression(kind).map(|encoding| encoding.to_string()),
            metadata.map(|count| format!("{} metadata", text::count(count as u64))),
            waits,
        ];
        let words: Vec<String> = words.into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(" · "))
    }

    /// The metadata of all panes. It also goes with calls that no pane makes, such as reflection.
    pub fn shared_metadata(&self) -> HeaderMap {
        map(self.all.metadata.iter())
    }
}

fn map<'a>(pieces: impl Iterator<Item = &'a Metadata>) -> HeaderMap {
    let mut metadata = HeaderMap::new();
    for piece in pieces {
        // The bounds keep it far below the limit of a map.
        let _ = metadata.try_append(piece.key.clone(), piece.value.clone());
    }
    metadata
}

/// What a call is made with.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// What is sent beside gRPC's own headers.
    pub metadata: HeaderMap,
    /// How long it may take.
    pub deadline: Option<Duration>,
    /// How its messages are compressed.
    pub compression: Option<Encoding>,
    /// What it does where there is no connection.
    pub readiness: Readiness,
    /// How large its messages may be.
    pub sizes: Sizes,
}

/// The call options panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionsPanel {
    /// What is changed.
    pub whose: Whose,
    /// The chosen piece of metadata.
    pub choice: Choice,
    /// What is being typed.
    pub typing: Option<Typing>,
    /// Whether secrets are shown.
    pub secrets: Secrets,
}

/// What is typed in the call options panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typing {
    /// What it will be.
    pub what: Typed,
    /// The text so far.
    pub line: Line,
}

/// What is typed in the call options panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Another piece of metadata.
    New,
    /// That piece of metadata, anew.
    Again(usize),
    /// That piece, a masked secret: its value is not in the line, and is kept if no other is typed.
    Unseen(usize),
    /// The deadline.
    Deadline,
}

impl Default for OptionsPanel {
    fn default() -> Self {
        Self { whose: Whose::All, choice: Choice::default(), typing: None, secrets: Secrets::Masked }
    }
}

impl Model {
    /// The options that a panel changes.
    pub fn options_of(&self, panel: &OptionsPanel) -> &CallOptions {
        self.options.of(panel.whose)
    }
}

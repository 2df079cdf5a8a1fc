//! The rows of the server and connection panel, and which of them are seen.

use ratatui::layout::Rect;

use super::panel_inside;
use crate::{
    certs::Certificate,
    rpc::{ClientCertificate, TlsFacts, Verified},
    text,
    tui::model::{EmbeddedState, Link, LinkState, Model, Protection, ServerPanel, ServerPlace},
};

/// The newest calls that are shown where the panel must be scrolled anyway.
const CALLS: usize = 5;
/// With fewer rows than its heading and so many calls, the list is not squeezed into the panel.
const LEAST_CALLS: usize = 2;
/// The columns of the labels, and the least width that has room for them.
const LABELS: (u16, u16) = (18, 60);
/// The same on a narrower panel. On an even narrower one a label is right before its value.
const NARROW_LABELS: (u16, u16) = (13, 34);

/// The most rows of one sentence.
const MAX_LINES: usize = 16;

/// From this many rows on, rows are set apart even in a panel that scrolls.
const ROOMY: usize = 8;

/// A row of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerRow {
    /// Nothing.
    Blank,
    /// What the next rows are about.
    Head(&'static str),
    /// The address.
    To,
    /// The channel's state.
    State,
    /// The n-th row of the doctor's sentence.
    Doctor(usize),
    /// The n-th row of how the connection is protected.
    Security(usize),
    /// What happened to the client certificate.
    Client,
    /// The n-th certificate of the server's chain, and which of its rows.
    Certificate(usize, usize),
    /// The n-th layer on the way to the server.
    Rung(usize),
    /// The service in use.
    Service,
    /// The n-th row of which services cannot be used.
    LeftOut(usize),
    /// Which compressed messages the server takes.
    Compression,
    /// How many calls there are.
    Calls,
    /// Where the embedded server listens.
    Listens,
    /// What the embedded server is doing.
    Embedded,
    /// How many replies it gives to a stream.
    Replies,
    /// Its pause between them.
    Pause,
    /// What it has answered.
    Answered,
    /// The line for another address.
    ConnectTo,
    /// The n-th row of the notice about that line.
    Said(usize),
    /// The way back to the embedded server.
    BackTo,
    /// The n-th of the calls that the embedded server keeps.
    Call(usize),
    /// It has had no calls.
    NoCalls,
}

/// The panel's rows as far as they are seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerWindow {
    /// All of them.
    pub rows: Vec<ServerRow>,
    /// The first that is seen.
    pub first: usize,
    /// Their area.
    pub area: Rect,
}

impl ServerWindow {
    /// How many are seen at once.
    pub fn page(&self) -> usize {
        usize::from(self.area.height)
    }

    /// The first row that is seen at the panel's end.
    pub fn last(&self) -> usize {
        self.rows.len().saturating_sub(self.page())
    }

    /// Whether there are more rows than fit.
    pub fn scrolls(&self) -> bool {
        self.last() > 0
    }

    /// The columns that labels take; none where they are right before their values.
    pub fn labels(&self) -> u16 {
        [LABELS, NARROW_LABELS]
            .into_iter()
            .find(|(_, from)| self.area.width >= *from)
            .map_or(0, |(room, _)| room)
    }

    /// The rows of a text beside a label.
    pub fn lines(&self, words: &str) -> Vec<String> {
        lines(words, self.area.width - self.labels())
    }
}

fn lines(words: &str, width: u16) -> Vec<String> {
    let mut lines = text::wrap(&text::safe(words), usize::from(width).max(1));
    lines.truncate(MAX_LINES);
    lines
}

/// Lays out the panel. A low one has no empty rows, and it scrolls if that is not enough.
pub fn server(model: &Model, panel: &ServerPanel) -> ServerWindow {
    let area = panel_inside(model);
    let mut window = ServerWindow { rows: Vec::new(), first: 0, area };
    let parts = [connection(model, &window), embedded(model), another(model, panel, &window)];
    let room = usize::from(area.height);
    let close: usize = parts.iter().map(Vec::len).sum();
    // A row before each part, and one at the foot, where something may be said.
    let is_wide = close + parts.len() < room || (close > room && room >= ROOMY);
    for part in parts {
        let first = window.rows.is_empty() && close > room;
        window.rows.extend((is_wide && !first).then_some(ServerRow::Blank));
        window.rows.extend(part);
    }
    let left = room.saturating_sub(window.rows.len() + usize::from(is_wide) + 1);
    let calls = match model.embedded.log.len() {
        0 if close > room || model.link.place == ServerPlace::Remote => 0,
        0 => left,
        _ if close <= room && left > LEAST_CALLS => left,
        // They are below the edge: the panel scrolls.
        _ => CALLS + 1,
    };
    if calls > 1 {
        window.rows.extend(is_wide.then_some(ServerRow::Blank));
        window.rows.extend(newest_calls(model, calls - 1));
    }
    let last = window.last();
    let typed = window.rows.iter().position(|row| *row == ServerRow::ConnectTo);
    window.first = match typed.filter(|at| panel.address.is_some() && *at + 2 > room) {
        // What is being typed comes first, with the notice about it below.
        Some(at) => at.min(last),
        None => panel.top.min(last),
    };
    window
}

/// The most important comes first.
fn connection(model: &Model, window: &ServerWindow) -> Vec<ServerRow> {
    let link = &model.link;
    let mut rows = vec![ServerRow::State, ServerRow::To];
    if window.labels() > 0 {
        rows = vec![ServerRow::Head("Connection"), ServerRow::To, ServerRow::State];
    }
    if let Some(words) = verdict(model) {
        rows.extend((0..window.lines(&words).len()).map(ServerRow::Doctor));
    }
    // What it was found by, before what is known anyway.
    if let Some(ladder) = link.ladder() {
        rows.extend((0..ladder.rungs().len()).map(ServerRow::Rung));
    }
    rows.extend((0..window.lines(&security(link)).len()).map(ServerRow::Security));
    if let LinkState::Ready { tls: Some(tls), .. } = &link.state {
        rows.extend(of_tls(tls, window));
    }
    rows.push(ServerRow::Service);
    if let Some(words) = &link.left_out {
        rows.extend((0..window.lines(words).len()).map(ServerRow::LeftOut));
    }
    rows.extend(link.accepted.is_some().then_some(ServerRow::Compression));
    rows.push(ServerRow::Calls);
    rows
}

fn of_tls(tls: &TlsFacts, window: &ServerWindow) -> Vec<ServerRow> {
    let client = (tls.client != ClientCertificate::NotAsked).then_some(ServerRow::Client);
    let mut rows: Vec<_> = client.into_iter().collect();
    for (nth, one) in tls.chain.iter().enumerate() {
        rows.extend((0..window.lines(&certificate(one)).len()).map(|line| ServerRow::Certificate(nth, line)));
    }
    rows
}

/// How a connection is protected.
pub fn security(link: &Link) -> String {
    let words = match (link.protection, link.place) {
        (Protection::Plaintext, ServerPlace::Embedded) => "plaintext (loopback)",
        (Protection::Plaintext, ServerPlace::Remote) => "plaintext",
        (Protection::Tls, _) => "TLS",
        (Protection::NotVerified, _) => "NOT VERIFIED · TLS to an unverified server",
    };
    let LinkState::Ready { tls: Some(tls), .. } = &link.state else { return words.to_owned() };
    let warning = if tls.verified == Verified::No { "NOT VERIFIED · " } else { "" };
    format!("{warning}{} · {}", tls.version, tls.cipher)
}

/// A certificate's subject, its dates and its issuer.
pub fn certificate(certificate: &Certificate) -> String {
    let own = certificate.names.first().unwrap_or(&certificate.subject);
    let issuer = if certificate.is_self_issued { "itself" } else { &certificate.issuer };
    let (from, until) = (certificate.not_before.day(), certificate.not_after.day());
    format!("{own} · {from} to {until} · by {issuer}")
}

/// The doctor's sentence, or that it is at work.
pub fn verdict(model: &Model) -> Option<String> {
    let link = &model.link;
    if link.state == LinkState::Stopped {
        return None;
    }
    if link.doctor.is_at_work() {
        let known = link.hindrance().map(|why| format!("{why}: ")).unwrap_or_default();
        return Some(format!("{known}looking closer, for 5 s at most"));
    }
    let known = link.ladder().map(|ladder| ladder.verdict());
    known.or_else(|| link.failure.as_ref().map(|failure| failure.cause.clone()))
}

fn embedded(model: &Model) -> Vec<ServerRow> {
    use ServerRow::{Answered, Embedded, Head, Listens, Pause, Replies};
    let mut rows = vec![Head("Embedded server"), Listens, Embedded, Replies, Pause];
    if matches!(model.embedded.state, EmbeddedState::Serving(_)) {
        rows.push(Answered);
    }
    rows
}

fn another(model: &Model, panel: &ServerPanel, window: &ServerWindow) -> Vec<ServerRow> {
    let mut rows = vec![ServerRow::Head("Another server"), ServerRow::ConnectTo];
    if panel.address.is_some()
        && let Some(notice) = &model.notice
    {
        rows.extend((0..window.lines(&notice.text).len()).map(ServerRow::Said));
    }
    if model.link.place == ServerPlace::Remote {
        rows.push(ServerRow::BackTo);
    }
    rows
}

/// As many as there is room for, newest last.
fn newest_calls(model: &Model, most: usize) -> Vec<ServerRow> {
    let count = model.embedded.log.len();
    let head = ServerRow::Head("Calls as the server saw them");
    if count == 0 {
        return vec![head, ServerRow::NoCalls];
    }
    std::iter::once(head).chain((count.saturating_sub(most)..count).map(ServerRow::Call)).collect()
}

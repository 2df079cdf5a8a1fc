//! The server and connection panel.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};

use super::{
    header::state_words,
    list::open,
    paint::{Painter, rest, row},
};
use crate::{
    certs::Certificate,
    rpc::{ClientCertificate, Code, Verified, status::code_name},
    server::{CallEnd, CallLine},
    text,
    tui::{
        action::{Action, binding},
        model::{Asking, EmbeddedState, Link, LinkState, Model, Pane, Protection, ServerPanel, ServerPlace},
    },
};

/// The rows of all that stands above the calls.
const ALL_BUT_CALLS: u16 = 19;
/// Certificates of a chain that are shown: more than three are rare.
const MAX_CERTIFICATES: usize = 3;
/// The room of the labels.
const LABELS: u16 = 18;

/// Draws row after row.
struct Rows<'a, 'p> {
    model: &'a Model,
    painter: &'a mut Painter<'p>,
    inside: Rect,
    next: u16,
}

impl Rows<'_, '_> {
    fn take(&mut self) -> Rect {
        self.next += 1;
        row(self.inside, self.next - 1)
    }

    fn blank(&mut self) {
        // In a low panel the rows stand close.
        if self.inside.height >= ALL_BUT_CALLS + extra(self.model) {
            self.next += 1;
        }
    }

    fn head(&mut self, words: &str) {
        let area = self.take();
        self.painter.left(area, words, self.painter.theme.strong);
    }

    /// A label, its value, and the keys that change it.
    fn row(&mut self, label: &str, value: &str, style: Style, actions: &[Action]) {
        let area = self.take();
        let keys: Vec<String> = actions
            .iter()
            .filter(|action| self.model.offers(**action))
            .filter_map(|action| {
                let binding = binding(*action)?;
                Some(format!("{}  {}", binding.key()?, self.words(*action)))
            })
            .collect();
        self.row_with(area, label, value, style, &keys.join("   "));
    }

    fn row_with(&mut self, area: Rect, label: &str, value: &str, style: Style, keys: &str) {
        let dim = self.painter.theme.dim;
        self.painter.left(area, label, dim);
        let room = rest(area, LABELS.min(area.width / 3));
        let right = self.painter.right(room, &[(keys, dim)]);
        self.painter.left(Rect { width: room.width.saturating_sub(right), ..room }, value, style);
    }

    fn words(&self, action: Action) -> String {
        match action {
            Action::Services => self.model.other_contract().map_or_else(
                || format!("{} services", text::count(self.model.offered.len() as u64)),
                |contract| text::safe(contract.name()).into_owned(),
            ),
            action => binding(action).map(|binding| binding.short.to_owned()).unwrap_or_default(),
        }
    }
}

pub(super) fn draw(model: &Model, panel: &ServerPanel, painter: &mut Painter<'_>) -> Option<Position> {
    let inside = open(model, "F2 Server and connection", painter);
    let mut rows = Rows { model, painter, inside, next: 0 };
    // Where there is no room for all of it, what is being typed comes first.
    let low = inside.height < ALL_BUT_CALLS + extra(model);
    let mut cursor = None;
    if low && panel.address.is_some() {
        cursor = another(&mut rows, panel);
    }
    rows.blank();
    connection(&mut rows);
    rows.blank();
    embedded(&mut rows);
    if !(low && panel.address.is_some()) {
        rows.blank();
        cursor = another(&mut rows, panel);
    }
    rows.blank();
    calls(&mut rows);
    if let Some(notice) = &model.notice {
        let last = row(inside, inside.height.saturating_sub(1));
        painter.clear(last);
        painter.left(last, &text::safe(&notice.text), painter.theme.strong);
    }
    cursor
}

fn connection(rows: &mut Rows<'_, '_>) {
    let model = rows.model;
    let (text_style, good, bad) = (rows.painter.theme.text, rows.painter.theme.good, rows.painter.theme.bad);
    rows.head("Connection");
    rows.row("to", &text::safe(&url(&model.link)), text_style, &[Action::CopyAddress]);
    let (sign, word) = state_words(&model.link.state);
    let (state, style) = match &model.link.state {
        LinkState::Ready { since, peer, .. } => {
            let since = text::ticking(model.now.saturating_duration_since(*since));
            let peer = match peer.to_string() {
                peer if peer == model.link.address => String::new(),
                peer => format!(" · {}", text::safe(&peer)),
            };
            (format!("{sign} {word} for {since}{peer}"), good)
        }
        LinkState::Lost { cause, retry_at, .. } => {
            let pause = retry_at.saturating_duration_since(model.now).as_secs_f64().ceil();
            (format!("{sign} {word} · {} · retry in {pause} s", text::safe(cause)), bad)
        }
        _ => (format!("{sign} {word}"), text_style),
    };
    rows.row("state", &state, style, &[]);
    ladder(rows);
    security(rows);
    let service = match model.link.asking {
        Asking::Now => "asking the server…".to_owned(),
        _ => format!("{}, {}", text::safe(model.contract.name()), model.contract.source()),
    };
    rows.row("service", &service, text_style, &[Action::Services]);
    if let Some(accepted) = &model.link.accepted {
        rows.row("compression", &format!("the server takes {accepted}"), text_style, &[]);
    }
    let live = model.live() as u64;
    let kept: usize = model.panes.iter().map(|pane| pane.calls().len()).sum();
    let ended = kept as u64 - live + model.panes.iter().map(Pane::let_go).sum::<u64>();
    rows.row("calls", &format!("{} live · {} ended", text::count(live), text::count(ended)), text_style, &[]);
}

/// `http://127.0.0.1:50051`, `unix:/run/greeter.sock`.
fn url(link: &Link) -> String {
    match link.protection {
        _ if link.address.starts_with("unix") => link.address.clone(),
        Protection::Plaintext => format!("http://{}", link.address),
        Protection::Tls | Protection::NotVerified => format!("https://{}", link.address),
    }
}

/// How far an attempt came that failed, and what to do about it; the rungs where there is room for them.
fn ladder(rows: &mut Rows<'_, '_>) {
    let LinkState::Lost { ladder: Some(ladder), .. } = &rows.model.link.state else { return };
    let (text_style, dim, bad) = (rows.painter.theme.text, rows.painter.theme.dim, rows.painter.theme.bad);
    if rows.inside.height >= ALL_BUT_CALLS + extra(rows.model) {
        for rung in ladder.rungs() {
            let (sign, words, style) = match &rung.found {
                Ok(seen) => ("✓", seen.to_string(), dim),
                Err(fault) => ("✗", fault.to_string(), bad),
            };
            rows.row(&format!("  {sign} {}", rung.layer), &text::safe(&words), style, &[]);
        }
    }
    if let Some(fault) = ladder.fault() {
        rows.row("what to do", &text::safe(&fault.advice()), text_style, &[]);
    }
}

/// How the connection is protected, and by whose word.
fn security(rows: &mut Rows<'_, '_>) {
    let (text_style, bad) = (rows.painter.theme.text, rows.painter.theme.bad);
    let link = &rows.model.link;
    let (words, style) = match (link.protection, link.place) {
        (Protection::Plaintext, ServerPlace::Embedded) => ("plaintext (loopback)", text_style),
        (Protection::Plaintext, ServerPlace::Remote) => ("plaintext", text_style),
        (Protection::Tls, _) => ("TLS", text_style),
        (Protection::NotVerified, _) => ("TLS, NOT VERIFIED: nobody knows who answers", bad),
    };
    let LinkState::Ready { tls: Some(tls), .. } = &link.state else {
        return rows.row("security", words, style, &[]);
    };
    let warning = if tls.verified == Verified::No { "NOT VERIFIED · " } else { "" };
    rows.row("security", &format!("{warning}{} · {}", tls.version, tls.cipher), style, &[]);
    match tls.client {
        ClientCertificate::NotAsked => {}
        ClientCertificate::Withheld => {
            rows.row("our certificate", "it was asked for, and none was given", text_style, &[]);
        }
        ClientCertificate::Given => {
            rows.row("our certificate", "it was asked for, and given", text_style, &[]);
        }
    }
    for certificate in tls.chain.iter().take(MAX_CERTIFICATES) {
        rows.row("certificate", &of_certificate(certificate), style, &[]);
    }
}

/// Whose, from when until when, and by whom.
fn of_certificate(certificate: &Certificate) -> String {
    let own = certificate.names.first().unwrap_or(&certificate.subject);
    let issuer = if certificate.is_self_issued { "itself" } else { &certificate.issuer };
    let (from, until) = (certificate.not_before.day(), certificate.not_after.day());
    format!("{} · {from} to {until} · by {}", text::safe(own), text::safe(issuer))
}

/// The rows that certificates take, or a ladder, and what the server takes.
fn extra(model: &Model) -> u16 {
    u16::from(model.link.accepted.is_some())
        + match &model.link.state {
            LinkState::Ready { tls: Some(tls), .. } => {
                let ours = u16::from(tls.client != ClientCertificate::NotAsked);
                tls.chain.len().min(MAX_CERTIFICATES) as u16 + ours
            }
            LinkState::Lost { ladder: Some(ladder), .. } => ladder.rungs().len() as u16 + 1,
            _ => 0,
        }
}

fn embedded(rows: &mut Rows<'_, '_>) {
    let embedded = &rows.model.embedded;
    let (text_style, good, dim) = (rows.painter.theme.text, rows.painter.theme.good, rows.painter.theme.dim);
    rows.head("Embedded server");
    let address = embedded.address.map_or_else(|| "nowhere yet".to_owned(), |address| address.to_string());
    rows.row("listens on", &address, text_style, &[]);
    let (state, style) = match &embedded.state {
        EmbeddedState::Serving(counts) => {
            let s = if counts.connections == 1 { "" } else { "s" };
            (format!("● serving · {} connection{s}", counts.connections), good)
        }
        EmbeddedState::Stopped => ("○ stopped".to_owned(), dim),
        EmbeddedState::Starting => ("○ starting".to_owned(), dim),
        EmbeddedState::Stopping => ("○ stopping".to_owned(), dim),
        EmbeddedState::Failed(why) => (format!("○ {}", text::safe(why)), rows.painter.theme.bad),
    };
    rows.row("state", &state, style, &[Action::StopServer, Action::StartServer, Action::RestartServer]);
    let area = rows.take();
    let replies = text::count(embedded.settings.replies.into());
    rows.row_with(area, "replies", &replies, text_style, "+ -");
    let area = rows.take();
    rows.row_with(area, "pause between", &text::elapsed(embedded.settings.interval), text_style, "[ ]");
    if let EmbeddedState::Serving(counts) = &embedded.state {
        let (replies, calls) = (text::count(counts.replies), text::count(counts.calls));
        rows.row("has answered", &format!("{replies} replies in {calls} calls"), text_style, &[]);
    }
}

/// The newest calls as the server saw them, newest last, as many as there is room for.
fn calls(rows: &mut Rows<'_, '_>) {
    let log = &rows.model.embedded.log;
    let room = usize::from(rows.inside.height.saturating_sub(rows.next + 1));
    if room == 0 {
        return;
    }
    rows.head("Calls as the server saw them");
    if log.is_empty() {
        let area = rows.take();
        rows.painter.left(area, "none yet", rows.painter.theme.dim);
    }
    for line in log.iter().skip(log.len().saturating_sub(room)) {
        let area = rows.take();
        draw_call(line, area, rows.painter);
    }
}

fn draw_call(line: &CallLine, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let (state, style) = match line.end {
        None if line.half_closed.is_some() => ("half-closed".to_owned(), theme.text),
        None => ("open".to_owned(), theme.text),
        Some((after, CallEnd::Status(code))) => {
            let name = code_name(Code::from(code));
            let style = if code == 0 { theme.good } else { theme.bad };
            (format!("{name}  {:>7}", text::elapsed(after)), style)
        }
        Some((after, CallEnd::Deadline)) => (format!("deadline  {:>7}", text::elapsed(after)), theme.bad),
        Some((_, CallEnd::Stopped)) => ("stopped".to_owned(), theme.dim),
        Some((after, CallEnd::Cancelled)) => (format!("cancelled  {:>7}", text::elapsed(after)), theme.dim),
    };
    let right = painter.right(area, &[(&state, style)]);
    let room = Rect { width: area.width.saturating_sub(right + 1), ..area };
    let number = format!("{:<5}", line.number);
    let method = line.path.rsplit('/').next().unwrap_or_default();
    let method = format!("{:<27}", text::safe(method));
    let counts = format!("{} in · {} out", text::count(line.received), text::count(line.sent));
    painter.pieces(room, &[(&number, theme.dim), (&method, theme.text), (&counts, theme.dim)]);
}

fn another(rows: &mut Rows<'_, '_>, panel: &ServerPanel) -> Option<Position> {
    let (text_style, dim) = (rows.painter.theme.text, rows.painter.theme.dim);
    rows.head("Another server");
    let area = rows.take();
    let cursor = if let Some(line) = &panel.address {
        rows.painter.left(area, "connect to", dim);
        let room = rest(area, LABELS.min(area.width / 3));
        if line.is_empty() {
            rows.painter.left(room, "host:port, then Enter", dim);
        }
        rows.painter.edited(room, line, text_style)
    } else {
        rows.row_with(area, "connect to", "host:port, https://…, unix:path", dim, "c  connect");
        None
    };
    if rows.model.link.place == ServerPlace::Remote {
        let address = rows.model.embedded.address.map(|address| address.to_string());
        let address = address.unwrap_or_else(|| "starts it".to_owned());
        let area = rows.take();
        rows.row_with(area, "back to embedded", &address, dim, "e  embedded");
    }
    cursor
}

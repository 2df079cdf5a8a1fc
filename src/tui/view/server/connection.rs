//! What is connected to what, how it is protected, and why calls fail if they do.

use ratatui::style::Style;

use super::Rows;
use crate::{
    rpc::{ClientCertificate, Outcome, Seen, TlsFacts},
    text,
    tui::{
        action::Action,
        layout,
        model::{Asking, Link, LinkState, Pane, Protection},
        view::header::state_words,
    },
};

impl Rows<'_, '_> {
    pub(super) fn to(&mut self) {
        let to = url(&self.model.link);
        self.row("to", &text::safe(&to), self.painter.theme.text, &[Action::CopyAddress]);
    }

    pub(super) fn state(&mut self) {
        let (good, bad, plain) = (self.painter.theme.good, self.painter.theme.bad, self.painter.theme.text);
        let link = &self.model.link;
        let (sign, word) = state_words(&link.state);
        let (words, style) = match &link.state {
            LinkState::Ready { since, .. } => {
                let since = text::ticking(self.model.now.saturating_duration_since(*since));
                let peer = link.resolved().map(|peer| format!(" · {}", text::safe(&peer)));
                (format!("{sign} {word} for {since}{}", peer.unwrap_or_default()), good)
            }
            LinkState::Lost { retry_at } => {
                let pause = retry_at.saturating_duration_since(self.model.now).as_secs_f64().ceil();
                (format!("{sign} {word} · retry in {pause} s"), bad)
            }
            _ => (format!("{sign} {word}"), plain),
        };
        let keys =
            if link.doctor.is_at_work() { "d  stop".to_owned() } else { self.keys(&[Action::Examine]) };
        self.row_with("state", &words, style, &keys);
    }

    /// A row of the doctor's sentence.
    pub(super) fn doctor(&mut self, nth: usize) {
        let Some(words) = layout::verdict(self.model) else { return };
        let theme = self.painter.theme;
        let link = &self.model.link;
        let style = if link.doctor.is_at_work() {
            theme.dim
        } else if link.ladder().is_none_or(|ladder| ladder.fault().is_some()) {
            theme.strong
        } else {
            theme.good
        };
        self.line("doctor", &words, nth, style);
    }

    /// A layer on the way, as `greeter doctor` tells it.
    pub(super) fn rung(&mut self, nth: usize) {
        let Some(rung) = self.model.link.ladder().and_then(|ladder| ladder.rungs().get(nth)) else { return };
        let theme = self.painter.theme;
        let (sign, style, took) = match rung.outcome() {
            // Nothing was asked, and nothing took its time.
            Outcome::Holds if rung.found == Ok(Seen::NoName) => ("✓", theme.dim, String::new()),
            Outcome::Holds => ("✓", theme.dim, text::elapsed(rung.took)),
            Outcome::Unused => ("·", theme.dim, String::new()),
            Outcome::Fails => ("✗", theme.bad, text::elapsed(rung.took)),
        };
        let words = rung.words();
        let indent = if self.window.labels() > 0 { "  " } else { "" };
        self.row_with(&format!("{indent}{sign} {}", rung.layer), &words, style, &took);
    }

    /// A row of how the connection is protected.
    pub(super) fn security(&mut self, line: usize) {
        let words = layout::security(&self.model.link);
        self.line("security", &words, line, self.security_style());
    }

    fn security_style(&self) -> Style {
        match self.model.link.protection {
            Protection::NotVerified => self.painter.theme.bad,
            Protection::Plaintext | Protection::Tls => self.painter.theme.text,
        }
    }

    /// A row of a text that may take several.
    fn line(&mut self, label: &str, words: &str, line: usize, style: Style) {
        let lines = self.window.lines(words);
        self.row(if line == 0 { label } else { "" }, lines.get(line).map_or("", String::as_str), style, &[]);
    }

    pub(super) fn client(&mut self) {
        let words = match self.tls().map(|tls| tls.client) {
            Some(ClientCertificate::Given) => "it was asked for, and given",
            Some(ClientCertificate::Withheld) => "it was asked for, and none was given",
            Some(ClientCertificate::NotAsked) | None => return,
        };
        self.row("our certificate", words, self.painter.theme.text, &[]);
    }

    /// A row of who vouches for the server, or of who vouches for that.
    pub(super) fn certificate(&mut self, nth: usize, line: usize) {
        let Some(certificate) = self.tls().and_then(|tls| tls.chain.get(nth)) else { return };
        let words = layout::certificate(certificate);
        self.line("certificate", &words, line, self.security_style());
    }

    pub(super) fn service(&mut self) {
        let model = self.model;
        let service = match (model.link.asking, &model.link.state) {
            (Asking::Now, LinkState::Ready { .. }) => "asking the server…".to_owned(),
            _ => format!("{}, {}", text::safe(model.contract.name()), model.contract.source()),
        };
        self.row("service", &service, self.painter.theme.text, &[Action::Services]);
    }

    pub(super) fn left_out(&mut self, line: usize) {
        if let Some(words) = &self.model.link.left_out {
            self.line("", words, line, self.painter.theme.note);
        }
    }

    pub(super) fn compression(&mut self) {
        if let Some(accepted) = &self.model.link.accepted {
            let words = format!("the server takes {accepted}");
            self.row("compression", &words, self.painter.theme.text, &[]);
        }
    }

    pub(super) fn calls(&mut self) {
        let model = self.model;
        let live = model.live() as u64;
        let kept: usize = model.panes.iter().map(|pane| pane.calls().len()).sum();
        let ended = kept as u64 - live + model.panes.iter().map(Pane::let_go).sum::<u64>();
        let words = format!("{} live · {} ended", text::count(live), text::count(ended));
        self.row("calls", &words, self.painter.theme.text, &[]);
    }

    fn tls(&self) -> Option<&TlsFacts> {
        match &self.model.link.state {
            LinkState::Ready { tls, .. } => tls.as_deref(),
            _ => None,
        }
    }
}

/// The prefixes of gRPC's names for what is not a host and a port.
const OWN_WAYS: [&str; 4] = ["unix:", "unix-abstract:", "ipv4:", "ipv6:"];

/// `http://127.0.0.1:50051`, `unix:/run/greeter.sock`.
fn url(link: &Link) -> String {
    match link.protection {
        // A name with one of gRPC's own prefixes is not a URL.
        _ if OWN_WAYS.iter().any(|way| link.address.starts_with(way)) => link.address.clone(),
        Protection::Plaintext => format!("http://{}", link.address),
        Protection::Tls | Protection::NotVerified => format!("https://{}", link.address),
    }
}

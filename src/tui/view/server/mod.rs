//! The server and connection panel.

mod connection;
mod embedded;

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};

use super::{
    list::open,
    paint::{Painter, rest, row},
};
use crate::{
    text,
    tui::{
        action::{Action, binding},
        layout::{self, ServerRow, ServerWindow},
        model::{Model, ServerPanel},
    },
};

/// Draws one row.
struct Rows<'a, 'p> {
    model: &'a Model,
    painter: &'a mut Painter<'p>,
    window: &'a ServerWindow,
    area: Rect,
}

pub(super) fn draw(model: &Model, panel: &ServerPanel, painter: &mut Painter<'_>) -> Option<Position> {
    let inside = open(model, "F2 Server and connection", painter);
    let window = layout::server(model, panel);
    let mut cursor = None;
    for (nth, shown) in window.rows.iter().skip(window.first).take(window.page()).enumerate() {
        let area = row(inside, nth as u16);
        let mut rows = Rows { model, painter, window: &window, area };
        cursor = cursor.or(rows.draw(*shown, panel));
    }
    more(&window, model, painter);
    if let Some(notice) = model.notice.as_ref().filter(|_| panel.address.is_none()) {
        let last = row(inside, inside.height.saturating_sub(1));
        painter.clear(last);
        painter.left(last, &text::safe(&notice.text), painter.theme.strong);
    }
    cursor
}

/// How many more rows are below, on the lower edge of the frame if it has one.
fn more(window: &ServerWindow, model: &Model, painter: &mut Painter<'_>) {
    let frame = layout::panel(model);
    let below = window.last() - window.first;
    if window.scrolls() && !layout::is_bare(model) {
        let foot =
            Rect { width: frame.width.saturating_sub(2), ..row(frame, frame.height.saturating_sub(1)) };
        let words = if below > 0 { format!(" ↓ {below} more ") } else { " ↑ ".to_owned() };
        painter.right(foot, &[(&words, painter.theme.dim)]);
    }
}

impl Rows<'_, '_> {
    fn draw(&mut self, shown: ServerRow, panel: &ServerPanel) -> Option<Position> {
        let theme = self.painter.theme;
        match shown {
            ServerRow::Blank => {}
            ServerRow::Head(words) => {
                self.painter.left(self.area, words, theme.strong);
            }
            ServerRow::To => self.to(),
            ServerRow::State => self.state(),
            ServerRow::Doctor(nth) => self.doctor(nth),
            ServerRow::Security(line) => self.security(line),
            ServerRow::Client => self.client(),
            ServerRow::Certificate(nth, line) => self.certificate(nth, line),
            ServerRow::Rung(nth) => self.rung(nth),
            ServerRow::Service => self.service(),
            ServerRow::LeftOut(line) => self.left_out(line),
            ServerRow::Compression => self.compression(),
            ServerRow::Calls => self.calls(),
            ServerRow::Listens => self.listens(),
            ServerRow::Embedded => self.embedded(),
            ServerRow::Replies => self.replies(),
            ServerRow::Pause => self.pause(),
            ServerRow::Answered => self.answered(),
            ServerRow::ConnectTo => return self.connect_to(panel),
            ServerRow::Said(nth) => self.said(nth),
            ServerRow::BackTo => {
                let address = self.model.embedded.address.map(|address| address.to_string());
                let address = address.unwrap_or_else(|| "starts it first".to_owned());
                self.row_with("back to embedded", &address, theme.dim, "e  embedded");
            }
            ServerRow::Call(nth) => self.call(nth),
            ServerRow::NoCalls => {
                self.painter.left(self.area, "none yet", theme.dim);
            }
        }
        None
    }

    /// The line for another address, or the key that opens it.
    fn connect_to(&mut self, panel: &ServerPanel) -> Option<Position> {
        let theme = self.painter.theme;
        let Some(line) = &panel.address else {
            self.row_with("connect to", "host:port, https://…, unix:path", theme.dim, "c  connect");
            return None;
        };
        let room = if self.window.labels() > 0 { self.label("connect to") } else { self.area };
        if line.is_empty() {
            self.painter.left(room, "host:port --cacert FILE …, then Enter", theme.hint);
        }
        self.painter.edited(room, line, theme.text)
    }

    /// The notice about an address that was typed.
    fn said(&mut self, nth: usize) {
        let Some(notice) = &self.model.notice else { return };
        let lines = self.window.lines(&notice.text);
        self.row("", lines.get(nth).map_or("", String::as_str), self.painter.theme.strong, &[]);
    }

    /// A label, its value, and the keys that change it.
    fn row(&mut self, label: &str, value: &str, style: Style, actions: &[Action]) {
        self.row_with(label, value, style, &self.keys(actions));
    }

    /// The value comes first: the keys at the right get the room that is left.
    fn row_with(&mut self, label: &str, value: &str, style: Style, right: &str) {
        let room = self.label(label);
        let used = self.painter.left(room, value, style);
        let (room, dim) = (rest(room, used + 2), self.painter.theme.dim);
        // The keys alone where their words have no room.
        if self.painter.right(room, &[(right, dim)]) == 0 {
            let keys = right.split_once("  ").map_or(right, |(keys, _)| keys);
            self.painter.right(room, &[(keys, dim)]);
        }
    }

    /// Draws a label and returns the room left beside it.
    fn label(&mut self, label: &str) -> Rect {
        let (labels, dim) = (self.window.labels(), self.painter.theme.dim);
        if labels > 0 {
            let has_room = labels < self.area.width / 3 && text::width(label) < usize::from(labels);
            let label = if has_room { label } else { short(label) };
            self.painter.left(Rect { width: labels.min(self.area.width), ..self.area }, label, dim);
            return rest(self.area, labels);
        }
        // What explains itself does so without one.
        if matches!(label, "" | "to" | "state" | "doctor" | "security" | "certificate") {
            return self.area;
        }
        let used = self.painter.left(self.area, &format!("{} ", short(label)), dim);
        rest(self.area, used)
    }

    fn keys(&self, actions: &[Action]) -> String {
        let offered = actions.iter().filter(|action| self.model.offers(**action));
        let keys = offered
            .filter_map(|action| Some(format!("{}  {}", binding(*action)?.key()?, self.words(*action))));
        keys.collect::<Vec<_>>().join("   ")
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

/// A label for a narrow panel.
fn short(label: &str) -> &str {
    match label {
        "our certificate" => "ours",
        "pause between" => "pause",
        "has answered" => "answered",
        "back to embedded" => "back to",
        label => label,
    }
}

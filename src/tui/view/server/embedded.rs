//! The server inside this program, and its calls as it saw them.

use ratatui::layout::Rect;

use super::Rows;
use crate::{
    rpc::{Code, status::code_name},
    server::{CallEnd, CallLine},
    text,
    tui::{action::Action, model::EmbeddedState, view::paint::Painter},
};

impl Rows<'_, '_> {
    pub(super) fn listens(&mut self) {
        let address = self.model.embedded.address;
        let address = address.map_or_else(|| "not started".to_owned(), |address| address.to_string());
        self.row("listens on", &address, self.painter.theme.text, &[]);
    }

    pub(super) fn embedded(&mut self) {
        let theme = self.painter.theme;
        let (state, style) = match &self.model.embedded.state {
            EmbeddedState::Serving(counts) => {
                let s = if counts.connections == 1 { "" } else { "s" };
                (format!("● serving · {} connection{s}", counts.connections), theme.good)
            }
            EmbeddedState::Stopped => ("○ stopped".to_owned(), theme.dim),
            EmbeddedState::Starting => ("○ starting".to_owned(), theme.dim),
            EmbeddedState::Stopping => ("○ stopping".to_owned(), theme.dim),
            EmbeddedState::Failed(why) => (format!("○ {}", text::safe(why)), theme.bad),
        };
        self.row("state", &state, style, &[Action::StopServer, Action::StartServer, Action::RestartServer]);
    }

    pub(super) fn replies(&mut self) {
        let replies = text::count(self.model.embedded.settings.replies.into());
        self.row_with("replies", &replies, self.painter.theme.text, "+ -  more, fewer");
    }

    pub(super) fn pause(&mut self) {
        let pause = text::elapsed(self.model.embedded.settings.interval);
        self.row_with("pause between", &pause, self.painter.theme.text, "[ ]  shorter, longer");
    }

    pub(super) fn answered(&mut self) {
        let EmbeddedState::Serving(counts) = &self.model.embedded.state else { return };
        let replies = match counts.replies {
            1 => "1 reply".to_owned(),
            replies => format!("{} replies", text::count(replies)),
        };
        let calls = match counts.calls {
            1 => "1 call".to_owned(),
            calls => format!("{} calls", text::count(calls)),
        };
        self.row("has answered", &format!("{replies} in {calls}"), self.painter.theme.text, &[]);
    }

    pub(super) fn call(&mut self, nth: usize) {
        if let Some(line) = self.model.embedded.log.get(nth) {
            draw_call(line, self.area, self.painter);
        }
    }
}

fn draw_call(line: &CallLine, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let (state, style) = match line.end {
        None if line.half_closed.is_some() => ("half-closed".to_owned(), theme.text),
        None => ("open".to_owned(), theme.text),
        Some((_, CallEnd::Status(0))) => (format!("✓ {}", code_name(Code::Ok)), theme.good),
        Some((_, CallEnd::Status(code))) => (format!("✗ {}", code_name(Code::from(code))), theme.bad),
        Some((_, CallEnd::Deadline)) => ("✗ deadline".to_owned(), theme.bad),
        Some((_, CallEnd::Stopped)) => ("■ stopped".to_owned(), theme.dim),
        Some((_, CallEnd::Cancelled)) => ("■ cancelled".to_owned(), theme.dim),
    };
    let took = match line.end {
        // When it was stopped is not known.
        Some((_, CallEnd::Stopped)) | None => String::new(),
        Some((after, _)) => format!("  {:>7}", text::elapsed(after)),
    };
    let right = painter.right(area, &[(&state, style), (&took, theme.dim)]);
    let room = Rect { width: area.width.saturating_sub(right + 1), ..area };
    let number = format!("{:<5}", line.number);
    let method = line.path.rsplit('/').next().unwrap_or_default();
    let method = format!("{:<27}", text::safe(method));
    let counts = format!("{} in · {} out", text::count(line.received), text::count(line.sent));
    painter.pieces(room, &[(&number, theme.dim), (&method, theme.text), (&counts, theme.dim)]);
}

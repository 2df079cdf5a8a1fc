//! The first row: what is connected to what. State and address are never cut for the rest.

use ratatui::layout::Rect;

use super::paint::{Painter, Piece, rest};
use crate::{
    rpc::Peer,
    text,
    tui::model::{Asking, LinkState, Model, Protection, ServerPlace},
};

/// `999 live   F1 help `
const RIGHT: u16 = 20;

pub(super) fn draw(model: &Model, area: Rect, painter: &mut Painter<'_>) {
    let theme = painter.theme;
    let (sign, word) = state_words(&model.link.state);
    let style = match model.link.state {
        LinkState::Ready { .. } => theme.good,
        LinkState::Lost { .. } => theme.bad,
        LinkState::Connecting | LinkState::Stopped => theme.dim,
    };
    let address = text::safe(&model.link.address).into_owned();
    // Before the address, where nothing can cut it.
    let warning = match model.link.protection {
        Protection::NotVerified => "NOT VERIFIED ",
        Protection::Plaintext | Protection::Tls => "",
    };
    // On a very narrow screen the sign alone says the state.
    let whole = format!("{sign} {word}");
    let must = text::width(&whole) + warning.len() + text::width(&address);
    let narrow = must + 3 > usize::from(area.width);
    let (state, gap) = if narrow { (sign.to_owned(), " ") } else { (whole, "  ") };
    let whose = whose(model);
    let must = text::width(&state) + 2 + warning.len() + text::width(&address);
    let width = usize::from(area.width);

    // What is let go first when there is little room: the words on the right, the service, the name.
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let name = if must + 11 <= width { " greeter  " } else { " " };
    // Where there is room for nothing else, whom it is that nobody knows.
    if width >= text::width(name) + text::width(&state) + gap.len() + warning.len() || warning.is_empty() {
        pieces.push((name, theme.strong));
        pieces.push((&state, style));
        pieces.push((gap, theme.dim));
    }
    pieces.push((if width > warning.len() { warning } else { warning.trim_end() }, theme.bad));
    pieces.push((&address, theme.text));
    let so_far = text::width(name) + must;
    // A missing server is more than the words on the right.
    let (essence, detail) = about(model);
    let about = format!("{essence}{detail}");
    let resolved = resolved(model);
    if so_far + text::width(whose) <= width {
        pieces.push((whose, theme.text));
        // What is behind the bar has its room first.
        let rest = text::width(&about) + 3 + usize::from(RIGHT) + 2;
        if so_far + text::width(whose) + text::width(&resolved) + rest <= width {
            pieces.push((&resolved, theme.dim));
        }
    }
    let used = painter.pieces(area, &pieces);

    let dim = painter.theme.dim;
    let free = rest(area, used);
    let important = matches!(model.link.state, LinkState::Lost { .. } | LinkState::Stopped);
    let reserved = if important { text::width(&about) as u16 + 3 } else { 0 };
    let taken = right_words(model, rest(free, reserved + 2), painter);
    // The room for the words on the right is kept also while nothing lives: nothing jumps.
    let kept = match taken {
        0 => 0,
        taken if important => taken + 2,
        taken => taken.max(RIGHT) + 2,
    };
    let middle = Rect { width: free.width.saturating_sub(kept), ..free };
    if usize::from(middle.width) >= text::width(&about).min(24) + 3 {
        let border = painter.theme.border;
        let has_room = text::width(&about) + 3 <= usize::from(middle.width);
        let said = if has_room { &about } else { &essence };
        painter.pieces(middle, &[(" │ ", border), (said, dim)]);
    }
}

/// How many calls live, and where the help is; as much of it as there is room for.
fn right_words(model: &Model, area: Rect, painter: &mut Painter<'_>) -> u16 {
    let dim = painter.theme.dim;
    let live = match model.live() {
        0 => String::new(),
        live => format!("{live} live"),
    };
    match painter.right(area, &[(&live, dim), ("   F1 help ", dim)]) {
        0 if !live.is_empty() => painter.right(area, &[(&live, dim), (" ", dim)]),
        taken => taken,
    }
}

/// A state's sign and word.
pub(super) fn state_words(state: &LinkState) -> (&'static str, &'static str) {
    match state {
        LinkState::Connecting => ("○", "connecting"),
        LinkState::Ready { .. } => ("●", "ready"),
        LinkState::Lost { .. } => ("○", "lost"),
        LinkState::Stopped => ("○", "stopped"),
    }
}

/// ` · 127.0.0.1`: the address in use of a name that has several.
fn resolved(model: &Model) -> String {
    let LinkState::Ready { peer: Peer::Ip(peer), .. } = &model.link.state else { return String::new() };
    model.link.resolved().map(|_| format!(" · {}", peer.ip())).unwrap_or_default()
}

fn whose(model: &Model) -> &'static str {
    match (model.link.place, model.link.protection) {
        (ServerPlace::Embedded, _) => " · embedded · plaintext",
        (ServerPlace::Remote, Protection::Plaintext) => " · plaintext",
        (ServerPlace::Remote, Protection::Tls | Protection::NotVerified) => " · TLS",
    }
}

/// Behind the bar: why there is no connection, or which service is called; and what goes first where room is short.
fn about(model: &Model) -> (String, String) {
    match &model.link.state {
        LinkState::Lost { retry_at } => {
            let pause = retry_at.saturating_duration_since(model.now).as_secs_f64().ceil();
            let why = model.link.hindrance().unwrap_or_default();
            (text::safe(&why).into_owned(), format!(" · retry in {pause} s"))
        }
        LinkState::Stopped => ("F2 starts it".to_owned(), String::new()),
        LinkState::Ready { .. } | LinkState::Connecting if let Some(why) = model.link.hindrance() => {
            (text::safe(&why).into_owned(), String::new())
        }
        _ if model.link.asking == Asking::Now => ("asking the server…".to_owned(), String::new()),
        _ => (text::safe(model.contract.name()).into_owned(), format!(" ({})", model.contract.source())),
    }
}

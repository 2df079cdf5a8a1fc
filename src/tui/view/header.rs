//! The first row: what is connected to what. State and address are never cut for the rest.

use ratatui::{layout::Rect, style::Style};

use super::{
    paint::{Painter, Piece, rest},
    theme::Theme,
};
use crate::{
    rpc::Peer,
    schema::{Contract, Source},
    text,
    tui::model::{Asking, LinkState, Model, Protection, ServerPlace},
};

/// `999 live   F1 help `
const RIGHT: u16 = 20;
/// The room that the words for live calls have at least, also while none lives.
const LIVE: &str = "9 live";
/// Where the help is, and the same where there is little room.
const HELP: &str = "   F1 help ";
const CLOSE_HELP: &str = "  F1 help ";
/// Options are set, where there is no room for which.
const SET: &str = "F4 on";
/// Between these and the live calls.
const GAP: &str = "  ";
/// So much of what is behind the bar is worth its room, and of a service's name it has that first; in columns.
const NAMED: u16 = 22;
/// Before the server's state, and the same where there is little room.
const NAME: &str = " greeter  ";
const NO_NAME: &str = " ";
/// ` │ `
const BAR: u16 = 3;

pub(super) fn draw(model: &Model, area: Rect, painter: &mut Painter<'_>) {
    let about = about(model);
    let used = draw_server(model, &about, area, painter);
    draw_rest(model, &about, rest(area, used), painter);
}

/// The server: its state, its address and how it is reached. Where there is little room, the first to go are the words
/// on the right, then the program's name, then whose server it is; whether it is plaintext or TLS only where nothing
/// else would do.
fn draw_server(model: &Model, about: &About, area: Rect, painter: &mut Painter<'_>) -> u16 {
    let theme = painter.theme;
    let width = usize::from(area.width);
    let address = text::safe(&model.link.address).into_owned();
    let warning = warning(model);
    let must = warning.len() + text::width(&address);
    let (state, gap) = state_in(&model.link.state, width.saturating_sub(must));
    let must = text::width(&state) + 2 + must;

    let [whole, short] = whose(model);
    let forms = [(NAME, whole), (NO_NAME, whole), (NO_NAME, short), (NAME, "")];
    let has_room = |(name, whose): &(&str, &str)| text::width(name) + must + text::width(whose) <= width;
    let (name, whose) = forms.into_iter().find(has_room).unwrap_or((NO_NAME, ""));
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    // Where there is room for only one of them, the warning is more than the state.
    if width >= text::width(name) + text::width(&state) + gap.len() + warning.len() || warning.is_empty() {
        pieces.push((name, theme.strong));
        pieces.push((&state, state_style(&model.link.state, theme)));
        pieces.push((gap, theme.dim));
    }
    pieces.push((if width > warning.len() { warning } else { warning.trim_end() }, theme.bad));
    pieces.push((&address, theme.text));
    let resolved = resolved(model);
    let used = text::width(name) + must + text::width(whose);
    if used <= width {
        // What is behind the bar has its room first.
        let behind = text::width(&about.whole) + usize::from(BAR + RIGHT) + 2;
        if used + text::width(&resolved) + behind <= width {
            pieces.push((&resolved, theme.dim));
        }
        pieces.push((whose, theme.text));
    }
    painter.pieces(area, &pieces)
}

/// Behind the bar what it is about, and on the right how many calls live.
fn draw_rest(model: &Model, about: &About, area: Rect, painter: &mut Painter<'_>) {
    let (dim, border) = (painter.theme.dim, painter.theme.border);
    // What comes before the words on the right: a missing server, and a service that the program does not bring.
    let is_lost = matches!(model.link.state, LinkState::Lost { .. } | LinkState::Stopped);
    let reserved = match about.source {
        _ if is_lost => text::width(&about.whole) as u16 + BAR,
        Some(Source::Reflection | Source::File) => (text::width(&about.essence) as u16).min(NAMED) + BAR,
        Some(Source::BuiltIn) | None => 0,
    };
    let taken = right_words(model, rest(area, reserved + 1), painter);
    // The room for the words on the right is kept also while nothing lives: nothing jumps.
    let kept = match taken {
        0 => 0,
        taken if is_lost => taken + 1,
        taken => (taken.max(RIGHT) + 2).min(area.width.saturating_sub(reserved).max(taken + 1)),
    };
    let middle = Rect { width: area.width.saturating_sub(kept), ..area };
    let (whole, essence) = (text::width(&about.whole) as u16, text::width(&about.essence) as u16);
    if middle.width < essence.min(NAMED) + BAR {
        return;
    }
    let said = if whole + BAR <= middle.width { &about.whole } else { &about.essence };
    let used = painter.pieces(middle, &[(" │ ", border)]);
    let room = rest(middle, used);
    // Of a name its end tells more than its package.
    let said = match about.source {
        Some(_) => text::end_of(said, usize::from(room.width)),
        None => said.into(),
    };
    painter.left(room, &said, dim);
}

/// Before the address, where nothing can cut it.
fn warning(model: &Model) -> &'static str {
    match model.link.protection {
        Protection::NotVerified => "NOT VERIFIED ",
        Protection::Plaintext | Protection::Tls => "",
    }
}

/// The state in this much room, and what sets it apart. On a very narrow screen it is the sign alone.
fn state_in(state: &LinkState, room: usize) -> (String, &'static str) {
    let (sign, word) = state_words(state);
    let whole = format!("{sign} {word}");
    if text::width(&whole) + 3 <= room { (whole, "  ") } else { (sign.to_owned(), " ") }
}

fn state_style(state: &LinkState, theme: &Theme) -> Style {
    match state {
        LinkState::Ready { .. } => theme.good,
        LinkState::Lost { .. } => theme.bad,
        LinkState::Connecting | LinkState::Stopped => theme.dim,
    }
}

/// What calls are made with where it was chosen, how many live, and where the help is; as much of it as there is room
/// for while many live: nothing changes when a call begins.
fn right_words(model: &Model, area: Rect, painter: &mut Painter<'_>) -> u16 {
    let (dim, plain) = (painter.theme.dim, painter.theme.text);
    let live = match model.live() {
        0 => String::new(),
        live => format!("{live} live"),
    };
    let options = model.options.in_few_words(model.focus).map(|words| format!("F4 {words}"));
    // What is said of options, and where the help is: the first that has room.
    let forms = match &options {
        Some(words) => &[(words.as_str(), HELP), (SET, CLOSE_HELP), (SET, " "), ("", " ")][..],
        None => &[("", HELP), ("", " ")][..],
    };
    let room = usize::from(area.width);
    let needs = |(set, help): &(&str, &str)| {
        let gap = if set.is_empty() { 0 } else { GAP.len() };
        text::width(set) + gap + text::width(&live).max(LIVE.len()) + help.len()
    };
    let Some(form) = forms.iter().find(|form| needs(form) <= room).or(forms.last()) else { return 0 };
    let (set, help) = *form;
    if live.is_empty() && set.is_empty() && help.trim().is_empty() {
        return 0;
    }
    let gap = if set.is_empty() || live.is_empty() { "" } else { GAP };
    let taken = painter.right(area, &[(set, plain), (gap, dim), (&live, dim), (help, dim)]);
    taken.max(needs(form).min(room) as u16)
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

/// ` (127.0.0.1)`: the address in use of a name that has several.
fn resolved(model: &Model) -> String {
    let LinkState::Ready { peer: Peer::Ip(peer), .. } = &model.link.state else { return String::new() };
    model.link.resolved().map(|_| format!(" ({})", peer.ip())).unwrap_or_default()
}

/// Whose server it is and how it is reached, and the latter alone.
fn whose(model: &Model) -> [&'static str; 2] {
    match (model.link.place, model.link.protection) {
        (ServerPlace::Embedded, _) => [" · embedded · plaintext", " · plaintext"],
        (ServerPlace::Remote, Protection::Plaintext) => [" · plaintext"; 2],
        (ServerPlace::Remote, Protection::Tls | Protection::NotVerified) => [" · TLS"; 2],
    }
}

/// Why there is no connection, or which service is called.
struct About {
    /// What stays where there is little room.
    essence: String,
    whole: String,
    /// Where the service is known from, where that is what it is about.
    source: Option<Source>,
}

fn about(model: &Model) -> About {
    let (essence, detail) = match &model.link.state {
        LinkState::Lost { retry_at } => {
            let pause = retry_at.saturating_duration_since(model.now).as_secs_f64().ceil();
            let why = model.link.hindrance().unwrap_or_default();
            (text::safe(&why).into_owned(), format!(" · retry in {pause} s"))
        }
        LinkState::Stopped => ("F2 s starts it".to_owned(), String::new()),
        LinkState::Ready { .. } | LinkState::Connecting if let Some(why) = model.link.hindrance() => {
            (text::safe(&why).into_owned(), String::new())
        }
        _ if model.link.asking == Asking::Now => ("asking the server…".to_owned(), String::new()),
        _ => return about_service(&model.contract),
    };
    About { whole: format!("{essence}{detail}"), essence, source: None }
}

fn about_service(contract: &Contract) -> About {
    let essence = text::safe(contract.name()).into_owned();
    About { whole: format!("{essence} ({})", contract.source()), essence, source: Some(contract.source()) }
}

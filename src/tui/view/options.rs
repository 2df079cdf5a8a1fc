//! The call options panel.

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};

use super::{
    list::open,
    paint::{Painter, rest, row},
};
use crate::{
    rpc::Readiness,
    text::{self, Secrets},
    tui::{
        layout,
        model::{Metadata, Model, OptionsPanel, Typed, Whose},
    },
};

/// The room of the labels.
const LABELS: u16 = 16;

pub(super) fn draw(model: &Model, panel: &OptionsPanel, painter: &mut Painter<'_>) -> Option<Position> {
    let inside = open(model, "F4 Call options", painter);
    settings(model, panel, inside, painter);
    metadata(model, panel, painter);
    notice(model, inside, painter);
    typed(panel, row(inside, inside.height.saturating_sub(1)), painter)
}

/// Whose options they are, and those that have one value.
fn settings(model: &Model, panel: &OptionsPanel, inside: Rect, painter: &mut Painter<'_>) {
    let (plain, strong) = (painter.theme.text, painter.theme.strong);
    let number = |kind| layout::index(kind) + 1;
    let whose = match panel.whose {
        Whose::All => "every pane".to_owned(),
        Whose::Pane(kind) => {
            format!("{} {}, beside what holds for every pane", number(kind), kind.title())
        }
    };
    let other = match panel.whose {
        Whose::All => format!("a  only {} {}", number(model.focus), model.focus.title()),
        Whose::Pane(_) => "a  every pane".to_owned(),
    };
    let options = model.options_of(panel);
    let deadline = options.deadline.map_or_else(|| "none".to_owned(), text::limit);
    let compression = compression(model, panel);
    let waiting = waiting(options.readiness, panel.whose);
    pair(row(inside, 0), "for", &whose, strong, &other, painter);
    pair(row(inside, 1), "deadline", &deadline, plain, "t  change", painter);
    pair(row(inside, 2), "compression", &compression, plain, "z  change", painter);
    pair(row(inside, 3), "wait-for-ready", waiting, plain, "w  change", painter);
}

fn metadata(model: &Model, panel: &OptionsPanel, painter: &mut Painter<'_>) {
    let (plain, strong, dim) = (painter.theme.text, painter.theme.strong, painter.theme.dim);
    let pieces = &model.options_of(panel).metadata;
    let list = layout::options_list(model, panel);
    if let Some(heading) = list.heading {
        painter.left(heading, "Metadata", strong);
        if pieces.iter().any(Metadata::tells_a_secret) {
            painter.right(heading, &[(secrets(panel.secrets), dim)]);
        }
    }
    if pieces.is_empty() {
        let words = "none; m adds a key and a value, which each call then sends";
        painter.left(row(list.area, 0), words, dim);
    }
    let shown = pieces.iter().enumerate().skip(list.first).take(usize::from(list.area.height));
    for (nth, piece) in shown {
        let line = row(list.area, (nth - list.first) as u16);
        painter.left(line, &seen(piece, panel.secrets), plain);
        if nth == panel.choice.0 && panel.typing.is_none() {
            let marked = Rect { x: line.x.saturating_sub(1), width: line.width + 2, ..line };
            painter.lay(marked, painter.theme.chosen);
        }
    }
}

/// What is being said to the user, above the last row.
fn notice(model: &Model, inside: Rect, painter: &mut Painter<'_>) {
    let Some(notice) = &model.notice else { return };
    let said = text::wrap(&text::safe(&notice.text), usize::from(inside.width));
    let most = inside.height.saturating_sub(1);
    let height = (said.len() as u16).min(most);
    for (nth, part) in (0..height).zip(&said) {
        let above = row(inside, most - height + nth);
        painter.clear(above);
        painter.left(above, part, painter.theme.strong);
    }
}

/// What is being typed; the position of its cursor.
fn typed(panel: &OptionsPanel, area: Rect, painter: &mut Painter<'_>) -> Option<Position> {
    let (plain, dim) = (painter.theme.text, painter.theme.dim);
    let typing = panel.typing.as_ref()?;
    let (label, hint) = match typing.what {
        Typed::New | Typed::Again(_) | Typed::Unseen(_) => {
            ("metadata ▸ ", "key: value; ${VARIABLE} is taken from the environment")
        }
        Typed::Deadline => ("deadline ▸ ", "5s, 300ms, 2m; nothing for none"),
    };
    let used = painter.left(area, label, dim);
    let room = rest(area, used);
    if typing.line.is_empty() {
        painter.left(room, hint, painter.theme.hint);
    }
    painter.edited(room, &typing.line, plain)
}

/// How messages are compressed, and which compressions the server accepts as far as it said so.
fn compression(model: &Model, panel: &OptionsPanel) -> String {
    let own = model.options_of(panel).compression;
    let shared = model.options.of(Whose::All).compression;
    let words = match (own, shared) {
        (Some(encoding), _) => encoding.to_string(),
        (None, Some(encoding)) => format!("as every pane: {encoding}"),
        (None, None) => "none".to_owned(),
    };
    match &model.link.accepted {
        Some(accepted) => format!("{words} · the server takes {accepted}"),
        None => words,
    }
}

/// What a call does without a connection.
fn waiting(readiness: Option<Readiness>, whose: Whose) -> &'static str {
    match (readiness, whose) {
        (Some(Readiness::WaitForReady), _) => "on: a call waits for a connection",
        (Some(Readiness::FailFast), _) | (None, Whose::All) => "off: without a connection a call fails",
        (None, Whose::Pane(_)) => "as in every pane",
    }
}

fn secrets(now: Secrets) -> &'static str {
    match now {
        Secrets::Masked => "v  show secrets",
        Secrets::Shown => "v  mask secrets",
    }
}

fn pair(area: Rect, label: &str, value: &str, style: Style, keys: &str, painter: &mut Painter<'_>) {
    let dim = painter.theme.dim;
    painter.left(area, label, dim);
    let room = rest(area, LABELS.min(area.width / 2));
    // The key alone where its words would cut the value.
    let is_tight = text::width(value) + text::width(keys) >= usize::from(room.width);
    let keys = if is_tight { keys.split(' ').next().unwrap_or_default() } else { keys };
    let right = painter.right(room, &[(keys, dim)]);
    painter.left(Rect { width: room.width.saturating_sub(right + 1), ..room }, value, style);
}

/// Metadata as it was typed: the value of a variable is not shown, and a typed secret is masked.
fn seen(metadata: &Metadata, secrets: Secrets) -> String {
    let (key, _) = metadata.written.split_once(':').unwrap_or((&metadata.written, ""));
    if secrets == Secrets::Masked && metadata.tells_a_secret() {
        return format!("{}: {}", text::safe(key), text::MASK);
    }
    text::safe(&metadata.written).into_owned()
}

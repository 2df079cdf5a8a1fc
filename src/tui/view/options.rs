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
    schema::Kind,
    text::{self, Secrets},
    tui::{
        layout,
        model::{CallOptions, Metadata, Model, OptionsPanel, Typed, Whose},
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
    let number = |kind: Kind| kind.index() + 1;
    let whose = match panel.whose {
        Whose::All => "every pane".to_owned(),
        Whose::Pane(kind) => format!("{} {}, on top of every pane's", number(kind), kind.title()),
    };
    let other = match panel.whose {
        Whose::All => format!("a  only {} {}", number(model.focus), model.focus.title()),
        Whose::Pane(_) => "a  every pane".to_owned(),
    };
    let rows = [
        ("for", whose, strong, other.as_str()),
        ("deadline", deadline(model, panel), plain, "t  change"),
        ("compression", compression(model, panel), plain, "z  change"),
        ("wait-for-ready", waiting(model, panel), plain, "w  change"),
    ];
    for (nth, (label, value, style, keys)) in (layout::options_top(model)..).zip(rows) {
        pair(row(inside, nth), label, &value, style, keys, painter);
    }
}

fn metadata(model: &Model, panel: &OptionsPanel, painter: &mut Painter<'_>) {
    let (plain, strong, dim) = (painter.theme.text, painter.theme.strong, painter.theme.dim);
    let pieces = &model.options_of(panel).metadata;
    let list = layout::options_list(model, panel);
    if let Some(heading) = list.heading {
        let used = painter.left(heading, "Metadata", strong);
        let which = which(pieces.len(), list.first, usize::from(list.area.height));
        let used = used + painter.left(rest(heading, used), &which, dim);
        painter.left(rest(heading, used), &beside(model, panel), dim);
        if pieces.iter().any(Metadata::tells_a_secret) {
            painter.right(heading, &[(secrets(panel.secrets), dim)]);
        }
    }
    if pieces.is_empty() {
        let words = match panel.whose {
            Whose::All => "none; m adds a key and a value, which each call then sends",
            Whose::Pane(_) => "none of its own; m adds a key and a value",
        };
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

/// Which of them are seen, where there are more than there is room for: ` 8 to 12 of 12`.
fn which(all: usize, first: usize, room: usize) -> String {
    if all <= room {
        return String::new();
    }
    let [first, last, all] = [first + 1, (first + room).min(all), all].map(|n| text::count(n as u64));
    format!(" {first} to {last} of {all}")
}

/// What every pane's calls send beside this one's own metadata.
fn beside(model: &Model, panel: &OptionsPanel) -> String {
    let shared = &model.options.of(Whose::All).metadata;
    match panel.whose {
        Whose::Pane(_) if !shared.is_empty() => {
            let keys: Vec<&str> = shared.iter().map(|piece| piece.key.as_str()).collect();
            format!(" on top of every pane's {}", text::safe(&keys.join(", ")))
        }
        Whose::All if model.options.put_aside() > 0 => {
            let aside = text::count(model.options.put_aside() as u64);
            format!(" {aside} put aside for other hosts")
        }
        _ => String::new(),
    }
}

/// A setting in words: this place's own, else that of every pane.
fn setting<T>(model: &Model, panel: &OptionsPanel, of: impl Fn(&CallOptions) -> Option<T>) -> Setting<T> {
    let shared = || of(model.options.of(Whose::All)).map(Setting::Shared);
    of(model.options_of(panel)).map(Setting::Own).or_else(shared).unwrap_or(Setting::None)
}

/// What holds of a setting, and by whose word.
enum Setting<T> {
    Own(T),
    Shared(T),
    None,
}

impl<T> Setting<T> {
    fn words(self, words: impl Fn(T) -> String, none: &str) -> String {
        match self {
            Self::Own(value) => words(value),
            Self::Shared(value) => format!("{} · as in every pane", words(value)),
            Self::None => none.to_owned(),
        }
    }
}

fn deadline(model: &Model, panel: &OptionsPanel) -> String {
    setting(model, panel, |options| options.deadline).words(text::limit, "none")
}

/// How messages are compressed, and which compressions the server accepts as far as it said so.
fn compression(model: &Model, panel: &OptionsPanel) -> String {
    let words =
        setting(model, panel, |options| options.compression).words(|encoding| encoding.to_string(), "none");
    match &model.link.accepted {
        Some(accepted) => format!("{words} · the server takes {accepted}"),
        None => words,
    }
}

/// What a call does without a connection.
fn waiting(model: &Model, panel: &OptionsPanel) -> String {
    let readiness = setting(model, panel, |options| options.readiness);
    match (readiness, panel.whose) {
        (Setting::Own(Readiness::WaitForReady), _) => "on: a call waits for a connection",
        (Setting::Shared(Readiness::WaitForReady), _) => "on · as in every pane",
        (Setting::Own(Readiness::FailFast), _) | (_, Whose::All) => "off: without a connection a call fails",
        (_, Whose::Pane(_)) => "off · as in every pane",
    }
    .to_owned()
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

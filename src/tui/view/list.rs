//! The lists that are searched, the menu of a chosen row, and the question about a paste.

use ratatui::layout::{Position, Rect};

use super::{
    context::plain,
    paint::{Painter, rest, row},
    theme::THIN,
};
use crate::{
    rpc::What,
    text,
    tui::{
        action::{Binding, Scope, binding},
        layout,
        model::{About, Menu, Model, Offer, Paste, Pieces, Row, Search, Searched},
        update::MAX_PASTED_LINES,
    },
};

/// Draws an empty panel with its title, and returns its inside.
pub(super) fn open(model: &Model, title: &str, painter: &mut Painter<'_>) -> Rect {
    open_on(model, title, "", painter)
}

/// The same, with words of others behind the title.
fn open_on(model: &Model, title: &str, foreign: &str, painter: &mut Painter<'_>) -> Rect {
    let frame = layout::panel(model);
    let clear = Rect { x: frame.x.saturating_sub(1), width: frame.width + 2, ..frame };
    painter.clear(clear);
    let style = painter.theme.panel;
    if layout::is_bare(model) {
        painter.across(row(frame, 0), &THIN, style);
    } else {
        painter.frame(frame, &THIN, style);
    }
    let top = Rect { x: frame.x + 2.min(frame.width), width: frame.width.saturating_sub(4), ..row(frame, 0) };
    let style = style.patch(ratatui::style::Modifier::BOLD);
    let back = (" Esc back ", painter.theme.dim);
    // A column is for the space that ends the title.
    let room = Rect { width: top.width.saturating_sub(1), ..top };
    let mut used = painter.left(room, &format!(" {title}"), style);
    let beside = rest(room, used).width.saturating_sub(text::width(back.0) as u16);
    used += painter.foreign(Rect { width: beside, ..rest(room, used) }, foreign, style);
    used += painter.left(rest(top, used), " ", style);
    painter.right(rest(top, used), &[back]);
    layout::panel_inside(model)
}

/// The most of a sent line that is read, in bytes.
const MAX_LINE: usize = 400;

pub(super) fn draw_search(model: &Model, search: &Search, painter: &mut Painter<'_>) -> Option<Position> {
    let inside = open(model, &title(model, search.of), painter);
    let found = model.found(search);
    let rows = found.iter().map(|offer| offered(model, offer, search.of));
    draw_rows(model, rows, search.choice.0, painter);
    draw_foot(model, search, found.len(), inside, painter);
    let query = row(inside, 0);
    if search.query.is_empty() {
        painter.left(query, words(search.of).2, painter.theme.hint);
    }
    painter.edited(query, &search.query, painter.theme.text)
}

/// How much was found, and how much of it is below; where nothing was, that. Only where the list leaves room.
fn draw_foot(model: &Model, search: &Search, found: usize, inside: Rect, painter: &mut Painter<'_>) {
    let Some((list, first)) = layout::list(model) else { return };
    let (foot, none, _) = words(search.of);
    let all = model.offered_by(search.of);
    let dim = painter.theme.dim;
    if found == 0 && all > 0 {
        painter.left(row(list, 0), none, dim);
    }
    if list.bottom() >= inside.bottom() {
        return;
    }
    let foot = match all {
        0 => "nothing was sent to this method yet".to_owned(),
        all if found <= 1 && search.of == Searched::History => {
            format!("{found} of {}", text::count(all as u64))
        }
        all => format!("{} of {} · {foot}", text::count(found as u64), text::count(all as u64)),
    };
    let last = row(inside, inside.height.saturating_sub(1));
    let right = match found.saturating_sub(first + usize::from(list.height)) {
        0 => 0,
        below => painter.right(last, &[(&format!("  ↓ {} more", text::count(below as u64)), dim)]),
    };
    painter.left(Rect { width: last.width - right, ..last }, &foot, dim);
}

fn title(model: &Model, of: Searched) -> String {
    match of {
        Searched::Commands => "/ Commands".to_owned(),
        Searched::Methods(kind) => {
            format!("{} methods of {}", kind.title(), text::safe(model.contract.name()))
        }
        Searched::Services => "Services and methods".to_owned(),
        Searched::History => {
            let method = model.focused().method.as_ref().map_or("", |method| method.name());
            format!("History of {}", text::safe(method))
        }
    }
}

/// A list's foot, and what it says if nothing is found and before anything is typed.
fn words(of: Searched) -> (&'static str, &'static str, &'static str) {
    let by_name = "found by any part of the name";
    match of {
        Searched::Commands => (
            "found by name, by key and by what it does",
            "no command, method or service is called that",
            "type to find a command, a method or a service",
        ),
        Searched::Methods(_) => (by_name, "no method is called that", "type to find a method"),
        Searched::Services => {
            (by_name, "no service or method is called that", "type to find a service or a method")
        }
        Searched::History => {
            ("Ctrl-R goes on to the next older", "no line contains that", "type a part of it")
        }
    }
}

/// A row: the text at its right, and its words.
fn offered(model: &Model, offer: &Offer, of: Searched) -> (String, Words) {
    let words = match offer {
        Offer::Line(line) => {
            return (String::new(), Words::Foreign(text::Safe::cut(line, MAX_LINE).as_str().to_owned()));
        }
        Offer::Command(binding) => {
            let key = binding.key_from_everywhere().unwrap_or_else(|| format!("/{}", binding.short));
            (key, model.words_of(binding).to_owned())
        }
        Offer::Method(contract, method) => {
            let name = text::safe(method.name());
            match of {
                Searched::Methods(_) => (String::new(), name.into_owned()),
                _ => (
                    method.kind().title().to_lowercase(),
                    format!("{name} · {}", text::safe(contract.name())),
                ),
            }
        }
        Offer::Service(contract) => {
            let s = if contract.methods().len() == 1 { "" } else { "s" };
            let methods = format!("{} method{s}", text::count(contract.methods().len() as u64));
            (methods, format!("{} ({})", text::safe(contract.name()), contract.source()))
        }
    };
    (words.0, Words::Own(words.1))
}

/// Whose words they are: signs in those of others stay.
enum Words {
    Own(String),
    Foreign(String),
}

pub(super) fn draw_menu(model: &Model, menu: &Menu, painter: &mut Painter<'_>) -> Option<Position> {
    let (title, message) = match menu.about {
        About::Copying => (format!("Copy {}", chosen(model).0), String::new()),
        About::Doing => chosen(model),
    };
    open_on(model, &title, &message, painter);
    let key = |action| binding(action).filter(|binding| has_key_in(menu.about, binding))?.key();
    let rows = menu.items.iter().map(|(action, words)| {
        let key = key(*action).map(ToString::to_string).unwrap_or_default();
        (key, Words::Own((*words).to_owned()))
    });
    draw_rows(model, rows, menu.choice.0, painter);
    None
}

/// What asks as what to copy has keys for that; elsewhere they mean something else.
fn has_key_in(about: About, binding: &Binding) -> bool {
    match about {
        About::Copying => true,
        About::Doing => binding.scope != Scope::Copying,
    }
}

/// `#4`; of a message `#4 · → `, and its words.
fn chosen(model: &Model) -> (String, String) {
    let pane = model.focused();
    let (Some(call), Some(choice)) = (pane.chosen_call(), pane.chosen_place()) else {
        return ("What is chosen".to_owned(), String::new());
    };
    let number = format!("#{}", call.id.0);
    let entry = match choice.row {
        Row::Entry(number) => call.entry(number),
        _ => None,
    };
    match entry.map(|entry| entry.what) {
        Some(What::Sent(bytes)) => (format!("{number} · → "), plain(call.method.request(), &bytes, MAX_LINE)),
        Some(What::Received(bytes)) => {
            (format!("{number} · ← "), plain(call.method.reply(), &bytes, MAX_LINE))
        }
        Some(What::EndOfStream) => (format!("{number} · → end of stream"), String::new()),
        None => (number, String::new()),
    }
}

/// The rows of a list that are seen, with the chosen one marked.
fn draw_rows(
    model: &Model,
    rows: impl Iterator<Item = (String, Words)>,
    chosen: usize,
    painter: &mut Painter<'_>,
) {
    let Some((area, first)) = layout::list(model) else { return };
    for (nth, (key, words)) in rows.enumerate().skip(first).take(usize::from(area.height)) {
        let line = row(area, (nth - first) as u16);
        let right = painter.right(line, &[(&key, painter.theme.dim)]);
        let room = Rect { width: line.width.saturating_sub(right + 1), ..line };
        let style = if nth == chosen { painter.theme.strong } else { painter.theme.text };
        match words {
            Words::Own(words) => painter.left(room, &words, style),
            Words::Foreign(words) => painter.foreign(room, &words, style),
        };
        if nth == chosen {
            let marked = Rect { x: line.x.saturating_sub(2), width: line.width + 4, ..line };
            painter.lay(marked, painter.theme.chosen);
        }
    }
}

pub(super) fn draw_paste(model: &Model, paste: &Paste, painter: &mut Painter<'_>) -> Option<Position> {
    let inside = open(model, "A paste", painter);
    let size = text::size(paste.text.len() as u64);
    let (piece, pieces) = match paste.made_of {
        Pieces::Lines => ("line", "lines"),
        Pieces::Values => ("JSON object", "JSON objects"),
    };
    let count = text::count(paste.count as u64);
    let what = match paste.count {
        1 => format!("One {piece} of {size} was pasted. Nothing is sent yet."),
        _ => format!("{count} {pieces}, {size}, were pasted. Nothing is sent yet."),
    };
    let (said, strong, dim) = (painter.theme.text, painter.theme.strong, painter.theme.dim);
    let does = match paste.count {
        count if count > MAX_PASTED_LINES => {
            format!("        more than {} are not sent one by one", text::count(MAX_PASTED_LINES as u64))
        }
        1 => "  sends it as a message".to_owned(),
        _ => "  sends each as a message".to_owned(),
    };
    let enter = if paste.count > MAX_PASTED_LINES { "" } else { "Enter" };
    let keys = [
        [(enter, strong), (does.as_str(), dim)],
        [("i", strong), ("      puts it into the line, breaks as spaces", dim)],
        [("Esc", strong), ("    drops it", dim)],
    ];
    // What is wrong with it is worth more than what it is, and in a low panel the keys more than an empty row.
    let wrong = model.notice.as_ref();
    let first = wrong.map_or_else(
        || vec![what],
        |notice| text::wrap(&text::safe(&notice.text), usize::from(inside.width)),
    );
    let is_roomy = usize::from(inside.height) >= first.len() + keys.len() + 2;
    let mut at = u16::from(is_roomy);
    let style = if wrong.is_some() { strong } else { said };
    let most = usize::from(inside.height.saturating_sub(1)).max(1);
    for (nth, line) in first.iter().take(most).enumerate() {
        let is_cut = nth + 1 == most && first.len() > most;
        let line = if is_cut { format!("{line} …") } else { line.clone() };
        painter.left(row(inside, at), &text::fit(&line, usize::from(inside.width)), style);
        at += 1;
    }
    at += u16::from(is_roomy);
    for (nth, pieces) in (at..inside.height).zip(&keys) {
        painter.pieces(row(inside, nth), pieces);
    }
    None
}

//! The keys of the wire panel: choosing a frame, and what of the log is shown.

use super::Effect;
use crate::{
    tui::{
        action::Action,
        layout,
        model::{Bytes, Model, Panel, Spot, WirePanel, WireScroll, Zoom},
    },
    wire::{Content, ladder},
};

/// The panel as it opens: from a zoomed pane, or on a chosen call, with that call's frames alone.
pub(super) fn opened(model: &Model) -> WirePanel {
    let pane = model.focused();
    let zoomed = (model.zoom == Zoom::On).then(|| pane.calls().back()).flatten();
    let call = pane.chosen_call().or(zoomed).map(|call| call.id.0);
    WirePanel { call, ..WirePanel::default() }
}

/// Does an action in the wire panel.
pub(super) fn act(model: &mut Model, mut panel: WirePanel, action: Action, effects: &mut Vec<Effect>) {
    match action {
        // First out of what was chosen, then out of the panel.
        Action::Escape if panel.chosen.is_some() => panel = newest(panel),
        Action::Escape => {
            model.panel = None;
            return;
        }
        Action::Up => step(model, &mut panel, -1),
        Action::Down => step(model, &mut panel, 1),
        Action::PageUp => {
            let page = page(model, &panel);
            step(model, &mut panel, -page);
        }
        Action::PageDown => {
            let page = page(model, &panel);
            step(model, &mut panel, page);
        }
        Action::Top => step(model, &mut panel, isize::MIN),
        Action::Bottom => panel = newest(panel),
        Action::FrameBytes => bytes(model, &mut panel),
        Action::OnlyThisCall => only_this_call(model, &mut panel),
        Action::FrameTypes => {
            panel.frames = panel.frames.next();
            panel = WirePanel { chosen: None, scroll: WireScroll::Newest, ..panel };
        }
        Action::HoldWire => hold(model, &mut panel),
        Action::Copy => copy(model, &panel, effects),
        _ => {}
    }
    model.panel = Some(Panel::Wire(panel));
}

/// Chooses an entry: the view stays where it is for as long as one is chosen.
pub(super) fn choose(model: &Model, panel: &mut WirePanel, spot: Spot) {
    let shown = in_view(model, panel);
    panel.chosen = Some(spot);
    match (shown.first(), shown.last()) {
        (Some(first), Some(last)) if (*first..=*last).contains(&spot) => {
            panel.scroll = WireScroll::Held(*last);
        }
        (Some(first), _) if spot < *first => {
            // It becomes the first row: the last one is as many rows further as there are.
            let admitted = model.wire.entries().filter(|(_, entry)| panel.admits(entry));
            let below = admitted.map(|(at, _)| at).filter(|at| *at >= spot);
            let last = below.take(shown.len()).last().unwrap_or(spot);
            panel.scroll = WireScroll::Held(last);
        }
        _ => panel.scroll = WireScroll::Held(spot),
    }
}

fn newest(panel: WirePanel) -> WirePanel {
    WirePanel { chosen: None, scroll: WireScroll::Newest, bytes: Bytes::Hidden, ..panel }
}

/// Chooses the entry so many rows further; with none chosen, the newest in view.
fn step(model: &Model, panel: &mut WirePanel, by: isize) {
    let Some(from) = panel.chosen.filter(|spot| model.wire.entry(*spot).is_some()) else {
        if let Some(last) = in_view(model, panel).last() {
            choose(model, panel, *last);
        }
        return;
    };
    let admitted = model.wire.entries().filter(|(_, entry)| panel.admits(entry)).map(|(spot, _)| spot);
    let far = by.unsigned_abs();
    let found = if by < 0 {
        admitted.rev().skip_while(|spot| *spot >= from).take(far).last()
    } else {
        admitted.skip_while(|spot| *spot <= from).take(far).last()
    };
    if let Some(spot) = found {
        choose(model, panel, spot);
    }
}

fn page(model: &Model, panel: &WirePanel) -> isize {
    (layout::wire(model, panel).rows.height.max(2) - 1).try_into().unwrap_or(1)
}

fn in_view(model: &Model, panel: &WirePanel) -> Vec<Spot> {
    let rows = layout::wire(model, panel).rows.height;
    layout::wire_entries(model, panel, rows.into()).into_iter().map(|(spot, _)| spot).collect()
}

fn bytes(model: &Model, panel: &mut WirePanel) {
    panel.bytes = match panel.bytes {
        Bytes::Hidden => Bytes::Shown,
        Bytes::Shown => Bytes::Hidden,
    };
    match panel.chosen {
        // The ladder has other rows now: the chosen one stays in view.
        Some(spot) => choose(model, panel, spot),
        None => step(model, panel, -1),
    }
}

/// The chosen frame's call, else the focused pane's newest; a second time, all calls again.
fn only_this_call(model: &mut Model, panel: &mut WirePanel) {
    if panel.call.take().is_none() {
        let chosen = panel.chosen.and_then(|spot| model.wire.entry(spot)?.call);
        let newest = model.focused().calls().back().map(|call| call.id.0);
        panel.call = chosen.or(newest.filter(|_| panel.chosen.is_none()));
        if panel.call.is_none() {
            model.say("this frame belongs to no call");
            return;
        }
    }
    panel.scroll = WireScroll::Newest;
    if let Some(spot) = panel.chosen {
        choose(model, panel, spot);
    }
}

fn hold(model: &Model, panel: &mut WirePanel) {
    match panel.scroll {
        WireScroll::Held(_) => *panel = newest(*panel),
        WireScroll::Newest => {
            if let Some(last) = in_view(model, panel).last() {
                panel.scroll = WireScroll::Held(*last);
            }
        }
    }
}

/// Copies the chosen frame in hex, but never a secret.
fn copy(model: &mut Model, panel: &WirePanel, effects: &mut Vec<Effect>) {
    let frame = panel.chosen.and_then(|spot| {
        let log = model.wire.connection(spot.connection)?;
        let entry = log.kept.get(spot.entry)?;
        Some((entry, entry.head()?.bytes(), log.kept.payload(entry)))
    });
    let Some((entry, head, payload)) = frame else {
        model.say("no frame is chosen: the arrows choose one");
        return;
    };
    let holds_secret = match entry.content() {
        Some(Content::Headers(headers)) => headers.fields().any(|field| ladder::is_secret(&field)),
        // What they hold is known with the last of them alone.
        Some(Content::HeadersBegun) => true,
        _ => false,
    };
    if holds_secret {
        model.say("the headers hold a secret: their bytes are not copied");
        return;
    }
    let hex: Vec<String> = head.iter().chain(payload.iter()).map(|byte| format!("{byte:02x}")).collect();
    effects.push(Effect::Copy(hex.join(" ")));
    model.say("sent to the terminal's clipboard");
}

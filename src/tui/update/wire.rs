//! The keys of the wire panel: choosing a frame, and what of the log is shown.

use super::{Effect, TerminalWish};
use crate::{
    text::{self, Secrets},
    tui::{
        action::Action,
        layout,
        model::{Bytes, Model, Panel, Reading, Spot, WirePanel, WireScroll, Zoom},
    },
    wire::{Entry, ladder},
};

/// What is looked at stays for as long as the view is held or a frame is chosen, and no longer.
pub(super) fn hold_or_release(model: &mut Model) {
    match &model.panel {
        Some(Panel::Wire(WirePanel { scroll: WireScroll::Held(_), .. })) => model.wire.hold(),
        _ => model.wire.release(),
    }
}

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
        Action::Escape => {
            model.panel = None;
            return;
        }
        Action::Up => step(model, &mut panel, -1),
        Action::Down => step(model, &mut panel, 1),
        Action::PageUp => turn_page(model, &mut panel, Towards::Oldest),
        Action::PageDown => turn_page(model, &mut panel, Towards::Newest),
        Action::Top => step(model, &mut panel, isize::MIN),
        Action::Bottom => panel = newest(panel),
        Action::FrameBytes => bytes(model, &mut panel),
        Action::OnlyThisCall => only_this_call(model, &mut panel),
        Action::FrameTypes => {
            panel.frames = panel.frames.next();
            keep_chosen(model, &mut panel);
        }
        Action::ShowSecrets => panel.secrets = panel.secrets.toggled(),
        Action::HoldWire => hold(model, &mut panel),
        Action::StopReading => stop_reading(model, &panel, effects),
        Action::Copy => copy(model, &panel, effects),
        _ => {}
    }
    model.panel = Some(Panel::Wire(panel));
}

/// Chooses an entry. While one is chosen the view moves only as far as it must to show it.
pub(super) fn choose(model: &Model, panel: &mut WirePanel, spot: Spot) {
    let last = in_view(model, panel).last().copied();
    if panel.chosen.replace(spot) != Some(spot) {
        panel.bytes_top = 0;
    }
    panel.scroll = WireScroll::Held(last.map_or(spot, |last| last.max(spot)));
    hold_what_is_seen(model, panel);
}

fn hold_what_is_seen(model: &Model, panel: &mut WirePanel) {
    if let Some(last) = in_view(model, panel).last() {
        panel.scroll = WireScroll::Held(*last);
    }
}

fn newest(panel: WirePanel) -> WirePanel {
    WirePanel { chosen: None, scroll: WireScroll::Newest, bytes: Bytes::Hidden, bytes_top: 0, ..panel }
}

/// Chooses the entry this many rows further on. If none is chosen, it begins at the newest in view.
fn step(model: &Model, panel: &mut WirePanel, by: isize) {
    let shown = in_view(model, panel);
    let Some(last) = shown.last() else { return };
    let far = by.unsigned_abs();
    let (from, far) = match panel.chosen {
        Some(spot) => (spot, far),
        None => (*last, if far == 1 { 0 } else { far }),
    };
    let of_panel = panel.shown(&model.wire);
    let is_shown = |(spot, entry): &(Spot, &Entry)| *spot != from && of_panel.has(*spot, entry);
    let found = if by < 0 {
        model.wire.entries_to(from).rev().filter(is_shown).take(far).last()
    } else {
        model.wire.entries_from(from).filter(is_shown).take(far).last()
    };
    choose(model, panel, found.map_or(from, |(spot, _)| spot));
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Towards {
    Oldest,
    Newest,
}

/// A page of the chosen frame's bytes, where they have no room at once; else of the ladder.
fn turn_page(model: &Model, panel: &mut WirePanel, towards: Towards) {
    let bytes = layout::wire_bytes(model, panel, layout::wire(model, panel).bytes);
    if bytes.is_cut() {
        let far = bytes.height.saturating_sub(1).max(1);
        panel.bytes_top = match towards {
            Towards::Oldest => bytes.top.saturating_sub(far),
            Towards::Newest => (bytes.top + far).min(bytes.rows.len().saturating_sub(bytes.height)),
        };
        return;
    }
    let page = page(model, panel);
    step(model, panel, if towards == Towards::Oldest { -page } else { page });
}

fn page(model: &Model, panel: &WirePanel) -> isize {
    (layout::wire(model, panel).rows.height.max(2) - 1).try_into().unwrap_or(1)
}

fn in_view(model: &Model, panel: &WirePanel) -> Vec<Spot> {
    let rows = layout::wire(model, panel).rows.height;
    layout::wire_entries(model, panel, rows.into()).into_iter().map(|(spot, _)| spot).collect()
}

fn bytes(model: &Model, panel: &mut WirePanel) {
    panel.bytes_top = 0;
    panel.bytes = match panel.bytes {
        Bytes::Hidden => Bytes::Shown,
        Bytes::Shown => Bytes::Hidden,
    };
    match panel.chosen {
        // The ladder has a different height now: the chosen entry stays in view.
        Some(spot) => choose(model, panel, spot),
        None => step(model, panel, -1),
    }
}

/// The chosen frame's call, else the focused pane's newest; a second time, all calls again.
fn only_this_call(model: &mut Model, panel: &mut WirePanel) {
    if panel.call.take().is_none() {
        let chosen = panel.chosen.and_then(|spot| model.wire.entry(spot));
        let newest = model.focused().calls().back().map(|call| call.id.0);
        panel.call = chosen.map_or(newest, |entry| entry.call);
        if panel.call.is_none() {
            model.say(match chosen {
                Some(_) => "this frame belongs to no call",
                None => "no call yet in this pane: the arrows choose a frame of another",
            });
            return;
        }
    }
    keep_chosen(model, panel);
}

/// Other entries are shown now: the chosen one stays in view where it is among them.
fn keep_chosen(model: &Model, panel: &mut WirePanel) {
    match panel.chosen.map(|spot| (spot, model.wire.entry(spot))) {
        Some((spot, Some(entry))) if panel.shown(&model.wire).has(spot, entry) => choose(model, panel, spot),
        Some(_) => *panel = newest(*panel),
        None => {}
    }
}

fn hold(model: &Model, panel: &mut WirePanel) {
    match panel.scroll {
        WireScroll::Held(_) => *panel = newest(*panel),
        WireScroll::Newest => hold_what_is_seen(model, panel),
    }
}

const STOPPED: &str = "is not read any more: the server may send what its window has left, and then it has to wait · s reads on";

/// Stops reading a call's replies, so that its server has to wait and flow control can be seen; or reads on.
fn stop_reading(model: &mut Model, panel: &WirePanel, effects: &mut Vec<Effect>) {
    let Some((id, reading)) = panel.call_at_hand(model).map(|call| (call.id, call.reading())) else {
        model.say("no live call is chosen: the arrows choose a frame of one");
        return;
    };
    if model.call(id).is_some_and(|call| call.is_live() && call.facts.started.is_none()) {
        return model.say(format!("#{} has no stream yet: there is nothing to read", id.0));
    }
    let (next, words) = match reading {
        None => return model.say(format!("#{} is over: there is nothing more to read", id.0)),
        Some(Reading::On) => (Reading::Stopped, STOPPED),
        Some(Reading::Stopped) => (Reading::On, "is read on: its window is opened again"),
    };
    for pane in &mut model.panes {
        if let Some(call) = pane.call_mut(id) {
            call.set_reading(next);
        }
    }
    effects.push(Effect::Read(id, next));
    model.say(format!("#{} {words}", id.0));
}

/// Copies the chosen frame in hex, unless it holds a masked secret.
fn copy(model: &mut Model, panel: &WirePanel, effects: &mut Vec<Effect>) {
    let chosen = panel.chosen.and_then(|spot| {
        let kept = model.wire.kept(spot.connection)?;
        Some((kept, kept.get(spot.entry)?))
    });
    let Some((kept, entry)) = chosen else {
        model.say("no frame is chosen: the arrows choose one");
        return;
    };
    let Some(head) = entry.head() else {
        model.say("this is no frame: there is nothing to copy");
        return;
    };
    if panel.secrets == Secrets::Masked && ladder::may_hold_secret(entry) {
        model.say("the headers hold a secret, or may: their bytes are not copied until v shows secrets");
        return;
    }
    let payload = kept.payload(entry);
    let hex: Vec<String> =
        head.bytes().iter().chain(payload.iter()).map(|byte| format!("{byte:02x}")).collect();
    let words = if payload.len() < head.length as usize {
        let (kept, whole) = (text::size(payload.len() as u64), text::size(u64::from(head.length)));
        format!("the first {kept} of {whole} sent to the terminal's clipboard: the rest is not kept")
    } else {
        "sent to the terminal's clipboard".to_owned()
    };
    effects.push(Effect::Terminal(TerminalWish::Copy(hex.join(" "))));
    model.say(&words);
}

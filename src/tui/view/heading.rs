//! A call's heading: its number, what it is about, its state, and how long it takes.

use std::time::Instant;

use ratatui::{layout::Rect, style::Style};

use super::{
    context::{Context, plain},
    paint::{Painter, rest},
};
use crate::{
    rpc::Counts,
    schema::Kind,
    text,
    tui::model::{Call, Leaving, Live, Phase, Reading, RequestSide, State},
};

/// As much of the one request as is worth more than the call's time.
const ENOUGH: usize = 24;
/// As much of it as is worth more than the end of another method's name, and as much of that as tells which it is.
const LEAST: u16 = 8;
const NAMED: u16 = 12;
/// Replies a second of which nobody reads each.
const FAST: f64 = 10.0;
/// The room of an elapsed time, so that times are aligned.
const TIME: usize = 7;

pub(super) fn draw(context: &Context<'_>, area: Rect, painter: &mut Painter<'_>) {
    let number = format!("#{:<2}", context.call.id.0);
    let number = if number.ends_with(' ') { number } else { format!("{number} ") };
    let (state, style) = state_words(context, painter);
    let room = usize::from(area.width).saturating_sub(text::width(&number));
    let Heading { counts, request, state, time } = fitting(context, state, room);
    let right = painter.right(area, &[(&state, style), (&time, painter.theme.dim)]);
    let room = Rect { width: area.width.saturating_sub(right + 2), ..area };
    let strong = painter.theme.strong;
    let mut used = painter.pieces(room, &[(&number, painter.theme.dim), (&counts, strong)]);
    let name = other_method(context).unwrap_or_default();
    let subject = rest(room, used);
    let width = beside(subject.width, text::width(&request) as u16, text::width(&name) as u16);
    used += painter.foreign(Rect { width, ..subject }, &request, strong);
    painter.left(rest(room, used), &name, painter.theme.dim);
}

/// The columns of the request beside the name of another method: what that leaves; else both are cut, or the name stands
/// alone.
fn beside(room: u16, request: u16, name: u16) -> u16 {
    let (left, enough) = (room.saturating_sub(name), request.min(LEAST));
    if left >= enough {
        return left;
    }
    let cut = room.saturating_sub(name.min(NAMED)).min(enough);
    if cut * 2 < enough { 0 } else { cut }
}

/// What a heading says beside its number.
#[derive(Clone)]
struct Heading {
    /// The counts; or an arrow, where there is one request.
    counts: String,
    /// The words of that request.
    request: String,
    state: String,
    time: String,
}

/// What has room in so many columns: the subject whole, in few words, and at last without the time.
fn fitting(context: &Context<'_>, state: String, room: usize) -> Heading {
    let call = context.call;
    let is_request = call.request.is_some();
    let name = other_method(context).map_or(0, |name| text::width(&name));
    let fits = |heading: &Heading| {
        let subject = text::width(&heading.counts) + text::width(&heading.request);
        let subject = if is_request { subject.min(ENOUGH) } else { subject };
        subject + name + 2 + text::width(&heading.state) + text::width(&heading.time) <= room
    };
    let time = format!(" {:>TIME$}", time_words(call, context.model.now));
    let (counts, request) = what(context);
    let whole = Heading { counts, request, state, time };
    let mut short = whole.clone();
    if let State::Live(Live { phase: Phase::Unconnected, leaving: Leaving::No, .. }) = call.state {
        "● no connection".clone_into(&mut short.state);
    }
    if let Some((received, rate)) = receiving(context) {
        short.state = format!("● {} · {}", text::brief(received), text::rate(rate));
    }
    if !is_request {
        short.counts = counts_in_short(call);
    }
    let timeless = Heading { time: String::new(), ..whole.clone() };
    let least = Heading { time: String::new(), ..short.clone() };
    let mut few = least.clone();
    if call.waiting() > 0 {
        few.counts = format!("{} waiting", text::count(call.waiting()));
    }
    let wanted = [whole, short, timeless, least];
    wanted.into_iter().find(fits).unwrap_or(few)
}

/// `→ 3 ← 3`; `→ 3 · 2 waiting`, which says more than what came.
fn counts_in_short(call: &Call) -> String {
    let counts = call.record.counts();
    let sent = format!("→ {}", text::count(counts.sent));
    match (call.waiting(), call.method.kind()) {
        (0, _) if counts == Counts::default() => "0 sent".to_owned(),
        (0, Kind::Bidi) => format!("{sent} ← {}", text::count(counts.received)),
        (0, _) => sent,
        (waiting, _) => format!("{sent} · {} waiting", text::count(waiting)),
    }
}

/// How long it takes or took; with a deadline, how much is left.
pub(super) fn time_words(call: &Call, now: Instant) -> String {
    match call.left(now) {
        Some(left) => format!("{} left", text::ticking(left)),
        None if call.is_live() => text::ticking(call.elapsed(now)),
        None => text::elapsed(call.elapsed(now)),
    }
}

/// The name of a method that is not the pane's present one, as short as is clear, and what sets it apart.
fn other_method(context: &Context<'_>) -> Option<String> {
    let called = &context.call.method;
    let name = match &context.pane.method {
        Some(present) if present.full_name() == called.full_name() => return None,
        Some(present) if present.name() == called.name() => called.full_name(),
        _ => called.name(),
    };
    Some(format!("  {}", text::safe(name)))
}

/// A heading's subject: the counts; or an arrow, and the words of the one request.
fn what(context: &Context<'_>) -> (String, String) {
    let call = context.call;
    let counts = call.record.counts();
    if let Some(request) = &call.request {
        return ("→ ".to_owned(), plain(call.method.request(), request, 200));
    }
    let waiting = match call.waiting() {
        0 => String::new(),
        waiting => format!(" · {} waiting", text::count(waiting)),
    };
    let sent = format!("{} sent{waiting}", text::count(counts.sent));
    match call.method.kind() {
        Kind::Bidi => (format!("{sent} · {} received", text::count(counts.received)), String::new()),
        _ => (sent, String::new()),
    }
}

pub(super) fn state_words(context: &Context<'_>, painter: &Painter<'_>) -> (String, Style) {
    let theme = painter.theme;
    let call = context.call;
    match &call.state {
        State::Live(live) => (live_words(context, *live), theme.accent_words(call.method.kind())),
        State::Ended { status, .. } if status.is_ok() => (format!("✓ {status}"), theme.good),
        State::Ended { status, .. } if status.is_by_you() => (format!("■ {status} by you"), theme.dim),
        State::Ended { status, .. } => (format!("✗ {status}"), theme.bad),
    }
}

/// How many replies came of a stream that is at it, and how many a second do: more than anybody reads.
fn receiving(context: &Context<'_>) -> Option<(u64, f64)> {
    let (call, rate) = (context.call, context.call.rate(context.model.now));
    let is_fast = context.folded || rate >= FAST;
    let is_read = call.is_started() && call.is_cancellable() && call.reading() == Some(Reading::On);
    let is_it = call.method.kind() == Kind::ServerStream && is_read && is_fast;
    is_it.then(|| (call.record.counts().received, rate))
}

fn live_words(context: &Context<'_>, live: Live) -> String {
    let call = context.call;
    let received = call.record.counts().received;
    let words = match (live, call.method.kind()) {
        (Live { leaving: Leaving::Cancelled, .. }, _) => "cancelling".to_owned(),
        (Live { phase: Phase::Waiting, .. }, _) => "connecting".to_owned(),
        (Live { phase: Phase::Unconnected, .. }, _) => "waiting for the connection".to_owned(),
        (Live { phase: Phase::Queued, .. }, _) => "queued".to_owned(),
        (Live { reading: Reading::Stopped, .. }, Kind::ServerStream) => {
            format!("reading stopped · {} received", text::count(received))
        }
        (Live { reading: Reading::Stopped, .. }, _) => "reading stopped".to_owned(),
        (_, Kind::ServerStream) if let Some((received, rate)) = receiving(context) => {
            format!("receiving {} · {}", text::count(received), text::rate(rate))
        }
        (_, Kind::ServerStream) if received > 0 => format!("{} received", text::count(received)),
        (_, Kind::Unary | Kind::ServerStream) => "waiting".to_owned(),
        (Live { requests: RequestSide::Open, .. }, _) => "open".to_owned(),
        (Live { requests: RequestSide::Closed, .. }, _) if call.end_waits() => "open".to_owned(),
        (Live { requests: RequestSide::Closed, .. }, _) => "half-closed".to_owned(),
    };
    format!("● {words}")
}

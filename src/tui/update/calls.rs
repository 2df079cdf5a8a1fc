//! Beginning calls, sending on them, ending and cancelling them.

use std::time::Duration;

use super::{Effect, Later, Outgoing, Refused, TerminalWish, Unsent};
use crate::{
    rpc::{CallId, SendError},
    schema::{Kind, LineError, Method},
    tui::model::{Call, Introduction, Leaving, Live, Model, Notice, Pane, Quit, Sent, State},
};

/// How long after a call's end `Ctrl-C` does not offer to quit.
const JUST_ENDED: Duration = Duration::from_secs(1);
/// How long `Ctrl-C` is remembered.
const ARMED: Duration = Duration::from_secs(3);
/// The pause between two names of the introduction, so that people see them go.
const BEAT: Duration = Duration::from_millis(300);

const GREETED_ALONE: &str = "World";
const GREETED_TOGETHER: [&str; 3] = ["Alice", "Bob", "Charlie"];
const GREETED_EACH: [&str; 3] = ["Dave", "Eve", "Frank"];

/// Where a message goes in a pane whose requests are a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    /// The open one, or a new one if there is none.
    Open,
    /// A new one.
    New,
}

/// `Enter` and `Ctrl-N`: the focused pane's line is sent.
pub(super) fn submit(model: &mut Model, stream: Stream, effects: &mut Vec<Effect>) {
    let pane = model.focused();
    if let (true, Stream::New, Some(method)) = (pane.line.is_empty(), stream, pane.method.clone()) {
        open(model, model.focus, method, effects);
        return;
    }
    let line = model.focused().line.text().to_owned();
    match send(model, model.focus, &line, stream, effects) {
        Ok(()) => sent(model, effects),
        Err(why) => model.say(why),
    }
}

fn sent(model: &mut Model, effects: &mut Vec<Effect>) {
    model.notice = None;
    let line = model.focused_mut().line.take();
    remember(model.focused_mut(), line, effects);
}

/// Keeps what was sent in the history.
pub(super) fn remember(pane: &mut Pane, line: String, effects: &mut Vec<Effect>) {
    if pane.remember(&line)
        && let Some(method) = pane.line_method()
    {
        effects.push(Effect::Remember(Sent { method: method.path().to_string(), line }));
    }
}

/// Sends a line in a pane: as a call's one request, or as a message of its stream.
pub(super) fn send(
    model: &mut Model,
    kind: Kind,
    line: &str,
    stream: Stream,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let pane = model.pane(kind);
    let open_stream = pane.open_stream().filter(|_| stream == Stream::Open && kind.sends_stream());
    // The pane's method may be another since that stream began.
    let of_stream = open_stream.and_then(|id| pane.call(id)).map(|call| call.method.clone());
    let Some(method) = of_stream.or_else(|| pane.method.clone()) else {
        return Err(format!("this service has no method of the kind {}", kind.title().to_lowercase()));
    };
    if line.trim().is_empty() {
        return Err(empty_line(&method));
    }
    let message = method.request().encode(line).map_err(|error| not_a_request(&error))?;
    SendError::check(&message, model.options.sizes.request).map_err(|error| error.to_string())?;
    if !kind.sends_stream() {
        let id = begin(model, kind, &method, Some(message.clone()));
        effects.push(Effect::Call(id, method, model.options.terms(kind), message));
        return Ok(());
    }
    let id = open_stream.unwrap_or_else(|| open(model, kind, method, effects));
    hand_over(model, id, Outgoing { message, line: Some(line.to_owned()) }, effects);
    Ok(())
}

/// Puts a message behind those that go to the same stream already.
fn hand_over(model: &mut Model, id: CallId, message: Outgoing, effects: &mut Vec<Effect>) {
    let now = model.now;
    if let Some(call) = model.call_mut(id) {
        call.hand_over(message.message.clone(), now);
    }
    match effects.last_mut() {
        Some(Effect::Send(to, messages)) if *to == id => messages.push(message),
        _ => effects.push(Effect::Send(id, vec![message])),
    }
}

/// What is wrong with a line, and where a key helps, which.
fn not_a_request(error: &LineError) -> String {
    match error {
        LineError::NotOneText { .. } => format!("{error} · Ctrl-U, then Ctrl-T, puts every field there"),
        LineError::Json { .. } | LineError::TooLong { .. } => error.to_string(),
    }
}

/// What is said about an empty line.
fn empty_line(method: &Method) -> String {
    match method.request().line_field() {
        Some("name") => "type a name, or {} for an empty message".to_owned(),
        Some(field) => format!("type a value for {field}, or {{}} for an empty message"),
        None => "type the message as JSON; {} is an empty one".to_owned(),
    }
}

fn open(model: &mut Model, kind: Kind, method: Method, effects: &mut Vec<Effect>) -> CallId {
    let id = begin(model, kind, &method, None);
    effects.push(Effect::Open(id, method, model.options.terms(kind)));
    id
}

fn begin(model: &mut Model, kind: Kind, method: &Method, request: Option<bytes::Bytes>) -> CallId {
    let id = CallId(model.last_call.0.saturating_add(1));
    model.last_call = id;
    let mut call = Call::new(id, method.clone(), request, model.now);
    call.deadline = model.options.deadline(kind);
    call.compression = model.options.compression(kind);
    call.readiness = model.options.readiness(kind);
    call.sizes = model.options.sizes;
    call.metadata = model.options.metadata(kind).cloned().collect();
    call.way.clone_from(&model.link.way);
    let pane = model.pane_mut(kind);
    pane.choice = None;
    pane.begin(call);
    id
}

/// `Ctrl-D`: the focused pane's request stream ends.
pub(super) fn half_close(model: &mut Model, effects: &mut Vec<Effect>) {
    let pane = model.focused();
    if !pane.kind.sends_stream() {
        let kind = pane.kind.title().to_lowercase();
        model.say(format!("a {kind} call sends one message, and its request stream ends with it"));
        return;
    }
    if !pane.line.is_empty() {
        model.say(format!("\"{}\" is not sent: Enter sends it, then Ctrl-D", pane.line.text()));
        return;
    }
    match pane.open_stream() {
        Some(id) => end_stream(model, id, effects),
        None => model.say("no open stream: Enter opens one"),
    }
}

/// Ends the request stream of this call and of no other; says so where it has ended.
pub(super) fn end_stream(model: &mut Model, id: CallId, effects: &mut Vec<Effect>) {
    let now = model.now;
    match model.call_mut(id).filter(|call| call.is_open()) {
        Some(call) => {
            call.half_close(now);
            effects.push(Effect::HalfClose(id));
        }
        None => model.say(what_ended(model, id)),
    }
}

/// `Ctrl-C`: cancels the chosen call and no other. With none chosen, the newest live one here; without one it clears
/// the line, and with an empty line it prepares to quit.
pub(super) fn cancel(model: &mut Model, effects: &mut Vec<Effect>) {
    let pane = model.focused();
    let newest = pane.calls().iter().rev().find(|call| call.is_cancellable()).map(|call| call.id);
    match (pane.chosen_call(), newest) {
        (Some(chosen), _) if chosen.is_live() => cancel_one(model, chosen.id, effects),
        (Some(chosen), Some(newest)) => {
            model.say(format!("#{} is over: Esc, then Ctrl-C cancels #{}", chosen.id.0, newest.0));
        }
        (None, Some(newest)) => cancel_one(model, newest, effects),
        (None, None) if !pane.line.is_empty() => {
            // Ctrl-Y puts it back: nothing is lost.
            model.cut = model.focused_mut().line.take();
            model.notice = None;
            model.quit = Quit::Unarmed;
        }
        (_, None) if matches!(model.quit, Quit::Armed { .. }) => {
            effects.push(Effect::Terminal(TerminalWish::Quit));
        }
        (_, None) => arm_quitting(model),
    }
}

/// Cancels this call and no other; says so where it is over.
pub(super) fn cancel_one(model: &mut Model, id: CallId, effects: &mut Vec<Effect>) {
    model.quit = Quit::Unarmed;
    match model.call_mut(id).filter(|call| call.is_cancellable()) {
        Some(call) => {
            call.cancel();
            effects.push(Effect::Cancel(id));
        }
        None => model.say(what_ended(model, id)),
    }
}

/// Why there is nothing to end.
fn what_ended(model: &Model, id: CallId) -> String {
    let number = id.0;
    match model.call(id).map(|call| &call.state) {
        Some(State::Live(Live { leaving: Leaving::Cancelled, .. })) => {
            format!("#{number} is being cancelled")
        }
        Some(State::Live(_)) => format!("the request stream of #{number} has ended"),
        Some(State::Ended { .. }) | None => format!("#{number} is over"),
    }
}

fn arm_quitting(model: &mut Model) {
    let here = model.focused().live();
    let elsewhere = match model.live() - here {
        0 => String::new(),
        live => format!(" ({live} live elsewhere)"),
    };
    if here > 0 || just_ended(model) {
        model.say(format!("nothing live here{elsewhere}"));
    } else {
        model.quit = Quit::Armed { until: model.now + ARMED };
        model.say(format!("nothing live here{elsewhere} · Ctrl-C again quits"));
        if let Some(Notice { until, .. }) = &mut model.notice {
            *until = model.now + ARMED;
        }
    }
}

fn just_ended(model: &Model) -> bool {
    let mut calls = model.panes.iter().flat_map(Pane::calls);
    calls.any(|call| match call.state {
        State::Live(_) => false,
        State::Ended { seen, .. } => model.now.saturating_duration_since(seen) < JUST_ENDED,
    })
}

/// Messages did not go out. What the user wrote comes back into the line, where that is free and the call goes on; of
/// a call that is over its end tells them, and the history has them.
pub(super) fn not_sent(model: &mut Model, refused: Refused) {
    let Refused { call, nth, of, line, why: Unsent::Refused(why) } = refused else { return };
    let pane = model.panes.iter_mut().find(|pane| pane.call(call).is_some());
    if let Some(pane) = pane {
        if let Some(call) = pane.call_mut(call) {
            call.hand_back(1 + of.saturating_sub(nth) as u64);
        }
        if let Some(line) = line.filter(|_| pane.line.is_empty()) {
            pane.line.set(line);
        }
    }
    let number = call.0;
    model.say(match of {
        1 => format!("not sent on #{number}: {why}"),
        _ => format!("not sent on #{number}, from message {nth} of {of} on: {why}"),
    });
}

/// `Ctrl-G`: the line goes to all panes; an empty one plays the introduction.
pub(super) fn greet_all(model: &mut Model, effects: &mut Vec<Effect>) {
    if !model.shares_request_type() {
        model.say("these methods take different requests: send them one by one");
        return;
    }
    if model.focused().line.is_empty() {
        begin_introduction(model, effects);
        return;
    }
    let line = model.focused().line.text().to_owned();
    let kinds = Kind::ALL.into_iter().filter(|kind| model.pane(*kind).method.is_some());
    for kind in kinds.collect::<Vec<_>>() {
        if let Err(why) = send(model, kind, &line, Stream::Open, effects) {
            model.say(why);
            return;
        }
    }
    sent(model, effects);
}

fn begin_introduction(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.introduction.is_some() {
        model.say("the introduction is playing");
        return;
    }
    // They share their request's type: one that takes no name takes none anywhere, and nothing is begun.
    let method = model.panes.iter().find_map(|pane| pane.method.as_ref());
    if let Some(Err(why)) = method.map(|method| method.request().encode(GREETED_ALONE)) {
        model.say(why.to_string());
        return;
    }
    for kind in [Kind::Unary, Kind::ServerStream] {
        if model.pane(kind).method.is_some()
            && let Err(why) = send(model, kind, GREETED_ALONE, Stream::New, effects)
        {
            model.say(why);
            return;
        }
    }
    let mut stream = |model: &mut Model, kind| {
        let method = model.pane(kind).method.clone()?;
        Some(open(model, kind, method, effects))
    };
    let client_stream = stream(model, Kind::ClientStream);
    let bidi = stream(model, Kind::Bidi);
    model.notice = None;
    model.introduction = Some(Introduction { client_stream, bidi, sent: 0 });
    introduce(model, effects);
}

/// The introduction's next beat: a name in each stream, and finally their ends.
pub(super) fn introduce(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(mut introduction) = model.introduction.take() else { return };
    let streams = [
        (Kind::ClientStream, introduction.client_stream, GREETED_TOGETHER),
        (Kind::Bidi, introduction.bidi, GREETED_EACH),
    ];
    let mut open = false;
    for (kind, id, names) in streams {
        let Some(id) = id else { continue };
        let Some(call) = model.pane(kind).call(id).filter(|call| call.is_open()) else { continue };
        match names.get(introduction.sent) {
            Some(name) => match call.method.request().encode(name) {
                Ok(message) => hand_over(model, id, Outgoing { message, line: None }, effects),
                Err(error) => model.say(error.to_string()),
            },
            None => end_stream(model, id, effects),
        }
        open = true;
    }
    introduction.sent += 1;
    if open && introduction.sent <= GREETED_TOGETHER.len() {
        model.introduction = Some(introduction);
        effects.push(Effect::Later(BEAT, Later::Introduce));
    }
}

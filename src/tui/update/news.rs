//! News from the rpc side and the embedded server.

use std::time::Duration;

use super::{Asked, Effect, EmbeddedNews, doctor};
use crate::{
    compression::Accepted,
    rpc::{Batch, CallEvent, CallId, ChannelId, ChannelState, Delta},
    schema::{self, Contract, LeftOut},
    server::CallEnd,
    tui::model::{
        Asking, EmbeddedState, Failure, Link, LinkState, Model, Panel, Sent, ServerPlace, Wire, WirePanel,
    },
};

/// Takes a batch: calls first, so that they have ended before their channel does.
pub(super) fn news(model: &mut Model, batch: Batch, effects: &mut Vec<Effect>) {
    let mut calls: Vec<_> = batch.calls.into_iter().collect();
    // A call of an earlier channel says nothing about this server.
    let is_here = |model: &Model, id: &CallId| {
        let call = model.panes.iter().find_map(|pane| pane.call(*id));
        call.is_some_and(|call| model.link.has_made(call))
    };
    for (id, delta) in &calls {
        let headers = delta.life.iter().filter_map(|event| match event {
            CallEvent::Headers { headers, .. } => Accepted::of(headers),
            _ => None,
        });
        if let Some(accepted) = headers.last().filter(|_| is_here(model, id)) {
            model.link.accepted = Some(accepted);
        }
    }
    let has_ended = |delta: &Delta| delta.life.iter().any(|event| matches!(event, CallEvent::Ended { .. }));
    let ended: Vec<CallId> = calls.iter().filter(|(_, delta)| has_ended(delta)).map(|(id, _)| *id).collect();
    for pane in &mut model.panes {
        calls = pane.take(calls, model.now);
    }
    let call = |id: &CallId| model.panes.iter().find_map(|pane| pane.call(*id));
    let here = ended.iter().filter_map(call).filter(|call| model.link.has_made(call));
    let signs: Vec<_> = here.filter_map(doctor::sign).collect();
    for sign in signs {
        doctor::told(model, sign, effects);
    }
    for (id, state) in batch.channels {
        if id == model.link.id {
            channel(model, state, effects);
        }
    }
}

fn channel(model: &mut Model, state: ChannelState, effects: &mut Vec<Effect>) {
    if model.link.state == LinkState::Stopped {
        return;
    }
    let ends = matches!(model.embedded.state, EmbeddedState::Stopping | EmbeddedState::Starting);
    if ends && model.link.place == ServerPlace::Embedded && !matches!(state, ChannelState::Ready { .. }) {
        // It was asked to end: its own news says so.
        return;
    }
    let is_failure = !matches!(state, ChannelState::Connecting { after: Some(_) });
    model.link.state = match state {
        ChannelState::Connecting { after } => {
            let ended = after.map(|cause| Failure { cause: cause.as_ref().into(), ladder: None });
            model.link.failure = ended.or(model.link.failure.take());
            LinkState::Connecting
        }
        ChannelState::Ready { since, peer, tls } => LinkState::Ready { since, peer, tls },
        ChannelState::Lost { cause, retry_at, ladder } => {
            model.link.failure = Some(Failure { cause, ladder });
            LinkState::Lost { retry_at }
        }
        ChannelState::Closed => return,
    };
    match model.link.state {
        LinkState::Ready { .. } => {
            model.link.failure = None;
            if model.link.doctor.connected() {
                effects.push(Effect::StopExamining);
            }
        }
        _ if is_failure => doctor::lost(model, effects),
        _ => {}
    }
    // A server that came back may be a different one: it is asked again.
    let remote = model.link.place == ServerPlace::Remote;
    if remote && matches!(model.link.state, LinkState::Ready { .. }) {
        model.link.asking = Asking::Now;
        effects.push(Effect::Ask(model.link.id, model.options.shared_metadata()));
    }
}

/// Takes the lines of earlier sessions: they are older than everything sent in this one.
pub(super) fn remembered(model: &mut Model, lines: Vec<Sent>) {
    for Sent { method, line } in lines.into_iter().rev() {
        // Which kind a method has is not known before the server says so: any pane may need the line.
        let line = line.into();
        for pane in &mut model.panes {
            pane.remember_older(&method, &line);
        }
    }
}

/// A channel was opened: what was known about the old one is void.
pub(super) fn linked(model: &mut Model, link: Link) {
    let place = link.place;
    let asking = match place {
        ServerPlace::Embedded => Asking::Done,
        ServerPlace::Remote => Asking::Now,
    };
    model.link = Link { state: LinkState::Connecting, asking, ..link };
    if let Some(way) = model.link.way.clone()
        && let Some((server, keys)) = model.options.turn_to(&way.target)
    {
        model.say(match keys.as_slice() {
            [key] => format!("{key} stays with {server}; F4 sets it for this server"),
            keys => format!("{} secrets stay with {server}; F4 sets them for this server", keys.len()),
        });
    }
    model.wire = Wire::default();
    if let Some(Panel::Wire(panel)) = &mut model.panel {
        // What was chosen was of other connections.
        *panel = WirePanel::default();
    }
    if let Some(Panel::Server(panel)) = &mut model.panel {
        panel.address = None;
    }
    if place == ServerPlace::Embedded {
        offer(model, &[]);
    }
}

/// A server said which services it has, or did not.
pub(super) fn discovered(model: &mut Model, id: ChannelId, asked: Asked, effects: &mut Vec<Effect>) {
    if id != model.link.id {
        return;
    }
    model.link.asking = if matches!(asked, Asked::NotAsked) { Asking::Later } else { Asking::Done };
    match asked {
        Asked::Found(found) => {
            offer(model, &found.contracts);
            model.link.left_out = left_out(&found.left_out);
            if let Some(said) = model.link.left_out.clone() {
                model.say(said);
            }
        }
        Asked::NoReflection => offer(model, &[]),
        Asked::Broken(why) => {
            offer(model, &[]);
            doctor::not_described(model, &why, effects);
            model.say(format!("{why}; the contract that is built in is used"));
        }
        Asked::NotAsked => {}
    }
}

/// What is said of services that cannot be used. Foreign text.
fn left_out(services: &[LeftOut]) -> Option<String> {
    let (LeftOut { service, why }, more) = services.split_first()?;
    let others = match more.len() {
        0 => String::new(),
        1 => " and one more".to_owned(),
        more => format!(" and {} more", crate::text::count(more as u64)),
    };
    Some(format!("{service}{others} cannot be used: {why}"))
}

/// Offers what the server has, and what is built in. The service in use stays if the server has it.
fn offer(model: &mut Model, found: &[Contract]) {
    let preferred = schema::prefer(found);
    let has = |name: &str| found.iter().find(|contract| contract.name() == name).cloned();
    let built_in = Contract::built_in().iter();
    let contract = has(model.contract.name())
        .or(preferred)
        .or_else(|| built_in.clone().find(|contract| contract.name() == model.contract.name()).cloned())
        .unwrap_or_default();
    let rest = built_in.filter(|contract| has(contract.name()).is_none()).cloned();
    model.offered = found.iter().cloned().chain(rest).collect();
    model.use_contract(contract);
}

/// Takes news of the embedded server.
pub(super) fn embedded(model: &mut Model, news: EmbeddedNews, effects: &mut Vec<Effect>) {
    match news {
        EmbeddedNews::Serving(address) => {
            model.embedded.address = Some(address);
            model.embedded.state = EmbeddedState::Serving(crate::server::Counts::default());
            if model.link.place == ServerPlace::Embedded {
                effects.push(Effect::ConnectEmbedded(address));
            }
        }
        EmbeddedNews::Stopped => {
            let restart = model.embedded.state == EmbeddedState::Starting;
            if restart {
                effects.push(Effect::StartServer(model.embedded.address, model.embedded.settings));
                return;
            }
            model.embedded.state = EmbeddedState::Stopped;
            for line in &mut model.embedded.log {
                line.end.get_or_insert((Duration::ZERO, CallEnd::Stopped));
            }
            stop_link(model);
        }
        EmbeddedNews::Failed(why) => {
            model.embedded.state = EmbeddedState::Failed(why.clone());
            stop_link(model);
            model.say(why);
        }
        EmbeddedNews::Seen(counts, log) => {
            model.embedded.log = log;
            if let EmbeddedState::Serving(known) = &mut model.embedded.state {
                *known = counts;
            }
        }
    }
}

fn stop_link(model: &mut Model) {
    if model.link.place == ServerPlace::Embedded {
        model.link.state = LinkState::Stopped;
    }
}

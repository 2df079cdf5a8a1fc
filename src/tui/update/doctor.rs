//! When the doctor is asked: once for each kind of failure of a connection or a call that a look at the server may
//! explain, and whenever the user asks.

use super::Effect;
use crate::{
    rpc::{Cause, ChannelId, Code, Heard, Ladder, Origin, Security, Status, doctor::looks_again},
    tui::model::{Call, Complaint, Failure, Model, Panel, Protection, ServerPanel, ServerPlace, State},
};

/// What the end of a call says of its server.
#[derive(Debug)]
pub(super) enum Sign {
    /// It answers as gRPC does.
    Answers,
    /// It answered in another way, or has no such service.
    Strange(Complaint),
    /// It may be that it never answers.
    Silent(Complaint),
}

/// What a call that ended says of its server, where it says anything.
pub(super) fn sign(call: &Call) -> Option<Sign> {
    let State::Ended { status, .. } = &call.state else { return None };
    let (service, _) = call.method.full_name().rsplit_once('.')?;
    let how = format!("{status} {}", status.origin);
    let complaint = Complaint::Calls { service: service.to_owned(), how };
    match &status.origin {
        Origin::Trailers if status.code != Code::Unimplemented => Some(Sign::Answers),
        Origin::Trailers | Origin::Http { .. } => Some(Sign::Strange(complaint)),
        _ if is_silent(call, status) => Some(Sign::Silent(complaint)),
        _ => None,
    }
}

fn is_silent(call: &Call, status: &Status) -> bool {
    match &status.origin {
        Origin::Reset(_) | Origin::ConnectionLost(_) | Origin::Here(Cause::BadResponse(_)) => true,
        Origin::Here(Cause::DeadlineExceeded { heard: Some(Heard::Nothing(_)), .. }) => {
            call.facts.headers.is_none()
        }
        _ => false,
    }
}

/// Takes what the end of a call says. A server that answered once is not silent.
pub(super) fn told(model: &mut Model, sign: Sign, effects: &mut Vec<Effect>) {
    match sign {
        Sign::Answers => model.link.doctor.answered(),
        Sign::Strange(complaint) => hear(model, complaint, effects),
        Sign::Silent(complaint) if !model.link.doctor.has_answered() => hear(model, complaint, effects),
        Sign::Silent(_) => {}
    }
}

/// The server did not tell what it offers, in a way that says little: it may answer no call at all.
pub(super) fn not_described(model: &mut Model, why: &str, effects: &mut Vec<Effect>) {
    let service = model.contract.name().to_owned();
    told(model, Sign::Silent(Complaint::Calls { service, how: why.to_owned() }), effects);
}

/// There is no connection. An attempt that explains itself needs no examination.
pub(super) fn lost(model: &mut Model, effects: &mut Vec<Effect>) {
    let Some(Failure { cause, ladder }) = &model.link.failure else { return };
    let spoken = match model.link.protection {
        Protection::Plaintext => Security::Plaintext,
        Protection::Tls | Protection::NotVerified => Security::Tls,
    };
    let fault = ladder.as_ref().and_then(|ladder| ladder.fault());
    if fault.is_none_or(|fault| looks_again(fault, spoken)) {
        hear(model, Complaint::Lost(cause.clone()), effects);
    }
}

/// Begins an examination without the user asking. The embedded server's panel already says what it does.
fn hear(model: &mut Model, complaint: Complaint, effects: &mut Vec<Effect>) {
    let service = match &complaint {
        Complaint::Calls { service, .. } => service.clone(),
        Complaint::Lost(_) | Complaint::Asked => model.contract.name().to_owned(),
    };
    if model.link.place == ServerPlace::Remote && model.link.doctor.hears(complaint) {
        begin(model, service, effects);
    }
}

/// The user asks, or has waited long enough.
pub(super) fn asked(model: &mut Model, effects: &mut Vec<Effect>) {
    if model.link.doctor.is_at_work() {
        model.link.doctor.stops();
        effects.push(Effect::StopExamining);
        return;
    }
    // The answer is shown there, also when the palette was used.
    model.panel.get_or_insert_with(|| Panel::Server(ServerPanel::default()));
    let failed = model.link.failure.as_ref().map(|failure| Complaint::Lost(failure.cause.clone()));
    let complaint = failed.unwrap_or(Complaint::Asked);
    model.link.doctor.asked(complaint);
    begin(model, model.contract.name().to_owned(), effects);
}

fn begin(model: &Model, service: String, effects: &mut Vec<Effect>) {
    effects.push(Effect::Examine(model.link.id, model.options.shared_metadata(), service));
}

/// What the doctor found.
pub(super) fn examined(model: &mut Model, id: ChannelId, ladder: Ladder) {
    if id != model.link.id {
        return;
    }
    model.link.doctor.found(ladder);
    // It may have found what was known.
    if let Some(Panel::Server(ServerPanel { address: None, .. })) = model.panel {
        model.say("examined just now");
    }
}

/// The doctor had nothing to look at.
pub(super) fn not_examined(model: &mut Model, id: ChannelId) {
    if id == model.link.id && model.link.doctor.is_at_work() {
        model.link.doctor.stops();
        model.say("the embedded server is being stopped or started: there is nothing to look at");
    }
}

//! Why does it not connect? An attempt as every channel makes it, and where that ends without a clear word, another
//! look: a server that wants TLS says nothing to plaintext, and the other way round.
//!
//! Each part has its own limit, so that all of it takes no more than [`LIMIT`].

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, uri::PathAndQuery};
use tokio::{runtime::Handle, time::timeout};
use tonic::Code;

use super::{
    CallEvent, CallId, CallSpec, Cause, Channel, ChannelSettings, Fault, Happened, Ladder, Layer, Origin,
    Requests, Security, Seen, Spoken, Status, Target, TlsFault, Trust,
    dial::{Attempt, Dialer, Dialled, rounded},
};

/// The most that an examination takes, all layers together.
pub const LIMIT: Duration = Duration::from_secs(5);
/// The most that the way to HTTP/2 takes. Some servers are slow, and are servers all the same.
const CONNECTING: Duration = Duration::from_millis(3_500);
/// The most that a second look takes.
const LOOK: Duration = Duration::from_millis(750);
/// The most that the call takes. A server may have to wake up first.
const CALL: Duration = Duration::from_secs(3);
/// A call that every server can answer, if only with UNIMPLEMENTED ("GRPC Health Checking Protocol").
const HEALTH: &str = "/grpc.health.v1.Health/Check";

/// Climbs up to HTTP/2. Where that is reached, the channel is on the connection that was made: a slow server is not
/// connected to twice. Runs on a tokio runtime.
pub async fn connect(target: &Target, settings: &ChannelSettings) -> (Ladder, Option<Channel>) {
    let limit = settings.connect_timeout.min(CONNECTING);
    let (mut ladder, made) = attempt(target.clone(), settings.clone(), limit).await;
    if let Some(made) = made {
        let channel = Channel::open_on(made, &Handle::current(), target.clone(), settings.clone());
        return (ladder, Some(channel));
    }
    let suspected = ladder.fault().and_then(|fault| suspicion(fault, target.security()));
    if let Some(other) = suspected {
        let looked = second_look(target.with_security(other), settings).await;
        let found = ladder.fault().zip(looked).and_then(|(fault, looked)| looked.explains(fault));
        if let Some(found) = found {
            ladder.failed(found);
        }
    }
    (ladder, None)
}

/// Calls, and writes down whether that was answered as gRPC is. Takes no more than `left`, and a part of it where
/// that is plenty.
pub async fn call(channel: &Channel, metadata: &HeaderMap, left: Duration, ladder: &mut Ladder) {
    let (_handle, mut feed) = channel.follow(CallSpec {
        metadata: metadata.clone(),
        deadline: Some(CALL.min(left)),
        ..CallSpec::new(CallId(1), PathAndQuery::from_static(HEALTH), Requests::One(Bytes::new()))
    });
    while let Some(happened) = feed.next().await {
        if let Happened::Event(CallEvent::Ended { status, .. }) = happened {
            match of_status(&status, ladder) {
                Ok(code) => ladder.passed(Layer::Grpc, Seen::Answered(code)),
                Err(fault) => ladder.failed(fault),
            }
        }
    }
}

/// What a call's end says of the server: any status of its own is an answer.
fn of_status(status: &Status, ladder: &Ladder) -> Result<Code, Fault> {
    let allows_none = || ladder.rungs().iter().any(|rung| rung.found == Ok(Seen::Settings(Some(0))));
    match &status.origin {
        // A proxy says so of a server that it does not reach.
        Origin::Trailers if status.code == Code::Unavailable => {
            Err(Fault::Unavailable(status.message.clone()))
        }
        Origin::Trailers => Ok(status.code),
        Origin::Http { status: http } => Err(Fault::NotGrpc { http: *http, how: status.message.clone() }),
        Origin::Here(Cause::DeadlineExceeded { after, .. }) => {
            let after = rounded(*after);
            Err(if allows_none() { Fault::NoStreams(after) } else { Fault::CallUnanswered(after) })
        }
        origin => Err(Fault::CallFailed(origin.to_string())),
    }
}

async fn attempt(target: Target, settings: ChannelSettings, limit: Duration) -> (Ladder, Option<Dialled>) {
    let mut ladder = Ladder::new();
    let attempt = Attempt { limit, wire: None, keepalive: None };
    let made = Dialer::new(target, settings).dial(attempt, &mut ladder).await.ok();
    (ladder, made)
}

/// Whether a look in another way may tell more of a fault than the attempt did that met it.
pub fn looks_again(fault: &Fault, spoken: Security) -> bool {
    suspicion(fault, spoken).is_some()
}

/// What else the peer may speak, where it did not say.
fn suspicion(fault: &Fault, spoken: Security) -> Option<Security> {
    match (fault, spoken) {
        (
            Fault::Mute(_) | Fault::Stalled(_) | Fault::ClosedSilently | Fault::Broke(_),
            Security::Plaintext,
        ) => Some(Security::Tls),
        (Fault::Tls(TlsFault::Mute(_) | TlsFault::Closed | TlsFault::Other(_)), Security::Tls) => {
            Some(Security::Plaintext)
        }
        (Fault::Several(all), _) => all.iter().find_map(|(_, fault)| suspicion(fault, spoken)),
        _ => None,
    }
}

/// What another way of speaking showed.
#[derive(Debug)]
enum Looked {
    /// In TLS: the peer speaks it.
    IsTls,
    /// In plaintext: this answered.
    Answered(Spoken),
}

impl Looked {
    /// What is wrong, of which the fault was all that could be seen before.
    fn explains(self, fault: &Fault) -> Option<Fault> {
        match (self, fault) {
            (Self::IsTls, _) => Some(Fault::Spoke(Spoken::Tls)),
            // It answers plaintext with an alert of TLS: it speaks TLS, and not with us.
            (Self::Answered(Spoken::Tls), Fault::Tls(TlsFault::Closed)) => Some(TlsFault::BrokenOff.into()),
            (Self::Answered(Spoken::Tls), _) => None,
            (Self::Answered(spoken), _) => Some(TlsFault::NotTls(spoken).into()),
        }
    }
}

/// Speaks to the peer as the user did not.
async fn second_look(other: Target, settings: &ChannelSettings) -> Option<Looked> {
    let security = other.security();
    let mut settings = settings.clone();
    settings.tls.trust = Trust::Anybody;
    // The connection is let go of with this, which says goodbye.
    let (looked, _connection) = timeout(LOOK, attempt(other, settings, LOOK)).await.ok()?;
    match security {
        Security::Tls => speaks_tls(looked.fault()).then_some(Looked::IsTls),
        Security::Plaintext => spoken(looked.fault()).map(Looked::Answered),
    }
}

/// Whether what became of an attempt in TLS shows that TLS is spoken, whatever is wrong behind it.
fn speaks_tls(fault: Option<&Fault>) -> bool {
    match fault {
        None => true,
        Some(Fault::Several(all)) => all.iter().any(|(_, fault)| speaks_tls(Some(fault))),
        Some(Fault::Tls(TlsFault::NotTls(_) | TlsFault::Mute(_) | TlsFault::Closed | TlsFault::Other(_))) => {
            false
        }
        Some(fault) => fault.layer() >= Layer::Tls,
    }
}

/// What answered an attempt in plaintext.
fn spoken(fault: Option<&Fault>) -> Option<Spoken> {
    match fault {
        None => Some(Spoken::Http2),
        Some(Fault::Spoke(spoken)) => Some(spoken.clone()),
        Some(Fault::Several(all)) => all.iter().find_map(|(_, fault)| spoken(Some(fault))),
        Some(_) => None,
    }
}

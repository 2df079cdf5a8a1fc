//! The doctor's upper layers: what the server offers stands above what it can be called with.

use std::time::Duration;

use http::HeaderMap;
use tokio::{
    runtime::Handle,
    time::{Instant, timeout},
};

use super::{DiscoverError, survey};
use crate::rpc::{
    Channel, ChannelId, ChannelSettings, Code, Fault, Ladder, Layer, Seen, Target,
    doctor::{self, LIMIT},
};

/// The least that the question for services gets.
const LEAST: Duration = Duration::from_millis(500);

/// Climbs from the name up to reflection, and to a service if one is wanted. Takes no more than
/// [`LIMIT`]. Runs on a tokio runtime.
pub async fn examine(
    target: Target,
    settings: ChannelSettings,
    metadata: &HeaderMap,
    wanted: Option<&str>,
) -> Ladder {
    let by = Instant::now() + LIMIT - LEAST;
    let mut ladder = doctor::connect(&target, &settings).await;
    let Some(peer) = ladder.peer().cloned().filter(|_| ladder.fault().is_none()) else { return ladder };
    // Addresses that do not answer were waited for once, and need not be again.
    let channel = Channel::open_to(peer, &Handle::current(), ChannelId(0), target, settings);
    let left = by.saturating_duration_since(Instant::now()).saturating_sub(LEAST).max(LEAST);
    doctor::call(&channel, metadata, left, &mut ladder).await;
    if ladder.fault().is_none() {
        let left = by.saturating_duration_since(Instant::now()).max(LEAST);
        reflection(&channel, metadata, wanted, left, &mut ladder).await;
    }
    let left = (by + LEAST).saturating_duration_since(Instant::now());
    // Who does not take a goodbye gets no time that was not promised.
    let _said_or_not = timeout(left, channel.leave()).await;
    ladder
}

async fn reflection(
    channel: &Channel,
    metadata: &HeaderMap,
    wanted: Option<&str>,
    limit: Duration,
    ladder: &mut Ladder,
) {
    let Ok(surveyed) = timeout(limit, survey(channel, metadata)).await else {
        return ladder.failed(Fault::BrokenReflection("it did not answer in time".to_owned()));
    };
    let offered = match surveyed {
        Ok(survey) => survey.offered,
        Err(DiscoverError::NoReflection) => return ladder.failed(Fault::NoReflection),
        Err(DiscoverError::Unavailable(status)) => {
            let how = format!("{status}, {}", status.message);
            let is_refused = |code| matches!(code, Code::Unauthenticated | Code::PermissionDenied);
            let refuses_calls = ladder.answer().is_some_and(is_refused);
            return ladder.failed(match status.code {
                code if is_refused(code) && refuses_calls => Fault::CallsRefused(how),
                code if is_refused(code) => Fault::ReflectionRefused(how),
                _ => Fault::BrokenReflection(how),
            });
        }
        Err(DiscoverError::Broken(how)) => return ladder.failed(Fault::BrokenReflection(how)),
    };
    let usable = offered.contracts.iter().map(|contract| contract.name().to_owned());
    let names: Vec<String> = usable.chain(offered.left_out.into_iter().map(|left| left.service)).collect();
    ladder.passed(Layer::Reflection, Seen::Services(names.len()));
    let Some(wanted) = wanted else { return };
    if names.iter().any(|name| name == wanted) {
        ladder.passed(Layer::Service, Seen::Service(wanted.to_owned()));
    } else {
        ladder.failed(Fault::NoService { wanted: wanted.to_owned(), offered: names });
    }
}

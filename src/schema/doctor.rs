//! The doctor's upper layers: what the server offers stands above what it can be called with.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::{Instant, timeout};

use super::{Contract, DiscoverError, Discovery, LeftOut, survey};
use crate::rpc::{
    Channel, ChannelSettings, Code, Fault, Ladder, Layer, Seen, Target,
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
    examine_aloud(target, settings, metadata, wanted, |_| {}).await
}

/// The same. `tell` hears of the ladder each time that more of it is sure.
pub async fn examine_aloud(
    target: Target,
    settings: ChannelSettings,
    metadata: &HeaderMap,
    wanted: Option<&str>,
    mut tell: impl FnMut(&Ladder),
) -> Ladder {
    let by = Instant::now() + LIMIT - LEAST;
    let (mut ladder, channel) = doctor::connect(&target, &settings).await;
    tell(&ladder);
    let Some(channel) = channel else { return ladder };
    let left = by.saturating_duration_since(Instant::now()).saturating_sub(LEAST).max(LEAST);
    doctor::call(&channel, metadata, left, &mut ladder).await;
    tell(&ladder);
    if ladder.fault().is_none() {
        let left = by.saturating_duration_since(Instant::now()).max(LEAST);
        reflection(&channel, metadata, wanted, left, &mut ladder).await;
        tell(&ladder);
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
            let how = match status.message.as_str() {
                "" => status.to_string(),
                message => format!("{status}, {message}"),
            };
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
    ladder.passed(Layer::Reflection, Seen::Services(offered.contracts.len() + offered.left_out.len()));
    if let Some(wanted) = wanted {
        service(wanted, offered, ladder);
    }
}

/// Whether what is offered has this service, and it can be called.
fn service(wanted: &str, offered: Discovery, ladder: &mut Ladder) {
    let has = |contracts: &[Contract]| contracts.iter().any(|contract| contract.name() == wanted);
    let left_out = offered.left_out.iter().find(|left_out| left_out.service == wanted);
    match left_out {
        // What is built in need not be described.
        _ if has(&offered.contracts) => ladder.passed(Layer::Service, Seen::Service(wanted.to_owned())),
        Some(_) if has(Contract::built_in()) => {
            ladder.passed(Layer::Service, Seen::Service(wanted.to_owned()));
        }
        Some(LeftOut { service, why }) => {
            ladder.failed(Fault::UndescribedService { wanted: service.clone(), why: why.to_string() });
        }
        None => {
            let usable = offered.contracts.iter().map(|contract| contract.name().to_owned());
            let offered = usable.chain(offered.left_out.into_iter().map(|left| left.service)).collect();
            ladder.failed(Fault::NoService { wanted: wanted.to_owned(), offered });
        }
    }
}

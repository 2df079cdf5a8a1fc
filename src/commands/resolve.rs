//! Which method is meant, and whether the server has to be asked.
//!
//! What files say is meant is believed, and the server is not asked. What is built in is called at once: asking first would cost more than the call. A name with its service means
//! just that service wherever it is. A short name or a kind means the default service, and which one that is on a
//! server elsewhere is its business; so the call may turn out to be for a method that is not there, and then the
//! server is asked. It is asked first where the method is not built in, where a message does not fit what is, and
//! where messages of a short name come from stdin and cannot be sent a second time.

use super::{
    Failure,
    look::NO_REFLECTION,
    route::{Reached, Route},
};
use crate::{
    rpc::Status,
    schema::{Contract, DiscoverError, LeftOut, Method, MethodName, Source},
};

/// A method, and how sure it is that it is the one that is meant.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub(super) method: Method,
    pub(super) source: Source,
    pub(super) certainty: Certainty,
}

/// Whether the server may mean another method by this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// It is this one.
    Sure,
    /// It is this one if the server has it.
    Likely,
}

/// The method of this name among those that are known without the server: built in, or from files.
pub(super) fn without_asking(name: &MethodName, route: &Route) -> Result<Resolved, Failure> {
    if route.must_ask() {
        return Err(Failure::undone("--use-reflection leaves it to the server what is called"));
    }
    let is_whole = matches!(name, MethodName::Whole { .. });
    let certainty = if is_whole || route.knows_all() { Certainty::Sure } else { Certainty::Likely };
    if let Some(named) = route.named() {
        named.need_services().map_err(Failure::usage)?;
    }
    let known = route.named().map_or(Contract::built_in(), |named| &named.offered.contracts);
    let left_out = route.named().map_or(&[][..], |named| &named.offered.left_out);
    let method = name
        .find(known)
        .map_err(|error| why_not(name, left_out, Source::File).unwrap_or_else(|| Failure::usage(error)))?;
    let source = known.first().map_or(Source::BuiltIn, Contract::source);
    Ok(Resolved { method, source, certainty })
}

/// Why the server did not say which method is meant.
pub(super) enum Unasked {
    /// It cannot say.
    NoReflection,
    /// It was not reached, or said no.
    Status(Status),
    /// What it says does not help.
    Failure(Failure),
}

/// Asks the server which method has this name.
///
/// Of a service that is named it is asked for this alone, and for all others only where that is not there, or where
/// an `Any` may hold what they know.
pub(super) async fn ask(reached: &Reached, name: &MethodName) -> Result<Resolved, Unasked> {
    if let MethodName::Whole { service, .. } = name {
        let asked = reached.look_up(service).await?;
        if let Ok(method) = name.find(&asked.offered.contracts) {
            let wraps = method.request().may_hold_any() || method.reply().may_hold_any();
            let all = if wraps { reached.discover().await.ok() } else { None };
            let with_all = all.and_then(|all| name.find(&all.contracts).ok());
            return Ok(Resolved::told(with_all.unwrap_or(method)));
        }
    }
    let found = reached.discover().await?;
    if let Some(failure) = why_not(name, &found.left_out, Source::Reflection) {
        return Err(Unasked::Failure(failure));
    }
    let method = name.find(&found.contracts).map_err(|error| Unasked::Failure(Failure::usage(error)))?;
    Ok(Resolved::told(method))
}

/// Why the service of a method cannot be used, where it is one that is there.
fn why_not(name: &MethodName, left_out: &[LeftOut], source: Source) -> Option<Failure> {
    let MethodName::Whole { service: wanted, .. } = name else { return None };
    let end = format!(".{wanted}");
    let is_meant = |left_out: &&LeftOut| left_out.service == *wanted || left_out.service.ends_with(&end);
    let LeftOut { service, why } = left_out.iter().find(is_meant)?;
    let to_do = if source == Source::File { why.to_do() } else { "" };
    Some(Failure::undone(format!("{service} cannot be used: {why}{to_do}")))
}

impl Resolved {
    /// As the server itself says.
    fn told(method: Method) -> Self {
        Self { method, source: Source::Reflection, certainty: Certainty::Sure }
    }
}

impl From<DiscoverError> for Unasked {
    fn from(error: DiscoverError) -> Self {
        match error {
            DiscoverError::NoReflection => Self::NoReflection,
            DiscoverError::Unavailable(status) => Self::Status(status),
            error @ DiscoverError::Broken(_) => Self::Failure(Failure::undone(error)),
        }
    }
}

impl Unasked {
    /// Goes on without the server's word. Where it said that the name is no method's, or that of several, that is
    /// the failure.
    pub(super) fn unless_unclear(self) -> Result<(), Failure> {
        match self {
            Self::Failure(failure @ Failure::Usage(_)) => Err(failure),
            Self::NoReflection | Self::Status(_) | Self::Failure(_) => Ok(()),
        }
    }

    /// As the end of the command: `unknown` is why the method is not known without the server's help.
    pub(super) fn failure(self, unknown: &Failure) -> Failure {
        match self {
            Self::NoReflection => {
                let words = format!("{unknown} ({NO_REFLECTION})");
                if let Failure::Undone(_) = unknown { Failure::undone(words) } else { Failure::usage(words) }
            }
            Self::Status(status) => Failure::Status(Box::new(status)),
            Self::Failure(failure) => failure,
        }
    }
}

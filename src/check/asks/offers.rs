//! Services that a server may offer beside the Greeter.

use http::uri::PathAndQuery;
use prost::Message;

use crate::{
    check::{Unmet, Verdict, session::Session},
    rpc::{Code, Status},
    schema::{Contract, DiscoverError, Discovery, survey},
};

/// Reflection describes the service as the contract has it.
pub(super) async fn reflection(session: &Session) -> Verdict {
    let survey = match survey(session.channel(), &session.server.metadata).await {
        Ok(survey) => survey,
        Err(DiscoverError::NoReflection) => return Err(Unmet::Absent),
        Err(DiscoverError::Unavailable(status)) if is_absent(&status) => return Err(Unmet::Absent),
        Err(error) => return Err(Unmet::Wrong(error.to_string())),
    };
    let name = session.contract.name();
    let Discovery { contracts, left_out } = &survey.offered;
    let Some(found) = contracts.iter().find(|contract| contract.name() == name) else {
        let left_out = left_out.iter().find(|left_out| left_out.service == name);
        return Err(Unmet::Wrong(match left_out {
            Some(left_out) => left_out.why.to_string(),
            None => format!("{name} is not listed"),
        }));
    };
    same_methods(&session.contract, found)?;
    Ok(format!("{}, {} methods", survey.version, found.methods().len()))
}

/// Whether every method of ours is there, and of its kind.
fn same_methods(ours: &Contract, theirs: &Contract) -> Result<(), Unmet> {
    for method in ours.methods() {
        let found = theirs.methods().iter().find(|found| found.name() == method.name());
        match found {
            None => return Err(Unmet::Wrong(format!("{} is not described", method.name()))),
            Some(found) if found.kind() != method.kind() => {
                let (name, kind) = (method.name(), found.kind().title().to_lowercase());
                return Err(Unmet::Wrong(format!("{name} is described as {kind}")));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// `grpc.health.v1.HealthCheckResponse`.
///
/// Source: <https://github.com/grpc/grpc/blob/master/doc/health-checking.md>
#[derive(Clone, PartialEq, Message)]
struct HealthCheckResponse {
    #[prost(int32, tag = "1")]
    status: i32,
}

const SERVING: i32 = 1;

/// The server as a whole says SERVING.
pub(super) async fn health(session: &Session) -> Verdict {
    let path = PathAndQuery::from_static("/grpc.health.v1.Health/Check");
    let limit = session.patience();
    let heard = session.ask_path(path).over(limit).await;
    if heard.end.as_ref().is_some_and(is_absent) {
        return Err(Unmet::Absent);
    }
    let Some(reply) = heard.replies.first() else { return Err(heard.why(limit)) };
    match HealthCheckResponse::decode(reply.clone()) {
        Ok(response) if response.status == SERVING => Ok("SERVING".to_owned()),
        Ok(response) => Err(Unmet::Wrong(serving_status(response.status))),
        Err(error) => Err(Unmet::Wrong(format!("no HealthCheckResponse: {error}"))),
    }
}

/// What is not there is UNIMPLEMENTED. That some say UNKNOWN, another check tells.
fn is_absent(status: &Status) -> bool {
    matches!(status.code, Code::Unimplemented | Code::Unknown)
}

fn serving_status(number: i32) -> String {
    match number {
        0 => "UNKNOWN".to_owned(),
        2 => "NOT_SERVING".to_owned(),
        3 => "SERVICE_UNKNOWN".to_owned(),
        number => format!("status {number}"),
    }
}

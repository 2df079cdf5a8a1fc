//! `grpc.health.v1.Health`, by its protocol: `Watch` of an unknown name answers `SERVICE_UNKNOWN`
//! and stays open (the stock one ends with `NOT_FOUND`), and a watcher is told when the server drains.
//!
//! Source: <https://github.com/grpc/grpc/blob/master/doc/health-checking.md>

use futures_util::{Stream, StreamExt, stream};
use std::pin::Pin;
use tokio::sync::watch;
use tonic::{Request, Response, Status};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse, health_check_response::ServingStatus, health_server::Health,
};

use super::accept::Phase;

/// All services live and end with the server, so its phase is the health of each of them.
#[derive(Debug)]
pub(super) struct ServerHealth {
    /// The names that are known; `""`, the server as a whole, is always known.
    pub(super) services: &'static [&'static str],
    pub(super) phase: watch::Receiver<Phase>,
}

impl ServerHealth {
    fn knows(&self, service: &str) -> bool {
        service.is_empty() || self.services.contains(&service)
    }
}

#[tonic::async_trait]
impl Health for ServerHealth {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        let service = request.into_inner().service;
        if self.knows(&service) {
            Ok(Response::new(says(of_phase(*self.phase.borrow()))))
        } else {
            Err(Status::not_found("no service of that name here"))
        }
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let known = self.knows(&request.into_inner().service);
        let mut phase = self.phase.clone();
        phase.mark_changed();
        let answers = stream::unfold(Some(phase), move |phase| async move {
            let mut phase = phase?;
            phase.changed().await.ok()?;
            let now = *phase.borrow_and_update();
            let answer = says(if known { of_phase(now) } else { ServingStatus::ServiceUnknown });
            // Nothing changes any more after draining; ending here lets the server drain.
            Some((Ok(answer), (now == Phase::Serving).then_some(phase)))
        });
        Ok(Response::new(answers.boxed()))
    }
}

fn of_phase(phase: Phase) -> ServingStatus {
    match phase {
        Phase::Serving => ServingStatus::Serving,
        Phase::Draining => ServingStatus::NotServing,
    }
}

fn says(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

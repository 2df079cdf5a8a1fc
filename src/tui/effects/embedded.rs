//! The embedded server, which tasks start and stop.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::{
    held::lock,
    server::{CallLine, Counts, Server, Settings},
    tui::update::EmbeddedNews,
};

/// What open calls get when it is stopped from the screen.
const GRACE: Duration = Duration::from_millis(300);

/// Where it is while it runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Embedded(Arc<Mutex<Option<Server>>>);

impl Embedded {
    /// Takes a server that was started before the screen.
    pub(super) fn adopt(&self, server: Server) {
        *lock(&self.0) = Some(server);
    }

    /// What it has done so far, and its newest calls.
    pub(super) fn seen(&self) -> Option<(Counts, Vec<CallLine>)> {
        lock(&self.0).as_ref().map(|server| (server.counts(), server.log()))
    }

    /// Changes its replies and pause.
    pub(super) fn configure(&self, settings: Settings) {
        if let Some(server) = lock(&self.0).as_ref() {
            server.set(settings);
        }
    }

    /// Starts it where it was, if it was anywhere.
    pub(super) async fn start(self, address: Option<SocketAddr>, settings: Settings) -> EmbeddedNews {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let started = match Server::start(address.unwrap_or(free), settings).await {
            // Another program has taken the port meanwhile.
            Err(_) if address.is_some() => Server::start(free, settings).await,
            started => started,
        };
        match started {
            Ok(server) => {
                let address = server.address();
                self.adopt(server);
                EmbeddedNews::Serving(address)
            }
            Err(error) => EmbeddedNews::Failed(error.to_string()),
        }
    }

    /// From here on there is none; what there was ends its calls, and then itself.
    pub(super) fn stop(&self) -> impl Future<Output = ()> + Send + use<> {
        let server = lock(&self.0).take();
        async move {
            if let Some(server) = server {
                server.stop(GRACE).await;
            }
        }
    }
}

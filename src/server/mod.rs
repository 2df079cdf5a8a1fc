//! The embedded Greeter: both contracts, reflection and health, on an accept loop of its own.
//!
//! It stands on the ground and knows no other room. A [`Server`] is a handle to a running server:
//! its settings can be changed while it runs, and it can be drained or ended at once.

mod accept;
mod call;
mod compression;
mod greeter;
mod health;
mod log;
mod settings;
mod tally;
mod tls;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{net::TcpListener, sync::watch, task::JoinHandle, time::timeout};
use tonic::{server::NamedService, service::Routes};
use tonic_health::pb::health_server::HealthServer;

use accept::Phase;
use call::Calls;
use compression::compressing;
use greeter::Greeter;
use health::ServerHealth;
use tally::Tally;

pub use log::{CallEnd, CallLine};
pub use settings::Settings;
pub use tally::Counts;
pub use tls::{ServerTls, TlsError};

/// The code generated from `proto/`.
#[allow(missing_docs, unreachable_pub, clippy::pedantic)]
pub mod proto {
    pub mod helloworld {
        tonic::include_proto!("helloworld");
    }
    pub mod hello {
        tonic::include_proto!("hello");
    }
}

use proto::{hello, helloworld};

type DefaultContract = helloworld::greeter_server::GreeterServer<Greeter>;
type OtherContract = hello::greeter_server::GreeterServer<Greeter>;

/// Both contracts, as a `google.protobuf.FileDescriptorSet`.
const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/greeter.binpb"));

const GREETERS: &[&str] = &[DefaultContract::NAME, OtherContract::NAME];

/// Why a server could not start: one sentence, and its cause.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program listens there.
    #[error("{0} is in use; --listen {free} takes a free port", free = SocketAddr::new(.0.ip(), 0))]
    InUse(SocketAddr),
    /// The system keeps this port for privileged programs.
    #[error("{0} needs more rights; ports from 1024 up need none")]
    NotAllowed(SocketAddr),
    /// The address is none of this machine's.
    #[error("{ip} is no address of this machine", ip = .0.ip())]
    NotHere(SocketAddr),
    /// The system says no.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The descriptors that were compiled in cannot be served.
    #[error("cannot serve reflection")]
    Reflection(#[from] tonic_reflection::server::Error),
}

impl ServeError {
    fn listen(address: SocketAddr, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::AddrInUse => Self::InUse(address),
            io::ErrorKind::PermissionDenied => Self::NotAllowed(address),
            io::ErrorKind::AddrNotAvailable => Self::NotHere(address),
            _ => Self::Listen { address, source },
        }
    }
}

/// A running server. Dropping it aborts it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    settings: watch::Sender<Settings>,
    phase: watch::Sender<Phase>,
    tally: Arc<Tally>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Starts a plaintext server on the current tokio runtime. It accepts calls when this returns.
    ///
    /// Port 0 takes a free port; [`Server::address`] tells which.
    pub async fn start(listen: SocketAddr, settings: Settings) -> Result<Self, ServeError> {
        Self::start_with(listen, settings, None).await
    }

    /// The same, in TLS where that is given.
    pub async fn start_with(
        listen: SocketAddr,
        settings: Settings,
        tls: Option<ServerTls>,
    ) -> Result<Self, ServeError> {
        let refused = |source| ServeError::listen(listen, source);
        let listener = TcpListener::bind(listen).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let (settings, live_settings) = watch::channel(settings);
        let (phase, live_phase) = watch::channel(Phase::Serving);
        let tally = Arc::new(Tally::default());
        let greeter = Greeter { settings: live_settings, tally: Arc::clone(&tally) };
        let calls = Calls {
            services: routes(greeter, live_phase.clone())?,
            counted: GREETERS,
            tally: Arc::clone(&tally),
        };
        let accepting = tokio::spawn(accept::run(listener, tls, calls, Arc::clone(&tally), live_phase));
        Ok(Self { address, settings, phase, tally, accepting })
    }

    /// Where it listens, with the port it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        match self.address.ip() {
            IpAddr::V4(ip) => ip.is_loopback(),
            IpAddr::V6(ip) => ip.to_canonical().is_loopback(),
        }
    }

    /// How streams are answered now.
    pub fn settings(&self) -> Settings {
        *self.settings.borrow()
    }

    /// Changes how streams are answered.
    pub fn set(&self, settings: Settings) {
        self.settings.send_replace(settings);
    }

    /// What it does and has done.
    pub fn counts(&self) -> Counts {
        self.tally.counts()
    }

    /// The newest calls as it saw them, newest last.
    pub fn log(&self) -> Vec<CallLine> {
        self.tally.log().lines()
    }

    /// Stops accepting, lets open calls go on for at most `grace`, then ends them. When this returns
    /// the port is free and every connection is closed.
    pub async fn stop(mut self, grace: Duration) {
        self.phase.send_replace(Phase::Draining);
        if timeout(grace, &mut self.accepting).await.is_err() {
            self.accepting.abort();
            let _ = (&mut self.accepting).await;
        }
    }
}

/// Dropping it ends it at once: every connection is closed without a word. The port is free shortly after; where that
/// matters, `stop(Duration::ZERO)` waits for it.
impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn routes(greeter: Greeter, phase: watch::Receiver<Phase>) -> Result<Routes, ServeError> {
    let health = ServerHealth { services: GREETERS, phase };
    Ok(Routes::new(compressing!(DefaultContract::new(greeter.clone())))
        .add_service(compressing!(OtherContract::new(greeter)))
        .add_service(compressing!(HealthServer::new(health)))
        .add_service(compressing!(reflection().build_v1()?))
        .add_service(compressing!(reflection().build_v1alpha()?))
        .prepare())
}

/// Every service is told of by both versions of reflection.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    use tonic_reflection::pb::{v1, v1alpha};
    tonic_reflection::server::Builder::configure()
        .include_reflection_service(false)
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(v1::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(v1alpha::FILE_DESCRIPTOR_SET)
}

//! `greeter serve`: the embedded server alone, until a signal ends it.

mod tls;

use std::{
    io::{self, Write},
    net::{SocketAddr, ToSocketAddrs},
    time::Duration,
};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::spawn_blocking,
};

use super::Failure;
use crate::{
    cli::{Listen, Serve},
    server::Server,
};
use tls::Tls;

/// What open calls get after the first signal.
const GRACE: Duration = Duration::from_secs(1);

/// Serves until SIGINT, SIGTERM or SIGHUP.
pub(super) async fn serve(serve: Serve) -> Result<(), Failure> {
    // Before the line is printed: whoever reads it may send a signal at once.
    let mut signals = Signals::listen().map_err(Failure::undone)?;
    let started = async {
        let address = resolve(serve.listen).await?;
        let tls = tls::prepare(&serve.protection, address)?;
        let of_server = tls.as_ref().map(|tls| tls.server.clone());
        let server = Server::start_with(address, serve.settings, of_server).await;
        Ok::<_, Failure>((server.map_err(Failure::undone)?, tls))
    };
    let (server, tls) = tokio::select! {
        started = started => started?,
        () = signals.next() => return Ok(()),
    };
    announce(&server, tls.as_ref());
    signals.next().await;
    tokio::select! {
        () = server.stop(GRACE) => {}
        () = signals.next() => {}
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
#[error("cannot resolve {host}")]
struct Unresolved {
    host: String,
    source: io::Error,
}

async fn resolve(Listen { host, port }: Listen) -> Result<SocketAddr, Failure> {
    let name = host.clone();
    let resolved = spawn_blocking(move || {
        let mut addresses = (name, port).to_socket_addrs()?;
        addresses.next().ok_or_else(|| io::Error::other("it has no address"))
    });
    let resolved = resolved.await.unwrap_or_else(|panicked| Err(io::Error::other(panicked)));
    resolved.map_err(|source| Failure::undone(Unresolved { host, source }))
}

/// Says where it listens. A server that cannot say so serves all the same: whoever started it with
/// a closed stdout knows where.
fn announce(server: &Server, tls: Option<&Tls>) {
    let address = server.address();
    let scheme = if tls.is_some() { "https" } else { "http" };
    match tls {
        Some(tls) => tls.announce(address),
        None if server.is_loopback() => {}
        None => talk(&format!("{address} can be reached from other machines, and it is plaintext")),
    }
    let mut stdout = io::stdout().lock();
    let said = writeln!(stdout, "listening on {scheme}://{address}").and_then(|()| stdout.flush());
    if let Err(error) = said {
        talk(&format!("listening on {scheme}://{address}, but stdout does not take it: {error}"));
    }
}

fn talk(words: &str) {
    // Where stderr is gone too, there is nobody to tell.
    let _ = writeln!(io::stderr(), "greeter: {words}");
}

/// The signals that ask the program to end.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if hangup_is_ignored() { None } else { Some(signal(SignalKind::hangup())?) },
        })
    }

    /// Waits for one of them.
    async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hangup => {}
        }
    }
}

/// Whether `nohup` started us: then the terminal may go, and we stay. Only Linux tells.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Bit n - 1 stands for signal n, and SIGHUP is 1.
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

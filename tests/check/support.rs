//! Makes all checks of a server, and tells what did not hold.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use greeter::schema::Contract;
use greeter::{
    check::{Finding, Limits, Outcome, Run, Server, Subject, Tally, Unreachable},
    rpc::{ChannelSettings, Target, Wish},
};
use http::HeaderMap;
use tokio::runtime::Handle;

/// No check of a test is waited for longer; a test that hangs fails.
const GUARD: Duration = Duration::from_mins(2);

/// For servers of which it is known that they answer, so that waiting costs patience only where a server is
/// to be silent.
pub(crate) fn patient() -> Limits {
    Limits { answer: Duration::from_secs(20), impatient: Duration::from_secs(20), ..Limits::default() }
}

/// For servers that are silent at some point.
pub(crate) fn brief() -> Limits {
    Limits { answer: Duration::from_secs(2), ..Limits::default() }
}

/// All that was found.
pub(crate) struct Found {
    pub(crate) subject: Subject,
    pub(crate) findings: Vec<Finding>,
}

impl Found {
    pub(crate) fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        self.findings.iter().for_each(|finding| tally.add(finding));
        tally
    }

    /// The names of those that came out so.
    pub(crate) fn with(&self, outcome: Outcome) -> Vec<&'static str> {
        let found = self.findings.iter().filter(|finding| finding.outcome == outcome);
        found.map(|finding| finding.check.name).collect()
    }

    pub(crate) fn came(&self) -> BTreeMap<&'static str, &str> {
        self.findings.iter().map(|finding| (finding.check.name, finding.came.as_str())).collect()
    }
}

pub(crate) fn server(address: SocketAddr) -> Server {
    Server {
        target: Target::parse(&address.to_string(), Wish::Plaintext).unwrap(),
        settings: ChannelSettings::default(),
        metadata: HeaderMap::new(),
        runtime: Handle::current(),
    }
}

pub(crate) async fn check_as(
    address: SocketAddr,
    limits: Limits,
    wish: Option<Contract>,
) -> Result<Found, Unreachable> {
    let run = async {
        let mut run = Run::start(server(address), limits, wish).await?;
        let mut findings = Vec::new();
        while let Some(finding) = run.next().await {
            findings.push(finding);
        }
        Ok(Found { subject: run.subject().clone(), findings })
    };
    tokio::time::timeout(GUARD, run).await.expect("the checks took too long")
}

pub(crate) async fn check(address: SocketAddr, limits: Limits) -> Found {
    check_as(address, limits, None).await.unwrap()
}

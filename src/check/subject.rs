//! Which contract a server has: by reflection, else by asking.

use tokio::time::timeout;

use super::{
    Unreachable,
    session::{Session, request},
};
use crate::{
    rpc::{Code, Status},
    schema::{Contract, Kind, discover},
};

/// What is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The contract that the server is held to: one of those built in.
    pub contract: Contract,
    /// How it is known that the server has it.
    pub known: Known,
    /// Others that the server has, as far as is known.
    pub others: Vec<Contract>,
}

impl Subject {
    /// What is checked where the server says nothing.
    pub(super) fn guess() -> Self {
        Self { contract: Contract::default(), known: Known::Guess, others: Vec::new() }
    }
}

/// How a contract was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// The server's reflection lists it.
    Reflection,
    /// It has no reflection, and answers a call.
    Answer,
    /// It says nothing; this is the first of those built in.
    Guess,
    /// The user said so.
    Told,
}

/// Finds the contract of a server, where the user does not wish for one.
pub(super) async fn find(session: &Session, wish: Option<Contract>) -> Result<Subject, Unreachable> {
    if let Some(contract) = wish {
        return Ok(Subject { contract, known: Known::Told, others: Vec::new() });
    }
    let limit = session.limits.answer;
    let listed = timeout(limit, listed(session)).await.unwrap_or_default();
    if let Some((contract, others)) = listed.split_first() {
        return Ok(Subject { contract: contract.clone(), known: Known::Reflection, others: others.to_vec() });
    }
    by_asking(session).await
}

/// Those that reflection lists. What is wrong with reflection is a check of its own.
async fn listed(session: &Session) -> Vec<Contract> {
    let Ok(discovery) = discover(session.channel(), &session.server.metadata).await else {
        return Vec::new();
    };
    let is_listed = |contract: &&Contract| {
        discovery.contracts.iter().any(|listed| listed.name() == contract.name())
            || discovery.left_out.iter().any(|left_out| left_out.service == contract.name())
    };
    Contract::built_in().iter().filter(is_listed).cloned().collect()
}

/// The first that answers; else the first that is there and answers something wrong.
async fn by_asking(session: &Session) -> Result<Subject, Unreachable> {
    let mut there = None;
    for contract in Contract::built_in() {
        match greet(session, contract).await {
            Some(status) if status.code == Code::Unimplemented => {}
            Some(status) if status.is_ok() => return Ok(subject(contract)),
            Some(_) => drop(there.get_or_insert(contract)),
            // Of one that says nothing, nothing more is learned.
            None => return Ok(Subject::guess()),
        }
    }
    there.map(subject).ok_or(Unreachable::NoGreeter)
}

fn subject(contract: &Contract) -> Subject {
    Subject { contract: contract.clone(), known: Known::Answer, others: Vec::new() }
}

async fn greet(session: &Session, contract: &Contract) -> Option<Status> {
    let method = contract.of_kind(Kind::Unary).next()?;
    let names = ["World"];
    request(method, names[0]).ok()?;
    session.ask(method, &names, 1).ok()?.over(session.limits.answer).await.end
}

//! Does a server greet as the contract says?
//!
//! For whoever wrote a Greeter: every method is called, and each [`Check`] tells what was expected and what
//! came. Nothing is printed here. A check that does not hold takes its connection with it, and what a server
//! cannot be asked for a reason that another check tells is left [`Outcome::Untold`].
//!
//! The methods are known by their kind alone. All texts of a [`Finding`] that come from the server are foreign.

mod asks;
mod expected;
mod ledger;
mod session;
mod subject;
mod table;
mod talk;

use std::{
    slice,
    time::{Duration, Instant},
};

use tokio::time::timeout_at;

pub use session::{Limits, Server};
pub use subject::{Known, Subject};
pub use table::{CHECKS, Check, Group, Need};

use crate::schema::Contract;
use session::Session;

/// Why a server cannot be checked at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// There is no connection to it; why, in words.
    #[error("{0}")]
    NoConnection(String),
    /// It has none of the contracts.
    #[error("the server has neither {}", names_of_contracts())]
    NoGreeter,
}

fn names_of_contracts() -> String {
    let names: Vec<&str> = Contract::built_in().iter().map(Contract::name).collect();
    names.join(" nor ")
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub check: &'static Check,
    /// How it came out.
    pub outcome: Outcome,
    /// What was to come.
    pub expected: String,
    /// What came, or why it cannot be told. Empty where something is not offered.
    pub came: String,
    /// How long it took, where anything was asked.
    pub took: Option<Duration>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// What was expected came.
    Holds,
    /// Something else came.
    Fails,
    /// It need not be there, and is not.
    NotOffered,
    /// It could not be asked, or what came cannot be judged.
    Untold,
}

const TIME_IS_OVER: &str = "the time for all checks is over";

/// What came; else why what was expected did not.
type Verdict = Result<String, Unmet>;

/// Why what was expected did not come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unmet {
    /// Something else came.
    Wrong(String),
    /// Nothing came, for as long as was waited; what was there before, in words.
    Silent(String),
    /// The method is not there: all of its checks are done with.
    Missing,
    /// It need not be there, and is not.
    Absent,
    /// It cannot be told, for a reason that another check tells, or the connection.
    Untold(String),
}

/// The checks of one server, made one by one.
pub struct Run {
    session: Session,
    subject: Subject,
    checks: slice::Iter<'static, Check>,
    until: Instant,
    /// Why nothing more can be asked.
    over: Option<String>,
}

impl Run {
    /// Connects, and finds out which contract the server has, where `wish` is not the one to hold it to.
    pub async fn start(
        mut server: Server,
        limits: Limits,
        wish: Option<Contract>,
    ) -> Result<Self, Unreachable> {
        let until = Instant::now() + limits.all;
        // Not by a deadline of all: whoever connects says why it took so long.
        server.settings.connect_timeout = server.settings.connect_timeout.min(limits.all);
        let mut session = Session::open(server, limits).await.map_err(Unreachable::NoConnection)?;
        let found = timeout_at(until.into(), subject::find(&session, wish)).await;
        let subject = found.unwrap_or_else(|_| Ok(Subject::guess()))?;
        session.contract = subject.contract.clone();
        // Finding out may have cost the connection.
        let over = renewed(&mut session, until).await.err();
        Ok(Self { session, subject, checks: CHECKS.iter(), until, over })
    }

    /// What is checked.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The check that is made next. Those of a kind that the contract does not have are passed over.
    pub fn upcoming(&mut self) -> Option<&'static Check> {
        while let Some(check) = self.checks.as_slice().first() {
            let has = match check.group {
                Group::Method(kind) => self.subject.contract.of_kind(kind).next().is_some(),
                _ => true,
            };
            if has {
                return Some(check);
            }
            self.checks.next();
        }
        None
    }

    /// Makes the check that is upcoming. Dropping it cancels its calls.
    pub async fn next(&mut self) -> Option<Finding> {
        let check = self.upcoming()?;
        self.checks.next();
        let began = Instant::now();
        let verdict = self.verdict(check).await;
        self.learn(check, &verdict).await;
        let (outcome, came) = match verdict {
            Ok(came) => (Outcome::Holds, came),
            Err(Unmet::Wrong(came) | Unmet::Silent(came)) => (Outcome::Fails, came),
            Err(Unmet::Missing) => (Outcome::Fails, "UNIMPLEMENTED (12)".to_owned()),
            Err(Unmet::Absent) => (Outcome::NotOffered, String::new()),
            Err(Unmet::Untold(why)) => (Outcome::Untold, why),
        };
        let expected = check.expected(&self.subject.contract);
        let took = (!check.ask.is_of_the_past()).then(|| began.elapsed());
        Some(Finding { check, outcome, expected, came, took })
    }

    /// Leaves as one should: what is live is reset, and the server is said goodbye. Takes a second at most.
    pub async fn leave(self) {
        self.session.leave().await;
    }

    async fn verdict(&self, check: &Check) -> Verdict {
        let untold = |why: &str| Err(Unmet::Untold(why.to_owned()));
        if let Some(why) = self.over.as_deref().filter(|_| !check.ask.is_of_the_past()) {
            return untold(why);
        }
        match timeout_at(self.until.into(), asks::make(&self.session, check)).await {
            Ok(verdict) => verdict,
            Err(_) => untold(TIME_IS_OVER),
        }
    }

    /// What a check means for those behind it.
    async fn learn(&mut self, check: &Check, verdict: &Verdict) {
        match (verdict, check.group) {
            (Ok(_), _) => self.session.answered(),
            (Err(Unmet::Missing), Group::Method(kind)) => self.session.misses(kind),
            (Err(Unmet::Silent(_)), _) => self.session.left_open(),
            _ => {}
        }
        let is_broken = matches!(verdict, Err(Unmet::Wrong(_) | Unmet::Silent(_) | Unmet::Untold(_)));
        if is_broken && self.over.is_none() {
            self.over = renewed(&mut self.session, self.until).await.err();
        }
    }
}

/// Exchanges the connection for a new one, where there is time for it. The error is why there is none.
async fn renewed(session: &mut Session, until: Instant) -> Result<(), String> {
    let is_over = || TIME_IS_OVER.to_owned();
    if Instant::now() >= until {
        return Err(is_over());
    }
    timeout_at(until.into(), session.renew()).await.unwrap_or_else(|_| Err(is_over()))
}

/// How many checks came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// What was expected came.
    pub holds: usize,
    /// Something else came.
    pub fails: usize,
    /// Not offered.
    pub not_offered: usize,
    /// Could not be told.
    pub untold: usize,
}

impl Tally {
    /// Counts a finding.
    pub fn add(&mut self, finding: &Finding) {
        *match finding.outcome {
            Outcome::Holds => &mut self.holds,
            Outcome::Fails => &mut self.fails,
            Outcome::NotOffered => &mut self.not_offered,
            Outcome::Untold => &mut self.untold,
        } += 1;
    }

    /// Whether all that is required holds.
    pub fn is_good(&self) -> bool {
        self.fails == 0 && self.untold == 0
    }
}

//! Why calls fail: what the doctor was asked, and what it found.

use std::sync::Arc;

use crate::rpc::{Fault, Ladder, Layer};

/// What the doctor was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Complaint {
    /// There is no connection; the reason, in the words of the attempt or of the connection's end. Foreign text.
    Lost(String),
    /// Calls of a service end badly.
    Calls {
        /// The service's full name.
        service: String,
        /// How they end. Foreign text.
        how: String,
    },
    /// The user wants to know.
    Asked,
}

/// The newest findings that are kept.
const MAX_FINDINGS: usize = Doctor::MAX_UNASKED as usize + 1;

/// What an examination found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    on: Complaint,
    ladder: Arc<Ladder>,
}

/// The doctor of one channel: one examination at a time, and one for each complaint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doctor {
    at_work: Option<Complaint>,
    /// Newest last.
    findings: Vec<Finding>,
    /// How many examinations were begun without the user asking.
    unasked: u32,
    /// Whether a call was ever answered here as gRPC is.
    has_answered: bool,
}

impl Doctor {
    /// The most examinations of one channel that the user did not ask for.
    pub const MAX_UNASKED: u32 = 16;

    /// Takes a complaint that nobody has looked into yet. Says whether an examination is to begin.
    pub fn hears(&mut self, on: Complaint) -> bool {
        let is_known = self.findings.iter().any(|finding| finding.on == on);
        if self.at_work.is_some() || is_known || self.unasked >= Self::MAX_UNASKED {
            return false;
        }
        self.unasked += 1;
        self.at_work = Some(on);
        true
    }

    /// Begins an examination that the user asks for, whatever was found before.
    pub fn asked(&mut self, on: Complaint) {
        self.at_work = Some(on);
    }

    /// The examination is given up.
    pub fn stops(&mut self) {
        self.at_work = None;
    }

    /// The examination ended.
    pub fn found(&mut self, ladder: Ladder) {
        if let Some(on) = self.at_work.take() {
            self.findings.retain(|finding| finding.on != on);
            self.findings.push(Finding { on, ladder: Arc::new(ladder) });
            let oldest = self.findings.len().saturating_sub(MAX_FINDINGS);
            self.findings.drain(..oldest);
        }
    }

    /// Whether an examination is under way.
    pub fn is_at_work(&self) -> bool {
        self.at_work.is_some()
    }

    /// A connection was made: what was wrong with it is over. Says whether an examination that looks for it is still
    /// under way, and is to stop.
    pub fn connected(&mut self) -> bool {
        let of_connecting =
            |finding: &Finding| finding.ladder.fault().is_some_and(|fault| fault.layer() <= Layer::Http2);
        self.findings.retain(|finding| !matches!(finding.on, Complaint::Lost(_)) && !of_connecting(finding));
        self.at_work.take_if(|on| matches!(on, Complaint::Lost(_))).is_some()
    }

    /// A call was answered as gRPC is: what was wrong with calls is over.
    pub fn answered(&mut self) {
        self.has_answered = true;
        self.findings.retain(|finding| !matches!(finding.on, Complaint::Calls { .. }));
    }

    /// Whether a call was ever answered as gRPC is.
    pub fn has_answered(&self) -> bool {
        self.has_answered
    }

    /// What was found of a connection that fails like this.
    pub(super) fn on_lost(&self, cause: &str) -> Option<&Arc<Ladder>> {
        self.newest(|on| matches!(on, Complaint::Lost(of) if of == cause))
    }

    /// What was found while there was a connection.
    pub(super) fn on_calls(&self) -> Option<&Arc<Ladder>> {
        self.newest(|on| !matches!(on, Complaint::Lost(_)))
    }

    fn newest(&self, of: impl Fn(&Complaint) -> bool) -> Option<&Arc<Ladder>> {
        self.findings.iter().rev().find(|finding| of(&finding.on)).map(|finding| &finding.ladder)
    }
}

/// What is wrong with a server that no call can be made to.
pub(super) fn hindrance(ladder: &Ladder) -> Option<&Fault> {
    ladder.fault().filter(|_| !ladder.can_call())
}

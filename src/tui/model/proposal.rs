//! What could be typed next in a line, and which of several is chosen.

use super::Pane;
use crate::schema::{Candidate, Completion};

/// What could be typed next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The part of it that is written so far.
    pub written: String,
    /// What it could become; never empty.
    pub completion: Completion,
    /// Which candidate would be taken.
    pub chosen: usize,
}

impl Proposal {
    /// The candidate that would be accepted.
    pub fn candidate(&self) -> Option<&Candidate> {
        self.completion.candidates.get(self.chosen)
    }

    /// What accepting it would add at the cursor; none if it would change what is written.
    pub fn rest(&self) -> Option<&str> {
        self.candidate()?.text.strip_prefix(&self.written)
    }
}

impl Pane {
    /// What could be typed next in a message written as JSON, if the cursor is at the end of what is written so
    /// far, and has not moved there: who moves through a message writes nothing into it. None in a text too long to be
    /// typed by hand.
    pub fn proposal(&self) -> Option<Proposal> {
        const MAX_BYTES: usize = 64 << 10;
        let (before, behind) = self.line.split();
        let is_behind =
            behind.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '}' | ']' | ','));
        if !self.line.is_being_written()
            || !is_behind
            || !before.trim_start().starts_with('{')
            || self.line.text().len() > MAX_BYTES
        {
            return None;
        }
        let completion = self.line_method()?.request().complete(self.line.text(), before.len())?;
        let written = before.get(completion.range.start..)?.to_owned();
        let first = completion.candidates.first()?;
        if first.text == written {
            return None;
        }
        let preferred = self.preferred.as_ref().filter(|(start, _)| *start == completion.range.start);
        let place = |(_, text): &(usize, String)| {
            completion.candidates.iter().position(|candidate| candidate.text == *text)
        };
        let chosen = preferred.and_then(place).unwrap_or(0);
        Some(Proposal { written, completion, chosen })
    }

    /// Accepts the chosen proposal.
    pub fn take_proposal(&mut self) {
        let Some(proposal) = self.proposal() else { return };
        if let Some(candidate) = proposal.candidate() {
            self.line.replace(proposal.completion.range.clone(), &candidate.text);
            self.stop_browsing();
        }
        self.preferred = None;
    }

    /// Whether Down chooses the next proposal. There must be several, and Down must not be needed to go to the row
    /// below (it is not in the middle of a word) or to a newer line of the history.
    pub fn leads_to_proposals(&self) -> bool {
        let Some(proposal) = self.proposal() else { return false };
        let is_word = !proposal.written.is_empty();
        let has_row_below = self.line.split().1.contains('\n');
        proposal.completion.candidates.len() > 1 && (is_word || !has_row_below) && !self.is_browsing()
    }

    /// Chooses the next proposal; after the last one, the first.
    pub fn next_proposal(&mut self) {
        let Some(proposal) = self.proposal() else { return };
        let next = (proposal.chosen + 1) % proposal.completion.candidates.len().max(1);
        self.prefer(&proposal, next);
    }

    /// Chooses the proposal before.
    pub fn proposal_before(&mut self) {
        let Some(proposal) = self.proposal() else { return };
        self.prefer(&proposal, proposal.chosen.saturating_sub(1));
    }

    fn prefer(&mut self, proposal: &Proposal, at: usize) {
        let Completion { range, candidates } = &proposal.completion;
        self.preferred = candidates.get(at).map(|candidate| (range.start, candidate.text.clone()));
    }
}

//! What could be typed next in a line, and which of several is chosen.

use super::Pane;
use crate::schema::{Candidate, Completion};

/// What could be typed next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What is written of it so far.
    pub written: String,
    /// What it could become; never nothing.
    pub completion: Completion,
    /// Which of it would be taken.
    pub chosen: usize,
}

impl Proposal {
    /// What would be taken.
    pub fn candidate(&self) -> Option<&Candidate> {
        self.completion.candidates.get(self.chosen)
    }

    /// What taking it would add behind the cursor, where it adds to what is written.
    pub fn rest(&self) -> Option<&str> {
        self.candidate()?.text.strip_prefix(&self.written)
    }
}

impl Pane {
    /// What could be typed next in a message written as JSON, where the cursor stands behind what is written
    /// so far. Not for a text so long that nobody types it.
    pub fn proposal(&self) -> Option<Proposal> {
        const MAX_BYTES: usize = 8 << 10;
        let (before, behind) = self.line.split();
        let is_behind =
            behind.chars().next().is_none_or(|c| c.is_whitespace() || matches!(c, '}' | ']' | ','));
        if !is_behind || !before.trim_start().starts_with('{') || self.line.text().len() > MAX_BYTES {
            return None;
        }
        let completion = self.method.as_ref()?.request().complete(self.line.text(), before.len())?;
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

    /// Takes what is chosen of what is proposed.
    pub fn take_proposal(&mut self) {
        let Some(proposal) = self.proposal() else { return };
        if let Some(candidate) = proposal.candidate() {
            self.line.replace(proposal.completion.range.clone(), &candidate.text);
            self.stop_browsing();
        }
        self.preferred = None;
    }

    /// Whether Down goes on to the next proposal: of several, and where it would not lead to the next row of the
    /// line, but for the middle of a word, nor back from the history.
    pub fn leads_to_proposals(&self) -> bool {
        let Some(proposal) = self.proposal() else { return false };
        let is_word = !proposal.written.is_empty();
        let has_row_below = self.line.split().1.contains('\n');
        proposal.completion.candidates.len() > 1 && (is_word || !has_row_below) && !self.is_browsing()
    }

    /// Chooses the next proposal; behind the last one comes the first.
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

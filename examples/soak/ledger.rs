//! What was once on the screen, so that nothing of it can be lost unnoticed.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use greeter::{
    rpc::{CallId, Counts, What},
    tui::model::{Call, LinkState, Live, Model, Pane, Phase, State},
};

use crate::Failure;

/// How long a call may live after its server was killed.
const FAREWELL: Duration = Duration::from_secs(10);

/// A call as it was seen last.
struct Seen {
    counts: Counts,
    kept: usize,
    is_live: bool,
}

/// All calls that stand in the panes.
#[derive(Default)]
pub(crate) struct Ledger {
    calls: HashMap<CallId, Seen>,
    pub(crate) received: u64,
}

impl Ledger {
    /// Compares the screen with what it was. The error says which promise was broken.
    pub(crate) fn compare(&mut self, model: &Model) -> Result<(), Failure> {
        let stand: u64 = model.panes.iter().map(|pane| pane.calls().len() as u64 + pane.let_go()).sum();
        if stand != u64::from(model.last_call.0) {
            return Err(format!("of {} calls {stand} stand or are counted", model.last_call.0).into());
        }
        let mut now = HashMap::with_capacity(self.calls.len());
        for pane in &model.panes {
            let most = Pane::MAX_CALLS + pane.live();
            if pane.calls().len() > most {
                return Err(format!("{} calls in a pane", pane.calls().len()).into());
            }
            for call in pane.calls() {
                now.insert(call.id, self.seen(call)?);
            }
        }
        self.calls = now;
        Ok(())
    }

    fn seen(&mut self, call: &Call) -> Result<Seen, Failure> {
        let (counts, kept, is_live) = (call.record.counts(), call.record.kept(), call.is_live());
        let id = call.id.0;
        let before = self.calls.get(&call.id);
        let known = before.map_or(Counts::default(), |seen| seen.counts);
        if counts.received < known.received || counts.sent < known.sent {
            return Err(format!("#{id} had {known:?} and has {counts:?}").into());
        }
        if let Some(seen) = before.filter(|seen| !seen.is_live)
            && (is_live || kept != seen.kept || counts != seen.counts)
        {
            return Err(format!("#{id} was over with {} entries, and has {kept}", seen.kept).into());
        }
        // Once is enough: what is over does not change.
        if !is_live && before.is_none_or(|seen| seen.is_live) {
            whole(call)?;
        }
        self.received += counts.received - known.received;
        Ok(Seen { counts, kept, is_live })
    }
}

/// Each message stands in the transcript, or is counted as let go.
fn whole(call: &Call) -> Result<(), Failure> {
    let messages = call.record.entries().filter(|entry| entry.what != What::EndOfStream).count() as u64;
    let counts = call.record.counts();
    let (all, gone) = (counts.sent + counts.received, call.record.let_go());
    // Of what was let go, one may have been the half-close.
    if messages + gone == all || (gone > 0 && messages + gone == all + 1) {
        return Ok(());
    }
    Err(format!("#{}: {messages} messages and {gone} let go, of {all}", call.id.0).into())
}

/// No call outlives its server by long, but one that waits for the next as it was asked to.
pub(crate) fn assert_all_end(model: &Model, killed: Option<Instant>) -> Result<(), Failure> {
    let Some(killed) = killed.filter(|killed| killed.elapsed() > FAREWELL) else { return Ok(()) };
    let mut calls = model.panes.iter().flat_map(Pane::calls);
    match calls.find(|call| call.is_live() && !waits_for_a_server(call) && call.begun < killed) {
        Some(call) => {
            Err(format!("#{} lives on a server that was killed: {:?}", call.id.0, call.state).into())
        }
        None => Ok(()),
    }
}

/// Whether a call was asked to wait for a server (F4, `w`), and does. Only a server or the user ends it.
pub(crate) fn waits_for_a_server(call: &Call) -> bool {
    matches!(call.state, State::Live(Live { phase: Phase::Unconnected, .. }))
}

/// Whether calls can be made, on a connection that was made after the server was killed.
pub(crate) fn is_ready(model: &Model, address: &str, killed: Option<Instant>) -> bool {
    let LinkState::Ready { since, .. } = model.link.state else { return false };
    model.link.address == address && killed.is_none_or(|killed| since > killed)
}

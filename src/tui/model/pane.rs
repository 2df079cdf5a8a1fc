//! A pane: a kind of call, its method, its line, and the calls made there.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Instant,
};

use serde::{Deserialize, Serialize};

use super::{Call, Line, Row};
use crate::{
    rpc::{CallId, Delta},
    schema::{Contract, Kind, Method},
    text::Secrets,
};

/// A kind of call on the screen.
#[derive(Debug, Clone)]
pub struct Pane {
    /// The kind.
    pub kind: Kind,
    /// The method of that kind, where the service has one.
    pub method: Option<Method>,
    /// What is being typed.
    pub line: Line,
    /// The chosen one of several proposals, and where in the line it begins.
    pub(super) preferred: Option<(usize, String)>,
    /// What was typed before, by the method's path.
    history: BTreeMap<String, History>,
    /// The calls, in the order of their start.
    calls: VecDeque<Call>,
    /// How many ended calls are no longer kept.
    let_go: u64,
    /// How many replies came in all, for the mark of a held view.
    received: u64,
    /// Calls that had ended when the ended ones were scrolled away.
    cleared: BTreeSet<CallId>,
    /// What part of the transcript is shown.
    scroll: Scroll,
    /// The open stream that was chosen to receive the line; else the newest does.
    pub receiver: Option<CallId>,
    /// The row that was chosen; none while typing goes to the line.
    pub choice: Option<Chosen>,
}

/// A row of a pane's transcript, wherever it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The call.
    pub call: CallId,
    /// The row of its block.
    pub row: Row,
}

/// A row that was chosen, and what is shown of its call for as long as that is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The row.
    pub place: Place,
    /// Whether the call's secrets are shown.
    pub secrets: Secrets,
}

/// A line that was sent, and the path of the method it was sent to. Kept from session to session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The method's path.
    pub method: String,
    /// What was typed.
    pub line: String,
}

/// What part of a transcript is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scroll {
    /// The newest, whatever comes.
    Newest,
    /// The newest as it was when one of its rows was chosen.
    Still {
        /// How many replies the pane had then.
        received: u64,
    },
    /// A row is held at the top.
    Held {
        /// That row.
        top: Place,
        /// How many replies the pane had then.
        received: u64,
    },
}

/// A line that is to be edited elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The pane whose line it is.
    pub pane: Kind,
    /// The text.
    pub text: String,
    /// What the text is.
    pub form: Form,
}

/// What a line is, so that an editor can colour it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The value of the one field that a plain line fills.
    Plain,
    /// The message as JSON.
    Json,
}

#[derive(Debug, Clone, Default)]
struct History {
    /// The oldest first; shared, since a line may be in all panes.
    lines: VecDeque<Arc<str>>,
    /// How far Up has gone: how many steps back, and the line that was there before.
    browsing: Option<(usize, String)>,
}

impl History {
    const MAX: usize = 500;
    /// A longer line is not worth its memory here.
    const MAX_LINE: usize = 64 << 10;
}

impl Pane {
    /// The most calls that are kept; live ones are never let go.
    pub const MAX_CALLS: usize = 400;
    /// The most bytes of messages that are kept in all calls of a pane.
    pub const MAX_BYTES: usize = 48 << 20;

    /// An empty pane for a kind.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            method: None,
            line: Line::default(),
            preferred: None,
            history: BTreeMap::new(),
            calls: VecDeque::new(),
            let_go: 0,
            received: 0,
            cleared: BTreeSet::new(),
            scroll: Scroll::Newest,
            receiver: None,
            choice: None,
        }
    }

    /// Puts a contract's method of this kind into the pane: the present one if the contract has it, else the first.
    /// Calls stay.
    pub fn use_contract(&mut self, contract: &Contract) {
        let is_here = |method: &&Method| {
            self.method.as_ref().is_some_and(|here| here.full_name() == method.full_name())
        };
        let found = contract.of_kind(self.kind).find(is_here).or_else(|| contract.of_kind(self.kind).next());
        self.method = found.cloned();
    }

    /// The method that takes the line: that of the open stream which it goes to, else the pane's. They differ where
    /// another was chosen since the stream began.
    pub fn line_method(&self) -> Option<&Method> {
        let of_stream = self.open_stream().and_then(|id| self.call(id)).map(|call| &call.method);
        of_stream.or(self.method.as_ref())
    }

    /// Whether its line may take several rows: a message written as JSON does.
    pub fn takes_rows(&self) -> bool {
        let has_line_field = self.line_method().is_some_and(|method| method.request().line_field().is_some());
        !has_line_field || self.line.text().trim_start().starts_with('{')
    }

    /// The line as it would be edited elsewhere.
    pub fn draft(&self) -> Draft {
        let form = if self.takes_rows() { Form::Json } else { Form::Plain };
        Draft { pane: self.kind, text: self.line.text().to_owned(), form }
    }

    /// The calls, in the order of their start.
    pub fn calls(&self) -> &VecDeque<Call> {
        &self.calls
    }

    /// A call by its number.
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.index_of(id).map(|index| &self.calls[index])
    }

    /// A call by its number, to be changed.
    pub fn call_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.index_of(id).map(|index| &mut self.calls[index])
    }

    /// A call's place among the calls.
    pub fn index_of(&self, id: CallId) -> Option<usize> {
        self.calls.binary_search_by_key(&id, |call| call.id).ok()
    }

    /// How many calls live.
    pub fn live(&self) -> usize {
        self.calls.iter().filter(|call| call.is_live()).count()
    }

    /// How many ended calls are no longer kept.
    pub fn let_go(&self) -> u64 {
        self.let_go
    }

    /// Replies that came while the view was held.
    pub fn came_since(&self) -> u64 {
        match self.scroll {
            Scroll::Newest => 0,
            Scroll::Still { received } | Scroll::Held { received, .. } => self.received - received,
        }
    }

    /// What part of the transcript is shown.
    pub fn scroll(&self) -> Scroll {
        self.scroll
    }

    /// Shows the newest, whatever comes.
    pub fn follow(&mut self) {
        self.scroll = Scroll::Newest;
        self.calls.iter_mut().for_each(Call::release);
    }

    /// Holds the view with a row at the top; replies are counted from the first hold on.
    pub fn hold(&mut self, top: Place) {
        self.scroll = Scroll::Held { top, received: self.held_since() };
    }

    /// Holds the view as it is: what came later is not shown, and nothing moves.
    pub fn keep_still(&mut self) {
        self.scroll = Scroll::Still { received: self.held_since() };
    }

    /// How many replies there were when the view was first held; that is now, where it is not.
    fn held_since(&mut self) -> u64 {
        match self.scroll {
            Scroll::Newest => {
                self.calls.iter_mut().filter(|call| call.is_live()).for_each(Call::hold);
                self.received
            }
            Scroll::Still { received } | Scroll::Held { received, .. } => received,
        }
    }

    /// Whether a call has the place of a live one: in a view that is kept still also one that ended since.
    pub fn is_seated_as_live(&self, call: &Call) -> bool {
        match self.scroll {
            Scroll::Still { .. } => call.is_held(),
            Scroll::Newest | Scroll::Held { .. } => call.is_live(),
        }
    }

    /// Scrolls the ended calls away. A live one stays to be read when it ends.
    pub fn clear(&mut self) {
        self.cleared = self.calls.iter().filter(|call| !call.is_live()).map(|call| call.id).collect();
        self.follow();
        self.choice = None;
    }

    /// Whether an ended call was scrolled away.
    pub fn is_cleared(&self, call: &Call) -> bool {
        self.cleared.contains(&call.id)
    }

    /// The row that was chosen.
    pub fn chosen_place(&self) -> Option<Place> {
        self.choice.map(|chosen| chosen.place)
    }

    /// The call that the choice is about.
    pub fn chosen_call(&self) -> Option<&Call> {
        self.chosen_place().and_then(|place| self.call(place.call))
    }

    /// Chooses a row. The secrets of another call are masked until they are asked for.
    pub fn choose(&mut self, place: Place) {
        self.choice = Some(Chosen { place, secrets: self.secrets_of(place.call) });
    }

    /// Whether a call's secrets are shown: those of one that is not chosen never are.
    pub fn secrets_of(&self, call: CallId) -> Secrets {
        let chosen = self.choice.filter(|chosen| chosen.place.call == call);
        chosen.map_or(Secrets::Masked, |chosen| chosen.secrets)
    }

    /// The open stream that the line goes to: the chosen one, else the newest.
    pub fn open_stream(&self) -> Option<CallId> {
        let open = |call: &&Call| call.is_open();
        let chosen = self.chosen_call().filter(open);
        let received = || self.receiver.and_then(|id| self.call(id)).filter(open);
        let newest = || self.calls.iter().rev().find(open);
        chosen.or_else(received).or_else(newest).map(|call| call.id)
    }

    /// Time went on.
    pub fn tick(&mut self, now: Instant) {
        self.calls.iter_mut().filter(|call| call.is_live()).for_each(|call| call.tick(now));
    }

    /// The open stream that receives the line, if there are several.
    pub fn receiver_of_several(&self) -> Option<CallId> {
        let open = self.calls.iter().filter(|call| call.is_open()).count();
        self.open_stream().filter(|_| open > 1)
    }

    /// Adds a call, letting go of ended ones where there are too many.
    pub fn begin(&mut self, call: Call) {
        self.calls.push_back(call);
        self.receiver = None;
        self.follow();
        self.shed();
    }

    /// Takes the news of its calls; gives back the news of others.
    pub fn take(&mut self, news: Vec<(CallId, Delta)>, now: Instant) -> Vec<(CallId, Delta)> {
        let mut others = Vec::new();
        for (id, delta) in news {
            let received = delta.record.counts().received;
            if let Some(call) = self.call_mut(id) {
                call.take(delta, now);
                self.received += received;
            } else {
                others.push((id, delta));
            }
        }
        self.shed();
        others
    }

    /// Lets go of ended calls if there are too many, or too many bytes. Live ones stay; if they alone have too many
    /// bytes, each keeps its newest.
    fn shed(&mut self) {
        let mut bytes: usize = self.calls.iter().map(|call| call.record.bytes()).sum();
        while self.calls.len() > Self::MAX_CALLS || bytes > Self::MAX_BYTES {
            let newest = self.calls.len() - 1;
            let Some(oldest) = self.calls.iter().take(newest).position(|call| !call.is_live()) else { break };
            if let Some(call) = self.calls.remove(oldest) {
                bytes -= call.record.bytes();
                self.let_go += 1;
            }
        }
        if bytes > Self::MAX_BYTES {
            let part = Self::MAX_BYTES / self.calls.len();
            self.calls.iter_mut().for_each(|call| call.record.shrink(part));
        }
    }

    /// Puts a sent line into the method's history. False if it is the newest there already, or too long.
    pub fn remember(&mut self, line: &str) -> bool {
        let Some(method) = self.line_method().map(|method| method.path().to_string()) else { return false };
        let history = self.history.entry(method).or_default();
        history.browsing = None;
        if line.len() > History::MAX_LINE || history.lines.back().is_some_and(|last| **last == *line) {
            return false;
        }
        history.lines.push_back(line.into());
        if history.lines.len() > History::MAX {
            history.lines.pop_front();
        }
        true
    }

    /// Puts a line of an earlier session before everything in a method's history.
    pub fn remember_older(&mut self, method: &str, line: &Arc<str>) {
        let history = self.history.entry(method.to_owned()).or_default();
        let known = history.lines.front().is_some_and(|oldest| oldest == line);
        if history.lines.len() < History::MAX && line.len() <= History::MAX_LINE && !known {
            history.lines.push_front(Arc::clone(line));
        }
    }

    /// Whether a line was ever sent to the method.
    pub fn has_history(&self) -> bool {
        self.past().is_some_and(|history| !history.lines.is_empty())
    }

    /// The lines of the method's history that contain a text, the newest first and none twice.
    pub fn history_with(&self, text: &str) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for line in self.past().into_iter().flat_map(|history| history.lines.iter().rev()) {
            if holds(line, text) && !found.contains(&&**line) {
                found.push(line);
            }
        }
        found
    }

    /// Up: an older line. False if there is none.
    pub fn history_back(&mut self) -> bool {
        let Self { method, history, line, .. } = self;
        let path = method.as_ref().map(|method| method.path().path());
        let Some(history) = path.and_then(|path| history.get_mut(path)) else { return false };
        let steps = history.browsing.as_ref().map_or(0, |(steps, _)| *steps);
        let Some(older) = history.lines.iter().rev().nth(steps) else { return false };
        match &mut history.browsing {
            Some((steps, _)) => *steps += 1,
            none => *none = Some((1, line.text().to_owned())),
        }
        line.set(&**older);
        true
    }

    /// Down: a newer line, and finally the one that was there before Up. False if Up was not pressed.
    pub fn history_forward(&mut self) -> bool {
        let Some(history) = self.past_mut() else { return false };
        let Some((steps, draft)) = history.browsing.take() else { return false };
        let line = if steps > 1 {
            let line = history.lines.iter().rev().nth(steps - 2).map(|line| (**line).to_owned());
            history.browsing = Some((steps - 1, draft));
            line.unwrap_or_default()
        } else {
            draft
        };
        self.line.set(line);
        true
    }

    /// Whether the line comes from the history, so that Down leads back.
    pub(super) fn is_browsing(&self) -> bool {
        self.past().is_some_and(|history| history.browsing.is_some())
    }

    /// The line was changed by hand: Up begins at the newest again.
    pub fn stop_browsing(&mut self) {
        if let Some(history) = self.past_mut() {
            history.browsing = None;
        }
    }

    /// What was sent to the method; none before anything was.
    fn past(&self) -> Option<&History> {
        self.history.get(self.line_method()?.path().path())
    }

    fn past_mut(&mut self) -> Option<&mut History> {
        let method = self.line_method()?.path().clone();
        self.history.get_mut(method.path())
    }
}

/// Whether a line contains a text. Small letters stand for capital ones too, as in most editors' searches.
fn holds(line: &str, text: &str) -> bool {
    let is_exact = text.chars().any(char::is_uppercase);
    if is_exact { line.contains(text) } else { line.to_lowercase().contains(text) }
}

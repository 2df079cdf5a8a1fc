//! What the screen is about: plain data, changed by `update` alone, drawn by `view`.

mod call;
mod details;
mod doctor;
mod handed;
mod line;
mod link;
mod offers;
mod options;
mod pane;
mod panel;
mod proposal;
mod row;
mod search;
mod told;
mod wire;

use std::time::{Duration, Instant};

pub use call::{Call, Facts, Leaving, Live, Phase, Reading, RequestSide, State};
pub use details::Words;
pub use doctor::{Complaint, Doctor};
pub use handed::Waiting;
pub use line::Line;
pub use link::{
    Asking, Described, Embedded, EmbeddedState, Failure, Link, LinkState, Place as ServerPlace, Protection,
    Way,
};
pub use options::{CallOptions, Metadata, Options, OptionsPanel, Sizes, Terms, Typed, Typing, Whose};
pub use pane::{Chosen, Draft, Form, Pane, Place, Scroll, Sent};
pub use panel::{About, Choice, HelpPage, Menu, Panel, Paste, Pieces, ServerPanel};
pub use proposal::Proposal;
pub use row::{Detail, Row};
pub use search::{Offer, Search, Searched};
pub(super) use told::not_sent;
pub use told::{Telling, Told};
pub use wire::{Bytes, Frames, Shown, Spot, Wire, WirePanel, WireScroll};

use super::action::Prefix;
use crate::{
    rpc::CallId,
    schema::{Contract, Kind, Method},
    text::Secrets,
};

/// All that the screen is about.
#[derive(Debug, Clone)]
pub struct Model {
    /// The screen's clock.
    pub now: Instant,
    /// Columns and rows.
    pub size: (u16, u16),
    /// The four panes, in the order of the kinds.
    pub panes: [Pane; 4],
    /// The pane that has the keys.
    pub focus: Kind,
    /// Whether that pane has the whole screen.
    pub zoom: Zoom,
    /// What lies over the panes.
    pub panel: Option<Panel>,
    /// The channel.
    pub link: Link,
    /// The embedded server, where one was ever started.
    pub embedded: Embedded,
    /// How calls are made, beside their messages.
    pub options: Options,
    /// What passed on the channel's connections while it was looked at.
    pub wire: Wire,
    /// The service in use.
    pub contract: Contract,
    /// The services that can be chosen.
    pub offered: Vec<Contract>,
    /// What is being said to the user.
    pub notice: Option<Notice>,
    /// Whether the next `Ctrl-C` quits.
    pub quit: Quit,
    /// A key that was pressed and means nothing without the next one.
    pub prefix: Option<Prefix>,
    /// The introduction, while it plays.
    pub introduction: Option<Introduction>,
    /// What was cut from a line.
    pub cut: String,
    /// Whether the program has the mouse.
    pub mouse: Mouse,
    /// The number of the newest call.
    pub last_call: CallId,
}

/// Whether the focused pane has the whole screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zoom {
    /// All panes are seen.
    Off,
    /// One pane is seen, with details.
    On,
}

/// Whether the program has the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mouse {
    /// Clicks and the wheel come here.
    Taken,
    /// The terminal keeps them.
    Free,
}

/// Whether the next `Ctrl-C` quits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quit {
    /// It does not.
    Unarmed,
    /// It does, until then.
    Armed {
        /// When it is forgotten.
        until: Instant,
    },
}

/// Something said to the user, above the line of a pane or at the foot of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What is said. It may quote foreign text.
    pub text: String,
    /// The pane it is said in.
    pub pane: Kind,
    /// When it goes.
    pub until: Instant,
}

/// The introduction that `Ctrl-G` plays: the streams that it sends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Introduction {
    /// The call in the client stream's pane.
    pub client_stream: Option<CallId>,
    /// The call in the bidi pane.
    pub bidi: Option<CallId>,
    /// How many of the names were sent.
    pub sent: usize,
}

impl Model {
    /// How long something said to the user stays.
    pub const NOTICE: Duration = Duration::from_secs(5);
    /// From this size on the panes stand two by two.
    pub const FULL: (u16, u16) = (72, 20);
    /// From this width on, details stand beside them.
    pub const WIDE: u16 = 180;

    /// The model at the start.
    pub fn new(now: Instant, size: (u16, u16), link: Link, embedded: Embedded) -> Self {
        let offered = Contract::built_in().to_vec();
        let contract = Contract::default();
        let mut panes = Kind::ALL.map(Pane::new);
        for pane in &mut panes {
            pane.use_contract(&contract);
        }
        Self {
            now,
            size,
            panes,
            focus: Kind::Unary,
            zoom: Zoom::Off,
            panel: None,
            link,
            embedded,
            options: Options::default(),
            wire: Wire::default(),
            contract,
            offered,
            notice: None,
            quit: Quit::Unarmed,
            prefix: None,
            introduction: None,
            cut: String::new(),
            mouse: Mouse::Taken,
            last_call: CallId(0),
        }
    }

    /// A kind's pane.
    pub fn pane(&self, kind: Kind) -> &Pane {
        &self.panes[kind.index()]
    }

    /// A kind's pane, to be changed.
    pub fn pane_mut(&mut self, kind: Kind) -> &mut Pane {
        &mut self.panes[kind.index()]
    }

    /// The pane that has the keys.
    pub fn focused(&self) -> &Pane {
        self.pane(self.focus)
    }

    /// The pane that has the keys, to be changed.
    pub fn focused_mut(&mut self) -> &mut Pane {
        self.pane_mut(self.focus)
    }

    /// A call of any pane by its number.
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.panes.iter().find_map(|pane| pane.call(id))
    }

    /// A call of any pane by its number, to be changed.
    pub fn call_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.panes.iter_mut().find_map(|pane| pane.call_mut(id))
    }

    /// Whether a pane is more than a row: it has a method, or what lives there is of a method that another service has.
    /// One that is looked at stays when that has ended.
    pub fn is_open(&self, kind: Kind) -> bool {
        let pane = self.pane(kind);
        pane.method.is_some() || pane.live() > 0 || (self.focus == kind && !pane.calls().is_empty())
    }

    /// How many calls live, in all panes.
    pub fn live(&self) -> usize {
        self.panes.iter().map(Pane::live).sum()
    }

    /// When time alone next changes the screen: a live call's timer, a countdown, a duration, the end of a notice.
    /// None if nothing of the kind is shown.
    pub fn next_tick(&self) -> Option<Instant> {
        const TIMER: Duration = Duration::from_millis(100);
        const SECOND: Duration = Duration::from_secs(1);
        let counts_down = matches!(self.link.state, LinkState::Lost { .. });
        let is_asked = matches!(self.panel, Some(Panel::Server(_)));
        let timer = (self.live() > 0).then(|| self.now + TIMER);
        let seconds = (counts_down || is_asked).then(|| self.now + SECOND);
        let notice = self.notice.as_ref().map(|notice| notice.until);
        [timer, seconds, notice].into_iter().flatten().min()
    }

    /// Whether a plain name is a request here, as the introduction needs it.
    pub fn greets(&self) -> bool {
        let method = self.focused().method.as_ref();
        method.is_some_and(|method| method.request().line_field().is_some())
    }

    /// Whether all panes that have a method take the same request.
    pub fn shares_request_type(&self) -> bool {
        let mut types = self.panes.iter().filter_map(|pane| pane.method.as_ref()).map(Method::request);
        let Some(first) = types.next() else { return false };
        types.all(|other| other.full_name() == first.full_name())
    }

    /// Whether the chosen call's details stand beside the panes.
    pub fn has_aside(&self) -> bool {
        self.size.0 >= Self::WIDE && self.size.1 >= Self::FULL.1
    }

    /// Whether secrets of a call are shown in its details.
    pub fn secrets_of(&self, call: CallId) -> Secrets {
        self.focused().secrets_of(call)
    }

    /// Whether the chosen call's secrets are shown; none where its details are not in view, or have none.
    pub fn secrets_in_view(&self) -> Option<Secrets> {
        let has_details = self.zoom == Zoom::On || self.has_aside();
        let call = self.focused().chosen_call().filter(|call| has_details && call.has_secrets())?;
        Some(self.secrets_of(call.id))
    }

    /// Says something in the focused pane.
    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), pane: self.focus, until: self.now + Self::NOTICE });
    }

    /// Puts other text into a pane's line. `Ctrl-Y` brings back what was there.
    pub fn replace_line(&mut self, kind: Kind, text: String) {
        let pane = self.pane_mut(kind);
        pane.stop_browsing();
        let before = pane.line.take();
        pane.line.set(text);
        if !before.is_empty() {
            self.cut = before;
        }
    }

    /// Uses a service: its methods go into the panes, the transcripts stay.
    pub fn use_contract(&mut self, contract: Contract) {
        for pane in &mut self.panes {
            pane.use_contract(&contract);
        }
        self.contract = contract;
        self.focus_a_method();
    }

    /// Uses a method: it goes into the pane of its kind, which gets the keys.
    pub fn use_method(&mut self, contract: &Contract, method: Method) {
        if self.contract != *contract {
            self.use_contract(contract.clone());
        }
        let kind = method.kind();
        self.focus = kind;
        self.pane_mut(kind).method = Some(method);
    }

    fn focus_a_method(&mut self) {
        if self.focused().method.is_none()
            && self.focused().live() == 0
            && let Some(kind) = Kind::ALL.into_iter().find(|kind| self.pane(*kind).method.is_some())
        {
            self.focus = kind;
        }
    }
}

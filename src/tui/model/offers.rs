//! Which actions make sense now: keys and footer offer no other. And which of them the palette shows first.

use super::{Call, EmbeddedState, LinkState, Model, Panel, ServerPlace, Zoom};
use crate::{
    schema::Kind,
    tui::action::{Action, Binding, Saved},
};

/// What matters most of what can be done at any time. None of it undoes anything, since Enter does the first.
const FIRST: [Action; 11] = [
    Action::GreetAll,
    Action::Zoom,
    Action::Wire,
    Action::Server,
    Action::Help,
    Action::Save(Saved::Text),
    Action::Options,
    Action::HalfClose,
    Action::NewStream,
    Action::Cancel,
    Action::SearchHistory,
];

impl Model {
    /// Whether an action makes sense now.
    pub fn offers(&self, action: Action) -> bool {
        use EmbeddedState::{Failed, Serving, Stopped};
        let serving = matches!(self.embedded.state, Serving(_));
        match action {
            Action::StopServer | Action::RestartServer => serving,
            Action::StartServer => matches!(self.embedded.state, Stopped | Failed(_)),
            Action::BackToEmbedded => self.link.place == ServerPlace::Remote,
            Action::Services => self.offered.len() > 1,
            Action::Examine | Action::CopyAddress => self.link.state != LinkState::Stopped,
            Action::Focus(number) => {
                Kind::ALL.get(usize::from(number)).is_some_and(|kind| self.is_open(*kind))
            }
            Action::NextPane | Action::PreviousPane => {
                Kind::ALL.into_iter().any(|kind| kind != self.focus && self.is_open(kind))
            }
            Action::Template => self.panel.is_none() && self.focused().line_method().is_some(),
            Action::EditOutside => self.focused().line_method().is_some(),
            Action::Complete => self.panel.is_none() && self.focused().proposal().is_some(),
            Action::NextProposal => self.panel.is_none() && self.focused().leads_to_proposals(),
            Action::ProposalBefore => {
                self.panel.is_none() && self.focused().proposal().is_some_and(|proposal| proposal.chosen > 0)
            }
            Action::ShowSecrets => self.panel.is_some() || self.secrets_in_view().is_some(),
            // A paste is lost where another panel takes its place: it is answered first.
            Action::Help | Action::Server | Action::Wire | Action::Options => {
                !matches!(self.panel, Some(Panel::Paste(_)))
            }
            // Where something is typed these keys are the line's.
            Action::Top | Action::Bottom => {
                matches!(self.panel, None | Some(Panel::Help(_) | Panel::Menu(_) | Panel::Wire(_)))
            }
            Action::NewLine => self.panel.is_none() && self.focused().takes_rows(),
            _ => true,
        }
    }

    /// Whether an action would do something now, and not just say why it does not.
    pub fn can_do(&self, action: Action) -> bool {
        let pane = self.focused();
        match action {
            Action::NewStream | Action::HalfClose => pane.open_stream().is_some(),
            Action::Cancel => pane.calls().iter().any(Call::is_cancellable) || !pane.line.is_empty(),
            Action::GreetAll => self.shares_request_type() && (!pane.line.is_empty() || self.greets()),
            Action::PageUp | Action::PageDown | Action::Save(_) => !pane.calls().is_empty(),
            Action::SearchHistory => pane.has_history(),
            Action::Methods => self.contract.of_kind(pane.kind).count() > 1,
            action => self.offers(action),
        }
    }

    /// The place of an action among those that can be done: what matters most comes first.
    pub(super) fn place_of(&self, action: Action) -> usize {
        if !self.can_do(action) {
            return usize::MAX;
        }
        FIRST.iter().position(|first| *first == action).unwrap_or(FIRST.len())
    }

    /// What a binding does now, in words.
    pub fn words_of(&self, binding: &Binding) -> &'static str {
        match binding.action {
            Action::GreetAll if self.focused().line.is_empty() => "Play the introduction",
            Action::Zoom if self.zoom == Zoom::On => "Back to all panes",
            _ => binding.words,
        }
    }
}

//! Which actions make sense now. Keys, palette and footer offer no other.

use super::{EmbeddedState, LinkState, Model, Panel, ServerPlace};
use crate::tui::action::Action;

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
                self.panes.get(usize::from(number)).is_some_and(|pane| pane.method.is_some())
            }
            Action::Template => self.panel.is_none() && self.focused().method.is_some(),
            Action::EditOutside => self.focused().method.is_some(),
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
            Action::NewLine => self.panel.is_none() && self.focused().takes_rows(),
            _ => true,
        }
    }
}

//! A pane's line goes to the user's own editor, and comes back.

use super::{Effect, TerminalWish, transcript};
use crate::{schema::Kind, tui::model::Model};

/// Opens the editor on the focused pane's line.
pub(super) fn open(model: &mut Model, effects: &mut Vec<Effect>) {
    transcript::back_to_line(model);
    model.notice = None;
    effects.push(Effect::Terminal(TerminalWish::Edit(model.focused().draft())));
}

/// The editor ended. Its text becomes the line, and nothing is sent.
pub(super) fn back(model: &mut Model, pane: Kind, edited: Result<String, String>) {
    match edited {
        Ok(text) => {
            model.replace_line(pane, text);
            model.say("edited: Enter sends it");
        }
        Err(why) => model.say(format!("{why}: the line is as it was")),
    }
}

//! The keys of the call options panel.

use super::Effect;
use crate::{
    compression::Encoding,
    rpc::Readiness,
    text::{self, Secrets},
    tui::{
        action::Action,
        model::{Line, Metadata, Model, Options, OptionsPanel, Panel, Typed, Typing, Whose},
    },
};

/// Does an action in the call options panel.
pub(super) fn act(model: &mut Model, mut panel: OptionsPanel, action: Action, effects: &mut Vec<Effect>) {
    if let Some(typing) = panel.typing.take() {
        typed(model, panel, typing, action, effects);
        return;
    }
    let count = model.options_of(&panel).metadata.len();
    match action {
        Action::Escape => return,
        Action::Up => panel.choice.up(1),
        Action::Down => panel.choice.down(1, count),
        Action::OtherWhose => {
            panel.whose = match panel.whose {
                Whose::All => Whose::Pane(model.focus),
                Whose::Pane(_) => Whose::All,
            };
            panel.choice.0 = 0;
        }
        Action::AddMetadata => panel.typing = Some(begin(Typed::New, "")),
        Action::Open => {
            let chosen = model.options_of(&panel).metadata.get(panel.choice.0);
            panel.typing = chosen.map(|chosen| change(chosen, &panel));
            if let Some(Typing { what: Typed::Unseen(_), .. }) = panel.typing {
                model.say("its value is masked, and stays unless you type another");
            }
        }
        Action::DeleteMetadata if panel.choice.0 < count => {
            model.options.of_mut(panel.whose).metadata.remove(panel.choice.0);
            panel.choice.0 = panel.choice.0.min(count.saturating_sub(2));
        }
        Action::SetDeadline => {
            let now =
                model.options_of(&panel).deadline.map(|deadline| format!("{}s", deadline.as_secs_f64()));
            panel.typing = Some(begin(Typed::Deadline, &now.unwrap_or_default()));
        }
        Action::NextCompression => {
            let compression = &mut model.options.of_mut(panel.whose).compression;
            *compression = match compression {
                None => Some(Encoding::Gzip),
                Some(Encoding::Gzip) => Some(Encoding::Zstd),
                Some(Encoding::Zstd) => None,
            };
        }
        Action::ToggleWaiting => toggle_waiting(model, panel.whose),
        Action::ShowSecrets => {
            panel.secrets = panel.secrets.toggled();
        }
        _ => {}
    }
    model.panel = Some(Panel::Options(panel));
}

/// The next setting. A pane may also leave it to the setting of all panes.
fn toggle_waiting(model: &mut Model, whose: Whose) {
    let readiness = &mut model.options.of_mut(whose).readiness;
    *readiness = match (*readiness, whose) {
        (None, _) => Some(Readiness::WaitForReady),
        (Some(Readiness::WaitForReady), Whose::Pane(_)) => Some(Readiness::FailFast),
        (Some(_), _) => None,
    };
}

/// A piece of metadata to be changed, as far as it may be seen.
fn change(chosen: &Metadata, panel: &OptionsPanel) -> Typing {
    let at = panel.choice.0;
    if panel.secrets == Secrets::Masked && chosen.tells_a_secret() {
        return begin(Typed::Unseen(at), &format!("{}:", chosen.key));
    }
    begin(Typed::Again(at), &chosen.written)
}

/// Whether the line still holds only the key of a masked secret.
fn is_left_alone(model: &Model, panel: &OptionsPanel, what: Typed, written: &str) -> bool {
    let Typed::Unseen(at) = what else { return false };
    let chosen = model.options_of(panel).metadata.get(at);
    chosen.is_some_and(|chosen| written.strip_suffix(':') == Some(chosen.key.as_str()))
}

fn begin(what: Typed, text: &str) -> Typing {
    let mut line = Line::default();
    line.set(text);
    Typing { what, line }
}

/// An action while something is typed. It stays in the line until it can be read.
fn typed(
    model: &mut Model,
    mut panel: OptionsPanel,
    mut typing: Typing,
    action: Action,
    effects: &mut Vec<Effect>,
) {
    match action {
        Action::Escape => {
            model.panel = Some(Panel::Options(panel));
            return;
        }
        Action::Open => {
            model.notice = None;
            let written = typing.line.text().trim().to_owned();
            match typing.what {
                what if is_left_alone(model, &panel, what, &written) => {
                    model.panel = Some(Panel::Options(panel));
                    return;
                }
                _ if written.is_empty() => {
                    remove(model, &panel, typing.what);
                    model.panel = Some(Panel::Options(panel));
                    return;
                }
                Typed::Deadline => match text::parse_limit(&written) {
                    Ok(deadline) => {
                        model.options.of_mut(panel.whose).deadline = Some(deadline);
                        model.panel = Some(Panel::Options(panel));
                        return;
                    }
                    Err(why) => model.say(why.to_string()),
                },
                // Environment variables are looked up outside; `read` gets the result.
                Typed::New | Typed::Again(_) | Typed::Unseen(_) => {
                    effects.push(Effect::ReadMetadata(written));
                }
            }
        }
        Action::Edit(edit) => typing.line.edit(edit, &mut model.cut),
        Action::End => typing.line.end(),
        _ => {}
    }
    panel.typing = Some(typing);
    model.panel = Some(Panel::Options(panel));
}

/// An empty line removes what was there.
fn remove(model: &mut Model, panel: &OptionsPanel, what: Typed) {
    let options = model.options.of_mut(panel.whose);
    match what {
        Typed::Again(at) | Typed::Unseen(at) if at < options.metadata.len() => {
            options.metadata.remove(at);
        }
        Typed::New | Typed::Again(_) | Typed::Unseen(_) => {}
        Typed::Deadline => options.deadline = None,
    }
}

/// What was typed was read as metadata, or there is a reason why not.
pub(super) fn read(model: &mut Model, metadata: Result<Metadata, String>) {
    let Some(Panel::Options(panel)) = &model.panel else { return };
    let mut panel = panel.clone();
    let options = model.options.of_mut(panel.whose);
    match (metadata, panel.typing.as_ref().map(|typing| typing.what)) {
        (Err(why), _) => model.say(why),
        (Ok(_), Some(Typed::New)) if options.metadata.len() >= Options::MAX_METADATA => {
            model.say(Options::FULL);
        }
        (Ok(metadata), Some(Typed::New)) => {
            options.metadata.push(metadata);
            panel.choice.0 = options.metadata.len() - 1;
            panel.typing = None;
        }
        (Ok(metadata), Some(Typed::Again(at) | Typed::Unseen(at))) => {
            if let Some(place) = options.metadata.get_mut(at) {
                *place = metadata;
            }
            panel.typing = None;
        }
        (Ok(_), Some(Typed::Deadline) | None) => {}
    }
    model.panel = Some(Panel::Options(panel));
}

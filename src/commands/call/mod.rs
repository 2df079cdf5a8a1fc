//! `greeter call`: calls a method with messages from the command line or from stdin; replies on stdout.
//!
//! [`resolve`] finds the method, [`messages`] the messages, [`conversation`] has one call after the other, and
//! [`report`] prints it. What a peer says is never lost: where stdout is slow, the peer is held back.

mod conversation;
mod messages;
mod prompt;
mod report;
mod stdin;
mod telling;
mod values;
mod written;

use std::{process::ExitCode, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time::timeout,
};

pub(super) use self::messages::encoded;
use self::{conversation::Conversation, messages::Messages, report::Style};
use super::{
    Failure,
    output::{INTERRUPTED, Output},
    resolve::{self, Certainty, Resolved},
    route::{EMBEDDED, Reached, Route},
    wire::Frames,
};
use crate::{
    cli::{Call, Form, Input},
    schema::MethodName,
};

/// How long what a cancelled call has is printed, where stdout is slow.
const GRACE: Duration = Duration::from_millis(500);

/// Calls, prints, and says what to exit with.
pub(super) async fn call(call: &Call) -> Result<ExitCode, Failure> {
    let interrupts = signal(SignalKind::interrupt()).map_err(Failure::undone)?;
    let route = Route::read(&call.reach)?;
    let plan = Plan::of(call, &route)?;
    let (target, is_embedded) = (route.target(), route.is_embedded());
    let reached = route.open().await?;
    let frames = Frames::open(call.ladder, call.wire_log.as_deref(), call.secrets, reached.wire())?;
    let output = Output::start().map_err(Failure::undone)?;
    let (interrupt, interrupted) = watch::channel(false);
    let mut given_up = interrupted.clone();
    let style = Style { form: call.form, is_verbose: call.verbose, secrets: call.secrets };
    let mut conversation = Conversation::new(&reached, target, style, output, frames, interrupted);
    if is_embedded && style.form == Form::Replies {
        conversation.talk(EMBEDDED);
    }
    let mut last_frames = None;
    let work = async {
        let settled = tokio::select! {
            settled = plan.settle(call, &reached) => settled,
            _ = given_up.wait_for(|is| *is) => return Ok(INTERRUPTED),
        };
        let done = match settled {
            Ok((resolved, messages)) => conversation.hold(resolved, messages, &plan.name).await,
            Err(failure) => Err(failure),
        };
        let (printed, frames) = conversation.end().await;
        last_frames = frames;
        let code = done?;
        match printed.map_err(Failure::undone) {
            // That nobody hears of it does not make it better.
            Err(failure) if code != 0 && failure.is_broken_pipe() => Ok(code),
            printed => printed.map(|()| code),
        }
    };
    let ended = until_interrupted(work, interrupts, &interrupt).await;
    reached.leave().await;
    let told = last_frames.map_or(Ok(()), Frames::tell_the_rest);
    ended.and_then(|code| told.map(|()| ExitCode::from(code)))
}

/// Does the work. `Ctrl-C` tells it to end, and does not wait for long; again, and it does not wait at all.
async fn until_interrupted(
    work: impl Future<Output = Result<u8, Failure>>,
    mut interrupts: Signal,
    interrupt: &watch::Sender<bool>,
) -> Result<u8, Failure> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        ended = &mut work => return ended,
        _ = interrupts.recv() => {}
    }
    interrupt.send_replace(true);
    tokio::select! {
        _ended_or_stuck = timeout(GRACE, work) => {}
        _ = interrupts.recv() => {}
    }
    Ok(INTERRUPTED)
}

/// What is known before anything is opened, and found to make sense.
struct Plan {
    name: MethodName,
    /// The method, as far as it is known here; else why it is not.
    guess: Result<Resolved, Failure>,
}

impl Plan {
    fn of(call: &Call, route: &Route) -> Result<Self, Failure> {
        let name = MethodName::read(&call.method);
        // Where all is known nobody knows better.
        let unsure = |failure| {
            if route.knows_all() {
                Err(failure)
            } else {
                Ok(Self { name: name.clone(), guess: Err(failure) })
            }
        };
        let resolved = match resolve::without_asking(&name, route) {
            Ok(resolved) => resolved,
            Err(failure) => return unsure(failure),
        };
        match messages::check(&call.input, &resolved.method, route.max_request()) {
            Ok(()) => Ok(Self { name, guess: Ok(resolved) }),
            Err(error) if error.is_hopeless() => Err(Failure::usage(error)),
            Err(error) => unsure(Failure::usage(error)),
        }
    }

    /// The method and the messages. The server is asked where it is not clear without.
    async fn settle(&self, call: &Call, reached: &Reached) -> Result<(Resolved, Messages), Failure> {
        let can_be_sent_again = matches!(call.input, Input::Names(_) | Input::Json(_));
        let resolved = match &self.guess {
            Ok(guess) if guess.certainty == Certainty::Sure || can_be_sent_again => guess.clone(),
            Ok(guess) => match resolve::ask(reached, &self.name).await {
                Ok(resolved) => resolved,
                Err(unasked) => {
                    unasked.unless_unclear()?;
                    // The call itself will say what is the matter, if anything is.
                    Resolved { certainty: Certainty::Sure, ..guess.clone() }
                }
            },
            Err(unknown) => {
                let asked = resolve::ask(reached, &self.name).await;
                let resolved = asked.map_err(|unasked| unasked.failure(unknown))?;
                messages::check(&call.input, &resolved.method, reached.max_request())
                    .map_err(Failure::usage)?;
                resolved
            }
        };
        let messages = Messages::of(&call.input, &resolved.method).map_err(Failure::undone)?;
        Ok((resolved, messages))
    }
}

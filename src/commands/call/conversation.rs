//! The calls themselves, one after the other: messages go out as they are there, and what happens is printed as it
//! happens.

use std::{future::pending, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{
    messages::Messages,
    prompt::Prompt,
    report::{Outcome, Style, Subject},
    stdin::ReadError,
    telling::{End, Telling},
    written::Written,
};
use crate::{
    commands::{
        Failure,
        output::{Closed, NotPrinted, Output},
        resolve::{self, Certainty, Resolved},
        route::{Reached, waiting},
        wire::Frames,
    },
    rpc::{CallEvent, CallHandle, CallId, Cause, Feed, Happened, Origin, Requests, Status, What},
    schema::{Kind, MethodName},
};

/// How long the prompt of a bidi call lets the answer go first.
const ANSWER_FIRST: Duration = Duration::from_millis(100);
/// What is said of an empty line where somebody types, and of no message at all.
/// How long a server that lacks a method is asked which one it means.
const PATIENCE: Duration = Duration::from_secs(1);
const EMPTY: &str = "type a name, or {} for an empty message";
const NONE: &str = "there is no message: give a NAME, or {} for an empty one";

/// What all calls of a command share.
pub(super) struct Conversation<'a> {
    reached: &'a Reached,
    target: String,
    style: Style,
    output: Output,
    frames: Option<Frames>,
    interrupted: watch::Receiver<bool>,
    prompt: Option<Prompt>,
    calls: u32,
    /// Of the first call that did not go well.
    code: u8,
}

/// Why there are no further calls.
enum Stop {
    /// Nobody reads what is printed.
    Closed,
    Failed(Failure),
}

impl From<Closed> for Stop {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

/// What a call is sent.
enum Sending<'m> {
    One(Bytes),
    Stream(&'m mut Messages),
}

impl<'a> Conversation<'a> {
    pub(super) fn new(
        reached: &'a Reached,
        target: String,
        style: Style,
        output: Output,
        frames: Option<Frames>,
        interrupted: watch::Receiver<bool>,
    ) -> Self {
        Self { reached, target, style, output, frames, interrupted, prompt: None, calls: 0, code: 0 }
    }

    /// Says something on stderr.
    pub(super) fn talk(&mut self, words: &str) {
        self.output.talk(words);
    }

    /// Has all calls. What it says is what to exit with.
    pub(super) async fn hold(
        &mut self,
        resolved: Resolved,
        messages: Messages,
        name: &MethodName,
    ) -> Result<u8, Failure> {
        if let Messages::Typed(_) = messages {
            self.prompt = Some(Prompt::new(&resolved.method, &self.output));
        }
        let held = if resolved.method.kind().sends_stream() {
            self.stream(resolved, messages, name).await
        } else {
            self.each(resolved, messages, name).await
        };
        if let Some(prompt) = &mut self.prompt {
            prompt.close(&mut self.output);
        }
        match held {
            // Why it is closed is told at the end.
            Ok(()) | Err(Stop::Closed) => Ok(self.code),
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }

    /// Returns when all is printed, or why it is not; with what prints the connection's last frames.
    pub(super) async fn end(self) -> (Result<(), NotPrinted>, Option<Frames>) {
        (self.output.end().await, self.frames)
    }

    /// Prints the frames that passed.
    fn tell_frames(&mut self, resolved: &Resolved) -> Result<(), Stop> {
        let Some(frames) = &mut self.frames else { return Ok(()) };
        frames.tell(&resolved.method, &mut self.output).map_err(Stop::Failed)
    }

    /// One call for all messages.
    async fn stream(
        &mut self,
        resolved: Resolved,
        mut messages: Messages,
        name: &MethodName,
    ) -> Result<(), Stop> {
        let mut end = self.one(&resolved, Sending::Stream(&mut messages)).await?;
        if let End::NotThere(_) = end
            && let Some(other) = self.other(&resolved, name).await?
        {
            messages.rewind();
            end = self.one(&other, Sending::Stream(&mut messages)).await?;
        }
        self.told(end);
        Ok(())
    }

    /// A call for each message.
    async fn each(
        &mut self,
        mut resolved: Resolved,
        mut messages: Messages,
        name: &MethodName,
    ) -> Result<(), Stop> {
        while let Some(request) = self.next_request(&resolved, &mut messages).await? {
            let end = self.one(&resolved, Sending::One(request)).await?;
            if let End::NotThere(_) = end
                && let Some(other) = self.other(&resolved, name).await?
            {
                resolved = other;
                messages.step_back();
                continue;
            }
            resolved.certainty = Certainty::Sure;
            let is_reached = self.told(end).is_some_and(|status| is_reached(&status));
            if !is_reached || *self.interrupted.borrow() {
                break;
            }
        }
        if self.calls == 0 && !*self.interrupted.borrow() {
            return Err(Stop::Failed(Failure::usage(NONE)));
        }
        Ok(())
    }

    /// The method that the server means, where it is another one and takes its messages in the same way. That it
    /// means none, or one of several, ends the command.
    async fn other(&self, resolved: &Resolved, name: &MethodName) -> Result<Option<Resolved>, Stop> {
        // A server that does not answer this does not keep what it said already from being told.
        let other = match timeout(PATIENCE, resolve::ask(self.reached, name)).await {
            Ok(Ok(other)) => other,
            Ok(Err(unasked)) => return unasked.unless_unclear().map(|()| None).map_err(Stop::Failed),
            Err(_) => return Ok(None),
        };
        let is_other = other.method.path() != resolved.method.path();
        let [one, two] = [&other, resolved].map(|resolved| resolved.method.kind().sends_stream());
        Ok((is_other && one == two).then_some(other))
    }

    /// Sees to it that a call's end is told, and remembers the first that was not good.
    fn told(&mut self, end: End) -> Option<Status> {
        let Outcome { status, code } = match end {
            End::Told(outcome) => outcome,
            End::NotThere(unprinted) => unprinted.print(self.style, &mut self.output)?,
        };
        if self.code == 0 {
            self.code = code;
        }
        Some(status)
    }

    /// The next message of a call that has one.
    async fn next_request(
        &mut self,
        resolved: &Resolved,
        messages: &mut Messages,
    ) -> Result<Option<Bytes>, Stop> {
        loop {
            if let Some(prompt) = &mut self.prompt {
                prompt.show(&mut self.output);
            }
            self.output.flush().await?;
            let mut interrupted = self.interrupted.clone();
            let read = tokio::select! {
                read = messages.next() => read,
                _ = interrupted.wait_for(|is| *is) => return Ok(None),
            };
            let Some(read) = read else { return Ok(None) };
            if let Some(request) = self.request(resolved, read)? {
                return Ok(Some(request));
            }
        }
    }

    /// What was read, as a message. Where somebody types, what is wrong is told, and the next line may be right.
    fn request(
        &mut self,
        resolved: &Resolved,
        read: Result<Written, ReadError>,
    ) -> Result<Option<Bytes>, Stop> {
        let written = read.map_err(|error| Stop::Failed(error.into()))?;
        let (request, limit) = (resolved.method.request(), self.reached.max_request());
        let Some(prompt) = &mut self.prompt else {
            let encoded = written.encode(request, limit);
            return encoded.map(Some).map_err(|error| Stop::Failed(Failure::usage(error)));
        };
        prompt.taken();
        if written.text.is_empty() {
            self.output.talk(EMPTY);
            return Ok(None);
        }
        match written.encode(request, limit) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => {
                self.output.talk(&error.to_string());
                Ok(None)
            }
        }
    }

    /// One call, to its end.
    async fn one(&mut self, resolved: &Resolved, sending: Sending<'_>) -> Result<End, Stop> {
        self.calls += 1;
        let id = CallId(self.calls);
        let (requests, request, messages) = match sending {
            Sending::One(request) => (Requests::One(request.clone()), Some(request), None),
            Sending::Stream(messages) => (Requests::Stream, None, Some(messages)),
        };
        let subject = Subject {
            id,
            method: resolved.method.clone(),
            source: resolved.source,
            target: self.target.clone(),
            request,
        };
        let telling = match resolved.certainty {
            Certainty::Sure => Telling::at_once(subject, self.style, &mut self.output),
            Certainty::Likely => Telling::later(subject),
        };
        let (call, feed) = self.reached.call(id, resolved.method.path().clone(), requests);
        let exchange =
            Exchange { call, feed, telling, messages, unsent: None, stopped: None, prompt_at: None };
        self.exchange(resolved, exchange).await
    }

    async fn exchange(&mut self, resolved: &Resolved, mut exchange: Exchange<'_>) -> Result<End, Stop> {
        let mut interrupted = self.interrupted.clone();
        let mut is_cancelled = false;
        loop {
            self.tell_frames(resolved)?;
            self.output.flush().await?;
            let is_reading = exchange.messages.is_some() && exchange.unsent.is_none();
            if is_reading && exchange.prompt_at.is_none() {
                self.show_prompt();
                self.output.flush().await?;
            }
            let Exchange { call, feed, messages, unsent, prompt_at, .. } = &mut exchange;
            tokio::select! {
                () = passed(self.frames.as_ref()) => {}
                happened = feed.next() => {
                    self.tell_frames(resolved)?;
                    let Some(happened) = happened else {
                        return Err(Stop::Failed(Failure::undone("the call ended without a word")));
                    };
                    if let Some(end) = self.take_in(happened, &mut exchange) {
                        return exchange.stopped.map_or(Ok(end), Err);
                    }
                }
                read = next_of(messages), if is_reading => self.read(read, resolved, &mut exchange),
                sent = deliver(call, unsent.as_ref()), if unsent.is_some() => {
                    *unsent = None;
                    if sent.is_err() {
                        // The call is over, and its end is on its way here.
                        *messages = None;
                    }
                }
                () = until(*prompt_at), if prompt_at.is_some() => *prompt_at = None,
                _ = interrupted.wait_for(|is| *is), if !is_cancelled => {
                    is_cancelled = true;
                    call.cancel();
                }
            }
        }
    }

    /// Takes the next message of a stream, or its end.
    fn read(
        &mut self,
        read: Option<Result<Written, ReadError>>,
        resolved: &Resolved,
        exchange: &mut Exchange<'_>,
    ) {
        let Some(read) = read else {
            exchange.call.half_close();
            exchange.messages = None;
            if let Some(prompt) = &mut self.prompt {
                prompt.close(&mut self.output);
            }
            return;
        };
        match self.request(resolved, read) {
            Ok(request) => exchange.unsent = request,
            Err(stop) => {
                // What came until now is printed first.
                exchange.call.cancel();
                (exchange.messages, exchange.stopped) = (None, Some(stop));
            }
        }
        let answers = resolved.method.kind() == Kind::Bidi && exchange.unsent.is_some();
        exchange.prompt_at = answers.then(|| Instant::now() + ANSWER_FIRST);
    }

    fn show_prompt(&mut self) {
        if let Some(prompt) = &mut self.prompt {
            prompt.show(&mut self.output);
        }
    }

    /// Prints what happened and whatever else is at hand, up to a page.
    fn take_in(&mut self, first: Happened, exchange: &mut Exchange<'_>) -> Option<End> {
        let mut next = Some(first);
        while let Some(happened) = next {
            if let Happened::Entry(entry) = &happened
                && let What::Received(_) = entry.what
            {
                exchange.prompt_at = None;
                if let Some(prompt) = &mut self.prompt {
                    prompt.make_room(&mut self.output);
                }
            }
            if let Happened::Event(CallEvent::Waiting { cause, .. }) = &happened {
                self.output.talk(&waiting(cause));
            }
            let ended = exchange.telling.tell(happened, self.style, &mut self.output);
            if ended.is_some() {
                return ended;
            }
            next = if self.output.is_full() { None } else { exchange.feed.at_hand() };
        }
        None
    }
}

/// A call under way.
struct Exchange<'m> {
    call: CallHandle,
    feed: Feed,
    telling: Telling,
    /// Where more messages come from, until the request stream ends.
    messages: Option<&'m mut Messages>,
    /// A message that waits for room.
    unsent: Option<Bytes>,
    /// Why it was cancelled, where that is no wish of the user.
    stopped: Option<Stop>,
    /// When the prompt is shown again, where the answer goes first.
    prompt_at: Option<Instant>,
}

/// Whether there is a server that another call may go to.
fn is_reached(status: &Status) -> bool {
    !matches!(status.origin, Origin::Here(Cause::NotConnected(_) | Cause::NotConnectedInTime(..)))
}

async fn passed(frames: Option<&Frames>) {
    match frames {
        Some(frames) => frames.changed().await,
        None => pending().await,
    }
}

async fn next_of(messages: &mut Option<&mut Messages>) -> Option<Result<Written, ReadError>> {
    match messages {
        Some(messages) => messages.next().await,
        None => None,
    }
}

async fn deliver(call: &CallHandle, message: Option<&Bytes>) -> Result<(), ()> {
    match message {
        Some(message) => call.deliver(message.clone()).await.map_err(|_| ()),
        None => Ok(()),
    }
}

async fn until(at: Option<Instant>) {
    if let Some(at) = at {
        sleep_until(at).await;
    }
}

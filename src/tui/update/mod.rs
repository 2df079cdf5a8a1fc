//! `update(&mut Model, Msg) -> Vec<Effect>`: the model changes here and nowhere else. No input, no output, no clock:
//! time comes in as a message, and what is to be done goes out as effects.

mod calls;
mod clipboard;
mod doctor;
mod editor;
mod keys;
mod mouse;
mod news;
mod options;
mod panels;
mod transcript;
mod wire;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::HeaderMap;
use ratatui::layout::Position;

pub(in crate::tui) use panels::MAX_PASTED_LINES;

use super::{
    action::{Action, Prefix, Saved},
    model::{
        Call, Draft, Link, Metadata, Model, Mouse, Protection, Quit, Reading, Sent, ServerPlace, Terms, Way,
    },
};
use crate::{
    rpc::{Batch, CallId, ChannelId, ChannelSettings, Ladder, Target},
    schema::{Discovery, Kind, Method},
    server::{CallLine, Counts, Settings},
    wire::ConnectionLog,
};

/// What happened.
#[derive(Debug)]
pub enum Msg {
    /// The time now.
    Clock(Instant),
    /// The screen has this many columns and rows.
    Resize(u16, u16),
    /// A key was pressed that does something.
    Do(Action),
    /// A key was pressed that waits for the next one, or no longer waits.
    Prefix(Option<Prefix>),
    /// Text was typed.
    Type(char),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something.
    Mouse(MouseInput),
    /// What is new of calls and channels.
    News(Batch),
    /// Messages were not accepted for sending.
    NotSent(Refused),
    /// A channel was opened.
    Linked {
        /// Its number.
        id: ChannelId,
        /// The address, as it is shown.
        address: String,
        /// Whose server it is.
        place: ServerPlace,
        /// How its connections are protected.
        protection: Protection,
        /// How it was asked for.
        way: Option<Arc<Way>>,
    },
    /// What was typed was read as an address, or is not one; why, in a sentence.
    Read(String, Result<Box<(Target, ChannelSettings)>, String>),
    /// No channel was opened; why, in a sentence.
    NotLinked(String),
    /// A server said which services it has, or did not.
    Discovered(ChannelId, Asked),
    /// The doctor found this out about a channel's server.
    Examined(ChannelId, Ladder),
    /// There is no channel that the doctor could look at.
    NotExamined(ChannelId),
    /// News of the embedded server.
    Embedded(EmbeddedNews),
    /// Lines that were sent in earlier sessions, oldest first.
    Remembered(Vec<Sent>),
    /// What was typed was read as metadata, or is not metadata; why, in a sentence.
    Metadata(Result<Metadata, String>),
    /// A pane's line was edited elsewhere, and this is its text; or why not, in a sentence.
    Edited(Kind, Result<String, String>),
    /// What is new on the channel's connections.
    Wire(Vec<ConnectionLog>),
    /// The introduction goes on.
    Introduce,
    /// Say something to the user.
    Say(String),
}

/// A message on its way to a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The message.
    pub message: Bytes,
    /// The line that the user wrote for it; none where nobody did.
    pub line: Option<String>,
}

/// Messages that were not taken for sending: the first of them, and those behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where they were to go.
    pub call: CallId,
    /// Which of them is the first that was not taken, from 1.
    pub nth: usize,
    /// How many were to be sent together.
    pub of: usize,
    /// The line that the user wrote for the first that was not taken.
    pub line: Option<String>,
    /// Why.
    pub why: Unsent,
}

/// Why a message did not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsent {
    /// The call is over, or about to be told so: its end says what was not sent.
    Over,
    /// The call goes on without it; why, in words.
    Refused(String),
}

/// What asking a server for its services came to.
#[derive(Debug)]
pub enum Asked {
    /// It said.
    Found(Discovery),
    /// It has no reflection.
    NoReflection,
    /// It could not be asked.
    NotAsked,
    /// It answered, but the answer cannot be used; why, in a sentence.
    Broken(String),
}

/// News of the embedded server.
#[derive(Debug)]
pub enum EmbeddedNews {
    /// It answers at this address.
    Serving(SocketAddr),
    /// It ended.
    Stopped,
    /// It could not be started; why, in a sentence.
    Failed(String),
    /// What it has done so far, and its newest calls.
    Seen(Counts, Vec<CallLine>),
}

/// What the mouse did, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseInput {
    /// A click of the first button.
    Click(Position),
    /// The wheel, away from the user.
    WheelUp(Position),
    /// The wheel, towards the user.
    WheelDown(Position),
}

/// What is to be done outside.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Begin a call with its one request.
    Call(CallId, Method, Terms, Bytes),
    /// Begin a call whose requests follow.
    Open(CallId, Method, Terms),
    /// Send messages on an open stream, in order. Where one is not taken, those behind it are not sent either.
    Send(CallId, Vec<Outgoing>),
    /// End a request stream.
    HalfClose(CallId),
    /// Cancel a call.
    Cancel(CallId),
    /// Stop reading a call's replies, so that the server has to wait; or read on.
    Read(CallId, Reading),
    /// Read what was typed as an address, with the flags around it.
    ReadAddress(String),
    /// Open a channel to another server.
    Link(Box<(Target, ChannelSettings)>),
    /// Open a channel to the embedded server.
    ConnectEmbedded(SocketAddr),
    /// Close the channel: until another is opened, calls end at once.
    Unlink,
    /// Find out why the server behind the channel cannot be called, with this metadata, and look for this service.
    Examine(ChannelId, HeaderMap, String),
    /// Stop finding out.
    StopExamining,
    /// Ask the server behind the channel for its services, with this metadata.
    Ask(ChannelId, HeaderMap),
    /// Start the embedded server, on its last port if it had one.
    StartServer(Option<SocketAddr>, Settings),
    /// Stop the embedded server.
    StopServer(ChannelThen),
    /// Change the embedded server's replies and pause.
    Configure(Settings),
    /// Read what was typed as metadata, with variables of the environment.
    ReadMetadata(String),
    /// Write a pane's transcript into a file with this name, in this form.
    Save(String, Vec<Call>, Saved),
    /// Keep a sent line for the next time.
    Remember(Sent),
    /// Send a message back after a time.
    Later(Duration, Later),
    /// Do what only a terminal can.
    Terminal(TerminalWish),
}

/// What only a terminal can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TerminalWish {
    /// Draw everything anew.
    Redraw,
    /// Give the terminal to the user's own editor, with this text.
    Edit(Draft),
    /// Put text on the clipboard.
    Copy(String),
    /// Take the mouse, or let it go.
    Mouse(Mouse),
    /// Suspend the program.
    Suspend,
    /// Leave.
    Quit,
}

/// What becomes of the channel when the embedded server stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelThen {
    /// It goes too: it leads there, and its end is told as the server's.
    Closes,
    /// It stays, and looks for its server as long as it likes.
    Stays,
}

/// What can be asked for later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    /// The introduction goes on.
    Introduce,
}

/// Changes the model for what happened, and returns what is to be done.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = Vec::new();
    if matches!(msg, Msg::Do(_) | Msg::Type(_) | Msg::Paste(_) | Msg::Mouse(_)) {
        model.prefix = None;
    }
    match msg {
        Msg::Clock(now) => clock(model, now),
        Msg::Resize(width, height) => {
            model.size = (width, height);
            transcript::show_choice(model);
        }
        Msg::Do(action) => keys::act(model, action, &mut effects),
        Msg::Prefix(prefix) => model.prefix = prefix,
        Msg::Type(typed) => keys::typed(model, typed, &mut effects),
        Msg::Paste(text) => panels::paste(model, text),
        Msg::Mouse(input) => mouse::mouse(model, input, &mut effects),
        Msg::News(batch) => news::news(model, batch, &mut effects),
        Msg::NotSent(refused) => calls::not_sent(model, refused),
        Msg::Linked { id, address, place, protection, way } => {
            news::linked(model, Link { id, address, place, protection, way, ..Link::new() });
        }
        Msg::Read(typed, read) => panels::read(model, &typed, read, &mut effects),
        Msg::NotLinked(why) => model.say(why),
        Msg::Discovered(id, discovery) => news::discovered(model, id, discovery, &mut effects),
        Msg::Examined(id, ladder) => doctor::examined(model, id, ladder),
        Msg::NotExamined(id) => doctor::not_examined(model, id),
        Msg::Embedded(news) => news::embedded(model, news, &mut effects),
        Msg::Metadata(metadata) => options::read(model, metadata),
        Msg::Edited(pane, edited) => editor::back(model, pane, edited),
        Msg::Wire(news) => model.wire.take(news),
        Msg::Introduce => calls::introduce(model, &mut effects),
        Msg::Remembered(lines) => news::remembered(model, lines),
        Msg::Say(text) => model.say(text),
    }
    wire::hold_or_release(model);
    effects
}

fn clock(model: &mut Model, now: Instant) {
    model.now = model.now.max(now);
    let now = model.now;
    model.panes.iter_mut().for_each(|pane| pane.tick(now));
    if model.notice.as_ref().is_some_and(|notice| notice.until <= model.now) {
        model.notice = None;
    }
    if matches!(model.quit, Quit::Armed { until } if until <= model.now) {
        model.quit = Quit::Unarmed;
    }
}

//! Runs effects: each at once, or as a task on the rpc side whose result comes back as a message.

mod embedded;
mod keeper;
mod saving;

use std::{collections::HashMap, env, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::HeaderMap;
use tokio::{runtime::Handle, sync::mpsc, task::AbortHandle};

use self::{embedded::Embedded, keeper::Keeper, saving::write_new};
use super::{
    action::Saved,
    history::HistoryFile,
    model::{Call, Described, Metadata, Protection, Reading, Sent, ServerPlace, Terms, Way},
    reader::AddressReader,
    update::{Asked, ChannelThen, Effect, EmbeddedNews, Later, Msg, Outgoing, Refused, Unsent},
};
use crate::{
    rpc::{
        self, Batch, CallEvent, CallHandle, CallId, CallSpec, Cause, Channel, ChannelId, ChannelSettings,
        Code, Outbox, Requests, SendError, Status, Target, Wish,
    },
    schema::{DiscoverError, Method, NamedFiles, discover, examine},
    server::{CallLine, Counts, Server, Settings},
    wire::{Attention, WireLog},
};

/// Why nothing can be called. Short, since it is shown in the narrowest panes.
const STOPPED: &str = "the embedded server is stopped: F2 s starts it";

/// The hands of the screen: calls, the channel, the embedded server.
#[derive(Debug)]
pub(super) struct Effects {
    runtime: Handle,
    outbox: Outbox,
    results: mpsc::Sender<Msg>,
    calls: HashMap<CallId, CallHandle>,
    channel: Option<Channel>,
    /// What passed on the newest channel, which may be closed.
    wire: Option<WireLog>,
    channel_id: ChannelId,
    /// The doctor, while it is at work.
    doctor: Option<AbortHandle>,
    /// Reads the addresses that are typed.
    reader: AddressReader,
    /// The channel whose log was last told whether it is looked at, and what it was told.
    attended: (ChannelId, Attention),
    server: Embedded,
    /// What remote servers offer, if files say so.
    described: Option<Arc<Described>>,
    /// Keeps what is sent, where that is wanted.
    history: Option<Keeper>,
}

impl Effects {
    /// Runs tasks on `runtime`. News of calls go to `outbox`, results of other tasks to `results`.
    pub(super) fn new(
        runtime: Handle,
        outbox: Outbox,
        results: mpsc::Sender<Msg>,
        history: Option<HistoryFile>,
    ) -> Self {
        let history = history.map(|file| Keeper::start(&runtime, file, results.clone()));
        Self {
            runtime,
            outbox,
            results,
            calls: HashMap::new(),
            channel: None,
            wire: None,
            channel_id: ChannelId(0),
            doctor: None,
            reader: AddressReader::default(),
            attended: (ChannelId(0), Attention::Closed),
            server: Embedded::default(),
            described: None,
            history,
        }
    }

    /// Uses this reader for the addresses that are typed.
    pub(super) fn read_addresses_by(&mut self, reader: AddressReader) {
        self.reader = reader;
    }

    /// Uses what files say can be called: remote servers are not asked.
    pub(super) fn describe(&mut self, described: Arc<Described>) {
        self.described = Some(described);
    }

    /// Takes a server that was started before the screen.
    pub(super) fn adopt(&self, server: Server) {
        self.server.adopt(server);
    }

    /// What the embedded server has done so far, and its newest calls.
    pub(super) fn seen_by_server(&self) -> Option<(Counts, Vec<CallLine>)> {
        self.server.seen()
    }

    /// The log of the newest channel's connections: how they ended is in it, too.
    pub(super) fn wire(&self) -> Option<&WireLog> {
        self.wire.as_ref()
    }

    /// Tells the present channel's log whether it is looked at.
    pub(super) fn attend(&mut self, attention: Attention) {
        let attended = (self.channel_id, attention);
        if self.attended != attended {
            self.attended = attended;
            if let Some(log) = self.wire() {
                log.look(attention);
            }
        }
    }

    /// Forgets the calls that have ended according to a batch.
    pub(super) fn retire(&mut self, batch: &Batch) {
        for (id, delta) in &batch.calls {
            if delta.life.iter().any(|event| matches!(event, CallEvent::Ended { .. })) {
                self.calls.remove(id);
            }
        }
    }

    /// Runs an effect. A result that is known at once is returned.
    pub(super) fn run(&mut self, effect: Effect) -> Option<Msg> {
        match effect {
            Effect::Call(id, method, terms, request) => {
                self.begin(id, &method, terms, Requests::One(request));
            }
            Effect::Open(id, method, terms) => self.begin(id, &method, terms, Requests::Stream),
            Effect::ReadMetadata(written) => return Some(Msg::Metadata(read_metadata(written))),
            Effect::Send(id, messages) => return self.send(id, messages),
            Effect::HalfClose(id) => {
                if let Some(call) = self.calls.get_mut(&id) {
                    call.half_close();
                }
            }
            Effect::Cancel(id) => {
                if let Some(call) = self.calls.get(&id) {
                    call.cancel();
                }
            }
            Effect::Read(id, reading) => {
                if let Some(call) = self.calls.get(&id) {
                    match reading {
                        Reading::On => call.read_on(),
                        Reading::Stopped => call.stop_reading(),
                    }
                }
            }
            Effect::ReadAddress(typed) => self.read(typed),
            Effect::Link(way) => return Some(self.link(way.0, way.1, ServerPlace::Remote)),
            Effect::ConnectEmbedded(address) => return Some(self.connect_embedded(address)),
            Effect::Unlink => self.unlink(),
            Effect::Ask(id, metadata) => self.ask(id, metadata),
            Effect::Examine(id, metadata, service) => return self.examine(id, metadata, service),
            Effect::StopExamining => self.stop_examining(),
            Effect::StartServer(address, settings) => self.start_server(address, settings),
            Effect::StopServer(then) => self.stop_server(then),
            Effect::Configure(settings) => self.server.configure(settings),
            Effect::Later(pause, Later::Introduce) => {
                self.task(async move {
                    tokio::time::sleep(pause).await;
                    Msg::Introduce
                });
            }
            Effect::Save(name, calls, form) => self.save(name, calls, form),
            Effect::Remember(sent) => self.remember(sent),
            // The loop has the terminal.
            Effect::Terminal(_) => {}
        }
        None
    }

    fn link(&mut self, target: Target, settings: ChannelSettings, place: ServerPlace) -> Msg {
        self.unlink();
        self.channel_id = ChannelId(self.channel_id.0.wrapping_add(1));
        let (id, address) = (self.channel_id, target.to_string());
        let protection = Protection::of(&target, &settings);
        let files = match (place, &self.described) {
            (ServerPlace::Remote, Some(described)) => described.files.clone(),
            _ => NamedFiles::default(),
        };
        let way = Some(Arc::new(Way { target: target.clone(), reach: settings.clone(), files }));
        self.channel = Some(Channel::open(&self.runtime, id, target, settings, self.outbox.clone()));
        self.wire = self.channel.as_ref().map(|channel| channel.wire().clone());
        if place == ServerPlace::Remote && self.described.is_some() {
            // What files say is known before there is a server.
            self.ask(id, HeaderMap::new());
        }
        Msg::Linked { id, address, place, protection, way }
    }

    fn unlink(&mut self) {
        self.stop_examining();
        if let Some(old) = self.channel.take() {
            old.close();
        }
    }

    /// Reads an address on a thread that may wait for files.
    fn read(&self, typed: String) {
        let reader = self.reader.clone();
        let read = self.runtime.spawn_blocking(move || (reader.read(&typed), typed));
        self.task(async move {
            match read.await {
                Ok((Ok(way), typed)) => Msg::Read(typed, Ok(Box::new(way))),
                Ok((Err(why), typed)) => Msg::Read(typed, Err(why)),
                Err(_) => Msg::NotLinked("it was interrupted".to_owned()),
            }
        });
    }

    fn connect_embedded(&mut self, address: SocketAddr) -> Msg {
        match Target::parse(&address.to_string(), Wish::Plaintext) {
            Ok(target) => self.link(target, ChannelSettings::default(), ServerPlace::Embedded),
            Err(error) => Msg::NotLinked(error.to_string()),
        }
    }

    fn begin(&mut self, id: CallId, method: &Method, terms: Terms, requests: Requests) {
        let Some(channel) = &self.channel else {
            let status = Status::by(Code::Unavailable, Cause::NotConnected(STOPPED.to_owned()));
            self.outbox.event(id, CallEvent::Ended { at: Duration::ZERO, status, trailers: None });
            return;
        };
        let spec = CallSpec {
            metadata: terms.metadata,
            deadline: terms.deadline,
            compression: terms.compression,
            max_reply: terms.sizes.reply,
            max_request: terms.sizes.request,
            readiness: terms.readiness,
            ..CallSpec::new(id, method.path().clone(), requests)
        };
        self.calls.insert(id, channel.call(spec, &self.outbox));
    }

    /// Sends messages up to the first that is not taken: a stream has no gaps.
    fn send(&self, call: CallId, messages: Vec<Outgoing>) -> Option<Msg> {
        let of = messages.len();
        messages.into_iter().zip(1..).find_map(|(Outgoing { message, line }, nth)| {
            let why = self.send_one(call, message).err()?;
            Some(Msg::NotSent(Refused { call, nth, of, line, why }))
        })
    }

    fn send_one(&self, id: CallId, message: Bytes) -> Result<(), Unsent> {
        let Some(call) = self.calls.get(&id) else { return Err(Unsent::Over) };
        call.send(message).map_err(|error| match error {
            SendError::Ended => Unsent::Over,
            SendError::Full | SendError::TooLarge { .. } => Unsent::Refused(error.reason()),
        })
    }

    fn ask(&self, id: ChannelId, metadata: HeaderMap) {
        let Some(channel) = self.channel.clone().filter(|_| id == self.channel_id) else { return };
        let described = self.described.clone();
        self.task(async move {
            if let Some(described) = described {
                return Msg::Discovered(id, Asked::Found(described.offered.clone()));
            }
            let discovery = match discover(&channel, &metadata).await {
                Ok(found) => Asked::Found(found),
                Err(DiscoverError::NoReflection) => Asked::NoReflection,
                Err(DiscoverError::Unavailable(status)) if status.code == Code::Unavailable => {
                    Asked::NotAsked
                }
                Err(error) => Asked::Broken(error.to_string()),
            };
            Msg::Discovered(id, discovery)
        });
    }

    /// Looks for what is wrong, on connections of its own. Where there is nothing to look at, it says so: somebody
    /// waits for it.
    fn examine(&mut self, id: ChannelId, metadata: HeaderMap, service: String) -> Option<Msg> {
        self.stop_examining();
        let Some(channel) = self.channel.as_ref().filter(|_| id == self.channel_id) else {
            return Some(Msg::NotExamined(id));
        };
        let (target, settings) = (channel.target().clone(), channel.settings().clone());
        self.doctor = Some(self.task(async move {
            Msg::Examined(id, examine(target, settings, &metadata, Some(&service)).await)
        }));
        None
    }

    fn stop_examining(&mut self) {
        if let Some(doctor) = self.doctor.take() {
            doctor.abort();
        }
    }

    fn start_server(&self, address: Option<SocketAddr>, settings: Settings) {
        let server = self.server.clone();
        self.task(async move { Msg::Embedded(server.start(address, settings).await) });
    }

    /// The server ends its calls first; then the channel is closed, where it goes there.
    fn stop_server(&mut self, then: ChannelThen) {
        let stopped = self.server.stop();
        let channel = match then {
            ChannelThen::Closes => self.channel.take(),
            ChannelThen::Stays => None,
        };
        self.task(async move {
            stopped.await;
            // A call that outlives the server and waits has the channel too.
            if let Some(channel) = channel {
                channel.close();
            }
            Msg::Embedded(EmbeddedNews::Stopped)
        });
    }

    /// Writes a transcript into a new file: nothing is overwritten.
    fn save(&self, name: String, calls: Vec<Call>, form: Saved) {
        let written = self.runtime.spawn_blocking(move || write_new(&name, &calls, form));
        self.task(async move {
            Msg::Say(match written.await {
                Ok(Ok(path)) => format!("saved as {}", path.display()),
                Ok(Err(error)) => format!("not saved: {error}"),
                Err(_) => "not saved: it was interrupted".to_owned(),
            })
        });
    }

    /// Reads what was sent in earlier sessions.
    pub(super) fn recall(&self) {
        let Some(file) = self.history.as_ref().map(|keeper| keeper.file().clone()) else { return };
        let read = self.runtime.spawn_blocking(move || file.read());
        self.task(async move {
            match read.await {
                Ok(Ok(lines)) => Msg::Remembered(lines),
                Ok(Err(error)) => Msg::Say(format!("the history cannot be read: {error}")),
                Err(_) => Msg::Remembered(Vec::new()),
            }
        });
    }

    fn remember(&self, sent: Sent) {
        if let Some(keeper) = &self.history {
            keeper.keep(sent);
        }
    }

    fn task(&self, work: impl Future<Output = Msg> + Send + 'static) -> AbortHandle {
        let results = self.results.clone();
        let task = self.runtime.spawn(async move {
            // The screen is gone: nobody waits for it.
            let _gone = results.send(work.await).await;
        });
        task.abort_handle()
    }
}

/// Reads metadata as it was typed. What is said about a mistake shows nothing of a variable's value.
fn read_metadata(written: String) -> Result<Metadata, String> {
    let looked_up = |name: &str| env::var(name).ok();
    let (key, value) = rpc::metadata::parse(&written, looked_up).map_err(|error| error.to_string())?;
    Ok(Metadata { written, key, value })
}

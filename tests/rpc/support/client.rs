//! A client as a face is one: it has an outbox, takes what is new and keeps it.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use bytes::Bytes;
use greeter::rpc::{
    Batch, CallEvent, CallHandle, CallId, CallSpec, Channel, ChannelId, ChannelSettings, ChannelState,
    Outbox, Record, Requests, Runtime, Status, Target, TlsSettings, What, Wish,
};
use http::{HeaderMap, uri::PathAndQuery};

use super::soon;

pub(crate) const UNARY: &str = "/helloworld.Greeter/SayHello";
pub(crate) const SERVER_STREAM: &str = "/helloworld.Greeter/SayHelloServerStreaming";
pub(crate) const CLIENT_STREAM: &str = "/helloworld.Greeter/SayHelloClientStreaming";
pub(crate) const BIDI: &str = "/helloworld.Greeter/SayHelloBiDiStreaming";

/// All that was told of one call.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) life: Vec<CallEvent>,
    pub(crate) record: Record,
}

impl Story {
    pub(crate) fn end(&self) -> Option<&Status> {
        self.life.iter().find_map(|event| match event {
            CallEvent::Ended { status, .. } => Some(status),
            _ => None,
        })
    }

    pub(crate) fn ends(&self) -> usize {
        self.life.iter().filter(|event| matches!(event, CallEvent::Ended { .. })).count()
    }

    pub(crate) fn is_queued(&self) -> bool {
        self.life.iter().any(|event| matches!(event, CallEvent::Queued { .. }))
    }

    pub(crate) fn is_started(&self) -> bool {
        self.life.iter().any(|event| matches!(event, CallEvent::Started { .. }))
    }

    pub(crate) fn was_sent(&self) -> bool {
        self.life.iter().any(|event| matches!(event, CallEvent::RequestSent { .. }))
    }

    pub(crate) fn has_headers(&self) -> bool {
        self.life.iter().any(|event| matches!(event, CallEvent::Headers { .. }))
    }

    pub(crate) fn trailers(&self) -> Option<&HeaderMap> {
        self.life.iter().find_map(|event| match event {
            CallEvent::Ended { trailers, .. } => trailers.as_deref(),
            _ => None,
        })
    }

    /// The replies that are kept.
    pub(crate) fn replies(&self) -> Vec<Bytes> {
        let received = |what: &What| match what {
            What::Received(bytes) => Some(bytes.clone()),
            _ => None,
        };
        self.record.entries().filter_map(|entry| received(&entry.what)).collect()
    }

    /// The transcript as arrows and sizes.
    pub(crate) fn transcript(&self) -> String {
        let line = |what: &What| match what {
            What::Sent(_) => '>',
            What::EndOfStream => '|',
            What::Received(_) => '<',
        };
        self.record.entries().map(|entry| line(&entry.what)).collect()
    }
}

pub(crate) struct Client {
    pub(crate) channel: Channel,
    pub(crate) outbox: Outbox,
    pub(crate) stories: BTreeMap<CallId, Story>,
    pub(crate) states: Vec<ChannelState>,
    next: u32,
    runtime: Option<Runtime>,
}

impl Client {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self::with(&address.to_string(), ChannelSettings::default())
    }

    pub(crate) fn with(address: &str, settings: ChannelSettings) -> Self {
        Self::reach(address, Wish::Plaintext, settings)
    }

    /// To a server in TLS, spoken in this way.
    pub(crate) fn tls(address: SocketAddr, tls: TlsSettings) -> Self {
        Self::reach(&address.to_string(), Wish::Tls, ChannelSettings { tls, ..ChannelSettings::default() })
    }

    pub(crate) fn reach(address: &str, wish: Wish, settings: ChannelSettings) -> Self {
        let runtime = Runtime::start().unwrap();
        let outbox = Outbox::new();
        let target = Target::parse(address, wish).unwrap();
        let channel = Channel::open(runtime.handle(), ChannelId(1), target, settings, outbox.clone());
        Self {
            channel,
            outbox,
            stories: BTreeMap::new(),
            states: Vec::new(),
            next: 1,
            runtime: Some(runtime),
        }
    }

    /// Does something on the rpc thread, between two steps of its tasks.
    pub(crate) async fn on_its_thread(&self, what: impl FnOnce() + Send + 'static) {
        self.runtime.as_ref().unwrap().handle().spawn(async { what() }).await.unwrap();
    }

    pub(crate) fn stop_runtime(&mut self) {
        self.runtime = None;
    }

    /// Lets go of the channel for one to somewhere else.
    pub(crate) fn replace_channel(&mut self, address: SocketAddr) {
        let target = Target::parse(&address.to_string(), Wish::Plaintext).unwrap();
        let runtime = self.runtime.as_ref().unwrap().handle();
        let outbox = self.outbox.clone();
        self.channel = Channel::open(runtime, ChannelId(2), target, ChannelSettings::default(), outbox);
    }

    pub(crate) fn spec(&mut self, path: &'static str, requests: Requests) -> CallSpec {
        let id = CallId(self.next);
        self.next += 1;
        CallSpec::new(id, PathAndQuery::from_static(path), requests)
    }

    pub(crate) fn begin(&mut self, spec: CallSpec) -> Call {
        let id = spec.id;
        self.stories.entry(id).or_default();
        Call { id, handle: self.channel.call(spec, &self.outbox) }
    }

    pub(crate) fn one(&mut self, path: &'static str, message: impl Into<Bytes>) -> Call {
        let spec = self.spec(path, Requests::One(message.into()));
        self.begin(spec)
    }

    /// So many calls that begin in one step of the rpc thread.
    pub(crate) async fn together(&mut self, count: usize, path: &'static str) -> Vec<Call> {
        let specs: Vec<_> =
            (0..count).map(|_| self.spec(path, Requests::One(Bytes::from_static(b"x")))).collect();
        let (channel, outbox) = (self.channel.clone(), self.outbox.clone());
        let (give, begun) = std::sync::mpsc::channel();
        let begin = move || {
            for spec in specs {
                let id = spec.id;
                give.send(Call { id, handle: channel.call(spec, &outbox) }).unwrap();
            }
        };
        self.on_its_thread(begin).await;
        let calls: Vec<Call> = begun.iter().collect();
        self.stories.extend(calls.iter().map(|call| (call.id, Story::default())));
        calls
    }

    pub(crate) fn stream(&mut self, path: &'static str) -> Call {
        let spec = self.spec(path, Requests::Stream);
        self.begin(spec)
    }

    pub(crate) fn with_deadline(&mut self, path: &'static str, requests: Requests, after: Duration) -> Call {
        let spec = self.spec(path, requests);
        self.begin(CallSpec { deadline: Some(after), ..spec })
    }

    /// Takes what is new now.
    pub(crate) fn take(&mut self) {
        let Batch { calls, channels } = self.outbox.take();
        for (id, delta) in calls {
            let story = self.stories.entry(id).or_default();
            story.life.extend(delta.life);
            story.record.append(delta.record);
        }
        self.states.extend(channels.into_values());
    }

    pub(crate) async fn until(&mut self, what: impl Fn(&Self) -> bool) {
        soon(async {
            self.take();
            while !what(self) {
                self.outbox.changed().await;
                self.take();
            }
        })
        .await;
    }

    pub(crate) fn story(&self, call: &Call) -> &Story {
        &self.stories[&call.id]
    }

    pub(crate) async fn until_story(&mut self, call: &Call, what: impl Fn(&Story) -> bool) -> &Story {
        self.until(|client| what(client.story(call))).await;
        self.story(call)
    }

    pub(crate) async fn end(&mut self, call: &Call) -> Status {
        self.until_story(call, |story| story.end().is_some()).await.end().unwrap().clone()
    }

    pub(crate) async fn ready(&mut self) {
        self.until(|client| matches!(client.states.last(), Some(ChannelState::Ready { .. }))).await;
    }

    /// Waits until the channel is lost, and says why.
    pub(crate) async fn lost(&mut self) -> String {
        self.until(|client| matches!(client.states.last(), Some(ChannelState::Lost { .. }))).await;
        match self.states.last() {
            Some(ChannelState::Lost { cause, .. }) => cause.clone(),
            _ => unreachable!(),
        }
    }
}

pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) handle: CallHandle,
}

//! The two that are compared: our rpc room, run as the program runs it, and a bare peer, the generated client
//! on tonic's `Channel` on a thread of its own.

use std::{
    collections::BTreeMap,
    fs,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use bytes::{BufMut, Bytes, BytesMut};
use greeter::{
    rpc::{
        self, CallEvent, CallId, CallSpec, ChannelId, ChannelSettings, ChannelState, Code, Outbox, Record,
        Requests, Runtime, Target, Wish,
    },
    server::proto::helloworld::{HelloRequest, greeter_client::GreeterClient},
    wire::{Attention, ConnectionLog},
};
use http::uri::PathAndQuery;
use tokio::{sync::oneshot, time::timeout};
use tonic::transport::Channel;

use crate::figure::Trouble;

/// No round takes longer.
const GUARD: Duration = Duration::from_mins(10);
/// The screen looks at what came so often.
const FRAME: Duration = Duration::from_millis(33);

const UNARY: PathAndQuery = PathAndQuery::from_static("/helloworld.Greeter/SayHello");
const SERVER_STREAM: PathAndQuery = PathAndQuery::from_static("/helloworld.Greeter/SayHelloServerStreaming");

/// What came of a stream, and how long it took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    pub(crate) replies: u64,
    pub(crate) time: Duration,
}

/// Our rpc room, on its own thread; the calling thread is the screen's.
pub(crate) struct Ours {
    // Before the runtime, which it ends with.
    channel: rpc::Channel,
    outbox: Outbox,
    face: tokio::runtime::Runtime,
    runtime: Runtime,
    calls: u32,
    /// What the face keeps of the wire, where it looks.
    wire: Option<BTreeMap<u32, ConnectionLog>>,
}

impl Ours {
    pub(crate) fn connect(address: &str) -> Result<Self, Trouble> {
        Self::connect_with(address, ChannelSettings::default())
    }

    pub(crate) fn connect_with(address: &str, settings: ChannelSettings) -> Result<Self, Trouble> {
        let runtime = Runtime::start()?;
        let outbox = Outbox::new();
        let target = Target::parse(address, Wish::Plaintext)?;
        let channel = rpc::Channel::open(runtime.handle(), ChannelId(1), target, settings, outbox.clone());
        let face = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let ready = async {
            loop {
                outbox.changed().await;
                let batch = outbox.take();
                if batch.channels.values().any(|state| matches!(state, ChannelState::Ready { .. })) {
                    return;
                }
            }
        };
        face.block_on(async { timeout(GUARD, ready).await })?;
        Ok(Self { channel, outbox, face, runtime, calls: 0, wire: None })
    }

    /// From now on the face looks at the wire, too.
    pub(crate) fn look_at_the_wire(&mut self) {
        self.channel.wire().look(Attention::Open);
        self.wire = Some(BTreeMap::new());
    }

    /// The processor time that the connection's thread has used.
    pub(crate) fn busy(&self) -> Result<Duration, Trouble> {
        let (tell, told) = mpsc::channel();
        self.runtime
            .handle()
            .spawn(async move { tell.send(fs::read_to_string("/proc/thread-self/schedstat")) });
        let stat = told.recv_timeout(GUARD)??;
        let nanos = stat.split(' ').next().ok_or("the thread has no times")?;
        Ok(Duration::from_nanos(nanos.parse()?))
    }

    /// A server stream, its replies taken in and counted while the face looks at them 30 times a second.
    pub(crate) fn stream(&mut self, name: &str) -> Result<Taken, Trouble> {
        let call = self.begin(SERVER_STREAM, name);
        let (began, mut record) = (Instant::now(), Record::default());
        loop {
            thread::sleep(FRAME);
            if let Some(known) = &mut self.wire {
                for newer in self.channel.wire().take() {
                    match known.get_mut(&newer.number) {
                        Some(log) => log.append(newer),
                        None => drop(known.insert(newer.number, newer)),
                    }
                }
            }
            for delta in self.outbox.take().calls.into_values() {
                record.append(delta.record);
                if let Some(ended) = delta.life.into_iter().find_map(ended) {
                    drop(call);
                    return Ok(Taken { replies: record.counts().received, time: ended? });
                }
            }
            if began.elapsed() > GUARD {
                return Err("the stream does not end".into());
            }
        }
    }

    /// So many unary calls, one after the other, begun and awaited by the screen's thread.
    pub(crate) fn unary_from_the_face(&mut self, count: u32) -> Result<Duration, Trouble> {
        let began = Instant::now();
        for _ in 0..count {
            let _call = self.begin(UNARY, "World");
            self.face.block_on(async { timeout(GUARD, end_of_a_call(&self.outbox)).await })??;
        }
        Ok(began.elapsed())
    }

    /// The same, begun and awaited on the thread of the connection.
    pub(crate) fn unary_on_one_thread(&mut self, count: u32) -> Result<Duration, Trouble> {
        let (channel, outbox) = (self.channel.clone(), self.outbox.clone());
        let first = self.calls + 1;
        self.calls += count;
        let (tell, told) = mpsc::channel();
        self.runtime.handle().spawn(async move {
            let work = async {
                let began = Instant::now();
                for id in first..first + count {
                    let _call = channel.call(spec(id, UNARY, "World"), &outbox);
                    end_of_a_call(&outbox).await?;
                }
                Ok(began.elapsed())
            };
            tell.send(work.await)
        });
        told.recv_timeout(GUARD)?
    }

    fn begin(&mut self, path: PathAndQuery, name: &str) -> rpc::CallHandle {
        self.calls += 1;
        self.channel.call(spec(self.calls, path, name), &self.outbox)
    }
}

fn spec(id: u32, path: PathAndQuery, name: &str) -> CallSpec {
    CallSpec::new(CallId(id), path, Requests::One(request(name)))
}

fn request(name: &str) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_slice(&[0x0a, name.len() as u8]);
    bytes.put_slice(name.as_bytes());
    bytes.freeze()
}

/// When a call ended, where this is its end; an error where it did not end well.
fn ended(event: CallEvent) -> Option<Result<Duration, Trouble>> {
    match event {
        CallEvent::Ended { at, status, .. } if status.code == Code::Ok => Some(Ok(at)),
        CallEvent::Ended { status, .. } => Some(Err(format!("a call ended: {status:?}").into())),
        _ => None,
    }
}

async fn end_of_a_call(outbox: &Outbox) -> Result<(), Trouble> {
    loop {
        outbox.changed().await;
        let batch = outbox.take();
        if let Some(ended) = batch.calls.into_values().flat_map(|delta| delta.life).find_map(ended) {
            return ended.map(drop);
        }
    }
}

/// What the bare peer lets lie unread.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Windows {
    /// What tonic's `Channel` comes with. Under a flood of small DATA frames it ends the connection:
    /// `ENHANCE_YOUR_CALM`, `too_many_data_frames`.
    Stock,
    /// As much as ours, so that it stands the same flood.
    LikeOurs,
}

/// What the bare peer is to do.
enum Order {
    Stream(String, oneshot::Sender<Result<Taken, Trouble>>),
    Unary(oneshot::Sender<Result<(), Trouble>>),
    Unaries(u32, oneshot::Sender<Result<Duration, Trouble>>),
}

/// The generated client on tonic's `Channel`, with nothing around it.
pub(crate) struct Bare {
    orders: tokio::sync::mpsc::UnboundedSender<Order>,
    face: tokio::runtime::Runtime,
}

impl Bare {
    pub(crate) fn connect(address: &str, windows: Windows) -> Result<Self, Trouble> {
        let (orders, mut received) = tokio::sync::mpsc::unbounded_channel();
        let mut endpoint = Channel::from_shared(format!("http://{address}"))?;
        if let Windows::LikeOurs = windows {
            endpoint = endpoint.initial_stream_window_size(1 << 20).initial_connection_window_size(64 << 20);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let channel = runtime.block_on(endpoint.connect())?;
        thread::spawn(move || {
            runtime.block_on(async move {
                let mut client = GreeterClient::new(channel);
                while let Some(order) = received.recv().await {
                    obey(&mut client, order).await;
                }
            });
        });
        let face = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { orders, face })
    }

    /// A server stream, its replies counted in a loop.
    pub(crate) fn stream(&self, name: &str) -> Result<Taken, Trouble> {
        self.ask(|tell| Order::Stream(name.to_owned(), tell))
    }

    /// So many unary calls, one after the other, each begun and awaited from another thread.
    pub(crate) fn unary_from_the_face(&self, count: u32) -> Result<Duration, Trouble> {
        let began = Instant::now();
        for _ in 0..count {
            self.ask(Order::Unary)?;
        }
        Ok(began.elapsed())
    }

    /// The same, begun and awaited on the thread of the connection.
    pub(crate) fn unary_on_one_thread(&self, count: u32) -> Result<Duration, Trouble> {
        self.ask(|tell| Order::Unaries(count, tell))
    }

    fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<Result<T, Trouble>>) -> Order) -> Result<T, Trouble> {
        let (tell, told) = oneshot::channel();
        self.orders.send(order(tell)).map_err(|_| "the bare client is gone")?;
        self.face.block_on(async { timeout(GUARD, told).await })??
    }
}

async fn obey(client: &mut GreeterClient<Channel>, order: Order) {
    // Nobody listens any more where the benchmark gave up.
    match order {
        Order::Stream(name, tell) => drop(tell.send(stream(client, name).await)),
        Order::Unary(tell) => drop(tell.send(unary(client).await)),
        Order::Unaries(count, tell) => {
            let began = Instant::now();
            let mut outcome = Ok(());
            for _ in 0..count {
                outcome = outcome.and(unary(client).await);
            }
            drop(tell.send(outcome.map(|()| began.elapsed())));
        }
    }
}

async fn stream(client: &mut GreeterClient<Channel>, name: String) -> Result<Taken, Trouble> {
    let (began, mut replies) = (Instant::now(), 0);
    let mut stream = client.say_hello_server_streaming(HelloRequest { name }).await?.into_inner();
    while stream.message().await?.is_some() {
        replies += 1;
    }
    Ok(Taken { replies, time: began.elapsed() })
}

async fn unary(client: &mut GreeterClient<Channel>) -> Result<(), Trouble> {
    client.say_hello(HelloRequest { name: "World".to_owned() }).await?;
    Ok(())
}

//! What the tap costs: a stream at full speed over h2, with nobody listening to its bytes, with the wire's log
//! closed, and with it open and taken from 30 times a second; in turns.
//!
//! Compared are the replies that the connection's thread takes in for each second of its processor time. Where
//! that thread is the slowest of all this is the throughput, and what else the machine does is not in it.

use std::{collections::BTreeMap, fs, sync::mpsc, thread, time::Duration};

use bytes::Bytes;
use greeter::wire::{Attention, ConnectionLog, Direction, Ear, End, Tap, Watch, WireLog};
use http::Request;
use tokio::net::TcpStream;

use crate::{
    Length,
    figure::{Budget, Figure, Measured, Trouble, Unit, median, spread},
    peers::{Peer, Shape},
};

/// The face looks so often.
const FRAME: Duration = Duration::from_millis(33);

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listens {
    Nobody,
    Closed,
    Open,
}

/// The tap's cost in throughput.
pub(crate) fn tap(length: Length) -> Measured {
    let flood = Peer::flood()?;
    let mut figures = Vec::new();
    for (what, shape, replies) in [
        ("full frames", Shape::Together, length.pick(10_000_000, 2_000_000)),
        ("a frame for each reply", Shape::Alone, length.pick(1_000_000, 200_000)),
    ] {
        let name = shape.ask(replies);
        let mut rates: [Vec<f64>; 3] = Default::default();
        let who = [Listens::Nobody, Listens::Closed, Listens::Open];
        for round in 0..=length.pick(31, 5) {
            // Whoever comes later finds a warmer machine: the order goes round.
            for turn in 0..who.len() {
                let place = (round + turn) % who.len();
                let busy = stream(&flood.address, &name, who[place])?;
                // The first round warms up.
                if round > 0 {
                    rates[place].push(replies as f64 / busy.as_secs_f64() / 1e6);
                }
            }
        }
        let [nobody, closed, open] = rates;
        for (state, rates, least) in [("closed", closed, 0.98), ("open", open, 0.95)] {
            let ratios: Vec<f64> = rates.iter().zip(&nobody).map(|(with, without)| with / without).collect();
            let (with, without) = (median(&rates), median(&nobody));
            let beside = format!("{with:.2} against {without:.2} million a busy second; {}", spread(&ratios));
            let what = format!("replies with the tap {state}: {what}");
            let figure = Figure::new(what, median(&ratios), Unit::Ratio, Budget::AtLeast(least));
            figures.push(figure.beside(beside));
        }
    }
    Ok(figures)
}

/// The processor time that a stream of so many replies takes, from the request to the trailers.
fn stream(address: &str, name: &str, listens: Listens) -> Result<Duration, Trouble> {
    let log = WireLog::new();
    log.look(if listens == Listens::Open { Attention::Open } else { Attention::Closed });
    let ear = (listens != Listens::Nobody).then(|| log.connection().0);
    let (address, name) = (address.to_owned(), name.to_owned());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let time = match runtime {
            Ok(runtime) => runtime.block_on(pour(&address, &name, MaybeEar(ear))),
            Err(error) => Err(error.into()),
        };
        tell.send(time)
    });
    let mut face: BTreeMap<u32, ConnectionLog> = BTreeMap::new();
    loop {
        match told.recv_timeout(FRAME) {
            Ok(time) => return time,
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err("the stream's thread is gone".into()),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
        }
        if listens == Listens::Open {
            for newer in log.take() {
                match face.get_mut(&newer.number) {
                    Some(known) => known.append(newer),
                    None => drop(face.insert(newer.number, newer)),
                }
            }
        }
    }
}

async fn pour(address: &str, name: &str, ear: MaybeEar) -> Result<Duration, Trouble> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    let (send, connection) = h2::client::Builder::new()
        .initial_window_size(1 << 20)
        .initial_connection_window_size(64 << 20)
        .data_frame_budget(64 << 20)
        .handshake::<_, Bytes>(Tap::new(tcp, ear))
        .await?;
    tokio::spawn(connection);
    let mut send = send.ready().await?;
    let began = busy()?;
    let request = Request::post(format!("http://{address}/helloworld.Greeter/SayHelloServerStreaming"));
    let (response, mut body) = send.send_request(request.body(())?, false)?;
    let mut message = vec![0, 0, 0, 0, name.len() as u8 + 2, 0x0a, name.len() as u8];
    message.extend_from_slice(name.as_bytes());
    body.send_data(message.into(), true)?;
    let mut replies = response.await?.into_body();
    while let Some(data) = replies.data().await {
        let length = data?.len();
        replies.flow_control().release_capacity(length)?;
    }
    replies.trailers().await?.ok_or("no trailers came")?;
    Ok(busy()?.saturating_sub(began))
}

/// The processor time of the present thread.
fn busy() -> Result<Duration, Trouble> {
    let stat = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = stat.split(' ').next().ok_or("the thread has no times")?;
    Ok(Duration::from_nanos(nanos.parse()?))
}

/// Nobody, or an ear.
struct MaybeEar(Option<Ear>);

impl Watch for MaybeEar {
    fn received(&mut self, bytes: &[u8]) {
        if let Some(ear) = &mut self.0 {
            ear.received(bytes);
        }
    }

    fn sent(&mut self, bytes: &[u8]) {
        if let Some(ear) = &mut self.0 {
            ear.sent(bytes);
        }
    }

    fn ended(&mut self, direction: Direction, how: End) {
        if let Some(ear) = &mut self.0 {
            ear.ended(direction, how);
        }
    }
}

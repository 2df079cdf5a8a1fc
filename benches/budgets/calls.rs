//! Replies taken in, and unary round trips: our rpc room against the bare peer, in turns on the same server.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::{
    Length,
    clients::{Bare, Ours, Windows},
    figure::{Budget, Figure, Measured, Trouble, Unit, median, spread},
    peers::{Peer, Shape},
};

/// Replies taken in and counted a second, ours in terms of the bare peer's.
pub(crate) fn ingest(length: Length) -> Measured {
    let replies = length.pick(2_000_000, 200_000);
    let greeter = Peer::greeter(replies)?;
    let flood = Peer::flood()?;
    let rounds = |stream: Stream<'_>| stream.taken_in(length);
    Ok(vec![
        rounds(Stream {
            what: "replies taken in: greeter serve",
            peer: &greeter,
            name: "World",
            replies,
            windows: Windows::Stock,
        })?,
        rounds(Stream {
            what: "replies taken in: full frames",
            peer: &flood,
            name: &Shape::Together.ask(replies),
            replies,
            windows: Windows::Stock,
        })?,
        rounds(Stream {
            what: "replies taken in: a frame for each",
            peer: &flood,
            name: &Shape::Alone.ask(replies),
            replies,
            windows: Windows::LikeOurs,
        })?,
    ])
}

/// A stream that both take in.
struct Stream<'a> {
    what: &'a str,
    peer: &'a Peer,
    name: &'a str,
    replies: u64,
    /// The bare peer's.
    windows: Windows,
}

impl Stream<'_> {
    fn taken_in(&self, length: Length) -> Result<Figure, Trouble> {
        let Self { what, peer, name, replies, windows } = *self;
        let (mut ours, bare) = (Ours::connect(&peer.address)?, Bare::connect(&peer.address, windows)?);
        let (mut ratios, mut rates) = (Vec::new(), [Vec::new(), Vec::new()]);
        for round in 0..=length.pick(15, 3) {
            let both = [ours.stream(name)?, bare.stream(name)?];
            if let Some(wrong) = both.iter().find(|taken| taken.replies != replies) {
                return Err(format!("{} replies came of {replies}", wrong.replies).into());
            }
            // The first round warms up.
            if round > 0 {
                ratios.push(both[1].time.as_secs_f64() / both[0].time.as_secs_f64());
                for (rates, taken) in rates.iter_mut().zip(both) {
                    rates.push(replies as f64 / taken.time.as_secs_f64() / 1e6);
                }
            }
        }
        let [ours, bare] = rates.map(|rates| median(&rates));
        let beside = format!("{ours:.2} against {bare:.2} million a second; {}", spread(&ratios));
        Ok(Figure::new(what, median(&ratios), Unit::Ratio, Budget::AtLeast(1.0)).beside(beside))
    }
}

/// The time of a unary round trip, ours in terms of the bare peer's.
///
/// Where there are several processors, most of it is the time that one takes to wake another, and whether it has to is
/// the scheduler's affair: it gives now us and now the peer one of their own. So they share one first, which leaves what
/// each does itself.
pub(crate) fn unary(length: Length) -> Measured {
    let mut figures = {
        let _shared = OneProcessor::shared()?;
        round_trips("one processor", length)?
    };
    figures.extend(round_trips("all processors", length)?);
    Ok(figures)
}

fn round_trips(on: &str, length: Length) -> Measured {
    let peer = Peer::greeter(1)?;
    let (mut ours, bare) = (Ours::connect(&peer.address)?, Bare::connect(&peer.address, Windows::Stock)?);
    let count = length.pick(400, 100);
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for round in 0..=length.pick(81, 15) {
        // Whoever comes second finds a warmer machine: each does, every other time.
        let (on_one_thread, from_the_face) = if round % 2 == 0 {
            let ours = (ours.unary_on_one_thread(count)?, ours.unary_from_the_face(count)?);
            let bare = (bare.unary_on_one_thread(count)?, bare.unary_from_the_face(count)?);
            ([ours.0, bare.0], [ours.1, bare.1])
        } else {
            let bare = (bare.unary_on_one_thread(count)?, bare.unary_from_the_face(count)?);
            let ours = (ours.unary_on_one_thread(count)?, ours.unary_from_the_face(count)?);
            ([ours.0, bare.0], [ours.1, bare.1])
        };
        // The first round warms up.
        if round > 0 {
            one.push(on_one_thread.map(|time| time.as_secs_f64() * 1e6 / f64::from(count)));
            two.push(from_the_face.map(|time| time.as_secs_f64() * 1e6 / f64::from(count)));
        }
    }
    Ok(vec![
        round_trip(&format!("unary round trip, {on}: connection's thread"), &one),
        round_trip(&format!("unary round trip, {on}: screen's thread"), &two),
    ])
}

/// For as long as it lives, what is begun on this thread shares one processor: threads and processes.
struct OneProcessor {
    before: CpuSet,
}

impl OneProcessor {
    fn shared() -> Result<Self, Trouble> {
        let before = sched_getaffinity(None)?;
        let mut one = CpuSet::new();
        let last = (0..CpuSet::MAX_CPU).rev().find(|processor| before.is_set(*processor));
        one.set(last.ok_or("there is no processor")?);
        sched_setaffinity(None, &one)?;
        Ok(Self { before })
    }
}

impl Drop for OneProcessor {
    fn drop(&mut self) {
        let _gone_with_the_thread = sched_setaffinity(None, &self.before);
    }
}

fn round_trip(what: &str, micros: &[[f64; 2]]) -> Figure {
    let ratios: Vec<f64> = micros.iter().map(|[ours, bare]| ours / bare).collect();
    let [ours, bare] = [0, 1].map(|who| median(&micros.iter().map(|both| both[who]).collect::<Vec<_>>()));
    let beside = format!("{ours:.0} against {bare:.0} µs; {}", spread(&ratios));
    Figure::new(what, median(&ratios), Unit::Ratio, Budget::AtMost(1.0)).beside(beside)
}

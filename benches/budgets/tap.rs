//! What the tap costs: a stream at full speed on a channel whose frames nobody follows, on one whose log is
//! closed, and on one whose log is open and taken from 30 times a second; in turns.
//!
//! Compared are the replies that the connection's thread takes in for each second of its processor time. Where
//! that thread is the slowest of all this is the throughput, and what else the machine does is not in it. Turns are
//! short and many: a machine that others use is the same for one round, and not for long.

use greeter::rpc::{ChannelSettings, Wire};

use crate::{
    Length,
    clients::Ours,
    figure::{Budget, Figure, Measured, Trouble, Unit, median, spread},
    peers::{Peer, Shape},
};

/// The tap's cost in throughput.
pub(crate) fn tap(length: Length) -> Measured {
    let flood = Peer::flood()?;
    let mut figures = Vec::new();
    for (what, shape, replies) in
        [("full frames", Shape::Together, 4_000_000), ("a frame for each reply", Shape::Alone, 200_000)]
    {
        let left_alone = ChannelSettings { wire: Wire::LeftAlone, ..ChannelSettings::default() };
        let mut clients = [
            Ours::connect_with(&flood.address, left_alone)?,
            Ours::connect(&flood.address)?,
            Ours::connect(&flood.address)?,
        ];
        clients[2].look_at_the_wire();
        let name = shape.ask(replies);
        let mut rates: [Vec<f64>; 3] = Default::default();
        for round in 0..=length.pick(151, 15) {
            // Whoever comes later finds a warmer machine: the order goes round.
            for turn in 0..clients.len() {
                let place = (round + turn) % clients.len();
                let rate = rate(&mut clients[place], &name, replies)?;
                // The first round warms up.
                if round > 0 {
                    rates[place].push(rate);
                }
            }
        }
        let [alone, closed, open] = rates;
        for (state, rates, least) in [("closed", closed, 0.98), ("open", open, 0.95)] {
            let ratios: Vec<f64> = rates.iter().zip(&alone).map(|(with, without)| with / without).collect();
            let (with, without) = (median(&rates), median(&alone));
            let beside = format!("{with:.2} against {without:.2} million a busy second; {}", spread(&ratios));
            let what = format!("replies with the tap {state}: {what}");
            let figure = Figure::new(what, median(&ratios), Unit::Ratio, Budget::AtLeast(least));
            figures.push(figure.beside(beside));
        }
    }
    Ok(figures)
}

/// Millions of replies for each second of the connection's thread.
fn rate(client: &mut Ours, name: &str, replies: u64) -> Result<f64, Trouble> {
    let before = client.busy()?;
    let taken = client.stream(name)?;
    if taken.replies != replies {
        return Err(format!("{} replies came of {replies}", taken.replies).into());
    }
    let busy = client.busy()?.saturating_sub(before);
    Ok(replies as f64 / busy.as_secs_f64() / 1e6)
}

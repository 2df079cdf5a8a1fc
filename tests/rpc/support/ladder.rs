//! What passed on a channel's connections, as rows of text without what differs from run to run.

use std::{collections::BTreeMap, fmt::Write as _};

use greeter::{
    rpc::Channel,
    wire::{Attention, ConnectionLog, Content, Direction, Entry, Kind, ladder},
};

use super::{client::Client, soon};

/// A face that looks at the wire.
pub(crate) struct Ladder {
    pub(crate) connections: BTreeMap<u32, ConnectionLog>,
}

impl Ladder {
    pub(crate) fn of(channel: &Channel) -> Self {
        channel.wire().look(Attention::Open);
        Self { connections: BTreeMap::new() }
    }

    fn take(&mut self, client: &Client) {
        for newer in client.channel.wire().take() {
            match self.connections.get_mut(&newer.number) {
                Some(known) => known.append(newer),
                None => drop(self.connections.insert(newer.number, newer)),
            }
        }
    }

    pub(crate) async fn until(&mut self, client: &Client, what: impl Fn(&Self) -> bool) {
        soon(async {
            self.take(client);
            while !what(self) {
                client.channel.wire().changed().await;
                self.take(client);
            }
        })
        .await;
    }

    /// Waits until something of a type passed in a direction, so many times on all connections.
    pub(crate) async fn until_seen(&mut self, client: &Client, who: Direction, kind: Kind, times: usize) {
        let is =
            |entry: &&Entry| entry.direction == who && entry.head().is_some_and(|head| head.kind == kind);
        self.until(client, |ladder| ladder.entries().filter(is).count() >= times).await;
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.connections.values().flat_map(|log| log.kept.entries().map(|(_, entry)| entry))
    }

    pub(crate) fn only(&self) -> &ConnectionLog {
        assert_eq!(self.connections.len(), 1);
        self.connections.values().next().unwrap()
    }

    /// The rows of calls, each connection under its number.
    pub(crate) fn of_calls(&self) -> String {
        self.rows(|entry| entry.stream() != Some(0) && entry.head().is_some())
    }

    /// The rows that are wanted.
    pub(crate) fn rows(&self, wanted: impl Fn(&Entry) -> bool) -> String {
        let mut rows = String::new();
        for (number, log) in &self.connections {
            writeln!(rows, "connection {number}").unwrap();
            for (_, entry) in log.kept.entries().filter(|(_, entry)| wanted(entry)) {
                let row = ladder::row(entry, &log.kept.payload(entry), &ladder::show_nothing);
                writeln!(rows, "{}", same_each_time(entry, &row)).unwrap();
            }
        }
        rows
    }
}

/// Without the time; without the size of headers, which hold a port, a date, a version.
fn same_each_time(entry: &Entry, row: &str) -> String {
    const TIME: usize = 11;
    const SIZE: std::ops::Range<usize> = 30..40;
    let row: Vec<char> = row.chars().skip(TIME).collect();
    let mut row: String = match entry.content() {
        Some(Content::Headers(_)) => {
            row.iter().enumerate().map(|(at, c)| if SIZE.contains(&at) { ' ' } else { *c }).collect()
        }
        _ => row.iter().collect(),
    };
    if let Some(at) = row.find("back after") {
        row.truncate(at + "back after".len());
    }
    row
}

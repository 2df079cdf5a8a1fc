//! Every check once: its name, its words, whether it must hold, and what is asked.

use super::expected;
use crate::{
    schema::{Contract, Kind},
    text,
};

/// One thing that must hold of a server.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// A name that does not change: `unary.world`. Unique.
    pub name: &'static str,
    /// What it belongs to.
    pub group: Group,
    /// What it is about, in the words of the table.
    pub says: &'static str,
    /// Whether the server must have it.
    pub need: Need,
    pub(super) ask: Ask,
}

/// What checks are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// The method of a kind.
    Method(Kind),
    /// The life of any call.
    Calls,
    /// gRPC over HTTP/2.
    Protocol,
    /// Services beside the Greeter.
    Offers,
}

/// Whether the server must have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// It must hold.
    Required,
    /// It must hold where it is offered.
    IfOffered,
}

/// What is asked. Names are those that are sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// What is said to these names, reply by reply; how many replies there are is another check.
    Says(&'static [&'static str]),
    /// What is said to a name of [`LARGE`] bytes.
    SaysLarge,
    /// How many replies these names get, and that the call ends with OK.
    Counts(&'static [&'static str]),
    /// Each name is answered before the next is sent.
    InTurn(&'static [&'static str]),
    /// Nothing is over before the client has ended its stream.
    Waits(&'static [&'static str]),
    /// [`MANY`] names in one stream.
    Many,
    /// One call is cancelled beside another.
    Cancel,
    /// A call is left open until its deadline.
    Deadline,
    /// [`AT_ONCE`] calls beside each other.
    AtOnce,
    /// A method that is not there.
    NoMethod,
    /// A service that is not there.
    NoService,
    /// What was seen of all responses.
    Seen(Rule),
    /// Server reflection.
    Reflection,
    /// Health.
    Health,
}

/// What gRPC prescribes for every response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    HttpStatus,
    ContentType,
    Trailers,
    Framing,
}

/// The names of one long stream.
pub(super) const MANY: usize = 10_000;
/// The calls beside each other.
pub(super) const AT_ONCE: usize = 100;
/// A name that no DATA frame of the usual size holds, in bytes.
pub(super) const LARGE: usize = 100 << 10;
/// The deadline of the call that is left open, in milliseconds.
pub(super) const DEADLINE_MS: u32 = 250;

const WORLD: &[&str] = &["World"];
const EMPTY: &[&str] = &[""];
/// Characters of one to four bytes, and a letter of two of them.
const UNICODE: &[&str] = &["世界 Zoe\u{308} Привет 🚀"];

/// All checks, in the order in which they are made.
pub const CHECKS: &[Check] = &[
    of(Kind::Unary, "unary.world", "greets World", Ask::Says(WORLD)),
    of(Kind::Unary, "unary.empty", "an empty name", Ask::Says(EMPTY)),
    of(Kind::Unary, "unary.unicode", "Unicode", Ask::Says(UNICODE)),
    of(Kind::Unary, "unary.large", "a name of 100 KiB", Ask::SaysLarge),
    of(Kind::Unary, "unary.one", "one reply, then OK", Ask::Counts(WORLD)),
    of(Kind::ServerStream, "server-stream.numbers", "numbered from 1", Ask::Says(WORLD)),
    of(Kind::ServerStream, "server-stream.five", "five replies, then OK", Ask::Counts(WORLD)),
    of(Kind::ServerStream, "server-stream.empty", "an empty name", Ask::Says(EMPTY)),
    of(Kind::ServerStream, "server-stream.unicode", "Unicode", Ask::Says(UNICODE)),
    of(
        Kind::ClientStream,
        "client-stream.names",
        "all names in one greeting",
        Ask::Says(&["Alice", "Bob", "Charlie"]),
    ),
    of(
        Kind::ClientStream,
        "client-stream.order",
        "in the order they were sent",
        Ask::Says(&["Zoe", "Adam", "Mia", "Adam"]),
    ),
    of(Kind::ClientStream, "client-stream.none", "no names at all", Ask::Says(&[])),
    of(Kind::ClientStream, "client-stream.empty", "an empty name", Ask::Says(EMPTY)),
    of(Kind::ClientStream, "client-stream.unicode", "Unicode", Ask::Says(UNICODE)),
    of(
        Kind::ClientStream,
        "client-stream.waits",
        "no reply before half-close",
        Ask::Waits(&["Alice", "Bob"]),
    ),
    of(Kind::ClientStream, "client-stream.one", "one reply, then OK", Ask::Counts(&["Alice", "Bob"])),
    of(Kind::ClientStream, "client-stream.many", "10 000 names in one stream", Ask::Many),
    of(Kind::Bidi, "bidi.names", "a greeting for each name", Ask::Says(&["Dave", "Eve"])),
    of(Kind::Bidi, "bidi.in-turn", "at once, before the next name", Ask::InTurn(&["Dave", "Eve", "Frank"])),
    of(Kind::Bidi, "bidi.none", "no names at all", Ask::Counts(&[])),
    of(Kind::Bidi, "bidi.empty", "an empty name", Ask::Says(EMPTY)),
    of(Kind::Bidi, "bidi.unicode", "Unicode", Ask::Says(UNICODE)),
    of(Kind::Bidi, "bidi.waits", "open until half-close", Ask::Waits(&["Dave"])),
    of(Kind::Bidi, "bidi.as-many", "as many replies as names", Ask::Counts(&["Dave", "Eve", "Frank"])),
    of(Kind::Bidi, "bidi.many", "10 000 names, 10 000 replies", Ask::Many),
    calls("calls.cancel", "a cancelled call leaves others be", Ask::Cancel),
    calls("calls.deadline", "a deadline of 250 ms is kept", Ask::Deadline),
    calls("calls.at-once", "100 at once on one connection", Ask::AtOnce),
    protocol("protocol.no-method", "a method that is not there", Ask::NoMethod),
    protocol("protocol.no-service", "a service that is not there", Ask::NoService),
    protocol("protocol.http-status", "HTTP status", Ask::Seen(Rule::HttpStatus)),
    protocol("protocol.content-type", "content-type", Ask::Seen(Rule::ContentType)),
    protocol("protocol.trailers", "a status in the trailers", Ask::Seen(Rule::Trailers)),
    protocol("protocol.framing", "whole messages, framed", Ask::Seen(Rule::Framing)),
    offers("offers.reflection", "reflection", Ask::Reflection),
    offers("offers.health", "health", Ask::Health),
];

const fn of(kind: Kind, name: &'static str, says: &'static str, ask: Ask) -> Check {
    Check { name, group: Group::Method(kind), says, need: Need::Required, ask }
}

const fn calls(name: &'static str, says: &'static str, ask: Ask) -> Check {
    Check { name, group: Group::Calls, says, need: Need::Required, ask }
}

const fn protocol(name: &'static str, says: &'static str, ask: Ask) -> Check {
    Check { name, group: Group::Protocol, says, need: Need::Required, ask }
}

const fn offers(name: &'static str, says: &'static str, ask: Ask) -> Check {
    Check { name, group: Group::Offers, says, need: Need::IfOffered, ask }
}

impl Check {
    /// What must come, in words.
    pub fn expected(&self, contract: &Contract) -> String {
        match (&self.ask, self.group) {
            (Ask::Says(names), Group::Method(kind)) => quoted(&expected::replies(kind, names)),
            (Ask::Counts(names), Group::Method(kind)) => {
                let count = expected::replies(kind, names).len();
                format!("{}, then OK", counted(count, "reply", "replies"))
            }
            (Ask::InTurn(names), _) => format!("a reply to {} before the next name", names.join(", to ")),
            (Ask::Waits(_), Group::Method(Kind::Bidi)) => "a stream that is open until half-close".to_owned(),
            (Ask::Many, Group::Method(Kind::Bidi)) => {
                format!("{} replies, in order", text::count(MANY as u64))
            }
            (ask, _) => ask.expected(contract),
        }
    }
}

impl Ask {
    /// Whether nothing more is asked for it.
    pub(super) fn is_of_the_past(&self) -> bool {
        matches!(self, Self::Seen(_))
    }

    /// Where it does not hang on the kind of call.
    fn expected(&self, contract: &Contract) -> String {
        match self {
            Self::Says(names) | Self::Counts(names) | Self::InTurn(names) => names.join(", "),
            Self::SaysLarge => format!("a greeting with all {}", text::size(LARGE as u64)),
            Self::Waits(_) => "no reply before half-close".to_owned(),
            Self::Many => format!("one greeting with {} names", text::count(MANY as u64)),
            Self::Cancel => "the other call goes on, on the same connection".to_owned(),
            Self::Deadline => "DEADLINE_EXCEEDED (4), or the stream reset".to_owned(),
            Self::AtOnce => format!("{AT_ONCE} replies, each to its own call"),
            Self::NoMethod | Self::NoService => "UNIMPLEMENTED (12)".to_owned(),
            Self::Seen(rule) => rule.expected().to_owned(),
            Self::Reflection => format!("{} as in the contract", contract.name()),
            Self::Health => "SERVING".to_owned(),
        }
    }
}

impl Rule {
    fn expected(self) -> &'static str {
        match self {
            Self::HttpStatus => "HTTP 200 for every response",
            Self::ContentType => "application/grpc",
            Self::Trailers => "grpc-status, one of 0 to 16, at the end of every response",
            Self::Framing => "whole messages, each behind its flag and length",
        }
    }
}

impl Group {
    /// Its name in JSON lines and in plain lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Method(Kind::Unary) => "unary",
            Self::Method(Kind::ServerStream) => "server-stream",
            Self::Method(Kind::ClientStream) => "client-stream",
            Self::Method(Kind::Bidi) => "bidi",
            Self::Calls => "calls",
            Self::Protocol => "protocol",
            Self::Offers => "offers",
        }
    }
}

/// `1 reply`, `5 replies`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    match count {
        0 => format!("no {one}"),
        1 => format!("1 {one}"),
        count => format!("{} {many}", text::count(count as u64)),
    }
}

/// The first and the last of more than two.
fn quoted(texts: &[String]) -> String {
    match texts {
        [] => "no reply".to_owned(),
        [one] => format!("\"{one}\""),
        [one, two] => format!("\"{one}\", \"{two}\""),
        [first, .., last] => format!("\"{first}\" to \"{last}\""),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own_in_its_group() {
        let names: BTreeSet<&str> = CHECKS.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), CHECKS.len());
        for check in CHECKS {
            assert!(check.name.starts_with(&format!("{}.", check.group.name())), "{}", check.name);
        }
    }

    #[test]
    fn groups_stand_together() {
        let mut groups: Vec<Group> = CHECKS.iter().map(|check| check.group).collect();
        groups.dedup();
        assert_eq!(groups.len(), 7);
    }

    #[test]
    fn what_is_expected_is_said_in_words() {
        let contract = Contract::default();
        let expected = |name: &str| {
            let check = CHECKS.iter().find(|check| check.name == name).unwrap();
            check.expected(&contract)
        };
        assert_eq!(expected("unary.world"), "\"Hello, World!\"");
        assert_eq!(
            expected("server-stream.numbers"),
            "\"Hello, World! Number 1\" to \"Hello, World! Number 5\""
        );
        assert_eq!(expected("server-stream.five"), "5 replies, then OK");
        assert_eq!(expected("bidi.none"), "no reply, then OK");
        assert_eq!(expected("offers.reflection"), "helloworld.Greeter as in the contract");
    }
}

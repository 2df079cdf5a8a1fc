//! Asks a Greeter that is not ours every method of both contracts, through the rpc room as the screen
//! uses it, and compares what comes byte for byte: `tests/interop/run` runs it against other languages'
//! servers.
//!
//! ```text
//! cargo run --example interop_client -- ADDR [CA [CERT KEY]]
//! ```
//!
//! Over TLS, where PEM files are named: whom it trusts, and who it is.

use std::{env, error::Error, path::Path, process::ExitCode, sync::Arc, time::Duration};

use bytes::Bytes;
use greeter::{
    rpc::{
        CallEvent, CallHandle, CallId, CallSpec, Channel, ChannelId, ChannelSettings, Code, Entry, Identity,
        Origin, Outbox, Requests, Runtime, Status, Target, TlsSettings, Trust, What, Wish,
    },
    server::proto::{hello, helloworld},
};
use http::{HeaderMap, uri::PathAndQuery};
use prost::Message;
use tokio::time::timeout;

/// For one call. Nothing here takes a hundredth of it.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Names in a row on one stream: fewer than a record keeps, so that every reply can be compared.
const MANY: usize = 1_000;

type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let [address, papers @ ..] = args.as_slice() else {
        eprintln!("usage: interop_client ADDR [CA [CERT KEY]]");
        return ExitCode::from(2);
    };
    match ask_everything(address, papers) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("  {failed} of the checks against {address} failed");
            ExitCode::FAILURE
        }
        Err(failure) => {
            eprintln!("  interop_client: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Runs every check and prints a row for each. How many failed.
fn ask_everything(address: &str, papers: &[String]) -> Result<usize, Failure> {
    let runtime = Runtime::start()?;
    let wish = if papers.is_empty() { Wish::Plaintext } else { Wish::Tls };
    let target = Target::parse(address, wish)?;
    let outbox = Outbox::new();
    let settings = ChannelSettings { tls: tls(papers)?, ..ChannelSettings::default() };
    let channel = Channel::open(runtime.handle(), ChannelId(1), target, settings, outbox.clone());
    let mut caller = Caller { channel, outbox, calls: 0 };
    let here = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut failed = 0;
    for check in checks() {
        match here.block_on(caller.check(&check)) {
            Ok(()) => println!("  {:<60} ok", check.what.trim_start_matches('/')),
            Err(fault) => {
                println!("  {:<60} FAILED  {fault}", check.what.trim_start_matches('/'));
                failed += 1;
            }
        }
    }
    Ok(failed)
}

fn tls(papers: &[String]) -> Result<TlsSettings, Failure> {
    let papers: Vec<&Path> = papers.iter().map(Path::new).collect();
    let (authorities, identity) = match papers.as_slice() {
        [] => return Ok(TlsSettings::default()),
        [authorities] => (authorities, None),
        [authorities, certificate, key] => {
            (authorities, Some(Arc::new(Identity::from_files(certificate, key)?)))
        }
        _ => return Err("a certificate needs its key, and nothing more".into()),
    };
    Ok(TlsSettings { trust: Trust::from_file(authorities)?, identity, server_name: None })
}

/// One call, and all that must come of it.
struct Check {
    what: String,
    path: &'static str,
    send: Send,
    replies: Vec<Bytes>,
    code: Code,
    /// The status message; `None` where each server has words of its own: grpc-js says `OK` to OK.
    message: Option<&'static str>,
    /// Metadata that must stand in the response's headers.
    headers: Metadata,
    /// Metadata that must stand in the trailers.
    trailers: Metadata,
}

/// Names and values as they stand on the wire.
type Metadata = &'static [(&'static str, &'static str)];

/// How the request messages are sent.
enum Send {
    /// One, known when the call begins.
    One(Bytes),
    /// One after the other, then the half-close.
    All(Vec<Bytes>),
    /// Each when the reply to the one before it has come, then the half-close.
    InTurn(Vec<Bytes>),
}

fn checks() -> Vec<Check> {
    let mut checks = Vec::new();
    for (path, reply) in [
        ("/helloworld.Greeter/SayHello", default_reply as fn(String) -> Bytes),
        ("/hello.Greeter/SayHello", other_reply),
    ] {
        for (kind, name) in [
            ("a name", "World"),
            ("no name", ""),
            ("beyond ASCII", "世界 👩‍🚀 é"),
            ("control characters", "a\tb\nc\u{1b}[31m"),
        ] {
            let replies = vec![reply(format!("Hello, {name}!"))];
            checks.push(ok(format!("{path}, {kind}"), path, Send::One(request(name)), replies));
        }
    }
    for (path, reply) in [
        ("/helloworld.Greeter/SayHelloServerStreaming", default_reply as fn(String) -> Bytes),
        ("/hello.Greeter/LotsOfReplies", other_reply),
    ] {
        let replies = (1..=5).map(|number| reply(format!("Hello, World! Number {number}"))).collect();
        checks.push(ok(path.to_owned(), path, Send::One(request("World")), replies));
    }
    for (path, reply) in [
        ("/helloworld.Greeter/SayHelloClientStreaming", default_reply as fn(String) -> Bytes),
        ("/hello.Greeter/LotsOfGreetings", other_reply),
    ] {
        let names = ["Alice", "Bob", "Charlie"].map(request).to_vec();
        let together = vec![reply("Hello, Alice, Bob, Charlie!".to_owned())];
        checks.push(ok(path.to_owned(), path, Send::All(names), together));
        let nobody = vec![reply("Hello, !".to_owned())];
        checks.push(ok(format!("{path}, no names"), path, Send::All(Vec::new()), nobody));
    }
    let path = "/helloworld.Greeter/SayHelloBiDiStreaming";
    let names = ["Dave", "Eve", "Frank"];
    let replies = names.map(|name| default_reply(format!("Hello, {name}!"))).to_vec();
    checks.push(ok(path.to_owned(), path, Send::InTurn(names.map(request).to_vec()), replies));
    let names: Vec<String> = (0..MANY).map(|number| number.to_string()).collect();
    let requests = names.iter().map(|name| request(name)).collect();
    let replies = names.iter().map(|name| default_reply(format!("Hello, {name}!"))).collect();
    checks.push(ok(format!("{path}, {MANY} names at once"), path, Send::All(requests), replies));
    checks.extend(statuses());
    checks
}

fn statuses() -> [Check; 3] {
    let say_hello = "/helloworld.Greeter/SayHello";
    [
        Check {
            code: Code::NotFound,
            message: Some("nobody of that name: 世界"),
            ..ok("a status and its message".to_owned(), say_hello, Send::One(request("nobody")), Vec::new())
        },
        Check {
            headers: &[("x-greeting", "hello")],
            trailers: &[("x-parting", "bye"), ("x-parting-bin", "AAH/")],
            ..ok(
                "metadata in the headers and the trailers".to_owned(),
                say_hello,
                Send::One(request("metadata")),
                vec![default_reply("Hello, metadata!".to_owned())],
            )
        },
        Check {
            code: Code::Unimplemented,
            ..ok(
                "an unknown method is UNIMPLEMENTED".to_owned(),
                "/helloworld.Greeter/SayGoodbye",
                Send::One(request("World")),
                Vec::new(),
            )
        },
    ]
}

/// A check of a call that ends well.
fn ok(what: String, path: &'static str, send: Send, replies: Vec<Bytes>) -> Check {
    Check { what, path, send, replies, code: Code::Ok, message: None, headers: &[], trailers: &[] }
}

/// Both contracts have the same request on the wire.
fn request(name: &str) -> Bytes {
    helloworld::HelloRequest { name: name.to_owned() }.encode_to_vec().into()
}

fn default_reply(message: String) -> Bytes {
    helloworld::HelloReply { message }.encode_to_vec().into()
}

fn other_reply(reply: String) -> Bytes {
    hello::HelloReply { reply }.encode_to_vec().into()
}

/// Makes one call after the other.
struct Caller {
    channel: Channel,
    outbox: Outbox,
    calls: u32,
}

/// What has come of a call so far.
#[derive(Default)]
struct Heard {
    headers: HeaderMap,
    replies: Vec<Bytes>,
    end: Option<(Status, HeaderMap)>,
}

impl Caller {
    async fn check(&mut self, check: &Check) -> Result<(), Failure> {
        let heard = timeout(TIMEOUT, self.call(check)).await??;
        let Some((status, trailers)) = heard.end else { return Err("the call has no end".into()) };
        let as_expected = status.code == check.code
            && status.origin == Origin::Trailers
            && check.message.is_none_or(|message| message == status.message);
        if !as_expected {
            return Err(format!("{status}, {}: {}", status.origin, status.message).into());
        }
        if heard.replies != check.replies {
            return Err(format!("expected {:?}, got {:?}", check.replies, heard.replies).into());
        }
        stands_in(&heard.headers, check.headers)?;
        stands_in(&trailers, check.trailers)?;
        Ok(())
    }

    async fn call(&mut self, check: &Check) -> Result<Heard, Failure> {
        self.calls += 1;
        let id = CallId(self.calls);
        let requests = match &check.send {
            Send::One(request) => Requests::One(request.clone()),
            Send::All(_) | Send::InTurn(_) => Requests::Stream,
        };
        let spec = CallSpec {
            deadline: Some(TIMEOUT),
            ..CallSpec::new(id, PathAndQuery::from_static(check.path), requests)
        };
        let mut call = self.channel.call(spec, &self.outbox);
        let mut heard = Heard::default();
        self.send(&mut call, id, &check.send, &mut heard).await?;
        while heard.end.is_none() {
            self.listen(id, &mut heard).await;
        }
        Ok(heard)
    }

    async fn send(
        &self,
        call: &mut CallHandle,
        id: CallId,
        send: &Send,
        heard: &mut Heard,
    ) -> Result<(), Failure> {
        match send {
            Send::One(_) => return Ok(()),
            Send::All(messages) => messages.iter().try_for_each(|message| call.send(message.clone()))?,
            Send::InTurn(messages) => {
                for (turn, message) in messages.iter().enumerate() {
                    call.send(message.clone())?;
                    while heard.replies.len() <= turn && heard.end.is_none() {
                        self.listen(id, heard).await;
                    }
                }
            }
        }
        call.half_close();
        Ok(())
    }

    /// Waits for news, and takes what is of this call.
    async fn listen(&self, id: CallId, heard: &mut Heard) {
        self.outbox.changed().await;
        let Some(news) = self.outbox.take().calls.remove(&id) else { return };
        for Entry { what, .. } in news.record.entries() {
            if let What::Received(reply) = what {
                heard.replies.push(reply.clone());
            }
        }
        for turn in news.life {
            match turn {
                CallEvent::Headers { headers, .. } => heard.headers = (*headers).clone(),
                CallEvent::Ended { status, trailers, .. } => {
                    heard.end = Some((status, trailers.map(|all| (*all).clone()).unwrap_or_default()));
                }
                _ => {}
            }
        }
    }
}

fn stands_in(all: &HeaderMap, expected: Metadata) -> Result<(), Failure> {
    for (name, value) in expected {
        if all.get(*name).is_none_or(|got| got != value) {
            return Err(format!("no {name}: {value} in {all:?}").into());
        }
    }
    Ok(())
}

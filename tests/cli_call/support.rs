//! The program with its pipes, servers for it, and peers that say what they are told to.

use std::{
    convert::Infallible,
    fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use hyper::{server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost_types::FileDescriptorSet;
use serde_json::Value;
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic_reflection::server::Builder;
use tower_service::Service as _;

/// The scripted HTTP/2 peers of the rpc room's tests.
#[allow(dead_code)]
#[path = "../rpc/support/peer.rs"]
pub(crate) mod peer;

/// Longer than anything here may take without being a fault.
pub(crate) const GUARD: Duration = Duration::from_secs(20);

/// Waits for something that must come.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(GUARD, what).await.expect("it did not come in time")
}

/// The program, in an environment that names no server.
pub(crate) fn greeter() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
    command.env_remove("GREETER_ADDR");
    command
}

/// A child that is born while another's pipes are made would keep them open.
fn one_birth_at_a_time() -> MutexGuard<'static, ()> {
    static BIRTHS: Mutex<()> = Mutex::new(());
    BIRTHS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a command line came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Said {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// The lines of `--json`, each of which is one object.
    pub(crate) fn events(&self) -> Vec<Value> {
        let line = |line: &str| -> Value {
            let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert!(value.is_object(), "{line}");
            value
        };
        assert!(self.stdout.is_empty() || self.stdout.ends_with('\n'), "{:?}", self.stdout);
        self.stdout.split_terminator('\n').map(line).collect()
    }

    /// The kinds of the events, in their order.
    pub(crate) fn kinds(&self) -> Vec<String> {
        self.events().iter().map(|event| event["event"].as_str().unwrap().to_owned()).collect()
    }
}

/// `greeter call` with these arguments and nothing on stdin.
pub(crate) fn call(args: &[&str]) -> Said {
    call_with(args, b"")
}

/// `greeter call` with these arguments and this on stdin.
pub(crate) fn call_with(args: &[&str], stdin: &[u8]) -> Said {
    let mut calling = Calling::start(args);
    let (mut to, stdin) = (calling.stdin.take().unwrap(), stdin.to_vec());
    // It may end before it has read all.
    thread::spawn(move || drop(to.write_all(&stdin)));
    calling.end()
}

/// A `greeter call` under way. It is killed with this.
pub(crate) struct Calling {
    child: Child,
    pub(crate) stdin: Option<ChildStdin>,
    stdout: Option<BufReader<ChildStdout>>,
    stderr: Option<BufReader<ChildStderr>>,
}

impl Calling {
    pub(crate) fn start(args: &[&str]) -> Self {
        let mut command = greeter();
        command.arg("call").args(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = {
            let _alone = one_birth_at_a_time();
            command.spawn().unwrap()
        };
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(BufReader::new);
        let stderr = child.stderr.take().map(BufReader::new);
        Self { child, stdin, stdout, stderr }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes a line to its stdin.
    pub(crate) fn say(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).unwrap();
    }

    /// The next line of its stdout, without the line break.
    pub(crate) fn line(&mut self) -> String {
        let mut stdout = self.stdout.take().unwrap();
        let (line, stdout) = in_time(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            (line, stdout)
        });
        self.stdout = Some(stdout);
        line.strip_suffix('\n').unwrap_or_else(|| panic!("no line: {line:?}")).to_owned()
    }

    /// The next line of its stderr, without the line break.
    pub(crate) fn talk(&mut self) -> String {
        let mut stderr = self.stderr.take().unwrap();
        let (line, stderr) = in_time(move || {
            let mut line = String::new();
            stderr.read_line(&mut line).unwrap();
            (line, stderr)
        });
        self.stderr = Some(stderr);
        line.strip_suffix('\n').unwrap_or_else(|| panic!("no line: {line:?}")).to_owned()
    }

    /// Nobody reads its stdout any more.
    pub(crate) fn close_stdout(&mut self) {
        self.stdout = None;
    }

    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    /// Waits for its end, reading nothing.
    pub(crate) fn ends_unread(mut self, code: i32) {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < GUARD, "it does not end");
            thread::park_timeout(Duration::from_millis(2));
        };
        assert_eq!(status.code(), Some(code));
    }

    /// Waits for its end; what it still said is taken in.
    pub(crate) fn end(mut self) -> Said {
        drop(self.stdin.take());
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take().unwrap());
        let text = |stream: Option<Box<dyn Read + Send>>| {
            thread::spawn(move || {
                let mut text = Vec::new();
                if let Some(mut stream) = stream {
                    stream.read_to_end(&mut text).unwrap();
                }
                String::from_utf8(text).unwrap()
            })
        };
        let stdout = text(stdout.map(|stdout| Box::new(stdout) as _));
        let stderr = text(Some(Box::new(stderr)));
        let (stdout, stderr) = in_time(move || (stdout.join().unwrap(), stderr.join().unwrap()));
        Said { code: self.child.wait().unwrap().code(), stdout, stderr }
    }
}

#[cfg(target_os = "linux")]
impl Calling {
    /// Waits until it does nothing but wait: its stdout is full, and the server is held back.
    pub(crate) fn waits_for_its_reader(&self) {
        let busy = || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
            (fields[11].to_owned(), fields[12].to_owned())
        };
        let (began, mut before, mut still) = (Instant::now(), busy(), 0);
        // Ticks are 10 ms each: twenty looks without one.
        while still < 20 {
            assert!(began.elapsed() < GUARD, "it does not come to rest");
            thread::park_timeout(Duration::from_millis(10));
            let now = busy();
            still = if now == before { still + 1 } else { 0 };
            before = now;
        }
    }

    /// The most memory that it had, in bytes.
    pub(crate) fn peak_of_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits no longer than a test may.
pub(crate) fn in_time<T: Send + 'static>(what: impl FnOnce() -> T + Send + 'static) -> T {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(what()));
    told.recv_timeout(GUARD).expect("it did not come in time")
}

/// A `greeter serve` that said where it listens. It is killed with this.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: String,
}

impl Serving {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", args)
    }

    pub(crate) fn start_at(address: &str, args: &[&str]) -> Self {
        let mut command = greeter();
        command.args(["serve", "--listen", address]).args(args).stdout(Stdio::piped());
        let mut child = {
            let _alone = one_birth_at_a_time();
            command.spawn().unwrap()
        };
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line:?}"));
        Self { child, address: address.trim_end().to_owned() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `greeter call` with these arguments, run beside a peer of this test.
pub(crate) async fn beside(args: &[&str]) -> Said {
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    let run = tokio::task::spawn_blocking(move || {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        call(&args)
    });
    run.await.unwrap()
}

/// Anything else of the program, to its end.
pub(crate) fn run(command: &mut Command) -> Said {
    let child = {
        let _alone = one_birth_at_a_time();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    Said::of(child.wait_with_output().unwrap())
}

/// The address of a server that has reflection, and by it two unary methods in one service; it answers neither.
pub(crate) async fn counts() -> String {
    const PROTO: &str = "syntax = \"proto3\"; package test; message Count { int32 value = 1; } \
                         service Counts { rpc Up(Count) returns (Count); rpc Down(Count) returns (Count); }";
    reflecting(&[("counts.proto", PROTO)], &["test.Counts"]).await
}

/// The address of a server that has nothing but reflection, of these services in these files.
pub(crate) async fn reflecting(files: &[(&str, &str)], services: &[&str]) -> String {
    let any = protox::file::GoogleFileResolver::new();
    let any = protox::file::FileResolver::open_file(&any, "google/protobuf/any.proto").unwrap();
    let compiled =
        |(name, proto): &(&str, &str)| protox::file::File::from_source(name, proto).unwrap().into();
    let file = std::iter::once(any.into()).chain(files.iter().map(compiled)).collect();
    let mut reflection = Builder::configure().register_file_descriptor_set(FileDescriptorSet { file });
    for service in services {
        reflection = reflection.with_service_name(*service);
    }
    let routes = Routes::new(reflection.build_v1().unwrap()).prepare();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let routes = routes.clone();
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let mut routes = routes.clone();
                async move { Ok::<_, Infallible>(routes.call(request).await.unwrap()) }
            });
            let connection = http2::Builder::new(TokioExecutor::new());
            tokio::spawn(connection.serve_connection(TokioIo::new(tcp), service));
        }
    });
    address
}

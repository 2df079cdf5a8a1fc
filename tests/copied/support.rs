//! Servers for copied commands, calls to be copied, and a shell that runs them.

use std::{
    collections::HashMap,
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use greeter::{
    rpc::{CallId, ChannelSettings, Entry, Target, What, Wish, metadata},
    schema::{Contract, Kind, Method, NamedFiles, split},
    tui::{
        action::Tool,
        model::{Call, Metadata, Way},
        shell::command,
    },
};

const GREETER: &str = env!("CARGO_BIN_EXE_greeter");

/// The embedded server in a process of its own.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: String,
}

impl Serving {
    pub(crate) fn start(flags: &[&str]) -> Self {
        let mut command = Command::new(GREETER);
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(flags).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (_, address) = line.trim().split_once("://").unwrap();
        Self { address: address.to_owned(), child }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A way to a server whose methods it tells itself.
pub(crate) fn way(address: &str, wish: Wish, reach: ChannelSettings) -> Arc<Way> {
    let target = Target::parse(address, wish).unwrap();
    Arc::new(Way { target, reach, files: NamedFiles::default() })
}

pub(crate) fn plaintext(address: &str) -> Arc<Way> {
    way(address, Wish::Plaintext, ChannelSettings::default())
}

/// A way in plaintext to a server whose methods are known by files.
pub(crate) fn described(address: &str, reach: ChannelSettings, files: NamedFiles) -> Arc<Way> {
    Arc::new(Way { target: Target::parse(address, Wish::Plaintext).unwrap(), reach, files })
}

/// The method of the default contract.
pub(crate) fn greeting(kind: Kind) -> Method {
    Contract::default().of_kind(kind).next().unwrap().clone()
}

/// A call with these messages, sent as its kind sends them.
pub(crate) fn call(method: &Method, messages: &[Bytes], way: Arc<Way>) -> Call {
    let request = (!method.kind().sends_stream()).then(|| messages[0].clone());
    let is_one = request.is_some();
    let mut call = Call::new(CallId(1), method.clone(), request, Instant::now());
    call.way = Some(way);
    for message in messages.iter().filter(|_| !is_one) {
        call.record.push(Entry { at: Duration::ZERO, what: What::Sent(message.clone()) });
    }
    call
}

/// A call of the default contract with these names.
pub(crate) fn greet(kind: Kind, names: &[&str], way: Arc<Way>) -> Call {
    let method = greeting(kind);
    let messages: Vec<_> = names.iter().map(|name| named(&method, name)).collect();
    call(&method, &messages, way)
}

fn named(method: &Method, name: &str) -> Bytes {
    method.request().encode(&serde_json::json!({ "name": name }).to_string()).unwrap()
}

/// Replies of the default contract with these texts.
pub(crate) fn greetings(texts: &[&str]) -> Vec<Bytes> {
    let reply = greeting(Kind::Unary).reply().clone();
    texts
        .iter()
        .map(|text| reply.encode(&serde_json::json!({ "message": text }).to_string()).unwrap())
        .collect()
}

/// Metadata as it is typed on the screen, where the environment has [`ENVIRONMENT`].
pub(crate) fn typed(written: &str) -> Metadata {
    let environment = HashMap::from(ENVIRONMENT);
    let looked_up = |name: &str| environment.get(name).map(|value| (*value).to_owned());
    let (key, value) = metadata::parse(written, looked_up).unwrap();
    Metadata { written: written.to_owned(), key, value }
}

/// The variables of the shell: quotes and dollars in them are nobody's to read.
pub(crate) const ENVIRONMENT: [(&str, &str); 6] = [
    ("TOKEN", "hu'sh \"$HOME\" ${HOME} `id`"),
    ("BYTES", "AAH/"),
    ("COOKIE", "a=1"),
    ("COOKIE_2", "b=2"),
    ("COOKIE_3", "c=3; d=AAH/"),
    ("AUTHORIZATION", "never typed"),
];

/// What a shell says that runs a command, both tools being in its PATH.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn run(command: &str, folder: &Path) -> Ran {
    let bin = Path::new(GREETER).parent().unwrap().to_owned();
    let path = env::join_paths([bin].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())));
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path.unwrap())
        .env_remove("GREETER_ADDR")
        .envs(ENVIRONMENT)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The replies that a copied command prints, run in a folder that knows nothing of where it was copied.
pub(crate) fn replies(tool: Tool, call: &Call) -> Vec<Bytes> {
    let command = command(tool, call, None).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let ran = match tool {
        // As data: what is printed for people is text where there is one.
        Tool::Greeter => run(&format!("{command} --json"), elsewhere.path()),
        Tool::Grpcurl => run(&command, elsewhere.path()),
    };
    assert_eq!(ran.code, Some(0), "{command}\n{}{}", ran.stdout, ran.stderr);
    let encode = |json: &str| call.method.reply().encode_json(json).unwrap();
    match tool {
        Tool::Greeter => {
            let events =
                ran.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            let messages = events.filter(|event| event["event"] == "message");
            messages.map(|event| encode(&event["message"].to_string())).collect()
        }
        Tool::Grpcurl => split(&ran.stdout).unwrap().into_iter().map(encode).collect(),
    }
}

//! A call as a command for a shell, so that it can be made again elsewhere: for grpcurl, and for greeter itself. It
//! contains no secrets but environment variables in their place.

use std::{collections::BTreeSet, net::SocketAddr, path::Path, time::Duration};

use thiserror::Error;

use super::{
    action::Tool,
    model::{Call, Metadata, Way},
};
use crate::{
    rpc::{ChannelSettings, DEFAULT_MAX_REPLY, Keepalive, Readiness, Security, Target, Trust, What, Wish},
    schema::{NamedFiles, Unreadable},
    text,
};

/// The longest command, in bytes: no terminal's clipboard takes a longer one.
const MAX_COMMAND: usize = 64 << 10;

/// Why there is no command that makes a call again. Each is one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoCommand {
    /// It was made while there was no server.
    #[error("this call went to no server")]
    Nowhere,
    /// A message is broken.
    #[error("a message of this call cannot be written as JSON")]
    Unreadable,
    /// A message has fields that the type does not know, or the like.
    #[error("grpcurl takes no field by its number, nor an Any that is not known: copy it for greeter")]
    OwnForms,
    /// Its messages are large, or many.
    #[error("a command of more than {} is too long to be copied", text::size(MAX_COMMAND as u64))]
    TooLong,
    /// Its record holds the newest messages only.
    #[error("the beginning of what this call sent is no longer kept")]
    LetGo,
    /// The screen can look up this variable, but a shell cannot.
    #[error("a shell has no variable called {0}")]
    Variable(text::Safe),
    /// A file's name is not text.
    #[error("the name of {0} is not UTF-8")]
    Path(text::Safe),
    /// grpcurl takes the bytes of metadata as base64 alone.
    #[error("grpcurl takes no hex, and what {0} holds is not for a command: put base64 in the variable")]
    Hex(text::Safe),
    /// grpcurl has one name for both.
    #[error("grpcurl cannot expect a certificate for {certificate} and call the server {authority}")]
    TwoNames {
        /// The name of the certificate.
        certificate: text::Safe,
        /// The calls' `:authority`.
        authority: text::Safe,
    },
}

/// The command that makes the same call where it was made, in one line for a POSIX shell. `in_use` is the address
/// that is connected to now, where the server has several.
pub fn command(tool: Tool, call: &Call, in_use: Option<SocketAddr>) -> Result<String, NoCommand> {
    let way = call.way.as_deref().ok_or(NoCommand::Nowhere)?;
    let messages = messages(tool, call)?;
    let method = call.method.path();
    let method = method.as_str().trim_start_matches('/');
    let mut flags = Flags::of(tool);
    flags.security(&way.target, &way.reach)?;
    flags.connection(&way.reach);
    flags.call(call);
    flags.metadata(&call.metadata)?;
    flags.files(&way.files)?;
    let command = match tool {
        Tool::Greeter => {
            let address = way.target.to_string();
            let mut words = vec!["greeter call".to_owned(), quoted(method)];
            // Without a message it would read from stdin, and what is not an object would be read as text.
            if !messages.is_empty() && messages.iter().all(|message| message.starts_with('{')) {
                words.extend(messages.iter().map(|message| quoted(message)));
            } else {
                words.extend(["-d".to_owned(), quoted(&messages.join(" "))]);
            }
            words.extend(["--addr".to_owned(), quoted(&address), flags.joined()]);
            joined(words)
        }
        Tool::Grpcurl => {
            flags.value("d", &messages.join(" "));
            let address = address_for_grpcurl(way, in_use, &mut flags);
            joined(vec!["grpcurl".to_owned(), flags.joined(), quoted(&address), quoted(method)])
        }
    };
    if command.len() > MAX_COMMAND { Err(NoCommand::TooLong) } else { Ok(command) }
}

/// A server's address as it is typed to reach it in the same way: `demo.test:443 --cacert 'my papers/ca.pem'`.
pub fn address(way: &Way) -> String {
    let address = way.target.to_string();
    let mut flags = Flags::of(Tool::Greeter);
    // A file whose name is no text cannot be typed.
    let _ = flags.security(&way.target, &way.reach);
    flags.connection(&way.reach);
    // The address says that itself.
    let own = match Target::parse(&address, Wish::ByAddress).map(|target| target.security()) {
        Ok(Security::Plaintext) => "--plaintext",
        Ok(Security::Tls) => "--tls",
        Err(_) => "",
    };
    flags.words.retain(|word| word != own);
    let flags = flags.joined();
    if flags.is_empty() { address } else { format!("{} {flags}", quoted(&address)) }
}

/// What a server behind a socket is called ("gRPC Name Resolution", `unix`).
const LOCAL_NAME: &str = "localhost";

/// What was sent, each message as JSON. Stops as soon as that is too long for a command.
fn messages(tool: Tool, call: &Call) -> Result<Vec<String>, NoCommand> {
    let mut room = MAX_COMMAND;
    let request = call.method.request();
    let written = |bytes: &bytes::Bytes, room| match tool {
        Tool::Greeter => request.json_within(bytes, room),
        Tool::Grpcurl => request.json_for_all_within(bytes, room),
    };
    let mut json = |bytes: &bytes::Bytes| match written(bytes, room) {
        Ok(json) => {
            room = room.saturating_sub(json.len());
            Ok(json)
        }
        Err(Unreadable::TooLong { .. }) => Err(NoCommand::TooLong),
        Err(Unreadable::OwnForms) => Err(NoCommand::OwnForms),
        Err(Unreadable::TooDeep { .. } | Unreadable::Formless | Unreadable::Broken(_)) => {
            Err(NoCommand::Unreadable)
        }
    };
    if let Some(request) = &call.request {
        return Ok(vec![json(request)?]);
    }
    let sent = call.record.entries().filter_map(|entry| match entry.what {
        What::Sent(bytes) => Some(bytes),
        _ => None,
    });
    let kept: Vec<_> = sent.collect();
    if call.record.counts().sent > kept.len() as u64 {
        return Err(NoCommand::LetGo);
    }
    kept.iter().map(json).collect()
}

/// grpc-go knows neither `ipv4:` nor `ipv6:`, and has a flag for a socket.
fn address_for_grpcurl(way: &Way, in_use: Option<SocketAddr>, flags: &mut Flags) -> String {
    let address = way.target.to_string();
    let socket = match (address.strip_prefix("unix:"), address.strip_prefix("unix-abstract:")) {
        (Some(path), _) => Some(path.to_owned()),
        (_, Some(name)) => Some(format!("@{name}")),
        _ => None,
    };
    if let Some(socket) = socket {
        flags.flag("unix");
        if way.reach.authority.is_none() {
            // It would call the server by the socket's path, which servers refuse.
            flags.value("authority", way.reach.tls.server_name.as_deref().unwrap_or(LOCAL_NAME));
        }
        return socket;
    }
    let several = address.strip_prefix("ipv4:").or_else(|| address.strip_prefix("ipv6:"));
    let Some(several) = several else { return address };
    let in_use = in_use.map(|address| address.to_string());
    let known = several.split(',').find(|address| in_use.as_deref() == Some(*address));
    known.or_else(|| several.split(',').next()).unwrap_or(several).to_owned()
}

/// Flags, by the names that both tools have for them.
struct Flags {
    tool: Tool,
    words: Vec<String>,
}

impl Flags {
    fn of(tool: Tool) -> Self {
        Self { tool, words: Vec::new() }
    }

    fn joined(self) -> String {
        joined(self.words)
    }

    fn flag(&mut self, name: &str) {
        let dashes = if self.tool == Tool::Greeter && name.len() > 1 { "--" } else { "-" };
        self.words.push(format!("{dashes}{name}"));
    }

    fn value(&mut self, name: &str, value: &str) {
        self.flag(name);
        self.words.push(quoted(value));
    }

    fn seconds(&mut self, name: &str, time: Duration) {
        self.value(name, &time.as_secs_f64().to_string());
    }

    fn path(&mut self, name: &str, path: &Path) -> Result<(), NoCommand> {
        let text = path.to_str().ok_or_else(|| NoCommand::Path(shown(&path.to_string_lossy())))?;
        self.value(name, text);
        Ok(())
    }

    /// How the connection is protected, which servers it trusts, and our identity.
    fn security(&mut self, target: &Target, reach: &ChannelSettings) -> Result<(), NoCommand> {
        let before = self.words.len();
        match target.security() {
            Security::Plaintext => self.flag("plaintext"),
            Security::Tls => {
                match &reach.tls.trust {
                    Trust::Anybody => self.flag("insecure"),
                    Trust::Only(authorities) => {
                        if let Some(file) = authorities.file() {
                            self.path("cacert", file)?;
                        }
                    }
                    Trust::System => {}
                }
                if let Some(identity) = &reach.tls.identity {
                    let [certificate, key] = identity.files();
                    self.path("cert", certificate)?;
                    self.path("key", key)?;
                }
                self.server_name(reach)?;
                // Without a flag grpcurl uses TLS.
                if self.words.len() == before && self.tool == Tool::Greeter {
                    self.flag("tls");
                }
            }
        }
        if let Some(authority) = &reach.authority {
            self.value("authority", authority.as_str());
        }
        Ok(())
    }

    /// The settings of the connection, apart from its protection.
    fn connection(&mut self, reach: &ChannelSettings) {
        let usual = ChannelSettings::default();
        if reach.connect_timeout != usual.connect_timeout {
            self.seconds("connect-timeout", reach.connect_timeout);
        }
        if let Some(Keepalive { time, timeout }) = reach.keepalive {
            self.seconds("keepalive-time", time);
            if timeout != Keepalive::TIMEOUT && self.tool == Tool::Greeter {
                self.seconds("keepalive-timeout", timeout);
            }
        }
        let own = usual.user_agent.to_str().unwrap_or_default();
        let agent = reach.user_agent.to_str().unwrap_or_default();
        if let Some(name) = agent.strip_suffix(own).map(str::trim_end).filter(|name| !name.is_empty()) {
            self.value("user-agent", name);
        }
    }

    /// The settings of the call, apart from its metadata. grpcurl neither compresses nor limits what it sends, and
    /// fails if it cannot connect.
    fn call(&mut self, call: &Call) {
        if let Some(deadline) = call.deadline {
            self.seconds("max-time", deadline);
        }
        // grpcurl's limit holds for its reflection too, of which a low one is the end.
        let least = if self.tool == Tool::Grpcurl { DEFAULT_MAX_REPLY } else { 0 };
        if call.sizes.reply != DEFAULT_MAX_REPLY && call.sizes.reply >= least {
            self.value("max-msg-sz", &call.sizes.reply.to_string());
        }
        if self.tool == Tool::Grpcurl {
            return;
        }
        if let Some(limit) = call.sizes.request {
            self.value("max-send-sz", &limit.to_string());
        }
        if let Some(encoding) = call.compression {
            self.value("compress", encoding.name());
        }
        if call.readiness == Readiness::WaitForReady {
            self.flag("wait-for-ready");
        }
    }

    /// The name of the certificate. grpcurl takes the authority for it, including the port, and accepts no other.
    fn server_name(&mut self, reach: &ChannelSettings) -> Result<(), NoCommand> {
        let name = reach.tls.server_name.as_deref();
        let Some(authority) = reach.authority.as_ref().filter(|_| self.tool == Tool::Grpcurl) else {
            if let Some(name) = name {
                self.value("servername", name);
            }
            return Ok(());
        };
        let expected = name.unwrap_or(authority.host());
        if expected == authority.as_str() || reach.tls.trust == Trust::Anybody {
            return Ok(());
        }
        let (certificate, authority) = (shown(expected), shown(authority.as_str()));
        Err(NoCommand::TwoNames { certificate, authority })
    }

    fn metadata(&mut self, metadata: &[Metadata]) -> Result<(), NoCommand> {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        for piece in metadata {
            taken.extend(text::variables(&piece.written).map(str::to_owned));
        }
        if let Some(name) = taken.iter().find(|name| !is_identifier(name)) {
            return Err(NoCommand::Variable(shown(name)));
        }
        for piece in metadata {
            let word = self.header(piece, &mut taken)?;
            self.words.extend(word);
        }
        Ok(())
    }

    /// As it was typed, variables and all. A secret that was typed itself becomes a variable named after its key.
    fn header(&self, piece: &Metadata, taken: &mut BTreeSet<String>) -> Result<[String; 2], NoCommand> {
        let key = piece.key.as_str();
        let (_, value) = piece.written.split_once(':').unwrap_or_default();
        let value = value.trim();
        let flag = |word| Ok(["-H".to_owned(), word]);
        if piece.written.contains("${") && !piece.tells_a_secret() {
            if self.tool == Tool::Grpcurl && key.ends_with("-bin") && value.starts_with("hex:") {
                return Err(NoCommand::Hex(shown(value)));
            }
            return flag(self.with_variables(&piece.written));
        }
        if text::is_secret(key) {
            let name = variable(key, taken);
            let word = self.with_variables(&format!("{key}: ${{{name}}}"));
            taken.insert(name);
            return flag(word);
        }
        match (self.tool, piece.value.to_str()) {
            // grpc-go keeps this key to itself.
            (Tool::Grpcurl, Ok(agent)) if key == "user-agent" => {
                Ok(["-user-agent".to_owned(), quoted(agent)])
            }
            // The bytes in base64, as they are on the wire; only greeter reads hex.
            (Tool::Grpcurl, Ok(base64)) if key.ends_with("-bin") => flag(quoted(&format!("{key}: {base64}"))),
            _ => flag(quoted(&piece.written)),
        }
    }

    /// A word with variables in it. Greeter expands them itself: where the shell had done it before, `${` in a secret's
    /// value would be taken for another variable.
    fn with_variables(&self, word: &str) -> String {
        match self.tool {
            Tool::Greeter => quoted(word),
            Tool::Grpcurl => expanding(word),
        }
    }

    fn files(&mut self, files: &NamedFiles) -> Result<(), NoCommand> {
        let NamedFiles { sources, import_paths, sets } = files;
        for (name, paths) in [("import-path", import_paths), ("proto", sources), ("protoset", sets)] {
            for path in paths {
                self.path(name, path)?;
            }
        }
        Ok(())
    }
}

fn joined(words: Vec<String>) -> String {
    let some: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    some.join(" ")
}

fn shown(text: &str) -> text::Safe {
    text::Safe::cut(text, 60)
}

/// A name for a variable with the value of a key, not used by another one.
fn variable(key: &str, taken: &BTreeSet<String>) -> String {
    let name = key.to_ascii_uppercase().replace(['-', '.'], "_");
    let numbered = (2..).map(|number: u32| format!("{name}_{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or(name)
}

/// Whether a shell takes it for a variable's name (POSIX, "Name").
fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// One word for a POSIX shell, in which nothing is expanded.
fn quoted(word: &str) -> String {
    let is_plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | ',' | '@');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// One word for a POSIX shell, in which `${VARIABLE}` is expanded and nothing else.
fn expanding(word: &str) -> String {
    let mut quoted = String::from("\"");
    for (at, c) in word.char_indices() {
        let is_variable = c == '$' && word[at..].starts_with("${");
        match c {
            // In double quotes bash would expand it from its history.
            '!' => quoted.push_str("\"'!'\""),
            '"' | '\\' | '`' => quoted.extend(['\\', c]),
            '$' if !is_variable => quoted.push_str("\\$"),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

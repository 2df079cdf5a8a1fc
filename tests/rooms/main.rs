//! The rooms' order, kept by reading the sources: who may use whom, what is pure, and that nothing
//! but the server knows a method of the Greeter by name. `ARCHITECTURE.md` says why.

#![allow(clippy::unwrap_used)]

mod paths;

use std::{
    fs,
    path::{Path, PathBuf},
};

use paths::Source;

/// Each room, and the rooms that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("main", &["cli", "commands"]),
    ("commands", &["cli", "tui", "check", "schema", "rpc", "wire", "server", "certs", "compression", "text"]),
    ("cli", &["server", "compression", "text"]),
    ("tui", &["schema", "rpc", "wire", "server", "certs", "compression", "text", "held"]),
    ("check", &["schema", "rpc", "text", "held"]),
    ("schema", &["rpc", "wire", "text"]),
    ("rpc", &["wire", "certs", "compression", "text", "held"]),
    ("wire", &["compression", "text", "held"]),
    ("server", &["certs", "text", "held"]),
    ("certs", &["text"]),
    ("compression", &["text"]),
    ("text", &[]),
    ("held", &[]),
];

/// Who may start and stop servers. The rest knows their plain data alone.
const HANDS_ON_THE_SERVER: &[&str] = &["commands", "tui::effects", "tui::session"];
const DATA_OF_THE_SERVER: &[&str] =
    &["server::Settings", "server::Counts", "server::CallLine", "server::CallEnd"];

/// Each part of `tui`, and what it may use of the others. `tui/mod.rs`, the loop, uses them all.
const PARTS: &[(&str, &[&str])] = &[
    ("action", &[]),
    ("help", &["action"]),
    ("model", &["action"]),
    ("layout", &["model", "help"]),
    ("update", &["action", "model", "layout", "help", "save", "shell"]),
    ("input", &["action", "model", "update::Msg", "update::MouseInput"]),
    ("view", &["action", "model", "layout", "help", "update::entry", "update::MAX_PASTED_LINES"]),
    ("history", &["model::Sent"]),
    ("save", &["action", "model"]),
    ("shell", &["action", "model"]),
    ("effects", &["action::Saved", "history", "model", "reader", "save", "update"]),
    ("session", &["effects", "history", "input", "model", "reader", "update"]),
    ("reader", &[]),
    ("gate", &[]),
    ("terminal", &["background", "model"]),
    ("background", &["view::Background"]),
    ("signals", &[]),
    ("events", &[]),
    ("editor", &["model", "scratch"]),
    ("scratch", &[]),
    ("hangup", &["scratch", "signals", "terminal"]),
    ("panic", &["terminal"]),
];

/// Parts of `tui` that do nothing but compute.
const PURE: &[&str] = &["action", "help", "input", "model", "layout", "save", "shell", "update", "view"];
/// What a part that only computes does not name.
const IMPURE: &[&str] = &[
    "std::io",
    "std::fs",
    "std::env",
    "std::net::TcpStream",
    "std::process",
    "std::thread",
    "tokio",
    "Instant::now",
    "SystemTime",
    "println",
    "eprintln",
];

/// Crates that belong to some rooms only.
const CRATES: &[(&[&str], &[&str])] = &[
    (&["ratatui", "crossterm"], &["tui"]),
    (&["h2"], &["rpc"]),
    (&["hyper", "hyper_util", "tonic_health"], &["server"]),
    (&["tonic"], &["rpc", "server"]),
    (&["prost_reflect"], &["schema"]),
    (&["rustls", "tokio_rustls"], &["rpc", "server", "certs"]),
    (&["flate2", "zstd"], &["compression"]),
    (&["yasna", "ring", "rcgen"], &["certs"]),
    (&["clap", "clap_complete", "clap_mangen"], &["cli"]),
];

/// The rooms that may know the Greeter's methods: who answers them, and who gives examples of them.
const KNOW_THE_GREETER: [&str; 2] = ["server", "cli"];

/// A source by its place: `src/tui/view/mod.rs` is `["tui", "view"]`.
struct Module {
    file: String,
    path: Vec<String>,
    text: String,
}

impl Module {
    fn new(file: &str, text: &str) -> Self {
        let place = file.trim_start_matches("src/").trim_end_matches(".rs");
        let path = place.split('/').filter(|part| !matches!(*part, "mod" | "lib")).map(str::to_owned);
        Self { file: file.to_owned(), path: path.collect(), text: text.to_owned() }
    }

    fn room(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }

    /// A part of `tui`.
    fn part(&self) -> Option<&str> {
        if self.room() == "tui" { self.path.get(1).map(String::as_str) } else { None }
    }

    /// A path from the crate's root, where it is one of ours: `["tui", "model", "Model"]`.
    fn resolved(&self, path: &paths::Path) -> Option<Vec<String>> {
        let mut place: Vec<String> = self.path.iter().chain(&path.within).cloned().collect();
        let (first, mut rest) = path.segments.split_first()?;
        match first.as_str() {
            "crate" => place.clear(),
            "greeter" if self.room() == "main" => place.clear(),
            "self" => {}
            "super" => {
                place.pop();
                while let Some((next, after)) = rest.split_first()
                    && next == "super"
                {
                    place.pop();
                    rest = after;
                }
            }
            _ => return None,
        }
        Some(place.into_iter().chain(rest.iter().cloned()).collect())
    }
}

/// Whether a path begins with another, segment by segment.
fn begins(path: &[String], with: &str) -> bool {
    let mut segments = path.iter();
    with.split("::").all(|part| segments.next().is_some_and(|segment| segment == part))
}

fn holds(path: &[String], inner: &str) -> bool {
    (0..path.len()).any(|at| begins(&path[at..], inner))
}

/// Everything about a module that is not in order, in sentences.
fn faults(module: &Module, greeter_methods: &[String]) -> Vec<String> {
    let source = Source::read(&module.text);
    let mut faults = Vec::new();
    if !module.text.starts_with("//! ") {
        faults.push(format!("{}: does not begin with //!, why it exists", module.file));
    }
    for path in source.paths() {
        let at = format!("{}:{}", module.file, path.line);
        let fault = match module.resolved(&path) {
            Some(ours) => fault_of_ours(module, &ours),
            None => fault_of_foreign(module, &path.segments),
        };
        faults.extend(fault.map(|fault| format!("{at}: {fault}")));
    }
    if !KNOW_THE_GREETER.contains(&module.room()) {
        for method in greeter_methods {
            let lines = source.lines_with(method);
            faults.extend(lines.iter().map(|line| format!("{}:{line}: knows {method}", module.file)));
        }
    }
    faults
}

fn fault_of_ours(module: &Module, path: &[String]) -> Option<String> {
    let (room, name) = (module.room(), path.join("::"));
    let target = path.first()?;
    if room.is_empty() {
        return None;
    }
    if target != room {
        let allowed = ROOMS.iter().find(|(name, _)| *name == room).map_or(&[][..], |(_, allowed)| allowed);
        if !allowed.contains(&target.as_str()) {
            return Some(format!("{room} uses {name}, which is not below it"));
        }
        let has_hands = HANDS_ON_THE_SERVER.iter().any(|who| begins(&module.path, who));
        if target == "server" && !has_hands && !DATA_OF_THE_SERVER.iter().any(|data| begins(path, data)) {
            return Some(format!(
                "{} uses {name}, and may know Settings and Counts alone",
                module.path.join("::")
            ));
        }
        return None;
    }
    let (part, used) = (module.part()?, path.get(1..).filter(|used| !used.is_empty())?);
    if used[0] == part {
        return None;
    }
    let allowed = PARTS.iter().find(|(name, _)| *name == part).map_or(&[][..], |(_, allowed)| allowed);
    let fits = allowed.iter().any(|allowed| begins(used, allowed));
    (!fits).then(|| format!("tui::{part} uses {name}, which is not below it"))
}

fn fault_of_foreign(module: &Module, path: &[String]) -> Option<String> {
    let name = path.join("::");
    let not_here = CRATES.iter().any(|(crates, rooms)| {
        crates.contains(&path[0].as_str()) && path.len() > 1 && !rooms.contains(&module.room())
    });
    if not_here {
        return Some(format!("{} uses {name}, a crate of another room", module.room()));
    }
    let pure = module.part().is_some_and(|part| PURE.contains(&part));
    let impure = IMPURE.iter().any(|impure| holds(path, impure));
    (pure && impure).then(|| format!("{} uses {name}, and is to be pure", module.path.join("::")))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names that must not be known: of the contracts, and of the code generated from them.
fn greeter_methods() -> Vec<String> {
    let files = fs::read_dir(root().join("proto")).unwrap().map(|file| file.unwrap().path());
    let protos: String =
        files.filter(|file| file.is_file()).map(|file| fs::read_to_string(file).unwrap()).collect();
    let declared = protos.lines().filter_map(|line| line.trim().strip_prefix("rpc "));
    let names = declared.map(|rest| rest.split('(').next().unwrap().trim().to_owned());
    names.flat_map(|name| [snake_case(&name), name]).collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

fn modules() -> Vec<Module> {
    fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                collect(&entry, found);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                found.push(entry);
            }
        }
    }
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    files.sort();
    let module = |file: &PathBuf| {
        let place = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        Module::new(&place, &fs::read_to_string(file).unwrap())
    };
    files.iter().map(module).collect()
}

#[test]
fn every_room_keeps_the_order() {
    let modules = modules();
    assert!(modules.len() > 50, "only {} sources were found", modules.len());
    let methods = greeter_methods();
    let faults: Vec<String> = modules.iter().flat_map(|module| faults(module, &methods)).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn every_room_and_part_has_its_row() {
    for module in modules() {
        let (room, part) = (module.room(), module.part());
        assert!(
            room.is_empty() || ROOMS.iter().any(|(name, _)| *name == room),
            "{}: no row in ROOMS",
            module.file
        );
        let has_row = part.is_none_or(|part| PARTS.iter().any(|(name, _)| *name == part));
        assert!(has_row, "{}: no row in PARTS", module.file);
    }
}

#[test]
fn the_greeters_methods_are_read_from_the_contracts() {
    let methods = greeter_methods();
    for name in ["SayHello", "SayHelloBiDiStreaming", "LotsOfGreetings", "lots_of_replies", "say_hello"] {
        assert!(methods.iter().any(|method| method == name), "{name} is not in {methods:?}");
    }
}

/// What is found in a made-up source.
fn found(file: &str, code: &str) -> Vec<String> {
    faults(&Module::new(file, &format!("//! Why.\n{code}")), &["SayHello".to_owned()])
}

#[test]
fn what_is_in_order_passes() {
    for (file, code) in [
        ("src/main.rs", "use greeter::{cli, commands};"),
        ("src/rpc/call.rs", "use super::Status; use crate::{rpc::status::Code, wire::Tap}; use h2::client;"),
        ("src/tui/effects.rs", "use crate::server::Server;"),
        ("src/tui/model/link.rs", "use crate::server::{Counts, Settings}; use std::net::SocketAddr;"),
        ("src/tui/view/pane.rs", "use crate::tui::{layout, model::Model, update::entry};"),
        ("src/tui/view/pane.rs", "/// Not `crate::tui::effects`, not SayHello.\nfn f() {}"),
        ("src/tui/mod.rs", "use std::time::Instant; fn f() { Instant::now(); }"),
        ("src/tui/update/mod.rs", "use std::time::Instant; #[cfg(test)] mod tests { use super::*; }"),
        ("src/server/greeter.rs", "fn say() -> &'static str { \"SayHello\" }"),
    ] {
        assert_eq!(found(file, code), Vec::<String>::new(), "{file}: {code}");
    }
}

#[test]
fn what_is_not_in_order_is_found() {
    for (file, code) in [
        ("src/rpc/call.rs", "use crate::schema::Kind;"),
        ("src/rpc/call.rs", "use crate::{wire::Tap, tui::{model::Model}};"),
        ("src/rpc/call.rs", "fn f() { crate::server::Settings::default(); }"),
        ("src/rpc/call.rs", "use super::super::schema::Kind;"),
        ("src/schema/walk.rs", "use ratatui::text::Line;"),
        ("src/wire/tap.rs", "use crate::rpc::Status;"),
        ("src/server/mod.rs", "use crate::rpc::Status;"),
        ("src/server/mod.rs", "use crossterm::event::Event;"),
        ("src/text/words.rs", "use crate::wire::Tap;"),
        ("src/main.rs", "use greeter::rpc::Runtime;"),
        ("src/cli.rs", "use crate::server::Server;"),
        ("src/tui/model/link.rs", "use crate::server::Server;"),
        ("src/tui/model/pane.rs", "use super::super::view::Theme;"),
        ("src/tui/model/pane.rs", "use crate::tui::layout::window;"),
        ("src/tui/view/pane.rs", "use crate::tui::{effects::Effects, model::Model};"),
        ("src/tui/view/pane.rs", "use crate::tui::update::update;"),
        ("src/tui/layout/mod.rs", "use super::view;"),
        ("src/tui/update/keys.rs", "use crate::tui::terminal;"),
        ("src/tui/update/keys.rs", "fn f() { let now = std::time::Instant::now(); }"),
        ("src/tui/update/keys.rs", "use std::{fmt, io::{Write}};"),
        ("src/tui/view/mod.rs", "use std::time::SystemTime;"),
        ("src/tui/view/mod.rs", "fn f() { tokio::spawn(g()); }"),
        ("src/tui/view/mod.rs", "use h2::Reason;"),
        ("src/schema/contract.rs", "fn f(m: &str) -> bool { m == \"SayHello\" }"),
        ("src/tui/view/mod.rs", "fn f() { SayHelloServer::new(); }"),
    ] {
        assert_eq!(found(file, code).len(), 1, "{file}: {code}: {:?}", found(file, code));
    }
    let silent = Module::new("src/rpc/call.rs", "use super::Status;");
    assert_eq!(faults(&silent, &[]).len(), 1, "a source that does not say why it exists");
}

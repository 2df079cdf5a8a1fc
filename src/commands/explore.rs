//! `greeter` and `greeter connect`: the screen, with the embedded server or on one elsewhere.

use std::{
    env,
    io::{self, IsTerminal},
    net::{Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::{Arc, mpsc},
    time::Duration,
};

use super::{
    Failure, locale,
    reach::{elsewhere, files, named, sizes_of, typed, variable},
};
use crate::{
    cli::{self, Connect, Screen, reach::Calling},
    rpc::{Readiness, Runtime, metadata},
    server::{Server, Settings},
    tui::{
        self, AddressReader, Left, Options, Remote, Start,
        history::HistoryFile,
        model::{self, CallOptions, Described, Metadata, Mouse, Sizes},
        view::{Background, Depth, Ground, Look},
    },
};

/// So that people see the replies arrive.
const PAUSE: Duration = Duration::from_millis(300);

/// Runs the screen with the embedded server until the user leaves it.
pub(super) fn explore(screen: Screen) -> Result<ExitCode, Failure> {
    need_terminal()?;
    let runtime = Runtime::start().map_err(Failure::undone)?;
    let server = start_server(&runtime)?;
    let reader = AddressReader::new(|line| typed(line, None));
    run(Start::Embedded(server), screen, reader, &runtime)
}

/// Runs the screen on a server elsewhere until the user leaves it.
pub(super) fn connect(connect: &Connect) -> Result<ExitCode, Failure> {
    let (target, reach) = elsewhere(&connect.address, &connect.connecting)?;
    let options = options(&connect.calling)?;
    let named = named(&connect.schema)?;
    if let Some(named) = &named {
        named.need_services().map_err(Failure::usage)?;
    }
    let described = named.map(|named| {
        let files = files(&connect.schema).from_everywhere();
        Arc::new(Described { offered: named.offered, files })
    });
    need_terminal()?;
    let runtime = Runtime::start().map_err(Failure::undone)?;
    let named_at_start = connect.clone();
    let reader = AddressReader::new(move |line| typed(line, Some(&named_at_start)));
    let remote = Remote { target, reach, described, options, settings: settings() };
    run(Start::Remote(Box::new(remote)), connect.screen, reader, &runtime)
}

/// How calls are made until the user says otherwise.
fn options(calling: &Calling) -> Result<model::Options, Failure> {
    if calling.metadata.headers.len() > model::Options::MAX_METADATA {
        return Err(Failure::usage(model::Options::FULL));
    }
    let metadata = calling.metadata.headers.iter().map(|written| {
        let (key, value) = metadata::parse(written, variable).map_err(Failure::usage)?;
        Ok(Metadata { written: written.clone(), key, value })
    });
    let readiness = calling.wait_for_ready.then_some(Readiness::WaitForReady);
    let all = CallOptions {
        metadata: metadata.collect::<Result<_, Failure>>()?,
        deadline: calling.max_time,
        readiness,
        compression: calling.compress,
    };
    let (reply, request) = sizes_of(calling);
    Ok(model::Options::of_all(all, Sizes { reply, request }))
}

fn need_terminal() -> Result<(), Failure> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(
        "the screen needs a terminal on stdin and stdout; `greeter serve` runs the server without one",
    ))
}

fn settings() -> Settings {
    Settings { interval: PAUSE, ..Settings::default() }
}

fn start_server(runtime: &Runtime) -> Result<Server, Failure> {
    let (tell, told) = mpsc::sync_channel(1);
    runtime.handle().spawn(async move {
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        // The receiver waits for this and nothing else.
        let _ = tell.send(Server::start(free, settings()).await);
    });
    told.recv().map_err(Failure::undone)?.map_err(Failure::undone)
}

fn run(start: Start, screen: Screen, reader: AddressReader, runtime: &Runtime) -> Result<ExitCode, Failure> {
    let mouse = if screen.no_mouse { Mouse::Free } else { Mouse::Taken };
    let history = if screen.no_history { None } else { HistoryFile::of_user() };
    let options = Options { mouse, history, look: look(screen), reader };
    let left = tui::run(start, options, runtime);
    match left.map_err(Failure::undone)? {
        Left::Quit => Ok(ExitCode::SUCCESS),
        // As a shell says it of a program that a signal ended.
        Left::Signal(number) => Ok(ExitCode::from(u8::try_from(128 + number).unwrap_or(1))),
        Left::Panic(report) => Err(Failure::undone(format!("this is a bug, please report it: {report}"))),
    }
}

/// What the terminal can show, by what its environment says.
fn look(screen: Screen) -> Look {
    let var = |name: &str| env::var(name).unwrap_or_default();
    let term = var("TERM");
    let depth = locale::depth();
    let background = match screen.theme {
        cli::Theme::Dark => Ground::Known(Background::Dark),
        cli::Theme::Light => Ground::Known(Background::Light),
        cli::Theme::Auto => background(&var("COLORFGBG"), &term, depth),
    };
    Look { background, depth, signs: locale::signs(screen.ascii) }
}

/// `COLORFGBG` is `15;0` on a dark terminal and `0;15` on a light one. Where it is not set, the
/// terminal is asked, if it is one that keeps silent when it does not understand.
fn background(color_fg_bg: &str, term: &str, depth: Depth) -> Ground {
    match color_fg_bg.rsplit(';').next().and_then(|ground| ground.parse::<u8>().ok()) {
        Some(7 | 9..=15) => Ground::Known(Background::Light),
        Some(_) => Ground::Known(Background::Dark),
        None if depth == Depth::None || !understands_questions(term) => Ground::Known(Background::Dark),
        None => Ground::Ask,
    }
}

fn understands_questions(term: &str) -> bool {
    const FAMILIES: [&str; 10] =
        ["xterm", "tmux", "alacritty", "foot", "kitty", "wezterm", "ghostty", "rxvt", "konsole", "contour"];
    FAMILIES.iter().any(|family| term.starts_with(family))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::reach::Written, compression::Encoding, schema::Kind};

    #[test]
    fn what_the_command_line_says_of_calls_is_what_f4_begins_with() {
        let calling = Calling {
            metadata: Written { headers: vec!["x-trace: 42".to_owned()] },
            max_time: Some(Duration::from_secs(5)),
            max_msg_sz: Some(10),
            max_send_sz: Some(20),
            compress: Some(Encoding::Zstd),
            wait_for_ready: true,
        };
        let options = options(&calling).ok().unwrap();
        let terms = options.terms(Kind::Bidi);
        assert_eq!(terms.metadata["x-trace"], "42");
        assert_eq!((terms.deadline, terms.readiness), (calling.max_time, Readiness::WaitForReady));
        assert_eq!(terms.compression, Some(Encoding::Zstd));
        assert_eq!(terms.sizes, Sizes { reply: 10, request: Some(20) });
        for headers in
            [vec!["no colon".to_owned()], vec!["a: b".to_owned(); model::Options::MAX_METADATA + 1]]
        {
            let metadata = Written { headers };
            assert!(super::options(&Calling { metadata, ..calling.clone() }).is_err());
        }
    }

    #[test]
    fn a_light_terminal_is_known_by_its_ground() {
        let ground = |value| background(value, "xterm-256color", Depth::True);
        assert_eq!(ground("0;15"), Ground::Known(Background::Light));
        assert_eq!(ground("0;default;7"), Ground::Known(Background::Light));
        assert_eq!(ground("15;0"), Ground::Known(Background::Dark));
        assert_eq!(ground("nonsense"), Ground::Ask);
        assert_eq!(ground(""), Ground::Ask);
    }

    #[test]
    fn only_a_terminal_that_understands_is_asked() {
        let dark = Ground::Known(Background::Dark);
        assert_eq!(background("", "linux", Depth::Sixteen), dark);
        assert_eq!(background("", "xterm", Depth::None), dark);
        assert_eq!(background("", "tmux-256color", Depth::Indexed), Ground::Ask);
    }
}

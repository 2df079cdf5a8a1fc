//! Draws the README's pictures: a real session, a real server, and the program's own view of both.
//!
//! ```text
//! cargo run --release --example pictures            writes assets/*.svg
//! cargo run --release --example pictures -- DIR     writes there
//! ```
//!
//! Keys go in as a terminal would send them, and each picture waits for what it is to show. Times
//! are measured, so a second run draws the same pictures with slightly other numbers.

mod camera;
mod svg;

use std::{env, error::Error, fs, path::PathBuf, time::Duration};

use camera::Camera;
use greeter::{
    rpc::Counts,
    schema::Kind,
    server::Settings,
    tui::model::{EmbeddedState, LinkState, Model},
};

type Failure = Box<dyn Error>;

/// Replies of each stream of the flood: more than there is time for.
const ENDLESS: u32 = 1_000_000_000;
/// Frames of the introduction at least: six of the connection, and those of four calls.
const FRAMES: usize = 35;
/// Calls of the flood that live at once.
const FLOODING: usize = 12;
/// Replies of the newest of them when the picture is taken.
const FLOOD: u64 = 20_000;

fn main() -> Result<(), Failure> {
    let target = env::args().nth(1).unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/assets").into());
    let album = Album { directory: PathBuf::from(target) };
    fs::create_dir_all(&album.directory)?;
    greetings(&album)?;
    wire(&album)?;
    flood(&album)
}

/// Where pictures are kept.
struct Album {
    directory: PathBuf,
}

impl Album {
    fn dark(&self, name: &str, title: &str, camera: &Camera) -> Result<(), Failure> {
        self.keep(name, camera.draw(&svg::DARK, title)?)
    }

    fn light(&self, name: &str, title: &str, camera: &Camera) -> Result<(), Failure> {
        self.keep(name, camera.draw(&svg::LIGHT, title)?)
    }

    fn keep(&self, name: &str, picture: String) -> Result<(), Failure> {
        let path = self.directory.join(name).with_extension("svg");
        println!("{:>7} bytes  {}", picture.len(), path.display());
        Ok(fs::write(path, picture)?)
    }
}

/// One session: empty panes, the introduction, a call that failed, calls that live.
fn greetings(album: &Album) -> Result<(), Failure> {
    let pause = Duration::from_millis(300);
    let mut camera = Camera::start(Settings { interval: pause, ..Settings::default() })?;
    camera.until("the server is ready", is_ready)?;
    album.dark("empty", "Four empty panes, each with a small ladder of its kind of call", &camera)?;

    camera.keys("Ctrl-G");
    camera.until("the introduction is over", |model| model.introduction.is_none() && model.live() == 0)?;

    // A server that is not there is the failure that everybody meets first.
    camera.keys("F2 s");
    camera.until("the server is stopped", |model| model.link.state == LinkState::Stopped)?;
    camera.keys("Esc Mallory Enter");
    camera.until("the call failed", |model| model.live() == 0)?;
    camera.keys("F2 s");
    camera.until("the server is back", is_ready)?;

    camera.keys("Esc 世界 Enter");
    camera.until("the call is answered", |model| model.live() == 0)?;
    camera.keys("Alt-3 Zoe Enter Alt-4 Grace Enter Alt-2 Zoe Enter");
    camera.until("three replies came", |model| counts(model, Kind::ServerStream).received == 3)?;
    camera.keys("Alt-4 Heidi");
    album.dark("main", "Unary, server stream, client stream and bidi calls, ended and live", &camera)?;
    album.light("light", "The same session on a light background", &camera)?;

    camera.keys("F2");
    camera.until("the server's counts are known", has_counts)?;
    album.dark("server", "F2: the connection, the embedded server, another server", &camera)?;

    camera.keys("Esc Ctrl-U Ctrl-O Esc Up");
    album.dark("zoom", "One pane on the whole screen, with what was sent and received", &camera)?;

    // The next session takes the same port.
    camera.keys("F2 s");
    camera.until("the server is stopped", |model| model.link.state == LinkState::Stopped)
}

/// The frames of the introduction, one of them taken apart.
fn wire(album: &Album) -> Result<(), Failure> {
    let pause = Duration::from_millis(300);
    let mut camera = Camera::start(Settings { interval: pause, ..Settings::default() })?;
    camera.until("the server is ready", is_ready)?;
    camera.keys("Ctrl-G");
    camera.until("the introduction is over", |model| model.introduction.is_none() && model.live() == 0)?;
    camera.keys("F3");
    camera.until("all replies passed", |model| model.wire.entries().count() >= FRAMES)?;
    camera.keys("Up Up Enter");
    album.dark("wire", "F3: the frames of four calls, one of them in bytes and in plain words", &camera)?;

    // The next session takes the same port.
    camera.keys("Esc Esc F2 s");
    camera.until("the server is stopped", |model| model.link.state == LinkState::Stopped)
}

/// Streams that come as fast as they can, many at once.
fn flood(album: &Album) -> Result<(), Failure> {
    let mut camera = Camera::start(Settings { replies: ENDLESS, interval: Duration::ZERO })?;
    camera.until("the server is ready", is_ready)?;
    camera.keys("World Enter");
    camera.until("the call is answered", |model| model.live() == 0)?;
    camera.keys("Alt-3 Alice Enter Bob Enter");
    camera.until("both names went", |model| counts(model, Kind::ClientStream).sent == 2)?;
    camera.keys("Ctrl-C");
    camera.until("the call is cancelled", |model| model.live() == 0)?;
    camera.keys("Alt-4 Dave Enter");
    camera.until("Dave is greeted", |model| counts(model, Kind::Bidi).received == 1)?;

    camera.keys("Alt-2");
    for name in ["Bob", "Carol", "Dave"].into_iter().cycle().take(FLOODING - 1) {
        camera.keys(name);
        camera.keys("Enter");
    }
    camera.keys("World Enter");
    camera.until("the flood is high", |model| counts(model, Kind::ServerStream).received >= FLOOD)?;
    camera.keys("Eve");
    album.dark("flood", "Twelve streams at full speed in one pane, folded and counted", &camera)
}

fn is_ready(model: &Model) -> bool {
    matches!(model.link.state, LinkState::Ready { .. })
}

fn has_counts(model: &Model) -> bool {
    matches!(&model.embedded.state, EmbeddedState::Serving(counts) if counts.replies > 0)
}

/// What went and came in a pane's newest call.
fn counts(model: &Model, kind: Kind) -> Counts {
    model.pane(kind).calls().back().map_or_else(Counts::default, |call| call.record.counts())
}

//! The server, in a process of its own: killed without a word, and started again where it was.

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{Failure, chance::Chance};

/// A server that is there, or not, for some seconds each.
pub(crate) struct Serving {
    /// `127.0.0.1:41237`
    pub(crate) address: String,
    child: Option<Child>,
    /// When it changes.
    turn: Instant,
    /// When it was killed last.
    pub(crate) killed: Option<Instant>,
    pub(crate) kills: u64,
}

impl Serving {
    /// On a free port, which it keeps.
    pub(crate) fn start(chance: &mut Chance) -> Result<Self, Failure> {
        let (child, address) = spawn("127.0.0.1:0", chance)?;
        let turn = Instant::now() + up(chance);
        Ok(Self { address, child: Some(child), turn, killed: None, kills: 0 })
    }

    /// Kills it or starts it where it is time to. True where it was started.
    pub(crate) fn turn(&mut self, chance: &mut Chance) -> Result<bool, Failure> {
        if Instant::now() < self.turn {
            return Ok(false);
        }
        if self.child.is_some() {
            self.kill()?;
            self.turn = Instant::now() + Duration::from_millis(chance.below(1_500));
            return Ok(false);
        }
        self.child = Some(spawn(&self.address, chance)?.0);
        self.turn = Instant::now() + up(chance);
        Ok(true)
    }

    /// As a power cut does it.
    pub(crate) fn kill(&mut self) -> Result<(), Failure> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
            self.killed = Some(Instant::now());
            self.kills += 1;
        }
        Ok(())
    }

    /// Goes on for some seconds from now.
    pub(crate) fn goes_on(&mut self, chance: &mut Chance) {
        self.turn = Instant::now() + up(chance);
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn up(chance: &mut Chance) -> Duration {
    Duration::from_millis(1_000 + chance.below(4_000))
}

fn spawn(listen: &str, chance: &mut Chance) -> Result<(Child, String), Failure> {
    let replies = chance.one(&["0", "5", "1000", "300000", "4000000000", "4000000000"]);
    let interval = chance.one(&["0", "0", "0", "1ms", "300ms"]);
    let mut child = Command::new(env::current_exe()?)
        .args(["serve", "--listen", listen, "--replies", replies, "--interval", interval])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut line)?;
    let address = line.trim_end().strip_prefix("listening on http://");
    let address = address.ok_or_else(|| format!("the server says {line:?}"))?.to_owned();
    Ok((child, address))
}

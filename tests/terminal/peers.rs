//! Servers elsewhere, for `greeter connect`: `greeter serve` itself.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::harness::one_birth_at_a_time;

/// A `greeter serve` that said where it listens. It is killed with this.
pub(crate) struct Serving {
    child: Child,
    pub(crate) address: String,
    /// Where its certificate lies.
    _papers: Option<TempDir>,
}

impl Serving {
    /// On a free port.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::at("127.0.0.1:0", args)
    }

    /// On this address.
    pub(crate) fn at(address: &str, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
        command.args(["serve", "--listen", address]).args(args).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = {
            let _alone = one_birth_at_a_time();
            command.spawn().unwrap()
        };
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on http://").unwrap_or_else(|| panic!("{line:?}"));
        Self { child, address: address.trim_end().to_owned(), _papers: None }
    }

    /// On a free port, in TLS with a certificate of its own, which lies in the file.
    pub(crate) fn in_tls() -> (Self, PathBuf) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
        let papers = TempDir::new().unwrap();
        command.env("TMPDIR", papers.path());
        command.args(["serve", "--listen", "127.0.0.1:0", "--tls-self-signed"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = {
            let _alone = one_birth_at_a_time();
            command.spawn().unwrap()
        };
        let (mut paper, mut line) = (String::new(), String::new());
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut paper).unwrap();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let paper = paper.trim_end().strip_prefix("greeter: certificate ").unwrap().into();
        let address = line.trim_end().strip_prefix("listening on https://").unwrap().to_owned();
        (Self { child, address, _papers: Some(papers) }, paper)
    }

    /// Ends it as a power cut does. Says where it was.
    pub(crate) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.address.clone()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

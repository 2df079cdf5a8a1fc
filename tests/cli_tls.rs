//! `greeter serve` in TLS, and the program itself as its client: with a certificate made on the spot, with files,
//! and with clients that must say who they are.
#![allow(clippy::unwrap_used, missing_docs, dead_code)]

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

#[path = "rpc/support/papers.rs"]
mod papers;

use papers::Authority;

const LOCAL: &[&str] = &["localhost", "127.0.0.1"];

fn greeter() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greeter"));
    command.env_remove("GREETER_ADDR");
    command
}

/// A server in TLS that said where it listens. It is killed with this.
struct Serving {
    child: Child,
    /// `127.0.0.1:50051`.
    address: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn start(args: &[&str]) -> Self {
        Self::that_says("listening on https://", args)
    }

    fn plaintext() -> Self {
        Self::that_says("listening on http://", &[])
    }

    fn that_says(before: &str, args: &[&str]) -> Self {
        let mut command = greeter();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix(before).unwrap_or_else(|| panic!("{line:?}"));
        Self { address: address.to_owned(), child }
    }

    /// Ends it as a user does, and gives what it said on stderr.
    fn interrupted(mut self) -> String {
        let interrupt = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(interrupt.unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    }
}

fn call(address: &str, args: &[&str]) -> Output {
    greeter().args(["call", "SayHello", "Alice", "--addr", address]).args(args).output().unwrap()
}

/// What a call said on stdout, which worked.
fn reply(address: &str, args: &[&str]) -> String {
    let output = call(address, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What a call said on stderr, which failed, and its exit code.
fn failure(address: &str, args: &[&str]) -> (Option<i32>, String) {
    let output = call(address, args);
    assert!(output.stdout.is_empty());
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_certificate_is_made_told_and_taken_away_again() {
    let mut serving = Serving::start(&["--tls-self-signed"]);
    // All of it is said before the line on stdout.
    let mut stderr = BufReader::new(serving.child.stderr.take().unwrap());
    let mut said = String::new();
    for _ in 0..3 {
        stderr.read_line(&mut said).unwrap();
    }
    let word = |before: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(before));
        line.unwrap_or_else(|| panic!("{before} is not in {said}")).to_owned()
    };
    let file = PathBuf::from(word("greeter: certificate "));
    let own = greeter::certs::certificates(&file).unwrap();
    assert_eq!(word("greeter: SHA-256 "), greeter::certs::fingerprint(&own[0]));
    assert!(said.contains(&format!("`greeter connect --cacert {} {}`", file.display(), serving.address)));

    let address = serving.address.clone();
    let localhost = address.replace("127.0.0.1", "localhost");
    for address in [&address, &localhost, &format!("https://{address}")] {
        assert_eq!(reply(address, &["--cacert", text(&file)]), "Hello, Alice!\n");
    }
    assert_eq!(reply(&address, &["--insecure"]), "Hello, Alice!\n");
    let (code, why) = failure(&address, &["--tls"]);
    assert_eq!(code, Some(64 + 14));
    assert!(why.contains("signed by itself, and not trusted here"), "{why}");
    let (_, why) = failure(&address, &[]);
    assert!(why.contains("the peer speaks TLS, and this connection is plaintext"), "{why}");

    serving.child.stderr = None;
    let interrupt = Command::new("kill").args(["-INT", &serving.child.id().to_string()]).status();
    assert!(interrupt.unwrap().success());
    assert_eq!(serving.child.wait().unwrap().code(), Some(0));
    assert!(!file.exists());
}

#[test]
fn files_are_served_and_a_client_says_who_it_is() {
    let (servers, clients) = (Authority::new(), Authority::named("Clients"));
    let (_one, certificate, key) = servers.sign(LOCAL).files();
    let (_two, mine, my_key) = clients.sign(&["me"]).files();
    let directory = tempfile::tempdir().unwrap();
    let authority = |name: &str, authority: &Authority| {
        let path = directory.path().join(name);
        std::fs::write(&path, greeter::certs::pem("CERTIFICATE", &authority.certificate)).unwrap();
        path
    };
    let (of_servers, of_clients) = (authority("servers.pem", &servers), authority("clients.pem", &clients));
    let own = ["--tls-cert", text(&certificate), "--tls-key", text(&key)];
    let serving = Serving::start(&own);
    let trust = ["--cacert", text(&of_servers)];
    assert_eq!(reply(&serving.address, &trust), "Hello, Alice!\n");
    let (_, why) = failure(&serving.address, &[&trust[..], &["--servername", "other.example"]].concat());
    assert!(why.contains("not for other.example but for localhost, 127.0.0.1"), "{why}");
    assert_eq!(serving.interrupted(), "");

    let serving = Serving::start(&[&own[..], &["--client-ca", text(&of_clients)]].concat());
    let (code, why) = failure(&serving.address, &trust);
    assert_eq!(code, Some(64 + 14));
    assert!(why.contains("the server wants a client certificate"), "{why}");
    let identity = ["--cert", text(&mine), "--key", text(&my_key)];
    assert_eq!(reply(&serving.address, &[&trust[..], &identity].concat()), "Hello, Alice!\n");
}

#[test]
fn the_systems_authorities_can_be_named_by_the_environment() {
    let authority = Authority::new();
    let (_directory, certificate, key) = authority.sign(LOCAL).files();
    let directory = tempfile::tempdir().unwrap();
    let roots = directory.path().join("roots.pem");
    std::fs::write(&roots, greeter::certs::pem("CERTIFICATE", &authority.certificate)).unwrap();
    let serving = Serving::start(&["--tls-cert", text(&certificate), "--tls-key", text(&key)]);
    let mut command = greeter();
    command.args(["call", "SayHello", "Alice", "--tls", "--addr", &serving.address]);
    let output = command.env("SSL_CERT_FILE", &roots).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Hello, Alice!\n", "{output:?}");
}

#[test]
fn a_file_of_authorities_that_says_nothing_is_named() {
    let serving = Serving::start(&["--tls-self-signed"]);
    let directory = tempfile::tempdir().unwrap();
    let (missing, empty) = (directory.path().join("missing.pem"), directory.path().join("empty.pem"));
    std::fs::write(&empty, "no certificate").unwrap();
    for file in [&missing, &empty] {
        let mut command = greeter();
        command.args(["call", "SayHello", "Alice", "--tls", "--addr", &serving.address]);
        let output = command.env("SSL_CERT_FILE", file).output().unwrap();
        let why = String::from_utf8_lossy(&output.stderr);
        assert!(why.contains("SSL_CERT_FILE") && why.contains(text(file)), "{why}");
    }
}

/// `openssl x509 -req` makes such a certificate where it is given no extensions.
#[test]
fn a_client_certificate_of_version_1_is_told_as_such() {
    let papers = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/papers");
    let (certificate, key) = (papers.join("version1.pem"), papers.join("version1.key"));
    let (code, why) = failure("127.0.0.1:1", &["--cert", text(&certificate), "--key", text(&key)]);
    assert_eq!(code, Some(2), "{why}");
    assert!(why.contains("version1.pem is a certificate of X.509 version 1"), "{why}");
    assert!(!why.contains("does not go with"), "{why}");
}

#[test]
fn an_authority_means_tls_unless_plaintext_is_said() {
    const NAME: [&str; 2] = ["--authority", "greeter.example"];
    let authority = Authority::new();
    let (directory, certificate, key) = authority.sign(&["greeter.example"]).files();
    let roots = directory.path().join("roots.pem");
    std::fs::write(&roots, greeter::certs::pem("CERTIFICATE", &authority.certificate)).unwrap();
    let serving = Serving::start(&["--tls-cert", text(&certificate), "--tls-key", text(&key)]);
    for more in [&[][..], &["--tls"]] {
        let mut command = greeter();
        command.args(["call", "SayHello", "Alice", "--addr", &serving.address]).args(NAME).args(more);
        let output = command.env("SSL_CERT_FILE", &roots).output().unwrap();
        assert!(output.status.success(), "{more:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    let serving = Serving::plaintext();
    let (address, with_scheme) = (&serving.address, format!("http://{}", serving.address));
    assert_eq!(reply(address, &["--plaintext", NAME[0], NAME[1]]), "Hello, Alice!\n");
    assert_eq!(reply(&with_scheme, &NAME), "Hello, Alice!\n");
    let (_, why) = failure(address, &NAME);
    assert!(why.contains("the peer speaks plaintext HTTP/2, not TLS"), "{why}");
}

#[test]
fn flags_that_make_no_sense_together_are_wrong_usage() {
    let missing = |args: &[&str]| {
        let (code, why) = failure("127.0.0.1:1", args);
        assert_eq!(code, Some(2), "{args:?}: {why}");
        why
    };
    for args in [
        &["--plaintext", "--tls"][..],
        &["--plaintext", "--cacert", "ca.pem"],
        &["--insecure", "--cacert", "ca.pem"],
        &["--cert", "cert.pem"],
        &["--key", "key.pem"],
    ] {
        missing(args);
    }
    let why = missing(&["--cacert", "/nowhere/ca.pem"]);
    assert!(why.contains("cannot read /nowhere/ca.pem"), "{why}");
    let why = missing(&["--authority", "a b"]);
    assert!(why.contains("is not a host name"), "{why}");
}

#[test]
fn a_server_whose_files_do_not_do_says_why() {
    let (_directory, certificate, _) = Authority::new().sign(LOCAL).files();
    let run = |args: &[&str]| {
        let output = greeter().args(["serve", "--listen", "127.0.0.1:0"]).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let why = run(&["--tls-cert", text(&certificate), "--tls-key", text(&certificate)]);
    assert!(why.contains("has no private key"), "{why}");
    run(&["--tls-cert", text(&certificate)]);
    run(&["--tls-self-signed", "--client-ca", text(&certificate)]);
}

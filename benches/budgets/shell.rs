//! A call from a shell, from the start of the program to its end, beside `true` and beside other clients.

use std::{
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    Length,
    figure::{Budget, Figure, Measured, Trouble, Unit, median, ms, quantile},
    peers::Peer,
};

const METHOD: &str = "helloworld.Greeter/SayHello";
const JSON: &str = r#"{"name": "World"}"#;
const REPLY: &str = "Hello, World!";

/// A program that says hello once, and what is to come of it.
struct Client {
    name: &'static str,
    command: Command,
    reply: &'static str,
}

impl Client {
    fn new(name: &'static str, program: &str, args: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(args).env_remove("GREETER_ADDR").stdin(Stdio::null()).stderr(Stdio::null());
        Self { name, command, reply: REPLY }
    }

    /// Whether it is installed and does what is measured. What it cannot do is told.
    fn works(&mut self) -> bool {
        let wrong = match self.command.output() {
            Ok(output) if String::from_utf8_lossy(&output.stdout).contains(self.reply) => return true,
            Ok(output) => format!("it ends with {} and does not say {}", output.status, self.reply),
            Err(error) => error.to_string(),
        };
        eprintln!("{} is NOT compared: {wrong}", self.name);
        false
    }

    /// From its start to its end, in milliseconds.
    fn time(&mut self) -> Result<f64, Trouble> {
        let began = Instant::now();
        let status = self.command.stdout(Stdio::null()).status()?;
        let time = ms(began.elapsed());
        if status.success() { Ok(time) } else { Err(format!("{} ends with {status}", self.name).into()) }
    }
}

/// `greeter call SayHello World --addr …` against `true`; other clients that are installed beside it, on the same
/// server, in turns.
pub(crate) fn call(length: Length) -> Measured {
    let peer = Peer::greeter(1)?;
    let (address, url) = (peer.address.as_str(), format!("http://{}/{METHOD}", peer.address));
    let mut nothing = Client { reply: "", ..Client::new("true", "true", &[]) };
    let greeter = env!("CARGO_BIN_EXE_greeter");
    let mut ours = Client::new("greeter call", greeter, &["call", "SayHello", "World", "--addr", address]);
    if !nothing.works() || !ours.works() {
        return Err("there is nothing to compare".into());
    }
    let buf = ["curl", "--protocol", "grpc", "--http2-prior-knowledge", "-d", JSON, &url];
    let others = [
        Client::new("grpcurl", "grpcurl", &["-plaintext", "-d", JSON, address, METHOD]),
        Client::new("buf curl", "buf", &buf),
        Client::new(
            "granc",
            "granc",
            &["call", METHOD, "--uri", &format!("http://{address}"), "--body", JSON],
        ),
    ];
    let mut others: Vec<(Client, Vec<f64>)> =
        others.into_iter().filter_map(|mut other| other.works().then(|| (other, Vec::new()))).collect();
    let (mut more, mut times, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..length.pick(201, 21) {
        let (nothing, ours) = (nothing.time()?, ours.time()?);
        more.push(ours - nothing);
        times.push(ours);
        bare.push(nothing);
        for (other, times) in &mut others {
            times.push(other.time()?);
        }
    }
    let beside = format!(
        "{:.2} ms against {:.2} ms; p10 {:.2}, p90 {:.2} ms more",
        median(&times),
        median(&bare),
        quantile(&more, 0.1),
        quantile(&more, 0.9)
    );
    let budget = Budget::AtMost(5.0);
    let what = "greeter call: start to exit, over `true`";
    let mut figures = vec![Figure::new(what, median(&more), Unit::Milliseconds, budget).beside(beside)];
    for (other, theirs) in others {
        let ratio = median(&theirs) / median(&times);
        let beside = format!("{:.2} ms against {:.2} ms", median(&theirs), median(&times));
        let what = format!("{}: start to exit, in terms of greeter call", other.name);
        figures.push(Figure::new(what, ratio, Unit::Ratio, Budget::AtLeast(1.0)).beside(beside));
    }
    Ok(figures)
}

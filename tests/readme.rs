//! What the README says is so: its examples are read by the program's own command line, its
//! pictures and pages are there, and help says what it said.
//!
//! ```text
//! SNAPSHOTS=overwrite cargo test --test readme     accepts the help's new words
//! ```

#![allow(clippy::unwrap_used)]

use std::{
    ffi::OsString,
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{self, Child, Stdio},
};

use greeter::cli::{self, Command};
use snapbox::{cmd, file};

const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// The lines of all `sh` blocks, without their comments.
fn shell_lines(text: &str) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines).map(|line| line.split(" #").next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The words that a shell makes of a line, as far as the README goes: quotes hold words together.
fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(|word| word.trim_matches('\'').into()).collect()
}

/// The program's own words in a line: `GREETER_ADDR=… greeter connect` has two.
fn greeter_words(line: &str) -> Option<Vec<OsString>> {
    let words: Vec<OsString> =
        words(line).into_iter().skip_while(|w| w.to_string_lossy().contains('=')).collect();
    words.first().is_some_and(|program| program == "greeter").then_some(words)
}

#[test]
fn every_example_is_understood_by_the_program() {
    for name in READMES {
        let lines = shell_lines(&page(name));
        let examples: Vec<_> = lines.iter().filter_map(|line| greeter_words(line)).collect();
        assert!(examples.len() >= 6, "{name} shows {} examples", examples.len());
        for mut words in examples {
            // Its address may come from the environment, which is the shell's business.
            if words == ["greeter", "connect"] {
                words.push("localhost:50051".into());
            }
            assert!(cli::parse(words.clone()).is_ok(), "{name}: {words:?}");
        }
    }
}

/// The commands of all `console` blocks, and what they print on stdout.
fn dialogues(text: &str) -> Vec<(String, String)> {
    let blocks = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let commands = blocks.flat_map(|block| block.split("$ ").skip(1).map(str::to_owned));
    let parted = |dialogue: String| {
        let (command, printed) = dialogue.split_once('\n').unwrap();
        (command.to_owned(), printed.to_owned())
    };
    commands.map(parted).collect()
}

#[test]
fn every_dialogue_goes_as_it_is_shown() {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_greeter"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let [english, chinese] = READMES.map(|name| dialogues(&page(name)));
    assert_eq!(english, chinese);
    assert!(english.len() >= 5, "{english:?}");
    for (command, printed) in english {
        let shell = cmd::Command::new("sh").args(["-c", &command]);
        shell.env("PATH", &path).env_remove("GREETER_ADDR").assert().success().stdout_eq(printed);
    }
}

#[test]
fn every_command_has_an_example() {
    let lines = shell_lines(&page("README.md"));
    let commands: Vec<Command> = lines
        .iter()
        .filter_map(|line| greeter_words(line))
        .filter_map(|words| cli::parse(words).ok())
        .collect();
    assert!(commands.iter().any(|command| matches!(command, Command::Explore(_))));
    assert!(commands.iter().any(|command| matches!(command, Command::Connect(_))));
    assert!(commands.iter().any(|command| matches!(command, Command::Serve(_))));
    assert!(commands.iter().any(|command| matches!(command, Command::List(_))));
    assert!(commands.iter().any(|command| matches!(command, Command::Describe(_))));
    assert!(commands.iter().any(|command| matches!(command, Command::Completions(_))));
    assert!(commands.iter().any(|command| matches!(command, Command::Man)));
    assert!(commands.iter().any(|command| matches!(command, Command::Check(_))));
    assert!(commands.iter().any(|command| matches!(command, Command::Call(_))));
    assert!(commands.iter().any(|command| matches!(command, Command::Doctor(_))));
}

/// What the reader has and a test has not: servers elsewhere, and files.
const OF_THE_READER: [&str; 2] = ["demo.test", "ca.pem"];
/// Where the examples have a server.
const THERE: &str = "localhost:50051";

/// A `greeter serve`, which is killed with this.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    /// The address that it is to have is replaced by a free one.
    fn start(words: &[OsString]) -> Self {
        let words = words.iter().map(|word| word.to_string_lossy().replace(":50051", ":0"));
        let mut words: Vec<String> = words.skip(1).collect();
        if !words.iter().any(|word| word == "--listen") {
            words.extend(["--listen".to_owned(), "127.0.0.1:0".to_owned()]);
        }
        let mut command = process::Command::new(env!("CARGO_BIN_EXE_greeter"));
        command.args(&words).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().split_once("://").unwrap_or_else(|| panic!("{words:?}: {line:?}")).1;
        Self { address: address.to_owned(), child }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line as far as the program goes: what it is piped into, and where its output is kept, are the reader's.
fn up_to_greeter(line: &str) -> String {
    let mut kept = Vec::new();
    for part in line.split(" | ") {
        kept.push(part.split(" > ").next().unwrap().split(" >> ").next().unwrap());
        if greeter_words(part).is_some() {
            break;
        }
    }
    kept.join(" | ")
}

/// How much load an example asks for, and how much it gets.
const BRIEF: [(&str, &str); 2] = [("-z 1m", "-z 1s"), ("-n 100000", "-n 20")];

/// Runs an example, where it needs no screen and nothing that a test has not.
fn works(line: &str, serving: &Serving) -> bool {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_greeter"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let line = up_to_greeter(line);
    let Some(words) = line.split(" | ").last().and_then(greeter_words) else { return false };
    let needs_screen =
        words.len() == 1 || words[1] == "connect" || words[1].to_string_lossy().starts_with('-');
    if needs_screen || OF_THE_READER.iter().any(|theirs| line.contains(theirs)) {
        return false;
    }
    if words[1] == "serve" {
        drop(Serving::start(&words));
        return true;
    }
    let mut line = line.replace(THERE, &serving.address);
    if words[1] == "bench" {
        // Nobody waits for a load here.
        line = BRIEF.iter().fold(line, |line, (long, short)| line.replace(long, short));
        if ![" -n ", " -z "].iter().any(|limit| line.contains(limit)) {
            line += " -n 20";
        }
    }
    let shell = cmd::Command::new("sh").args(["-c", &line]).stdin(Vec::new());
    shell.env("PATH", &path).env_remove("GREETER_ADDR").assert().success();
    true
}

#[test]
fn every_example_that_needs_no_screen_works() {
    let serving = Serving::start(&["greeter".into(), "serve".into()]);
    let commands =
        ["call", "check", "doctor", "bench", "list", "describe", "completions", "man", "serve", "connect"];
    let helps = commands.map(|command| {
        let output = help(&[command, "--help"]).get_output().stdout.clone();
        let text = String::from_utf8(output).unwrap();
        let examples = text.split("Examples:\n").nth(1).unwrap();
        let lines = examples.lines().take_while(|line| line.starts_with("  "));
        // Two spaces stand before what is said of it.
        lines.map(|line| line.trim_start().split("  ").next().unwrap().to_owned()).collect::<Vec<_>>()
    });
    let lines = [shell_lines(&page("README.md")), helps.concat()].concat();
    let ran = lines.iter().filter(|line| works(line, &serving)).count();
    assert!(ran > 35, "{ran} of {lines:?}");
}

#[test]
fn both_readmes_show_the_same_commands() {
    let [english, chinese] = READMES.map(|name| shell_lines(&page(name)));
    assert_eq!(english, chinese);
}

#[test]
fn the_two_commands_of_the_set_up_are_there() {
    let lines = shell_lines(&page("README.md"));
    for command in ["cargo run --release", "cargo test"] {
        assert!(lines.iter().any(|line| line == command), "{command} is not in {lines:?}");
    }
}

#[test]
fn every_link_within_the_project_leads_somewhere() {
    let top = ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    for name in top.into_iter().chain(["docs/guide.md", "docs/guide.zh-CN.md"]) {
        let (text, path) = (page(name), root().join(name));
        for link in links(&text) {
            let leads = path.parent().unwrap().join(link);
            assert!(leads.exists(), "{name} leads to {link}, which is not there");
        }
    }
}

/// `](target)`, `src="target"` and `srcset="target"`, but for other sites and places on the same page.
fn links(text: &str) -> Vec<&str> {
    let behind = |mark: &str, end: char| -> Vec<&str> {
        text.split(mark).skip(1).filter_map(|rest| rest.split(end).next()).collect()
    };
    let all = [behind("](", ')'), behind("src=\"", '"'), behind("srcset=\"", '"')].concat();
    let files = all.into_iter().map(|link| link.split('#').next().unwrap_or_default());
    files.filter(|link| !link.is_empty() && !link.contains("://")).collect()
}

/// The crates of every `[…dependencies]` table.
fn dependencies() -> Vec<String> {
    let manifest = page("Cargo.toml");
    let tables =
        manifest.split("\n[").filter(|table| table.lines().next().unwrap().ends_with("dependencies]"));
    let lines = tables.flat_map(|table| table.lines().skip(1)).filter_map(|line| line.split_once(" = "));
    lines.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_dependency_has_its_reason() {
    let architecture = page("ARCHITECTURE.md");
    let names = dependencies();
    assert!(names.len() > 20, "{names:?}");
    for name in &names {
        assert!(architecture.contains(&format!("\n| `{name}` | ")), "{name} has no row in ARCHITECTURE.md");
    }
    let section = architecture.split("## Dependencies").nth(1).unwrap().split("\n## ").next().unwrap();
    for row in section.lines().filter_map(|line| line.strip_prefix("| `")) {
        let name = row.split('`').next().unwrap();
        assert!(names.iter().any(|known| known == name), "{name} is no dependency any more");
    }
}

/// The numbers are the reader's to compare; the names must lead to them.
#[test]
fn every_bound_is_where_the_table_says() {
    let architecture = page("ARCHITECTURE.md");
    let section = architecture.split("## Bounds").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix("` |"));
    let mut count = 0;
    for row in rows {
        let (file, name) = row.rsplit_once("](").unwrap().1.split_once(") `").unwrap();
        assert!(page(file).contains(name), "{file} has no {name}");
        count += 1;
    }
    assert!(count > 30, "{count}");
}

fn help(args: &[&str]) -> cmd::OutputAssert {
    let greeter = cmd::Command::new(env!("CARGO_BIN_EXE_greeter"));
    // clap fits its words to the terminal where it knows one.
    greeter.args(args).env_remove("GREETER_ADDR").env_remove("COLUMNS").assert().success()
}

#[test]
fn help_is_as_it_was() {
    help(&["--help"]).stdout_eq(file!["help/greeter.txt"]);
    help(&["connect", "--help"]).stdout_eq(file!["help/connect.txt"]);
    help(&["serve", "--help"]).stdout_eq(file!["help/serve.txt"]);
    help(&["doctor", "--help"]).stdout_eq(file!["help/doctor.txt"]);
    help(&["bench", "--help"]).stdout_eq(file!["help/bench.txt"]);
    help(&["list", "--help"]).stdout_eq(file!["help/list.txt"]);
    help(&["describe", "--help"]).stdout_eq(file!["help/describe.txt"]);
    help(&["completions", "--help"]).stdout_eq(file!["help/completions.txt"]);
    help(&["man", "--help"]).stdout_eq(file!["help/man.txt"]);
    help(&["check", "--help"]).stdout_eq(file!["help/check.txt"]);
    help(&["call", "--help"]).stdout_eq(file!["help/call.txt"]);
}

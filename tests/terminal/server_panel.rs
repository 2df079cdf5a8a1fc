//! F2: what is connected to what, and the embedded server in the user's hands.

use crate::{
    harness::{ENTER, ESC, F2, ROOMY, TAB, Terminal},
    peers::Serving,
};

fn opened() -> Terminal {
    let mut terminal = Terminal::ready(ROOMY);
    open(&mut terminal);
    terminal
}

fn open(terminal: &mut Terminal) {
    terminal.keys(F2);
    terminal.wait_for("F2 Server and connection");
}

fn close(terminal: &mut Terminal) {
    terminal.keys(ESC);
    terminal.wait_gone("F2 Server and connection");
}

#[test]
fn it_says_what_is_connected_to_what() {
    let terminal = opened();
    for words in
        ["● ready for", "plaintext (loopback)", "helloworld.Greeter, built in", "● serving", "300 ms"]
    {
        terminal.wait_for(words);
    }
}

#[test]
fn calls_to_a_stopped_server_fail_and_say_why_until_it_is_started_again() {
    let mut terminal = opened();
    terminal.keys("s");
    terminal.wait_for("○ stopped");
    close(&mut terminal);
    terminal.wait_for("F2 s starts it");
    terminal.line("World");
    terminal.wait_in_pane(1, "✗ UNAVAILABLE (14)");
    terminal.wait_in_pane(1, "the embedded server is stopped: F2 s starts it");
    open(&mut terminal);
    terminal.keys("s");
    terminal.wait_for("● serving");
    close(&mut terminal);
    terminal.wait_for("● ready");
    terminal.line("World");
    terminal.wait_in_pane(1, "← Hello, World!");
}

#[test]
fn a_call_that_lives_when_the_server_is_stopped_ends_with_a_status() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    terminal.line("Dave");
    terminal.wait_in_pane(4, "← Hello, Dave!");
    open(&mut terminal);
    terminal.keys("s");
    terminal.wait_for("○ stopped");
    close(&mut terminal);
    terminal.wait_in_pane(4, "✗ UNAVAILABLE (14)");
    terminal.wait_in_pane(4, "← Hello, Dave!");
}

#[test]
fn restart_is_another_server_at_the_same_address() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.line("World");
    terminal.wait_in_pane(1, "✓ OK");
    open(&mut terminal);
    terminal.wait_for("1 reply in 1 call");
    let address = terminal.row_with("listens on");
    terminal.keys("r");
    terminal.wait_for("0 replies in 0 calls");
    terminal.wait_for("● ready for");
    assert_eq!(terminal.row_with("listens on"), address);
    close(&mut terminal);
    terminal.line("Ada");
    terminal.wait_in_pane(1, "← Hello, Ada!");
}

#[test]
fn plus_minus_and_brackets_change_replies_and_pause() {
    let mut terminal = opened();
    terminal.keys("+");
    terminal.wait_until("6 replies", |screen| row(screen, "replies").contains(" 6 "));
    terminal.keys("---");
    terminal.wait_until("3 replies", |screen| row(screen, "replies").contains(" 3 "));
    terminal.keys("]");
    terminal.wait_until("500 ms", |screen| row(screen, "pause between").contains("500 ms"));
    terminal.keys(&"[".repeat(12));
    terminal.wait_until("no pause", |screen| row(screen, "pause between").contains(" 0 ms"));
    close(&mut terminal);
    terminal.keys(TAB);
    terminal.line("Bob");
    terminal.wait_in_pane(2, "✓ OK");
    terminal.wait_in_pane(2, "Number 3");
    assert!(!terminal.pane(2).contains("Number 4"));
}

fn row(screen: &vt100::Screen, label: &str) -> String {
    let text = screen.contents();
    text.lines().find(|row| row.contains(label)).unwrap_or_default().to_owned()
}

#[test]
fn g_uses_the_other_contract_where_bidi_has_no_method() {
    let mut terminal = Terminal::ready(ROOMY);
    terminal.keys(&TAB.repeat(3));
    terminal.line("Dave");
    terminal.wait_in_pane(4, "← Hello, Dave!");
    terminal.ctrl('d');
    terminal.wait_in_pane(4, "✓ OK");
    open(&mut terminal);
    terminal.keys("g");
    terminal.wait_for("hello.Greeter, built in");
    close(&mut terminal);
    terminal.wait_for("LotsOfReplies");
    terminal.wait_for("LotsOfGreetings");
    terminal.wait_for("4 Bidi · none in this service");
    // The focus left the pane that has no line any more; Tab passes it by.
    terminal.line("World");
    terminal.wait_for("← Hello, World!");
    terminal.keys(&TAB.repeat(2));
    terminal.line("Alice");
    terminal.ctrl('d');
    terminal.wait_for("← Hello, Alice!");
    terminal.keys(TAB);
    terminal.line("Ada");
    terminal.wait_for("← Hello, Ada!");
}

#[test]
fn c_connects_to_another_server_and_e_comes_back() {
    let serving = Serving::start(&["--replies", "2"]);
    let mut terminal = opened();
    terminal.keys("c");
    terminal.wait_for("host:port --cacert FILE …, then Enter");
    terminal.keys(&serving.address);
    terminal.keys(ENTER);
    terminal.wait_until("the other server, ready", |screen| {
        let header = screen.rows(0, 120).next().unwrap_or_default();
        header.contains(&serving.address) && header.contains("● ready") && !header.contains("embedded")
    });
    // Whether the address is still being typed or not.
    terminal.keys(F2);
    terminal.wait_gone("F2 Server and connection");
    terminal.keys(TAB);
    terminal.line("Bob");
    terminal.wait_in_pane(2, "✓ OK");
    terminal.wait_in_pane(2, "Number 2");
    assert!(!terminal.pane(2).contains("Number 3"), "it is the other server that answers");
    open(&mut terminal);
    terminal.keys("e");
    terminal.wait_until("the embedded server, ready", |screen| {
        let header = screen.rows(0, 120).next().unwrap_or_default();
        header.contains("● ready") && header.contains("embedded")
    });
    close(&mut terminal);
    terminal.line("Eve");
    terminal.wait_in_pane(2, "Hello, Eve! Number 3");
}

#[test]
fn an_address_that_is_none_is_refused_in_a_sentence() {
    let mut terminal = opened();
    terminal.keys("c");
    terminal.wait_for("host:port --cacert FILE …, then Enter");
    terminal.line("nosuchthing");
    terminal.wait_for("nosuchthing has no port; add one, such as");
    terminal.keys(&crate::harness::ctrl('u'));
    terminal.line("vsock:1:2");
    terminal.wait_for("vsock: addresses are not built in; write host:port");
    terminal.keys(&crate::harness::ctrl('u'));
    terminal.line("localhost:1 --cacert 'no such/ca.pem'");
    terminal.wait_for("no such/ca.pem: ");
    terminal.wait_for("localhost:1 --cacert 'no such/ca.pem'");
    terminal.keys(&crate::harness::ctrl('u'));
    terminal.line("localhost:1 --plaintxt");
    terminal.wait_for("unexpected argument '--plaintxt' found");
}

#[test]
fn an_address_takes_the_flags_of_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let (serving, paper) = Serving::in_tls();
    let papers = folder.path().join("my papers");
    std::fs::create_dir(&papers).unwrap();
    std::fs::copy(paper, papers.join("ca.pem")).unwrap();
    let mut terminal = opened();
    terminal.keys("c");
    terminal.wait_for("host:port --cacert FILE …, then Enter");
    terminal.line(&format!(
        "{} --cacert '{}/ca.pem' --servername localhost",
        serving.address,
        papers.display()
    ));
    terminal.wait_until("the other server, ready in TLS", |screen| {
        let header = screen.rows(0, 120).next().unwrap_or_default();
        header.contains("● ready") && header.contains(&serving.address) && header.contains("TLS")
    });
    terminal.wait_for("TLS 1.3");
}

//! `Ctrl-X Ctrl-E`: the line in the user's own editor, which has the terminal meanwhile. Small scripts are the editors.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use portable_pty::CommandBuilder;
use tempfile::TempDir;

use crate::{
    harness::{ENTER, ROOMY, Terminal, ctrl, greeter},
    output::GUARD,
};

/// An editor, and a directory in which it and greeter may leave files.
struct Editor {
    home: TempDir,
}

impl Editor {
    /// A script; `$1` is the file, and `$HOME` a directory of its own.
    fn new(script: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let editor = home.path().join("ed");
        fs::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&editor, Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(home.path().join("tmp")).unwrap();
        Self { home }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// `greeter` that finds this editor, with arguments.
    fn greeter(&self, arguments: &str) -> CommandBuilder {
        let mut command = greeter(&[]);
        self.named_in(&mut command, arguments);
        command
    }

    fn named_in(&self, command: &mut CommandBuilder, arguments: &str) {
        command.env_remove("VISUAL");
        command.env("EDITOR", format!("{}{arguments}", self.place("ed").display()));
        command.env("HOME", self.home.path());
        command.env("TMPDIR", self.place("tmp"));
    }

    fn ready(&self) -> Terminal {
        let terminal = Terminal::run(ROOMY, self.greeter(""));
        terminal.wait_for("● ready");
        terminal
    }

    /// No file is left of those that editors were given.
    fn assert_swept(&self) {
        let left: Vec<_> =
            fs::read_dir(self.place("tmp")).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(left, Vec::<PathBuf>::new());
    }
}

fn open_editor(terminal: &mut Terminal) {
    terminal.keys(&format!("{}{}", ctrl('x'), ctrl('e')));
}

/// What stands in a file that appears, with a line break at its end.
fn wait_for_file(path: &Path) -> String {
    let began = Instant::now();
    loop {
        match fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text,
            _ => assert!(began.elapsed() < GUARD, "{} does not appear", path.display()),
        }
        std::thread::yield_now();
    }
}

/// Waits for keys as an editor does: raw, and none of them shown.
const TAKE_FIVE_KEYS: &str = "stty raw -echo; printf 'the editor waits'; keys=$(dd bs=1 count=5 2>/dev/null); \
                              stty sane; echo \"$keys\" >\"$1\"";

#[test]
fn the_editors_text_becomes_the_line_and_nothing_is_sent() {
    let editor = Editor::new(r#"text=$(cat "$1"); echo "$text and Ada" >"$1""#);
    let mut terminal = editor.ready();
    terminal.keys("Grace");
    open_editor(&mut terminal);
    terminal.wait_for("name ▸ Grace and Ada");
    terminal.wait_for("edited: Enter sends it");
    assert!(!terminal.text().contains("#1"), "{}", terminal.text());
    editor.assert_swept();
    terminal.keys(ENTER);
    terminal.wait_for("← Hello, Grace and Ada!");
    terminal.ctrl('q');
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_given_back();
}

#[test]
fn keys_reach_the_editor_and_not_the_line() {
    let editor = Editor::new(TAKE_FIVE_KEYS);
    let mut terminal = editor.ready();
    for keys in ["first", "\x1b[Aok", "third"] {
        terminal.keys("?");
        open_editor(&mut terminal);
        terminal.wait_until("the editor's own screen", |screen| {
            !screen.alternate_screen() && !screen.bracketed_paste() && screen.contents().contains("waits")
        });
        terminal.keys(keys);
        let seen = keys.replace('\x1b', "␛");
        terminal.wait_until("the keys in the line", |screen| {
            screen.contents().contains(&format!("name ▸ {seen} ")) && screen.bracketed_paste()
        });
        terminal.ctrl('u');
        terminal.wait_for("type a name");
        // And the screen has the keys again.
        terminal.line(&format!("Ada the {}", &keys[3..]));
        terminal.wait_for(&format!("← Hello, Ada the {}!", &keys[3..]));
    }
}

#[test]
fn where_the_editor_fails_the_line_stays() {
    let editor = Editor::new("echo other >\"$1\"; exit 3");
    let mut terminal = editor.ready();
    terminal.keys("Grace");
    open_editor(&mut terminal);
    terminal.wait_for("failed with code 3");
    terminal.wait_for("name ▸ Grace");
    editor.assert_swept();
}

#[test]
fn where_the_editor_changes_nothing_that_is_said() {
    let editor = Editor::new("true");
    let mut terminal = editor.ready();
    terminal.keys("Grace");
    open_editor(&mut terminal);
    terminal.wait_for("nothing was changed in");
    terminal.wait_for("name ▸ Grace");
}

#[test]
fn where_there_is_no_such_editor_that_is_said() {
    let editor = Editor::new("true");
    let mut command = editor.greeter("");
    command.env("VISUAL", "no-such-editor -w");
    let mut terminal = Terminal::run(ROOMY, command);
    terminal.wait_for("● ready");
    terminal.keys("Grace");
    open_editor(&mut terminal);
    terminal.wait_for("no-such-editor -w ($VISUAL) was not found");
    terminal.wait_for("name ▸ Grace");
}

#[test]
fn an_editor_that_only_a_shell_understands_is_opened_by_one() {
    let editor = Editor::new("echo \"$NAME\" >\"$1\"");
    let mut command = editor.greeter("");
    command.env("VISUAL", "NAME='Ada L' $EDITOR");
    let mut terminal = Terminal::run(ROOMY, command);
    terminal.wait_for("● ready");
    open_editor(&mut terminal);
    terminal.wait_for("name ▸ Ada L");
}

#[test]
fn where_none_is_named_and_none_is_there_that_is_said() {
    let editor = Editor::new("true");
    let mut command = editor.greeter("");
    command.env("EDITOR", "");
    command.env("PATH", editor.place("tmp"));
    let mut terminal = Terminal::run(ROOMY, command);
    terminal.wait_for("● ready");
    open_editor(&mut terminal);
    terminal.wait_for("no editor was found, neither vi nor nano");
    terminal.see(|screen| assert!(screen.alternate_screen()));
}

#[test]
fn the_file_is_private_and_its_name_says_what_it_is() {
    let editor = Editor::new(
        "shift $(($# - 1)); stat -c %a \"$(dirname \"$1\")\" \"$1\" | tr '\\n' ' ' >$HOME/seen\n\
         basename \"$1\" >>$HOME/seen",
    );
    let mut terminal = Terminal::run(ROOMY, editor.greeter(" -w --fast"));
    terminal.wait_for("● ready");
    open_editor(&mut terminal);
    assert_eq!(wait_for_file(&editor.place("seen")), "700 600 line.txt\n");
    terminal.wait_for("nothing was changed in");
    fs::remove_file(editor.place("seen")).unwrap();
    terminal.keys("{}");
    terminal.wait_for("name ▸ {}");
    open_editor(&mut terminal);
    assert_eq!(wait_for_file(&editor.place("seen")), "700 600 line.json\n");
}

#[test]
fn a_message_of_several_rows_comes_back_as_it_was_written() {
    let editor = Editor::new("printf '{\\r\\n  \"name\": \"Ada\"\\r\\n}\\r\\n' >\"$1\"");
    let mut terminal = editor.ready();
    open_editor(&mut terminal);
    terminal.wait_for("  \"name\": \"Ada\"");
    terminal.keys(ENTER);
    terminal.wait_for("← Hello, Ada!");
}

#[test]
fn the_server_and_calls_live_on_meanwhile() {
    let editor = Editor::new(TAKE_FIVE_KEYS);
    let mut terminal = editor.ready();
    let header = terminal.row_with("● ready");
    let address = header.split_whitespace().find(|word| word.starts_with("127.0.0.1:")).unwrap().to_owned();
    open_editor(&mut terminal);
    terminal.wait_for("the editor waits");
    let mut call = Command::new(env!("CARGO_BIN_EXE_greeter"));
    let reply = call.args(["call", "SayHello", "World", "--addr", &address]).stderr(Stdio::null()).output();
    assert_eq!(String::from_utf8(reply.unwrap().stdout).unwrap(), "Hello, World!\n");
    terminal.keys("words");
    terminal.wait_for("name ▸ words");
}

#[test]
fn ctrl_c_in_the_editor_is_the_editors() {
    // A shell's child may miss a signal between fork and exec, so that no child may be waited for without an end.
    let waits = "while :; do sleep 0.1; done";
    let editor =
        Editor::new(&format!("trap 'echo interrupted >\"$1\"; exit 0' INT; echo the editor waits; {waits}"));
    let mut terminal = editor.ready();
    open_editor(&mut terminal);
    terminal.wait_for("the editor waits");
    terminal.ctrl('c');
    terminal.wait_for("name ▸ interrupted");
}

#[test]
fn a_new_size_is_taken_in_behind_the_editor() {
    let editor = Editor::new(TAKE_FIVE_KEYS);
    let mut terminal = editor.ready();
    open_editor(&mut terminal);
    terminal.wait_for("the editor waits");
    terminal.resize((90, 24));
    terminal.keys("words");
    terminal.wait_until("a footer in the last row", |screen| {
        screen.rows(0, 90).nth(23).is_some_and(|row| row.contains("Ctrl-Q quit"))
    });
}

#[test]
fn a_terminal_that_the_editor_left_in_disorder_is_given_back_in_order() {
    let editor = Editor::new("stty raw -echo; printf '\\033[?1049h\\033[?2004h'; echo x >\"$1\"");
    let mut terminal = editor.ready();
    open_editor(&mut terminal);
    terminal.wait_for("name ▸ x");
    terminal.ctrl('q');
    assert_eq!(terminal.wait_exit(), 0);
    terminal.assert_given_back();
}

#[test]
fn a_signal_to_end_ends_the_editor_too_and_leaves_nothing_behind() {
    let editor = Editor::new("echo $$ >$HOME/pid; printf 'the editor waits'; read line");
    let mut terminal = editor.ready();
    open_editor(&mut terminal);
    terminal.wait_for("the editor waits");
    terminal.signal("TERM");
    assert_eq!(terminal.wait_exit(), 128 + 15);
    terminal.assert_given_back();
    editor.assert_swept();
    let pid = wait_for_file(&editor.place("pid"));
    let alive = Command::new("kill").args(["-0", pid.trim()]).stderr(Stdio::null()).status().unwrap();
    assert!(!alive.success(), "the editor lives on");
}

#[test]
fn where_the_terminal_goes_away_nothing_is_left_behind() {
    let editor = Editor::new("echo the editor waits; read line");
    let mut terminal = editor.ready();
    open_editor(&mut terminal);
    terminal.wait_for("the editor waits");
    terminal.vanish();
    let began = Instant::now();
    while fs::read_dir(editor.place("tmp")).unwrap().next().is_some() {
        assert!(began.elapsed() < GUARD, "the file is still there");
        std::thread::yield_now();
    }
}

#[test]
fn ctrl_z_in_the_editor_stops_both_and_fg_returns_to_the_editor() {
    let editor = Editor::new("echo the editor waits; read line; echo \"$line\" >\"$1\"");
    let mut shell = crate::harness::command("sh", &["-i"]);
    shell.env("PS1", "shell> ");
    editor.named_in(&mut shell, "");
    let mut terminal = Terminal::run(ROOMY, shell);
    terminal.wait_for("shell>");
    terminal.line(&format!("'{}'", env!("CARGO_BIN_EXE_greeter")));
    terminal.wait_for("● ready");
    open_editor(&mut terminal);
    terminal.wait_for("the editor waits");
    terminal.ctrl('z');
    terminal.wait_until("a prompt behind the editor's words", |screen| {
        let text = screen.contents();
        text.rsplit_once("the editor waits").is_some_and(|(_, rest)| rest.contains("shell>"))
    });
    terminal.line("fg");
    terminal.wait_for_bytes("fg\r\n");
    terminal.line("later");
    terminal.wait_for("name ▸ later");
}

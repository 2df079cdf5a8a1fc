//! What is made from the command line's own words: completions for shells, and the manual page.

use std::io;

use clap::{Args, Command, CommandFactory, ValueEnum};
use clap_complete::{aot, generate};
use clap_mangen::Man;

use super::Cli;

const NAME: &str = "greeter";
/// The day of this version, as the changelog has it.
const RELEASED: &str = "2026-11-22";

/// A shell that can complete our words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// GNU bash
    Bash,
    /// The Z shell
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    #[value(name = "powershell", alias = "pwsh")]
    PowerShell,
}

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  greeter completions bash > ~/.local/share/bash-completion/completions/greeter
  greeter completions zsh > ~/.zfunc/_greeter          where fpath has ~/.zfunc
  greeter completions fish > ~/.config/fish/completions/greeter.fish
  greeter completions powershell >> $PROFILE";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  greeter man | man -l -                               read it
  greeter man > ~/.local/share/man/man1/greeter.1      keep it for man";

#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(super) struct CompletionsArgs {
    /// bash, zsh, fish or powershell
    #[arg(value_name = "SHELL", hide_possible_values = true)]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(super) struct ManArgs {}

/// The script that completes our words in a shell.
pub fn completions(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    let (mut cli, into) = (Cli::command(), &mut script);
    match shell {
        Shell::Bash => generate(aot::Bash, &mut cli, NAME, into),
        Shell::Zsh => generate(aot::Zsh, &mut cli, NAME, into),
        Shell::Fish => generate(aot::Fish, &mut cli, NAME, into),
        Shell::PowerShell => generate(aot::PowerShell, &mut cli, NAME, into),
    }
    script
}

const EXIT_STATUS: [(&str, &str); 6] = [
    ("0", "All went well."),
    ("1", "It could not be done."),
    ("2", "Wrong usage."),
    ("64 + n", "The gRPC status n: 69 is NOT_FOUND, 78 is UNAVAILABLE."),
    ("128 + n", "Signal n ended the screen, a call or a load."),
    ("130", "Ctrl-C ended a call or a check."),
];

const ENVIRONMENT: [(&str, &str); 8] = [
    ("GREETER_ADDR", "The server to use where no address is given."),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "The authorities to trust instead of the system's."),
    ("VISUAL, EDITOR", "The editor that Ctrl-X Ctrl-E opens; the first that is set."),
    ("NO_COLOR", "Draw without colours."),
    ("COLORTERM, TERM", "How many colours the terminal has; a TERM of dumb gets plain lines."),
    ("COLORFGBG", "The terminal's background, where it does not answer itself."),
    ("LC_ALL, LC_CTYPE, LANG", "Whether the terminal shows UTF-8; else only ASCII is drawn."),
    ("XDG_STATE_HOME", "Where greeter/history.jsonl is kept; ~/.local/state where it is not set."),
];

/// The manual page, in roff: one page for all commands.
pub fn man() -> io::Result<Vec<u8>> {
    let mut cli = Cli::command().disable_help_subcommand(true);
    cli.build();
    let version = env!("CARGO_PKG_VERSION");
    let title = format!(".TH GREETER 1 {RELEASED} \"{NAME} {version}\" \"User Commands\"\n");
    let mut page = title.into_bytes();
    let man = Man::new(cli.clone());
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for command in cli.get_subcommands() {
        page.extend(section_of(command)?.into_bytes());
    }
    let mut rest = String::new();
    list("EXIT STATUS", &EXIT_STATUS, &mut rest);
    list("ENVIRONMENT", &ENVIRONMENT, &mut rest);
    examples(&cli, ".SH", &mut rest);
    page.extend(rest.into_bytes());
    Ok(page)
}

/// What a command's own page would say, as a section of ours.
fn section_of(command: &Command) -> io::Result<String> {
    let man = Man::new(command.clone());
    let mut parts = Vec::new();
    man.render_synopsis_section(&mut parts)?;
    man.render_description_section(&mut parts)?;
    man.render_options_section(&mut parts)?;
    let title = format!("{NAME} {}", command.get_name()).to_uppercase();
    let mut section = format!(".SH \"{}\"\n", escaped(&title));
    for line in String::from_utf8_lossy(&parts).lines() {
        match line.strip_prefix(".SH ") {
            Some(part) => section.extend([".SS ", part, "\n"]),
            None => section.extend([line.trim_end(), "\n"]),
        }
    }
    examples(command, ".SS", &mut section);
    Ok(section)
}

/// What stands below a command's help, line by line.
fn examples(command: &Command, heading: &str, page: &mut String) {
    let Some(text) = command.get_after_help().map(ToString::to_string) else { return };
    let (title, lines) = match text.strip_prefix("Examples:\n") {
        Some(lines) => ("EXAMPLES", lines),
        None => ("NOTES", text.as_str()),
    };
    page.extend([heading, " ", title, "\n.nf\n"]);
    for line in lines.lines() {
        page.push_str(&escaped(line));
        page.push('\n');
    }
    page.push_str(".fi\n");
}

fn list(title: &str, entries: &[(&str, &str)], page: &mut String) {
    page.extend([".SH \"", title, "\"\n"]);
    for (name, what) in entries {
        page.extend([".TP\n\\fB", &escaped(name), "\\fR\n", &escaped(what), "\n"]);
    }
}

/// Text in which roff sees nothing to obey.
fn escaped(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    if escaped.starts_with('.') { format!("\\&{escaped}") } else { escaped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_this_version_is_that_of_the_changelog() {
        let changes = include_str!("../../CHANGELOG.md");
        let heading = format!("\n## [{}] - {RELEASED}\n", env!("CARGO_PKG_VERSION"));
        assert!(changes.contains(&heading), "{heading}");
    }

    #[test]
    fn roff_obeys_nothing_that_is_text() {
        assert_eq!(escaped(".so it's `a\\b`-c"), "\\&.so it\\(aqs \\(gaa\\eb\\(ga\\-c");
    }
}

//! What the program takes of the machine: memory, time when nothing happens, and room on the disk.

use std::{fs, thread, time::Duration};

use crate::{
    Length,
    figure::{Budget, Figure, Measured, Trouble, Unit, median},
    peers::{Peer, Shape},
    terminal::{Size, Terminal},
};

const SIZE: Size = (120, 36);
/// No stream of the benchmark takes longer.
const LONG: Duration = Duration::from_mins(20);

/// How the program's memory grows over a long stream, at its peak.
pub(crate) fn memory(length: Length) -> Measured {
    let replies: u64 = length.pick(100_000_000, 5_000_000);
    let flood = Peer::flood()?;
    let mut terminal = Terminal::connected(SIZE, &flood.address)?;
    let pid = terminal.pid()?;
    let before = kibibytes(pid, "VmRSS:")?;
    terminal.keys(&format!("\t{}\r", Shape::Together.ask(replies)))?;
    terminal.wait("the stream's end", LONG, |screen| screen.contents().contains("✓ OK"))?;
    let (peak, after) = (kibibytes(pid, "VmHWM:")?, kibibytes(pid, "VmRSS:")?);
    let more = terminal.see(|screen| folded(&screen.contents()));
    // Its first and its newest rows are on the screen.
    if more.is_none_or(|more| more + 100 < replies) {
        return Err(format!("the screen counts {more:?} of {replies}").into());
    }
    let what = format!("memory growth over {} million replies", replies / 1_000_000);
    let [before, peak, after] = [before, peak, after].map(|kibibytes| kibibytes / 1024.0);
    let beside = format!("from {before:.1} to {peak:.1} MiB at the most, {after:.1} MiB at the end");
    Ok(vec![Figure::new(what, peak - before, Unit::Mebibytes, Budget::AtMost(32.0)).beside(beside)])
}

/// How many replies the screen says it does not show: `… 41 203 more`.
fn folded(screen: &str) -> Option<u64> {
    let row = screen.split('…').nth(1)?.split("more").next()?;
    row.split_whitespace().collect::<String>().parse().ok()
}

/// Processor time with nothing live, the embedded server up and a call behind it.
pub(crate) fn idle(length: Length) -> Measured {
    let time = Duration::from_secs(length.pick(5, 1));
    let mut terminal = Terminal::greeter(SIZE, &[])?;
    terminal.wait_for("● ready")?;
    terminal.keys("World\r")?;
    terminal.wait_for("✓ OK")?;
    // What was said about the call goes away by itself.
    thread::sleep(Duration::from_secs(1));
    let pid = terminal.pid()?;
    let (mut all, mut written) = (Vec::new(), Vec::new());
    for _ in 0..length.pick(3, 1) {
        let before = (ticks(pid)?, terminal.written().0);
        thread::sleep(time);
        all.push(ticks(pid)? - before.0);
        written.push((terminal.written().0 - before.1) as f64);
    }
    let beside =
        format!("of user and system time in {} s; {:.0} bytes written", time.as_secs(), median(&written));
    let what = "processor time with nothing live";
    Ok(vec![Figure::new(what, median(&all), Unit::Ticks, Budget::AtMost(0.0)).beside(beside)])
}

/// The release binary, stripped.
pub(crate) fn size(_: Length) -> Measured {
    let bytes = fs::metadata(env!("CARGO_BIN_EXE_greeter"))?.len() as f64;
    Ok(vec![Figure::new("the program's size", bytes / 1e6, Unit::Megabytes, Budget::AtMost(12.0))])
}

/// A line of `/proc/PID/status`, in KiB.
fn kibibytes(pid: u32, name: &str) -> Result<f64, Trouble> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next()).ok_or("/proc says no memory")?;
    Ok(number.parse()?)
}

/// User and system time of all threads, in ticks.
fn ticks(pid: u32) -> Result<f64, Trouble> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The program's name, in brackets, may hold anything; user and system time are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let [user, system] = [11, 12].map(|at| fields.get(at).and_then(|field| field.parse::<f64>().ok()));
    Ok(user.zip(system).map(|(user, system)| user + system).ok_or("/proc says no times")?)
}

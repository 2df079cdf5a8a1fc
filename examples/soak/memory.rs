//! What memory there is, and what the transcripts explain of it.

use std::{fs, mem};

use greeter::{
    rpc::Entry,
    tui::model::{Model, Pane},
};

/// Memory in use may be so much more, in bytes, than the transcripts ever needed at once.
///
/// It holds the program, its runtimes, what is on the way (64 MiB may be unread on a connection) and the
/// pieces of larger buffers that small messages hold on to. What was freed counts as in use: the allocator
/// keeps it for the next.
pub(crate) const MAX_UNEXPLAINED: u64 = 192 << 20;
/// What an entry takes beside its bytes: itself in a queue that has room for more, and its own allocation.
const ENTRY: u64 = 2 * mem::size_of::<Entry>() as u64;
/// What a call takes beside its entries: headers, trailers, its place.
const CALL: u64 = 8 << 10;

/// The process's memory in bytes, where the system says.
pub(crate) fn resident() -> Option<u64> {
    const KIB: u64 = 1 << 10;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * KIB)
}

/// What the transcripts need, in bytes.
pub(crate) fn explained(model: &Model) -> u64 {
    let calls = model.panes.iter().flat_map(Pane::calls);
    calls.map(|call| CALL + call.record.kept() as u64 * ENTRY + 2 * call.record.bytes() as u64).sum()
}

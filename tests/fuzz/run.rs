//! One target's run: its corpus, then mutations, until the cases or the time are used up.

use std::{
    any::Any,
    cell::Cell,
    env,
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    process,
    sync::{
        Arc, Mutex, Once, PoisonError,
        mpsc::{self, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    mutate::{Chance, mutated},
    pool::{Pool, keep_failure},
};

/// Takes any bytes, and says in a word what came of them. It panics where a promise is broken.
pub(crate) type Target = fn(&[u8]) -> String;

/// A case that takes longer hangs, whatever else the machine has to do.
const HANGS: Duration = Duration::from_secs(30);
/// How often a failure is tried to be made smaller.
const SHRINKING: usize = 400;

/// How much is run.
enum Budget {
    Cases(usize),
    Until(Instant),
}

impl Budget {
    fn allows(&self, cases: usize) -> bool {
        match self {
            Self::Cases(most) => cases < *most,
            Self::Until(end) => Instant::now() < *end,
        }
    }
}

/// Runs a target. The short run has so many cases, the same each time.
pub(crate) fn run(name: &'static str, target: Target, cases: usize) {
    hush_where_it_is_wished();
    let number = |variable: &str| env::var(variable).ok().and_then(|value| value.parse::<u64>().ok());
    let seconds = number("FUZZ_SECONDS");
    let seed = number("FUZZ_SEED").unwrap_or(if seconds.is_some() { by_the_clock() } else { 1 });
    let budget = match seconds {
        Some(seconds) => Budget::Until(Instant::now() + Duration::from_secs(seconds)),
        None => Budget::Cases(cases),
    };
    if seconds.is_some() {
        // Past the capture of the tests: it is wanted where a case ends the process, too.
        let _ = writeln!(io::stderr(), "{name}: FUZZ_SEED={seed}");
    }
    let mut run = Run { name, target, pool: Pool::read(name), watch: Watch::start(name) };
    for input in run.pool.inputs.clone() {
        run.case(&input, "corpus");
    }
    let (mut chance, mut done) = (Chance::new(seed), 0);
    while budget.allows(done) {
        let input = mutated(&run.pool.inputs, &mut chance);
        run.case(&input, &format!("FUZZ_SEED={seed}"));
        done += 1;
    }
    let (inputs, outcomes) = (run.pool.inputs.len(), run.pool.outcomes());
    let _ = writeln!(io::stderr(), "{name}: {done} cases, {inputs} inputs, {outcomes} outcomes");
}

fn by_the_clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros() as u64
}

struct Run {
    name: &'static str,
    target: Target,
    pool: Pool,
    watch: Watch,
}

impl Run {
    fn case(&mut self, input: &[u8], from: &str) {
        if env::var_os("FUZZ_TRACE").is_some() {
            // A stack that overflows leaves no time to say which case it was.
            keep_failure(&format!("{}.last", self.name), input);
        }
        self.watch.begins(input);
        match attempt(self.target, input) {
            Ok(outcome) => self.pool.learn(input, &outcome),
            Err(panicked) => {
                let smaller = self.shrunk(input);
                let file = keep_failure(self.name, &smaller);
                eprintln!("{} fails ({from}):\n{}", self.name, smaller.escape_ascii());
                eprintln!("kept as {}; in tests/fuzz/corpus/{} it stays a case", file.display(), self.name);
                panic::resume_unwind(panicked);
            }
        }
    }

    /// The same failure, or another, with less.
    fn shrunk(&self, input: &[u8]) -> Vec<u8> {
        let mut best = input.to_vec();
        let (mut size, mut tries) = (best.len() / 2, 0);
        while size > 0 && tries < SHRINKING {
            let mut at = 0;
            while at < best.len() && tries < SHRINKING {
                let mut smaller = best.clone();
                smaller.drain(at..(at + size).min(best.len()));
                tries += 1;
                self.watch.begins(&smaller);
                QUIET.set(true);
                let fails = attempt(self.target, &smaller).is_err();
                QUIET.set(false);
                if fails {
                    best = smaller;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
        best
    }
}

fn attempt(target: Target, input: &[u8]) -> Result<String, Box<dyn Any + Send>> {
    panic::catch_unwind(AssertUnwindSafe(|| target(input)))
}

thread_local! {
    /// Whether this thread's panics are not told: those of shrinking say the same again and again.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

fn hush_where_it_is_wished() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let told = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                told(info);
            }
        }));
    });
}

/// Ends the process where a case hangs: nothing else could.
struct Watch {
    current: Arc<Mutex<(Instant, Vec<u8>)>>,
    _ends: Sender<()>,
}

impl Watch {
    fn start(name: &'static str) -> Self {
        let current = Arc::new(Mutex::new((Instant::now(), Vec::new())));
        let (ends, ended) = mpsc::channel();
        let watched = Arc::clone(&current);
        thread::spawn(move || {
            while ended.recv_timeout(HANGS / 10) == Err(RecvTimeoutError::Timeout) {
                let (began, input) = &*watched.lock().unwrap_or_else(PoisonError::into_inner);
                if began.elapsed() > HANGS {
                    let file = keep_failure(name, input);
                    let _ = writeln!(io::stderr(), "{name} hangs: {}", file.display());
                    process::abort();
                }
            }
        });
        Self { current, _ends: ends }
    }

    fn begins(&self, input: &[u8]) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.0 = Instant::now();
        current.1.clear();
        current.1.extend_from_slice(input);
    }
}

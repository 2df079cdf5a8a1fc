//! The corpus in the repository, what grew from it, and where failures are kept.

use std::{
    collections::HashSet,
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

/// A pool does not grow beyond so many inputs in one run.
const MAX_POOL: usize = 5_000;
/// A larger input is not worth its place in the repository.
const MAX_KEPT: usize = 600;

/// The inputs of a target that came to something different each.
pub(crate) struct Pool {
    name: &'static str,
    pub(crate) inputs: Vec<Vec<u8>>,
    outcomes: HashSet<String>,
}

impl Pool {
    /// The corpus, by its files' names.
    pub(crate) fn read(name: &'static str) -> Self {
        let mut files: Vec<PathBuf> = files(&corpus().join(name));
        files.sort();
        assert!(!files.is_empty(), "{name} has no corpus");
        let inputs = files.iter().map(|file| fs::read(file).unwrap()).collect();
        Self { name, inputs, outcomes: HashSet::new() }
    }

    /// What an input came to. One that came to something new is kept, with `FUZZ_KEEP=1` in the corpus too.
    pub(crate) fn learn(&mut self, input: &[u8], outcome: &str) {
        // Numbers make no difference.
        let outcome: String = outcome.chars().filter(|c| !c.is_ascii_digit()).take(80).collect();
        let is_new = self.outcomes.len() < MAX_POOL && self.outcomes.insert(outcome);
        if !is_new || self.inputs.iter().any(|known| known == input) {
            return;
        }
        self.inputs.push(input.to_vec());
        if env::var_os("FUZZ_KEEP").is_some() && input.len() <= MAX_KEPT {
            write(&corpus().join(self.name), input);
        }
    }

    pub(crate) fn outcomes(&self) -> usize {
        self.outcomes.len()
    }
}

/// Keeps an input that failed, outside of the repository. Says where.
pub(crate) fn keep_failure(name: &str, input: &[u8]) -> PathBuf {
    write(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz").join(name), input)
}

fn write(folder: &Path, input: &[u8]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let file = folder.join(format!("{:016x}", hasher.finish()));
    fs::create_dir_all(folder).unwrap();
    fs::write(&file, input).unwrap();
    file
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(folder).map(|entries| entries.map(|entry| entry.unwrap().path()).collect());
    found.unwrap_or_default()
}

/// Nobody's corpus is forgotten.
pub(crate) fn assert_complete(targets: &[&str]) {
    let mut found: Vec<String> =
        files(&corpus()).iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    found.sort();
    let mut targets = targets.to_vec();
    targets.sort_unstable();
    assert_eq!(found, targets);
}

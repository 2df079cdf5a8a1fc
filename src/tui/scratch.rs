//! A file that another program may change, in a directory that no other user can look into. It is removed when it is
//! dropped, and also if the program ends without dropping anything.

use std::{
    collections::hash_map::RandomState,
    env, fs,
    fs::{DirBuilder, File, OpenOptions},
    hash::{BuildHasher, Hasher},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Mutex,
};

use crate::held::lock;

/// The present directory.
static DIRECTORY: Mutex<Option<PathBuf>> = Mutex::new(None);
/// How many names are tried for the directory.
const NAMES: u32 = 16;

/// The file. There is one at a time.
#[derive(Debug)]
pub(super) struct Scratch {
    file: PathBuf,
}

impl Scratch {
    /// A file of this name with this text, which only this user can read.
    pub(super) fn new(name: &str, text: &str) -> io::Result<Self> {
        let directory = directory()?;
        let file = directory.join(name);
        *lock(&DIRECTORY) = Some(directory);
        let scratch = Self { file };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&scratch.file)?;
        file.write_all(text.as_bytes())?;
        Ok(scratch)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// What is in it now, at most `most` bytes. Editors replace the file they were given with another.
    pub(super) fn read(&self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.file)?.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        sweep();
    }
}

/// Removes the directory and everything in it, including an editor's copies.
pub(super) fn sweep() {
    if let Some(directory) = lock(&DIRECTORY).take() {
        let _ = fs::remove_dir_all(directory);
    }
}

/// A new directory that nobody could have made before.
fn directory() -> io::Result<PathBuf> {
    let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
    for _ in 0..NAMES {
        let random = RandomState::new().build_hasher().finish();
        let directory = env::temp_dir().join(format!("greeter-{random:016x}"));
        match DirBuilder::new().mode(0o700).create(&directory) {
            Ok(()) => return Ok(directory),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn nobody_else_can_read_it_and_it_goes_with_all_that_was_put_beside_it() {
        let scratch = Scratch::new("line.txt", "World").unwrap();
        let directory = scratch.path().parent().unwrap().to_owned();
        assert_eq!((mode(&directory), mode(scratch.path())), (0o700, 0o600));
        assert_eq!(scratch.read(3).unwrap(), b"Wor");
        fs::write(directory.join("line.txt~"), "World").unwrap();
        drop(scratch);
        assert!(!directory.exists());
    }
}

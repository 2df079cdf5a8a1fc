//! What one thread holds at a time.
//!
//! Under these locks plain data is put in and taken out, a step at a time: what a thread left behind that panicked is
//! as good as before, and who shows what went wrong must not be kept out.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds what is in a mutex, also where a panic has let go of it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The thread that all network work runs on, so that a face is never kept waiting by it.

use std::{io, thread};

use tokio::{runtime::Handle, sync::oneshot};

use super::dial::MAX_LOOKUPS;

/// For what blocks: names, files, large pieces of memory that are given back.
const MAX_BLOCKING_THREADS: usize = 16;
const _: () = assert!(MAX_LOOKUPS < MAX_BLOCKING_THREADS, "stuck resolvers leave threads for the rest");

/// A thread named `greeter-rpc` with a runtime of its own.
///
/// Dropping it leaves at once: tasks are dropped where they stand and nothing is waited for.
#[derive(Debug)]
pub struct Runtime {
    handle: Handle,
    /// Dropped with the runtime, which is what ends the thread.
    _stop: oneshot::Sender<()>,
}

impl Runtime {
    /// Starts the thread. The error is the operating system's.
    pub fn start() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(MAX_BLOCKING_THREADS)
            .thread_name("greeter-blocks")
            .build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        thread::Builder::new().name("greeter-rpc".to_owned()).spawn(move || {
            let _dropped = runtime.block_on(stopped);
            runtime.shutdown_background();
        })?;
        Ok(Self { handle, _stop: stop })
    }

    /// Where tasks are spawned from other threads.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc,
        time::{Duration, Instant},
    };

    use super::*;

    const GUARD: Duration = Duration::from_secs(10);

    #[test]
    fn tasks_run_on_the_thread_named_for_it() {
        let runtime = Runtime::start().unwrap();
        let (tell, told) = mpsc::channel();
        runtime.handle().spawn(async move { tell.send(thread::current().name().map(str::to_owned)) });
        assert_eq!(told.recv_timeout(GUARD).unwrap().as_deref(), Some("greeter-rpc"));
    }

    #[test]
    fn dropping_it_waits_for_nobody_and_drops_the_tasks() {
        let runtime = Runtime::start().unwrap();
        let (tell, told) = mpsc::channel::<()>();
        runtime.handle().spawn(async move {
            let _tell = tell;
            std::future::pending::<()>().await;
        });
        runtime.handle().spawn_blocking(|| thread::sleep(Duration::from_secs(5)));
        let before = Instant::now();
        drop(runtime);
        assert!(before.elapsed() < Duration::from_secs(1));
        assert_eq!(told.recv_timeout(Duration::from_secs(4)), Err(mpsc::RecvTimeoutError::Disconnected));
    }
}

//! The thread that makes running policies give way.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Advances the epochs of engines at a steady pace. Dropping it ends its thread.
#[derive(Debug)]
pub(crate) struct Ticker {
    /// Nothing is ever sent: dropping it wakes the thread, which then ends.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start<const ENGINES: usize>(
        engines: [wasmtime::Engine; ENGINES],
        tick: Duration,
    ) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("sluice-ticker".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                    engines.iter().for_each(wasmtime::Engine::increment_epoch);
                }
            })?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread can't panic; if it did, the panic hook has already spoken.
            let _ = thread.join();
        }
    }
}

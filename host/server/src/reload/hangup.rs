//! `SIGHUP`, the usual signal to make a process read its files again.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for the signal until it is dropped. On systems without this signal it never comes.
pub(super) struct Hangup {
    #[cfg(unix)]
    signal: Option<Signal>,
}

impl Hangup {
    /// From now on the signal no longer ends the process.
    pub(super) fn listen() -> Self {
        Self {
            #[cfg(unix)]
            signal: signal(SignalKind::hangup())
                .inspect_err(|error| tracing::warn!("SIGHUP is not listened for: {error}"))
                .ok(),
        }
    }

    /// Waits for the next signal. Several that come at the same time count as one.
    pub(super) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

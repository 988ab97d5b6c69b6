//! Work that takes time, away from the threads that others wait for.

use crate::error::Error;

/// Runs work on a thread for it.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::Damaged(format!("work on contents failed: {error}")))
}

//! What an operator can be told of the policies: which are in place, and why the last try failed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};
use tokio::sync::watch;

use super::passthrough::Passthrough;

/// The state of the policies at one moment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Status {
    /// The generation in place; 0 where nothing was ever loaded.
    pub generation: u64,
    /// When that generation was put in place, in milliseconds of Unix time.
    #[serde(serialize_with = "unix_ms", rename = "loaded_at_ms")]
    pub loaded_at: Option<SystemTime>,
    /// The policy file; `null` where there is none.
    pub file: Option<PathBuf>,
    /// The policies of that generation in the order of the file, and those that are off.
    pub policies: Vec<PolicyStatus>,
    /// What is forwarded although no policy sees it.
    pub passthrough: Passthrough,
    /// Why the last try to load changed nothing; `null` again once one succeeds.
    pub last_error: Option<Failure>,
}

/// One policy in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyStatus {
    /// The operator's name for it.
    pub name: String,
    /// `enforce` or `off`.
    pub mode: &'static str,
    /// The SHA-256 of its component; `null` where it is off.
    pub digest: Option<String>,
    /// Its own word for its version; `null` where it is off.
    pub version: Option<String>,
    /// How an exchange comes by its instance: `taken`, `per exchange` or `not needed`; `null` where
    /// it is off.
    pub snapshot: Option<&'static str>,
}

/// A try to load that changed nothing.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// When, in milliseconds of Unix time.
    #[serde(serialize_with = "unix_ms", rename = "at_ms")]
    pub at: Option<SystemTime>,
    /// Everything that is wrong, one fault a line.
    pub text: String,
}

/// Reads the [`Status`] as it is now. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct StatusHandle(pub(super) watch::Receiver<Arc<Status>>);

impl StatusHandle {
    /// The status of a process that has no policy file.
    pub fn no_policies() -> Self {
        Self(watch::channel(Arc::default()).1)
    }

    /// The status as it is now.
    pub fn current(&self) -> Arc<Status> {
        Arc::clone(&self.0.borrow())
    }

    /// Waits for a status that `wanted` likes; for ever where there will be none.
    pub async fn wait_for(&mut self, mut wanted: impl FnMut(&Status) -> bool) -> Arc<Status> {
        match self
            .0
            .wait_for(|status| wanted(status))
            .await
            .map(|status| Arc::clone(&status))
        {
            Ok(status) => status,
            Err(_) => std::future::pending().await,
        }
    }
}

fn unix_ms<S: Serializer>(time: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since
        .map(|since| since.as_millis() as u64)
        .serialize(serializer)
}

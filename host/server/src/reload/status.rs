//! The status of the policies, for the operator: which are in force, and why the last load failed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::watch;

use super::passthrough::Passthrough;
use super::policy_file::Mode;

/// The state of the policies at one moment.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// The generation that is in force. 0 if nothing was ever loaded.
    pub generation: u64,
    /// When that generation came into force.
    pub loaded_at: Option<SystemTime>,
    /// The policy file. `None` if there is none.
    pub file: Option<PathBuf>,
    /// The policies of that generation in the order of the file, and those that are off.
    pub policies: Vec<PolicyStatus>,
    /// The paths that are forwarded although no policy sees them.
    pub passthrough: Passthrough,
    /// Why the last load failed. `None` if it succeeded.
    pub last_error: Option<Failure>,
}

/// One policy of the policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyStatus {
    /// The operator's name for it.
    pub name: String,
    /// Whether it judges.
    pub mode: Mode,
    /// The SHA-256 of its component. `None` if it is off.
    pub digest: Option<String>,
    /// The version that it names itself. `None` if it is off.
    pub version: Option<String>,
    /// Whether exchanges start from a snapshot: `taken`, `per exchange` or `not needed`. `None` if the policy is
    /// off.
    pub snapshot: Option<&'static str>,
}

/// A load that failed and changed nothing.
#[derive(Clone, Debug)]
pub struct Failure {
    /// When.
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

    /// Waits for a status for which `wanted` returns true. Waits for ever if there will be none.
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

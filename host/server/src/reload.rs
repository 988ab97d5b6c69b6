//! Loads the operator's policies as a whole, and again whenever their files change.
//!
//! A [`Loader`] reads the policy file and its components and hands them to an [`Install`], which
//! takes all of them or none. The [`Passthrough`] of the file takes effect with them. [`watch()`] loads
//! again when a file has changed. The [`Status`] says how the last load went, and is all that a bad edit
//! changes.

mod folders;
mod hangup;
mod install;
mod loader;
pub mod passthrough;
pub mod policy_file;
mod source;
mod status;
#[cfg(test)]
#[cfg(unix)]
mod tests;
mod watch;
mod watcher;

pub use self::install::{EngineInstall, Install, Installed, Refused};
pub use self::loader::{Loader, Outcome};
pub use self::passthrough::{Passthrough, PassthroughHandle};
pub use self::source::Component;
pub use self::status::{Failure, PolicyStatus, Status, StatusHandle};
pub use self::watch::{Timing, watch};

//! The operator's policies: read, checked as a whole, put in place, and again whenever they change.
//!
//! A [`Loader`] reads the policy file and its components and hands them to an [`Install`], which
//! takes all of them or none. What the file passes by, the [`Passthrough`], takes effect with them.
//! [`watch()`] does that again when what it read has changed. What it came to stands in the [`Status`]. A bad edit changes nothing but the status.

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

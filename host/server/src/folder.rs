//! A folder that nobody but this user can read or write.
//!
//! What lies there is as safe as the user's account: code that runs, keys, what agents said. Only on Unix can Sluice tell
//! whether a folder is its user's alone, so elsewhere none can be opened.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use elsewhere::{PrivateFolder, random};
#[cfg(unix)]
pub(crate) use unix::{PrivateFolder, UNFINISHED, random};

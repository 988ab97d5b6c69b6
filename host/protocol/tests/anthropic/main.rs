//! Bytes to blocks and back, from the outside.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod checker;
mod drive;
mod fixtures;
mod generate;
mod hostile;
mod identity;
mod legality;
mod snapshots;

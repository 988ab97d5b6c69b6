//! Bytes to blocks and back, from the outside.

mod checker;
mod drive;
mod fixtures;
mod generate;
mod hostile;
mod identity;
mod legality;
mod snapshots;

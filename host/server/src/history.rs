//! What was recorded, as operators read it, take it out and forget it.
//!
//! The operators' door and the commands do all of that through here, so that both do the same. Reads the store and
//! nothing else. Who may ask is up to those who ask.

pub(crate) mod convert;
mod error;
mod export;
mod forget;
mod letters;
mod markdown;
mod pages;

use jiff::Timestamp;

pub use error::Error;
pub use export::Export;
pub use forget::{Whose, erase, hold, release};
pub(crate) use letters::Letters;
pub use pages::Pages;

/// The time of an exchange, in UTC, as people read it. Empty if there is no such time.
pub fn time(at: u64) -> String {
    let time = i64::try_from(at).ok();
    let time = time.and_then(|at| Timestamp::from_millisecond(at).ok());
    time.map_or_else(String::new, |time| {
        time.strftime("%Y-%m-%d %H:%M:%S").to_string()
    })
}

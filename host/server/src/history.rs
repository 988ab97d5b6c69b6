//! What was recorded, as people read it.
//!
//! Reads the store and nothing else. Who may read it is up to those who ask.

mod markdown;

use jiff::Timestamp;

pub use markdown::Markdown;

/// The time of an exchange, in UTC, as people read it. Empty if there is no such time.
pub fn time(at: u64) -> String {
    let time = i64::try_from(at).ok();
    let time = time.and_then(|at| Timestamp::from_millisecond(at).ok());
    time.map_or_else(String::new, |time| {
        time.strftime("%Y-%m-%d %H:%M:%S").to_string()
    })
}

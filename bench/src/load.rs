//! The load: connections, exchanges over them, and how long each took.

pub(crate) mod listen;

mod closed;
mod connection;
mod heard;
mod held;
mod measured;
mod open;

pub(crate) use self::closed::closed;
pub(crate) use self::connection::{Address, Connection};
pub(crate) use self::heard::{Door, Looks, count, listen, status};
pub(crate) use self::held::{Callers, hold};
pub(crate) use self::measured::{Measured, Spread};
pub(crate) use self::open::open;

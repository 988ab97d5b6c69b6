//! The keys that callers enter with.
//!
//! A key says who its caller is and what it allows; upstream never sees it. It has an id, which may be shown, and 256
//! random bits, of which only the hash is kept. All keys are in memory, so that no request waits for a database and a
//! database that is away keeps nobody out.

mod follow;
mod name;
mod register;
mod shown;
mod table;
mod terms;
mod text;

pub use follow::follow;
pub use name::{KeyName, NotAName};
pub use register::{KeyRegister, NewKey, NoChange};
pub use shown::{BadKey, created, shown};
pub use table::{Invalid, KeyTable};
pub use terms::{NotTerms, Pattern, Terms};
pub use text::KeyText;

pub(super) use table::Key;
pub(super) use text::NoKey;

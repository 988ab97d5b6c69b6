//! Who sent a request, and which conversation it belongs to.
//!
//! A caller is a pseudonym of its credential: an HMAC under a key of this installation, so that nobody who reads the
//! record can tell a key from it, or try keys out. A session is what agents say it is, in one of the ways that they
//! have; it always belongs to its caller, so nobody gets into the session of another by naming it.

mod credential;
mod hex;
mod pseudonym;
mod session;

pub use credential::{CREDENTIALS, Unauthenticated, is_secret, require_credential};
pub use pseudonym::{Installation, Pseudonym};
pub use session::{Session, Sessions};

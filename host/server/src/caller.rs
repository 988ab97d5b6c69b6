//! Who sent a request, and which conversation it belongs to.
//!
//! A caller is a pseudonym of its credential: an HMAC under a key of this installation, so that nobody who sees a
//! pseudonym, in a policy, an export or a list, can tell a key from it or try keys out. The installation's key is in the
//! database, so whoever has that file can. A session is what agents say it is, in one of the ways that they
//! have; it always belongs to its caller, so nobody gets into the session of another by naming it.

mod credential;
mod pseudonym;
mod session;

pub use credential::{CREDENTIALS, Unauthenticated, is_secret, require_credential};
pub use pseudonym::{Installation, Pseudonym, secret_of};
pub use session::{Session, Sessions};

use crate::hex::hex;

/// The first 16 bytes of a digest, as a name can have them.
fn short(digest: &[u8]) -> String {
    hex(&digest[..16])
}

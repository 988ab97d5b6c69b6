//! Names of callers, models, sessions and the like, as the database takes them.

use std::borrow::Cow;

use crate::chain::digest;

/// The longest name. PostgreSQL's indexes take no more than a few times of this.
const LONGEST: usize = 512;

/// A name that is not too long. Long ones keep their beginning, and differ if they did.
pub(crate) fn bounded(name: &str) -> Cow<'_, str> {
    if name.len() <= LONGEST {
        return Cow::Borrowed(name);
    }
    let end = name.floor_char_boundary(LONGEST - 40);
    let digest = digest(name.as_bytes());
    let hex: String = digest[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Cow::Owned(format!("{}…{hex}", &name[..end]))
}

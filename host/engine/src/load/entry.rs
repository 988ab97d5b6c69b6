//! What a load came to, as the bytes that a cache keeps.
//!
//! Who may have written them is the cache's affair; here they are read with care all the same, so that
//! bytes of any kind are an entry or none.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Counts up whenever an entry begins to mean something else.
const FORMAT: [u8; 4] = 1_u32.to_le_bytes();

/// All of a loaded policy that is not its code.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// The JSON of its description.
    pub(super) description: String,
    /// The interfaces it imports beyond what is always there.
    pub(super) imports: BTreeSet<String>,
    /// The JSON of what it wants.
    pub(super) wants: String,
    /// Why no snapshot could be taken; nothing where one was, or was not needed.
    pub(super) per_exchange: Option<String>,
}

/// The format, the length of the head, the head as JSON, and what is left is code: none for a policy
/// that wants nothing.
pub(super) fn encode(head: &Head, code: &[u8]) -> Option<Vec<u8>> {
    let head = serde_json::to_vec(head).ok()?;
    let length = u32::try_from(head.len()).ok()?.to_le_bytes();
    Some([&FORMAT, &length, &*head, code].concat())
}

/// The head and the code.
pub(super) fn decode(entry: &[u8]) -> Option<(Head, &[u8])> {
    let (length, rest) = entry.strip_prefix(&FORMAT)?.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (head, code) = rest.split_at_checked(length)?;
    Some((serde_json::from_slice(head).ok()?, code))
}

#[cfg(test)]
mod tests {
    use super::{Head, decode, encode};

    fn head() -> Head {
        Head {
            description: r#"{"name":"p","version":"1"}"#.to_owned(),
            imports: ["clock".to_owned()].into(),
            wants: "{}".to_owned(),
            per_exchange: Some("a reason".to_owned()),
        }
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        let entry = encode(&head(), b"code").unwrap();
        assert_eq!(decode(&entry), Some((head(), &b"code"[..])));
    }

    #[test]
    fn an_entry_of_another_format_is_none() {
        let mut entry = encode(&head(), b"code").unwrap();
        entry[0] += 1;
        assert_eq!(decode(&entry), None);
    }

    #[test]
    fn an_entry_that_was_cut_off_within_its_head_is_none() {
        let entry = encode(&head(), b"").unwrap();
        (0..entry.len()).for_each(|end| assert_eq!(decode(&entry[..end]), None));
    }

    #[test]
    fn a_length_beyond_the_end_is_none() {
        let mut entry = encode(&head(), b"code").unwrap();
        entry[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(decode(&entry), None);
    }
}

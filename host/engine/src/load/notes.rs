//! The result of a load without its code, as bytes for a cache.
//!
//! The cache decides whom it trusts to write them. Decoding is strict all the same: bytes of any
//! kind are either valid notes or none.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The version of the format. It changes whenever an entry gets another meaning.
const FORMAT: [u8; 4] = 2_u32.to_le_bytes();

/// Everything about a loaded policy except its code.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Notes {
    /// The JSON of its description.
    pub(super) description: String,
    /// The interfaces it imports beyond those that every policy has.
    pub(super) imports: BTreeSet<String>,
    /// The JSON of what it wants.
    pub(super) wants: String,
    /// Why no snapshot could be taken. `None` if one was taken, or none was needed.
    pub(super) per_exchange: Option<String>,
}

impl Notes {
    /// Encodes the format's version, then JSON.
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let json = serde_json::to_vec(self).ok()?;
        Some([&FORMAT, &*json].concat())
    }

    pub(super) fn decode(notes: &[u8]) -> Option<Self> {
        serde_json::from_slice(notes.strip_prefix(&FORMAT)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Notes;

    fn notes() -> Notes {
        Notes {
            description: r#"{"name":"p","version":"1"}"#.to_owned(),
            imports: ["clock".to_owned()].into(),
            wants: "{}".to_owned(),
            per_exchange: Some("a reason".to_owned()),
        }
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        let encoded = notes().encode().unwrap();
        assert_eq!(Notes::decode(&encoded), Some(notes()));
    }

    #[test]
    fn notes_of_another_format_are_none() {
        let mut encoded = notes().encode().unwrap();
        encoded[0] += 1;
        assert_eq!(Notes::decode(&encoded), None);
    }

    #[test]
    fn notes_that_were_cut_off_anywhere_are_none() {
        let encoded = notes().encode().unwrap();
        (0..encoded.len()).for_each(|end| assert_eq!(Notes::decode(&encoded[..end]), None));
    }
}

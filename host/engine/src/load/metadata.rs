//! The result of a load without its code, as bytes for a cache.
//!
//! The cache decides whom it trusts to write them. Decoding is strict all the same: bytes of any
//! kind are either valid metadata or none.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The version of the format. It changes whenever an entry gets another meaning.
const FORMAT: [u8; 4] = 2_u32.to_le_bytes();

/// Everything about a loaded policy except its code.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Metadata {
    /// The JSON of its description.
    pub(super) description: String,
    /// The interfaces it imports beyond those that every policy has.
    pub(super) imports: BTreeSet<String>,
    /// The JSON of what it wants.
    pub(super) wants: String,
    /// Why no snapshot could be taken. `None` if one was taken, or none was needed.
    pub(super) per_exchange: Option<String>,
}

impl Metadata {
    /// Encodes the format's version, then JSON.
    pub(super) fn encode(&self) -> Option<Vec<u8>> {
        let json = serde_json::to_vec(self).ok()?;
        Some([&FORMAT, &*json].concat())
    }

    pub(super) fn decode(metadata: &[u8]) -> Option<Self> {
        serde_json::from_slice(metadata.strip_prefix(&FORMAT)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::Metadata;

    fn metadata() -> Metadata {
        Metadata {
            description: r#"{"name":"p","version":"1"}"#.to_owned(),
            imports: ["clock".to_owned()].into(),
            wants: "{}".to_owned(),
            per_exchange: Some("a reason".to_owned()),
        }
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        let encoded = metadata().encode().unwrap();
        assert_eq!(Metadata::decode(&encoded), Some(metadata()));
    }

    #[test]
    fn metadata_of_another_format_is_none() {
        let mut encoded = metadata().encode().unwrap();
        encoded[0] += 1;
        assert_eq!(Metadata::decode(&encoded), None);
    }

    #[test]
    fn metadata_that_was_cut_off_anywhere_is_none() {
        let encoded = metadata().encode().unwrap();
        (0..encoded.len()).for_each(|end| assert_eq!(Metadata::decode(&encoded[..end]), None));
    }
}

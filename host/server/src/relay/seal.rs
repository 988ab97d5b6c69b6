//! Signs what goes through Redis, so that nobody but the processes of one installation can tell anything.
//!
//! The key comes from the key of the installation, which all processes that use a database share. Processes that record
//! nothing share none: what they tell is not signed, and they believe what is not.

use ring::hmac;

use crate::caller::Installation;
use crate::hex::{hex, unhex};

/// The bytes of a signature, which stands in hexadecimal before the message.
const TAG: usize = 32;
/// How many bytes a signature adds to a message.
pub(super) const ADDED: usize = 2 * TAG + 1;

/// Signs messages, and tells those apart that were signed under the same key.
#[derive(Clone)]
pub(super) struct Seal(Option<hmac::Key>);

impl Seal {
    /// Signs for a channel: what was said on one counts on no other.
    pub(super) fn new(installation: Option<&Installation>, channel: &str) -> Self {
        Self(installation.map(|installation| installation.key_for(&format!("relay {channel}"))))
    }

    /// The message as it goes through Redis.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.0 {
            Some(key) => {
                let tag = hex(hmac::sign(key, message).as_ref());
                [tag.as_bytes(), b" ", message].concat()
            }
            None => message.to_vec(),
        }
    }

    /// The message that was signed. `None` if it was not, or not under this key. Takes the same time whatever the signature
    /// is.
    pub(super) fn open<'a>(&self, signed: &'a [u8]) -> Option<&'a [u8]> {
        let Some(key) = &self.0 else {
            return Some(signed);
        };
        let (tag, message) = signed.split_at_checked(2 * TAG)?;
        let tag = unhex::<TAG>(std::str::from_utf8(tag).ok()?)?;
        let message = message.strip_prefix(b" ")?;
        hmac::verify(key, message, &tag).ok().map(|()| message)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHANNEL: &str = "sluice:0:events:1";

    fn seal(key: u8, channel: &str) -> Seal {
        Seal::new(Some(&Installation::new(&[key; 32])), channel)
    }

    proptest! {
        #[test]
        fn what_was_signed_is_read_and_nothing_that_differs_from_it(
            message in proptest::collection::vec(any::<u8>(), 0..200),
            at in any::<prop::sample::Index>(),
            bit in 0..8u32,
            cut in any::<prop::sample::Index>(),
        ) {
            let seal = seal(1, CHANNEL);
            let signed = seal.sign(&message);
            prop_assert_eq!(signed.len(), message.len() + ADDED);
            prop_assert_eq!(seal.open(&signed), Some(&message[..]));
            let mut changed = signed.clone();
            changed[at.index(signed.len())] ^= 1 << bit;
            // A hexadecimal digit in capitals is the same digit.
            let is_same = changed.eq_ignore_ascii_case(&signed) && changed[2 * TAG..] == signed[2 * TAG..];
            prop_assert_eq!(seal.open(&changed).is_some(), is_same);
            prop_assert_eq!(seal.open(&signed[..cut.index(signed.len())]), None);
            prop_assert_eq!(seal.open(&message), None);
        }
    }

    #[test]
    fn another_installation_and_another_channel_are_told_apart() {
        let signed = seal(1, CHANNEL).sign(b"0123456789ab-5");
        assert_eq!(seal(2, CHANNEL).open(&signed), None);
        assert_eq!(seal(1, "sluice:1:events:1").open(&signed), None);
        assert_eq!(seal(1, CHANNEL).open(&signed), Some(&b"0123456789ab-5"[..]));
    }

    #[test]
    fn without_an_installation_nothing_is_signed() {
        let none = Seal::new(None, CHANNEL);
        assert_eq!(none.sign(b"a"), b"a");
        assert_eq!(none.open(b"a"), Some(&b"a"[..]));
    }
}

//! Keeps the compiled functions of a component one by one, so that the next compile can reuse them.
//!
//! A changed config changes what a snapshot holds in memory but not its code, so its functions are
//! found here. The key of a function is a digest of what it is made of, so a changed function has
//! another key. A few functions get a new key each time, because not everything before the compiler
//! runs in a fixed order.

use std::borrow::Cow;
use std::collections::HashMap;
use std::mem;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wasmtime::CacheStore;

/// The length of a function's key, a SHA-256.
const KEY: usize = 32;

/// The functions that one compile finds and the ones it leaves.
#[derive(Debug)]
pub(crate) struct Functions {
    /// What an earlier compile left.
    left: Vec<u8>,
    found: HashMap<[u8; KEY], Range<usize>>,
    /// What this compile has used or made. Each entry is the function's key, its length, and its
    /// code.
    used: Mutex<Vec<u8>>,
}

impl Functions {
    /// Prepares a compile with what an earlier one left.
    pub(crate) fn new(left: Vec<u8>) -> Self {
        Self {
            found: index(&left),
            // The result will be about as long.
            used: Mutex::new(Vec::with_capacity(left.len())),
            left,
        }
    }

    /// Returns what this compile leaves for the next, once it is over.
    pub(crate) fn take_left(&self) -> Vec<u8> {
        mem::take(&mut self.used())
    }

    fn used(&self) -> MutexGuard<'_, Vec<u8>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All threads of a compile call this.
impl CacheStore for Functions {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        let key: &[u8; KEY] = key.try_into().ok()?;
        let code = self.left.get(self.found.get(key)?.clone())?;
        append(&mut self.used(), key, code)?;
        Some(Cow::Borrowed(code))
    }

    fn insert(&self, key: &[u8], code: Vec<u8>) -> bool {
        let kept = key.try_into().ok();
        kept.and_then(|key| append(&mut self.used(), key, &code))
            .is_some()
    }
}

/// Returns `None` if the code is too long for the length field.
fn append(functions: &mut Vec<u8>, key: &[u8; KEY], code: &[u8]) -> Option<()> {
    let length = u32::try_from(code.len()).ok()?;
    functions.extend_from_slice(key);
    functions.extend_from_slice(&length.to_le_bytes());
    functions.extend_from_slice(code);
    Some(())
}

/// Maps each function's key to the place of its code.
fn index(functions: &[u8]) -> HashMap<[u8; KEY], Range<usize>> {
    let mut index = HashMap::new();
    let mut rest = functions;
    while let Some((key, code, after)) = first(rest) {
        let end = functions.len() - after.len();
        index.insert(*key, end - code.len()..end);
        rest = after;
    }
    index
}

fn first(functions: &[u8]) -> Option<(&[u8; KEY], &[u8], &[u8])> {
    let (key, rest) = functions.split_first_chunk::<KEY>()?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (code, rest) = rest.split_at_checked(length)?;
    Some((key, code, rest))
}

#[cfg(test)]
mod tests {
    use wasmtime::CacheStore as _;

    use super::{Functions, KEY};

    fn get(functions: &Functions, nth: u8) -> Option<Vec<u8>> {
        functions.get(&[nth; KEY]).map(Into::into)
    }

    /// Returns what a compile leaves that made these two functions.
    fn left() -> Vec<u8> {
        let functions = Functions::new(Vec::new());
        assert!(functions.insert(&[1; KEY], b"one".to_vec()));
        assert!(functions.insert(&[2; KEY], b"".to_vec()));
        functions.take_left()
    }

    #[test]
    fn what_one_compile_made_the_next_one_finds() {
        let functions = Functions::new(left());
        assert_eq!(get(&functions, 1).unwrap(), b"one");
        assert_eq!(get(&functions, 2).unwrap(), b"");
        assert_eq!(get(&functions, 3), None);
        assert_eq!(functions.take_left(), left());
    }

    #[test]
    fn what_a_compile_did_not_use_it_does_not_leave() {
        let functions = Functions::new(left());
        assert!(get(&functions, 1).is_some());
        assert!(functions.insert(&[3; KEY], b"three".to_vec()));
        let next = Functions::new(functions.take_left());
        let there = [1, 2, 3].map(|nth| get(&next, nth).is_some());
        assert_eq!(there, [true, false, true]);
    }

    #[test]
    fn what_was_cut_off_anywhere_is_what_is_whole_of_it() {
        let left = left();
        let first = KEY + 4 + 3;
        for end in 0..left.len() {
            let functions = Functions::new(left[..end].to_vec());
            assert_eq!(get(&functions, 1).is_some(), end >= first);
            assert_eq!(get(&functions, 2), None);
        }
    }
}

//! Objects and arrays that nobody looks into.

use super::{ahead, fault, key::Keyed, scalar::scalar_end, string::Quoted};
use crate::json::Fault;

/// The place behind the object or array at `at` and all that is in it, which may take `depth` levels. Goes without
/// recursion: a bit of `kinds` per level says whether it is an object.
#[inline(never)]
pub(super) fn nested_end(bytes: &[u8], start: usize, depth: usize) -> Result<usize, Fault> {
    let mut left = depth;
    let mut kinds: u128 = 0;
    let mut next = start;
    loop {
        let (at, first) = ahead(bytes, next);
        next = match first {
            Some(open @ (b'{' | b'[')) => {
                if left == 0 {
                    return fault(Fault::TOO_DEEP, at);
                }
                left -= 1;
                let is_object = open == b'{';
                kinds = kinds << 1 | u128::from(is_object);
                let (inside, byte) = ahead(bytes, at + 1);
                if byte != Some(close(is_object)) {
                    next = value_of(bytes, inside, is_object)?;
                    continue;
                }
                inside
            }
            Some(b'"') => Quoted::read(bytes, at)?.end,
            Some(byte) => scalar_end(bytes, at, byte)?,
            None => return fault("the text ends where a value is expected", at),
        };
        loop {
            if left == depth {
                return Ok(next);
            }
            let is_object = kinds & 1 == 1;
            let (at, byte) = ahead(bytes, next);
            match byte {
                Some(b',') => {
                    next = value_of(bytes, at + 1, is_object)?;
                    break;
                }
                Some(byte) if byte == close(is_object) => {
                    next = at + 1;
                    left += 1;
                    kinds >>= 1;
                }
                _ => return fault("a comma or the end of the list is expected", at),
            }
        }
    }
}

/// Where the value of the entry at `at` begins, or the white space before it.
#[inline(always)]
fn value_of(bytes: &[u8], at: usize, is_object: bool) -> Result<usize, Fault> {
    if !is_object {
        return Ok(at);
    }
    match Keyed::short(bytes, at) {
        Some(keyed) => Ok(keyed.end),
        None => Ok(Keyed::read(bytes, at)?.end),
    }
}

#[inline]
fn close(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

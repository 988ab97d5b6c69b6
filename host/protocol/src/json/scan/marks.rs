//! Which of the bytes of a block mean something inside a string.
//!
//! Compares many bytes with one instruction, which `fearless_simd` has for each machine without `unsafe`.
//! What is generic over [`Simd`] must be inlined into the function that a `dispatch!` calls: only there
//! the compiler may use the wider instructions.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x16, u8x64};

/// How many bytes a block has: as many as a mask has bits.
pub(super) const BLOCK: usize = 64;

/// The most bytes that a short string has.
pub(super) const SHORT: usize = 16;

/// The bytes of a block that are no plain ones: a bit each, the first byte's the lowest.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks {
    pub(super) quotes: u64,
    pub(super) backslashes: u64,
    pub(super) controls: u64,
}

/// The escapes in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Escapes {
    /// The bytes that stand behind the backslash of an escape.
    pub(super) letters: u64,
    /// One where the first byte of the next block is such a letter, else zero.
    pub(super) open: u64,
}

const LAST_CONTROL: u8 = 0x1f;

const ODD: u64 = u64::MAX / 3 * 2;

impl Marks {
    #[inline(always)]
    pub(super) fn of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Self {
        let bytes = u8x64::load_array(simd, *block);
        Self {
            quotes: bytes.simd_eq(b'"').to_bitmask(),
            backslashes: bytes.simd_eq(b'\\').to_bitmask(),
            controls: controls(bytes),
        }
    }

    /// Tells the backslashes that begin an escape from those that one ends with. `open` is one where the
    /// block's first byte is the letter of an escape, else zero.
    ///
    /// In a run of backslashes every other one begins an escape, the first one among them. Taking the run
    /// from the bits one place higher, with all odd places set, lets a borrow run through it and leaves a
    /// pattern that alternates from its first bit on, wherever that stands: the backslashes that begin an
    /// escape, and the place behind the run where it ends with a letter. The subtraction is simdjson's.
    #[inline(always)]
    pub(super) fn escapes(&self, open: u64) -> Escapes {
        let backslashes = self.backslashes & !open;
        let begun = (backslashes << 1 | ODD).wrapping_sub(backslashes) ^ ODD;
        Escapes {
            letters: begun ^ (self.backslashes | open),
            open: (begun & self.backslashes) >> (BLOCK - 1),
        }
    }
}

/// Few blocks have a control character: both halves are looked at in one.
#[inline(always)]
fn controls<S: Simd>(bytes: u8x64<S>) -> u64 {
    let (first, second) = bytes.split();
    match first.min(second).simd_le(LAST_CONTROL).any_true() {
        false => 0,
        true => bytes.simd_le(LAST_CONTROL).to_bitmask(),
    }
}

/// Which bytes of a block are letters that white space is escaped with, as most escapes are.
#[inline(always)]
pub(super) fn blank_letters<S: Simd>(simd: S, block: &[u8; BLOCK]) -> u64 {
    let bytes = u8x64::load_array(simd, *block);
    let blank = bytes.simd_eq(b'n') | bytes.simd_eq(b't') | bytes.simd_eq(b'r');
    blank.to_bitmask()
}

/// How many bytes are plain ones, before the first that is none.
#[inline(always)]
pub(super) fn plain(bytes: &[u8; SHORT]) -> usize {
    dispatch!(Level::baseline(), simd => plain_with(simd, bytes))
}

#[inline(always)]
fn plain_with<S: Simd>(simd: S, bytes: &[u8; SHORT]) -> usize {
    let bytes = u8x16::load_array(simd, *bytes);
    let marks = bytes.simd_eq(b'"') | bytes.simd_eq(b'\\') | bytes.simd_le(LAST_CONTROL);
    (marks.to_bitmask() | 1 << SHORT).trailing_zeros() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The escapes as they are told one byte after the other.
    fn one_by_one(backslashes: u64, open: u64) -> Escapes {
        let mut escapes = Escapes { letters: 0, open };
        for at in 0..BLOCK {
            let is_letter = escapes.open;
            escapes.letters |= is_letter << at;
            escapes.open = backslashes >> at & 1 & !is_letter;
        }
        escapes
    }

    #[test]
    fn every_other_backslash_of_a_run_begins_an_escape() {
        let runs = [0, 1, 2, 3, 4, 5, 62, 63];
        for length in runs {
            for at in 0..BLOCK {
                for open in [0, 1] {
                    let run = ((1_u64 << length) - 1) << at;
                    for backslashes in [run, run | 1, run | 0b1011 << 40, !run, u64::MAX] {
                        let marks = Marks {
                            backslashes,
                            ..Marks::default()
                        };
                        let told = one_by_one(backslashes, open);
                        assert_eq!(marks.escapes(open), told, "{backslashes:b}");
                    }
                }
            }
        }
    }

    #[test]
    fn each_byte_is_marked_as_what_it_is() {
        for level in [Level::new(), Level::baseline()] {
            for byte in 0..=u8::MAX {
                for at in 0..BLOCK {
                    let mut block = [b'a'; BLOCK];
                    block[at] = byte;
                    let marks = dispatch!(level, simd => Marks::of(simd, &block));
                    let letters = dispatch!(level, simd => blank_letters(simd, &block));
                    let bit = |is: bool| u64::from(is) << at;
                    assert_eq!(marks.quotes, bit(byte == b'"'));
                    assert_eq!(marks.backslashes, bit(byte == b'\\'));
                    assert_eq!(marks.controls, bit(byte < 0x20));
                    assert_eq!(letters, bit(matches!(byte, b'n' | b't' | b'r')));
                }
            }
        }
    }
}

//! Which of the bytes of a block mean something inside a string.
//!
//! Compares many bytes with one instruction, which `wide` has for each machine without `unsafe`.

use wide::u8x16;

/// How many bytes a block has: as many as a mask has bits.
const BLOCK: usize = 64;

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
    /// Whether the first byte of the next block is such a letter.
    pub(super) goes_on: bool,
}

const EVEN: u64 = u64::MAX / 3;

impl Marks {
    #[inline]
    pub(super) fn of(block: &[u8; BLOCK]) -> Self {
        let lanes = block.as_chunks::<16>().0;
        let lane = |at: usize| u8x16::new(lanes[at]);
        let [first, second, third, fourth] = std::array::from_fn(lane);
        let all = |mask: fn(u8x16) -> u8x16| {
            let bits = |lane: u8x16, at: u32| u64::from(mask(lane).to_bitmask()) << at;
            bits(first, 0) | bits(second, 16) | bits(third, 32) | bits(fourth, 48)
        };
        // Few blocks have a control character, and where the lowest byte of each place is none, none is.
        let lowest = first.min(second).min(third.min(fourth));
        Self {
            quotes: all(|lane| is(lane, b'"')),
            backslashes: all(|lane| is(lane, b'\\')),
            controls: match is_control(lowest).to_bitmask() {
                0 => 0,
                _ => all(is_control),
            },
        }
    }

    /// Tells the backslashes that begin an escape from those that one ends with. `is_open` says that the
    /// block's first byte is the letter of an escape.
    ///
    /// In a run of backslashes every other one begins an escape, the first one among them. So the letters
    /// of a run that begins at an even place are at odd places, up to the one behind it, and the other way
    /// round. Adding its first bit to a run clears it, which is how runs of the one sort are found.
    #[inline]
    pub(super) fn escapes(&self, is_open: bool) -> Escapes {
        let open = u64::from(is_open);
        let backslashes = self.backslashes & !open;
        let first = backslashes & !(backslashes << 1);
        let even = backslashes & !backslashes.wrapping_add(first & EVEN);
        let odd = backslashes ^ even;
        Escapes {
            letters: (even << 1 & !EVEN) | (odd << 1 & EVEN) | open,
            goes_on: odd >> (BLOCK - 1) == 1,
        }
    }
}

/// Where the first byte of these stands that is no plain one; behind them where all are.
#[inline]
pub(super) fn first(bytes: &[u8; 16]) -> usize {
    let lane = u8x16::new(*bytes);
    let marks = is(lane, b'"') | is(lane, b'\\') | is_control(lane);
    (marks.to_bitmask() | 1 << 16).trailing_zeros() as usize
}

#[inline]
fn is(lane: u8x16, byte: u8) -> u8x16 {
    lane.simd_eq(u8x16::splat(byte))
}

#[inline]
fn is_control(lane: u8x16) -> u8x16 {
    lane.min(u8x16::splat(0x1f)).simd_eq(lane)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The escapes as they are told one byte after the other.
    fn one_by_one(backslashes: u64, is_open: bool) -> Escapes {
        let mut escapes = Escapes {
            letters: 0,
            goes_on: is_open,
        };
        for at in 0..BLOCK {
            let is_letter = escapes.goes_on;
            escapes.letters |= u64::from(is_letter) << at;
            escapes.goes_on = backslashes >> at & 1 == 1 && !is_letter;
        }
        escapes
    }

    #[test]
    fn every_other_backslash_of_a_run_begins_an_escape() {
        let runs = [0, 1, 2, 3, 4, 5, 62, 63];
        for length in runs {
            for at in 0..BLOCK {
                for is_open in [false, true] {
                    let run = ((1_u64 << length) - 1) << at;
                    for backslashes in [run, run | 1, run | 0b1011 << 40, !run, u64::MAX] {
                        let marks = Marks {
                            backslashes,
                            ..Marks::default()
                        };
                        let told = one_by_one(backslashes, is_open);
                        assert_eq!(marks.escapes(is_open), told, "{backslashes:b}");
                    }
                }
            }
        }
    }

    #[test]
    fn each_byte_is_marked_as_what_it_is() {
        for byte in 0..=u8::MAX {
            for at in 0..BLOCK {
                let mut block = [b'a'; BLOCK];
                block[at] = byte;
                let marks = Marks::of(&block);
                let bit = |is: bool| u64::from(is) << at;
                assert_eq!(marks.quotes, bit(byte == b'"'));
                assert_eq!(marks.backslashes, bit(byte == b'\\'));
                assert_eq!(marks.controls, bit(byte < 0x20));
            }
        }
    }
}

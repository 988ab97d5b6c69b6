//! Finds where a match could begin, by the first bytes of every match.
//!
//! A table of byte pairs rules out most places quickly, even in requests of a megabyte. A general
//! multi-string search would be several times slower.

use std::collections::BTreeSet;

use regex_syntax::hir::{Hir, literal::Extractor};

/// Longer prefixes match fewer wrong places, but there are more of them if case is ignored.
const LONGEST: usize = 4;

/// The prefixes that every match begins with, each at least two bytes long.
pub(super) struct Prefixes {
    /// For each pair of bytes: 0, or the number of its bucket, counted from 1.
    pairs: Box<[u8; 1 << 16]>,
    buckets: Vec<Bucket>,
}

/// The bytes that can follow a pair, one list for each prefix.
type Bucket = Vec<Vec<u8>>;

impl Prefixes {
    /// Returns `None` if the matches of some pattern can begin with too many prefixes, or with one
    /// that is too short.
    pub(super) fn of(hirs: &[Hir]) -> Option<Self> {
        let mut prefixes = BTreeSet::new();
        for hir in hirs {
            for literal in Extractor::new().extract(hir).literals()? {
                let bytes = literal.as_bytes();
                prefixes.insert(bytes[..bytes.len().min(LONGEST)].to_vec());
            }
        }
        let mut pairs = Box::new([0; 1 << 16]);
        let mut buckets: Vec<Bucket> = Vec::new();
        for prefix in prefixes {
            let [first, second, rest @ ..] = prefix.as_slice() else {
                return None;
            };
            let bucket = &mut pairs[pair(*first, *second)];
            if *bucket == 0 {
                buckets.push(Bucket::new());
                *bucket = u8::try_from(buckets.len()).ok()?;
            }
            buckets[*bucket as usize - 1].push(rest.to_vec());
        }
        Some(Self { pairs, buckets })
    }

    /// Returns the first place from `at` on where a prefix begins. If the text is not complete, a
    /// prefix that its end cuts off counts too.
    pub(super) fn find(&self, text: &str, at: usize, complete: bool) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut previous = *bytes.get(at)?;
        for (offset, &byte) in bytes[at + 1..].iter().enumerate() {
            let bucket = self.pairs[pair(previous, byte)];
            if bucket != 0 && self.follows(bucket, &bytes[at + offset + 2..], complete) {
                return Some(at + offset);
            }
            previous = byte;
        }
        // The last byte alone proves nothing.
        (!complete).then(|| bytes.len() - 1)
    }

    fn follows(&self, bucket: u8, text: &[u8], complete: bool) -> bool {
        let could_follow =
            |rest: &Vec<u8>| text.starts_with(rest) || (!complete && rest.starts_with(text));
        self.buckets[bucket as usize - 1].iter().any(could_follow)
    }
}

fn pair(first: u8, second: u8) -> usize {
    usize::from(u16::from_be_bytes([first, second]))
}

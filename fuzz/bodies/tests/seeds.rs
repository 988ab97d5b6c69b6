//! Runs the bodies over their seeds, unchanged and damaged, for machines without a fuzzer.
//!
//! Recorded streams are seeds as they are. Requests have theirs beside the fuzz targets.
#![expect(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

type Body = fn(&[u8]);

/// A way to damage a seed.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Truncate(Index),
    /// Continues, from one place on, as another seed does from another place.
    Splice(Index, Index, Index),
    Repeat(Index, Index),
    Remove(Index),
    Insert(Index, &'static str),
}

/// Words that parsers of these formats get wrong.
const WORDS: [&str; 12] = [
    "\"",
    "\\",
    "{",
    "}",
    "[]",
    "null",
    "\r",
    "\n\n",
    "data: ",
    "event: error\n",
    "\\u0065",
    "\u{feff}",
];

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        at().prop_map(Damage::Truncate),
        (at(), at(), at()).prop_map(|(other, from, to)| Damage::Splice(other, from, to)),
        (at(), at()).prop_map(|(line, to)| Damage::Repeat(line, to)),
        at().prop_map(Damage::Remove),
        (at(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Damage::Insert(at, word)),
    ]
}

fn damaged(seeds: &[Vec<u8>], mut data: Vec<u8>, damage: &Damage) -> Vec<u8> {
    let at = |index: &Index, data: &[u8]| index.index(data.len() + 1);
    match damage {
        Damage::Flip(index, byte) if !data.is_empty() => {
            let place = index.index(data.len());
            data[place] = *byte;
        }
        Damage::Flip(..) => {}
        Damage::Truncate(index) => data.truncate(at(index, &data)),
        Damage::Splice(other, from, to) => {
            let other = &seeds[other.index(seeds.len())];
            data.truncate(at(from, &data));
            data.extend_from_slice(&other[at(to, other)..]);
        }
        Damage::Repeat(line, to) => {
            let mut lines: Vec<&[u8]> = data.split_inclusive(|byte| *byte == b'\n').collect();
            if !lines.is_empty() {
                lines.insert(to.index(lines.len()), lines[line.index(lines.len())]);
            }
            return lines.concat();
        }
        Damage::Remove(line) => {
            let mut lines: Vec<&[u8]> = data.split_inclusive(|byte| *byte == b'\n').collect();
            if !lines.is_empty() {
                lines.remove(line.index(lines.len()));
            }
            return lines.concat();
        }
        Damage::Insert(index, word) => {
            let place = at(index, &data);
            data.splice(place..place, word.bytes());
        }
    }
    data
}

/// Reads the seeds in these folders of the checkout.
fn seeds(folders: &[&str]) -> Vec<Vec<u8>> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = |folder: &&str| {
        let folder = checkout.join(folder);
        let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    };
    let seeds: Vec<_> = folders
        .iter()
        .flat_map(files)
        .map(|file| fs::read(file).unwrap())
        .collect();
    assert!(!seeds.is_empty());
    seeds
}

/// Runs the body over each seed, and over `cases` damaged ones with different judgements.
fn holds(body: Body, folders: &[&str], cases: u32) {
    let seeds = seeds(folders);
    seeds.iter().for_each(|seed| body(seed));
    let config = ProptestConfig {
        // A failure is printed, and becomes a test of the crate that is at fault.
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    };
    let inputs = (any::<Index>(), vec(damage(), 0..4), vec(any::<u8>(), 0..12));
    let outcome = TestRunner::new(config).run(&inputs, |(seed, damages, choices)| {
        let mut data = seeds[seed.index(seeds.len())].clone();
        for damage in &damages {
            data = damaged(&seeds, data, damage);
        }
        data.push(0);
        data.extend_from_slice(&choices);
        body(&data);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn any_bytes_are_frames() {
    let all = ["anthropic", "openai_chat", "openai_responses"]
        .map(|dialect| format!("host/protocol/fixtures/{dialect}"));
    let folders = all.each_ref().map(String::as_str);
    holds(sluice_fuzz_bodies::sse_decoder, &folders, 1000);
}

#[test]
fn arguments_of_calls_hold() {
    holds(
        sluice_fuzz_bodies::arguments,
        &["fuzz/seeds/arguments"],
        2000,
    );
}

#[test]
fn requests_to_anthropic_hold() {
    let folders = ["fuzz/seeds/request_anthropic"];
    holds(sluice_fuzz_bodies::request_anthropic, &folders, 1000);
}

#[test]
fn requests_to_openai_chat_hold() {
    let folders = ["fuzz/seeds/request_openai_chat"];
    holds(sluice_fuzz_bodies::request_openai_chat, &folders, 1000);
}

#[test]
fn requests_to_openai_responses_hold() {
    let folders = ["fuzz/seeds/request_openai_responses"];
    holds(sluice_fuzz_bodies::request_openai_responses, &folders, 1000);
}

#[test]
fn requests_to_openai_embeddings_hold() {
    let folders = ["fuzz/seeds/request_openai_embeddings"];
    holds(
        sluice_fuzz_bodies::request_openai_embeddings,
        &folders,
        1000,
    );
}

#[test]
fn replies_of_anthropic_hold() {
    let folders = ["host/protocol/fixtures/anthropic"];
    holds(sluice_fuzz_bodies::stream_anthropic, &folders, 500);
}

#[test]
fn replies_of_openai_chat_hold() {
    let folders = ["host/protocol/fixtures/openai_chat"];
    holds(sluice_fuzz_bodies::stream_openai_chat, &folders, 500);
}

#[test]
fn replies_of_openai_responses_hold() {
    let folders = ["host/protocol/fixtures/openai_responses"];
    holds(sluice_fuzz_bodies::stream_openai_responses, &folders, 500);
}

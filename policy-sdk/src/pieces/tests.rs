//! Compares the finder with the `regex` crate on the whole text, for any way of cutting it.

use proptest::prelude::*;

use super::*;

const PATTERNS: [&str; 22] = [
    "ab",
    "abab?c",
    "a+b",
    "a|ab|abc",
    "[ab]{2,5}c",
    r"\bab\b",
    r"\bab|abc",
    r"\b\w+é\b",
    r"(?-u:\b)a+(?-u:\b)",
    "^a",
    "b$",
    "(?m)^b+$",
    "é+|ñ",
    "(?i:É)b",
    "a.*?c",
    "(?s:b.{0,3}c)",
    r"\.\s+",
    r"(?P<x>a)(b)?",
    "cab|ca",
    r"[^a]b",
    r"\Ba",
    r"\w\b{end}",
];

fn finder(patterns: &[&str]) -> Finder {
    let patterns = patterns.iter().map(|regex| Pattern::regex(*regex));
    Finder::new(patterns).expect("they are patterns")
}

fn mark(found: &Match<'_>) -> Option<String> {
    Some(format!("<{}:{}>", found.pattern(), found.text()))
}

/// Returns what is sent for the text cut at `cuts`.
fn sent_in_cuts(finder: &mut Finder, text: &str, cuts: &[usize]) -> String {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (text.len() + 1)).collect();
    cuts.retain(|cut| text.is_char_boundary(*cut));
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    let pieces: Vec<&str> = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
    sent(finder, &pieces).concat()
}

/// Returns what is sent for each piece and for the empty last one.
fn sent(finder: &mut Finder, pieces: &[&str]) -> Vec<String> {
    let last = std::iter::once(("", true));
    let pieces = pieces.iter().map(|text| (*text, false)).chain(last);
    let judge = |(text, last)| match finder.judge(Piece { text, last }, |found| mark(&found)) {
        TextVerdict::Keep => text.to_owned(),
        TextVerdict::Send(sent) => sent,
        TextVerdict::Stop(_) => unreachable!("a finder never stops"),
    };
    pieces.map(judge).collect()
}

fn by_the_regex_crate(patterns: &[&str], text: &str) -> (String, usize) {
    let groups = patterns.iter().zip(0..);
    let groups = groups.map(|(p, n)| format!("(?P<p{n}>{})", p.replace("?P<x>", "?:")));
    let regex = regex::Regex::new(&groups.collect::<Vec<_>>().join("|")).expect("a regex");
    let mut longest = 0;
    let replaced = regex.replace_all(text, |captures: &regex::Captures<'_>| {
        let which = (0..patterns.len()).find(|n| captures.name(&format!("p{n}")).is_some());
        longest = longest.max(captures[0].len());
        format!("<{}:{}>", which.expect("one of them"), &captures[0])
    });
    (replaced.into_owned(), longest)
}

fn patterns() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(PATTERNS.to_vec()), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn cuts_change_nothing_and_the_regex_crate_agrees(
        patterns in patterns(),
        text in "[abcé. \n]{0,40}",
        cuts in prop::collection::vec(0_usize..100, 0..12),
    ) {
        let (expected, _) = by_the_regex_crate(&patterns, &text);
        let mut finder = finder(&patterns);
        prop_assert_eq!(sent_in_cuts(&mut finder, &text, &cuts), expected.clone());
        // The same finder is used for the next block.
        prop_assert_eq!(sent_in_cuts(&mut finder, &text, &[]), expected.clone());
        let whole = finder.whole(&text, |found| mark(&found));
        prop_assert_eq!(whole.unwrap_or(text), expected);
    }

    #[test]
    fn a_bound_keeps_cuts_meaningless_and_misses_nothing_within_it(
        patterns in patterns(),
        text in "[abcé ]{0,60}",
        cuts in prop::collection::vec(0_usize..100, 0..12),
        bound in 1_usize..8,
    ) {
        let mut finder = finder(&patterns).with_bound(bound);
        let whole = finder.whole(&text, |found| mark(&found)).unwrap_or_else(|| text.clone());
        prop_assert_eq!(sent_in_cuts(&mut finder, &text, &cuts), whole.clone());
        let (expected, longest) = by_the_regex_crate(&patterns, &text);
        if longest <= bound {
            prop_assert_eq!(whole, expected);
        }
    }

    #[test]
    fn no_more_than_the_bound_is_held_back(
        patterns in patterns(),
        text in "[abc ]{0,60}",
        bound in 1_usize..8,
    ) {
        let mut finder = finder(&patterns).with_bound(bound);
        let mut waiting = 0_usize;
        for at in 0..text.len() {
            let piece = Piece { text: &text[at..=at], last: false };
            let verdict = finder.judge(piece, |found| Some(found.text().to_owned()));
            waiting += 1;
            waiting -= match verdict {
                TextVerdict::Send(sent) => sent.len(),
                _ => 1,
            };
            prop_assert!(waiting <= bound, "{waiting} bytes wait");
        }
    }

    #[test]
    fn whatever_is_declined_stays(
        patterns in patterns(),
        text in "[abcé. \n]{0,40}",
    ) {
        let mut finder = finder(&patterns);
        prop_assert_eq!(finder.whole(&text, |_| None), None);
    }
}

#[track_caller]
fn check(patterns: &[&str], pieces: &[&str], expected: &[&str]) {
    assert_eq!(sent(&mut finder(patterns), pieces), expected);
}

#[test]
fn prose_passes_at_once() {
    check(
        &["ghp_[a-z0-9]{4}", "sk-[a-z]{3}"],
        &["Some grey word", " about ask, s", " and gh."],
        &["Some grey word", " about ask, ", "s and gh.", ""],
    );
}

#[test]
fn a_match_is_held_until_it_is_decided() {
    check(
        &["ghp_[a-z0-9]{4}"],
        &["my gh", "p_ab", "c", "1 and"],
        &["my ", "", "", "<0:ghp_abc1> and", ""],
    );
}

#[test]
fn a_match_that_could_grow_waits_for_the_end() {
    check(&["a+"], &["xa", "a"], &["x", "", "<0:aa>"]);
}

#[test]
fn a_unicode_word_boundary_looks_at_what_follows() {
    check(
        &[r"\bfoo\b"],
        &["a foo", "é foo", ".\n", "b"],
        &["a ", "fooé ", "<0:foo>.\n", "b", ""],
    );
}

#[test]
fn a_declined_match_does_not_hide_one_inside_it() {
    let mut finder = finder(&["ab+", "bb"]);
    let replaced = finder.whole("abb", |found| {
        (found.pattern() == 1).then(|| "!".to_owned())
    });
    assert_eq!(replaced.as_deref(), Some("a!"));
}

#[test]
fn groups_see_what_stands_around_the_match() {
    let mut finder = finder(&[r"\b(?P<key>\w+)=(\w)\b"]);
    let replaced = finder.whole("a key=v.", |found| {
        assert_eq!(found.group("key"), Some("key"));
        assert_eq!(found.group("none"), None);
        Some(found.expand("$2=${key}$$"))
    });
    assert_eq!(replaced.as_deref(), Some("a v=key$."));
}

#[test]
fn literals_stand_for_themselves_and_may_ignore_case() {
    let patterns = [
        Pattern::literal("a.b$"),
        Pattern::literal("Key").ignoring_case(),
    ];
    let mut finder = Finder::new(patterns).expect("patterns");
    let replaced = finder.whole("axb$ a.b$ kEY", |found| mark(&found));
    assert_eq!(replaced.as_deref(), Some("axb$ <0:a.b$> <1:kEY>"));
}

#[test]
fn a_pattern_that_matches_nothing_or_anything_is_refused() {
    let fault = |regex: &str| {
        let patterns = [Pattern::literal("fine"), Pattern::regex(regex)];
        let error = Finder::new(patterns).err().expect("a fault");
        (error.pattern, error.reason)
    };
    assert_eq!(
        fault("a*"),
        (Some(1), "it matches the empty text".to_owned())
    );
    assert_eq!(
        fault(r"[^\s\S]"),
        (Some(1), "it can match nothing".to_owned())
    );
    assert_eq!(fault("(a"), (Some(1), "unclosed group".to_owned()));
}

//! Tries all patterns at one place, and finds the places worth trying.
//!
//! The patterns run as one lazily built DFA that is anchored at the place. It stops as soon as no
//! further text could make a match there or change the one that was found. A DFA can't handle
//! Unicode's `\b`. If a pattern has one, the DFA runs on the patterns without it and keeps every
//! alternative alive: it tells when a place is decided, and a simulation of the exact patterns
//! tells the result.

use std::cell::RefCell;
use std::ops::Range;

use regex_automata::dfa::onepass;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};
use regex_automata::nfa::thompson::{Compiler, Config, NFA, WhichCaptures};
use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input, MatchKind, PatternID};
use regex_syntax::hir::{Hir, HirKind, Look, LookSet};

use super::pattern::{Pattern, PatternError};
use super::prefixes::Prefixes;

/// Enough for the tables of a hundred patterns. When the cache is full, they are built again.
const CACHE_BYTES: usize = 4 << 20;
const NFA_BYTES: usize = 8 << 20;
/// The largest one-pass table for the groups of a pattern. A larger one is not built.
const ONE_PASS_BYTES: usize = 256 << 10;

/// The result of trying the patterns at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trial {
    /// Nothing matches here, whatever follows.
    Nothing,
    /// This matches here, whatever follows.
    Match { pattern: usize, end: usize },
    /// It depends on what follows.
    Undecided,
}

/// All patterns as one.
pub(super) struct Automaton {
    dfa: DFA,
    cache: Cache,
    /// The exact patterns, if the DFA only tells when a place is decided.
    exact: Option<Exact>,
    /// Each pattern alone, to find its groups. Together they would need a slot for every group in
    /// every state.
    groups: Vec<Groups>,
    first_bytes: [bool; 256],
    prefixes: Option<Prefixes>,
}

/// Simulates the exact patterns.
struct Exact {
    patterns: PikeVM,
    scratch: RefCell<Option<pikevm::Cache>>,
}

/// Finds the groups of one pattern. It uses a table if each byte determines the next step, as in
/// most patterns with groups. Otherwise it simulates, which is many times slower.
enum Groups {
    OnePass(onepass::DFA, RefCell<onepass::Cache>),
    Simulated(Exact),
}

impl Exact {
    fn new(nfa: NFA) -> Result<Self, PatternError> {
        Ok(Self {
            patterns: PikeVM::new_from_nfa(nfa).map_err(refused)?,
            scratch: RefCell::default(),
        })
    }

    fn find(&self, input: Input<'_>) -> Option<regex_automata::Match> {
        let mut scratch = self.scratch.borrow_mut();
        let cache = scratch.get_or_insert_with(|| self.patterns.create_cache());
        self.patterns.find(cache, input)
    }

    fn captures(&self, input: Input<'_>, captures: &mut Captures) {
        let mut scratch = self.scratch.borrow_mut();
        let cache = scratch.get_or_insert_with(|| self.patterns.create_cache());
        self.patterns.captures(cache, input, captures);
    }
}

impl Groups {
    fn new(hir: &Hir) -> Result<Self, PatternError> {
        let nfa = compile(std::slice::from_ref(hir), WhichCaptures::All)?;
        let config = onepass::Config::new().size_limit(Some(ONE_PASS_BYTES));
        let one_pass = onepass::Builder::new()
            .configure(config)
            .build_from_nfa(nfa.clone());
        Ok(match one_pass {
            Ok(dfa) => {
                let cache = RefCell::new(dfa.create_cache());
                Self::OnePass(dfa, cache)
            }
            Err(_) => Self::Simulated(Exact::new(nfa)?),
        })
    }
}

impl Automaton {
    pub(super) fn new(patterns: &[Pattern]) -> Result<Self, PatternError> {
        let parsed = patterns.iter().zip(0..).map(|(p, index)| p.parse(index));
        let hirs = parsed.collect::<Result<Vec<Hir>, _>>()?;
        let relaxed = hirs
            .iter()
            .any(|h| has_unicode_word(h.properties().look_set()));
        let (dfa, exact) = match relaxed {
            false => {
                let nfa = compile(&hirs, WhichCaptures::None)?;
                (determinise(nfa, MatchKind::LeftmostFirst)?, None)
            }
            true => {
                let looser: Vec<Hir> = hirs.iter().map(without_unicode_word).collect();
                let nfa = compile(&looser, WhichCaptures::None)?;
                let exact = compile(&hirs, WhichCaptures::Implicit)?;
                (determinise(nfa, MatchKind::All)?, Some(Exact::new(exact)?))
            }
        };
        let mut cache = dfa.create_cache();
        Ok(Self {
            first_bytes: first_bytes(&dfa, &mut cache),
            prefixes: Prefixes::of(&hirs),
            groups: hirs.iter().map(Groups::new).collect::<Result<_, _>>()?,
            dfa,
            cache,
            exact,
        })
    }

    /// Returns the first place from `at` on where a match could begin. If more text can follow, the
    /// end of this text may be the beginning of any prefix.
    pub(super) fn candidate(&self, text: &str, at: usize, complete: bool) -> Option<usize> {
        let from = match &self.prefixes {
            Some(prefixes) => prefixes.find(text, at, complete)?,
            None => at,
        };
        let begins = |(at, byte): (usize, &u8)| {
            (self.first_bytes[*byte as usize] && text.is_char_boundary(at)).then_some(at)
        };
        let bytes = text.as_bytes().iter().enumerate();
        bytes.skip(from).find_map(begins)
    }

    pub(super) fn try_at(
        &mut self,
        text: &str,
        start: usize,
        bound: usize,
        complete: bool,
    ) -> Trial {
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        let cache = &mut self.cache;
        let never_quits = "the DFA has no quit bytes and never gives up";
        let mut state = self
            .dfa
            .start_state_forward(cache, &input)
            .expect(never_quits);
        let mut found = None;
        // A match is seen one byte late, so the search ends one byte beyond the bound.
        let limit = text
            .len()
            .min(start.saturating_add(bound).saturating_add(1));
        let bounded = limit > start.saturating_add(bound);
        let mut dead = false;
        for (at, &byte) in (start..limit).zip(&text.as_bytes()[start..limit]) {
            state = self.dfa.next_state(cache, state, byte).expect(never_quits);
            if state.is_match() {
                found = Some((self.dfa.match_pattern(cache, state, 0).as_usize(), at));
            } else if state.is_dead() {
                dead = true;
                break;
            }
        }
        if !dead && !bounded {
            if !complete {
                return Trial::Undecided;
            }
            state = self.dfa.next_eoi_state(cache, state).expect(never_quits);
            if state.is_match() {
                found = Some((
                    self.dfa.match_pattern(cache, state, 0).as_usize(),
                    text.len(),
                ));
            }
        }
        match (found, &self.exact) {
            (None, _) => Trial::Nothing,
            (Some(_), Some(exact)) => try_exactly(exact, text, start, bound),
            (Some((pattern, end)), None) => Trial::Match { pattern, end },
        }
    }

    /// Whether a pattern has a group with this name.
    pub(super) fn has_group(&self, pattern: usize, name: &str) -> bool {
        let nfa = match &self.groups[pattern] {
            Groups::OnePass(dfa, _) => dfa.get_nfa(),
            Groups::Simulated(exact) => exact.patterns.get_nfa(),
        };
        nfa.group_info().to_index(PatternID::ZERO, name).is_some()
    }

    /// Returns the groups of the match that was found at `span`.
    pub(super) fn captures(&self, text: &str, span: Range<usize>, pattern: usize) -> Captures {
        let input = Input::new(text).range(span).anchored(Anchored::Yes);
        match &self.groups[pattern] {
            Groups::OnePass(dfa, cache) => {
                let mut captures = dfa.create_captures();
                dfa.captures(&mut cache.borrow_mut(), input, &mut captures);
                captures
            }
            Groups::Simulated(exact) => {
                let mut captures = exact.patterns.create_captures();
                exact.captures(input, &mut captures);
                captures
            }
        }
    }
}

fn try_exactly(exact: &Exact, text: &str, start: usize, bound: usize) -> Trial {
    let end = text.len().min(start.saturating_add(bound));
    let input = Input::new(text).span(start..end).anchored(Anchored::Yes);
    match exact.find(input) {
        Some(found) => Trial::Match {
            pattern: found.pattern().as_usize(),
            end: found.end(),
        },
        None => Trial::Nothing,
    }
}

fn compile(hirs: &[Hir], captures: WhichCaptures) -> Result<NFA, PatternError> {
    let config = Config::new()
        .nfa_size_limit(Some(NFA_BYTES))
        .which_captures(captures);
    Compiler::new()
        .configure(config)
        .build_many_from_hir(hirs)
        .map_err(refused)
}

fn determinise(nfa: NFA, kind: MatchKind) -> Result<DFA, PatternError> {
    let config = DFA::config()
        .match_kind(kind)
        .cache_capacity(CACHE_BYTES)
        .skip_cache_capacity_check(true);
    DFA::builder()
        .configure(config)
        .build_from_nfa(nfa)
        .map_err(refused)
}

/// The bytes that a match can begin with, whatever precedes it.
fn first_bytes(dfa: &DFA, cache: &mut Cache) -> [bool; 256] {
    let mut first = [false; 256];
    for before in ["", "a", " ", "\n", "\r"] {
        let input = Input::new(before)
            .range(before.len()..)
            .anchored(Anchored::Yes);
        for byte in 0..=u8::MAX {
            let alive = dfa
                .start_state_forward(cache, &input)
                .ok()
                .and_then(|start| dfa.next_state(cache, start, byte).ok())
                .is_none_or(|state| !state.is_dead());
            first[byte as usize] |= alive;
        }
    }
    first
}

fn has_unicode_word(looks: LookSet) -> bool {
    looks.contains_word_unicode()
}

fn without_unicode_word(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Look(
            Look::WordUnicode
            | Look::WordUnicodeNegate
            | Look::WordStartUnicode
            | Look::WordEndUnicode
            | Look::WordStartHalfUnicode
            | Look::WordEndHalfUnicode,
        ) => Hir::empty(),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => hir.clone(),
        HirKind::Repetition(repetition) => {
            Hir::repetition(repetition.with(without_unicode_word(&repetition.sub)))
        }
        HirKind::Capture(capture) => without_unicode_word(&capture.sub),
        HirKind::Concat(subs) => Hir::concat(subs.iter().map(without_unicode_word).collect()),
        HirKind::Alternation(subs) => {
            Hir::alternation(subs.iter().map(without_unicode_word).collect())
        }
    }
}

fn refused(error: impl std::error::Error) -> PatternError {
    PatternError {
        pattern: None,
        reason: error.to_string(),
    }
}

//! Finds secrets of all kinds in one pass over a text, and replaces them by placeholders.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use sluice_policy_sdk::pieces::{Finder, Match, Pattern};
use sluice_policy_sdk::{Faults, Piece, TextVerdict};

use crate::assignment;
use crate::config::{Config, Extra};
use crate::kind::{ALL, Kind};
use crate::ledger::Ledger;

/// The longest secret, in bytes: a private key with numbered lines.
const LONGEST: usize = 16 << 10;

const PLACEHOLDER: &str = r"\[REDACTED:(?P<kind>[a-z0-9-]{1,40}):(?P<number>[0-9]{1,6})\]";

/// The beginnings of common secrets.
const BEGINNINGS: [&str; 15] = [
    "sk-ant-api03-",
    "sk-proj-",
    "sk-",
    "AKIA",
    "ghp_",
    "github_pat_",
    "glpat-",
    "AIza",
    "npm_",
    "SG.",
    "xoxb-1",
    "sk_live_",
    "hf_",
    "eyJ",
    "[REDACTED:",
];

/// Finds secrets and remembers which placeholder stands for which.
pub(crate) struct Detector {
    finder: Finder,
    judge: Judge,
}

/// Decides for each match whether it is a secret, and what replaces it.
struct Judge {
    /// What a match of each of the finder's patterns means.
    meanings: Vec<Meaning>,
    /// A finder for the kinds that are known by their form alone.
    telling: Finder,
    allow: BTreeSet<String>,
    min_entropy: f64,
    ledger: Ledger,
}

#[derive(Clone)]
enum Meaning {
    /// A secret that was redacted in an earlier turn, or by another policy.
    Placeholder,
    Known(Kind),
    Extra(String),
}

impl Detector {
    pub(crate) fn new(config: &Config) -> Result<Self, Faults> {
        check_names(&config.extra)?;
        let on = |kind: &Kind| !config.off.contains(kind);
        let kinds: Vec<Kind> = ALL.into_iter().filter(on).collect();
        let mut patterns = vec![(Meaning::Placeholder, PLACEHOLDER)];
        for extra in &config.extra {
            patterns.push((Meaning::Extra(extra.name.clone()), &extra.regex));
        }
        for kind in &kinds {
            let forms = kind.forms().iter();
            patterns.extend(forms.map(|form| (Meaning::Known(*kind), *form)));
        }
        let regexes = patterns.iter().map(|(_, regex)| Pattern::regex(*regex));
        // Pattern 0 is the placeholder. The operator's own patterns come last.
        let finder = Finder::new(regexes).map_err(|fault| match fault.pattern {
            Some(n) => format!("extra[{}].regex: {fault}", n.saturating_sub(1)),
            None => format!("extra: {fault}"),
        })?;
        let forms = kinds.iter().filter(|kind| !kind.is_generic());
        let forms = forms.flat_map(|kind| kind.forms()).copied();
        let telling = Finder::new(forms.map(Pattern::regex)).map_err(|e| e.to_string())?;
        let mut detector = Self {
            finder: finder.with_bound(LONGEST),
            judge: Judge {
                meanings: patterns.into_iter().map(|(meaning, _)| meaning).collect(),
                telling: telling.with_bound(LONGEST),
                allow: config.allow.iter().cloned().collect(),
                min_entropy: config.min_entropy,
                ledger: Ledger::default(),
            },
        };
        // The tables that this builds are in the snapshot that each exchange starts from.
        detector.warm_up();
        detector.judge.ledger = Ledger::default();
        Ok(detector)
    }

    /// Returns the text with placeholders instead of secrets. Returns `None` if it has no secrets.
    pub(crate) fn redact(&mut self, text: &str) -> Option<String> {
        let Self { finder, judge } = self;
        finder.whole(text, |found| judge.replacement(&found))
    }

    /// Does the same for a piece of a streamed text.
    pub(crate) fn judge(&mut self, piece: Piece<'_>) -> TextVerdict {
        let Self { finder, judge } = self;
        finder.judge(piece, |found| judge.replacement(&found))
    }

    fn warm_up(&mut self) {
        self.redact(include_str!("detector/warm-up.txt"));
        for begin in BEGINNINGS {
            self.redact(&format!(
                "{begin}0123456789abcdefABCDEFghijklmnopqrstuvwxyz012345"
            ));
            self.redact(&format!("{begin}0123456789ABCDEF {begin}12345678.abcdef12"));
        }
    }

    /// How many secrets of each kind were found since the last call of this.
    pub(crate) fn take_found(&mut self) -> BTreeMap<String, u64> {
        self.judge.ledger.take_found()
    }
}

impl Judge {
    fn replacement(&mut self, found: &Match<'_>) -> Option<String> {
        let text = found.text();
        let meaning = self.meanings[found.pattern()].clone();
        let (kind, range) = match &meaning {
            Meaning::Placeholder => {
                let (kind, number) = text.strip_prefix("[REDACTED:")?.split_once(':')?;
                let number = number.strip_suffix(']')?.parse().ok()?;
                self.ledger.reserve(kind, number);
                return Some(text.to_owned());
            }
            Meaning::Known(kind) => (kind.name(), self.secret_in(*kind, found)?),
            Meaning::Extra(name) => (name.as_str(), marked(found)),
        };
        let secret = &text[range.clone()];
        if self.allow.contains(secret) {
            return None;
        }
        let placeholder = self.ledger.placeholder(kind, secret);
        let (before, after) = (&text[..range.start], &text[range.end..]);
        Some([before, &placeholder, after].concat())
    }

    fn has_form(&mut self, value: &str) -> bool {
        self.telling.whole(value, |_| Some(String::new())).is_some()
    }

    /// The place of the secret in a match, if it is one.
    fn secret_in(&mut self, kind: Kind, found: &Match<'_>) -> Option<Range<usize>> {
        let text = found.text();
        let range = match kind {
            Kind::UrlPassword => assignment::password_in(text)?,
            Kind::Assignment => assignment::secret_in(text, self.min_entropy)?,
            _ => marked(found),
        };
        let secret = &text[range.clone()];
        // A value that has a form of its own is found by that form.
        let has_form = kind.is_generic() && self.has_form(secret);
        (!has_form && !assignment::is_blank_form(secret)).then_some(range)
    }
}

/// The group `secret` of a match, or else all of it.
fn marked(found: &Match<'_>) -> Range<usize> {
    let whole = 0..found.text().len();
    found.group_range("secret").unwrap_or(whole)
}

fn check_names(extra: &[Extra]) -> Result<(), Faults> {
    let is_name = |name: &str| {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        (1..=40).contains(&name.len()) && name.bytes().all(legal)
    };
    let mut faults = Vec::new();
    for (index, extra) in extra.iter().enumerate() {
        if !is_name(&extra.name) {
            faults.push(format!(
                "extra[{index}].name: `{}` must be 1 to 40 lower case letters, digits and `-`",
                extra.name
            ));
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faults.into()),
    }
}

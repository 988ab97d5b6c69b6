//! The rules of one direction, compiled together.

use schemars::JsonSchema;
use serde::Deserialize;
use sluice_policy_sdk::pieces::{Finder, Match, Pattern, PatternError};
use sluice_policy_sdk::{Faults, Piece, TextVerdict};

use crate::{LONGEST_MATCH, case};

/// One text to replace.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The text to look for.
    from: String,
    /// The text to put in its place. With `regex`, `$1` and `${name}` stand for what its groups
    /// matched.
    to: String,
    /// Whether `from` is a regular expression, in the syntax of Rust's `regex` crate.
    #[serde(default)]
    regex: bool,
    /// How upper and lower case count.
    #[serde(default)]
    capitals: Capitals,
    /// The direction in which it applies.
    #[serde(default, rename = "where")]
    directions: Directions,
}

/// How upper and lower case count in a rule.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Capitals {
    /// They must match.
    #[default]
    Exact,
    /// They make no difference.
    Ignore,
    /// They make no difference, and the replacement takes over the capitals: `foo` to `bar` turns
    /// `Foo` into `Bar` and `FOO` into `BAR`.
    Follow,
}

/// Where a rule applies.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Directions {
    /// In requests.
    Request,
    /// In replies.
    Reply,
    /// In both.
    #[default]
    Both,
}

/// One direction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Reply,
}

/// Applies the rules of one direction.
pub(crate) struct Replacer {
    finder: Finder,
    rules: Vec<Rule>,
}

impl Replacer {
    /// Takes the rules that apply in this direction. Returns `None` if there are none.
    pub(crate) fn new(all: &[Rule], direction: Direction) -> Result<Option<Self>, Faults> {
        let applies = |index: &usize| all[*index].applies(direction);
        let indexes: Vec<usize> = (0..all.len()).filter(applies).collect();
        if indexes.is_empty() {
            return Ok(None);
        }
        let patterns = indexes.iter().map(|index| all[*index].pattern());
        let finder = Finder::new(patterns).map_err(|fault| name(&fault, &indexes))?;
        let mut replacer = Self {
            finder: finder.with_bound(LONGEST_MATCH),
            rules: indexes.iter().map(|index| all[*index].clone()).collect(),
        };
        // The tables that this builds are in the snapshot that each exchange starts from.
        replacer.whole(WARM_UP);
        Ok(Some(replacer))
    }

    pub(crate) fn whole(&mut self, text: &str) -> Option<String> {
        let rules = &self.rules;
        self.finder.whole(text, |found| replacement(rules, &found))
    }

    pub(crate) fn judge(&mut self, piece: Piece<'_>) -> TextVerdict {
        let rules = &self.rules;
        self.finder.judge(piece, |found| replacement(rules, &found))
    }
}

const WARM_UP: &str = "The quick brown fox, \"jumps\" over: the {lazy} dog; 0123456789.\n";

impl Rule {
    fn applies(&self, direction: Direction) -> bool {
        match self.directions {
            Directions::Both => true,
            Directions::Request => direction == Direction::Request,
            Directions::Reply => direction == Direction::Reply,
        }
    }

    fn pattern(&self) -> Pattern {
        let pattern = match self.regex {
            true => Pattern::regex(&self.from),
            false => Pattern::literal(&self.from),
        };
        match self.capitals {
            Capitals::Exact => pattern,
            Capitals::Ignore | Capitals::Follow => pattern.ignoring_case(),
        }
    }
}

fn replacement(rules: &[Rule], found: &Match<'_>) -> Option<String> {
    let rule = &rules[found.pattern()];
    let to = match rule.regex {
        true => found.expand(&rule.to),
        false => rule.to.clone(),
    };
    Some(match rule.capitals {
        Capitals::Follow => case::follow(found.text(), &to),
        Capitals::Exact | Capitals::Ignore => to,
    })
}

fn name(fault: &PatternError, indexes: &[usize]) -> Faults {
    let reason = &fault.reason;
    match fault.pattern {
        Some(pattern) => format!("rules[{}].from: {reason}", indexes[pattern]).into(),
        None => format!("rules: {reason}").into(),
    }
}

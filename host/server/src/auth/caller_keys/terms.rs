//! What a key allows, and what is said of it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sluice_protocol::Api;
use thiserror::Error;

/// The most characters of a pattern.
const LONGEST: usize = 128;
/// The longest name of a model that is compared with them, in bytes: a request may have one of megabytes.
const LONGEST_MODEL: usize = 1024;
/// The most patterns of a key.
const MOST: usize = 64;
/// The most labels of a key.
const LABELS: usize = 16;

/// What a key allows, and what is said of it. The store keeps it as JSON. A field that this version does not know is an
/// error, because it may take something away.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// The models that may be asked. All if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<Pattern>,
    /// The names of the APIs that may be used. All if there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apis: Vec<String>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What the operator sorts keys by, like a team.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// The name of a model, or several: `*` stands for any characters.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(String);

/// What can't be a term of a key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotTerms {
    /// A text that is no pattern.
    #[error("a model has 1 to {LONGEST} characters; `*` stands for any")]
    Pattern,
    /// An API that there is not.
    #[error("`{name}` is no API: expected {known}", known = known())]
    Api {
        /// What stands there.
        name: String,
    },
    /// More than a key can have.
    #[error("a key has at most {MOST} models and {LABELS} labels")]
    TooMany,
    /// What is said of it.
    #[error("an owner, and the name and the value of a label, have 1 to {LONGEST} characters")]
    Words,
}

impl Terms {
    /// Takes what a key allows.
    pub fn new(models: &[String], apis: &[String]) -> Result<Self, NotTerms> {
        if models.len() > MOST {
            return Err(NotTerms::TooMany);
        }
        let unknown = apis.iter().find(|name| Api::from_name(name).is_none());
        if let Some(name) = unknown {
            let name = crate::telemetry::clip(name).into_owned();
            return Err(NotTerms::Api { name });
        }
        let mut apis = apis.to_vec();
        apis.sort();
        apis.dedup();
        let models = models.iter().map(|model| model.parse());
        Ok(Self {
            models: models.collect::<Result<_, _>>()?,
            apis,
            ..Self::default()
        })
    }

    /// Says who answers for the key, and what it is sorted by.
    pub fn said(
        self,
        owner: Option<String>,
        labels: BTreeMap<String, String>,
    ) -> Result<Self, NotTerms> {
        if labels.len() > LABELS {
            return Err(NotTerms::TooMany);
        }
        let is_word = |text: &String| (1..=LONGEST).contains(&text.chars().count());
        let said = labels.iter().flat_map(|(name, value)| [name, value]);
        if !owner.iter().chain(said).all(is_word) {
            return Err(NotTerms::Words);
        }
        Ok(Self {
            owner,
            labels,
            ..self
        })
    }

    /// The JSON that is kept.
    pub(super) fn to_json(&self) -> String {
        // Its fields are texts.
        serde_json::to_string(self).expect("terms are JSON")
    }

    /// Whether this API may be used.
    pub(in crate::auth) fn allow_api(&self, api: Api) -> bool {
        self.apis.is_empty() || self.apis.iter().any(|name| name == api.as_str())
    }

    /// Whether this model may be asked. A request that names none has an empty one.
    pub(in crate::auth) fn allow_model(&self, model: &str) -> bool {
        let fits = || self.models.iter().any(|pattern| pattern.fits(model));
        self.models.is_empty() || (model.len() <= LONGEST_MODEL && fits())
    }
}

impl Pattern {
    /// Whether a model is one of those that are meant. Capitals count.
    fn fits(&self, model: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else {
            return self.0 == model;
        };
        let Some(mut left) = model.strip_prefix(first) else {
            return false;
        };
        let mut parts = rest.split('*').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                return left.ends_with(part);
            }
            match left.find(part) {
                Some(at) => left = &left[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

impl FromStr for Pattern {
    type Err = NotTerms;

    fn from_str(text: &str) -> Result<Self, NotTerms> {
        let fits = (1..=LONGEST).contains(&text.chars().count());
        fits.then(|| Self(text.to_owned())).ok_or(NotTerms::Pattern)
    }
}

impl TryFrom<String> for Pattern {
    type Error = NotTerms;

    fn try_from(text: String) -> Result<Self, NotTerms> {
        text.parse()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The names of all APIs.
fn known() -> String {
    let names: Vec<_> = Api::ALL.iter().map(|api| api.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(models: &[&str], apis: &[&str]) -> Result<Terms, NotTerms> {
        let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        Terms::new(&owned(models), &owned(apis))
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, model, fits) in [
            ("claude-opus-4", "claude-opus-4", true),
            ("claude-opus-4", "claude-opus-4-1", false),
            ("claude-*", "claude-", true),
            ("claude-*", "Claude-opus", false),
            ("*", "", true),
            ("*-mini", "gpt-5-mini", true),
            ("*-mini", "gpt-5-mini-2", false),
            ("gpt-*-mini", "gpt-mini", false),
            ("gpt-*-mini", "gpt-5-mini", true),
            ("*a*a*", "a", false),
            ("*a*a*", "xaxax", true),
            ("a**b", "ab", true),
            ("ab*ba", "aba", false),
        ] {
            let pattern: Pattern = pattern.parse().unwrap();
            assert_eq!(pattern.fits(model), fits, "{pattern} {model}");
        }
    }

    #[test]
    fn without_terms_everything_is_allowed_and_with_some_nothing_else() {
        let all = terms(&[], &[]).unwrap();
        assert!(all.allow_api(Api::Anthropic) && all.allow_model("") && all.allow_model("x"));
        let some = terms(&["a-*", "b"], &[Api::Anthropic.as_str()]).unwrap();
        assert!(some.allow_api(Api::Anthropic) && !some.allow_api(Api::OpenaiChat));
        assert!(some.allow_model("a-1") && some.allow_model("b"));
        assert!(!some.allow_model("") && !some.allow_model("c"));
    }

    #[test]
    fn nobody_compares_a_name_that_no_model_has() {
        let some = terms(&["a*"], &[]).unwrap();
        assert!(some.allow_model(&"a".repeat(LONGEST_MODEL)));
        assert!(!some.allow_model(&"a".repeat(LONGEST_MODEL + 1)));
    }

    #[test]
    fn terms_are_read_as_they_are_written_and_unknown_ones_refuse() {
        let some = terms(&["a-*"], &[Api::OpenaiChat.as_str()]).unwrap();
        let labels = [("team".to_owned(), "blue".to_owned())].into();
        let some = some
            .said(Some("ann@example.com".to_owned()), labels)
            .unwrap();
        let text = some.to_json();
        assert_eq!(serde_json::from_str::<Terms>(&text).unwrap(), some);
        assert_eq!(
            serde_json::from_str::<Terms>("{}").unwrap(),
            Terms::default()
        );
        for text in [r#"{"budget":1}"#, r#"{"models":[""]}"#, "7"] {
            assert!(serde_json::from_str::<Terms>(text).is_err(), "{text}");
        }
        let error = terms(&[], &["smtp"]).unwrap_err().to_string();
        assert!(
            error.contains("`smtp`") && error.contains("openai-chat"),
            "{error}"
        );
        assert_eq!(
            terms(&[&"a".repeat(LONGEST + 1)], &[]),
            Err(NotTerms::Pattern)
        );
        assert_eq!(terms(&["a"; MOST + 1], &[]), Err(NotTerms::TooMany));
        let many = (0..=LABELS)
            .map(|at| (at.to_string(), "x".to_owned()))
            .collect();
        assert_eq!(Terms::default().said(None, many), Err(NotTerms::TooMany));
        for (owner, name, value) in [("", "a", "b"), ("a", "", "b"), ("a", "a", "")] {
            let labels = [(name.to_owned(), value.to_owned())].into();
            let said = Terms::default().said(Some(owner.to_owned()), labels);
            assert_eq!(said, Err(NotTerms::Words));
        }
    }
}

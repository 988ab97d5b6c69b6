//! Keys in the words of `/api/v1`, which commands use too.

use std::time::Duration;

use sluice_api::{CreateKey, CreatedKey, Key, KeyState, Label};
use sluice_store::CallerKey;
use thiserror::Error;

use super::{KeyText, NewKey, NotAName, NotTerms, Terms};
use crate::caller::Pseudonym;

/// The longest time that a key may be valid: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// What can't be asked of a key.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BadKey {
    /// Its name.
    #[error(transparent)]
    Name(#[from] NotAName),
    /// Its terms.
    #[error(transparent)]
    Terms(#[from] NotTerms),
    /// Its caller.
    #[error("caller: expected a pseudonym of the record, `clr_` and 32 hexadecimal digits")]
    Caller,
    /// How long it is valid.
    #[error("a key is valid for at least a second and at most a hundred years")]
    Lasts,
}

impl NewKey {
    /// The key that is asked for.
    pub fn asked(asked: CreateKey) -> Result<Self, BadKey> {
        let caller = asked
            .caller
            .map(|caller| Pseudonym::read(&caller).ok_or(BadKey::Caller));
        let lasts = asked.lasts_s.map(Duration::from_secs);
        if lasts.is_some_and(|lasts| lasts.is_zero() || lasts > LONGEST) {
            return Err(BadKey::Lasts);
        }
        let terms = Terms::new(&asked.models, &asked.apis)?;
        let labels = asked.labels.into_iter();
        let labels = labels.map(|Label { name, value }| (name, value));
        Ok(Self {
            name: asked.name.parse()?,
            terms: terms.said(asked.owner, labels.collect())?,
            caller: caller.transpose()?,
            lasts,
        })
    }
}

/// What is told of a key. `now` is in milliseconds since 1970.
pub fn shown(kept: CallerKey, now: u64) -> Key {
    let terms: Option<Terms> = serde_json::from_str(&kept.terms).ok();
    let state = match &kept {
        kept if kept.revoked_at.is_some() => KeyState::Revoked,
        kept if !kept.is_valid(now) => KeyState::Expired,
        _ if terms.is_none() => KeyState::Unreadable,
        _ => KeyState::Valid,
    };
    let terms = terms.unwrap_or_default();
    let labels = terms.labels.into_iter();
    Key {
        id: kept.id,
        name: kept.name,
        caller: kept.caller,
        state,
        owner: terms.owner,
        labels: labels.map(|(name, value)| Label { name, value }).collect(),
        models: terms.models.into_iter().map(String::from).collect(),
        apis: terms.apis,
        created_at_ms: kept.created_at,
        expires_at_ms: kept.expires_at,
        revoked_at_ms: kept.revoked_at,
    }
}

/// What is told of a key that was made, once.
pub fn created((text, kept): (KeyText, CallerKey), now: u64) -> CreatedKey {
    CreatedKey {
        secret: text.to_string(),
        key: shown(kept, now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(terms: &str) -> CallerKey {
        CallerKey {
            id: "key_1".to_owned(),
            caller: "clr_1".to_owned(),
            name: "ann".to_owned(),
            hash: [0; 32],
            terms: terms.to_owned(),
            created_at: 0,
            expires_at: Some(1000),
            revoked_at: None,
        }
    }

    #[test]
    fn what_is_asked_for_is_what_is_told() {
        let asked = CreateKey {
            name: "ann".to_owned(),
            owner: Some("team blue".to_owned()),
            labels: vec![Label {
                name: "env".to_owned(),
                value: "ci".to_owned(),
            }],
            models: vec!["claude-*".to_owned()],
            apis: vec!["anthropic".to_owned()],
            lasts_s: Some(60),
            caller: Some(format!("clr_{}", "0a".repeat(16))),
        };
        let new = NewKey::asked(asked.clone()).unwrap();
        assert_eq!(new.lasts, Some(Duration::from_secs(60)));
        assert_eq!(new.caller.unwrap().as_str(), asked.caller.unwrap());
        let told = shown(kept(&new.terms.to_json()), 999);
        assert_eq!((told.owner, told.labels), (asked.owner, asked.labels));
        assert_eq!((told.models, told.apis), (asked.models, asked.apis));
        assert_eq!(told.state, KeyState::Valid);
    }

    #[test]
    fn what_cannot_be_asked_for_is_an_error() {
        let named = |name: &str| CreateKey {
            name: name.to_owned(),
            ..CreateKey::default()
        };
        let error = |asked| NewKey::asked(asked).unwrap_err();
        assert_eq!(error(named("")), BadKey::Name(NotAName));
        for caller in ["", "ann", "clr_0", &format!("clr_{}", "0A".repeat(16))] {
            let caller = Some(caller.to_owned());
            assert_eq!(
                error(CreateKey {
                    caller,
                    ..named("a")
                }),
                BadKey::Caller
            );
        }
        for lasts_s in [0, u64::MAX] {
            let lasts_s = Some(lasts_s);
            assert_eq!(
                error(CreateKey {
                    lasts_s,
                    ..named("a")
                }),
                BadKey::Lasts
            );
        }
        let models = vec![String::new()];
        let error = error(CreateKey {
            models,
            ..named("a")
        });
        assert_eq!(error, BadKey::Terms(NotTerms::Pattern));
    }

    #[test]
    fn a_key_has_one_state() {
        let state = |kept: CallerKey| shown(kept, 1000).state;
        assert_eq!(state(kept("{}")), KeyState::Expired);
        let lasting = |terms| CallerKey {
            expires_at: None,
            ..kept(terms)
        };
        assert_eq!(state(lasting("{}")), KeyState::Valid);
        assert_eq!(state(lasting("?")), KeyState::Unreadable);
        let revoked_at = Some(5);
        assert_eq!(
            state(CallerKey {
                revoked_at,
                ..kept("?")
            }),
            KeyState::Revoked
        );
    }
}

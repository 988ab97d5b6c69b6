//! Lets callers in, and says with whose key upstream is asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use http::{HeaderMap, HeaderName, HeaderValue};
use schemars::JsonSchema;
use sluice_protocol::Api;
use thiserror::Error;

use super::ProviderKeys;
use super::caller_keys::{Invalid, Key, KeyTable, KeyText, NoKey};
use crate::caller::{
    CREDENTIALS, Installation, Pseudonym, Unauthenticated, is_secret, require_credential, secret_of,
};
use crate::clock::unix_millis;
use crate::telemetry::{Tally, clip};
use crate::upstream::Upstreams;

/// How often refusals are logged at most.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Which credentials let a caller in. These are values of a setting, so what they say is in docs/settings.md.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema, ValueEnum)]
#[schemars(inline, rename_all = "kebab-case")]
pub enum Accepted {
    /// The caller's own key for the model API, which goes there and is checked there.
    #[default]
    ProviderKey,
    /// Keys that `sluice keys create` made. Upstream is asked with the keys that Sluice holds.
    Keys,
    /// Either.
    Both,
}

/// Decides who comes in. Clones share what they know.
#[derive(Clone, Debug)]
pub struct Gate {
    accepted: Accepted,
    keys: KeyTable,
    providers: Arc<ProviderKeys>,
    installation: Installation,
}

/// A caller that is in.
#[derive(Clone, Debug)]
pub struct Admitted {
    caller: Pseudonym,
    /// The key that it came with, if that is one of ours, and what upstream is asked with.
    key: Option<(Arc<Key>, Arc<ProviderKeys>)>,
}

/// Why a caller is not let in.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Denied {
    /// It has no credential.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// It has a credential of another kind.
    #[error(
        "this Sluice lets in who has one of its own keys, which begin with `slk_`: ask its operator for one, and give \
         it to the agent as its API key"
    )]
    NotOurs,
    /// It has a key of ours where none is taken.
    #[error(
        "this Sluice takes no keys of its own: give the agent a key of the model API, or have the operator set `--auth \
         keys`"
    )]
    NotTaken,
    /// It has several.
    #[error("the request carries several keys of Sluice: send one")]
    Several,
    /// The key is not as it was given out.
    #[error(
        "the key of Sluice has a typo, a part of it is missing, or something else than `Bearer` stands beside it"
    )]
    Typo,
    /// The key does not count.
    #[error("{}", invalid(*.0))]
    Invalid(Invalid),
}

/// What a key does not allow.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotAllowed {
    /// An API.
    #[error("the key `{key}` may not use the API {api}: ask the operator of this Sluice")]
    Api {
        /// What the key is called.
        key: String,
        /// The API.
        api: &'static str,
    },
    /// A model.
    #[error("the key `{key}` may not ask the model `{model}`: ask the operator of this Sluice")]
    Model {
        /// What the key is called.
        key: String,
        /// The model.
        model: String,
    },
    /// A path of which nobody knows which model or API it asks.
    #[error(
        "the key `{key}` may ask some models or APIs only, and which one this path asks is not known: ask the operator \
         of this Sluice"
    )]
    Path {
        /// What the key is called.
        key: String,
    },
}

fn invalid(invalid: Invalid) -> &'static str {
    match invalid {
        Invalid::Unknown => "there is no such key at this Sluice: ask its operator for one",
        Invalid::Expired => "the key of Sluice has expired: ask the operator for another",
        Invalid::Revoked => "the key of Sluice was revoked: ask the operator for another",
        Invalid::Unreadable => {
            "a newer version of Sluice made this key, and this one can't read what it allows: ask the operator"
        }
    }
}

impl Gate {
    /// Lets in who has a provider's key of its own.
    pub fn of_provider_keys(installation: Installation) -> Self {
        Self {
            accepted: Accepted::ProviderKey,
            keys: KeyTable::default(),
            providers: Arc::default(),
            installation,
        }
    }

    /// Lets in who has one of these keys, for whom upstream is asked with the provider's keys, and others if they are
    /// accepted.
    #[must_use]
    pub fn with_keys(self, accepted: Accepted, keys: KeyTable, providers: ProviderKeys) -> Self {
        Self {
            accepted,
            keys,
            providers: Arc::new(providers),
            ..self
        }
    }

    /// Lets a caller in by what its request carries. Refusals are logged, not more often than every ten seconds.
    pub fn admit(&self, headers: &HeaderMap) -> Result<Admitted, Denied> {
        static DENIED: Tally = Tally::new();
        self.check(headers).inspect_err(|denied| {
            // Agents that are not logged in ask often, and are told.
            if matches!(denied, Denied::Unauthenticated(_)) {
                return;
            }
            DENIED.note();
            if let Some(refused) = DENIED.news_at(Instant::now(), LOG_EVERY) {
                tracing::warn!(refused, "a caller was not let in: {denied}");
            }
        })
    }

    fn check(&self, headers: &HeaderMap) -> Result<Admitted, Denied> {
        let sent = sent(headers)?;
        match (self.accepted, sent) {
            (Accepted::ProviderKey | Accepted::Both, None) => {
                let caller = self.installation.caller(headers);
                let caller = caller.ok_or(Unauthenticated)?;
                Ok(Admitted { caller, key: None })
            }
            (Accepted::Keys, None) => {
                require_credential(headers)?;
                Err(Denied::NotOurs)
            }
            (Accepted::ProviderKey, Some(_)) => Err(Denied::NotTaken),
            (Accepted::Keys | Accepted::Both, Some(sent)) => {
                let key = self.keys.find(&sent, unix_millis());
                let key = key.map_err(Denied::Invalid)?;
                Ok(Admitted {
                    caller: Pseudonym::of_key(&key.caller),
                    key: Some((key, Arc::clone(&self.providers))),
                })
            }
        }
    }
}

/// The key of ours among the credentials of a request. One that is sent in two ways is one.
fn sent(headers: &HeaderMap) -> Result<Option<KeyText>, Denied> {
    let values = CREDENTIALS.iter().flat_map(|name| headers.get_all(*name));
    let mut found = None;
    for value in values {
        match read(value.as_bytes()) {
            Err(NoKey::Else) => {}
            Err(NoKey::Typo) => return Err(Denied::Typo),
            Ok(key) if found.as_ref().is_some_and(|other| *other != key) => {
                return Err(Denied::Several);
            }
            Ok(key) => found = Some(key),
        }
    }
    Ok(found)
}

/// Reads a credential. One that holds a key of ours in another way than clients send it is a typo, and no other
/// credential: it would go upstream.
fn read(value: &[u8]) -> Result<KeyText, NoKey> {
    let text = std::str::from_utf8(secret_of(value));
    match text.map_or(Err(NoKey::Else), KeyText::read) {
        Err(NoKey::Else) if KeyText::begins_in(value) => Err(NoKey::Typo),
        read => read,
    }
}

impl Admitted {
    /// Who it is.
    pub fn caller(&self) -> &Pseudonym {
        &self.caller
    }

    /// Checks whether it may use an API.
    pub fn check_api(&self, api: Api) -> Result<(), NotAllowed> {
        let refused = self.key().filter(|key| !key.terms.allow_api(api));
        refused.map_or(Ok(()), |key| {
            Err(NotAllowed::Api {
                key: clip(&key.name).into_owned(),
                api: api.as_str(),
            })
        })
    }

    /// Checks whether it may ask a model.
    pub fn check_model(&self, model: &str) -> Result<(), NotAllowed> {
        let refused = self.key().filter(|key| !key.terms.allow_model(model));
        refused.map_or(Ok(()), |key| {
            Err(NotAllowed::Model {
                key: clip(&key.name).into_owned(),
                model: clip(model).into_owned(),
            })
        })
    }

    /// Checks whether it may ask what nobody reads. That could be for any model, by any API of the same upstream.
    pub fn check_unread(&self, api: Api) -> Result<(), NotAllowed> {
        let upstream = Upstreams::name(api);
        let apis = || {
            Api::ALL
                .into_iter()
                .filter(|api| Upstreams::name(*api) == upstream)
        };
        let allows_all =
            |key: &Key| key.terms.models.is_empty() && apis().all(|api| key.terms.allow_api(api));
        let bound = self.key().filter(|key| !allows_all(key));
        bound.map_or(Ok(()), |key| {
            Err(NotAllowed::Path {
                key: clip(&key.name).into_owned(),
            })
        })
    }

    /// Puts the credential in that upstream is asked with. That of the caller stays here if it is ours, and so does
    /// everything else that only Sluice should know.
    pub fn authorize(&self, headers: &mut HeaderMap, api: Api) {
        if let Some((_, providers)) = &self.key {
            let is_secret = |(name, value): &(&HeaderName, &HeaderValue)| {
                is_secret(name) || KeyText::begins_in(value.as_bytes())
            };
            let secrets = headers.iter().filter(is_secret);
            let names: Vec<_> = secrets.map(|(name, _)| name.clone()).collect();
            for name in names {
                headers.remove(name);
            }
            providers.add_to(headers, api);
        }
    }

    fn key(&self) -> Option<&Key> {
        self.key.as_ref().map(|(key, _)| &**key)
    }
}

#[cfg(test)]
mod tests;

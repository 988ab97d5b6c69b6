//! The short way to a policy: what an earlier load of the same has left in the cache.
//!
//! It never refuses a policy. What it can't take from the cache, for whatever reason, is loaded the
//! long way, and that says what is wrong; so it takes nothing that the long way would refuse.

#[cfg(test)]
mod tests;

use wasmtime::component::Component;

use super::entry::{self, Head};
use super::trial::Trial;
use super::{Description, LoadFault, Ready, imports};
use crate::cache::{Cache, CacheKey};
use crate::digest::Digest;
use crate::wants::PolicyWants;
use crate::{Engine, PolicySpec, Snapshot};

/// The place of one policy in the engine's cache.
pub(super) struct Cached<'a> {
    engine: &'a Engine,
    cache: &'a dyn Cache,
    key: CacheKey,
}

impl<'a> Cached<'a> {
    /// Nothing where the engine has no cache.
    pub(super) fn new(
        engine: &'a Engine,
        spec: &PolicySpec,
        digest: Digest,
        config: &str,
    ) -> Option<Self> {
        let (cache, key) = engine.cached(digest, config, &spec.limits)?;
        Some(Self { engine, cache, key })
    }

    /// What an earlier load came to, if this one would come to the same.
    pub(super) fn find(&self, spec: &PolicySpec, config: &str, trial: &Trial<'_>) -> Option<Ready> {
        let entry = self.cache.find(&self.key)?;
        let (head, code) = entry::decode(&entry)?;
        self.ready(spec, config, trial, head, code)
            .inspect_err(|fault| {
                tracing::debug!(policy.name = spec.name, "not from the cache: {fault}");
            })
            .ok()
    }

    /// For the next load of the same.
    pub(super) fn keep(&self, ready: &Ready) {
        if !ready.repeatable {
            return;
        }
        let entry = ready.start.as_ref().map_or_else(
            || Some(Vec::new()),
            |start| start.component.component().serialize().ok(),
        );
        if let Some(entry) = entry.and_then(|code| entry::encode(&ready.head()?, &code)) {
            self.cache.keep(&self.key, &entry);
        }
    }

    fn ready(
        &self,
        spec: &PolicySpec,
        config: &str,
        trial: &Trial<'_>,
        head: Head,
        code: &[u8],
    ) -> Result<Ready, LoadFault> {
        let description = Description::parse(&head.description)?;
        imports::check(&head.imports, &description.needs, &spec.grants)?;
        let wants = PolicyWants::parse(&head.wants).map_err(LoadFault::Wants)?;
        let (snapshot, start) = match head.per_exchange {
            _ if wants.is_nothing() => (Snapshot::NotNeeded, None),
            None => {
                let start = trial.start(&self.component(code)?, None)?;
                // Once, so that the first exchange does not pay for making the memory's image.
                trial.instantiate(&start)?;
                (Snapshot::Taken, Some(start))
            }
            Some(reason) => {
                let start = trial.start(&self.component(code)?, Some(config.to_owned()))?;
                (Snapshot::PerExchange { reason }, Some(start))
            }
        };
        Ok(Ready {
            description,
            imports: head.imports,
            wants,
            wants_json: head.wants,
            snapshot,
            start,
            repeatable: true,
        })
    }

    #[expect(
        unsafe_code,
        reason = "there is no other way to take compiled code from a cache"
    )]
    fn component(&self, code: &[u8]) -> Result<Component, LoadFault> {
        // SAFETY: `Cache` gives back only what `keep` was handed under this key, and `keep` above hands
        // it what `Component::serialize` made. Where another version of wasmtime, other settings or
        // another CPU made it, the key differs, and wasmtime checks that once more.
        let component = unsafe { Component::deserialize(self.engine.wasmtime(), code) };
        component.map_err(|error| LoadFault::Invalid(super::compile::one_line(error)))
    }
}

impl Ready {
    fn head(&self) -> Option<Head> {
        let per_exchange = match &self.snapshot {
            Snapshot::PerExchange { reason } => Some(reason.clone()),
            Snapshot::Taken | Snapshot::NotNeeded => None,
        };
        Some(Head {
            description: serde_json::to_string(&self.description).ok()?,
            imports: self.imports.clone(),
            wants: self.wants_json.clone(),
            per_exchange,
        })
    }
}

//! Loads a policy from what an earlier load left in the cache.
//!
//! This never refuses a policy. What can't be taken from the cache is compiled instead, and
//! compiling reports what is wrong. So the cache accepts nothing that compiling would refuse.

#[cfg(test)]
mod tests;

use wasmtime::component::Component;

use super::metadata::Metadata;
use super::trial::Trial;
use super::{LoadFault, Ready, code, imports};
use crate::cache::{Cache, CacheEntry, CacheKey, Code};
use crate::digest::Digest;
use crate::wants::PolicyWants;
use crate::{Description, Engine, PolicySpec, Snapshot};

/// The entry of one policy in the engine's cache.
pub(super) struct Cached<'a> {
    engine: &'a Engine,
    cache: &'a dyn Cache,
    key: CacheKey,
}

impl<'a> Cached<'a> {
    /// Returns `None` if the engine has no cache.
    pub(super) fn new(
        engine: &'a Engine,
        spec: &PolicySpec,
        digest: Digest,
        config: &str,
    ) -> Option<Self> {
        let (cache, key) = engine.cached(digest, config, &spec.limits)?;
        Some(Self { engine, cache, key })
    }

    /// Returns the result of an earlier load if this load would have the same.
    pub(super) fn find(&self, spec: &PolicySpec, config: &str, trial: &Trial<'_>) -> Option<Ready> {
        let CacheEntry { code, metadata } = self.cache.find(&self.key)?;
        let metadata = Metadata::decode(&metadata)?;
        self.ready(spec, config, trial, metadata, &code)
            .inspect_err(|fault| {
                tracing::debug!(policy.name = spec.name, "not from the cache: {fault}");
            })
            .ok()
    }

    /// Keeps the result for the next load.
    pub(super) fn keep(&self, ready: &Ready) {
        if !ready.repeatable {
            return;
        }
        let code = ready.start.as_ref().map_or_else(
            || Some(Vec::new()),
            |start| start.component.component().serialize().ok(),
        );
        let metadata = ready.metadata().and_then(|metadata| metadata.encode());
        if let (Some(code), Some(metadata)) = (code, metadata) {
            self.cache.keep(&self.key, &code, &metadata);
        }
    }

    fn ready(
        &self,
        spec: &PolicySpec,
        config: &str,
        trial: &Trial<'_>,
        metadata: Metadata,
        code: &Code,
    ) -> Result<Ready, LoadFault> {
        let description =
            Description::parse(&metadata.description).map_err(LoadFault::Description)?;
        imports::check(&metadata.imports, &description.needs, &spec.grants)?;
        let wants = PolicyWants::parse(&metadata.wants).map_err(LoadFault::Wants)?;
        let (snapshot, start) = match metadata.per_exchange {
            _ if wants.is_nothing() => (Snapshot::NotNeeded, None),
            None => {
                let start = trial.start(&self.component(code)?, None)?;
                // Instantiates once, so that the first exchange does not pay for making the memory
                // image.
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
            imports: metadata.imports,
            wants,
            wants_json: metadata.wants,
            snapshot,
            start,
            repeatable: true,
        })
    }

    fn component(&self, code: &Code) -> Result<Component, LoadFault> {
        code::load(self.engine.serving(), code).map_err(LoadFault::Invalid)
    }
}

impl Ready {
    fn metadata(&self) -> Option<Metadata> {
        let per_exchange = match &self.snapshot {
            Snapshot::PerExchange { reason } => Some(reason.clone()),
            Snapshot::Taken | Snapshot::NotNeeded => None,
        };
        Some(Metadata {
            description: serde_json::to_string(&self.description).ok()?,
            imports: self.imports.clone(),
            wants: self.wants_json.clone(),
            per_exchange,
        })
    }
}

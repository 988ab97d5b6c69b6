//! The engine: what all policies of a process share.

use std::fmt;
use std::sync::{Arc, Mutex};

use thiserror::Error;
use tokio::sync::Semaphore;

use crate::cache::{self, Cache, CacheKey, Subject};
use crate::digest::Digest;
use crate::permit::InstancePermit;
use crate::settings::{self, Purpose};
use crate::ticker::Ticker;
use crate::{EngineConfig, Limits};

/// Loads policies and limits how many instances of them live at once. Cloning is cheap.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    /// The wasmtime engine that serves exchanges.
    serving: wasmtime::Engine,
    /// The wasmtime engine that tries a policy's load hooks.
    trial: wasmtime::Engine,
    config: EngineConfig,
    cache: Option<Keyed>,
    /// Makes callers wait for a free place in the pool; the pool itself returns an error when it is
    /// full.
    pool: Arc<Semaphore>,
    /// Held while a policy is loaded, so that only one is compiled at a time and serving keeps the
    /// cores.
    loading: Mutex<()>,
    /// Shared with every `InstancePermit` that is handed out. Dropping the last one ends the ticker's thread.
    ticker: Arc<Ticker>,
}

/// A cache, and the common beginning of this engine's keys.
struct Keyed {
    cache: Arc<dyn Cache>,
    compiler: Digest,
    trial_compiler: Digest,
}

/// Why the engine can't start.
#[derive(Debug, Error)]
pub enum EngineError {
    /// Wasmtime refused its settings or could not reserve its pool.
    #[error("the policy engine can't reserve room for {instances} instances: {reason}")]
    Pool {
        /// How many instances were asked for.
        instances: u32,
        /// Wasmtime's words.
        reason: String,
    },
    /// The thread of the ticker could not be started.
    #[error("the policy engine can't start its ticker: {0}")]
    Ticker(#[source] std::io::Error),
}

impl Engine {
    /// Reserves the pool and starts the ticker.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        Self::start(config, None)
    }

    /// Does the same as [`new`](Self::new), with a cache that keeps compiled code beyond the life of this engine.
    pub fn with_cache(config: EngineConfig, cache: Arc<dyn Cache>) -> Result<Self, EngineError> {
        Self::start(config, Some(cache))
    }

    fn start(config: EngineConfig, cache: Option<Arc<dyn Cache>>) -> Result<Self, EngineError> {
        let refused = |error: wasmtime::Error| EngineError::Pool {
            instances: config.instances,
            reason: format!("{error:#}"),
        };
        let serving = wasmtime::Engine::new(&settings::serving(&config)).map_err(refused)?;
        let trial = wasmtime::Engine::new(&settings::trial()).map_err(refused)?;
        let engines = [serving.clone(), trial.clone()];
        let advance = move || engines.iter().for_each(wasmtime::Engine::increment_epoch);
        let ticker = Ticker::start(config.tick, advance).map_err(EngineError::Ticker)?;
        let pool = Arc::new(Semaphore::new(config.instances as usize));
        let cache = cache.map(|cache| Keyed {
            cache,
            compiler: cache::compiler(&serving),
            trial_compiler: cache::compiler(&trial),
        });
        Ok(Self {
            shared: Arc::new(Shared {
                serving,
                trial,
                config,
                cache,
                pool,
                loading: Mutex::new(()),
                ticker: Arc::new(ticker),
            }),
        })
    }

    /// How many more instances could be made right now.
    pub fn free_instances(&self) -> usize {
        self.shared.pool.available_permits()
    }

    /// The wasmtime engine that serves exchanges.
    pub(crate) fn serving(&self) -> &wasmtime::Engine {
        &self.shared.serving
    }

    /// The wasmtime engine that tries policies at load.
    pub(crate) fn trial(&self) -> &wasmtime::Engine {
        &self.shared.trial
    }

    pub(crate) fn config(&self) -> &EngineConfig {
        &self.shared.config
    }

    /// Returns the cache and the key of a policy in it, if there is a cache.
    pub(crate) fn cached(
        &self,
        component: Digest,
        config: &str,
        limits: &Limits,
    ) -> Option<(&dyn Cache, CacheKey)> {
        let Keyed {
            cache, compiler, ..
        } = self.shared.cache.as_ref()?;
        let key = CacheKey::new(*compiler, self.config(), component, config, limits);
        Some((&**cache, key))
    }

    /// Returns the cache and the key of a component compiled for trying, if there is a cache.
    pub(crate) fn cached_trial(&self, component: Digest) -> Option<(&dyn Cache, CacheKey)> {
        let keyed = self.shared.cache.as_ref()?;
        let key = CacheKey::of(Subject::Trial, keyed.trial_compiler, component);
        Some((&*keyed.cache, key))
    }

    /// Returns the cache and the key of a component's functions, if there is a cache.
    pub(crate) fn cached_functions(
        &self,
        purpose: Purpose,
        component: Digest,
    ) -> Option<(&dyn Cache, CacheKey)> {
        let keyed = self.shared.cache.as_ref()?;
        let compiler = match purpose {
            Purpose::Serving => keyed.compiler,
            Purpose::Trial => keyed.trial_compiler,
        };
        let key = CacheKey::of(Subject::Functions, compiler, component);
        Some((&*keyed.cache, key))
    }

    pub(crate) fn loading(&self) -> &Mutex<()> {
        &self.shared.loading
    }

    /// Waits for the permit to run one instance.
    pub(crate) async fn permit(&self) -> InstancePermit {
        let permit = Arc::clone(&self.shared.pool)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        InstancePermit::new(permit, Arc::clone(&self.shared.ticker))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("config", &self.shared.config)
            .field("free_instances", &self.free_instances())
            .finish_non_exhaustive()
    }
}

//! The engine: what all policies of a process share.

use std::fmt;
use std::sync::{Arc, Mutex};

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::EngineConfig;
use crate::settings;
use crate::ticker::Ticker;

/// Loads policies and gives them the room to run in. Cloning is cheap.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    wasmtime: wasmtime::Engine,
    config: EngineConfig,
    /// Stands before the pool, whose exhaustion is an error and not a wait.
    pool: Arc<Semaphore>,
    /// Held while a policy is loaded: compiling takes all cores, and serving goes first.
    loading: Mutex<()>,
    /// Dropping it ends the ticker's thread.
    _ticker: Ticker,
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
    /// No thread for the ticker.
    #[error("the policy engine can't start its ticker: {0}")]
    Ticker(#[source] std::io::Error),
}

impl Engine {
    /// Reserves the pool and starts the ticker.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        let wasmtime = wasmtime::Engine::new(&settings::wasmtime_config(&config)).map_err(|e| {
            EngineError::Pool {
                instances: config.instances,
                reason: format!("{e:#}"),
            }
        })?;
        let ticker = Ticker::start(&wasmtime, config.tick).map_err(EngineError::Ticker)?;
        let pool = Arc::new(Semaphore::new(config.instances as usize));
        Ok(Self {
            shared: Arc::new(Shared {
                wasmtime,
                config,
                pool,
                loading: Mutex::new(()),
                _ticker: ticker,
            }),
        })
    }

    /// How many more instances fit right now.
    pub fn free_instances(&self) -> usize {
        self.shared.pool.available_permits()
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.shared.wasmtime
    }

    pub(crate) fn config(&self) -> &EngineConfig {
        &self.shared.config
    }

    pub(crate) fn loading(&self) -> &Mutex<()> {
        &self.shared.loading
    }

    /// Room for one instance, as soon as there is some. Dropping the permit gives it back.
    pub(crate) async fn room(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.shared.pool)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed")
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

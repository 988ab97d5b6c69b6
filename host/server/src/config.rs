//! Everything the operator decides about the process, put together from its modules' own configs.

use std::path::PathBuf;
use std::time::Duration;

use sluice_engine::EngineConfig;

use crate::auth::HostName;
use crate::{listen, proxy, upstream};

/// The configuration of the process.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to serve on, as `host:port`.
    pub listen: String,
    /// The names besides the local ones under which it is called.
    pub hosts: Vec<HostName>,
    /// Where Anthropic's API is, or what speaks like it.
    pub anthropic: upstream::Config,
    /// Where `OpenAI`'s API is, or what speaks like it.
    pub openai: upstream::Config,
    /// The bounds of callers' connections.
    pub connections: listen::Config,
    /// The bounds of every exchange.
    pub proxy: proxy::Config,
    /// The size of the engine.
    pub engine: EngineConfig,
    /// The policy file, if there is one.
    pub policies: Option<PathBuf>,
    /// The folder of the cache, if there is to be one.
    pub cache: Option<PathBuf>,
    /// How long running exchanges have to finish on shutdown.
    pub drain: Duration,
}

//! The SDK for policies of Sluice.
//!
//! A policy is a type that implements [`Policy`] and is exported with one line, [`export!`]. It is built for
//! `wasm32-unknown-unknown` and runs in the host. With [`testing`] it runs natively, in `cargo test`. A policy sees
//! the exchange that it judges and nothing else: it has no network, no files and no clock.
//!
//! ```
//! use sluice_policy_sdk::{
//!     Block, BlockVerdict, Faults, Policy, Reason, Request, Wants, schemars, serde,
//! };
//!
//! /// Keeps the model from calling some tools.
//! struct NoTools {
//!     names: Vec<String>,
//! }
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! #[serde(crate = "serde", deny_unknown_fields)]
//! struct Config {
//!     /// The names of the tools that must not be called.
//!     names: Vec<String>,
//! }
//!
//! impl Policy for NoTools {
//!     type Config = Config;
//!
//!     fn configure(config: Config) -> Result<Self, Faults> {
//!         if config.names.is_empty() {
//!             return Err("names: name at least one tool".into());
//!         }
//!         Ok(Self { names: config.names })
//!     }
//!
//!     fn wants(&self) -> Wants {
//!         Wants::nothing().tool_calls_whole()
//!     }
//!
//!     fn on_block(&mut self, block: Block, _: &Request) -> BlockVerdict {
//!         match block {
//!             Block::ToolCall(call) if self.names.contains(&call.name) => {
//!                 let message = format!("The tool `{}` is not allowed here.", call.name);
//!                 BlockVerdict::Drop(Reason::new("tools.forbidden", message))
//!             }
//!             _ => BlockVerdict::Keep,
//!         }
//!     }
//! }
//!
//! sluice_policy_sdk::export!(NoTools);
//! # fn main() {}
//! ```

#![warn(missing_docs)]

mod arguments;
mod block;
mod component;
mod config;
mod json;
mod policy;
mod request;
mod verdict;
mod wants;

pub mod clock;
pub mod pieces;
pub mod telemetry;

#[cfg(not(target_family = "wasm"))]
pub mod testing;

#[doc(hidden)]
pub mod bindings;
#[doc(hidden)]
pub mod guest;

pub use schemars;
pub use serde;
pub use serde_json;

pub use block::{Block, BlockAddress, PlacedBlock, ToolCall, ToolResult};
pub use config::{Faults, NoConfig};
pub use policy::{Piece, Policy};
pub use request::{Context, EditError, Place, Request, TextAt};
pub use verdict::{BlockVerdict, Reason, RequestVerdict, TextVerdict};
pub use wants::Wants;

/// Checks that the policy in README.md compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

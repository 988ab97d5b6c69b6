//! Runs policies, WebAssembly components, over blocks.
//!
//! An [`Engine`] turns the bytes of a component and the operator's config into a [`Policy`]. A
//! [`PolicySet`] is an ordered, immutable generation of policies, and a [`Registry`] swaps it while
//! traffic flows. A [`Chain`] is one exchange's walk through a set: it asks every policy that wants
//! to see a block, in order, and returns what the policies decided together.
//!
//! A policy can only do what its imports allow. Its fuel, memory and time are bounded, and a
//! failure affects that policy alone: it becomes a [`Cause`], and the side that the operator
//! configured applies. The engine knows no HTTP and reads no files. Compiled code is kept by a
//! [`Cache`] that is handed in.

mod cache;
mod cause;
mod chain;
mod config;
mod content;
mod context;
mod convert;
mod description;
mod digest;
mod edits;
mod engine;
mod event;
mod events;
mod functions;
mod host;
mod instance;
mod level;
mod limiter;
mod load;
mod notice;
mod permit;
mod policy;
mod reason;
mod registry;
mod revision;
mod set;
mod settings;
mod text;
mod ticker;
mod wants;
mod wit;

pub use cache::{Cache, CacheEntry, CacheKey, Code};
pub use cause::Cause;
pub use chain::{Chain, Refusal, RequestRuling, SharedRequest};
pub use config::{EngineConfig, Limits, OnFailure, PolicySpec};
pub use content::{Content, Contents};
pub use context::Context;
pub use description::Description;
pub use digest::Digest;
pub use edits::{Edit, EditAddress, Edited, Edits};
pub use engine::{Engine, EngineError};
pub use event::{Action, Event, Hook, Outcome, Verdict};
pub use events::Events;
pub use host::Counters;
pub use level::EventLevel;
pub use load::{Inspection, LoadError, LoadFault, LoadSetError};
pub use policy::{Policy, Snapshot};
pub use registry::Registry;
pub use set::PolicySet;
pub use wants::PolicyWants;

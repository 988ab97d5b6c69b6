//! Runs policies, WebAssembly components, over blocks.
//!
//! An [`Engine`] turns the bytes of a component and the operator's config into a [`Policy`]; a
//! [`PolicySet`] is an ordered, immutable generation of them, which a [`Registry`] swaps; a [`Chain`]
//! is one exchange's walk through a set: it asks every policy that wants to see a block, in order,
//! and answers with what the policies together decided.
//!
//! A policy can see and do what its imports allow, spends metered fuel, memory and time, and can fail
//! only for itself: everything it does wrong becomes a [`Cause`] and takes the side that the operator
//! configured. No HTTP, no SQL, no files: what was compiled is kept by a [`Cache`] that is handed in.

mod cache;
mod cause;
mod chain;
mod config;
mod context;
mod convert;
mod digest;
mod engine;
mod event;
mod functions;
mod host;
mod instance;
mod limiter;
mod load;
mod notice;
mod policy;
mod reason;
mod registry;
mod room;
mod set;
mod settings;
mod text;
mod ticker;
mod wants;
mod wit;

pub use cache::{Cache, CacheKey, Code, Kept};
pub use cause::Cause;
pub use chain::{Chain, Refusal, RequestRuling, SharedRequest};
pub use config::{EngineConfig, Limits, OnFailure, PolicySpec};
pub use context::Context;
pub use digest::Digest;
pub use engine::{Engine, EngineError};
pub use event::{Action, Event, Hook, Outcome, Verdict};
pub use host::Counters;
pub use load::{Description, Inspection, LoadError, LoadFault, LoadSetError};
pub use policy::{Policy, Snapshot};
pub use registry::Registry;
pub use set::PolicySet;
pub use wants::PolicyWants;

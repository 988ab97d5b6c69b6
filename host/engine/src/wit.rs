//! The contract of `wit/policy.wit` as Rust types.
//!
//! Generated: the host's side of every interface and typed calls of a policy's hooks.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "policy",
    imports: { default: trappable },
    exports: { default: async },
});

pub(crate) use exports::sluice::policy::hooks;
pub(crate) use sluice::policy::{request, telemetry, types};

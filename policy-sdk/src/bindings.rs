//! The contract as wit-bindgen renders it. This is not an API: it is public because [`export!`](crate::export) uses it.

#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "generated"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "policy",
    pub_export_macro: true,
    export_macro_name: "export_policy",
    default_bindings_module: "sluice_policy_sdk::bindings",
});

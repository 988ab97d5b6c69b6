//! The gateway's interface as wit-bindgen renders it.

#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "generated"
)]

use super::Noop;

wit_bindgen::generate!({
    path: "wit",
    world: "middleware",
});

export!(Noop with_types_in self);

//! The time of day, for policies that name `clock` in [`NEEDS`](crate::Policy::NEEDS).

/// Unix time in milliseconds.
#[cfg(target_family = "wasm")]
pub fn now_ms() -> u64 {
    crate::bindings::sluice::policy::clock::now_ms()
}

/// Unix time in milliseconds.
#[cfg(not(target_family = "wasm"))]
pub fn now_ms() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}

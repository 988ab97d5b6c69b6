//! Returns the compiler's memory to the system.

/// Returns memory that a compile has freed to the system. The allocator would keep it for later,
/// and a process that serves needs far less than one that compiles.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc has this, and no crate wraps it")]
pub(super) fn give_back() {
    // SAFETY: the call takes no pointer, frees nothing that is in use, and locks each arena
    // meanwhile.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators return memory by themselves, or offer no such call.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}

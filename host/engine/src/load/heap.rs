//! Gives back what the compiler took.

/// Lets the system have the memory that a compile has freed. The allocator would keep it for what is
/// allocated next, and a process that serves needs far less than one that compiles.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc has this, and no crate wraps it")]
pub(super) fn give_back() {
    // SAFETY: it takes no pointer and frees nothing that is in use, and each arena is locked meanwhile.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators give back by themselves, or have no word for it.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back() {}

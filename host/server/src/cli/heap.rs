//! How the allocator deals with large memory.

/// From this many bytes on, what is freed goes back to the system at once.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: i32 = 1 << 20;

/// So much may lie free at the end of a heap before it is given back. The default, an eighth of a megabyte,
/// gives back and takes anew the pages of every large body.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const SPARE: i32 = 8 << 20;

/// Keeps a reload from leaving its mark: a component, what it compiles to and what the compiler works
/// with are megabytes each. By default glibc begins to keep what is large once some of it was freed, up
/// to 32 MiB, and each thread that compiled would keep its own. Bodies of requests are smaller.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc has this, and no crate wraps it")]
pub(super) fn give_back_what_is_large() {
    // SAFETY: it takes numbers, is called before there is a second thread, and changes where memory
    // comes from, not what it is. Where it fails the default stays.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, SPARE);
    }
}

/// Elsewhere there is no such habit.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back_what_is_large() {}

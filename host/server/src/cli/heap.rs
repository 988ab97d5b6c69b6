//! Sets how the allocator treats large memory.

/// An allocation of at least this many bytes goes back to the system as soon as it is freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: i32 = 1 << 20;

/// The most free bytes that stay at the end of a heap. With the default of 128 KiB the pages of every large body would
/// be given back and taken anew.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const SPARE: i32 = 8 << 20;

/// Makes large memory go back to the system after a reload. A component, its code and the compiler's own data take
/// megabytes each. By default glibc begins to keep freed memory of up to 32 MiB, and each thread that compiled would
/// keep its own. Bodies of requests are smaller than the threshold.
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

/// Other allocators do not do this.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back_what_is_large() {}

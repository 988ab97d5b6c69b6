//! Compiling gives way to serving.

/// How much less the thread gets where cores are short: a tenth of what one that serves gets.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// From now on this thread, and each that it starts, gets what others leave. There is no way back, so
/// it has to be a thread that ends with its work.
#[cfg(target_os = "linux")]
pub(super) fn give_way() {
    // Linux takes the calling thread for the process that is meant. Where it is forbidden, compiling
    // competes with serving as it would have done.
    let _ = rustix::process::setpriority_process(None, NICE);
}

/// Elsewhere a priority is the whole process's.
#[cfg(not(target_os = "linux"))]
pub(super) fn give_way() {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::getpriority_process;

    use super::{NICE, give_way};

    #[test]
    fn only_the_thread_that_loads_gives_way() {
        let before = getpriority_process(None).unwrap();
        let loading = std::thread::spawn(|| {
            give_way();
            let started = std::thread::spawn(|| getpriority_process(None).unwrap());
            (getpriority_process(None).unwrap(), started.join().unwrap())
        });
        assert_eq!(loading.join().unwrap(), (NICE, NICE));
        assert_eq!(getpriority_process(None).unwrap(), before);
    }
}

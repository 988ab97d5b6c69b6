//! Lowers the priority of compiling, so that serving goes first.

/// The niceness of the thread. Where cores are short it gets a tenth of what a serving thread gets.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Lowers the priority of this thread and of each thread that it starts. This can't be undone, so
/// the thread has to end with its work.
#[cfg(target_os = "linux")]
pub(super) fn give_way() {
    // Without a process id, Linux applies this to the calling thread. If it is not permitted,
    // compiling competes with serving as before.
    let _ = rustix::process::setpriority_process(None, NICE);
}

/// On other systems a priority applies to the whole process.
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

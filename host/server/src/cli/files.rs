//! How many files the process may have open.

/// Two for each exchange: the caller's connection and upstream's. Fewer than this is little for a proxy.
const PLENTY: u64 = 4096;

/// Takes as many as the system lets this process have. What shells hand on by default, 1,024 of them, is
/// a bound for programs that use `select`, which nothing here does.
#[cfg(unix)]
pub(super) fn allow_many() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!("the limit of open files stays as it is: {error}");
    }
    // None is no limit.
    if let Some(limit) = getrlimit(Resource::Nofile)
        .current
        .filter(|limit| *limit < PLENTY)
    {
        tracing::warn!(
            limit,
            "few files may be open at once (ulimit -n), and each exchange needs two"
        );
    }
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub(super) fn allow_many() {}

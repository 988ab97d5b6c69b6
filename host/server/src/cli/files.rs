//! How many files the process may have open.

/// Two for each exchange: the caller's connection and upstream's. Fewer than this is little for a proxy.
const PLENTY: u64 = 4096;

/// Takes as many as the system lets this process have, and answers with their number if there is a limit.
/// What shells hand on by default, 1,024 of them, is a bound for programs that use `select`, which nothing
/// here does.
#[cfg(unix)]
pub(super) fn allow_many() -> Option<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!("the limit of open files stays as it is: {error}");
    }
    let limit = getrlimit(Resource::Nofile).current?;
    if limit < PLENTY {
        tracing::warn!(
            limit,
            "few files may be open at once (ulimit -n), and each exchange needs two"
        );
    }
    Some(limit)
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub(super) fn allow_many() -> Option<u64> {
    None
}

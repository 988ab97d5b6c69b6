//! Raises the number of files that the process may have open.

/// A limit below this is little for a proxy, which needs two files for each exchange: the caller's connection and
/// upstream's.
const PLENTY: u64 = 4096;

/// Raises the limit as far as the system allows and returns it, if there is one. The usual 1,024 protects programs
/// that use `select`, which nothing here does.
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

/// Other systems have no such limit.
#[cfg(not(unix))]
pub(super) fn allow_many() -> Option<u64> {
    None
}

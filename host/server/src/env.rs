//! Reads the environment, except for the settings' own variables, which clap reads.

use std::ffi::OsString;
use std::path::PathBuf;

/// Returns the filter of the log in the syntax of `tracing_subscriber`: `SLUICE_LOG`, else `RUST_LOG`.
pub fn log_filter() -> Option<String> {
    variable("SLUICE_LOG").or_else(|| variable("RUST_LOG"))
}

/// Returns the folder of Sluice's cache if no setting names one: it lies beside the user's other caches. Returns `None`
/// if that is not known.
pub fn cache_folder() -> Option<PathBuf> {
    users_folder("XDG_CACHE_HOME", ".cache")
}

/// Returns the folder of the user's settings of Sluice. Returns `None` if that is not known.
pub fn config_folder() -> Option<PathBuf> {
    users_folder("XDG_CONFIG_HOME", ".config")
}

/// Returns the folder of what Sluice must not lose if no setting names one: it lies beside the data of the user's other
/// programs. Returns `None` if that is not known.
pub fn data_folder() -> Option<PathBuf> {
    users_folder("XDG_DATA_HOME", ".local/share")
}

/// Returns the names of all variables that are text.
pub fn variable_names() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
}

fn users_folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let home = std::env::var_os("HOME");
    sluice_in(std::env::var_os(variable), home, below_home)
}

/// Returns a variable that is set to some text.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the user's home folder, if it is known.
pub fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// Whether a program of this name lies in a folder of the path.
pub fn is_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| {
        let program = folder.join(name);
        program.is_file() || program.with_extension("cmd").is_file()
    })
}

/// Ignores relative paths: a process may be started in any folder.
fn sluice_in(named: Option<OsString>, home: Option<OsString>, below_home: &str) -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let named = named.map(PathBuf::from).filter(absolute);
    let home = home.map(PathBuf::from).filter(absolute);
    let folder = named.or_else(|| home.map(|home| home.join(below_home)))?;
    Some(folder.join("sluice"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::sluice_in;

    #[test]
    #[cfg(unix)]
    fn the_cache_is_where_the_users_other_caches_are() {
        let folder =
            |caches: &str, home: &str| sluice_in(Some(caches.into()), Some(home.into()), ".cache");
        assert_eq!(folder("/c", "/h").unwrap(), Path::new("/c/sluice"));
        assert_eq!(folder("", "/h").unwrap(), Path::new("/h/.cache/sluice"));
        assert_eq!(folder("c", "/h").unwrap(), Path::new("/h/.cache/sluice"));
        assert_eq!(folder("", "h"), None);
        assert_eq!(sluice_in(None, None, ".cache"), None);
    }
}

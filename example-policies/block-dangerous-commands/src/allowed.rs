//! Which paths may be deleted recursively.

use sluice_policy_shell::{Base, Path, System, marks, matches};

const NAMES: &[&str] = &[
    "node_modules",
    "bower_components",
    "target",
    "dist",
    "build",
    "out",
    "obj",
    "_build",
    "cmake-build-*",
    "bazel-*",
    "DerivedData",
    "storybook-static",
    "coverage",
    "htmlcov",
    "test-results",
    "playwright-report",
    "tmp",
    "temp",
    "venv",
    ".venv",
    ".tmp",
    ".temp",
    ".cache",
    ".build",
    ".next",
    ".nuxt",
    ".output",
    ".turbo",
    ".parcel-cache",
    ".svelte-kit",
    ".vite",
    ".angular",
    ".expo",
    ".docusaurus",
    ".dart_tool",
    ".stack-work",
    ".wrangler",
    ".aws-sam",
    ".swc",
    ".pnpm-store",
    ".phpunit.cache",
    ".rollup.cache",
    ".zig-cache",
    "zig-out",
    "elm-stuff",
    "cdk.out",
    "dist-newstyle",
    "_site",
    ".gradle",
    ".terraform",
    ".serverless",
    ".tox",
    ".nox",
    ".eggs",
    ".nyc_output",
    ".coverage",
    ".eslintcache",
    ".hypothesis",
    ".ipynb_checkpoints",
    ".DS_Store",
    "*.egg-info",
    "*.pyc",
    "*.pyo",
    "*.class",
    "*.o",
    "*.tmp",
    "*.swp",
    "*.tsbuildinfo",
    "*.bak",
    "*.orig",
    "*.rej",
    "*~",
    "*.log",
    "*.lock",
    "package-lock.json",
    "pnpm-lock.yaml",
    "bun.lockb",
    "__pycache__",
    ".*_cache",
    "*-cache",
];

const PATHS: &[&str] = &[
    "/tmp/*",
    "/var/tmp/*",
    "/private/tmp/*",
    "/var/folders/*/*/*",
    "/dev/shm/*",
    "/var/cache/*",
    "/var/lib/apt/lists/*",
    "~/Library/Caches/*",
    "~/Library/Developer/Xcode/DerivedData",
    "~/.npm/_cacache",
    "~/.npm/_npx",
    "~/.cargo/registry",
];

/// System folders, as first components of an absolute path. A bare name is not allowed in them:
/// `/usr/lib/node_modules` is not a build output.
const SYSTEM: &[&str] = &[
    "Applications",
    "Library",
    "System",
    "bin",
    "boot",
    "dev",
    "etc",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "proc",
    "run",
    "sbin",
    "sys",
    "usr",
    "var",
];

/// Folders for projects, although their paths begin like a system folder's.
const NOT_SYSTEM: &[&[&str]] = &[&["usr", "src"], &["var", "www"], &["var", "jenkins_home"]];

/// Names that are also allowed in a shell of Windows, unless the operator names some. They are in
/// lower case, because paths are compared in lower case there.
const WINDOWS_NAMES: &[&str] = &[
    "bin",
    "testresults",
    ".vs",
    "_resharper*",
    "thumbs.db",
    "desktop.ini",
];

const WINDOWS_PATHS: &[&str] = &[
    "~/appdata/local/temp/*",
    "~/appdata/local/npm-cache",
    "~/appdata/roaming/npm-cache",
    "~/appdata/local/pip/cache",
    "~/appdata/local/yarn/cache",
    "~/.nuget/packages",
    "c:/temp/*",
    "c:/tmp/*",
    "c:/windows/temp/*",
];

/// Folders of a drive in which a bare name is not allowed.
const WINDOWS_SYSTEM: &[&str] = &[
    "windows",
    "program files",
    "program files (x86)",
    "programdata",
    "$recycle.bin",
    "system volume information",
    "boot",
];

/// The paths that may be deleted recursively.
#[derive(Debug)]
pub(crate) struct Allowed {
    /// Sorted.
    names: Vec<String>,
    /// Names with wildcards.
    patterns: Vec<String>,
    paths: Vec<Path>,
    /// Paths that are only allowed in shells of Windows.
    windows: Option<Box<Allowed>>,
}

impl Allowed {
    /// The default, for an operator who names nothing.
    pub(crate) fn defaults() -> Vec<String> {
        NAMES
            .iter()
            .chain(PATHS)
            .map(|path| (*path).to_owned())
            .collect()
    }

    /// Reads these patterns.
    pub(crate) fn new(patterns: &[String]) -> Self {
        let is_name = |pattern: &&String| !pattern.trim_end_matches('/').contains('/');
        let name = |pattern: &String| pattern.trim_end_matches('/').to_owned();
        let (wild, mut names): (Vec<String>, Vec<String>) = patterns
            .iter()
            .filter(is_name)
            .map(name)
            .partition(|name| name.contains(['*', '?']));
        names.sort_unstable();
        Self {
            names,
            patterns: wild,
            paths: patterns
                .iter()
                .filter(|pattern| !is_name(pattern))
                .map(|pattern| Path::start().join(pattern))
                .collect(),
            windows: None,
        }
    }

    /// Reads these patterns, and adds what is usual on Windows.
    pub(crate) fn with_windows(patterns: &[String]) -> Self {
        let usual = WINDOWS_NAMES.iter().chain(WINDOWS_PATHS);
        let usual: Vec<String> = usual.map(|path| (*path).to_owned()).collect();
        Self {
            windows: Some(Box::new(Self::new(&usual))),
            ..Self::new(patterns)
        }
    }

    /// Whether the path is one of those, or in one of them, in a shell of this system.
    pub(crate) fn names(&self, path: &Path, system: System) -> bool {
        let has_drive = path.base == Base::Root
            && path
                .components
                .first()
                .is_some_and(|first| first.ends_with(':'));
        if system == System::Unix && !has_drive {
            return self.names_exactly(path);
        }
        let path = in_lower_case(path);
        self.names_exactly(&path)
            || self
                .windows
                .as_ref()
                .is_some_and(|windows| windows.names_exactly(&path))
    }

    fn names_exactly(&self, path: &Path) -> bool {
        self.has_named_component(path) || self.paths.iter().any(|pattern| covers(pattern, path))
    }

    fn has_name(&self, component: &str) -> bool {
        let found = self
            .names
            .binary_search_by(|name| name.as_str().cmp(component));
        found.is_ok() || self.patterns.iter().any(|name| matches(name, component))
    }

    fn has_named_component(&self, path: &Path) -> bool {
        if let [drive, names @ ..] = path.components.as_slice()
            && path.base == Base::Root
            && drive.ends_with(':')
        {
            let in_system = names
                .first()
                .is_some_and(|name| WINDOWS_SYSTEM.contains(&name.as_str()));
            return !in_system && self.names_one_of(names.get(1..).unwrap_or_default());
        }
        let exempt = NOT_SYSTEM.iter().any(|prefix| path.is_under(prefix));
        let in_system = !exempt && SYSTEM.iter().any(|name| path.is_under(&[name]));
        // A folder directly in `/` is no build output either.
        let from = usize::from(path.base == Base::Root);
        !in_system && self.names_one_of(path.components.get(from..).unwrap_or_default())
    }

    fn names_one_of(&self, components: &[String]) -> bool {
        components
            .iter()
            .any(|component| !marks::is_open(component) && self.has_name(component))
    }
}

/// The path as it is compared on Windows. Any user's home becomes the home.
fn in_lower_case(path: &Path) -> Path {
    let components = path.components.iter().map(|name| name.to_lowercase());
    let mut path = Path {
        base: path.base,
        components: components.collect(),
    };
    let is_home = path.components.len() > 2
        && path.components[0].ends_with(':')
        && path.components[1] == "users";
    if is_home && path.base == Base::Root {
        path.base = Base::Home;
        path.components.drain(..3);
    }
    path
}

fn covers(pattern: &Path, path: &Path) -> bool {
    pattern.base == path.base && components_cover(&pattern.components, &path.components)
}

fn components_cover(pattern: &[String], path: &[String]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, _) => true,
        (Some((first, rest)), _) if first == "**" => {
            components_cover(rest, path)
                || path
                    .split_first()
                    .is_some_and(|(_, path)| components_cover(pattern, path))
        }
        (Some(_), None) => false,
        (Some((first, rest)), Some((component, path))) => {
            matches(first, component) && components_cover(rest, path)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> bool {
        let path = Path::start().join(text);
        Allowed::with_windows(&Allowed::defaults()).names(&path, System::Unix)
    }

    #[test]
    fn windows_has_names_and_paths_of_its_own() {
        let allowed = Allowed::with_windows(&Allowed::defaults());
        let names = |text: &str| allowed.names(&Path::start().join(text), System::Windows);
        for text in [
            "Node_Modules",
            "App/bin",
            "C:\\src\\App\\OBJ\\x",
            "C:\\Users\\me\\AppData\\Local\\Temp\\x",
            "~/.nuget/packages",
            "c:/Temp/x",
        ] {
            assert!(names(text), "{text}");
        }
        for text in [
            "src",
            "C:\\",
            "C:\\bin",
            "C:\\Temp",
            "C:\\Users\\me",
            "C:\\Windows\\bin\\x",
            "C:\\Program Files\\node_modules",
        ] {
            assert!(!names(text), "{text}");
        }
        let own = Allowed::new(&["out".to_owned()]);
        assert!(!own.names(&Path::start().join("bin"), System::Windows));
    }

    #[test]
    fn build_outputs_caches_and_temporary_folders_are_named() {
        for text in [
            "node_modules",
            "./web/node_modules/",
            "target/debug",
            "/home/me/app/dist",
            "~/.cache",
            "/tmp/x",
            "/tmp/*",
            "build/*",
            "/usr/src/app/node_modules",
            ".pytest_cache",
            "**/*.pyc",
            "\u{FFFF}/node_modules",
            "/tmp/\u{FFFF}",
        ] {
            assert!(names(text), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_named() {
        for text in [
            "src",
            ".",
            "*",
            "/",
            "~",
            "/tmp",
            "/tmp/",
            "/build",
            "node_modules/..",
            "dist/../src",
            "/tmp/../etc",
            "/usr/lib/node_modules",
            "\u{FFFF}",
            "build\u{FFFF}",
            "buildings",
            "dist*",
        ] {
            assert!(!names(text), "{text}");
        }
    }
}

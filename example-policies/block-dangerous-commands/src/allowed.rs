//! What may be deleted recursively.

use sluice_policy_shell::{Base, Path, marks, matches};

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

/// First components of absolute paths in which a bare name means nothing: `/usr/lib/node_modules` is
/// no build output.
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

/// Where projects live although the path begins like a system folder's.
const NOT_SYSTEM: &[&[&str]] = &[&["usr", "src"], &["var", "www"], &["var", "jenkins_home"]];

/// The paths that may be deleted recursively.
#[derive(Debug)]
pub(crate) struct Allowed {
    names: Vec<String>,
    paths: Vec<Path>,
}

impl Allowed {
    /// What is allowed where the operator names nothing.
    pub(crate) fn defaults() -> Vec<String> {
        NAMES
            .iter()
            .chain(PATHS)
            .map(|path| (*path).to_owned())
            .collect()
    }

    /// What these patterns name.
    pub(crate) fn new(patterns: &[String]) -> Self {
        let is_name = |pattern: &&String| !pattern.trim_end_matches('/').contains('/');
        let name = |pattern: &String| pattern.trim_end_matches('/').to_owned();
        Self {
            names: patterns.iter().filter(is_name).map(name).collect(),
            paths: patterns
                .iter()
                .filter(|pattern| !is_name(pattern))
                .map(|pattern| Path::start().join(pattern))
                .collect(),
        }
    }

    /// Whether the path is one of those, or in one of them.
    pub(crate) fn names(&self, path: &Path) -> bool {
        self.has_named_component(path) || self.paths.iter().any(|pattern| covers(pattern, path))
    }

    fn has_named_component(&self, path: &Path) -> bool {
        let exempt = NOT_SYSTEM.iter().any(|prefix| path.is_under(prefix));
        let in_system = path.base == Base::Root
            && !exempt
            && path
                .components
                .first()
                .is_some_and(|first| SYSTEM.contains(&first.as_str()));
        // What stands directly in `/` is no build output either.
        let from = usize::from(path.base == Base::Root);
        !in_system
            && path.components.iter().skip(from).any(|component| {
                !marks::is_open(component) && self.names.iter().any(|name| matches(name, component))
            })
    }
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
        Allowed::new(&Allowed::defaults()).names(&Path::start().join(text))
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

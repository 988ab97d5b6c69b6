//! Sorts the Rust files by the crate that they belong to, and leaves the tests out.

use super::source::Source;
use crate::workspace::{Package, Workspace};

/// The code of one crate, without its tests, benchmarks and examples.
pub(super) struct Crate {
    /// Its folder, relative to the checkout: `host/engine`.
    pub(super) folder: String,
    pub(super) files: Vec<File>,
}

/// One file of a crate.
pub(super) struct File {
    pub(super) source: Source,
    /// The modules that lead to it from the crate's root, which itself has none.
    pub(super) modules: Vec<String>,
}

impl Crate {
    /// Reads the crates of the workspace from its files.
    pub(super) fn read(workspace: &Workspace, sources: &[Source]) -> Vec<Self> {
        let folder = |package: &Package| {
            let folder = package.manifest_path.parent()?;
            let folder = folder.strip_prefix(&workspace.root).ok()?;
            Some(folder.to_str()?.to_owned())
        };
        let folders = workspace.packages.iter().filter_map(folder);
        folders.map(|folder| Self::of(&folder, sources)).collect()
    }

    /// Takes those files that belong to the crate in a folder.
    pub(super) fn of(folder: &str, sources: &[Source]) -> Self {
        let file = |source: &Source| {
            let modules = modules(folder, &source.path)?;
            let source = source.clone();
            Some(File { source, modules })
        };
        let mut found = Self {
            folder: folder.to_owned(),
            files: sources.iter().filter_map(file).collect(),
        };
        found.leave_out_tests();
        found
    }

    /// Drops the modules that only tests compile, and the test items of all others.
    fn leave_out_tests(&mut self) {
        let declared = |file: &File| -> Vec<_> {
            let names = file.source.test_modules();
            let path = |name| [file.modules.as_slice(), &[name]].concat();
            names.into_iter().map(path).collect()
        };
        let tests: Vec<_> = self.files.iter().flat_map(declared).collect();
        let is_test = |file: &File| tests.iter().any(|test| file.modules.starts_with(test));
        self.files.retain(|file| !is_test(file));
        for file in &mut self.files {
            file.source.blank_tests();
        }
    }
}

/// The modules that lead to a file, if it belongs to the crate in this folder.
fn modules(folder: &str, path: &str) -> Option<Vec<String>> {
    let below = path.strip_prefix(folder)?.strip_prefix("/src/")?;
    Some(match below.strip_suffix(".rs")? {
        "lib" | "main" => Vec::new(),
        inside => inside.split('/').map(str::to_owned).collect(),
    })
}

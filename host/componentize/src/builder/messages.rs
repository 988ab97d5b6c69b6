//! Reads Cargo's JSON messages about a build.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Module;

#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    package_id: String,
    #[serde(default)]
    manifest_path: PathBuf,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    target_directory: PathBuf,
}

/// Returns the modules of `packages`, or of the crate of `manifest` if no packages are named. Skips
/// a dependency that is a `cdylib` too.
pub(super) fn modules(output: &[u8], manifest: &Path, packages: &[String]) -> Vec<Module> {
    output
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice::<Message>(line).ok())
        .filter(|message| message.reason == "compiler-artifact")
        .filter(|message| {
            let library = message.target.as_ref();
            library.is_some_and(|target| target.kind.iter().any(|kind| kind == "cdylib"))
        })
        .filter_map(|message| {
            let package = package_name(&message.package_id)?.to_owned();
            let asked_for = match packages {
                [] => message.manifest_path == manifest,
                packages => packages.contains(&package),
            };
            let is_module = |path: &PathBuf| path.extension().is_some_and(|end| end == "wasm");
            let path = message.filenames.into_iter().find(is_module)?;
            asked_for.then_some(Module { package, path })
        })
        .collect()
}

/// Reads the target folder from the answer of `cargo metadata`.
pub(super) fn target_directory(output: &[u8]) -> Option<PathBuf> {
    let metadata: Metadata = serde_json::from_slice(output).ok()?;
    Some(metadata.target_directory)
}

/// Reads the name from a package id: `path+file:///x/name#0.1.0`, or `…/folder#name@0.1.0` if the
/// folder has another name.
fn package_name(id: &str) -> Option<&str> {
    let (location, rest) = id.rsplit_once('#')?;
    match rest.split_once('@') {
        Some((name, _version)) => Some(name),
        None => location.rsplit('/').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(id: &str, manifest: &str, kind: &str, file: &str) -> String {
        serde_json::json!({
            "reason": "compiler-artifact",
            "package_id": id,
            "manifest_path": manifest,
            "target": { "kind": [kind, "rlib"], "name": "x" },
            "filenames": ["/t/libx.rlib", file],
        })
        .to_string()
    }

    fn output() -> Vec<u8> {
        [
            "   Compiling x v0.1.0".to_owned(),
            r#"{"reason":"build-script-executed","package_id":"x"}"#.to_owned(),
            artifact(
                "path+file:///w/dep#0.1.0",
                "/w/dep/Cargo.toml",
                "cdylib",
                "/t/dep.wasm",
            ),
            artifact(
                "path+file:///w/a#0.1.0",
                "/w/a/Cargo.toml",
                "cdylib",
                "/t/a.wasm",
            ),
            artifact(
                "path+file:///w/b#bee@0.1.0",
                "/w/b/Cargo.toml",
                "cdylib",
                "/t/bee.wasm",
            ),
            artifact(
                "path+file:///w/c#0.1.0",
                "/w/c/Cargo.toml",
                "lib",
                "/t/c.rmeta",
            ),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ]
        .join("\n")
        .into_bytes()
    }

    fn names(manifest: &str, packages: &[&str]) -> Vec<String> {
        let packages: Vec<_> = packages.iter().map(ToString::to_string).collect();
        let modules = modules(&output(), Path::new(manifest), &packages);
        modules.into_iter().map(|module| module.package).collect()
    }

    #[test]
    fn the_named_packages_are_found_and_no_others() {
        assert_eq!(names("/w/Cargo.toml", &["a", "bee"]), ["a", "bee"]);
    }

    #[test]
    fn a_crate_by_its_folder_is_found_by_its_manifest() {
        assert_eq!(names("/w/b/Cargo.toml", &[]), ["bee"]);
        assert!(names("/w/c/Cargo.toml", &[]).is_empty());
    }
}
